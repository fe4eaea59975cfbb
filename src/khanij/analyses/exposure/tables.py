"""ImportDependence as tables: one row a mineral, one a control, one a country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from khanij.analyses.exposure.exposures import HALF, PASSED, CountryExposure, ImportDependence
from khanij.analyses.profile import dependence
from khanij.analyses.profile.dependence import LARGE
from khanij.analyses.profile.forms import GOODS, form, goods_name, why_no_main
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.core.number import Link, Number
from khanij.core.table import Table
from khanij.present import text
from khanij.present.names import mineral
from khanij.reference import columns
from khanij.reference.chronicle.controls import ControlInForce, acting
from khanij.reference.chronicle.controls import controls as reach
from khanij.reference.industry.critical_inputs import CriticalInput
from khanij.reference.industry.goods_imports import told_imports
from khanij.reference.industry.product_output import products

IDS = columns.ids("material", "stage", "country")
EXPOSURE = tuple(
    "mineral form imports_value held controls can_stop made_by second_supplier first_share_before other_makers"
    " world_leader stops"
    " weeks_held priced"
    " sure confidence material stage country".split()
)
CONTROLS = tuple(
    "acting control since goods_hit part_hit value_hit can_stop terms until confidence act_page country".split()
)
UNSEEN = ("mineral", "form", "world_leader", "controls", "why", "recorded", "priced", "material", "stage")
TOLD = ("mineral", "form", "imports_value", "held", "kind", "note", "material", "stage")
FALLEN = (
    "mineral form country_name shipped shipped_before shipped_tonnes shipped_tonnes_before shipped_part"
    " months_compared declared_by material stage country"
).split()
COUNTRIES = ("country_name", "imports_value", "bill_part", "bill_part_goods", "bill_part_before", "first_of", "country")
SUMMARY = ("key_figure", "means", "amount", "amount_before")
FIRST = 2010  # year from which controls are counted
LEAST = 0.01  # share of the imports of one of its goods from which a control is told
SHOWN = 15
COUNTED, OWN = "own trade code", "trade code holds other goods too"
PASSES, TRUNCATED = "sender is no known maker", "source lists large flows alone"


def shown_name(profile: CountryProfile, key: Key) -> str:
    """Return what a reader calls the goods: the mineral, or the goods made of it."""
    return text.capital(goods_name(profile, key)) if key[1] in GOODS else mineral(key[0])


def told(controls: Sequence[ControlInForce]) -> str:
    """Return controls in words, the newest of those that can stop a shipment first: "licence since 2025-04-04"."""
    if not controls:
        return ""
    chosen = [control for control in controls if control.stops] or controls
    first = max(chosen, key=lambda control: (control.since, control.instrument.id))
    said = f"{first.words} since {first.since}" if first.since else first.words
    return said + (f" and {text.count(len(controls) - 1, 'more act')}" if len(controls) > 1 else "")


def named(users: Sequence[CriticalInput], most: int = 3) -> str:
    """Return products that stop, in their order."""
    known = products()
    whole = [known[row.product].family or row.product for row in users]
    names = [text.small(known[id].name) for id in dict.fromkeys(whole)]
    rest = [text.count(len(names) - most, "other")] if len(names) > most else []
    return "; ".join([*names[:most], *rest])


def weeks(users: Sequence[CriticalInput]) -> Number | None:
    """Return how many weeks of use the user that stops first holds, with its range; None if unknown."""
    held = [row for row in users if row.cover is not None]
    row = min(held, key=lambda row: row.cover.best if row.cover else 0.0, default=None)
    if row is None or row.cover is None:
        return None
    note = f"of {text.small(products()[row.product].name)}, who holds least"
    ids = tuple(row.source.split(";"))
    return Number(row.cover.best, "weeks", ids, row.cover.low, row.cover.high, row.confidence, note)


def sure(row: CountryExposure) -> str:
    """Return what the share of the first sender rests on."""
    if row.held.note == PASSED:
        return PASSES
    if row.held.note == LARGE:
        return TRUNCATED
    return OWN if row.stage in GOODS else COUNTED


def exposure(profile: CountryProfile, found: ImportDependence) -> Table:
    """Return one row a form: what one country sends, its controls, who else makes it, what stops without it."""
    rows = [
        {
            "mineral": mineral(row.material),
            "form": goods_name(profile, row.key) if row.stage in GOODS else form(row.key),
            "imports_value": row.spent,
            "held": replace(row.held, label=country_name(row.country)),
            "controls": told(row.controls),
            "can_stop": bool(row.stopping),
            "made_by": row.maker,
            "second_supplier": row.second,
            "first_share_before": row.before,
            "other_makers": text.joined(f"{n.label} {text.percent(n.value)}" for n in row.others),
            "world_leader": _leader(row.key, profile.year),
            "stops": named(row.users),
            "weeks_held": weeks(row.users),
            "priced": row.priced,
            "sure": sure(row),
            "confidence": row.held.confidence,
            "material": row.material,
            "stage": row.stage,
            "country": row.country,
        }
        for row in found.exposures
    ]
    notes = (
        "order: first that of which over half is surely one country's, among it what that country can stop by a"
        " control in"
        f" force on {found.on}, then by value; what is bought for less than a million dollars a year stands last",
    )
    title = f"What one country could hold back, {profile.year}"
    return replace(columns.table("exposure", title, rows, EXPOSURE, notes=notes, more=IDS), long=True)


def _leader(key: Key, year: int) -> Number | None:
    """Return the largest known share of one country in the world's output of a form, labelled with it."""
    row = dependence.world_leader(key, year)
    return dependence.world_share(row) if row else None


