"""What disruption would cost: the dearest single stops, the loss curve, and one documented event month by month."""

from __future__ import annotations

from khanij.analyses import commands
from khanij.analyses.profile.forms import form, mineral
from khanij.analyses.profile.readings import Readings, place
from khanij.core.errors import CoverageError
from khanij.present import figures, names, text
from khanij.present.document import Cell, Chapter, Column, Figure, Grid, Number, Sentence
from khanij.simulate.loss.industries import Economy
from khanij.simulate.risk import ensemble as risks
from khanij.simulate.risk import single_stops as stress
from khanij.simulate.risk.single_stops import Stop
from khanij.simulate.supply import timeline as stories

SHOWN = 10
YEARS, SEED = 300, 0  # `khanij risk` simulates more; a brief has seconds
KUSD = 1e3
METHODS = (
    "Behaviour of buyers and sellers comes from published ranges of elasticities, fitted to two events; what stands"
    " still without a material rests on low-confidence ranges of substitution (docs: backtest, methods/market)."
)

COLUMNS = (
    Column("seller", "If this country stops", "text"),
    Column("good", "all exports of", "text"),
    Column("share", "Share of use", meaning="part of the focal country's use that it makes, re-exports traced back"),
    Column("shortage", "Goes without", meaning="part of a year's use not met once prices have cleared"),
    Column("price", "Price", meaning="what users pay a tonne, base year = 1"),
    Column("loss", "Cost", meaning="loss of gross domestic product in the year, with the range of what is least known"),
)


