"""Priced events: every row holds, waves stand on one side of the test, and sides follow a rule named beforehand."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.core.errors import ParseError
from khanij.reference.chronicle import priced_events as table

ALL = table.priced_events()
ROWS = {row["id"]: row for row in reference.rows("priced_events")}


def test_there_are_enough_of_both_sides_and_of_controls():
    ids = [e.id for e in ALL]
    assert ids == sorted(set(ids))
    assert len({e.event for e in ALL}) >= 60
    assert sum(e.role == "event" for e in ALL) >= 60
    assert sum(e.role == "control" for e in ALL) >= 10
    for split in table.SPLITS:
        assert len({e.wave for e in table.priced_events(split)}) >= 20
        assert table.priced_events(split, "control")


def test_a_wave_stands_on_one_side():
    sides = {(e.wave, e.split) for e in ALL}
    assert len(sides) == len({wave for wave, _ in sides})


def test_sides_follow_the_event_files_and_else_the_name_of_the_wave():
    roles = {}
    for path in (reference.FOLDER / "events").glob("*.yaml"):
        event = yaml.safe_load(path.read_text(encoding="utf-8"))
        roles[event["id"]] = {"negative-control": "test"}.get(event["role"], event["role"])
    for wave in {e.wave for e in ALL}:
        told = {roles.get(e.event) for e in ALL if e.wave == wave} & set(table.SPLITS)
        side = "test" if "test" in told else "fit" if told else table.assigned(wave)
        assert {e.split for e in ALL if e.wave == wave} == {side}, wave


@given(st.lists(st.text(min_size=1, max_size=12), min_size=200, max_size=200, unique=True))
def test_the_rule_sends_about_a_quarter_to_the_test(waves):
    assert 0.1 < sum(table.assigned(wave) == "test" for wave in waves) / 200 < 0.42


# Prices as World Bank and press give them.
@pytest.mark.parametrize(
    ("id", "before", "peak", "unit"),
    [
        ("indonesia-nickel-ore-2014", 13925, 19401, "USD/t"),  # Pink Sheet, December 2013 and May 2014
        ("brazil-brumadinho-2019-iron", 69.16, 120.24, "USD/dmt"),  # Pink Sheet, December 2018 and July 2019
        ("china-antimony-2024", 22400, 60500, "USD/t"),  # Argus
        ("china-rare-earths-2025-dysprosium", 280, 850, "USD/kg"),  # Argus in the press, April and May 2025
    ],
)
def test_known_prices(id, before, peak, unit):
    found = next(e for e in ALL if e.id == id)
    assert (found.before[1], found.peak[1], found.unit) == (before, peak, unit)
    assert found.rise == pytest.approx(peak / before)


def test_what_was_not_found_is_missing_and_not_zero():
    assert any(math.isnan(e.after[1]) for e in ALL)
    for e in ALL:
        assert e.url == "" or e.url.startswith("http"), e.id
        assert e.url or e.source != "khanij-priced-events-2026" or e.confidence != "high", e.id
        assert not (e.role == "event" and e.kind != "demand" and e.lost[2] == 0), e.id


def test_readers_select():
    assert {e.material for e in table.priced_events(material="rare-earths")} >= {"dysprosium", "terbium", "yttrium"}
    assert len(table.priced_events("fit")) + len(table.priced_events("test")) == len(ALL)
    assert all(e.role == "inside-market" for e in table.priced_events(role="inside-market"))


@pytest.mark.parametrize(
    ("cells", "field", "what"),
    [
        ({"split": "train"}, "split", "unknown split 'train'"),
        ({"role": "hero"}, "role", "unknown role 'hero'"),
        ({"kind": "magic"}, "kind", "unknown kind 'magic'"),
        ({"scope": "moon"}, "scope", "unknown scope 'moon'"),
        ({"confidence": "sure"}, "confidence", "unknown confidence 'sure'"),
        ({"stage": "smelted"}, "stage", "nickel has no stage 'smelted'"),
        ({"country": "XYZ"}, "country", "unknown country 'XYZ'"),
        ({"recalled": "price"}, "recalled", "unknown price"),
        ({"before": "dear"}, "before", "no number"),
        ({"before": ""}, "before", "no price above 0"),
        ({"peak": "-3"}, "peak", "no price above 0"),
        ({"peak_low": "20000"}, "peak", "the range does not hold the figure"),
        ({"lost": "", "lost_low": "", "lost_high": ""}, "lost", "no share of supply"),
        ({"lost": "2", "lost_high": "3"}, "lost", "no share of supply"),
        ({"date_peak": "2010"}, "date_peak", "date_peak 2010 lies before date_before 2013-12"),
        ({"date_peak": ""}, "date_peak", "no date"),
        ({"start": "soon"}, "start", "'soon' is no date"),
        ({"source": "somebody"}, "source", "unknown source 'somebody'"),
        ({"recalled": "before;peak"}, "confidence", "recalled and not of low confidence"),
    ],
)
def test_a_wrong_row_is_refused_in_three_lines_that_name_it(cells, field, what):
    with pytest.raises(ParseError) as refused:
        table.check(ROWS["indonesia-nickel-ore-2014"] | cells, "here, row 2")
    lines = refused.value.lines()
    assert lines[0].startswith(f"error: {what}")
    assert lines[1] == f"where: here, row 2: {field}"
    assert len(lines[2]) > len("hint:  -")