def hit(found: ImportDependence, control: ControlInForce, year: int) -> list[tuple[CountryExposure, Number]]:
    """Return the exposures that a control names, with the share that who acts sends of each."""
    senders = acting(control, year)
    parts = []
    for row in found.exposures:
        numbers = [found.parts[row.key, iso] for iso in sorted(senders) if (row.key, iso) in found.parts]
        part = total(numbers)
        if control.acts_on(row.key) and (part.value or 0.0) >= LEAST:
            parts.append((row, part))
    return sorted(parts, key=lambda item: -(item[1].value or 0.0))


def controls(profile: CountryProfile, found: ImportDependence, states: Sequence[str], key: str, title: str) -> Table:
    """Return one row a control in one of some states on goods that the country buys from who acts."""
    rows: list[dict[str, Any]] = []
    for control in found.controls:
        parts = hit(found, control, profile.year) if control.state in states else []
        if not parts:
            continue
        values = [Number((n.value or 0.0) * (row.spent.value or 0.0), "kUSD", row.spent.sources) for row, n in parts]
        instrument, code = control.instrument, control.instrument.country
        rows.append(
            {
                "acting": country_name(code),
                "control": control.words,
                "can_stop": control.stops,
                "since": control.since,
                "goods_hit": text.joined(
                    f"{shown_name(profile, row.key).lower()} ({text.percent(n.value)})" for row, n in parts
                ),
                "part_hit": parts[0][1],
                "value_hit": total(values),
                "terms": instrument.terms,
                "until": control.changes.isoformat() if control.changes else "",
                "confidence": instrument.confidence,
                "act_page": Link(instrument.id, instrument.url) if instrument.url else instrument.act or instrument.id,
                "country": code,
                "order": (control.rank, -(parts[0][1].value or 0.0)),
            }
        )
    rows.sort(key=lambda row: row["order"])
    notes = (
        "an end that was not found is no proof that a control still runs; the register is a sample of what could be"
        " found, thick for a few countries and after 2020. Controls on technology, equipment and single firms"
        " are left out",
    )
    return replace(columns.table(key, title, rows, CONTROLS, notes=notes, more=IDS), long=True)


def unseen(profile: CountryProfile, found: ImportDependence) -> Table:
    """Return one row a listed mineral whose imports cannot be told."""
    rows = []
    for row in found.unseen:
        none = Number(None, "1", note="no source on world output of it")
        rows.append(
            {
                "mineral": mineral(row.material),
                "form": form(row.key) if row.key else "",
                "world_leader": dependence.world_share(row.leader) if row.leader else none,
                "controls": told(row.controls),
                "why": why_no_main(profile, row.material),
                "priced": row.priced,
                "recorded": row.covered,
                "material": row.material,
                "stage": row.key[1] if row.key else "",
            }
        )
    note = "not ranked, which is not the same as small: nothing here says that they matter less than the others"
    return columns.table("unseen", "Minerals that cannot be measured", rows, UNSEEN, notes=(note,), more=IDS)


def told_goods(profile: CountryProfile) -> Table:
    """Return what the country is told to buy of goods of which the store holds no trade, one row a good."""
    rows = []
    for row in told_imports(profile.focal):
        if profile.import_values.get(row.good):
            continue
        ids = tuple(row.source.split(";"))
        value, part = row.value, row.share
        said = {"confidence": row.confidence, "note": "; ".join(filter(None, (row.year, row.note)))}
        money = value and Number(value.best * 1e3, "kUSD", ids, value.low * 1e3, value.high * 1e3, **said)
        held = part and Number(part.best, "1", ids, part.low, part.high, label=country_name(row.supplier), **said)
        rows.append(
            {
                "mineral": mineral(row.good[0]),
                "form": form(row.good),
                "imports_value": money,
                "held": held,
                "kind": row.kind,
                "note": said["note"],
                "material": row.good[0],
                "stage": row.good[1],
            }
        )
    note = "told by press, Parliament or from memory, of a financial year: beside the trade of the store, not in it"
    return columns.table("told-goods", "Goods of which no trade table is held", rows, TOLD, notes=(note,), more=IDS)


