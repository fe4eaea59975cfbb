"""Numbers as people write them: read rightly in every way of writing, or refused; never another number."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.reference import numerals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1250", 1250), ("1250.5", 1250.5), ("1250,5", 1250.5), ("1250,500", 1250.5), ("0.125", 0.125),
        ("0,125", 0.125),
        ("1,250.5", 1250.5), ("1.250,5", 1250.5), ("1,250,000", 1250000), ("1.250.000", 1250000), ("1 250.5", 1250.5),
        ("1\u00a0250,5", 1250.5), ("1\u202f250", 1250), ("1'250.5", 1250.5), ("12,34,567.5", 1234567.5), ("-3", -3),
        ("1.25e3", 1250), ("1,25E+03", 1250), ("1.250E3", 1250), ("\u221212", -12), (" 7 ", 7), ("1 250,500", 1250.5),
    ],
)  # fmt: skip
def test_what_can_be_read_in_one_way_is_read(text, value) -> None:
    assert numerals.read(text) == value


@pytest.mark.parametrize("text", ["1.250", "1,250", "12.345", "999,999"])
def test_what_can_be_read_in_two_ways_is_refused(text) -> None:
    with pytest.raises(ValueError, match="may be"):
        numerals.read(text)


def test_a_file_or_a_text_may_tell_which_mark_is_the_point() -> None:
    assert numerals.read("1.250", point=True) == 1.25
    assert numerals.read("34,300", point=True, grouped=True) == 34300
    assert numerals.read("34,300.25", point=True, grouped=True) == 34300.25
    with pytest.raises(ValueError, match="may be"):
        numerals.read("1,250", point=True)
    for text in ("1,5", "1,,,,5", "1.250,5"):
        with pytest.raises(ValueError, match=r"no number|no group"):
            numerals.read(text, point=True, grouped=True)


@pytest.mark.parametrize(
    "text",
    ["", " ", "1_250", "n/a", "-", "inf", "nan", "0x10", "1e999", "9" * 400, "1.2.3", "1,2,3", "1,25,0", "12 34",
     "1..5",
     "१२", "１２", "$5", "5 t", "1.", ".5", "+-3", "1e5000", "--1", "1 250 5", "=1+1", "TRUE"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"no number|too large|blank"):
        numerals.read(text)


@given(st.decimals(0, 10**11, places=2, allow_nan=False), st.sampled_from([",.", ".,", " .", "\u00a0,", "'."]))
def test_every_usual_way_of_writing_gives_the_number(value, marks) -> None:
    group, decimal = marks
    written = f"{value:,.2f}".replace(",", "#").replace(".", decimal).replace("#", group)
    assert numerals.read(written) == float(value)


@given(st.text("0123456789.,- eE'\u00a0", max_size=14))
def test_any_text_is_a_number_that_stands_in_it_or_refused(text) -> None:
    try:
        value = numerals.read(text)
    except ValueError:
        return
    mantissa = re.split("[eE]", text)[0]
    digits = "".join(character for character in mantissa if character.isdigit()).strip("0")
    assert "".join(map(str, Decimal(repr(value)).as_tuple().digits)).strip("0") == digits
