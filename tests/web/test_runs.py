"""Long runs: the same request is one run, its result outlives the server, and it can be stopped."""

import time

import pytest

from khanij.analyses import asked
from khanij.core.errors import StudyError
from khanij.jobs.ledger import RunLedger
from khanij.web import answers
from khanij.web.answers import Answers, Worker

SMALL = {"lists": "in-2023-30,eu-2023-crm"}


@pytest.fixture(params=["sqlite", "postgres"])
def path(request, tmp_path):
    return tmp_path / "runs.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")


def until(ledger, key, wanted, seconds=60):
    for _ in range(seconds * 20):
        if ledger.get(key).state in wanted:
            return ledger.get(key)
        time.sleep(0.05)
    raise AssertionError(ledger.get(key))


def test_a_result_outlives_the_server_and_is_not_made_twice(path, tmp_path):
    request = asked.named("compare", **SMALL)
    ledger = RunLedger(path)
    held = Answers(ledger, tmp_path / "parts")
    with pytest.raises(StudyError, match="takes long"):
        held.answer(request)
    work = held.begin(request)
    assert held.begin(request).key == work.key
    worker = Worker(held)
    worker.start()
    assert until(ledger, work.key, ("done", "failed")).state == "done"
    worker.stop()
    first = held.kept(request)
    ledger.close()
    again = Answers(RunLedger(path))
    answer = again.answer(request)
    assert answer.tables
    assert answer.tables == first.tables
    assert answer.hash == first.hash
    assert again.begin(request).state == "done"
    again.ledger.close()


def test_a_run_is_stopped_and_can_be_asked_again(path):
    ledger = RunLedger(path)
    held = Answers(ledger)
    work = held.begin(asked.named("risk", focus="IND", years=20_000))
    worker = Worker(held)
    worker.start()
    until(ledger, work.key, ("running",))
    assert ledger.cancel(work.key)
    worker.stop()
    assert ledger.get(work.key).state == "cancelled"
    assert not ledger.cancel(work.key)
    assert held.begin(asked.named("risk", focus="IND", years=20_000)).state == "waiting"
    ledger.close()


def test_what_ran_when_the_server_ended_waits_again(path):
    ledger = RunLedger(path)
    ledger.add("k", "risk", "focus=IND", "khanij risk IND")
    assert ledger.take().state == "running"
    assert ledger.take() is None
    ledger.tell("k", "half", 0.5)
    assert (ledger.get("k").said, ledger.get("k").part) == ("half", 0.5)
    ledger.close()
    again = RunLedger(path)
    assert again.get("k").state == "waiting"
    again.take()
    again.fail("k", "error: no")
    assert again.get("k").said == "error: no"
    assert again.add("k", "risk", "focus=IND", "khanij risk IND").state == "waiting"
    again.close()


def test_old_runs_are_forgotten_and_a_cancelled_one_takes_no_result():
    ledger = RunLedger(None)
    for n in range(5):
        ledger.add(f"k{n}", "risk", "", "")
        ledger.take()
        ledger.finish(f"k{n}", b"x")
    ledger.trim(2)
    assert len(ledger.newest()) == 2
    ledger.add("late", "risk", "", "")
    ledger.take()
    ledger.cancel("late")
    ledger.finish("late", b"x")
    assert ledger.result("late") is None


def test_too_many_runs_are_refused(monkeypatch):
    monkeypatch.setattr(answers, "QUEUE", 2)
    held = Answers(RunLedger(None))
    for years in (10, 20):
        held.begin(asked.named("risk", focus="IND", years=years))
    with pytest.raises(StudyError, match="wait already"):
        held.begin(asked.named("risk", focus="IND", years=30))
    assert held.begin(asked.named("risk", focus="IND", years=20)).state == "waiting"


def test_a_process_that_dies_is_told(monkeypatch):
    held = Answers(RunLedger(None))
    work = held.begin(asked.named("compare", **SMALL))
    monkeypatch.setattr(answers, "_answer", die)
    worker = Worker(held)
    worker.start()
    assert "without a word" in until(held.ledger, work.key, ("failed",)).said
    worker.stop()


def die(*_):
    """End a process at once."""
    import os

    os._exit(3)