def fallen(profile: CountryProfile, shipments: Sequence[dict[str, Any]]) -> Table:
    """Return the sellers who sent less in the last months than in the same ones a year before, one row a good."""
    title = "Who sent less in the last months than a year before"
    note = "by month, as the country itself or the seller declares it; other sellers' months are not held"
    rows = [
        {**row, "mineral": mineral(row["material"]), "form": form((row["material"], row["stage"]))}
        | {"country_name": country_name(row["country"]), "declared_by": country_name(row["declared_by"])}
        for row in shipments
        if row["shipped"].value < row["shipped_before"].value
    ]
    return columns.table(
        "fallen", title, [{k: row[k] for k in FALLEN} for row in rows], FALLEN, notes=(note,), more=IDS
    )


def stopping(profile: CountryProfile, found: ImportDependence) -> list[ControlInForce]:
    """Return the controls in force that can stop a shipment of goods that the country buys from who acts."""
    return [c for c in found.controls if c.state == "in-force" and c.stops and hit(found, c, profile.year)]


def summary(profile: CountryProfile, found: ImportDependence) -> Table:
    """Return the few numbers that a reader wants first, each with what it was ten years before where that is known."""
    rows = [row for row in found.exposures if not row.is_trifle]
    ids = tuple(sorted({source for row in rows for source in row.held.sources}))
    every = dependence.imports_by_country(profile, made=True)
    first = largest(every)
    acts = stopping(profile, found)
    told_by = tuple(sorted({source for control in acts for source in control.instrument.source.split(";")}))
    numbers = {
        "bill": (dependence.bill(profile), None),
        "measured": (Number(float(len(rows)), "goods", ids), None),
        "over_half": (
            Number(float(sum(row.sure > HALF for row in rows)), "of them", ids),
            None,
        ),  # sureness has no past
        "controls": (Number(float(len(acts)), "acts", told_by), None),
        "not_measured": (Number(float(sum(not row.covered for row in found.unseen)), "minerals", ids), None),
    }
    if first:
        part = replace(share(first[0][1], total(every.values())), label=country_name(first[0][0]))
        numbers["largest_sender"] = (part, found.before.get(first[0][0]))
    titles = {
        "bill": "spent on listed minerals as ore, intermediates and metal",
        "measured": "minerals and goods of them of which a million dollars or more is bought",
        "over_half": "come to over half surely from one country",
        "controls": "controls in force that can stop what is bought from the country that set them",
        "not_measured": "listed minerals whose imports no trade code shows",
        "largest_sender": "share of the largest sender, goods made of the minerals included",
    }
    listed = [
        {"key_figure": id, "means": titles[id], "amount": number, "amount_before": past}
        for id, (number, past) in numbers.items()
        if number.value is not None and number.sources
    ]
    return columns.table("summary", f"{profile.name} in figures, {profile.year}", listed, SUMMARY)


def countries(profile: CountryProfile, found: ImportDependence) -> Table:
    """Return one row a sending country, by its share with goods: now, and ten years before."""
    raw = dependence.imports_by_country(profile)
    every = dependence.imports_by_country(profile, made=True)
    whole, more = total(raw.values()), total(every.values())
    leads: dict[str, list[str]] = {}
    for row in found.exposures:
        if not row.is_trifle:
            leads.setdefault(row.country, []).append(shown_name(profile, row.key).lower())
    rows = [
        {
            "country_name": country_name(iso),
            "imports_value": number,
            "bill_part": share(raw.get(iso, Number(0.0, "kUSD", whole.sources)), whole),
            "bill_part_goods": share(number, more),
            "bill_part_before": found.before.get(iso, Number(None, "1", note="not covered then")),
            "first_of": text.joined(leads.get(iso, [])),
            "country": iso,
        }
        for iso, number in largest(every, SHOWN)
    ]
    title = f"The {len(rows)} largest senders of listed minerals and of goods made of them"
    return columns.table("senders", title, rows, COUNTRIES, more=IDS)


def through_time(profile: CountryProfile, found: ImportDependence) -> Table:
    """Return how many controls that can stop a shipment of what is bought now were in force at each year's end."""
    rows = []
    for year in range(FIRST, found.on.year + 1):
        day = min(date(year, 12, 31), found.on)
        acts = [
            c for c in reach(profile.members, day) if c.state == "in-force" and c.stops and hit(found, c, profile.year)
        ]
        ids = tuple(sorted({s for c in acts for s in c.instrument.source.split(";")})) or ("khanij-register-2026",)
        rows.append({"year": year, "amount": Number(float(len(acts)), "acts", ids)})
    note = "of goods that the country buys today from the one that set the control; the register is thin before 2020"
    return columns.table("through-time", "Controls in force through the years", rows, ("year", "amount"), notes=(note,))
