"""What several chapters need: names, the form in which a mineral is bought, and why a number is not known."""

from __future__ import annotations

from khanij import reference
from khanij.present import text
from khanij.present.document import Number
from khanij.study.readings import Key, Readings, total

RAW = ("mined", "processed", "refined")  # stages of the material itself; later ones are goods made from it
TRADED = (*RAW, "component", "product")


def mineral(material: str) -> str:
    """Return the name of a material."""
    return reference.materials()[material].name


def form(key: Key) -> str:
    """Return what a stage is for a material, in the words of stages.csv."""
    return reference.stage_names().get(key, key[1])


def label(key: Key) -> str:
    """Return "Copper, cathode"."""
    return f"{mineral(key[0])}, {form(key)}"


def stages(material: str) -> tuple[str, ...]:
    """Return the stages of a material, scrap left out, in order."""
    return tuple(s for s in reference.STAGES if s != "scrap" and (material, s) in reference.stage_names())


def import_value(r: Readings, key: Key) -> Number:
    """Return the value of imports of one material and stage, or why it is not known."""
    parts = r.bought.get(key)
    if parts:
        return total(parts.values())
    return Number(None, "kUSD", note=no_trade(r, key))


def covered(r: Readings, key: Key) -> bool:
    """Tell whether a trade code of this material alone has data in the year, whoever trades."""
    cube = r.case.cube("trade_value_covered")
    at = tuple(r.case.axis(name).at(code) for name, code in zip(("material", "stage"), key, strict=True))
    return key in r.dedicated and bool(cube.values[at].any())


def no_trade(r: Readings, key: Key) -> str:
    """Return why there is no value of imports."""
    if covered(r, key):
        return "no imports recorded, which is no measured zero"
    if key in r.shared:
        codes = sorted({c.code for c in r.shared[key]})
        others = sorted({mineral(m) for c in r.shared[key] for m in c.shared.split(";") if m in reference.materials()})
        with_ = f" together with {text.joined(others, 3).lower()}" if others else " together with other goods"
        return f"traded under {text.joined(codes, 3)}{with_}"
    if key in r.dedicated:
        return f"its trade codes have no data in {r.year}"
    return "no six-digit trade code for it alone"


def main_stage(r: Readings, material: str) -> str | None:
    """Return the stage of the material itself on which most is spent abroad; None if no import is recorded."""
    spent = {s: import_value(r, (material, s)).value or 0.0 for s in RAW}
    best = max(spent, key=lambda s: spent[s])
    return best if spent[best] > 0 else None


def why_no_main(r: Readings, material: str) -> str:
    """Return why no stage of a material has recorded imports."""
    keys = [(material, s) for s in RAW if (material, s) in reference.stage_names()]
    seen = [key for key in keys if covered(r, key)]
    coded = [key for key in keys if key in r.shared] + [key for key in keys if key in r.dedicated]
    for key in (*seen, *coded):
        return no_trade(r, key)
    return "no six-digit trade code for it alone"
