"""The same bytes from one process, many, and a cluster; what was stopped goes on; what belongs to others is refused."""

from __future__ import annotations

import concurrent.futures as futures
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from khanij.core import rng
from khanij.core.errors import StudyError
from khanij.jobs import chunks, executors, workers

CHUNKS = tuple(range(7))
ROOT = str(Path(__file__).parents[2])


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    """Let workers import the functions of this module by the name under which pytest holds it."""
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.setenv("PYTHONPATH", ROOT, prepend=os.pathsep)


def work(chunk):
    draws = rng.stream(11, chunk).standard_normal((12, 12))
    return {"solved": np.linalg.solve(draws + 9 * np.eye(12), draws), "threads": np.array([chunk])}


def threads(chunk):
    return {"threads": np.array([int(os.environ.get(name, "0")) for name in workers.THREADS])}


def failing(chunk):
    raise StudyError("no such thing", where=f"chunk {chunk}", hint="another")


def dying(chunk):
    os._exit(3)


def same(one, other):
    def flat(found):
        return [(name, a.dtype.str, a.shape, a.tobytes()) for arrays in found for name, a in sorted(arrays.items())]

    return flat(one) == flat(other)


@pytest.fixture(scope="module")
def serial():
    return executors.run(work, CHUNKS)


def test_processes_give_the_same_bytes(serial):
    assert same(serial, executors.run(work, CHUNKS, workers=2))


def test_an_executor_of_the_caller_gives_the_same_bytes(serial):
    with futures.ThreadPoolExecutor(3) as pool:
        assert same(serial, executors.run(work, CHUNKS, executor=pool))


def test_a_cluster_gives_the_same_bytes(serial, tmp_path):
    distributed = pytest.importorskip("dask.distributed")
    made = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
    with made as cluster, distributed.Client(cluster) as client:
        assert same(serial, executors.run(work, CHUNKS, executor=client))
        assert same(serial, executors.run(work, CHUNKS, executor=cluster, folder=tmp_path / "a", mark="m"))
        assert same(serial, executors.run(work, CHUNKS, executor=cluster.scheduler_address))
        with pytest.raises(StudyError, match="no such thing"):
            executors.run(failing, CHUNKS, executor=client)


def test_a_cluster_is_made_by_name(serial):
    pytest.importorskip("dask.distributed")
    assert same(serial, executors.run(work, CHUNKS, workers=2, executor="dask"))


def test_workers_do_linear_algebra_on_one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    (found,) = executors.run(threads, (0,), executor="processes")
    assert (found["threads"] == 1).all()
    assert os.environ["OMP_NUM_THREADS"] == "5"


def test_a_problem_in_a_worker_keeps_its_three_lines():
    with pytest.raises(StudyError) as refused:
        executors.run(failing, (4,), executor="processes")
    assert refused.value.lines() == ("error: no such thing", "where: chunk 4", "hint:  another")


def test_a_worker_that_dies_is_said():
    with pytest.raises(StudyError, match="died"):
        executors.run(dying, (0,), executor="processes")


def test_no_chunks_no_work():
    assert executors.run(work, ()) == []
    assert executors.run(work, (), workers=2) == []


@pytest.mark.parametrize("executor", ["threads", 5, "dusk"])
def test_an_unknown_executor_is_refused(executor):
    with pytest.raises(StudyError, match="no executor"):
        executors.run(work, CHUNKS, executor=executor)


def test_workers_are_counted_from_one():
    with pytest.raises(StudyError, match="0 workers"):
        executors.run(work, CHUNKS, workers=0)


@dataclass
class Stopping:
    """Works until it is interrupted."""

    after: int

    def __call__(self, chunk):
        if chunk == self.after:
            raise KeyboardInterrupt
        return work(chunk)


