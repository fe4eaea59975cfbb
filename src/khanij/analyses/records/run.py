"""Recorded trade, facts, and checks of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.analyses.inputs import cases
from khanij.analyses.inputs import facts as queries
from khanij.analyses.inputs.absent import absent
from khanij.analyses.question import Answer, Job
from khanij.analyses.records import doubts, tables, words
from khanij.analyses.records.request import (
    DataCheckRequest,
    DataListRequest,
    DataShowRequest,
    DataTemplateRequest,
    TradeRequest,
)
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.data.facts import corrections, record, store
from khanij.data.lookup import catalogue, query
from khanij.data.own import facts as own
from khanij.reference import country_labels
from khanij.reference.names import country_name
from khanij.simulate.supply.reconciled.flow_corrections import flow_corrections

NEWEST = 2024  # year of the base year that is checked
FLOW = ("item", "country", "partner", "year")


def answer_trade(request: TradeRequest, case: Case | None, job: Job) -> Answer:
    """Return recorded trade of a country or group; see data.lookup.query.trade."""
    span = request.year
    focal = queries.members(request.focus, span)
    others = {text: queries.members(text, span) for text in request.partner}
    flow = "exports" if request.exports else "imports"
    asked = tuple(dict.fromkeys(iso for members in others.values() for iso in members)) or None
    rows = list(query.trade(focal, asked, request.hs or None, span, flow).rows())
    missing = _missing(request, rows, others)
    together = [one.words for one in country_labels.united([*focal, *(asked or ())], span)]
    if not rows:
        what = f"no {flow} of {country_name(request.focus)} recorded: {'; '.join(missing) or _years(span)}"
        raise CoverageError(
            f"{what}; that is no measured zero",
            where="trade",
            hint=f"trade among members of {request.focus} is no trade of it: name partners outside"
            if asked and set(asked) <= set(focal)
            else "; ".join(together) or "other years, codes or partners, or none of them",
        )
    every = rows if asked is None else list(query.trade(focal, None, request.hs or None, span, flow).rows())
    doubted = doubts.cheap(every)
    if not request.exports:
        doubted |= doubts.leapt(every, request.focus)
    notes = [words.GROSS, *together, *words.imputed(rows, _published(rows)), *words.none(missing, flow)]
    title = f"recorded {flow} of {country_name(request.focus)}, {_years(span)}"
    table = tables.flows(rows, title, focal, request.exports, notes, doubted)
    return Answer(
        request,
        (table,),
        tuple(words.trade(table, request.focus, request.exports)),
        sources=tuple(sorted(set(table.cited()))),
        manifest=store.fingerprint(),
    )


def _missing(
    request: TradeRequest, rows: Sequence[dict[str, Any]], others: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return what of the partners, codes and years that were asked no flow is recorded of."""
    side = "importer" if request.exports else "exporter"
    of = {iso: text for text, members in others.items() for iso in members}
    told = [{"partner": of.get(row[side]), "hs": row["hs"], "year": row["year"]} for row in rows]
    named = {"partner": request.partner, "hs": request.hs}
    return tuple(one.words for one in absent(told, {**named, "year": request.year}))


def _published(rows: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], float]:
    """Return (item, exporter, importer, year) -> tonnes as the publisher has them, where the store has others."""
    found: dict[tuple[Any, ...], float] = {}
    for id in sorted({row["source"] for row in rows if row["mass_status"] == "imputed"}):
        path = record.find(id).folder / "corrections.toml"
        for one in corrections.published(path, "quantity", *FLOW):
            if one["quantity"] == "trade_mass":
                found[tuple(one[name] for name in FLOW)] = one["value"]
    return found


def _years(span: Sequence[int]) -> str:
    """Return "2023" or "2018-2024"."""
    return str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}"


def answer_list(request: DataListRequest, case: Case | None, job: Job) -> Answer:
    """Return the sources of the store, or one of the reference lists."""
    if request.what == "assumptions":
        table = tables.assumed()
    elif request.what == "columns":
        table = tables.headings()
    else:
        table = tables.listing(request.what, catalogue.listing(request.what).rows())
    finding = f"{len(table):,} rows in the list of {request.what}."
    if request.what == "sources":
        finding = f"{len(table)} sources with {sum(table.column('facts') or (0,)):,} facts in the store."
    return Answer(request, (table,), (finding,), manifest=store.fingerprint())


def answer_show(request: DataShowRequest, case: Case | None, job: Job) -> Answer:
    """Return a source's record, or the facts that fit."""
    where = request.model_dump(exclude={"assume", "own", "limit", "source", "year"})
    chosen: dict[str, Any] = {name: value for name, value in where.items() if value}
    chosen |= {"year": list(request.year)} if request.year else {}
    if request.source and not chosen:
        table = tables.source(catalogue.show(request.source))
        return Answer(request, (table,), (f"{record.find(request.source).title}.",), manifest=store.fingerprint())
    source = record.find(request.source).id if request.source else None
    found = query.facts(request.limit, source=source, **chosen)
    if not len(found):
        said = ", ".join(f"{name} {_years(v) if name == 'year' else v}" for name, v in chosen.items())
        raise CoverageError(
            f"no fact of {said or 'any kind'}{f' from {source}' if source else ''}",
            where="data show",
            hint="fewer conditions; khanij data list quantities shows which sources give what",
        )
    asked = {"year": request.year} if request.year and len(found) < request.limit else {}
    silent = [one.words for one in absent(found.rows(), asked)]
    table = tables.facts(found, [f"no fact in {', '.join(silent)}"] if silent else [])
    return Answer(request, (table,), tuple(f"{note}." for note in found.notes), manifest=store.fingerprint())


def answer_template(request: DataTemplateRequest, case: Case | None, job: Job) -> Answer:
    """Return a line of a file of one's own facts of a quantity, to fill in."""
    about = own.TEMPLATES[request.quantity]
    table = tables.template(own.template(request.quantity), about.needed)
    return Answer(request, (table,), words.template(request.quantity, about.needed, about.unit))


def answer_check(request: DataCheckRequest, case: Case | None, job: Job) -> Answer:
    """Return the store's reconciliation; with a raw folder also whether the publishers' files are the recorded ones."""
    from khanij.data import reconcile  # the checks are many modules that no other query needs

    found = [tables.check(table) for table in reconcile.report(request.raw)]
    found.append(
        tables.flow_corrections(flow_corrections(cases.case(min(reference.countries()), NEWEST), str(NEWEST)), NEWEST)
    )
    overview = tables.checks(found)
    return Answer(request, (overview, *found), tuple(words.checks(overview)), manifest=store.fingerprint())


def rebuild(raw: Path, only: Sequence[str], say: Callable[[str], None], accept: bool = False) -> Table:
    """Rebuild the store and return the list of sources."""
    store.rebuild(raw, only, say, accept)
    return tables.listing("sources", catalogue.sources().rows())
