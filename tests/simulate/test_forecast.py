"""Forecasts of restrictions: nothing later is read, waves follow from excitation, and files score as they should."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import CoverageError, ParseError
from khanij.kernels.chances import excitation
from khanij.reference.chronicle.instruments import register
from khanij.reference.chronicle.partial_dates import PartialDate
from khanij.simulate.forecast import hindcast, hub, known, policy
from khanij.simulate.forecast.known import SellerRecord

COUNTRIES, MATERIALS = (
    ("CHN", "IDN", "COD", "RUS", "IND", "ZWE"),
    ("gallium", "nickel", "cobalt", "tungsten", "lithium"),
)
ON = date(2018, 12, 31)


def sellers(last: int = 2024, later: float = 0.3) -> SellerRecord:
    """Return sellers whose parts of the world are even up to 2017 and `later` of CHN's afterwards."""
    years = tuple(range(2004, last + 1))
    parts = np.full((len(years), len(COUNTRIES), len(MATERIALS)), 0.16)
    parts[[year > 2017 for year in years], 0] = later
    empty = np.full((0, len(COUNTRIES), len(MATERIALS)), np.nan)
    return SellerRecord(COUNTRIES, MATERIALS, parts, years, empty, ())


def test_no_row_and_no_trade_after_the_origin_is_read() -> None:
    rows, held = register(), policy.memory()
    usual = hub.make(rows, sellers(), ON, held)
    gone = [one for one in rows if one.begins <= ON]
    assert hub.make(gone, sellers(2017), ON, held) == usual
    moved = [
        one if one.begins <= ON else replace(one, announced=PartialDate.read("2031"), in_force=None) for one in rows
    ]
    moved = [
        replace(one, ended=PartialDate.read("2033")) if one.ended is not None and one.ended.first > ON else one
        for one in moved
    ]
    assert hub.make(moved, sellers(later=0.99), ON, held) == usual
    assert hub.make(rows, sellers(), date(2021, 12, 31), held) != usual  # the same test would see a later row


def test_as_known_blanks_what_came_later() -> None:
    (one,) = [one for one in register() if one.id == "chn-gallium-export-ban-2024"]
    assert known.as_known([one], date(2024, 12, 2)) == ()
    (seen,) = known.as_known([one], date(2025, 1, 1))
    assert seen.suspended is None
    assert one.suspended is not None


@given(st.integers(0, 1000), st.integers(1, 4))
def test_fit_finds_the_weights_that_made_the_events(seed: int, terms: int) -> None:
    rng = np.random.default_rng(seed)
    x, true = rng.gamma(1.0, 1.0, (20_000, terms)), rng.uniform(0.05, 0.3, terms)
    y = rng.random(len(x)) < -np.expm1(-(x @ true))
    assert excitation.fit(x, y) == pytest.approx(true, abs=0.05)


def test_fit_is_the_top_of_the_penalised_likelihood() -> None:
    rng = np.random.default_rng(3)
    x = rng.gamma(1.0, 1.0, (3_000, 3))
    y = rng.random(len(x)) < -np.expm1(-(x @ np.array([0.02, 0.1, 0.0])))
    prior = y.mean() / (3 * x.mean(axis=0))

    def top(w: np.ndarray) -> float:
        rate = x @ w
        return float(np.log(-np.expm1(-rate[y])).sum() - rate[~y].sum() + (np.log(w) - w / prior).sum())

    # the E step puts rate·(1/(1 - exp(-rate))) for an event's count, so the top is that of the counts' likelihood
    found = excitation.fit(x, y)
    for j in range(3):
        for step in (0.97, 1.03):
            other = found.copy()
            other[j] *= step
            assert top(other) < top(found) + 1e-6


def test_waves_without_excitation_are_independent_and_with_it_scatter_more() -> None:
    base, ones, draws = np.full((4_000, 20), 0.1), np.ones(20), np.ones(4_000)
    none = (np.zeros(20), 0.0, 0.0)

    def drawn(weights, shape):
        fed = np.outer(weights, draws)
        return excitation.waves(
            base, ones, ones, none, (2, 1, 5), fed, shape * draws, 3, 4_000, np.random.default_rng(0)
        )

    quiet = drawn((0, 0, 0), np.inf)
    assert quiet.mean() == pytest.approx(-np.expm1(-0.1), abs=0.005)
    counts = quiet.sum(axis=(1, 2))
    assert counts.var() == pytest.approx(60 * quiet.mean() * (1 - quiet.mean()), rel=0.1)
    loud = drawn((0.1, 0.5, 0.1), 0.5)
    assert loud.sum(axis=(1, 2)).var() > 4 * counts.var()


