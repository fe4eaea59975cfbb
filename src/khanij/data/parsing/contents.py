"""What a tonne of goods holds of their material, told by their name: lithium carbonate is not lithium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from khanij import reference
from khanij.data.parsing.intensities import oxide_per_element
from khanij.data.parsing.stoichiometry import fraction


@dataclass(frozen=True, slots=True)
class Goods:
    """What a person calls goods: their material, tonnes of its basis in a tonne of them, and how that is known.

    content  None where the name does not tell, as of ores, concentrates and alloys
    stage    that the name implies, "" where it implies none
    """

    material: str
    content: float | None
    how: str = ""
    stage: str = ""


@cache
def compounds() -> Mapping[str, Goods]:
    """Return folded names of compounds and pure forms -> goods, from compounds.csv.

    Of a formula the content is the mass fraction of the element, times the oxide where the basis is one (REO, K2O).
    """
    found = {}
    for row in reference.rows("compounds"):
        material = reference.materials()[row["material"]]
        note = f", {row['note']}" if row["note"] else ""
        if row["formula"]:
            part = _of(row["formula"], material.symbol) * oxide_per_element(material.id)
            how = f"{row['label']} ({row['formula']}{note}) holds {part:.4g} t of {material.basis} a tonne"
            goods = Goods(material.id, part, how)
        else:
            goods = Goods(material.id, float(row["content"]))
        key = reference.fold(row["label"])
        alias = reference.material_aliases().get(key)
        found[key] = replace(goods, stage=alias.stage if alias else "")
    return found


def _of(formula: str, element: str) -> float:
    """Return the mass fraction of an element; 1 of the element itself."""
    return 1.0 if formula == element else fraction(formula, element)


@lru_cache(maxsize=4_096)
def read(label: str) -> Goods:
    """Return the goods that a name stands for; raises CoverageError for an unknown one.

    A material's own id, name, symbol or plain label is its basis; a name of ores, concentrates or alloys tells no
    content.
    """
    key = reference.fold(label)
    if key in compounds():
        return compounds()[key]
    id = reference.material(label)
    material = reference.materials()[id]
    if material.basis == "gross" or key in {reference.fold(text) for text in (id, material.name, material.symbol)}:
        return Goods(id, 1.0)
    alias = reference.material_aliases().get(key)
    plain = alias is None or not (alias.stage or "/" in label or "(" in label)
    return Goods(id, 1.0 if plain else None, stage=alias.stage if alias else "")
