"""Write docs/methods/origin-vs-atlas.md: is the top exporter the top miner? The atlas's answer for 2024 beside ours.

The atlas's exporters and miners are restated in docs/methods/origin-vs-atlas.csv; the rest comes from the store. Run it
again after a data update: `python docs/origin_vs_atlas.py`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

import khanij
from khanij import reference
from khanij.core.case import Case
from khanij.data.facts import store

FOLDER = Path(__file__).parent / "methods"
YEAR = 2024
HEAD = """# Top exporter against top miner: the Critical Materials Atlas and us, {year}

Written by `docs/origin_vs_atlas.py` from the data in the package; do not edit.

The atlas (doi 10.5281/zenodo.21948855) compares, for 32 materials, the largest exporter **by value of one trade code**
with the country that its reference list names as the largest miner. Its text says 17 of 32 differ; the result file
beside it lists {atlas}. Our reading of the one: bauxite is a tie, Guinea and Australia both at 24 %, and the file puts
Australia first; with Guinea first it is {untied}. We ask the same of the same code with our own output figures, and
again by contained tonnes over all codes of the stage.

| | differ | of |
|---|---|---|
| atlas, as listed in its result file | {atlas} | 32 |
| atlas, the bauxite tie given to the exporter | {untied} | 32 |
| same code, by value, our output of the first stage | {value} | {value_of} |
| all codes of the stage, by contained tonnes, our output of the first stage | {mass} | {mass_of} |
| all codes of the stage, by contained tonnes, our output of **that stage** | {same} | {same_of} |

Exporters are found to be the same as the atlas's by value in {exporters} of {exporters_of} codes, miners in {miners} of
{miners_of}. The last line is the fair question for a refined form: it asks who *makes* that form, not who digs the ore.

"""
TAIL = """
## What the differences are
"""


@dataclass(frozen=True, slots=True)
class Top:
    """The largest country of a list and its share; empty where there is no figure."""

    country: str = ""
    share: float = float("nan")

    def text(self) -> str:
        """Return "CHL 24 %", or "no figure"."""
        return f"{self.country} {self.share:.0f} %" if self.country else "no figure"


def top(amounts: NDArray[np.float64], codes: tuple[str, ...]) -> Top:
    """Return the largest of the amounts (C,)."""
    known = np.nan_to_num(amounts)
    whole = known.sum()
    best = int(known.argmax())
    return Top(codes[best], 100 * known[best] / whole) if whole > 0 else Top()


def share(amounts: NDArray[np.float64], codes: tuple[str, ...], country: str) -> float:
    """Return the share of one country in the amounts (C,), in per cent."""
    known = np.nan_to_num(amounts)
    return 100 * known[codes.index(country)] / known.sum() if known.sum() > 0 else float("nan")


def by_value(item: str, country: str | None = None) -> Top:
    """Return the largest exporter of a trade code by value in the year, or the country asked for."""
    frame = store.scan(*store.providers("trade_value")).filter(
        pl.col("quantity") == "trade_value",
        pl.col("item") == item,
        pl.col("year") == YEAR,
        pl.col("source") == "baci-hs17",
        pl.col("country") != pl.col("partner"),
    )
    summed = frame.group_by("country").agg(pl.col("value").sum()).collect().sort("value", descending=True)
    if not summed.height:
        return Top()
    asked = summed if country is None else summed.filter(pl.col("country") == country)
    if not asked.height:
        return Top()
    return Top(asked["country"][0], 100 * asked["value"][0] / summed["value"].sum())


@dataclass(frozen=True, slots=True)
class Line:
    """One material: the atlas's answer and ours."""

    label: str
    stage: str
    shared: str
    exporter: Top
    miner: Top
    value: Top
    mass: Top
    first: Top
    first_stage: str
    same: Top
    digs: float
    rival: float

    def differs(self, seller: Top, maker: Top) -> bool | None:
        """Return whether two countries differ; None where one has no figure."""
        return seller.country != maker.country if seller.country and maker.country else None


def line(case: Case, row: dict[str, str]) -> Line:
    """Return the comparison of one row of the restated table."""
    codes = case.axis("country").codes
    code = next(c for c in reference.hs_codes() if c.item == row["item"] and c.material == row["material"])
    material, stage = case.axis("material").at(row["material"]), case.axis("stage").at(code.stage)
    output = case.array("production", "material", "stage", "country", "year")[material, :, :, 0]
    made = np.nonzero(np.nan_to_num(output).sum(axis=1) > 0)[0]
    first = int(made[0]) if len(made) else stage
    at, amount = case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    mine = (at[0] == material) & (at[1] == stage) & (at[2] != at[3])
    exports = np.bincount(at[2][mine], weights=amount[mine], minlength=len(codes))
    value = by_value(row["item"])
    return Line(
        row["label"],
        code.stage,
        code.shared,
        Top(row["exporter"], float(row["exporter_share"])),
        Top(row["miner"], float(row["miner_share"])),
        value,
        top(exports, codes),
        top(output[first], codes),
        case.axis("stage").codes[first] if len(made) else "",
        top(output[stage], codes),
        share(output[first], codes, value.country) if value.country else float("nan"),
        by_value(row["item"], row["exporter"]).share,
    )


