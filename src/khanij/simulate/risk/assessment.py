"""The risk of a focus: its simulated years, every full stop of one and two sellers, and what the loss hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from khanij.core.errors import StudyError
from khanij.simulate.risk import ensemble, sensitivity
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.hazards import Hazards
from khanij.simulate.risk.sensitivity import AtEnd, Sensitivity
from khanij.simulate.risk.years import Solved, YearLosses
from khanij.simulate.supply.disruption import Scenario

Stops = Mapping[str, tuple[tuple[tuple[str, ...], Scenario], ...]]
"""material -> (countries, scenario) of full stops of one or two sellers"""


@dataclass(frozen=True, slots=True)
class StopLosses:
    """Losses of full stops in USD by material, nan = not solved.

    single  (country, material) -> loss      pairs  (country, country, material) -> loss; where both sell the material
    """

    single: Mapping[tuple[str, str], float]
    pairs: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Risk:
    """What was simulated and solved.

    base     the baseline, solved      stops  what full stops of sellers cost
    swings   the first years of the same seed with one assumption at an end of its range; empty without a tornado
    usual    the same years at the usual assumptions; None without a tornado
    record   settings and fingerprint of the run, for a bundle
    """

    base: Baseline
    stops: StopLosses
    swings: tuple[Sensitivity, ...] = ()
    usual: YearLosses | None = None
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def losses(self) -> YearLosses:
        """Return the losses of the baseline by year."""
        assert self.base.losses is not None
        return self.base.losses


def assess(
    base: Baseline,
    *,
    pairs: bool = True,
    tornado: int = 0,
    execution: Execution | None = None,
    assumed: Mapping[str, str] | None = None,
    model_at_end: AtEnd | None = None,
) -> Risk:
    """Return the risk on a baseline that is not solved yet: everything is solved in one run.

    pairs    every pair of full stops too      tornado  years for each end of each assumption; 0 = none
    assumed  assumption -> meaning, and its loss model at an end, for the tornado; None = those of the table
    Raises StudyError for more years of the tornado than there are.
    """
    if tornado < 0 or tornado > base.years:
        raise StudyError(f"{tornado} years for the tornado", where="--tornado", hint=f"from 0 to {base.years}")
    execution = execution or Execution()
    simulations, swings = [base.simulation], []
    if tornado:
        simulations.append(ensemble.simulation(base.model, base.hazards, tornado, base.seed))
        listed = sensitivity.moved(base.case) if assumed is None else assumed
        at_end = model_at_end or (lambda id, end: sensitivity.at_end(base.case, base.model, id, end))
        swings = sensitivity.swings(base.simulation, listed, at_end, tornado, base.seed)
        simulations += [swing.simulation for swing in swings]
    settings = {"years": base.years, "seed": base.seed, "pairs": pairs, "tornado": tornado}
    execution = replace(execution, settings={**(execution.settings or {}), **settings})
    stops = full_stops(base.hazards, pairs)
    single = {material: [scenario for _, scenario in listed] for material, listed in stops.items()}
    answers, stopped = ensemble.solve(simulations, single, execution)
    yearly = [each.losses(part) for each, part in zip(simulations[1:], answers[1:], strict=True)]
    mark = ensemble.fingerprint(simulations, execution)
    return Risk(
        base=base.with_answers(answers[0]),
        stops=_stop_losses(stops, stopped),
        swings=tuple(
            Sensitivity(swing.assumption, swing.meaning, swing.end, loss)
            for swing, loss in zip(swings, yearly[1:], strict=True)
        ),
        usual=yearly[0] if yearly else None,
        record={**(execution.settings or {}), "fingerprint": mark, "notes": list(base.notes)},
    )


def full_stops(given: Hazards, pairs: bool) -> Stops:
    """Return the full stops of each seller of a material and, if asked, of each pair of sellers."""
    out = {}
    for material in given.materials:
        whole: dict[str, Scenario] = {}
        for h in given.of(material):
            country = given.country[h]
            whole[country] = (*whole.get(country, ()), (country, given.stage[h], 1.0))
        listed: list[tuple[tuple[str, ...], Scenario]] = [((c,), scenario) for c, scenario in sorted(whole.items())]
        if pairs:
            listed += [((a, b), whole[a] + whole[b]) for a, b in combinations(sorted(whole), 2)]
        out[material] = tuple(listed)
    return out


def _stop_losses(stops: Stops, answers: Mapping[str, Solved]) -> StopLosses:
    """Return the losses of full stops by countries and material."""
    single: dict[tuple[str, str], float] = {}
    double: dict[tuple[str, str, str], float] = {}
    for material, listed in stops.items():
        for (countries, _), loss in zip(listed, answers[material].losses.tolist(), strict=True):
            if len(countries) == 1:
                single[countries[0], material] = loss
            else:
                double[countries[0], countries[1], material] = loss
    return StopLosses(single, double)
