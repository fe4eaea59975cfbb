"""Output of products and shares of stages: in order, no more than the world, and those of the facts if read there."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest

from khanij import reference
from khanij.core.errors import ParseError
from khanij.data.facts import store
from khanij.reference.industry import product_output as table

OUTPUTS, SHARES = table.product_output(), table.stage_shares()
PRINTED = 1.035  # a vector may add up to a little more than one where its source prints it so (nickel of IEA)


def test_tables_are_large_and_sorted() -> None:
    assert len(OUTPUTS) >= 250
    assert len({row.product for row in OUTPUTS}) >= 50
    assert len(SHARES) >= 1000
    assert len({(row.material, row.stage) for row in SHARES}) >= 80
    keys = [(row.product, row.place, row.year, row.period, row.unit) for row in OUTPUTS]
    assert keys == sorted(set(keys))
    assert [(row.material, row.stage) for row in SHARES] == sorted((row.material, row.stage) for row in SHARES)


def test_what_was_not_read_is_low_and_has_a_range() -> None:
    for row in (*OUTPUTS, *SHARES):
        assert row.kind == "read" or row.confidence == "low", row
    assert all(row.output.low < row.output.high for row in OUTPUTS if row.kind != "read" and row.output.best)


def test_no_place_makes_more_than_the_world() -> None:
    world = {(row.product, row.year, row.unit): row.output.high for row in OUTPUTS if row.place == "WLD"}
    parts: dict[tuple[str, int, str], float] = defaultdict(float)
    for row in OUTPUTS:
        if row.place not in ("WLD", "EU27") and row.period == "calendar" and not row.basis:
            parts[row.product, row.year, row.unit] += row.output.low
    for key, made in parts.items():
        # money of chips is counted at the maker's home for one country and at the plant for others
        assert key[0] == "semiconductor" or made <= world.get(key, float("inf")), key


def test_no_vector_adds_up_to_more_than_one() -> None:
    vectors: dict[tuple[object, ...], float] = defaultdict(float)
    for row in SHARES:
        vectors[row.material, row.stage, row.form, row.measure, row.year, row.period, row.source] += row.share.best
    assert {key: total for key, total in vectors.items() if total > PRINTED} == {}
    over = {(key[0], key[-1]) for key, total in vectors.items() if total > 1.005}
    assert over <= {("nickel", "iea-cm-2025")}


def share(material: str, stage: str, place: str, source: str, year: int, form: str = "", measure: str = "output"):
    """Return the one row of a vector."""
    key = (material, stage, place, source, year, form, measure)
    (row,) = (r for r in SHARES if (r.material, r.stage, r.place, r.source, r.year, r.form, r.measure) == key)
    return row


@pytest.mark.parametrize(
    ("material", "stage", "form", "place"),
    [
        ("cobalt", "refined", "all", "CHN"),
        ("cobalt", "refined", "all", "FIN"),
        ("lithium", "processed", "all", "CHN"),
        ("lithium", "processed", "all", "CHL"),
        ("nickel", "refined", "all", "IDN"),
        ("copper", "refined", "", "CHN"),
        ("magnet-rare-earths", "processed", "", "CHN"),
        ("graphite", "processed", "battery grade", "CHN"),
    ],
)
def test_shares_of_the_iea_are_those_of_the_facts(material: str, stage: str, form: str, place: str) -> None:
    made = store.scan("iea-critical-minerals").filter(
        pl.col("quantity") == "production",
        pl.col("year") == 2024,
        pl.col("material") == material,
        pl.col("stage") == stage,
        pl.col("item") == "base case",
    )
    value = {row["country"]: row["value"] for row in made.collect().to_dicts()}
    row = share(material, stage, place, "iea-cm-2025", 2024, form)
    assert row.share.best == pytest.approx(value[place] / value["WLD"], abs=0.005)


@pytest.mark.parametrize(
    ("material", "stage", "form", "place", "year"),
    [
        ("magnesium", "refined", "primary", "CHN", 2024),
        ("bismuth", "refined", "", "CHN", 2024),
        ("tellurium", "refined", "", "JPN", 2024),
        ("titanium", "refined", "all", "JPN", 2024),
        ("aluminium", "refined", "primary metal", "IND", 2025),
        ("iron", "refined", "crude steel", "IND", 2025),
        ("gallium", "processed", "primary", "CHN", 2024),
    ],
)
def test_shares_of_the_usgs_are_those_of_the_facts(material: str, stage: str, form: str, place: str, year: int) -> None:
    made = store.scan("usgs-mcs").filter(
        pl.col("quantity") == "production",
        pl.col("year") == year,
        pl.col("material") == material,
        pl.col("edition") == "2026",
        pl.col("country") == place,
    )
    row = share(material, stage, place, "usgs-mcs-2026", year, form)
    assert row.world is not None
    values = [value / row.world for value in made.collect()["value"].drop_nulls().to_list()]
    assert any(row.share.best == pytest.approx(value, abs=0.01) for value in values), values


@pytest.mark.parametrize(
    ("material", "stage", "least"),
    [
        ("rare-earths", "processed", 0.6),
        ("rare-earths", "refined", 0.6),
        ("rare-earths", "component", 0.6),
        ("cobalt", "refined", 0.6),
        ("graphite", "processed", 0.6),
        ("gallium", "processed", 0.6),
        ("magnesium", "refined", 0.6),
        ("bismuth", "refined", 0.6),
        ("antimony", "refined", 0.5),
        ("vanadium", "processed", 0.5),
    ],
)
def test_the_largest_maker_is_as_large_as_every_source_says(material: str, stage: str, least: float) -> None:
    rows = [r for r in SHARES if (r.material, r.stage, r.place, r.measure) == (material, stage, "CHN", "output")]
    assert rows
    whole = [
        r for r in rows if r.form in ("", "all", "primary", "metal", "battery grade", "pentoxide", "sintered NdFeB")
    ]
    assert whole
    fresh = [r for r in whole if r.year >= 2023] or [r for r in whole if r.year >= 2016]  # the mean of 2016-2020
    assert fresh
    assert all(r.share.best >= least for r in fresh)


def test_output_read_in_the_press_release_of_its_maker() -> None:
    """SIAM 2025: 4.490 million dispatched at home and 0.863 million exported passenger vehicles."""
    row = table.newest_output("car", "IND")
    assert row is not None
    assert (row.year, row.output.best, row.kind) == (2025, pytest.approx(4.490e6 + 0.863e6), "read")
    assert table.newest_output("car", "ATA") is None


ROW, SHARE = reference.rows("product_output")[0], reference.rows("stage_shares")[0]


@pytest.mark.parametrize(
    ("parse", "row", "changed", "says"),
    [
        (table.parse_output, ROW, {"unit": "lorry loads"}, "unknown unit"),
        (table.parse_output, ROW, {"low": "", "best": "", "high": ""}, "without figure"),
        (table.parse_output, ROW, {"year": "24"}, "year '24'"),
        (table.parse_output, ROW, {"value_added": "1.5"}, "more than all of it"),
        (table.parse_share, SHARE, {"high": "1.5"}, "out of order"),
        (table.parse_share, SHARE, {"stage": "melted"}, "unknown good"),
        (table.parse_share, SHARE, {"world": "", "unit": "t"}, "without unit"),
        (table.parse_share, SHARE, {"measure": "hope"}, "unknown measure"),
    ],
)
def test_a_broken_row_is_told_in_three_lines(parse, row, changed: dict[str, str], says: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(row | changed, "some.csv line 7")
    what, where, hint = caught.value.lines()
    assert says in what
    assert where == "where: some.csv line 7"
    assert len(hint) > 10


def test_worth_is_output_times_that_of_a_unit_in_the_same_unit() -> None:
    cars, unit = table.newest_output("car-ice", "IND"), table.product_values()["car-ice", "IND"]
    worth = table.output_worth("car-ice", "IND")
    assert cars is not None
    assert worth is not None
    assert worth.best == cars.output.best * unit.value.best
    assert 2e10 < worth.low < worth.high < 1e11  # India's carmakers sell for some 50 billion USD a year
    assert table.output_worth("radar", "IND") is None
    for (product, place), row in table.product_values().items():
        units = {made.unit for made in OUTPUTS if made.product == product and place in (made.place, "*")}
        assert row.unit in units, (product, place)
