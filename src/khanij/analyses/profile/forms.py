"""What several chapters need: names, the form in which a mineral is bought, and why a number is not known."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.inputs import coverage
from khanij.analyses.inputs.trade_codes import NO_CODE
from khanij.analyses.profile.readings import CountryProfile, Key, total
from khanij.core.number import Number
from khanij.present import text

RAW = ("mined", "processed", "refined")  # stages of the material itself; later ones are goods made from it
GOODS = ("component", "product")
TRADED = (*RAW, *GOODS)
TRIFLE = 1000.0  # kUSD; recorded imports below it are no mineral's main form where another form has no data


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


def import_value(r: CountryProfile, key: Key) -> Number:
    """Return the value of imports of one material and stage, or why it is not known."""
    parts = r.bought.get(key)
    if parts:
        return total(parts.values())
    return Number(None, "kUSD", note=no_trade(r, key))


def covered(r: CountryProfile, key: Key) -> bool:
    """Tell whether a trade code of this material alone has data in the year, whoever trades."""
    cube = r.case.cube("trade_value_covered")
    at = tuple(r.case.axis(name).at(code) for name, code in zip(("material", "stage"), key, strict=True))
    return key in r.dedicated and bool(cube.values[at].any())


def no_trade(r: CountryProfile, key: Key) -> str:
    """Return why there is no value of imports."""
    if covered(r, key):
        return "no imports recorded, which is no measured zero"
    return r.codes.unknown(key, mixed=key in r.mixed)


def spent(r: CountryProfile, material: str) -> dict[str, float]:
    """Return stage of the material itself -> value of imports, kUSD, stages without any left out."""
    if material not in r.outlays:
        found = {s: import_value(r, (material, s)).value or 0.0 for s in RAW}
        r.outlays[material] = {stage: value for stage, value in found.items() if value > 0}
    return r.outlays[material]


def absent_form(r: CountryProfile, material: str) -> Key | None:
    """Return the form in which a mineral is mostly bought where that form is not in the data, else None.

    It is a later stage than any with recorded imports of weight, with trade codes of its own that have no data.
    """
    values = spent(r, material)
    if sum(values.values()) >= TRIFLE:
        return None
    after = max((RAW.index(stage) for stage in values), default=-1)
    later = [(material, s) for s in RAW[after + 1 :]]
    found = [key for key in later if key in r.own_codes and key not in r.mixed and not covered(r, key)]
    return found[-1] if found else None


def main_stage(r: CountryProfile, material: str) -> str | None:
    """Return the stage of the material itself on which most is spent abroad; None if that is not in the data."""
    values = spent(r, material)
    if not values or absent_form(r, material):
        return None
    return max(values, key=lambda s: values[s])


def why_no_main(r: CountryProfile, material: str) -> str:
    """Return why no stage of a material has recorded imports that tell whom the country depends on."""
    away = absent_form(r, material)
    if away:
        trifle = sum(spent(r, material).values())
        rest = f"; of other forms only {text.dollars(trifle)} is recorded" if trifle else ""
        return f"main form not in the data: {form(away)} ({no_trade(r, away)}){rest}"
    keys = [(material, s) for s in RAW if (material, s) in reference.stage_names()]
    seen = [key for key in keys if covered(r, key)]
    coded = [key for key in keys if key in r.shared] + [key for key in keys if key in r.dedicated]
    for key in (*seen, *coded):
        return no_trade(r, key)
    return NO_CODE


def goods(r: CountryProfile) -> tuple[Key, ...]:
    """Return (material, stage) of goods made from listed minerals of which imports are recorded, by name."""
    keys = [(m, s) for m in r.listed for s in GOODS if r.bought.get((m, s))]
    return tuple(sorted(keys, key=lambda key: -(import_value(r, key).value or 0.0)))


def shown_form(r: CountryProfile, key: Key) -> str:
    """Return the form of a material in words; of goods made from it, what their trade codes hold."""
    return goods_name(r, key) if key[1] in GOODS else form(key)


def goods_name(r: CountryProfile, key: Key) -> str:
    """Return what the trade codes with data of a material and stage hold, in the words of the tariff."""
    held = coverage.held(r.year)
    named = {c.description: None for c in reference.hs_codes() if (c.material, c.stage) == key and c.code in held}
    return text.joined(named, 2) or form(key)


def caveat(r: CountryProfile, key: Key) -> str:
    """Return what the reference tables say first of a trade code of the goods that has data in the year."""
    held = coverage.held(r.year)
    rows = [c for c in reference.hs_codes() if (c.material, c.stage) == key and c.code in held and c.note]
    first_said = {c.code: c.note.partition(" (")[0].partition(";")[0] for c in reversed(rows)}
    code = min(first_said, default="")
    return f"{code} holds {first_said[code]}" if code else ""
