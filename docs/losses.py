"""The tables of losses.md, made by asking the engine of losses: `python docs/losses.py` rewrites them in place.

Answers that disruption.md and methods/risk.md show are written too. With the word `all` also India's ranking and those
of simulated years, which take two minutes; a test asks the rest alone.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the commands have it: the page is that of any machine

import numpy as np
import polars as pl

from khanij import reference
from khanij.analyses.inputs import cases
from khanij.analyses.question import ask, find, request_of
from khanij.core.range import Range
from khanij.data.facts import store
from khanij.kernels.indicators.agreement import spearman
from khanij.present import names, text
from khanij.present.table import terminal
from khanij.reference import official_lists
from khanij.reference.chronicle.loss_outcomes import loss_outcomes, loss_tests
from khanij.simulate.backtest.mass import pooling_errors
from khanij.simulate.backtest.outcomes import OutcomeTest, tests
from khanij.simulate.loss.shock import shock
from khanij.simulate.risk import ranking as ranks
from khanij.simulate.risk import single_stops
from khanij.simulate.supply.disruption import parse
from khanij.simulate.supply.networks import drawn_networks, networks

PAGE, SHOCKS, RISKS = (Path(__file__).parent / name for name in ("losses.md", "disruption.md", "methods/risk.md"))
ANSWERS = re.compile(r"(<!-- answer: (.*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
WIDTH = 120
MARKS = re.compile(r"(<!-- table: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
FLOWS_PAGE = Path(__file__).parent / "methods/base-year.md"
DRAWS, FLOWS, SHOWN = 96, 12, 20
POOLED = (0.0, 0.25, 0.5, 0.75, 1.0)
ORDER = ("right", "order", "sign", "miss")


def percent(value: float) -> str:
    """Return a change in per cent, with one digit below ten."""
    size = 100.0 * value
    return f"{size:.1f}" if abs(size) < 9.95 else f"{size:.0f}"


def told(span: Range | None) -> str:
    """Return "-12 (-31 to -2.0)" of a range of changes; a dash where there is none."""
    return "–" if span is None else f"{percent(span.best)} ({percent(span.low)} to {percent(span.high)})"


def outcomes(found: Sequence[OutcomeTest]) -> str:
    """Return one line an outcome, magnets and chips first."""
    first = ("china-rare-earths-2025", "chips-2020-2022")
    ordered = sorted(found, key=lambda one: (one.test.outcome.wave not in first, one.test.outcome.id))
    head = ("outcome", "side", "place, product", "good, part lost", "measured, %", "predicted, %")
    lines = ["| " + " | ".join((*head, "with the stock reported, %", "verdict")) + " |"]
    lines.append("|" + " --- |" * 8)
    for one in ordered:
        row, lost = one.test.outcome, one.test.lost_from.lost
        assert lost is not None
        borrowed = "" if one.test.lost_from is row else f" (of {one.test.lost_from.id.rpartition('-')[2]})"
        lines.append(
            f"| {row.id} | {row.split}, {row.role} | {row.place}, {row.product} → {one.test.product} | {row.good}, "
            f"{percent(lost.best)} %{borrowed} | {told(row.change)} | {told(one.table)} | {told(one.known)} | "
            f"{one.verdict(one.table)} |"
        )
    return "\n".join(lines)


def counts(found: Sequence[OutcomeTest]) -> str:
    """Return how many of each side and role came out how."""
    lines = ["| side, role | asked | " + " | ".join(ORDER) + " | of all on record |", "|" + " --- |" * (3 + len(ORDER))]
    for side in ("test", "fit"):
        for role in ("event", "control"):
            some = [one for one in found if (one.test.outcome.split, one.test.outcome.role) == (side, role)]
            came = Counter(one.verdict(one.table) for one in some)
            whole = sum(row.role == role for row in loss_outcomes(side))
            lines.append(
                f"| {side}, {role} | {len(some)} | {' | '.join(str(came[name]) for name in ORDER)} | {whole} |"
            )
    return "\n".join(lines)


def ranking() -> str:
    """Return India's goods by what a year's stop of their largest seller costs, with how often each is of the first."""
    case = cases.case("IND", 2024, official_lists.minerals("IND", 2024))
    model = single_stops.stops(case, 2024)[1]
    lines = ["| good | seller | loss, million USD | 10 to 90 % of the draws | among the first five | median place |"]
    lines.append("|" + " --- |" * 6)
    for row in ranks.ranking(model, case, DRAWS, flows=FLOWS)[:SHOWN]:
        ends = f"{text.digits(row.low / 1e6)} to {text.digits(row.high / 1e6)}"
        good = f"{names.mineral(row.material)} ({names.form(row.material, row.stage)})"
        best = text.digits(row.best / 1e6)
        lines.append(f"| {good} | {row.seller} | {best} | {ends} | {row.first:.0%} | {row.place:.0f} |")
    return "\n".join(lines)


def usgs() -> str:
    """Return the order of the 2025 study of the USGS beside what full stops cost the United States here."""
    table = store.collect(store.scan("published-tables").filter(pl.col("quantity") == "risk_rank")).sort("value")
    place = {row["material"]: round(row["value"]) for row in table.iter_rows(named=True)}
    group = [m for m in place if reference.materials()[m].parent in ("light-rare-earths", "heavy-rare-earths")]
    asked = {"rare-earths": min(place[m] for m in group)} | {m: at for m, at in place.items() if m not in group}
    case = cases.case("USA", 2024, [*asked])
    china: dict[str, tuple[float, float, float]] = {}
    dearest: dict[str, tuple[float, str]] = {}
    for stop in single_stops.stops(case, 2024)[0]:  # the dearest first
        if np.isfinite(stop.loss):
            dearest.setdefault(stop.material, (stop.loss, stop.country))
            if stop.country == "CHN":
                china.setdefault(stop.material, (stop.loss, stop.low, stop.high))
    for good in ("gallium", "germanium"):  # no trade code of their own: the country's own statement
        (answer,) = shock(case, [parse(f"CHN:{good}")], 2024).answers
        lost = -np.nansum(np.stack(list(answer.channels.values())), axis=0)
        china[good] = (lost[0], *np.quantile(lost[1:][np.isfinite(lost[1:])], (0.1, 0.9)))
        dearest[good] = (lost[0], "CHN")
    lines = ["| USGS, place | good | China stops, million USD | 10 to 90 % | dearest stop of one seller | seller |"]
    lines.append("|" + " --- |" * 6)
    for good, at in sorted(asked.items(), key=lambda item: item[1]):
        cells = ["–", "–"] if good not in china else [text.digits(china[good][0] / 1e6), _ends(china[good][1:])]
        most = ["–", "–"] if good not in dearest else [text.digits(dearest[good][0] / 1e6), dearest[good][1]]
        lines.append("| " + " | ".join((str(at), names.mineral(good), *cells, *most)) + " |")
    middle = asked | {"rare-earths": float(np.median([place[m] for m in group]))}
    without = {m: at for m, at in asked.items() if m != "rare-earths"}
    told = {"at their first place": asked, "at their middle place": middle, "without them": without}
    lines += ["", "| rare earths | China's stop | goods | dearest stop of one seller | goods |", "|" + " --- |" * 5]
    for how, places in told.items():
        cells = [cell for lost in (china, dearest) for cell in _correlation(places, lost)]
        lines.append("| " + " | ".join((how, *cells)) + " |")
    return "\n".join(lines)


def _correlation(places: Mapping[str, float], lost: Mapping[str, Sequence[float | str]]) -> tuple[str, str]:
    """Return the rank correlation of places with what goods lose, and over how many goods."""
    both = [m for m in places if m in lost]
    found = spearman(np.array([-float(places[m]) for m in both]), np.array([float(lost[m][0]) for m in both]))
    return f"{found:.2f}", f"{len(both)}"


def pooling() -> str:
    """Return how far importers' trade after large falls lies from what own sellers, or one world market, would say."""
    case = cases.of_scope(request_of(find("backtest")).of({"mass": True}).scope())
    lines = ["| goods | falls | " + " | ".join(f"{part:.0%}" for part in POOLED) + " | no change |"]
    lines.append("|" + " --- |" * (3 + len(POOLED)))
    for name, errors in pooling_errors(case, POOLED).items():
        lines.append(f"| {name} | {errors.falls} | " + " | ".join(f"{e:.3f}" for e in errors.by_part)
                     + f" | {errors.still:.3f} |")  # fmt: skip
    return "\n".join(lines)


