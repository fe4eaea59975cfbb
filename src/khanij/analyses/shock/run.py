"""run"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from khanij.analyses.inputs import cases
from khanij.analyses.shock.tables import costs, effects, hit
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table
from khanij.reference import events
from khanij.simulate.loss import industries
from khanij.simulate.loss.shock import DRAWS, SEED, ShockResult, _answer, _stated, _untouched
from khanij.simulate.supply import disruption
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks


def struck_by(
    file: str | Path | None = None, ban: str = "", outage: str = "", tariff: str = "", year: int = 2024
) -> tuple[str, list[Disruption]]:
    """Return name and disruptions of an event (a file, or the id of a documented one) or of texts; see disruption.FORM.

    Raises StudyError for both, for neither, and for what is impossible, with the key path.
    """
    if file is not None and any((ban, outage, tariff)):
        raise StudyError("a file and a ban at once", where="shock", hint="one of them")
    if file is None:
        found = disruption.several(ban, outage, tariff, where="--", year=year)
        return disruption.describe(found), found
    path = Path(file)
    event = events.read(path) if path.suffix or path.exists() else events.find(str(file))
    if event.kind == "tariff":
        raise StudyError(
            "an event tells who raises a tariff, not whose exports bear which rate",
            where=f"{file}: kind",
            hint="--tariff CHN:graphite>USA=0.5",
        )
    worst = max(range(event.start.year, event.start.year + 3), key=lambda y: scenarios.lost(event, y))
    cut = scenarios.disruption(event, worst)
    if not cut.lost:
        raise StudyError(
            "the event's size is not known, so nothing is cut",
            where=f"{file}: size.cut",
            hint="give low, best and high",
        )
    return f"{event.name} (its effect on {worst})", [cut]


def shock(
    focus: str,
    struck: Sequence[Disruption],
    year: int = 2024,
    *,
    name: str = "",
    draws: int = DRAWS,
    seed: int = SEED,
    nodes: int = 24,
) -> ShockResult:
    """Return the answers of every network that a disruption strikes, for a focus.

    struck  what happens at once      year  base year      draws  of uncertain behaviour      nodes  countries named
    Raises CoverageError where no struck material has trade by mass.
    """
    case = cases.case(focus, year)
    code = case.axis("focus").codes[0]
    wanted = tuple(dict.fromkeys(m for d in struck for m in d.materials))
    named = {d.country for d in struck} | {c for d in struck for c in d.destinations}
    found = networks(case, wanted, str(year), nodes=nodes, named=named)
    found += _stated(case, code, [m for m in wanted if m not in {n.material for n in found}], str(year))
    if not found:
        raise CoverageError(
            f"no trade by mass of {', '.join(wanted)} in {year}",
            where="shock",
            hint="`khanij data` shows what is covered",
        )
    untouched = [*_untouched(found, struck)]
    if len(untouched) == sum(n.material in d.materials for d in struck for n in found):
        raise CoverageError(untouched[0], where="shock", hint=f"it has {', '.join(found[0].stages)}")
    table = industries.economy(case, code, str(year))
    notes = [*table.notes, *untouched]
    answers = tuple(_answer(case, code, network, struck, table, draws, seed) for network in found)
    absent = [m for m in wanted if m not in {n.material for n in found}]
    notes += [f"{m}: no trade by mass in {year}, so not counted" for m in absent]
    return ShockResult(
        code, year, name or disruption.describe(struck), tuple(struck), answers, draws, seed, tuple(notes), table.known
    )


def tables(found: ShockResult) -> list[Table]:
    """Return every table of a shock."""
    return [effects(found), costs(found), hit(found)]
