"""The baseline of a focus: what risk, measures, partners and plans stand on. Asked for twice it is solved once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.analyses.question import Job
from khanij.analyses.simulated import SimulatedRequest, StatedChance
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.reference import official_lists as official
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk import not_modelled
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_cause.cause_hazards import CAUSES
from khanij.simulate.risk.by_record.hazards import Hazards, Prior
from khanij.simulate.risk.ensemble import Execution

SOURCED = ("trade", "trade_value", "production", "price")  # quantities whose sources stand behind every loss
KEPT = 4  # solved baselines at hand: those that the requests of one study share
_solved: dict[Hashable, tuple[Case, Baseline]] = {}


def of_request(
    request: SimulatedRequest,
    case: Case,
    job: Job | None = None,
    *,
    materials: Iterable[str] = (),
    partners: Iterable[str] = (),
) -> Baseline:
    """Return the solved baseline of a request; one that another request of the same scope has solved is that one.

    materials  ids; those of the request if none, else those that listed() names
    partners   countries that every network is to name
    Raises CoverageError where no material has both a hazard and a market model.
    """
    wanted = tuple(dict.fromkeys(materials)) or request.material or listed(case, request.focus, request.year)
    named, told = tuple(partners), tuple(one.model_dump_json() for one in request.priors)
    key = (_identity(case), request.years, request.seed, wanted, named, told, request.hazards)
    if key not in _solved:
        job = job or Job()
        execution = Execution(job.workers, job.executor, progress=job.progress)
        focus, year = case.axis("focus").codes[0], int(case.axis("year").codes[-1])
        chances = tuple(map(prior, request.priors))
        base = on_case(
            case,
            focus,
            year,
            request.years,
            request.seed,
            materials=wanted,
            partners=named,
            priors=chances,
            causes=request.hazards == "causes",
        )
        while len(_solved) >= KEPT:
            del _solved[next(iter(_solved))]
        _solved[key] = (case, simulated.solved(base, execution))
    return _solved[key][1]


def prior(one: StatedChance) -> Prior:
    """Return a stated chance as hazards take it."""
    return Prior(one.country, one.material, one.stage, one.probability, one.weight, one.kind, one.cut)


def _identity(case: Case) -> Hashable:
    """Return what tells a Case from others: hash of its facts, axes, what it assumes; a hand-made one is itself."""
    axes = tuple((name, case.axis(name).codes) for name in ("focus", "year", "material"))
    return (case.manifest or id(case), axes, tuple(sorted(case.assumptions.items())))


def prepare(focus: str, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus from facts in the store, solved in this process; see unsolved()."""
    return simulated.solved(unsolved(focus, *span, **more))


def unsolved(focus: str, year: int = 2024, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus from facts in the store before any scenario is solved; see on_case()."""
    return on_case(cases.case(focus, year), focus, year, *span, **more)


def on_case(
    case: Case,
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    **more: Any,
) -> Baseline:
    """Return the baseline of a Case's focus before any scenario is solved.

    focus  whose official list says which other materials a chance leans on
    year   base year of trade and output      years, seed  simulated years and their seed
    materials  ids; all of the Case if None      more  partners, priors, min_share and fill of simulate.risk.baseline
    Raises CoverageError where no material has both a hazard and a market model.
    """
    return simulated.prepare(
        case,
        str(year),
        years,
        seed,
        materials=materials,
        alike=_official(focus, year),
        uncovered=uncovered(case, year),
        **more,
    )


def on_record(base: Baseline, case: Case) -> Hazards | None:
    """Return falls on record beside a baseline by cause, None where there is no record; see simulate.risk.baseline."""
    by_cause = any(kind in CAUSES for kind in base.hazards.kind)
    return simulated.on_record(base, case, _official(base.focus, int(base.year))) if by_cause else None


def _official(focus: str, year: int) -> tuple[str, ...]:
    """Return the official list that counts for a focus; none for a made-up one."""
    try:
        return official.minerals(focus, year)
    except CoverageError:
        return ()


def listed(case: Case, focus: str = "", year: int = 0) -> tuple[str, ...]:
    """Return the minerals that a question is about where it names none.

    They are those of the official list that counts for the focus; all of a Case that does not hold the whole list, as
    one made by hand.
    """
    told = (focus or case.axis("focus").codes[0], year or int(case.axis("year").codes[-1]))
    wanted, held = _official(*told), case.axis("material")
    return wanted if wanted and all(material in held for material in wanted) else held.codes


def uncovered(case: Case, year: int) -> Callable[[str], str]:
    """Return material -> why its trade is not known in tonnes: by trade codes, or no reason for a Case made by hand."""
    if not case.manifest:
        return lambda material: not_modelled.NOT_COVERED
    return lambda material: codes(year).unweighed(material)


def sources(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of trade, values, output and prices of a Case."""
    held = (case.cube(name).sources for name in SOURCED if name in case.cubes)
    return tuple(dict.fromkeys(source for listed in held for source in listed))
