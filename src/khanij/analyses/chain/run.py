"""The base year of a mineral, stage by stage, as the models read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import methodcaller
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.chain import figures
from khanij.analyses.chain.request import ChainRequest
from khanij.analyses.inputs import baseline, trade_codes
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.number import Number, graded
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.industry.critical_inputs import inputs_of, users_of
from khanij.reference.industry.product_needs import product_need
from khanij.reference.industry.product_output import newest_output, products
from khanij.reference.names import country_name
from khanij.simulate.supply.networks import OUTSIDE, REST, UNKNOWN, Network, drawn_networks, networks
from khanij.simulate.supply.reconciled.records import UNDER
from khanij.simulate.supply.reconciled.statements import speakers, speaking

JOINED = "products that stop without the mineral, those on record as made there first; the whole list: khanij needs"
MEETS, OTHERS = 8, 8  # products told a mineral, minerals told a product
LEAST = 0.005  # part of what is used from which a maker has a row
DRAWN = 12  # minerals, of those asked, that are drawn
INTERVAL = (0.1, 0.9)
RANGES = "ranges: 10 % to 90 % of {draws} draws of the flows from the errors of the records, seed {seed}"
FITTED = "output, trade and use are fitted to what is measured so that every balance closes (docs/methods/base-year.md)"


def answer(request: ChainRequest, case: Case, job: Job) -> Answer:
    """Return the stages of each mineral and their makers, and the stages that are not linked, each with the reason.

    Raises CoverageError where no tonne of any mineral that was asked for is on record.
    """
    found = networks(case, request.material, str(request.year), named=case.axis("focus").codes, whole=True)
    unlinked = _unlinked(case, request.material, found)
    if not found:
        what = "; ".join(f"{row['material']}, {row['form']}: {row['why']}" for row in unlinked)
        raise CoverageError(what, where="chain", hint="khanij data list codes: which codes the store holds")
    stated = _stated(case, request, found)
    notes = tuple(f"{n.material}, {note}" for n in found for note in n.notes)
    title = f"stages, {country_name(request.focus)}, {request.year}"
    sources = baseline.sources(case)
    draws = {n.material: drawn_networks(case, n, request.draws, request.seed, whole=True) for n in found}
    ranges = (RANGES.format(draws=request.draws, seed=request.seed),) if request.draws else ()
    stages = columns.table(
        "stages", title, _stages(found, request.focus, draws, sources, stated), notes=(FITTED, *ranges, *notes)
    )
    makers = columns.table("makers", f"makers of each stage, {request.year}", _makers(found, request.makers))
    others = columns.table("unlinked", "stages that are not linked, and why", unlinked)
    said = tuple(_said(network, request.focus, stated.get(network.material)) for network in found)
    nodes = {node for network in found for node in network.nodes} - {REST}
    records = networks(case, request.material, str(request.year), nodes=0, named=nodes, customs=True, whole=True)
    customs = {network.material: network for network in records}
    drawn = [figures.chain(network, request.focus, sources) for network in found[:DRAWN]]
    drawn += [figures.flows(n, customs.get(n.material), request.focus, request.stage, sources) for n in found[:DRAWN]]
    shown = tuple(figure for figure in drawn if figure is not None)
    joins = columns.table("joins", "where the chain meets others", _joins(found, request.focus), notes=(JOINED,))
    own = columns.table("stated", f"what {country_name(request.focus)} says it uses, and from whom", _own(stated))
    tables = tuple(table for table in (stages, own, makers, joins, others) if len(table))
    return Answer(request, tables, said, shown, sources=sources, manifest=case.manifest)


def _stated(case: Case, request: ChainRequest, found: Sequence[Network]) -> dict[str, Network]:
    """Return material -> the network made of national statements, of those whose trade no customs record by mass.

    It is what `shock` and `stops` stand on there; what the fit of outputs alone leaves the focus is not told then.
    """
    year, inside = str(request.year), found[0].members
    unseen = [network.material for network in found if not any(network.traded)]
    spoken = (network.for_focus(inside) for network in speaking(case, inside, unseen, year))
    return {n.material: n for n in spoken if speakers(case, n.material, year) & set(inside)}


def _own(stated: Mapping[str, Network]) -> list[dict[str, Any]]:
    """Return one row a maker of what the focus says it uses."""
    return [
        {
            "material": network.material,
            "form": names.form(network.material, stage),
            "own_used": network.consumption(stage),
            "country": "countries not told apart" if node == REST else country_name(node),
            "share": network.share(node, stage),
            "stage": stage,
        }
        for network in stated.values()
        for stage in network.stages
        for node in sorted(network.nodes, key=lambda node: -network.share(node, stage))
        if network.share(node, stage) >= LEAST
    ]


def _unlinked(case: Case, materials: Sequence[str], found: Sequence[Network]) -> list[dict[str, Any]]:
    """Return one row a stage that the records do not link, with the reason in a line."""
    linked = {(network.material, stage) for network in found for stage in network.stages}
    codes = trade_codes.codes_of(case)
    rows = []
    for material, stage in reference.stage_names():
        if material not in materials or stage in OUTSIDE or (material, stage) in linked:
            continue
        held = next((n for n in found if n.material == material), None)
        said = UNDER.format(stage=stage)
        under = next((s for s in held.stages if f"{s}: {said}" in held.notes), None) if held else None
        why = f"its goods stand under {names.form(material, under)}" if under else codes.unlinked((material, stage))
        rows.append({"material": material, "form": names.form(material, stage), "why": why, "stage": stage})
    return rows


def _ranged(
    network: Network,
    drawn: Sequence[Network],
    sources: tuple[str, ...],
    read: Callable[[Network], float],
    unit: str = "t",
) -> Number | float:
    """Return a figure of a network with the range of the draws of its flows, wider where the figure lies outside."""
    value = read(network)
    if not drawn:
        return value
    low, high = np.quantile([read(one) for one in drawn], INTERVAL).tolist()
    return graded(Number(value, unit, sources, min(low, value), max(high, value)))


def _share(network: Network, k: int, place: int) -> float:
    """Return the part of a stage's output that a country makes; nan of nothing."""
    output = network.output[k]
    return float(output[place] / output.sum()) if output.sum() > 0 else float("nan")


