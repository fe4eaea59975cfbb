"""The base year of a mineral, stage by stage, as the models read it."""

from __future__ import annotations

from typing import Any

from khanij.analyses.chain import figures
from khanij.analyses.chain.request import ChainRequest
from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.names import country_name
from khanij.simulate.supply.networks import Network, networks

DRAWN = 12  # minerals, of those asked, that are drawn
KNOWN = {True: "listed or shared", False: "not known"}
TRADED = {True: "recorded", False: "as one market would have it"}


def answer(request: ChainRequest, case: Case, job: Job) -> Answer:
    """Return the stages of each mineral and their makers; raises CoverageError where no trade by mass is on record."""
    found = networks(case, request.material, str(request.year), named=case.axis("focus").codes)
    held = {network.material for network in found}
    if not found:
        what = f"no trade of {', '.join(request.material)} in tonnes"
        raise CoverageError(what, where="chain", hint="khanij data list codes: which codes the store holds")
    notes = tuple(f"{n.material}, {note}" for n in found for note in n.notes)
    notes += tuple(f"{m}: no stage is traded in tonnes on record" for m in request.material if m not in held)
    stages = columns.table("stages", f"stages, {request.focus}, {request.year}", _stages(found), notes=notes)
    makers = columns.table("makers", f"makers of each stage, {request.year}", _makers(found, request.makers))
    said = tuple(_said(network, request.focus) for network in found)
    sources = baseline.sources(case)
    drawn = (figures.chain(network, request.focus, sources) for network in found[:DRAWN])
    shown = tuple(figure for figure in drawn if figure is not None)
    return Answer(request, (stages, makers), said, shown, sources=sources, manifest=case.manifest)


def _stages(found: list[Network]) -> list[dict[str, Any]]:
    """Return one row a stage."""
    rows = []
    for network in found:
        for k, stage in enumerate(network.stages):
            output, use = network.output[k], network.consumption(stage)
            first = max(range(len(network.nodes)), key=lambda i: output[i])
            rows.append(
                {
                    "material": network.material,
                    "stage": stage,
                    "world_output": float(output.sum()),
                    "largest_maker": network.nodes[first],
                    "largest_share": float(output[first] / output.sum()) if output.sum() > 0 else None,
                    "own_made": network.made(stage),
                    "own_bought": network.imports(stage),
                    "own_used": use,
                    "own_processed": _processed(network, k),
                    "output_known": KNOWN[network.known[k]],
                    "trade_known": TRADED[network.traded[k]],
                    "stage_value": float(network.value[k]) if network.value[k] == network.value[k] else None,
                }
            )
    return rows


def _processed(network: Network, k: int) -> float | None:
    """Return the part of the focus's use that becomes its own next stage; None for the last stage."""
    if k + 1 >= len(network.stages) or not network.known[k + 1]:
        return None
    use = network.use[k][list(network.at)]
    return float((use * network.share_processed[k][list(network.at)]).sum() / use.sum()) if use.sum() > 0 else None


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
                    "stage": stage,
                    "country": network.nodes[i],
                    "stage_output": float(output[i]),
                    "share": float(output[i] / output.sum()),
                    "stage_exports": network.exports(network.nodes[i], stage),
                }
                for i in largest
                if output[i] > 0
            ]
    return rows


def _said(network: Network, focus: str) -> str:
    """Return a chain in a sentence."""
    parts = []
    for k, stage in enumerate(network.stages):
        output = network.output[k]
        i = int(output.argmax())
        who = country_name(network.nodes[i]) if network.nodes[i] != "rest" else "others together"
        parts.append(f"{stage}: {who} makes {text.percent(float(output[i] / output.sum()))}")
    use = [f"{text.tonnes(network.consumption(s))} {s}" for s in network.stages if network.consumption(s) > 0]
    used = (
        f" {country_name(focus)} uses {text.joined(use)}." if use else f" No use of {country_name(focus)} is on record."
    )
    return f"{names.mineral(network.material)}, {'; '.join(parts)}.{used}"
