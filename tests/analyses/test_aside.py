import os
from functools import partial

import pytest

from khanij.core.errors import StudyError
from khanij.jobs import background as aside
from khanij.reference import money

refuse = partial(money.read, "lots")  # a function that every process can import


def test_without_workers_it_is_done_here_when_asked_for():
    with aside.beside({"pid": os.getpid, "bad": refuse}) as result:
        assert result("pid") == os.getpid()
        with pytest.raises(StudyError, match="no sum of money"):
            result("bad")


def test_with_workers_it_is_done_elsewhere_and_says_the_same():
    tasks = {"pid": os.getpid, "power": partial(pow, 2, 10), "bad": refuse}
    with aside.beside(tasks, 3) as result:
        assert result("power") == 1024
        assert result("pid") != os.getpid()
        with pytest.raises(StudyError, match="no sum of money") as refused:
            result("bad")
    assert refused.value.where == "budget"
    assert refused.value.hint


def test_tasks_beyond_the_workers_are_done_here():
    with aside.beside({"there": os.getpid, "here": os.getpid}, 1) as result:
        assert result("here") == os.getpid()
        assert result("there") != os.getpid()


def test_a_process_that_dies_is_an_error_of_three_lines():
    with aside.beside({"end": partial(os._exit, 3)}, 1) as result, pytest.raises(StudyError, match="died") as refused:
        result("end")
    assert refused.value.where == "end"
    assert refused.value.hint
