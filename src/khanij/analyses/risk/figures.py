"""figures"""

from __future__ import annotations

from khanij.analyses import commands
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.risk import run
from khanij.analyses.risk.tables import KUSD, SEED, YEARS
from khanij.core.errors import CoverageError
from khanij.present import figures, text
from khanij.present.document import Figure, Sentence


def _curve(r: CountryProfile, sources: tuple[str, ...], money: str) -> tuple[Figure | None, list[Sentence]]:
    """Return the loss curve and what it says, or why there is none.

    money  what a loss is counted in, in words
    """
    try:
        found = run.risk(r.focal, r.year, YEARS, SEED, materials=r.listed, pairs=False)
    except CoverageError as lacking:
        return None, [Sentence(f"No loss curve: {lacking.what}.")]
    made = run.tables(found)
    rows = list(made["curve"].rows())
    summary = {row["figure"]: row for row in made["summary"].rows()}
    expected = summary.get("expected annual loss")
    if not rows or expected is None:
        return None, []
    column = [[row[name] for row in rows] for name in ("once in years", "loss", "low", "high")]
    column[1:] = [[None if v is None else v * 1e6 for v in values] for values in column[1:]]
    drawn = figures.exceedance(*column, "loss in a year, USD")
    tail = {row["once in years"]: row["loss"] for row in rows}
    worst = f"; once in a hundred years {text.dollars(tail[100.0] * KUSD)} or more" if tail.get(100.0) else ""
    left = len(found.base.missing)
    balance = expected["value"] * KUSD
    verb, why = ("cost", "") if balance >= 0 else ("bring", ", for its makers gain more than its users lose")
    told = [
        Sentence(
            f"Over {YEARS:,} simulated years the listed minerals {verb} {r.name} on average"
            f" {text.dollars(abs(balance))} a year (standard error"
            f" {text.dollars((expected['standard error'] or 0.0) * KUSD)}){why}{worst}."
            + (f" {left} listed minerals are not in it, for want of trade by mass or of a record." if left else ""),
            sources,
        )
    ]
    caption = (
        f"{money} from falls of other countries' exports of listed minerals: how"
        f" large a year's loss is exceeded how rarely; {YEARS:,} years, seed {SEED}. The band is the simulation's own"
        " uncertainty, not that of its assumptions;"
        f" `{commands.line('risk', r.focal, year=r.year)}` runs more years."
    )
    said = ", ".join(f"once in {row['once in years']:g} years {text.dollars(row['loss'] * KUSD)}" for row in rows[:6:2])
    return Figure("loss-curve", drawn, caption, f"Line rising with rarity: {said}.", sources, 480), told
