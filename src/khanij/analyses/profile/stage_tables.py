"""Mineral by mineral and stage by stage: balances, suppliers and buyers, world supply, reserves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from khanij.analyses.profile import dependence, publishers
from khanij.analyses.profile.forms import TRADED, form, ranked, shown_form, stages
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.analyses.profile.tables import padded
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present.names import mineral
from khanij.reference import columns

BALANCE = {
    "production": "production",
    "imports_mass": "imports",
    "exports_mass": "exports",
    "apparent_use": "apparent_consumption",
}  # column -> variable of the method `balance`
SUPPLIERS = tuple(
    "mineral form imports_value first_supplier second_supplier third_supplier suppliers import_hhi material"
    " stage".split()
)
BUYERS = tuple("mineral form exports_value first_buyer second_buyer third_buyer buyers material stage".split())
EVERY = ("mineral", "form", "country_name", "imports_value", "bill_part", "material", "stage", "country")
WORLD = tuple(
    "mineral form world_output first_producer second_producer own_part other_output other_producer world_hhi"
    " governance_hhi geopolrisk material"
    " stage".split()
)
RESERVES = ("mineral", "own_reserves", "reserves_part", "first_holder", "second_holder", "world_reserves", "material")

IDS = columns.ids("material", "stage", "country")


def named(profile: CountryProfile, key: Key) -> dict[str, Any]:
    """Return the names of a mineral and stage, as the first columns have them."""
    return {"mineral": mineral(key[0]), "form": shown_form(profile, key)}


def ids(key: Key) -> dict[str, Any]:
    """Return the ids of a mineral and stage, as the last columns have them."""
    return {"material": key[0], "stage": key[1]}


def balance(profile: CountryProfile) -> Table:
    """Return output, imports, exports and use of every listed mineral and stage of which anything is known."""
    readings = {name: profile.values("balance", variable) for name, variable in BALANCE.items()}
    reliance = profile.values("import-reliance")
    rows = []
    for material in ranked(profile):
        for stage in stages(material):
            key = (material, stage)
            cells = {name: hushed(values.get(key)) for name, values in readings.items()}
            if not any(n is not None and n.value for name, n in cells.items() if name != "apparent_use"):
                continue
            why = {name: Number(None, "t", note=_gap(profile, key, name)) for name in cells}
            part = reliance.get(key) or Number(None, "1", note=_gap(profile, key, "net_reliance"))
            if part.value is not None and (dependence.is_vague(part) or part.value < 0):
                said = "sells more than it buys" if part.value < 0 else "output and trade leave it open"
                part = Number(None, "1", note=said)
            told = {name: number or why[name] for name, number in cells.items()}
            rows.append({**named(profile, key), **told, "net_reliance": part, **ids(key)})
    note = (
        "tonnes of contained material (rare earths as oxides, phosphorus as P2O5, potash as K2O, industrial minerals"
        " gross); trade becomes content by a factor for each code, whose range is shown with the number. Output and"
        " trade come from different hands: where apparent use is negative or odd they do not fit, and it is left so"
    )
    keys = ("mineral", "form", *BALANCE, "net_reliance", "material", "stage")
    return replace(columns.table("balance", "Balance by stage", rows, keys, notes=(note,), more=IDS), long=True)


def hushed(number: Number | None) -> Number | None:
    """Return the number; an output of 0 that its source merely does not list is no weak figure but one with a note."""
    if number is None or number.value != 0 or not number.high or number.unit != "t":
        return number
    note = "not listed as a producer; at most what the source gives for other countries together"
    return Number(0.0, "t", number.sources, 0.0, number.high, "medium", note)


def _gap(profile: CountryProfile, key: Key, column: str) -> str:
    """Return why a column of the balance is not known."""
    if column == "production":
        return "no source on world output of this stage"
    return "tonnage of its trade is not recorded" if key in profile.codes.dedicated else "no trade code of its own"


def suppliers(profile: CountryProfile) -> Table:
    """Return one row a listed mineral and stage: the three largest suppliers with their shares."""
    index = profile.values("import-hhi")
    rows = []
    for key in _traded(profile, profile.import_values):
        first, second, third = padded(dependence.shares(profile, key), 3)
        cells = {"first_supplier": first, "second_supplier": second, "third_supplier": third}
        parts = profile.import_values[key]
        counts = {"suppliers": len(parts), "import_hhi": index.get(key)}
        rows.append({**named(profile, key), "imports_value": total(parts.values()), **cells, **counts, **ids(key)})
    note = "by country of shipment; the table every-supplier has all of them"
    return replace(columns.table("suppliers", "Suppliers", rows, SUPPLIERS, notes=(note,), more=IDS), long=True)


def every_supplier(profile: CountryProfile) -> Table:
    """Return one row a listed mineral, stage and supplier."""
    rows = []
    for key in _traded(profile, profile.import_values):
        parts = profile.import_values[key]
        whole = total(parts.values())
        for iso, number in largest(parts, len(parts)):
            cells = {"imports_value": number, "bill_part": share(number, whole)}
            rows.append({**named(profile, key), "country_name": country_name(iso), **cells, **ids(key), "country": iso})
    part = columns.column("bill_part", name="Share", meaning="share of the imports of this form")
    return columns.table("every-supplier", "Every supplier", rows, EVERY, more=(part, *IDS))


def buyers(profile: CountryProfile) -> Table:
    """Return one row a listed mineral and stage that the country sells, with the buyers' shares."""
    rows = []
    for key in _traded(profile, profile.export_values):
        parts = profile.export_values[key]
        whole = total(parts.values())
        shown = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(parts, 3)]
        first, second, third = padded(shown, 3)
        cells = {"first_buyer": first, "second_buyer": second, "third_buyer": third, "buyers": len(parts)}
        rows.append({**named(profile, key), "exports_value": whole, **cells, **ids(key)})
    rows.sort(key=lambda row: -(row["exports_value"].value or 0.0))
    note = "re-exports are in: a country can sell what it never made"
    return replace(
        columns.table("buyers", "What it sells, and to whom", rows, BUYERS, notes=(note,), more=IDS), long=True
    )


