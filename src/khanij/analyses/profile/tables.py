"""What a country buys, from whom, how sure that is, and what cannot be told: one row a mineral or a country."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from khanij import reference
from khanij.analyses.profile import dependence
from khanij.analyses.profile.forms import (
    RAW,
    absent_form,
    caveat,
    form,
    goods,
    goods_name,
    import_value,
    is_covered,
    main_forms,
    main_stage,
    no_trade,
    ranked,
    shown_form,
    stages,
    why_no_main,
)
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import text
from khanij.present.names import mineral
from khanij.reference import columns

SHOWN = 25
OVERVIEW = tuple(
    "mineral form imports_value first_supplier second_supplier net_reliance supply_lost import_hhi supplier_risk"
    " not_covered material stage".split()
)
UNMEASURED = ("mineral", "form", "net_reliance", "world_leader", "why", "material")
COUNTRIES = ("country_name", "imports_value", "bill_part", "first_of", "fifth_of", "country")
GOODS = tuple(
    "made_goods mineral imports_value first_supplier second_supplier import_hhi supplier_risk material stage".split()
)
GAPS = ("mineral", "form", "output_gap", "value_gap", "mass_gap", "at_most", "material", "stage")
SET_ASIDE = ("mineral", "form", "country_name", "imports_value", "median_before", "material", "stage", "country")

IDS = columns.ids("material", "stage", "country")


def padded(numbers: Iterable[Number], most: int) -> list[Number | None]:
    """Return the first numbers, None where there are fewer."""
    listed = list(numbers)[:most]
    return [*listed, *([None] * (most - len(listed)))]


def overview(profile: CountryProfile) -> Table:
    """Return one row a listed mineral whose main form is in the data, by what is spent on it."""
    rows = []
    for key in main_forms(profile):
        first, second = padded(dependence.shares(profile, key), 2)
        none = Number(None, "index", note="no imports recorded")
        rows.append(
            {
                "mineral": mineral(key[0]),
                "form": form(key),
                "imports_value": import_value(profile, key),
                "first_supplier": first,
                "second_supplier": second,
                "net_reliance": dependence.reliance(profile, key[0]),
                "supply_lost": dependence.loss_of_first(profile, key),
                "import_hhi": profile.values("import-hhi").get(key, none),
                "supplier_risk": dependence.supplier_risk(profile, key),
                "not_covered": unseen(profile, key[0]),
                "material": key[0],
                "stage": key[1],
            }
        )
    left = len(profile.listed) - len(rows)
    notes = [f"{text.count(left, 'other mineral')} stand in the next table: their main form is not in the data"]
    notes += ["flows set aside as surges are left out of every figure"] if profile.set_aside else []
    made = columns.table(
        "overview", "Every mineral that can be measured", rows, OVERVIEW, notes=notes if left else [], more=IDS
    )
    return replace(made, long=len(rows) > 20)


def unseen(profile: CountryProfile, material: str) -> str:
    """Return the stages from mine to metal whose trade is not covered."""
    return ", ".join(s for s in stages(material) if s in RAW and not is_covered(profile, (material, s)))


def unmeasured(profile: CountryProfile) -> Table:
    """Return one row a listed mineral whose imports cannot be told, with the largest maker in the world if known."""
    rows = []
    for material in ranked(profile):
        if main_stage(profile, material) is not None:
            continue
        away = absent_form(profile, material)
        leaders = [
            (key, row)
            for stage in (*RAW[::-1], "component")
            if (row := dependence.world_leader(key := (material, stage), profile.year))
        ]
        best = max(leaders, key=lambda item: item[1].share.best, default=None)
        shown = away or (best[0] if best else None)
        leader = dependence.world_leader(shown, profile.year) if shown else None
        rows.append(
            {
                "mineral": mineral(material),
                "form": form(shown) if shown else "",
                "net_reliance": dependence.reliance(profile, material),
                "world_leader": dependence.world_share(leader)
                if leader
                else Number(None, "1", note="no source on world output of it"),
                "why": why_no_main(profile, material),
                "material": material,
            }
        )
    note = "not ranked, which is not the same as small: nothing here says that they matter less than those above"
    return columns.table(
        "unmeasured", "Minerals that no trade code shows alone", rows, UNMEASURED, notes=(note,), more=IDS
    )


def countries(profile: CountryProfile) -> Table:
    """Return one row a supplying country, by value."""
    values = dependence.imports_by_country(profile)
    whole = total(values.values())
    leads, large = dependence.roles(profile)
    rows = [
        {
            "country_name": country_name(iso),
            "imports_value": number,
            "bill_part": share(number, whole),
            "first_of": text.joined(map(mineral, leads.get(iso, []))),
            "fifth_of": text.joined(map(mineral, large.get(iso, []))),
            "country": iso,
        }
        for iso, number in largest(values, SHOWN)
    ]
    title = f"The {len(rows)} largest suppliers of listed minerals"
    note = "ores, intermediates and metal, by country of shipment; goods made of them left out"
    return replace(columns.table("countries", title, rows, COUNTRIES, notes=(note,), more=IDS), long=True)


def made_goods(profile: CountryProfile) -> Table:
    """Return one row for each of the goods made from listed minerals that the country buys, by value."""
    rows = []
    for key in goods(profile):
        first, second = padded(dependence.shares(profile, key), 2)
        rows.append(
            {
                "made_goods": text.capital(goods_name(profile, key)),
                "mineral": mineral(key[0]),
                "imports_value": replace(import_value(profile, key), note=caveat(profile, key)),
                "first_supplier": first,
                "second_supplier": second,
                "import_hhi": profile.values("import-hhi").get(key),
                "supplier_risk": profile.values("import-hhi-wgi").get(key),
                "material": key[0],
                "stage": key[1],
            }
        )
    note = "trade codes of goods hold more than the mineral that makes them critical; the letters say what else"
    return columns.table("goods", "Goods made from listed minerals", rows, GOODS, notes=(note,), more=IDS)


def set_aside(profile: CountryProfile) -> Table:
    """Return one row a flow that is left out of every figure because it rose many times within a year."""
    rows = [
        {
            "mineral": mineral(surge.material),
            "form": shown_form(profile, (surge.material, surge.stage)),
            "country_name": country_name(surge.exporter),
            "imports_value": Number(surge.value, "kUSD", surge.sources, confidence="low"),
            "median_before": Number(surge.before, "kUSD", surge.sources),
            "material": surge.material,
            "stage": surge.stage,
            "country": surge.exporter,
        }
        for surge in profile.set_aside
        if surge.material in profile.listed
    ]
    note = (
        "the sender is no known maker of the mineral, and the flow is many times what it was: whatever it is, it says"
        " nothing of need. The bounds are the assumptions surge_factor, surge_share and surge_value"
    )
    return columns.table("set-aside", "Flows set aside", rows, SET_ASIDE, notes=(note,), more=IDS)


def lacking(profile: CountryProfile, key: Key) -> dict[str, str]:
    """Return what is lacking on output, trade value and trade tonnes of one mineral and stage; "" where nothing is."""
    value = "" if is_covered(profile, key) else no_trade(profile, key)
    weighed = key in profile.import_tonnes or key in profile.export_tonnes
    return {
        "output_gap": "" if key in profile.output else "no source on world output of this stage",
        "value_gap": value,
        "mass_gap": "" if weighed else "as for value" if value else "no tonnes recorded",
    }


def ceiling(profile: CountryProfile, key: Key) -> Number | None:
    """Return the value of imports under codes that the mineral shares, None where there are none."""
    if key in profile.codes.dedicated or key not in profile.codes.shared:
        return None
    parts = profile.shared_code_imports.get(key)
    return total(parts.values()) if parts else None


def gaps(profile: CountryProfile) -> Table:
    """Return one row a listed mineral and stage of which something is lacking."""
    rows: list[dict[str, Any]] = []
    for material in ranked(profile):
        for stage in (s for s in RAW if (material, s) in reference.stage_names()):
            key = (material, stage)
            found = lacking(profile, key)
            if any(found.values()):
                names = {"mineral": mineral(material), "form": form(key)}
                rows.append({**names, **found, "at_most": ceiling(profile, key), "material": material, "stage": stage})
    note = "at most: the value of imports under the shared codes, all materials in them together"
    return replace(columns.table("gaps", "Data gaps", rows, GAPS, notes=(note,), more=IDS), long=True)
