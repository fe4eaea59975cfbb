import inspect

import pytest

from khanij.core import errors
from khanij.core.errors import CoverageError, KhanijError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, KhanijError)]


def test_one_base_and_six_children():
    assert {kind.__name__ for kind in KINDS} == {
        "KhanijError", "SourceError", "ParseError", "UnitError", "AlignmentError", "CoverageError", "StudyError",
    }  # fmt: skip
    assert all(kind.__mro__[1] in (KhanijError, Exception) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_three_lines_what_where_hint(kind):
    raised = kind("no such year", where="--year", hint="1995 to 2024")
    assert raised.lines() == ("error: no such year", "where: --year", "hint:  1995 to 2024")
    assert str(raised) == "--year | no such year | try: 1995 to 2024"


def test_three_lines_even_when_less_is_known():
    lines = CoverageError("no facts").lines()
    assert lines == ("error: no facts", "where: -", "hint:  -")
    assert str(CoverageError("no facts")) == "no facts"
