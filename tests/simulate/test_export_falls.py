"""Forecasts of falls of large exporters: no later trade is read, and a file is scored by what came."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from khanij.simulate.forecast import export_falls
from khanij.simulate.risk.by_record import likelihood

sys.path.insert(0, str(Path(__file__).parent))
from toy_records import world

ORIGIN = 2019
TRADE = ("code_trade", "code_trade_recorded", "code_trade_value")


def later(case, factor):
    """Return the Case with trade after the origin multiplied, flow by flow."""
    cubes = dict(case.cubes)
    for name in TRADE:
        cube = cubes[name]
        after = np.array([int(year) > ORIGIN for year in cube.axes[3].codes])[cube.at[3]]
        by = np.random.default_rng(5).lognormal(0.0, factor, len(cube.values))
        cubes[name] = replace(cube, values=np.where(after, cube.values * by, cube.values))
    return replace(case, cubes=cubes)


def made(case, origin=ORIGIN):
    found = likelihood.record(case)
    countries = case.axis("country").codes
    return export_falls.make(found, countries, partial(found.features, case), origin), found, countries


@pytest.fixture(scope="module")
def usual():
    return made(world())


def test_no_trade_after_the_origin_is_read(usual):
    other = made(later(world(), 1.0))
    assert other[0] == usual[0]
    assert not np.array_equal(other[1].fell, usual[1].fell)
    assert made(world(), ORIGIN + 1)[0] != usual[0]


def test_cells_are_the_large_exporters_of_the_origin_and_none_of_a_year_that_is_not_on_record(usual):
    rows, found, countries = usual
    share = found.panel.share[:, :, found.years.index(str(ORIGIN))]
    assert {(row.material, row.country) for row in rows} == {
        (found.codes[k], countries[c]) for k, c in np.argwhere(share >= likelihood.LARGE)
    }
    assert {row.origin_date for row in rows} == {f"{ORIGIN}-12-31"}


def test_who_knows_what_comes_scores_best_and_what_has_not_come_is_not_scored(usual):
    rows, found, countries = usual
    (ours,) = export_falls.score(rows, found, countries)
    seen = {
        (found.codes[k], countries[c]): fell
        for (k, c, y), fell in zip(found.rows.T, found.fell, strict=True)
        if found.years[y] == str(ORIGIN)
    }
    knowing = [replace(row, value=seen[row.material, row.country]) for row in rows]
    (best,) = export_falls.score(knowing, found, countries)
    assert best.cells == ours.cells == len(rows)
    assert best.events == ours.events == sum(seen[row.material, row.country] for row in rows)
    assert best.log_score < ours.log_score
    assert best.base_log_score == ours.base_log_score
    newest, _, _ = made(world(), 2024)
    assert newest
    assert export_falls.score(newest, found, countries) == ()
