"""Profiles and exposures of a world made by hand, without a store; then what the store's own figures must keep."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.analyses.exposure.exposures import depend
from khanij.analyses.inputs.cases import case
from khanij.analyses.inputs.surges import surges, without
from khanij.analyses.profile import dependence
from khanij.analyses.profile.forms import goods, main_forms, ranked
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import ask, request
from khanij.core.errors import StudyError
from khanij.core.number import Number
from khanij.reference.chronicle.controls import controls
from khanij.reference.chronicle.instruments import known_to

sys.path.insert(0, str(Path(__file__).parent))
from toy_trade import FLOWS, world

LICENSED, BEFORE = date(2025, 6, 1), date(2023, 1, 1)


@pytest.fixture(autouse=True)
def no_store(monkeypatch, tmp_path, request):
    """Take the store away from every test by hand."""
    if "store" not in request.node.name:
        monkeypatch.setenv("KHANIJ_STORE", str(tmp_path))


@pytest.fixture
def profile():
    return CountryProfile(world())


def answer(name, **more):
    return ask(request(name, focus="IND", year=2024, **more), case=world())


def test_shares_and_reliance_are_those_of_the_flows():
    rows = {row["material"]: row for row in answer("profile").table("overview").rows()}
    assert list(rows) == ["copper", "bismuth"]  # by value; cobalt is bought under no code and is no zero
    copper, bismuth = rows["copper"], rows["bismuth"]
    assert (copper["first_supplier"].label, copper["first_supplier"].value) == ("Chile", pytest.approx(0.6))
    assert copper["net_reliance"].value == pytest.approx((500 - 50) / (50 + 500 - 50))
    assert copper["supply_lost"].value == pytest.approx(300 / 550)
    assert (bismuth["first_supplier"].value, bismuth["second_supplier"].value) == pytest.approx((0.8, 0.2))
    assert bismuth["import_hhi"].value == pytest.approx(0.8**2 + 0.2**2)
    made = answer("profile").table("goods")
    assert made.column("first_supplier")[0].value == pytest.approx(0.9)


def test_what_no_code_shows_stands_apart_and_last(profile):
    assert ranked(profile) == ("copper", "bismuth", "cobalt", "rare-earths")
    rows = {row["material"]: row for row in answer("profile").table("unmeasured").rows()}
    assert set(rows) == {"cobalt", "rare-earths"}  # of rare earths only the goods are bought
    assert rows["cobalt"]["why"]
    unseen = answer("exposure").table("unseen")
    assert "not the same as small" in unseen.notes[0]
    assert [row for row in answer("exposure").table("exposure").rows() if row["material"] == "cobalt"] == []


def test_no_number_is_without_source_or_reason():
    for name in ("profile", "exposure", "scorecard"):
        for table in answer(name).tables:
            for number in table.numbers():
                assert number.sources if number.value is not None else number.note, (name, table.key)


def test_a_sender_that_makes_none_bounds_what_is_sure(profile):
    found = {row.key: row for row in depend(profile, LICENSED).exposures}
    copper, bismuth = found["copper", "mined"], found["bismuth", "refined"]
    assert (copper.country, copper.held.value) == ("CHL", pytest.approx(0.6))
    assert (copper.sure, copper.held.high) == pytest.approx((0.6, 1.0))  # all of it may be Chile's through the Emirates
    assert bismuth.held.high == pytest.approx(1.0)  # the United States refine no bismuth
    turned = CountryProfile(world([(m, s, "ARE" if e == "CHL" else e, i, v, t) for m, s, e, i, v, t in FLOWS]))
    alone = {row.key: row for row in depend(turned, LICENSED).exposures}["copper", "mined"]
    assert (alone.held.value, alone.sure, alone.held.confidence) == (pytest.approx(1.0), 0.0, "low")


def test_what_a_control_can_stop_comes_first_and_only_once_it_is_in_force(profile):
    after, before = (depend(profile, day) for day in (LICENSED, BEFORE))
    assert {row.key for row in after.exposures[:2]} == {("rare-earths", "component"), ("bismuth", "refined")}
    assert all(row.stopping for row in after.exposures[:2])
    assert before.exposures[0].key == ("copper", "mined")  # nothing is held then: by value
    said = str(answer("exposure", on="2025-06-01").findings[0])
    assert said.startswith("China sends over half of India's bismuth and permanent magnets")
    assert said.endswith("and holds all of them under export control.")
    assert "export control" not in str(answer("exposure", on="2023-01-01").findings[0])


def test_controls_have_a_day_and_a_destination():
    names = {control.instrument.id for control in controls(("IND",), LICENSED) if control.state == "in-force"}
    assert "chn-minerals-licence-2025" in names
    assert "chn-minerals-licence-2025" not in {c.instrument.id for c in controls(("IND",), BEFORE)}
    assert not {c.instrument.id for c in controls(("CHN",), LICENSED) if c.instrument.country == "CHN"}
    assert all(control.instrument.scope == "goods" for control in controls(("IND",), known_to()))
    coming = next(c for c in controls(("IND",), date(2026, 6, 1)) if c.state == "suspended" and c.changes)
    assert coming.changes > date(2026, 6, 1)


def test_no_answer_of_a_world_by_hand_hangs_on_the_order_of_its_flows():
    one, other = (ask(request("exposure", focus="IND", year=2024), case=world(flows)) for flows in (FLOWS, FLOWS[::-1]))
    assert repr(one.tables) == repr(other.tables)
    assert one.findings == other.findings


@given(st.floats(0.5, 1e3))
def test_shares_do_not_hang_on_the_unit_of_money(times):
    scaled = [(m, s, e, i, v * times, t) for m, s, e, i, v, t in FLOWS]
    one, other = (CountryProfile(world(flows)) for flows in (FLOWS, scaled))
    for key in main_forms(one):
        for a, b in zip(dependence.shares(one, key), dependence.shares(other, key), strict=True):
            assert (a.label, b.value) == (b.label, pytest.approx(a.value))


@given(st.lists(st.floats(1.0, 1e6), min_size=2, max_size=6))
def test_shares_of_a_form_add_up_to_all(values):
    senders = ("CHL", "CHN", "JPN", "USA", "VNM", "ARE")
    flows = [("copper", "mined", iso, "IND", value, value) for iso, value in zip(senders, values, strict=False)]
    parts = dependence.shares(CountryProfile(world(flows)), ("copper", "mined"))
    assert sum(part.value for part in parts) == pytest.approx(1.0)
    assert [part.value for part in parts] == sorted((part.value for part in parts), reverse=True)


def test_a_profile_is_of_one_country_and_year():
    whole = world()
    axes = {**whole.axes, "year": type(whole.axis("year"))("year", ("2023", "2024"))}
    with pytest.raises(StudyError, match="one country or group in one year"):
        CountryProfile(type(whole)(axes, {}))


def test_a_range_that_says_nothing_is_no_number():
    assert dependence.is_vague(Number(0.5, "1", ("s",), 0.05, 1.0))
    assert not dependence.is_vague(Number(0.5, "1", ("s",), 0.4, 0.6))


def test_gold_alloy_that_enters_as_platinum_is_set_aside_by_the_store_s_figures():
    found = {(surge.material, surge.exporter) for surge in surges(case("IND", 2024))}
    assert {("platinum", "ARE"), ("platinum", "THA")} <= found
    india = CountryProfile(case("IND", 2024))
    assert "ARE" not in india.import_values["platinum", "refined"]
    assert dependence.bill(india).value < 12e6  # kUSD; 12.7e6 with it
    assert without(case("IND", 2024), ()) is case("IND", 2024)


@pytest.mark.parametrize("focus", ["EU27", "DEU", "USA"])
def test_magnets_follow_the_elements_in_them_in_the_store(focus):
    assert ("rare-earths", "component") in goods(CountryProfile(case(focus, 2024)))


def test_a_short_list_of_large_flows_is_no_concentration_in_the_store():
    lanka = CountryProfile(case("LKA", 2024))
    potash = next(row for row in depend(lanka, known_to()).exposures if row.key == ("potash", "mined"))
    assert potash.held.value > 0.5 > potash.sure


def test_no_reliance_of_a_net_exporter_is_below_nought_in_the_store():
    india = CountryProfile(case("IND", 2024))
    titanium, nickel = (dependence.reliance(india, material) for material in ("titanium", "nickel"))
    assert titanium.value == 0.0  # as published: contents by unit value leave the balance itself open
    assert "published" in titanium.note
    assert "published" in nickel.note  # the balance leaves it between 5 and 100 %