def flows() -> str:
    """Return how far two seeds of the draws of flows are apart, beside what free draws would be."""
    head = [f"{what}, seed 1 | seed 2 | apart | free draws would be" for what in ("use, t", "part of one seller")]
    lines = ["| good | draws | " + " | ".join(head) + " |", "|" + " --- |" * 10]
    for material, stage in (
        ("rare-earths", "component"),
        ("copper", "refined"),
        ("nickel", "refined"),
        ("potash", "mined"),
    ):
        case = cases.case("IND", 2024, [material])
        network = networks(case, [material], "2024", nodes=24)[0].for_focus(("IND",))
        seller = max(sold := network.sellers(stage), key=lambda node: sold[node])
        for draws in (8, 32):
            both = [
                [
                    (one.consumption(stage), one.share(seller, stage))
                    for one in drawn_networks(case, network, draws, seed)
                ]
                for seed in (1, 2)
            ]
            means = np.array([np.mean(rows, axis=0) for rows in both])
            apart = np.abs(means[0] - means[1])
            free = np.std(np.concatenate(both), axis=0, ddof=1) * np.sqrt(2.0 / draws) * np.sqrt(2.0 / np.pi)
            use = [text.digits(v) for v in (*means[:, 0], apart[0], free[0])]
            part = [f"{100 * v:.2f} %" for v in (*means[:, 1], apart[1], free[1])]
            good = f"{names.mineral(material)} ({names.form(material, stage)}), {seller}"
            lines.append("| " + " | ".join((good, str(draws), *use, *part)) + " |")
    return "\n".join(lines)


