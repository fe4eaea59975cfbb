import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.axis import Axis, sample
from khanij.core.errors import AlignmentError

codes = st.lists(st.text("abcde", min_size=1, max_size=5), unique=True, max_size=12)


def test_repeated_code_is_refused_and_named():
    with pytest.raises(AlignmentError, match="stands twice: cobalt"):
        Axis("material", ("cobalt", "nickel", "cobalt"))


@given(codes)
def test_every_code_is_found_at_its_own_position(listed):
    axis = Axis("material", tuple(listed))
    assert [axis.at(code) for code in listed] == list(range(len(axis)))
    assert axis.positions(listed).tolist() == list(range(len(axis)))
    assert all(code in axis for code in listed)


def test_unknown_code_says_what_the_axis_has():
    with pytest.raises(AlignmentError) as caught:
        Axis("year", ("2023", "2024")).at("2025")
    assert caught.value.where == "axis 'year'"
    assert "2023, 2024" in caught.value.hint


def test_absent_codes_are_marked_only_when_asked():
    axis = Axis("country", ("AUS", "CHL"))
    assert axis.positions(["CHL", "ZZZ"], missing=-1).tolist() == [1, -1]
    with pytest.raises(AlignmentError):
        axis.positions(["CHL", "ZZZ"])


def test_axes_are_frozen_and_equal_by_name_and_codes():
    axis = Axis("year", ("2023",))
    assert axis == Axis("year", ("2023",))
    assert axis != Axis("year", ("2024",))
    assert axis != Axis("month", ("2023",))
    with pytest.raises(AttributeError):
        axis.name = "month"


def test_long_lists_are_cut_in_messages():
    assert sample("abc") == "a, b, c"
    assert sample(map(str, range(20)), most=2) == "0, 1, … (20 in all)"