def _traded(profile: CountryProfile, flows: Mapping[Key, Any]) -> list[Key]:
    """Return the listed minerals and stages with recorded flows, minerals by what is spent on them."""
    return [(material, s) for material in ranked(profile) for s in TRADED if (material, s) in flows]


def world(profile: CountryProfile) -> Table:
    """Return who produces each listed mineral in the world and how concentrated that is."""
    scores = profile.values("geopolrisk")
    methods = {"world_hhi": "production-hhi", "governance_hhi": "hhi-wgi"}
    own, apart = profile.values("balance", "production"), publishers.others(profile.given)
    rows = []
    for key in [(m, s) for m in ranked(profile) for s in stages(m) if (m, s) in profile.output]:
        parts = profile.output[key]
        whole = profile.world.get(key) or total(parts.values())
        shown = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(parts, 2)]
        first, second = padded(shown, 2)
        none = Number(None, "index", note="no score")
        indices = {name: profile.values(method).get(key, none) for name, method in methods.items()}
        why = Number(None, "index", note="needs world output and recorded tonnage of imports")
        made = share(hushed(own.get(key)) or Number(None, "t", note="no output listed"), whole)
        cells = {"world_output": whole, "first_producer": first, "second_producer": second, "own_part": made}
        risk: dict[str, Any] = {"geopolrisk": scores.get(key, why), "other_output": None, "other_producer": None}
        if key in apart:
            said = apart[key]
            risk["other_output"] = Number(said.output, "t", (said.source,))
            risk["other_producer"] = Number(said.part, "1", (said.source,), label=country_name(said.first))
        rows.append({"mineral": mineral(key[0]), "form": form(key), **cells, **indices, **risk, **ids(key)})
    silent = [mineral(m).lower() for m in ranked(profile) if not any((m, s) in profile.output for s in stages(m))]
    parted = [mineral(row["material"]).lower() for row in rows if row["other_output"] is not None]
    notes = (f"publishers part by far on {', '.join(parted)}: both are shown",) if parted else ()
    notes += (f"no source on world output of {', '.join(silent)} in the year",) if silent else ()
    return replace(columns.table("world", "World supply", rows, WORLD, notes=notes, more=IDS), long=True)


def reserves(profile: CountryProfile) -> Table:
    """Return what the country holds of each listed mineral, and who holds most."""
    rows = []
    for material in ranked(profile):
        held = profile.reserves.get(material, {})
        if not held:
            continue
        mine = profile.own_reserves(material) or Number(None, "t", note="the source gives no reserves for the country")
        whole = profile.whole_reserves(material)
        shown = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(held, 2)]
        first, second = padded(shown, 2)
        cells = {"own_reserves": mine, "reserves_part": share(mine, whole), "first_holder": first}
        more = {"second_holder": second, "world_reserves": whole, "material": material}
        rows.append({"mineral": mineral(material), **cells, **more})
    silent = [mineral(m).lower() for m in ranked(profile) if not profile.reserves.get(m)]
    notes = (f"no source on reserves by country of {', '.join(silent)}",) if silent else ()
    return replace(columns.table("reserves", "Reserves", rows, RESERVES, notes=notes, more=IDS), long=True)
