"""What disruption would cost: single stops by shortage and by loss, the loss curve, and one event month by month."""

from __future__ import annotations

from dataclasses import replace

from khanij.analyses.inputs import baseline, cases
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import Answer, ask, find, request_of
from khanij.analyses.shock import figures, tables, timeline, words
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.present.document import Chapter, Figure, Sentence

YEARS, SEED = 300, 0  # `khanij risk` simulates more; a brief has seconds
SHOWN = 20  # stops: the first ten by shortage and by loss


def made(focal: str, year: int) -> Chapter | None:
    """Return the chapter from readings of its own, for another process."""
    return chapter(CountryProfile(cases.case(focal, year)))


def chapter(r: CountryProfile) -> Chapter | None:
    """Return the chapter on disruption, None where no listed mineral has a market to disturb."""
    try:
        answer = _risk(r)
    except CoverageError:
        return None
    grids = {table.key: table for table in answer.tables}
    stops = replace(grids["stops"], cells=grids["stops"].cells[:SHOWN]) if "stops" in grids else None
    event, month = _event(r)
    return Chapter(
        "disruption",
        "What a disruption would cost",
        (tuple(Sentence(said, answer.sources) for said in answer.findings), tuple(month)),
        (*answer.figures, *event),
        tuple(grid for grid in (stops, grids.get("not_priced")) if grid),
    )


def _risk(r: CountryProfile) -> Answer:
    """Return the risk of the listed minerals over a few hundred years."""
    asked = {"focus": r.focal, "year": r.year, "years": YEARS, "seed": SEED, "material": list(r.listed), "pairs": False}
    return ask(request_of(find("risk")).of(asked), case=r.case)


def _event(r: CountryProfile) -> tuple[list[Figure], list[Sentence]]:
    """Return the newest documented event that the country's use leans on most, drawn and in a sentence."""
    told = timeline.latest(r.case, r.year, r.listed)
    if told is None:
        return [], []
    sources = baseline.sources(r.case)
    months: Table = tables.months(told, r.focal, sources)
    return [figures.timeline(told, r.focal, months)], [Sentence(words.event(told, r.focal, r.year), sources)]