def _ends(span: Sequence[float]) -> str:
    """Return "1.2 to 3.4" of two amounts in million USD."""
    return " to ".join(text.digits(end / 1e6) for end in span)


def answered(command: str) -> str:
    """Return what a terminal shows of a command: its findings, or one table where that is asked for."""
    quoted = " ".join(f'"{word}"' if re.search("[>;,=]", word) else word for word in command.split())
    name, focus, *options = command.split()
    asked = {option.removeprefix("--"): value for option, value in zip(options[::2], options[1::2], strict=True)}
    key = asked.pop("table", "")
    found = ask(request_of(find(name)).of({"focus": focus, **asked}))
    told = found.findings
    if key:
        lines = terminal(found.table(key), WIDTH).splitlines()
    else:
        lines = [line for finding in told for line in textwrap.wrap(finding.replace(text.THIN, " "), WIDTH)]
    return "\n".join(["```text", f"$ khanij {quoted}", *lines, "```"])


def answers_of(page: str, every: bool = False) -> str:
    """Return a page with its answers of today; those of simulated years only if every one is asked."""
    quick = ("shock",)
    return ANSWERS.sub(lambda m: f"{m[1]}{answered(m[2])}\n{m[4]}" if every or m[2].split()[0] in quick else m[0], page)


def blocks() -> dict[str, str]:
    """Return every table of the page that costs little, by name."""
    found = tests(loss_tests(), cases.case("USA", 2024, ["copper"]))
    return {"outcomes": outcomes(found), "counts": counts(found)}


def written(page: str, made: Mapping[str, str] | None = None) -> str:
    """Return the page with its tables of today; those that are not made stay."""
    made = blocks() if made is None else made
    return MARKS.sub(lambda found: f"{found[1]}{made[found[2]]}\n{found[4]}" if found[2] in made else found[0], page)


if __name__ == "__main__":
    whole = "all" in sys.argv[1:]
    more = {"ranking": ranking(), "usgs": usgs(), "pooling": pooling()} if whole else {}
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), blocks() | more), encoding="utf-8")
    if whole:
        FLOWS_PAGE.write_text(written(FLOWS_PAGE.read_text(encoding="utf-8"), {"flows": flows()}), encoding="utf-8")
    for page in (SHOCKS, RISKS):
        page.write_text(answers_of(page.read_text(encoding="utf-8"), whole), encoding="utf-8")
