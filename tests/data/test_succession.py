"""A source's new facts beside those that are held: a slip of the publisher's shows, a revision passes."""

from __future__ import annotations

import polars as pl
import pytest

from khanij.core.errors import ParseError
from khanij.data.facts import schema, succession

PLACES = ("AUS", "BRA", "CAN", "CHL", "CHN", "IND", "PER", "RUS", "USA", "ZAF")


def facts(**changes):
    """Return 10 countries' output of copper in three years, 10 to 100 t, changed by column."""
    rows = [(iso, year, 10.0 * (n + 1) + year - 2020) for year in (2021, 2022, 2023) for n, iso in enumerate(PLACES)]
    frame = pl.DataFrame(rows, schema=["country", "year", "value"], orient="row")
    frame = frame.with_columns(quantity=pl.lit("production"), material=pl.lit("copper"), stage=pl.lit("mined"))
    return schema.complete(frame.with_columns(**changes), source="toy", unit="t", basis="Cu", status="reported")


VALUE = pl.col("value")
CHINA = (pl.col("country") == "CHN") & (pl.col("year") == 2022)


def test_the_same_and_a_usual_revision_pass():
    succession.check(facts(), facts(), "toy")
    late = pl.when(CHINA).then(pl.col("value") * 1.5).otherwise(pl.col("value"))
    succession.check(facts(), facts(value=late), "toy")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (facts().filter(pl.col("year") != 2022), "no year 2022 any more"),
        (facts().filter(pl.col("country") != "CHN"), "no country CHN any more"),
        (facts(material=pl.lit("cobalt")), "no material copper any more"),
        (
            facts(value=pl.when(CHINA).then(VALUE * 1000).otherwise(VALUE)),
            "CHN 2022 t was 52, is 52000",
        ),
        (facts(value=pl.col("value") / 1000), "30 figures moved by 10 times or more"),
        (facts(value=pl.when(CHINA).then(-VALUE).otherwise(VALUE)), "is -52"),
        (facts(value=pl.when(CHINA).then(0.0).otherwise(VALUE)), "is 0"),
        (facts(value=pl.col("value") * 1.2), "100% of 10 figures of production in 2021 moved"),
        (
            facts(country=pl.when(pl.col("year") == 2021).then(pl.lit("WLD")).otherwise(pl.col("country"))),
            "10 of 10 figures of production copper 2021 are gone",
        ),
    ],
)
def test_a_slip_is_told_and_refused(new, said):
    with pytest.raises(ParseError, match=said) as refused:
        succession.check(facts(), new, "toy")
    assert "--accept" in refused.value.hint


def test_one_row_of_several_at_a_place_and_a_bound_are_told_too():
    several = pl.concat([facts(), facts(value=VALUE * 100)])
    slip = pl.concat([facts(value=pl.when(CHINA).then(VALUE * 50).otherwise(VALUE)), facts(value=VALUE * 100)])
    with pytest.raises(ParseError, match="CHN 2022 t was 52, is 2600"):
        succession.check(several, slip, "toy")
    ranged, wide = (facts(low=VALUE / 2, high=VALUE * times) for times in (2, 2000))
    succession.check(ranged, ranged, "toy")
    with pytest.raises(ParseError, match="30 figures moved by 10 times or more"):
        succession.check(ranged, wide, "toy")
