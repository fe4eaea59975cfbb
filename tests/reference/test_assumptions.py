"""Assumptions: every row is read where it says, and what a request sets wins."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.core.case import from_arrays
from khanij.core.errors import StudyError
from khanij.reference.assumptions import assumed, assumed_range, assumptions, with_assumptions
from khanij.simulate.supply.physical import physical_shock

ROOT = reference.FOLDER.parent
POSITIONS = "_position"  # of a behaviour: one line of code reads all of them
KINDS = ("policy_", "lost_")  # of the process of decisions, of kinds of restriction: one line reads all of them


@pytest.mark.parametrize("id", sorted(assumptions()))
def test_a_row_is_read_where_it_says(id):
    row = assumptions()[id]
    assert row.used
    for module in row.used:
        text = (ROOT / f"{module}.py").read_text(encoding="utf-8")
        several = (id.endswith(POSITIONS) and POSITIONS in text) or any(
            id.startswith(kind) and f'f"{kind}{{' in text for kind in KINDS
        )
        assert f'"{id}"' in text or several or id == "offtake", module


@given(st.sampled_from(sorted(assumptions())), st.floats(0, 1))
def test_what_a_request_sets_wins_and_the_ends_are_gone(id, part):
    row = assumptions()[id]
    value = row.least + part * (row.most - row.least)
    case = from_arrays({"year": ("2024",)})
    asked = with_assumptions(case, {id: value})
    assert assumed(id, asked) == value
    assert tuple(assumed_range(id, asked)) == (value,) * 3
    assert assumed(id, case) == assumed(id) == row.range.best
    with pytest.raises(StudyError, match="not possible"):
        with_assumptions(case, {id: row.most + 1})


def test_the_settings_of_a_method_begin_at_the_table():
    usual = inspect.signature(physical_shock).parameters
    for name in ("rerouting", "refill"):
        assert usual[name].default == assumed(name)
