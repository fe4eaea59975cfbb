"""Hazards by cause, stories and ways to lose an amount, on made-up worlds: what is in force is carried, and no more."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from khanij.core.errors import ParseError
from khanij.reference import rows
from khanij.reference.assumptions import assumptions
from khanij.reference.chronicle import outages
from khanij.reference.chronicle.instruments import register
from khanij.simulate.forecast import hub, known
from khanij.simulate.risk import years
from khanij.simulate.risk.by_cause import cause_hazards, stories
from khanij.simulate.risk.by_cause.cause_hazards import Causes

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import solved, unsolved
from toy_hazards import hazards

COUNTRIES, MATERIALS = ("CHN", "COD", "NOR"), ("rare-earths", "cobalt", "tungsten")


def found(on=date(2026, 6, 22), base_year=2024, focus="IND", chance=0.1):
    empty = np.full((0, 3, 3), np.nan)
    sellers = known.SellerRecord(COUNTRIES, MATERIALS, empty, (), empty, ())
    listed = known.decisions(known.as_known(register(), on), COUNTRIES, MATERIALS)
    chances = {(c, m): chance for c in COUNTRIES for m in MATERIALS}
    return Causes(
        on, focus, base_year, sellers, listed, chances, 1.3, 0.5, 0.02,
        hub.destination_parts(listed, focus, on, 3), outages.outages(), 500,
    )  # fmt: skip


def levels():
    return np.array([0.1, 0.4, 0.7, 1.0])


def made(seen, seller, material, stage):
    lost = cause_hazards.every_part_lost(levels())
    return {row["kind"]: row for row in cause_hazards._rows(seen, material, stage, seller, 0.5, lost)}


def test_a_licence_since_the_base_year_is_carried_and_one_before_it_is_not():
    now = made(found(), "CHN", "tungsten", "refined")
    assert now["in force"]["probability"] == pytest.approx(assumptions()["policy_persists"].range.best)
    assert "in force" not in made(found(base_year=2025), "CHN", "tungsten", "refined")
    assert "in force" not in made(found(on=date(2025, 1, 1)), "CHN", "tungsten", "refined")
    assert "in force" not in made(found(), "NOR", "tungsten", "refined")


def test_a_licence_takes_less_in_a_later_year_and_a_ban_does_not_ease():
    mean = {on: made(found(on=on), "CHN", "tungsten", "refined")["in force"]["severity"] @ levels() for on in (
        date(2025, 3, 1), date(2026, 6, 22))}  # fmt: skip
    assert mean[date(2026, 6, 22)] < mean[date(2025, 3, 1)]
    lost = cause_hazards.every_part_lost(levels())
    assert {name for name in lost if name.endswith(" later")} == {"licence later", "quota later", "tax later"}


def test_a_ban_for_military_users_alone_is_not_carried():
    seen = found(base_year=2022, focus="USA")
    carried = cause_hazards.running(seen, "tungsten", "refined", "CHN")
    assert carried
    assert {one.instrument.scope for one in carried} == {"goods"}


def test_rows_are_chances_with_ranges_and_severities_that_add_up():
    for row in made(found(), "CHN", "rare-earths", "component").values():
        assert 0 < row["low"] <= row["probability"] <= row["high"] <= 1
        assert row["severity"].sum() == pytest.approx(1)
        assert (row["severity"] >= 0).all()
    quiet = made(found(chance=0.0), "CHN", "rare-earths", "component")
    assert "restriction" not in quiet


def test_a_stop_is_likelier_where_there_were_stops():
    seen = found()
    assert cause_hazards.stop_chance(seen, "COD", "cobalt", "mined") > cause_hazards.stop_chance(
        seen, "NOR", "tungsten", "mined"
    )
    assert 0 < cause_hazards.stop_chance(seen, "NOR", "tungsten", "mined") < 0.2


def test_the_mean_part_lost_is_kept_on_the_levels():
    for name in cause_hazards.SEVERITIES:
        span = assumptions()[f"lost_{name}"].range
        held = np.clip([span.low, span.best, span.high], 0.1, 1.0)
        assert cause_hazards.parts_lost(name, levels()) @ levels() == pytest.approx(cause_hazards.THREE @ held)


def test_the_common_factor_grows_with_clustering():
    near, far = (cause_hazards.shared_factor(replace(found(), clustering=k)).country for k in (0.3, 5.0))
    assert near > far > 0


def test_of_two_causes_the_deeper_counts_once():
    assert years._deepest([("A", "mined", 0.4), ("A", "mined", 1.0), ("B", "mined", 0.4)]) == (
        ("A", "mined", 1.0),
        ("B", "mined", 0.4),
    )


def test_a_second_cause_moves_no_number_of_the_first():
    sellers = (("BBB", "tin", "refined", 0.25), ("CCC", "tin", "refined", 0.15))
    twice = (*sellers, ("BBB", "tin", "refined", 0.3))
    kinds = ("restriction", "restriction", "stop")
    one = years.draw(hazards(sellers=sellers, kind=kinds[:2]), 2_000, 5)
    two = years.draw(hazards(sellers=twice, kind=kinds), 2_000, 5)
    first = two.hazard < 2
    assert (two.year[first] == one.year).all()
    assert (two.level[first] == one.level).all()
    assert not np.array_equal(two.year[two.hazard == 2], one.year[one.hazard == 0])


def test_stories_and_ways_tell_the_years_as_they_are():
    base = solved(unsolved(years=400))
    told = stories.stories(base, 3)
    total = base.losses.total
    assert [s.loss for s in told] == sorted(total.tolist(), reverse=True)[:3]
    for story in told:
        assert sum(e.loss for e in story.events) == pytest.approx(story.loss)
    amount = float(np.quantile(total, 0.8))
    ways = stories.ways(base, amount)
    assert sum(w.years for w in ways) == int((total >= amount).sum())
    assert stories.ways(base, float(total.max()) * 2) == ()
    by = stories.by_seller(base)
    assert sum(by.values()) == pytest.approx(total.mean())
    (first, *_) = stories.reasons(base, 2)
    assert first.loss == max(by.values())
    assert 0 <= first.reached <= 1
    assert first.used in base.networks[first.seller[1]].stages


def test_a_wrong_outage_is_refused():
    row = dict(next(iter(rows("outages"))))
    for name, value in (("country", "XYZ"), ("kind", "sadness"), ("begins", "soon"), ("materials", "")):
        with pytest.raises(ParseError):
            outages.check(row | {name: value}, "outages.csv")
