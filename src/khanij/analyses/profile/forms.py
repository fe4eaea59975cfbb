"""The form in which a mineral is bought, what it is called, and why a number of it is not known."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.inputs.trade_codes import NO_CODE
from khanij.analyses.profile.readings import CountryProfile, Key, total
from khanij.core.number import Number
from khanij.present import text
from khanij.present.names import mineral

RAW = ("mined", "processed", "refined")  # stages of the material itself; later ones are goods made from it
GOODS = ("component", "product")
TRADED = (*RAW, *GOODS)
TRIFLE = 1000.0  # kUSD; recorded imports below it are no mineral's main form where another form has no data


def form(key: Key) -> str:
    """Return what a stage is for a material, in the words of stages.csv."""
    return reference.stage_names().get(key, key[1])


def label(key: Key) -> str:
    """Return "Copper, cathode"."""
    return f"{mineral(key[0])}, {form(key)}"


def stages(material: str) -> tuple[str, ...]:
    """Return the stages of a material, scrap left out, in order."""
    return tuple(s for s in reference.STAGES if s != "scrap" and (material, s) in reference.stage_names())


def import_value(profile: CountryProfile, key: Key) -> Number:
    """Return the value of imports of one material and stage, or why it is not known."""
    parts = profile.import_values.get(key)
    if parts:
        return total(parts.values())
    return Number(None, "kUSD", note=no_trade(profile, key))


def is_covered(profile: CountryProfile, key: Key) -> bool:
    """Return whether a trade code of this material alone has data in the year, whoever trades."""
    alone = key in profile.codes.dedicated or key in profile.codes.declared
    if not alone or "trade_value_covered" not in profile.case.cubes:
        return False
    cube = profile.case.cube("trade_value_covered")
    axes = [profile.case.axis(name) for name in ("material", "stage")]
    if any(code not in axis.codes for axis, code in zip(axes, key, strict=True)):
        return False
    return bool(cube.values[tuple(axis.at(code) for axis, code in zip(axes, key, strict=True))].any())


def no_trade(profile: CountryProfile, key: Key) -> str:
    """Return why there is no value of imports."""
    if is_covered(profile, key):
        return "no imports recorded, which is no measured zero"
    return profile.codes.unknown(key, mixed=key in profile.shared_code_imports)


def spent(profile: CountryProfile, material: str) -> dict[str, float]:
    """Return stage of the material itself -> value of imports, kUSD, stages without any left out."""
    values = {s: total(profile.import_values.get((material, s), {}).values()).value or 0.0 for s in RAW}
    return {stage: value for stage, value in values.items() if value > 0}


def outlay(profile: CountryProfile, material: str) -> Number:
    """Return the value of imports of a material as ore, intermediates and metal."""
    return total(import_value(profile, (material, s)) for s in RAW)


def absent_form(profile: CountryProfile, material: str) -> Key | None:
    """Return the form in which a mineral is mostly bought where that form is not in the data, else None.

    It is a later stage than any with recorded imports of weight, with trade codes of its own that have no data.
    """
    values = spent(profile, material)
    if sum(values.values()) >= TRIFLE:
        return None
    after = max((RAW.index(stage) for stage in values), default=-1)
    later = [(material, s) for s in RAW[after + 1 :]]
    lacking = [
        key
        for key in later
        if key in profile.codes.own and key not in profile.shared_code_imports and not is_covered(profile, key)
    ]
    return lacking[-1] if lacking else None


def main_stage(profile: CountryProfile, material: str) -> str | None:
    """Return the stage of the material itself on which most is spent abroad; None if that is not in the data."""
    values = spent(profile, material)
    if not values or absent_form(profile, material):
        return None
    return max(values, key=lambda s: values[s])


def main_forms(profile: CountryProfile) -> tuple[Key, ...]:
    """Return the main form of every listed mineral that has one, by value of imports."""
    keys = [(m, stage) for m in profile.listed if (stage := main_stage(profile, m))]
    return tuple(sorted(keys, key=lambda key: (-(outlay(profile, key[0]).value or 0.0), key)))


def ranked(profile: CountryProfile) -> tuple[str, ...]:
    """Return the listed minerals by what is spent on them; those of which that is not known stand last, by name."""
    first = tuple(material for material, _ in main_forms(profile))
    return (*first, *sorted(set(profile.listed) - set(first), key=mineral))


def why_no_main(profile: CountryProfile, material: str) -> str:
    """Return why no stage of a material has recorded imports that tell whom the country depends on."""
    away = absent_form(profile, material)
    if away:
        trifle = sum(spent(profile, material).values())
        rest = f"; of other forms only {text.dollars(trifle)} is recorded" if trifle else ""
        return f"main form not in the data: {form(away)} ({no_trade(profile, away)}){rest}"
    keys = [(material, s) for s in RAW if (material, s) in reference.stage_names()]
    seen = [key for key in keys if is_covered(profile, key)]
    codes = profile.codes
    coded = [key for key in keys if key in codes.shared] + [key for key in keys if key in codes.dedicated]
    for key in (*seen, *coded):
        return no_trade(profile, key)
    return NO_CODE


def goods(profile: CountryProfile) -> tuple[Key, ...]:
    """Return (material, stage) of goods made from listed minerals of which imports are recorded, by value."""
    keys = [(m, s) for m in profile.listed for s in GOODS if profile.import_values.get((m, s))]
    return tuple(sorted(keys, key=lambda key: -(import_value(profile, key).value or 0.0)))


def goods_not_held(profile: CountryProfile) -> tuple[str, ...]:
    """Return the goods made of listed minerals that have a trade code of their own and no data, as the tariff says."""
    held = profile.codes.held
    names = {
        c.description: None
        for c in reference.hs_codes()
        if c.stage in GOODS and c.material in profile.listed and not c.shared and c.code not in held
    }
    return tuple(sorted(names))


def shown_form(profile: CountryProfile, key: Key) -> str:
    """Return the form of a material in words; of goods made from it, what their trade codes hold."""
    return goods_name(profile, key) if key[1] in GOODS else form(key)


def goods_name(profile: CountryProfile, key: Key) -> str:
    """Return what the trade codes with data of a material and stage hold, in the words of the tariff."""
    held = profile.codes.held
    named = {c.description: None for c in reference.hs_codes() if (c.material, c.stage) == key and c.code in held}
    return text.joined(named, 2) or form(key)


def caveat(profile: CountryProfile, key: Key) -> str:
    """Return what the reference tables say first of a trade code of the goods that has data in the year."""
    held = profile.codes.held
    rows = [c for c in reference.hs_codes() if (c.material, c.stage) == key and c.code in held and c.note]
    first_said = {c.code: c.note.partition(" (")[0].partition(";")[0] for c in reversed(rows)}
    code = min(first_said, default="")
    return f"{code} holds {first_said[code]}" if code else ""