def _stages(
    found: list[Network],
    focus: str,
    draws: Mapping[str, Sequence[Network]],
    sources: tuple[str, ...],
    stated: Mapping[str, Network],
) -> list[dict[str, Any]]:
    """Return one row a stage; what the focus buys and uses of a stage whose trade is unknown is not known."""
    rows = []
    for network in found:
        for k, stage in enumerate(network.stages):
            output = network.output[k]
            told = network.trade_basis[k] != UNKNOWN and network.material not in stated
            first = max(range(len(network.nodes)), key=lambda i: output[i])
            ranged = partial(_ranged, network, draws[network.material], sources)
            rows.append(
                {
                    "material": network.material,
                    "form": names.form(network.material, stage),
                    "largest_maker": country_name(network.nodes[first]),
                    "largest_share": ranged(partial(_share, k=k, place=first), "1") if output.sum() > 0 else None,
                    "own_used": ranged(methodcaller("consumption", stage)) if told else None,
                    "own_needed": _needed(network.material, stage, focus),
                    "output_known": network.output_basis[k],
                    "trade_known": network.trade_basis[k],
                    "own_made": network.made(stage),
                    "own_bought": network.imports(stage) if told else None,
                    "world_output": float(output.sum()),
                    "own_processed": _processed(network, k),
                    "stage_value": float(network.value[k]) if network.value[k] == network.value[k] else None,
                    "stage": stage,
                }
            )
    return rows


