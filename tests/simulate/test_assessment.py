"""Risk of a made-up focus with a stub: full stops, one thing moved at a time, the same bytes from every executor."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.core.errors import StudyError
from khanij.jobs import executors
from khanij.reference.assumptions import assumptions, with_assumptions
from khanij.simulate.risk import assessment, sensitivity
from khanij.simulate.risk.ensemble import Execution

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import stubbed, unsolved, world
from toy_hazards import Stub

SCALE = {"low": 0.5, "high": 2.0}


def assess(years=3_000, seed=4, tornado=500, pairs=True, model=None, **execution):
    return assessment.assess(
        stubbed(years, seed, model),
        pairs=pairs,
        tornado=tornado,
        execution=Execution(**execution),
        assumed={"scale": "size of every loss"},
        model_at_end=lambda id, end: Stub(scale=SCALE[end]),
    )


def marks(found):
    """Return a hash of every number that was found."""
    digest = hashlib.sha256()
    for array in (found.losses.material, found.losses.event, found.base.drawn.year):
        digest.update(array.tobytes())
    for swing in found.swings:
        digest.update(repr((swing.assumption, swing.end)).encode() + swing.losses.material.tobytes())
    digest.update(repr((sorted(found.stops.single.items()), sorted(found.stops.pairs.items()))).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def found():
    return assess()


def test_full_stops_are_those_of_the_loss_model(found):
    # AAA: tin at two stages 3·2², lead -1; BBB: tin 3, zinc 2; CCC: zinc 2
    single = {key: loss / 1e6 for key, loss in found.stops.single.items()}
    assert single == pytest.approx(
        {("AAA", "tin"): 12, ("AAA", "lead"): -1, ("BBB", "tin"): 3, ("BBB", "zinc"): 2, ("CCC", "zinc"): 2}
    )
    pairs = {key: loss / 1e6 for key, loss in found.stops.pairs.items()}
    assert pairs == pytest.approx({("AAA", "BBB", "tin"): 27, ("BBB", "CCC", "zinc"): 8})
    assert assess(pairs=False, tornado=0).stops.pairs == {}


def test_the_tornado_moves_one_thing_at_a_time(found):
    base = found.losses.total[:500].mean()
    assert found.usual.total.mean() == pytest.approx(base)
    moved = {(swing.assumption, swing.end): swing.losses.total.mean() for swing in found.swings}
    assert {name for name, _ in moved} == {"scale", *sensitivity.HAZARD_ENDS}
    assert moved["scale", "low"] == pytest.approx(0.5 * base)
    assert moved["scale", "high"] == pytest.approx(2 * base)
    for name in ("chance", "severity"):
        assert moved[name, "low"] < base < moved[name, "high"]
    assert assess(tornado=0).usual is None


def test_workers_and_clusters_change_no_byte(found):
    assert marks(assess(workers=2)) == marks(found)
    assert marks(assess(executor="processes")) == marks(found)


def test_a_cluster_changes_no_byte(found):
    distributed = pytest.importorskip("dask.distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        assert marks(assess(executor=cluster)) == marks(found)


def test_another_seed_is_another_run(found):
    assert marks(assess(seed=5)) != marks(found)


def test_what_was_stopped_goes_on_from_its_chunks_and_no_others(found, tmp_path):
    folder = tmp_path / "part"

    def stop(progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assess(folder=folder, progress=stop)
    assert len(list(folder.glob("*.npz"))) == 5
    for other in ({"seed": 5}, {"model": Stub(scale=3.0)}, {"tornado": 400}):
        with pytest.raises(StudyError, match="another run"):
            assess(folder=folder, **other)
    first = []
    assert marks(assess(folder=folder, progress=first.append)) == marks(found)
    assert first[0].done == 5


def test_what_is_not_solved_has_no_loss():
    found = assess(years=500, seed=1, tornado=0, model=Stub(fails=2))
    assert 0 < np.isfinite(found.losses.total).mean() < 1
    assert np.isnan(found.stops.pairs["BBB", "CCC", "zinc"])
    assert np.isfinite(found.stops.single["BBB", "zinc"])


def test_more_years_for_the_tornado_than_there_are():
    with pytest.raises(StudyError, match="tornado"):
        assess(years=10, tornado=11)


def test_the_tornado_is_that_of_the_table_and_leaves_what_was_asked():
    table = {row.id for row in assumptions().values() if row.tornado}
    assert set(sensitivity.moved(world())) == table
    assert set(sensitivity.moved(with_assumptions(world(), {"psi": 0.2}))) == table - {"psi"}
    found = assessment.assess(unsolved(years=60), tornado=30)
    assert {swing.assumption for swing in found.swings} == {*table, *sensitivity.HAZARD_ENDS}


def test_every_assumption_of_the_tornado_makes_another_loss_model():
    base = unsolved(years=20)
    usual = executors.fingerprint(base.model)
    assert executors.fingerprint(unsolved(years=20).model) == usual
    for id in sensitivity.moved(base.case):
        low, high = (
            executors.fingerprint(sensitivity.at_end(base.case, base.model, id, end)) for end in ("low", "high")
        )
        assert low != high, id