def _row(r: Readings, stop: Stop, sources: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return one stop as a row."""
    how = commands.line("shock", r.focal, ban=f"{stop.country}:{stop.material}:{stop.stage}", year=r.year)
    good = f"{mineral(stop.material)}, {form((stop.material, stop.stage))}"
    note = stop.partial or "range: substitution and the part of output that needs the material"

    def number(value: float, unit: str, **more: object) -> Number:
        return Number(value, unit, sources, confidence="low", how=how, **more)  # type: ignore[arg-type]

    return (
        place(stop.country),
        good,
        number(stop.share, "1"),
        number(stop.shortage, "1"),
        number(stop.price, "index"),
        number(stop.loss / KUSD, "kUSD", low=stop.low / KUSD, high=stop.high / KUSD, note=note),
    )


def _stops(r: Readings) -> tuple[list[Stop], tuple[str, ...], Economy | None]:
    """Return the dearest stops of listed minerals, the sources behind them, and the economy that they strike."""
    try:
        found, solver = stress.stops(r.focal, r.year, tuple(r.listed))
    except CoverageError:
        return [], (), None
    economy = next(iter(solver.stakes.values())).economy if solver.stakes else None
    sources = (*r.case.cube("trade").sources, *r.case.cube("production").sources, *(economy.sources if economy else ()))
    kept = [stop for stop in found if stop.solved and stop.loss > 0]
    return stress.ranged(kept[:SHOWN], solver), tuple(dict.fromkeys(sources)), economy


def _curve(r: Readings, sources: tuple[str, ...], money: str) -> tuple[Figure | None, list[Sentence]]:
    """Return the loss curve and what it says, or why there is none.

    money  what a loss is counted in, in words
    """
    try:
        found = risks.risk(r.focal, r.year, YEARS, SEED, materials=r.listed, pairs=False)
    except CoverageError as lacking:
        return None, [Sentence(f"No loss curve: {lacking.what}.")]
    rows = list(found.tables["curve"].rows())
    summary = {row["figure"]: row for row in found.tables["summary"].rows()}
    expected = summary.get("expected annual loss")
    if not rows or expected is None:
        return None, []
    column = [[row[name] for row in rows] for name in ("once in years", "loss", "low", "high")]
    column[1:] = [[None if v is None else v * 1e6 for v in values] for values in column[1:]]
    drawn = figures.exceedance(*column, "loss in a year, USD")
    tail = {row["once in years"]: row["loss"] for row in rows}
    worst = f"; once in a hundred years {text.dollars(tail[100.0] * KUSD)} or more" if tail.get(100.0) else ""
    left = len(found.tables["missing"]) if "missing" in found.tables else 0
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


def _story(r: Readings, sources: tuple[str, ...]) -> tuple[Figure | None, list[Sentence]]:
    """Return one documented event month by month, and what it says."""
    found = stories.latest(r.focal, r.year, tuple(r.listed))
    if found is None:
        return None, []
    lines = [
        ("had the deepest month lasted", found.lasted[2], found.lasted[1], found.lasted[0]),
        ("as it went", found.went[2], found.went[1], found.went[0]),
    ]
    drawn = figures.months(
        found.month, [(n, low.tolist(), best.tolist(), high.tolist()) for n, low, best, high in lines], "use not met"
    )
    name, good = (
        found.event.name,
        f"{mineral(found.network.material).lower()}, {form((found.network.material, found.stage))}",
    )
    short = next((month for month, part in zip(found.month, found.lasted[1], strict=True) if part > 0.05), None)
    worst = float(found.lasted[1].max())
    told = [
        Sentence(
            f"{name}, from {found.event.start:%d %B %Y}: {place(found.event.country)} makes"
            f" {text.percent(found.share)} of what {r.name} uses ({good}, {text.tonnes(found.use)} in {r.year})."
            f" The flow documented fell to {text.percent(float(found.flow.min()))} of the usual; at usual stocks users"
            + (f" would have run short in month {short}" if short else " would not have run short within the year")
            + f" had that lasted, then of {text.percent(worst)} of their use; as it went, of at most"
            f" {text.percent(float(found.went[1].max()))} in a month.",
            sources,
        )
    ]
    caption = (
        f"{name}: part of {r.name}'s use of {good} that is not met in each month, stocks and idle capacity at their"
        " best (line) and from low to high (band). Flows before prices answer: monthly, stocks first, rationing in"
        f" proportion, orders that move on. `khanij events show {found.event.id}` lists what was documented."
    )
    alt = (
        f"Two lines over {len(found.month)} months. Had it lasted, use not met reaches"
        f" {text.percent(worst)}; as it went, {text.percent(float(found.went[1].max()))}."
    )
    return Figure("story", drawn, caption, alt, sources, 480), told


def made(focal: str, year: int) -> Chapter | None:
    """Return the chapter from readings of its own, for another process."""
    return chapter(Readings(focal, year))


def chapter(r: Readings) -> Chapter | None:
    """Return the chapter on disruption, None where no listed mineral has a market to disturb."""
    stops, sources, economy = _stops(r)
    if not stops or economy is None:
        return None
    money = f"Loss of gross domestic product of {r.name}"
    if not economy.known:
        money = f"What users in {r.name} pay more, less what its makers receive more, in USD:"
    curve, risk = _curve(r, sources, money)
    story, month = _story(r, sources)
    first = stops[0]
    lead = Sentence(
        f"Of all sellers of listed minerals, {place(first.country)} could do most harm by stopping"
        f" {mineral(first.material).lower()} ({form((first.material, first.stage))}) for a year:"
        f" {text.dollars(first.loss / KUSD)}{' of gross domestic product' if economy.known else ''}, between"
        f" {text.dollars(first.low / KUSD)} and {text.dollars(first.high / KUSD)}"
        f"{'' if economy.known else f'; counted is {names.countries(first.partial)}'}.",
        sources,
    )
    grid = Grid(
        "stress",
        "The ten dearest single stops",
        COLUMNS,
        tuple(_row(r, stop, sources) for stop in stops),
        (METHODS, *economy.notes),
    )
    drawn = tuple(figure for figure in (curve, story) if figure)
    return Chapter("disruption", "What a disruption would cost", ((lead, *risk), tuple(month)), drawn, (grid,))