def explain(one: Line) -> str:
    """Return, in words, where the atlas's answer and ours part, and what stands between exporter and miner."""
    said = []
    if one.value.country != one.exporter.country:
        said.append(
            f"by value of the same code {one.value.text()} comes first here, {one.exporter.text()} there, which has "
            f"{one.rival:.0f} % here: the atlas's figure is not that of the edition of BACI that we hold"
        )
    if one.shared:
        said.append(
            f"the code also holds {one.shared.replace(';', ', ')}, so its exports are not of this material alone"
        )
    if not one.first.country:
        said.append("our sources have no output by country")
    elif one.first.country != one.miner.country:
        said.append(
            f"largest producer ({one.first_stage}) is {one.first.text()} here, {one.miner.text()} in the atlas's list"
        )
    elif one.first_stage != "mined":
        said.append(f"the producers compared are those of the stage {one.first_stage}: no mine figures")
    if one.mass.country and one.mass.country != one.value.country:
        said.append(f"by contained tonnes of the whole stage {one.mass.text()} exports most")
    if one.differs(one.value, one.first) and one.same.country and one.stage != one.first_stage:
        fits = "which the exporter is" if one.same.country == one.value.country else f"which is {one.same.text()}"
        said.append(f"the exporter of a {one.stage} form need not dig; compare the largest producer of it, {fits}")
    if one.differs(one.value, one.first) and one.digs < 5:
        said.append(
            f"the exporter's own share of {one.first_stage} output is {one.digs:.0f} %: it works up or passes on"
        )
    ours, theirs = one.differs(one.value, one.first), one.differs(one.exporter, one.miner)
    verdict = "both say that exporter and miner differ" if theirs else "both say that exporter and miner are the same"
    if ours is None:
        verdict = "no answer of ours"
    elif ours != theirs:
        verdict = "we say they differ, the atlas does not" if ours else "we say they are the same, the atlas does not"
    return "; ".join((verdict, *said))


def count(lines: list[Line], seller: str, maker: str) -> tuple[int, int]:
    """Return in how many materials two columns differ, and of how many."""
    found = [one.differs(getattr(one, seller), getattr(one, maker)) for one in lines]
    return sum(f is True for f in found), sum(f is not None for f in found)


def agree(lines: list[Line], ours: str, theirs: str) -> tuple[int, int]:
    """Return in how many materials two columns name the same country, and of how many."""
    differing, whole = count(lines, ours, theirs)
    return whole - differing, whole


def mark(value: bool | None) -> str:
    """Return yes, no or a dash."""
    return "–" if value is None else "yes" if value else "no"


def page(lines: list[Line]) -> str:
    """Return the page."""
    atlas = count(lines, "exporter", "miner")[0]
    names = {}
    for name, pair in {
        "value": count(lines, "value", "first"),
        "mass": count(lines, "mass", "first"),
        "same": count(lines, "mass", "same"),
        "exporters": agree(lines, "value", "exporter"),
        "miners": agree(lines, "first", "miner"),
    }.items():
        names[name], names[f"{name}_of"] = pair
    text = [HEAD.format(year=YEAR, atlas=atlas, untied=atlas - 1, **names)]
    text.append("| material | stage of the code | atlas: exporter, miner | differ | ours by value | by tonnes | top of")
    text[-1] += " first stage | top of that stage | differ (value) |\n|" + "---|" * 9
    for one in lines:
        cells = (
            one.label,
            one.stage,
            f"{one.exporter.text()}, {one.miner.text()}",
            mark(one.differs(one.exporter, one.miner)),
            one.value.text(),
            one.mass.text(),
            one.first.text(),
            one.same.text(),
            mark(one.differs(one.value, one.first)),
        )
        text.append("| " + " | ".join(cells) + " |")
    text.append(TAIL)
    text += [f"- **{one.label}**: {explain(one)}." for one in lines]
    return "\n".join(text) + "\n"


def main() -> None:
    """Write the page."""
    with (FOLDER / "origin-vs-atlas.csv").open(encoding="utf-8", newline="") as rows:
        wanted = list(csv.DictReader(rows))
    case = khanij.case(focus="all", years=YEAR)
    (FOLDER / "origin-vs-atlas.md").write_text(page([line(case, row) for row in wanted]), encoding="utf-8")


if __name__ == "__main__":
    main()
