"""Money as people write it."""

import pytest

from khanij.core.errors import StudyError
from khanij.reference import money


@pytest.mark.parametrize(
    ("text", "usd"), [("1 USD", 1.0), ("2.5 billion USD", 2.5e9), ("84.6 crore INR", 1e7), ("1,000 million USD", 1e9)]
)
def test_sums_are_read(text, usd):
    amount, unit = money.read(text)
    assert unit.usd(amount) == pytest.approx(usd)
    assert unit.of(unit.usd(amount)) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("text", "amount"), [("34,300 crore INR", 34300), ("12,34,567.5 INR", 1234567.5), ("1 000 USD", 1000)]
)
def test_groups_of_digits_western_and_indian(text, amount):
    assert money.read(text)[0] == amount


@pytest.mark.parametrize(
    "text",
    ["", "crore INR", "5 dozen INR", "5 million XYZ", "-5 USD", "5 USD or so", "1,5 billion USD", "1,,,,5 USD"],
)
def test_what_is_no_money_is_refused(text):
    with pytest.raises(StudyError):
        money.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "34.300 crore INR",
        "1.500 billion USD",
        "1.000,5 USD",
        "9" * 400 + " USD",
        "1_000 USD",
        "٣ USD",
        "5 trillion" * 3,
        "99999999 trillion USD",
    ],
)
def test_what_may_be_two_sums_or_none_is_refused(text):
    with pytest.raises(StudyError):
        money.read(text)


def test_a_rate_says_where_it_is_from():
    assert "confidence low" in money.currency("INR", "crore").note
    assert money.currency("USD").note == "money in million USD"
