"""The band of simulated years: what each source adds, what is looked up, and the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.simulate.risk import assessment, band, ensemble
from khanij.simulate.risk.band import SOURCES, USUAL, Alternative, alternatives

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import stubbed
from toy_hazards import Stub, hazards

GOODS = (("tin", "mined"), ("tin", "refined"), ("zinc", "mined"), ("lead", "mined"))
LEVELS = (0.9, 0.99)


def assess(years=2_000, model=None, record=None, **more):
    base = stubbed(years, 4, model)
    return assessment.assess(base, pairs=False, others=alternatives(base, record), **more)


def lost(*draws):
    """Return draws of the stop of each good, as parts of the usual one."""
    return {good: 1e7 * np.array([1.0, *draws]) for good in GOODS}


@pytest.fixture(scope="module")
def found():
    return assess(record=hazards(probability=np.full(6, 0.5)))


def test_alternatives_cost_what_their_years_cost_if_solved_afresh(found):
    kinds = [(one.structure, one.chance) for one in found.others]
    assert kinds == [(USUAL, "low"), (USUAL, "high"), (band.INDEPENDENT, ""), (band.RECORD, "")]
    for one in found.others:
        (answers,), _ = ensemble.solve([one.simulation], {}, ensemble.Execution())
        assert one.losses.material.tobytes() == one.simulation.losses(answers).material.tobytes()
    known = {m: {row.tobytes() for row in batch.level} for m, batch in found.base.batches.items()}
    fresh = band.unsolved(found.base, found.others)
    drawn = {(b.material, row.tobytes()) for one in found.others[:3] for b in one.simulation.batches for row in b.level}
    assert sum(map(len, fresh.values())) == sum(row not in known[material] for material, row in drawn) > 0


def test_each_source_alone_moves_what_it_is(found):
    made = band.band(found.base, found.others, lost(0.5, 2.0), LEVELS)
    low, high = made.alone["parameters"][0]
    ends = {one.chance: one.losses.total.mean() for one in found.others[:2]}
    assert 0.4 * ends["low"] < low < 0.6 * found.losses.total.mean() < 1.8 * found.losses.total.mean() < high
    assert high < 2.2 * ends["high"]
    spread = found.losses.total.std() / np.sqrt(len(found.losses.total))
    assert np.ptp(made.alone["sampling"][0]) == pytest.approx(2 * 1.2816 * spread, rel=0.25)
    means = {one.losses.total.mean() for one in found.others[2:]} | {found.losses.total.mean()}
    assert set(made.alone["structure"][0]) <= means
    assert np.ptp(made.whole[0]) > max(np.ptp(made.alone[source][0]) for source in ("structure", "sampling"))
    assert sum(made.share[source] for source in SOURCES) == pytest.approx(1.0)
    assert made.of("VaR", 0.99) == tuple(made.whole[made.figures.index(("VaR", 0.99))])


def test_no_doubt_is_no_band():
    solved = assessment.assess(stubbed(500, 4), pairs=False)
    made = band.band(solved.base, (), lost(1.0, 1.0), LEVELS)
    assert np.ptp(made.alone["parameters"], axis=1) == pytest.approx(0)
    assert np.ptp(made.alone["structure"], axis=1) == pytest.approx(0)
    assert np.ptp(made.alone["sampling"][0]) > 0


def test_a_loss_moves_no_further_than_the_stop_of_its_good():
    ratio, most = band._ratios(GOODS, lost(3.0) | {("lead", "mined"): np.array([-1.0, 5.0])})
    assert ratio[0].tolist() == [3.0, 3.0, 3.0, 1.0]  # nothing is known of how a gain moves
    assert most[0].tolist() == [3e7, 3e7, 3e7, np.inf]
    assert band._ratios(GOODS, {("tin", "mined"): np.array([1.0, np.nan])})[0].tolist() == [[1.0] * 4]


def test_same_seed_same_band_and_years_that_were_not_solved_are_left_out(found):
    twice = [band.band(found.base, found.others, lost(0.5, 2.0), LEVELS) for _ in range(2)]
    assert twice[0].whole.tobytes() == twice[1].whole.tobytes()
    workers = assess(record=hazards(probability=np.full(6, 0.5)), execution=ensemble.Execution(workers=2))
    assert [o.losses.total.tobytes() for o in workers.others] == [o.losses.total.tobytes() for o in found.others]
    part = assess(200, Stub(fails=2))
    assert np.isnan(part.losses.total).any()
    assert np.isfinite(band.band(part.base, part.others, lost(0.5), LEVELS).whole).all()
    unsolved = Alternative(USUAL, "low", part.others[0].simulation)
    assert band.band(part.base, (unsolved,), lost(0.5), LEVELS).structures == (USUAL,)