def test_a_perfect_stranger_scores_better_than_ours_and_a_wrong_layout_is_refused() -> None:
    rows, held = register(), policy.memory()
    ours = hub.make(rows, sellers(), policy.eve(2022), held)
    hit = {
        (c, m)
        for d in known.decisions(rows, COUNTRIES, MATERIALS)
        if policy.eve(2022) < d.begins <= policy.eve(2023)
        for c in (COUNTRIES[n] for n in d.countries)
        for m in (MATERIALS[n] for n in d.materials)
    }
    wise = [replace(row, value=0.99 if (row.country, row.material) in hit else 0.01) for row in ours]
    reach = known.reaches(rows)
    (mine,), (theirs,) = (hub.score(r, rows, sellers(), reach, held) for r in (ours, wise))
    assert mine.events == theirs.events > 0
    assert theirs.log_score < mine.log_score
    assert hub.read(hub.text(ours), "x.csv") == ours
    assert hub.seal(ours) == hub.seal(ours[::-1]) != hub.seal(wise)
    with pytest.raises(ParseError, match=r"no column .*value"):
        hub.read("origin_date,target\n2022-12-31,restriction\n", "x.csv")
    with pytest.raises(CoverageError, match="come due"):
        hub.score(hub.make(rows, sellers(), policy.eve(2025), held), rows, sellers(), reach, held)


def test_a_destination_that_was_never_named_is_struck_by_what_strikes_all() -> None:
    rows = known.decisions(register(), COUNTRIES, MATERIALS)
    parts = {to: hub.destination_parts(rows, to, date(2025, 12, 31), len(COUNTRIES)) for to in ("USA", "NOR")}
    china = COUNTRIES.index("CHN")
    assert 0 < parts["NOR"][china] < parts["USA"][china] <= 1


def test_the_wave_is_told_with_its_chance() -> None:
    found = hindcast.wave(register(), sellers(), "CHN", policy.eve(2022), 3, policy.memory(), draws=500)
    assert set(found.struck) >= {"gallium", "tungsten"}
    assert 0 <= found.probability <= 1


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["2022-12-31,restriction,12,CHN,gallium,all,pmf,yes,1.2"], "no probability"),
        (["2022-12-31,restriction,12,CHN,gallium,all,pmf,yes,nan"], "no probability"),
        (["2022-12-31,restriction,12,CHN,gallium,all,pmf,yes,0.2"] * 2, "stands twice"),
        (["2022-12-31,restriction,0,CHN,gallium,all,pmf,yes,0.2"], "horizon of 0"),
        (["2022-12-31,restriction,12,China,gallium,all,pmf,yes,0.2"], "unknown country"),
        (["2022-12-31,restriction,12,CHN,galium,all,pmf,yes,0.2"], "unknown material"),
        (["2022-12-31,restriction,12,CHN,gallium,everyone,pmf,yes,0.2"], "unknown destination"),
        (["31.12.2022,restriction,12,CHN,gallium,all,pmf,yes,0.2"], "isoformat"),
        (["2022-12-31,price,12,WLD,copper,all,quantile,0.5,9500"], "no price over that of the origin"),
        (["2022-12-31,price,12,WLD,copper,all,quantile,0.5,-1"], "no price over that of the origin"),
        (["2022-12-31,price,12,WLD,copper,all,quantile,50,1.1"], "no level of a quantile"),
        ([f"2022-12-31,price,12,WLD,copper,all,quantile,{a},{b}" for a, b in ((0.05, 1.2), (0.95, 0.8))], "cross"),
    ],
)
def test_what_no_forecast_can_say_is_refused(rows, fault):
    with pytest.raises(ParseError, match=fault):
        hub.read("\n".join([",".join(hub.HEAD), *rows]), "x.csv")