def test_a_stopped_run_goes_on_byte_for_byte(serial, tmp_path):
    folder, heard = tmp_path / "run", []
    with pytest.raises(KeyboardInterrupt):
        executors.run(Stopping(4), CHUNKS, folder=folder, mark="x")
    assert len(list(folder.glob("*.npz"))) == 4
    done = executors.run(work, CHUNKS, folder=folder, mark="x", progress=heard.append)
    assert same(serial, done)
    assert heard[0].done == 4
    assert heard[-1].part == 1.0
    other = tmp_path / "other"
    executors.run(work, CHUNKS, folder=other, mark="x")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    assert all((folder / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_finished_run_is_read_and_not_done_again(serial, tmp_path):
    executors.run(work, CHUNKS, folder=tmp_path / "run", mark="x")
    assert same(serial, executors.run(failing, CHUNKS, folder=tmp_path / "run", mark="x"))


def test_a_torn_chunk_is_made_again(serial, tmp_path):
    executors.run(work, CHUNKS, folder=tmp_path, mark="x")
    for name, cut in (("00002.npz", 60), ("00005.npz", 0)):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
    assert same(serial, executors.run(work, CHUNKS, folder=tmp_path, mark="x"))


def test_another_run_is_refused_with_three_lines(tmp_path):
    executors.run(work, CHUNKS, folder=tmp_path / "run", mark="x")
    for mark, cut in (("y", CHUNKS), ("x", CHUNKS[:3])):
        with pytest.raises(StudyError) as refused:
            executors.run(work, cut, folder=tmp_path / "run", mark=mark)
        assert "another run" in refused.value.lines()[0]
        assert len(refused.value.lines()) == 3
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StudyError, match="something else"):
        executors.run(work, CHUNKS, folder=tmp_path / "mine", mark="x")


SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
from khanij.jobs import executors

def slow(chunk):
    time.sleep(0.3)
    return {"n": np.array([chunk])}

if __name__ == "__main__":
    tell = lambda p: print(p.done, flush=True)
    executors.run(slow, range(100), workers=2, folder=Path(sys.argv[1]), mark="s", progress=tell)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_from_the_keyboard_leaves_finished_chunks(tmp_path):
    script, folder = tmp_path / "slow.py", tmp_path / "run"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while int(process.stdout.readline()) < 3:
        pass
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    start = time.monotonic()
    assert process.wait(timeout=30) != 0
    assert time.monotonic() - start < 10
    process.stdout.close()
    kept = sorted(folder.glob("[0-9]*.npz"))
    assert 3 <= len(kept) < 60
    assert not list(folder.glob(".*"))
    for path in kept:
        with np.load(path) as file:
            assert file["n"][0] == int(path.stem)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_while_workers_start_leaves_no_traceback(tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(SCRIPT.replace("executors.run(", "print(0, flush=True); executors.run("))
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdout.readline()
    time.sleep(0.15)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert said.count("Traceback") <= 1, said  # of the script itself, which does not catch it


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    script, folder = tmp_path / "slow.py", tmp_path / "run"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while int(process.stdout.readline()) < 2:
        pass
    group = process.pid
    process.kill()
    process.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)  # is anybody left of it?
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        os.killpg(group, signal.SIGKILL)
        pytest.fail("a worker outlived its parent")
    process.stdout.close()


def test_only_chunks_are_forgotten(tmp_path):
    executors.run(work, CHUNKS, folder=tmp_path / "run", mark="x")
    (tmp_path / "run" / "letter.txt").write_text("dear")
    chunks.forget(tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["letter.txt"]
    executors.run(work, CHUNKS, folder=tmp_path / "other", mark="x")
    chunks.forget(tmp_path / "other")
    assert not (tmp_path / "other").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "00001.npz").write_text("not ours without a mark")
    chunks.forget(tmp_path / "mine")
    assert (tmp_path / "mine" / "00001.npz").exists()


def test_the_time_left_follows_the_weights():
    heard = []
    executors.run(work, (0, 1), weights=(1.0, 3.0), progress=heard.append)
    assert [round(p.part, 2) for p in heard] == [0.0, 0.25, 1.0]
    assert heard[0].left is None
    assert heard[1].left == pytest.approx(3 * heard[1].seconds)
    assert heard[2].left == 0


@dataclass(frozen=True)
class Thing:
    name: str
    numbers: np.ndarray


@dataclass
class Own:
    fingerprint: str


def test_a_fingerprint_sees_every_difference():
    mark = executors.fingerprint
    values = [
        (1,),
        (1.0,),
        ("1",),
        (None,),
        (True,),
        ("a", "b"),
        ("ab",),
        (("a",), "b"),
        ({"a": 1},),
        ({"a": 2},),
        (np.array([1, 2]),),
        (np.array([1.0, 2.0]),),
        (np.array([[1, 2]]),),
        (Thing("a", np.arange(3)),),
        (Thing("a", np.arange(4)),),
        (work,),
        (failing,),
        (partial(work, 1),),
        (Own("x"),),
        (Own("y"),),
    ]
    assert len({mark(*value) for value in values}) == len(values)
    assert mark({"a": 1, "b": 2}) == mark({"b": 2, "a": 1})
    assert mark(Thing("a", np.arange(3))) == mark(Thing("a", np.arange(3)))


@pytest.mark.parametrize("value", [object(), lambda x: x, np.array([object()])])
def test_what_has_no_fingerprint_is_refused(value):
    with pytest.raises(StudyError, match="fingerprint"):
        executors.fingerprint(value)
