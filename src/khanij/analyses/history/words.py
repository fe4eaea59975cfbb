"""Ten years, mineral by mineral: what was spent, how concentrated suppliers were, how much the first of them gave."""

from __future__ import annotations

from khanij.analyses.history.decade import Decade
from khanij.analyses.profile.forms import GOODS, goods, main_stage, mineral, shown_form
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Cell, Key
from khanij.core.table import Column, Table
from khanij.present import text
from khanij.present.document import Chapter, Sentence

COLUMNS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("value", "Imports, USD thousand", "trend", "value of imports, current USD"),
    Column("hhi", "Import HHI", "trend", "concentration of import value by supplier: 0 many, 1 one"),
    Column("first", "First supplier's share", "trend", "share of import value of whoever was first in the year"),
    Column("breaks", "Breaks", "text", "from this year on the figures are of another kind"),
)
CLEAR = 0.05  # a change of the index that is worth a sentence


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
    decade = Decade(r.focal, r.year, r.listed)
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
    r.results[f"import-hhi-{first}-{last}"] = decade.results["import-hhi"]
    grid = Table("decade", f"{first} to {last}", COLUMNS, tuple(rows), (note,), long=len(rows) > 20)
    return Chapter("history", "Ten years", (tuple(lead + ([more] if more else [])),), (), (grid,))
