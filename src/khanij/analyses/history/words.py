"""Ten years, mineral by mineral: what was spent, how concentrated suppliers were, how much the first of them gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.analyses.history.decade import Decade
from khanij.analyses.history.tables import PARTS
from khanij.analyses.methods.words import figure
from khanij.analyses.profile.forms import GOODS, goods, main_stage, mineral, shown_form
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Cell, Key
from khanij.core.registry import Method, Variable
from khanij.core.table import Column, Table
from khanij.present import text
from khanij.present.document import Chapter, Sentence
from khanij.reference.names import country_name

COLUMNS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("value", "Imports", "trend", "value of imports, current USD"),
    Column("hhi", "Import HHI", "trend", "concentration of import value by supplier: 0 many, 1 one"),
    Column("first", "First supplier's share", "trend", "share of import value of whoever was first in the year"),
    Column("breaks", "Breaks", "text", "from this year on the figures are of another kind"),
)
NAMED = 3  # series named in a sentence
CLEAR = 0.05  # a change of the index that is worth a sentence


def series(method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return from what to what the series went that moved most, their extremes, and over how many breaks."""
    lines: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["material"], row["stage"]), []).append(row)
    known = {key: [row for row in line if row["value"] is not None] for key, line in lines.items()}
    ranked = sorted(known.items(), key=lambda item: -abs(item[1][-1]["value"] - item[1][0]["value"]))
    told = []
    for key, line in ranked[:NAMED]:
        first, last, top = line[0], line[-1], max(line, key=lambda row: row["value"])
        said = f"{' '.join(filter(None, key))} {figure(first, variable)} in {first['year']}"
        said += f", {figure(last, variable)} in {last['year']}" if len(line) > 1 else ""
        said += f", highest {figure(top, variable)} in {top['year']}" if top not in (first, last) else ""
        breaks = sum(bool(row["break"]) for row in lines[key])
        told.append(said + (f" over {text.count(breaks, 'break')} of the data" if breaks else ""))
    rest = len(ranked) - len(told)
    more = f"; {text.count(rest, 'other series', 'other series')} moved less" if rest else ""
    return [f"{method.id} of {country_name(focus)}: {'; '.join(told)}{more}."]


def changes(method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how far the indicator went where it moved most, and which part did most of it."""
    told = []
    for row in sorted(rows, key=lambda row: -abs(row["change"]))[:NAMED]:
        before, after = ({"value": row[key], "low": None, "high": None} for key in ("value_before", "value_after"))
        parts = {name: row[name] for name in PARTS if row[name]}
        most = max(parts, key=lambda name: abs(parts[name]), default="")
        why = f", most of it by {most} ({parts[most]:+.2g})" if most else f" ({row['notes']})" if row["notes"] else ""
        good = " ".join(filter(None, (row["material"], row["stage"])))
        told.append(f"{good} {figure(before, variable)} to {figure(after, variable)}{why}")
    span = f"{rows[0]['from_year']} to {rows[0]['to_year']}"
    return [f"{method.id} of {country_name(focus)}, {span}: {'; '.join(told)}."]


def keys(r: CountryProfile) -> tuple[Key, ...]:
    """Return the main form of each listed mineral, then the goods made of them."""
    main = [(m, stage) for m in r.listed if (stage := main_stage(r, m))]
    return (*main, *goods(r))


def told(r: CountryProfile, decade: Decade, shown: list[Key]) -> Sentence | None:
    """Return where concentration rose and fell most, series with a break left out."""
    moves = {key: move for key in shown if (move := decade.moved(key))}
    sources = tuple(sorted({s for key in moves for s in decade.lines(key)[1].sources}))
    up = sorted((k for k, v in moves.items() if v[1] - v[0] >= CLEAR), key=lambda k: moves[k][0] - moves[k][1])[:4]
    down = sorted((k for k, v in moves.items() if v[0] - v[1] >= CLEAR), key=lambda k: moves[k][1] - moves[k][0])[:4]
    if not up and not down:
        return None

    def named(key: Key) -> str:
        """Return "tungsten (0.20 to 0.35)"."""
        first, last, *_ = moves[key]
        name = shown_form(r, key) if key[1] in GOODS else mineral(key[0]).lower()
        return f"{name} ({text.index(first)} to {text.index(last)})"

    parts = [f"rose most for {text.joined(map(named, up))}"] if up else []
    parts += [f"fell most for {text.joined(map(named, down))}"] if down else []
    said = f"In the series without a break, the concentration of suppliers {' and '.join(parts)}."
    return Sentence(said, sources)


def chapter(r: CountryProfile) -> Chapter | None:
    """Return the chapter on the last ten years, None where nothing was bought."""
    shown = list(keys(r))
    if not shown:
        return None
    decade = Decade(r.focal, r.year, r.listed, r.set_aside)
    rows: list[tuple[Cell, ...]] = []
    for key in shown:
        lines = decade.lines(key)
        years = ", ".join(str(year) for year, _ in lines[0].breaks)
        rows.append((mineral(key[0]), shown_form(r, key), *lines, years))
    first, last = decade.years[0], decade.years[-1]
    lead = [
        Sentence(
            f"Each line runs from {first} to {last}: on its left the first known figure, on its right the last. A"
            " dotted upright is a break: from that year on other trade codes or another source stand behind the"
            " figures, so a step there is no event. Pointing at a line gives its figures and what changed."
        )
    ]
    more = told(r, decade, shown)
    note = (
        "Values are current US dollars: prices are in them. Forms whose trade codes enter the data only in the last"
        " year have a point and no line."
    )
    note += " Flows set aside are left out of every year." if r.set_aside else ""
    r.results[f"import-hhi-{first}-{last}"] = decade.results["import-hhi"]
    grid = Table("decade", f"{first} to {last}", COLUMNS, tuple(rows), (note,), long=len(rows) > 20)
    return Chapter("history", "Ten years", (tuple(lead + ([more] if more else [])),), (), (grid,))
