"""The baseline of a focus: what risk, measures, partners and plans stand on. Asked for twice it is solved once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.analyses.question import Job
from khanij.analyses.simulated import StatedChance, SimulatedRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.reference import official_lists as official
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.hazards import Prior

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

    materials  ids; those of the request if none, else the official list that counts for the focus
    partners   countries that every network is to name
    Raises CoverageError where no material has both a hazard and a market model.
    """
    wanted = tuple(dict.fromkeys(materials)) or request.material or listed(case)
    named, told = tuple(partners), tuple(one.model_dump_json() for one in request.priors)
    key = (_identity(case), request.years, request.seed, wanted, named, told)
    if key not in _solved:
        job = job or Job()
        priors = tuple(map(prior, request.priors))
        execution = Execution(job.workers, job.executor, progress=job.progress)
        base = _prepare(case, request.years, request.seed, materials=wanted, partners=named, priors=priors)
        while len(_solved) >= KEPT:
            del _solved[next(iter(_solved))]
        _solved[key] = (case, simulated.solved(base, execution))
    return _solved[key][1]


def listed(case: Case) -> tuple[str, ...]:
    """Return the minerals of a Case that are on the official list that counts for its focus; all if none is."""
    held = case.axis("material").codes
    chosen = tuple(m for m in _alike(case) if m in held)
    return chosen or tuple(held)


def prior(one: StatedChance) -> Prior:
    """Return a stated chance as hazards take it."""
    return Prior(one.country, one.material, one.stage, one.probability, one.weight, one.kind, one.cut)


def prepare(focus: str, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus, solved in this process; see unsolved()."""
    return simulated.solved(unsolved(focus, *span, **more))


def unsolved(
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    **more: Any,
) -> Baseline:
    """Return the baseline of a focus before any scenario is solved.

    year  base year of trade and output      years, seed  simulated years and their seed
    materials  ids; all if None      more  partners, priors, min_share and fill of simulate.risk.baseline.prepare
    Raises CoverageError where no material has both a hazard and a market model.
    """
    return _prepare(cases.case(focus, year), years, seed, materials=materials, **more)


def _prepare(case: Case, years: int, seed: int, **more: Any) -> Baseline:
    """Return the baseline of a Case before any scenario is solved; a hand-made one has no trade codes to tell of."""
    year = case.axis("year").codes[-1]
    if case.manifest:
        more["uncovered"] = codes(int(year)).unweighed
    return simulated.prepare(case, year, years, seed, alike=_alike(case), **more)


def _alike(case: Case) -> Collection[str]:
    """Return the official list that counts for the focus of a Case; none for a made-up focus."""
    try:
        return official.minerals(case.axis("focus").codes[0], int(case.axis("year").codes[-1]))
    except CoverageError:
        return ()


def _identity(case: Case) -> Hashable:
    """Return what tells a Case from others: hash of its facts, axes, what it assumes; a hand-made one is itself."""
    axes = tuple((name, case.axis(name).codes) for name in ("focus", "year", "material"))
    return (case.manifest or id(case), axes, tuple(sorted(case.assumptions.items())))
