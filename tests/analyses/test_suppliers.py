"""One supplier through the years, two countries side by side, who fills a gap, one mineral, blocks abroad."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.analyses.exposure.exposures import known_makers
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import ask, request
from khanij.core.errors import CoverageError, StudyError
from khanij.data.facts import store
from khanij.methods.trade.partner_parts import partner_series
from khanij.simulate.supply.gaps import supply_gap, upstream

sys.path.insert(0, str(Path(__file__).parent))
from toy_trade import FLOWS, world

HELD = {"baci-hs92", "usgs-mcs"} <= set(store.manifest()["sources"])
stored = pytest.mark.skipif(not HELD, reason="the store lacks the flows")
EVERY = frozenset(("bismuth", "copper", "rare-earths"))


def by_key(rows):
    return {row.key: row for row in rows}


def test_a_part_is_what_one_sends_of_what_all_send():
    rows = by_key(partner_series(world(), "CHN", EVERY))
    assert rows["bismuth", "refined"].part == pytest.approx([0.8])
    assert rows["rare-earths", "component"].mass_part == pytest.approx([0.9])
    assert rows["copper", "mined"].part == pytest.approx([0.0])  # others sent: it sent nothing that is recorded
    assert ("cobalt", "refined") not in rows  # nobody is recorded: unknown, no row


@given(st.lists(st.floats(0.0, 1e6), min_size=3, max_size=3), st.floats(0.5, 2.0))
def test_parts_of_all_senders_add_up_and_know_no_unit(values, scale):
    senders = ("CHN", "USA", "VNM")
    flows = [("bismuth", "refined", iso, "IND", value, value) for iso, value in zip(senders, values, strict=True)]
    parts = [by_key(partner_series(world(flows), iso, EVERY)) for iso in senders]
    if not sum(values) > 0:
        assert all(not found for found in parts)
        return
    assert sum(found["bismuth", "refined"].part[0] for found in parts) == pytest.approx(1.0)
    more = [(*row[:4], row[4] * scale, row[5]) for row in flows]
    again = by_key(partner_series(world(more), "CHN", EVERY))["bismuth", "refined"].part[0]
    assert again == pytest.approx(parts[0]["bismuth", "refined"].part[0])


def test_the_question_answers_a_case_made_by_hand():
    answer = ask(request("supplier", focus="IND", partner="CHN", year=2024), case=world())
    rows = {(row["material"], row["stage"]): row for row in answer.table("supplier").rows()}
    assert rows["bismuth", "refined"]["sent_now"].value == pytest.approx(0.8)
    (year,) = answer.table("years").rows()
    assert year["forms_over_half"] == 2
    assert year["sent_now"] == pytest.approx((80 + 90) / (100 + 500 + 100))
    with pytest.raises(CoverageError, match="no imports of India"):
        ask(request("supplier", focus="IND", partner="CHN", year=2024), case=world([]))


def test_what_no_customs_record_is_no_zero():
    answer = ask(request("supplier", focus="IND", partner="JPN", year=2024), case=world(FLOWS[:1]))
    assert "record nothing of Japan" in answer.findings[0]
    assert "no measured zero" in answer.findings[0]
    assert "0 %" not in answer.findings[0]


def test_a_gap_is_filled_by_makers_from_what_they_sell_elsewhere():
    flows = [
        *FLOWS,
        ("bismuth", "refined", "VNM", "JPN", 50_000.0, 100.0),
        ("bismuth", "refined", "CHL", "JPN", 9e6, 9e3),
    ]
    case = world(flows)
    profile, key = CountryProfile(case), ("bismuth", "refined")
    makers, ten = known_makers(profile, key), profile.output[key]["VNM"]  # it makes 10 t
    gap = supply_gap(case, "CHN", key, {"VNM": replace(ten, value=200.0)}, makers)
    assert (gap.value, gap.mass, gap.part) == pytest.approx((80_000.0, 80.0, 0.8))
    sellers = {seller.country: seller for seller in gap.sellers}
    assert sellers["VNM"].maker
    assert not sellers["CHL"].maker  # passes on what others made, however much of it
    assert sellers["VNM"].price / gap.price == pytest.approx(0.5)
    low, best, high = gap.filled(case)
    assert best == pytest.approx(0.2 * 100.0 / 80.0)  # a fifth of what the only other maker sells elsewhere
    assert low < best < high <= 1.0
    with_less = replace(gap, sellers=tuple(s for s in gap.sellers if s.country != "VNM"))
    assert with_less.filled(case) == (0.0, 0.0, 0.0)
    passing = supply_gap(case, "CHN", key, {"VNM": ten}, makers)  # of the 100 t that it sells it made 10
    assert passing.filled(case)[1] == pytest.approx(0.2 * 10.0 / 80.0)


def test_a_gap_is_of_a_country_and_a_mineral():
    with pytest.raises(StudyError, match="no gap"):
        request("replace", focus="IND", gap="CHN")
    with pytest.raises(CoverageError, match="sends India no"):
        ask(request("replace", focus="IND", gap="JPN:bismuth:refined"), case=world())
    with pytest.raises(StudyError, match="beside itself"):
        request("versus", focus="IND", other="IND")


@stored
def test_graphite_of_china_fell_from_78_to_17_per_cent_of_tonnes():
    answer = ask(request("supplier", focus="IND", partner="CHN", year="2015-2024"))
    rows = {(row["material"], row["stage"]): row for row in answer.table("supplier").rows()}
    graphite = rows["graphite", "mined"]
    assert graphite["tonnes_then"] == pytest.approx(0.78, abs=0.01)
    assert graphite["tonnes_now"] == pytest.approx(0.17, abs=0.01)
    assert any("raphite" in said and "17" in said for said in answer.findings)
    assert rows["rare-earths", "component"]["sent_now"].value == pytest.approx(0.84, abs=0.01)  # as BACI has it


@stored
def test_magnets_of_others_rest_on_chinese_metal():
    assert upstream(("rare-earths", "component"), "CHN")[1] > 0.6
    assert upstream(("graphite", "mined"), "CHN") is None
    answer = ask(request("replace", focus="IND", gap="CHN:rare-earths:component"))
    first = next(row for row in answer.table("replace").rows())
    assert first["country"] == "JPN"  # the second maker of the world
    assert any("holds only while China" in said for said in answer.findings)


@stored
def test_two_countries_hang_on_the_same_one():
    answer = ask(request("versus", focus="IND", other="JPN"))
    rows = {(row["material"], row["stage"]): row for row in answer.table("versus").rows()}
    assert rows["bismuth", "refined"]["same_first"]
    assert any("same country" in said for said in answer.findings)


@stored
def test_one_mineral_on_one_page():
    answer = ask(request("mineral", focus="IND", material="cobalt"))
    keys = [table.key for table in answer.tables]
    assert {"exposure", "stages", "supplier", "replace", "needs", "demand"} <= set(keys)
    for table in answer.tables:
        if "material" in [column.key for column in table.columns]:
            assert set(table.column("material")) <= {"cobalt"}
    assert "obalt" in answer.findings[0]


@stored
def test_a_mineral_without_trade_says_why_and_tells_the_rest():
    answer = ask(request("mineral", focus="IND", material="gallium"))
    assert answer.tables
    assert any("gallium" in said.lower() for said in answer.findings)


@stored
def test_blocks_abroad_with_hectares_money_and_odds():
    rows = {row["block"]: row for row in ask(request("blocks", focus="IND")).table("blocks").rows()}
    catamarca = rows["Catamarca brine, five blocks"]
    assert catamarca["block_area"] == pytest.approx(15_703, rel=1e-3)  # PIB 2024-01-15
    assert catamarca["block_odds"].value == pytest.approx(0.25 * 0.3 * 0.5)
    assert catamarca["block_odds"].low < catamarca["block_odds"].value < catamarca["block_odds"].high
    assert catamarca["block_output"] is None  # none is announced, and none is made up
    assert rows["Lithium joint venture with YPF"]["block_odds"].value is None  # talks hold no block
    assert rows["Konkola Copper Mines"]["block_odds"].value == 1.0
    with pytest.raises(CoverageError, match="no block"):
        ask(request("blocks", focus="JPN"))


def test_nothing_is_known_of_a_form_nobody_sends():
    assert partner_series(world([]), "CHN", EVERY) == ()
    assert np.isnan(world().cube("production").values).any()
