"""Material intensities as publishers print them: kilogrammes of element per unit of a technology, to facts.

Publishers count elements; our basis of rare earths is the oxide, of phosphorus P2O5, of potash K2O. The step is exact,
by atomic weights, and the note says what was printed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from khanij.core.errors import ParseError, UnitError
from khanij.core.units import factor
from khanij.data.parsing.stoichiometry import ATOMIC_WEIGHTS
from khanij.reference.industry.technologies import technologies

# Abridged standard atomic weights, IUPAC 2021 (Prohaska et al., Pure Appl. Chem. 94 (2022) 573-600), of the elements
# whose basis is an oxide; those that the shared table has are taken from there.
WEIGHTS: dict[str, float] = {
    "Sc": 44.956,
    "Y": 88.906,
    "La": 138.91,
    "Ce": 140.12,
    "Pr": 140.91,
    "Nd": 144.24,
    "Sm": 150.36,
    "Eu": 151.96,
    "Gd": 157.25,
    "Tb": 158.93,
    "Dy": 162.50,
    "Er": 167.26,
    "Yb": 173.05,
    **ATOMIC_WEIGHTS,
}
# material -> (element printed, atoms of it, atoms of oxygen in the oxide of our basis)
OXIDES: dict[str, tuple[str, int, int]] = {
    "scandium": ("Sc", 2, 3),
    "yttrium": ("Y", 2, 3),
    "lanthanum": ("La", 2, 3),
    "cerium": ("Ce", 1, 2),
    "praseodymium": ("Pr", 6, 11),
    "neodymium": ("Nd", 2, 3),
    "samarium": ("Sm", 2, 3),
    "europium": ("Eu", 2, 3),
    "gadolinium": ("Gd", 2, 3),
    "terbium": ("Tb", 4, 7),
    "dysprosium": ("Dy", 2, 3),
    "erbium": ("Er", 2, 3),
    "ytterbium": ("Yb", 2, 3),
    "phosphorus": ("P", 2, 5),
    "potash": ("K", 2, 1),
}


def oxide_per_element(material: str) -> float:
    """Return tonnes of the oxide that is the material's basis per tonne of element; 1 where the basis is the element.

    material  id, "neodymium": Nd2O3 / (2 Nd) = 1.166
    """
    if material not in OXIDES:
        return 1.0
    element, atoms, oxygens = OXIDES[material]
    return 1.0 + oxygens * WEIGHTS["O"] / (atoms * WEIGHTS[element])


@cache
def _units() -> dict[str, str]:
    """Return technology -> its unit in technologies.csv."""
    return {id: row.unit for id, row in technologies().items()}


def unit(technology: str, where: str) -> str:
    """Return the unit of a technology, GW, GWh, t or 1 (each); raises ParseError if it is not in technologies.csv."""
    if technology not in _units():
        raise ParseError(
            f"unknown technology {technology!r}", where=where, hint="add it to reference/tables/technologies.csv"
        )
    return _units()[technology]


def per_unit(printed: str, own: str, where: str) -> float:
    """Return the factor from a printed unit such as "kg/MW" to a technology's own, t/GW, t/GWh or t each.

    printed  publisher's unit: "kg/MW", "kg/kWh", "kg" or "lb" (each)
    own      unit of the technology in technologies.csv: GW, GWh or 1
    Raises ParseError if they measure different things.
    """
    mass, _, per = printed.partition("/")
    try:
        return factor(f"{mass}/{per}" if per else f"{mass}/1", f"t/{own}")
    except UnitError as wrong:
        raise ParseError(
            f"{printed!r} is no intensity per {own}", where=where, hint="check the unit or the technology"
        ) from wrong


def fact(
    technology: str, label: str, material: str, year: int, figures: tuple[float | None, float | None, float | None]
) -> dict[str, Any]:
    """Return the common columns of one intensity.

    technology  id in technologies.csv     label  publisher's words for it     material  our id
    year        year of construction to which it belongs
    figures     value, low, high per unit of the technology, tonnes of element; None = not given
    """
    oxide = oxide_per_element(material)
    value, low, high = (None if figure is None else figure * oxide for figure in figures)
    return {
        "quantity": "material_intensity",
        "material": material,
        "item": f"{technology} | {label}",
        "country": "WLD",
        "year": year,
        "value": value,
        "low": low,
        "high": high,
    }
