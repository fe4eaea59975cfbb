"""What disruption would cost: the dearest single stops, the loss curve, and one documented event month by month."""

from __future__ import annotations

from khanij.analyses.inputs import cases
from khanij.analyses.profile.forms import form, mineral
from khanij.analyses.profile.readings import CountryProfile, country_name
from khanij.analyses.risk.figures import _curve
from khanij.analyses.risk.tables import COLUMNS, KUSD, METHODS, _row, _stops
from khanij.analyses.shock.figures import _story
from khanij.core.table import Table
from khanij.present import names, text
from khanij.present.document import Chapter, Sentence


def made(focal: str, year: int) -> Chapter | None:
    """Return the chapter from readings of its own, for another process."""
    return chapter(CountryProfile(cases.case(focal, year)))


def chapter(r: CountryProfile) -> Chapter | None:
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
    limit = Sentence(
        "Priced is only what is known of users: goods without use data are left out, which is not the same as no loss,"
        " and an order by money is an order of coverage too."
    )
    lead = Sentence(
        f"Of all sellers of listed minerals, {country_name(first.country)} could do most harm by stopping"
        f" {mineral(first.material).lower()} ({form((first.material, first.stage))}) for a year:"
        f" {text.dollars(first.loss / KUSD)}{' of gross domestic product' if economy.known else ''}, between"
        f" {text.dollars(first.low / KUSD)} and {text.dollars(first.high / KUSD)}"
        f"{'' if economy.known else f'; counted is {names.countries(first.partial)}'}.",
        sources,
    )
    grid = Table(
        "stress",
        "The ten dearest single stops among goods that can be priced",
        COLUMNS,
        tuple(_row(r, stop, sources) for stop in stops),
        (METHODS, *economy.notes),
    )
    drawn = tuple(figure for figure in (curve, story) if figure)
    return Chapter("disruption", "What a disruption would cost", ((limit, lead, *risk), tuple(month)), drawn, (grid,))
