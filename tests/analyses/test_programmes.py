import pytest

from khanij.analyses.plan import programme
from khanij.analyses.plan import programme as programmes
from khanij.core.errors import StudyError


def test_a_programme_is_its_outlay_on_record_over_the_years_its_facts_name():
    found = programmes.asked("IND", plan=True)
    assert found.amount == 34300.0
    parts = sum(programme.ceilings("IND", "crore INR")[1].values())
    assert found.amount - 100 == parts  # of budget support of 2,600 crore, 100 are in no component
    assert "34,200 crore INR of 34,300" in found.notes[0]
    assert (found.since, found.to, found.unit) == (2025, 2031, "crore INR")  # FY2024-25 to FY2030-31, by their ends
    assert found.name == "National Critical Mineral Mission"
    assert found.sources
    assert found.text == "34300 crore INR"
    assert programmes.asked("IND", optional=True) == found


def test_other_years_keep_the_money():
    found = programmes.asked("IND", since=2026, to=2030, plan=True)
    assert (found.since, found.to, found.amount) == (2026, 2030, 34300.0)


def test_a_stated_sum_has_no_ceilings_and_takes_the_years_of_the_programme():
    found = programmes.asked("IND", "1 billion USD")
    assert (found.amount, found.unit, found.since, found.to) == (1.0, "billion USD", 2025, 2031)
    assert not found.ceilings
    assert found.text == "1 billion USD"
    assert programmes.asked("CHL", "5 million USD", 2026, 2030).to == 2030


def test_nothing_is_asked_and_nothing_is_on_record():
    assert programmes.asked("IND") is None
    assert programmes.asked("CHL", optional=True) is None
    assert programmes.asked("EU27", optional=True) is None
    assert programmes.on_record("CHL") is None


@pytest.mark.parametrize(
    ("country", "asked", "what"),
    [
        ("CHL", {"plan": True}, "no programme of Chile is on record"),
        ("CHL", {"budget": "5 million USD"}, "a budget without years"),
        ("CHL", {"budget": "5 million USD", "since": 2026}, "a budget without years"),
        ("CHL", {"budget": "5 million USD", "since": 2030, "to": 2026}, "from 2030 to 2026"),
        ("IND", {"plan": True, "since": 2040}, "from 2040 to 2031"),
        ("IND", {"budget": "lots"}, "no sum of money"),
        ("IND", {"since": 2026}, "years of a plan without a plan"),
        ("EU27", {"plan": True}, "EU27 is no country"),
    ],
)
def test_what_cannot_be_asked_is_named_with_a_hint(country, asked, what):
    with pytest.raises(StudyError, match=what) as refused:
        programmes.asked(country, **asked)
    assert refused.value.where
    assert refused.value.hint
