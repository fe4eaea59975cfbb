"""Who calls the minerals critical: official lists and methods side by side, and where they part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.analyses.assess.scatter import DRAWS, Scatter
from khanij.analyses.compare.lists import IMPORTANT, RISKY, EuAssessment, benchmark, on, rolls
from khanij.analyses.profile.forms import mineral
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Cell, Mark
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence

SURE = 0.9
NAMED = 6  # minerals named in a sentence
NOTE = (
    "●: on the list. Figures in the EU's columns are supply risk; those in the last are the largest share of one third"
    " country. A mineral counts as listed where the list names it, its group or one of its elements. ?: the method"
    " lacks figures for it."
)


def findings(grid: Table) -> list[str]:
    """Return how far two sides agree, who names what alone; of many pairs, which agree most and least."""
    rows = [row for row in grid.rows() if row["kappa"] is not None]
    if not rows:
        return [
            f"Agreement beyond chance is not defined for {text.count(len(grid), 'pair')}: one side names all or none."
        ]
    if len(grid) > 1:
        best, worst = rows[0], rows[-1]
        ends = text.joined(f"{row['first']} and {row['second']} {_kappa(row)}" for row in (best, worst))
        return [f"Of {len(grid)} pairs the most and the least agreement beyond chance: {ends}."]
    (row,) = rows
    alone = [
        f"{row[f'{side}_only']} on {row[side]} alone ({text.joined(row[f'only_{side}'].split(', '), NAMED)})"
        for side in ("first", "second")
        if row[f"{side}_only"]
    ]
    both = row["both"] + row["neither"]
    said = f"{row['first']} and {row['second']} agree on {both} of {row['universe']} minerals"
    return [f"{said} ({text.percent(row['agreement'])}), {_kappa(row)}{'; ' if alone else ''}{text.joined(alone)}."]


def _kappa(row: Mapping[str, Any]) -> str:
    """Return "kappa 0.42 (0.19–0.64)"."""
    band = text.span(row["kappa_low"], row["kappa_high"], "index")
    return f"kappa {text.index(row['kappa'])}" + (f" ({band})" if band else "")


def columns(names: list[str]) -> tuple[Column, ...]:
    """Return the columns: the mineral, the lists, the methods."""
    return (
        Column("mineral", "Mineral", "text"),
        *(Column(f"list_{k}", name, "mark", "on this official list") for k, name in enumerate(names)),
        Column("lists", "Lists", "year", "on how many of these lists it stands"),
        Column("eu_published", "EU study 2023", "mark", "supply risk and economic importance as published"),
        Column("eu_own", "EU method here", "mark", "the same two thresholds on scores recomputed from open data"),
        Column("third", "Over 65 % from one", "mark", "the Act's benchmark on supply from one third country"),
    )


def parted(r: CountryProfile, grid: Table) -> list[Sentence]:
    """Return where the published and the recomputed EU verdicts part, and what only few lists name."""
    differ, both = [], 0
    for row in grid.cells:
        published, own = row[-3], row[-2]
        assert isinstance(published, Mark)
        assert isinstance(own, Mark)
        if published.state is None or own.state is None:
            continue
        both += 1
        if published.state != own.state:
            differ.append(f"{str(row[0]).lower()} ({published.text} published, {own.text} here)")
    said = []
    counts = {str(row[0]): int(str(row[-4])) for row in grid.cells}
    most = max(counts.values(), default=0)
    everywhere = [name.lower() for name, count in counts.items() if count == most]
    if most:
        said.append(Sentence(f"On all or most of the lists, {most}, stand {text.joined(everywhere, 12)}."))
    alone = [name.lower() for name, count in counts.items() if count <= 2]
    if alone:
        said.append(Sentence(f"On two or fewer stand {text.joined(alone, 12)}."))
    if both:
        words = f"part on {text.joined(differ, 6)}" if differ else "agree on all"
        said.append(
            Sentence(f"The EU's published and recomputed verdicts, of {both} that both give, {words}.", sources(grid))
        )
    return said


def matrix(r: CountryProfile, scatter: Scatter) -> Figure | None:
    """Return the EU's matrix of the country's listed minerals with an ellipse for what the draws allow, or None."""
    spots = scatter.spots(r.listed)
    if not spots:
        return None
    points = []
    for material, spot in spots.items():
        risk, weight = (
            f"{name} {value:.1f} ({low:.1f}–{high:.1f})"
            for name, (value, low, high) in (("Supply risk", spot.risk), ("Economic importance", spot.importance))
        )
        hover = (risk, weight, f"Over both thresholds in {text.percent(spot.critical)} of the draws")
        places = {
            "y_low": spot.risk[1],
            "y_high": spot.risk[2],
            "x_low": spot.importance[1],
            "x_high": spot.importance[2],
        }
        marked = spot.critical > SURE
        points.append(
            figures.Point(mineral(material), spot.importance[0], spot.risk[0], hover, marked=marked, **places)
        )
    drawing = figures.matrix(points, "Economic importance", "Supply risk", IMPORTANT, RISKY)
    open_ = [mineral(m).lower() for m, spot in spots.items() if 1 - SURE < spot.critical < SURE]
    caption = (
        f"The EU's method on open data, for the minerals of {r.name}'s list: the EU's view, from the EU's sourcing."
        f" Each ellipse spans nine in ten of {DRAWS} draws of the inputs either way (shares, governance, substitution,"
        " recycling); dashed: the two thresholds. In the warm colour: over both in more than nine draws in ten."
    )
    if open_:
        caption += f" Undecided, between one and nine draws in ten: {text.joined(open_)}."
    top = sorted(spots.items(), key=lambda item: -item[1].risk[0])[:3]
    alt = f"Scatter of {text.count(len(spots), 'mineral')}; highest supply risk: " + text.joined(
        f"{mineral(m)} {spot.risk[0]:.1f}" for m, spot in top
    )
    return Figure("eu-matrix", drawing, caption, alt + ".", scatter.result.trace.sources, 680)


def sources(grid: Table) -> tuple[str, ...]:
    """Return the sources of the methods' columns."""
    return tuple(sorted(set(grid.cited())))


def chapter(r: CountryProfile) -> Chapter:
    """Return the chapter on lists and methods."""
    lists, union = rolls(), EuAssessment()
    third = r.result("crma-benchmarks")
    if union.result is not None:
        r.results[union.result.trace.method] = union.result
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        marks = [on(roll, material) for roll in lists]
        count = sum(mark.state is True for mark in marks)
        verdicts = (union.stated(material), union.own(material), benchmark(third, material))
        rows.append((mineral(material), *marks, count, *verdicts))
    grid = Table("verdicts", "Lists and methods", columns([roll.name for roll in lists]), tuple(rows), (NOTE,))
    scatter = Scatter()
    figure = matrix(r, scatter)
    lead = Sentence(
        f"What {r.name} follows is not what all others call critical. A list is a decision of a government; a method"
        " answers yes or no by its own thresholds. The EU's scores rest on the EU's sourcing and are shown as its view."
    )
    return Chapter(
        "verdicts", "Who calls it critical", ((lead, *parted(r, grid)),), (figure,) if figure else (), (grid,)
    )