def _needed(material: str, stage: str, focus: str) -> Number | None:
    """Return what the focus's products hold of a good; None where too few of them are counted."""
    need = product_need(material, stage, focus)
    if need is None:
        return None
    ids = tuple(dict.fromkeys(row.source for row in users_of(material, stage, focus) if row.product in need.counted))
    return Number(need.best, "t", ids, need.low, need.high, "low", f"output of {need.year}")


def _processed(network: Network, k: int) -> float | None:
    """Return the part of the focus's use that becomes its own next stage; None for the last stage."""
    if not network.share_processed[k].any():
        return None
    use = network.use[k][list(network.at)]
    return float((use * network.share_processed[k][list(network.at)]).sum() / use.sum()) if use.sum() > 0 else None


def _joins(found: Sequence[Network], focus: str) -> list[dict[str, Any]]:
    """Return one row a product that stops without a mineral of the chain: its form, and which others meet there."""
    rows = []
    for network in found:
        users = [row for stage in network.stages for row in users_of(network.material, stage, focus) if not row.inside]
        stopped = [row for row in users if row.without == "stops"]
        stopped.sort(key=lambda row: (newest_output(row.product, focus) is None, -row.adoption.best, row.product))
        for row in stopped[:MEETS]:
            held = [one for one in inputs_of(row.product, focus) if one.without != "unneeded"]
            held.sort(key=lambda one: (one.without != "stops", -one.adoption.best, one.material))
            others = dict.fromkeys(one.material for one in held if one.material != network.material)
            rows.append(
                {
                    "material": network.material,
                    "form": names.form(network.material, row.stage),
                    "product_name": products()[row.product].name,
                    "joined_by": text.joined((text.small(names.mineral(id)) for id in others), OTHERS),
                    "stage": row.stage,
                    "product": row.product,
                }
            )
    return rows


def _makers(found: list[Network], most: int) -> list[dict[str, Any]]:
    """Return the largest makers of each stage."""
    rows = []
    for network in found:
        for k, stage in enumerate(network.stages):
            output = network.output[k]
            largest = sorted(range(len(network.nodes)), key=lambda i: -output[i])[:most]
            rows += [
                {
                    "material": network.material,
                    "form": names.form(network.material, stage),
                    "country": country_name(network.nodes[i]),
                    "stage_output": float(output[i]),
                    "share": float(output[i] / output.sum()),
                    "stage_exports": network.exports(network.nodes[i], stage),
                }
                for i in largest
                if output[i] > 0
            ]
    return rows


def _said(network: Network, focus: str, stated: Network | None = None) -> str:
    """Return a chain in a sentence; stated  what the focus says of itself where no customs record the trade."""
    parts, use = [], []
    for k, stage in enumerate(network.stages):
        output, form = network.output[k], names.form(network.material, stage)
        i = int(output.argmax())
        who = country_name(network.nodes[i]) if network.nodes[i] != REST else "others together"
        parts.append(f"{form}: {who} makes {text.percent(float(output[i] / output.sum()))}")
        if stated is None and network.trade_basis[k] != UNKNOWN and network.consumption(stage) > 0:
            use.append(f"{text.tonnes(network.consumption(stage))} of {form}")
    used = f" {country_name(focus)} uses {text.joined(use)}." if use else _told(focus, stated)
    return f"{names.mineral(network.material)}, {'; '.join(parts)}.{used}"


def _told(focus: str, stated: Network | None) -> str:
    """Return what the focus says it uses and its first seller, or that nothing is on record."""
    who = country_name(focus)
    if stated is None:
        return f" No use of {who} is on record."
    stage = stated.stages[-1]
    seller = next(iter(stated.sellers(stage)), "")
    part = f", {text.percent(stated.share(seller, stage))} of it from {country_name(seller)}" if seller else ""
    used = f"{text.tonnes(stated.consumption(stage))} of {names.form(stated.material, stage)}"
    return f" By its own statements {who} uses {used}{part}."
