"""What happens to a focus in a disruption: an event or a text in, tables out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from khanij.analyses.inputs import cases
from khanij.analyses.shock.tables import costs, effects, hit
from khanij.core.errors import StudyError
from khanij.core.table import Table
from khanij.reference import events
from khanij.simulate.loss import shock as simulated
from khanij.simulate.loss.shock import DRAWS, SEED, ShockResult
from khanij.simulate.supply import disruption
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.disruption import Disruption


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
    """Return the answers of every network that a disruption strikes, for a focus; see simulate.loss.shock."""
    return simulated.shock(cases.case(focus, year), struck, year, name=name, draws=draws, seed=seed, nodes=nodes)


def tables(found: ShockResult) -> list[Table]:
    """Return every table of a shock."""
    return [effects(found), costs(found), hit(found)]
