"""A hand-made world with hazards, events and losses: AAA buys metal of BBB and CCC; a stub may answer for losses."""

from __future__ import annotations

from functools import cache

import numpy as np
from toy_hazards import Stub, hazards
from toy_markets import hand_economy, market

from khanij.simulate.risk import baseline, ensemble
from khanij.simulate.risk.baseline import Baseline

SELLERS = (("BBB", "tin", "refined", 0.25), ("CCC", "tin", "refined", 0.15), ("AAA", "tin", "refined", 0.3))


def world():
    """Return the Case: AAA uses 80 t, 15 of its own; BBB and CCC sell it the rest."""
    trade = np.zeros((4, 4))
    trade[1, 0], trade[2, 0], trade[1, 3] = 50.0, 15.0, 20.0
    return market({"refined": trade}, {"refined": [15.0, 90.0, 30.0, 0.0]}, value={"refined": 2.0})


def rates(sellers=SELLERS, **more):
    """Return hazards of the world's sellers, the focus's own among them."""
    return hazards(sellers=sellers, **more)


@cache
def shared(years):
    """Return a solved baseline that tests may share."""
    return solved(unsolved(years=years))


def unsolved(case=None, years=400, seed=3, given=None, **more):
    """Return the baseline of the world before any scenario is solved."""
    settings = {"materials": ("tin",), "min_share": 0.05} | more
    return baseline.on_hazards(case or world(), given or rates(), "2024", years, seed, **settings)


def solved(base, **execution):
    """Return a baseline with its answers."""
    return baseline.solved(base, ensemble.Execution(**execution))


def stubbed(years=3_000, seed=4, model=None, missing=None):
    """Return a baseline on hand-made hazards of three materials whose losses a stub gives."""
    given, model = hazards(), model or Stub()
    made = ensemble.simulation(model, given, years, seed)
    return Baseline(
        focus="ZZZ",
        year="2024",
        years=years,
        seed=seed,
        case=world(),
        model=model,
        economy=hand_economy(),
        hazards=given,
        drawn=made.drawn,
        batches={batch.material: batch for batch in made.batches},
        missing=missing or {},
        min_share=0.05,
        answers={},
    )
