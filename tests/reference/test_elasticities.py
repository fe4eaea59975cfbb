"""Elasticities and stock cover: rows are in order, the most special one answers, derived rows follow from the store."""

from __future__ import annotations

from statistics import median

import polars as pl
import pytest

from khanij import reference
from khanij.core.errors import CoverageError, ParseError
from khanij.data.facts import store
from khanij.reference import records
from khanij.reference.industry import elasticities as table

TRADED = sorted({(code.material, code.stage) for code in reference.hs_codes()})


def test_every_row_is_in_order_and_sorted() -> None:
    rows = reference.rows("elasticities")
    assert [tuple(r[n] for n in ("material", "stage", "parameter", "horizon")) for r in rows] == sorted(
        (material, stage, parameter, horizon) for parameter, material, stage, horizon in table.elasticities()
    )
    days = reference.rows("stock_days")
    assert [(r["material"], r["stage"], r["place"]) for r in days] == sorted(
        (material, stage, place) for place, material, stage in table.stocks()
    )


@pytest.mark.parametrize("horizon", table.HORIZONS)
@pytest.mark.parametrize("parameter", ["sigma", "demand", "supply"])
def test_every_material_and_stage_has_an_answer(parameter: str, horizon: str) -> None:
    for material in reference.materials():
        for stage in reference.STAGES:
            found = table.elasticity(parameter, material, stage, horizon).range
            assert 0 <= found.low <= found.best <= found.high
            assert found.source
    assert all(table.elasticity("sigma", *pair).material != table.ALL for pair in TRADED)


@pytest.mark.parametrize("parameter", ["demand", "supply"])
def test_a_year_gives_no_more_room_than_twenty(parameter: str) -> None:
    for material in reference.materials():
        year, long = (table.elasticity(parameter, material, "refined", h).range for h in table.HORIZONS)
        assert (year.low, year.best, year.high) <= (long.low, long.best, long.high)


def test_only_tonnes_that_are_alike_are_drawn_from_one_world_market() -> None:
    for (parameter, material, stage, _), row in table.elasticities().items():
        if parameter == "pooled" and material != table.ALL:
            assert stage not in ("component", "product"), (material, stage)
            assert row.range.best > 0
            assert max(tuple(row.range)) < 1
    part = {good: table.elasticity("pooled", *good).range.best for good in (("nickel", "refined"), ("potash", "mined"))}
    assert part["nickel", "refined"] > part["potash", "mined"] > 0
    assert not table.elasticity("pooled", "rare-earths", "component").range.best


def test_goods_are_gross_substitutes_at_the_best_values() -> None:
    for material in reference.materials():
        for stage in reference.STAGES:
            sigma, demand = (table.elasticity(p, material, stage, "long").range for p in ("sigma", "demand"))
            assert sigma.low > demand.high


def test_what_is_remembered_or_ours_is_marked_low() -> None:
    ours = {"khanij-priors", "khanij-published-tables", "boer-2021", "stuermer-2017"}
    for row in table.elasticities().values():
        if ours & set(row.range.source.split(";")):
            assert row.range.confidence == "low", row
    for stock in table.stocks().values():
        assert (stock.kind == "prior") == ("khanij-priors" in stock.range.source), stock


def test_the_most_special_row_answers() -> None:
    assert table.kin("neodymium") == ("neodymium", "light-rare-earths", "rare-earths", table.ALL)
    assert table.elasticity("sigma", "neodymium", "mined").material == "rare-earths"
    assert table.elasticity("sigma", "nickel", "mined").range.best == 3.15
    assert table.elasticity("sigma", "nickel", "product").material == table.ALL
    assert table.elasticity("supply", "nickel", "mined", "long").range.best == 1.3
    assert table.elasticity("demand", "gallium", "refined").range.confidence == "low"
    assert table.stock_days("copper", "refined", "USA").kind == "held"
    assert table.stock_days("copper", "mined", "USA").kind == "prior"
    assert table.stock_days("neodymium", "refined", "JPN").range.best == 60
    assert table.stock_days("copper", "refined", "JPN").kind == "prior"  # the Japanese list is of rare metals
    assert table.stock_days("nickel", "refined", "rest").place == table.ALL


def test_a_planned_stock_is_told_and_never_drawn() -> None:
    assert table.stock_days("rare-earths", "refined", "IND").kind == "prior"
    assert [row.range.best for row in table.planned("neodymium", "IND")] == [60]
    assert table.planned("copper", "IND") == ()


def test_unknown_codes_are_refused() -> None:
    for arguments in (
        ("tau", "nickel", "mined", "year"),
        ("sigma", "unobtainium", "mined", "year"),
        ("sigma", "nickel", "dreamt", "year"),
        ("sigma", "nickel", "mined", "week"),
        ("spare", "nickel", "mined", "long"),
    ):
        with pytest.raises(CoverageError):
            table.elasticity(*arguments)
    with pytest.raises(CoverageError):
        table.stock_days("unobtainium", "mined", "IND")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"low": "9"}, "out of order"),
        ({"low": "-1"}, "out of order"),
        ({"high": "inf"}, "out of order"),
        ({"best": ""}, "not a figure"),
        ({"source": ""}, "without source"),
        ({"confidence": "sure"}, "without source"),
        ({"material": "unobtainium"}, "unknown material"),
        ({"horizon": "week"}, "unknown horizon"),
        ({}, "stands twice"),
    ],
)
def test_broken_rows_are_refused(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], says: str) -> None:
    good = dict(material="nickel", stage="*", parameter="demand", horizon="year", low="0.1", best="0.2", high="0.3")
    good |= dict(source="khanij-priors", confidence="low", note="")
    monkeypatch.setattr(records, "rows", lambda name: [good, good | change])
    with pytest.raises(ParseError, match=says):
        table.elasticities.__wrapped__()


SLACK = [  # material, stage, capacity, output, as the store's items name them
    ("aluminium", "refined", "yearend smelter capacity", "smelter production"),
    ("arsenic", "processed", "refinery capacity, arsenic trioxide", "arsenic trioxide"),
    ("gallium", "processed", "primary low-purity capacity", "primary low-purity production"),
    ("indium", "refined", "refinery capacity", "refinery production"),
    ("magnesium", "refined", "smelter capacity", "smelter production"),
    ("scandium", "processed", "scandium oxide", "scandium oxide"),
    ("selenium", "refined", "refinery capacity", "refinery production"),
    ("tellurium", "refined", "refinery capacity", "refinery production"),
    ("titanium", "refined", "sponge metal capacity", "sponge metal production"),
]


def test_idle_capacity_follows_from_the_store() -> None:
    facts = store.collect(store.scan("usgs-mcs").filter((pl.col("country") == "WLD") & (pl.col("year") == 2025)))
    found = []
    for material, stage, capacity, output in SLACK:
        mine = facts.filter((pl.col("material") == material) & (pl.col("stage") == stage))
        most, made = (
            mine.filter((pl.col("quantity") == quantity) & (pl.col("item") == item))["value"].item()
            for quantity, item in (("capacity", capacity), ("production", output))
        )
        found.append(round(most / made - 1, 2))
        row = table.elasticity("spare", material, stage).range
        assert (row.low, row.high) == (0, found[-1])
        assert row.best == pytest.approx(found[-1] / 2)
    assert table.elasticity("spare", "nickel", "refined").range.high == median(found)


COVERED = [  # material, stage of the row, label of the stocks, label of the use
    ("copper", "refined", "Stocks, refined, held by U.S. producers, consumers, and metal exchanges, yearend",
     "Consumption: Apparent, primary refined copper and copper from old scrap"),
    ("gallium", "*", "Stocks, consumer, yearend", "Consumption, reported"),
    ("phosphorus", "mined", "Stocks, producer, yearend", "Consumption, apparent"),
    ("sulphur", "processed", "Stocks, producer, yearend", "Consumption, apparent, all forms"),
    ("tin", "refined", "Stocks, consumer and dealer, yearend", "Consumption, apparent, refined"),
    ("vanadium", "*", "Stocks, yearend", "Reported"),
    ("zinc", "refined", "Stocks, reported producer and consumer, refined zinc, yearend",
     "Consumption, apparent, refined zinc"),
]  # fmt: skip


@pytest.mark.parametrize(("material", "stage", "held", "used"), COVERED)
def test_stock_cover_follows_from_the_store(material: str, stage: str, held: str, used: str) -> None:
    facts = store.collect(
        store.scan("usgs-mcs").filter((pl.col("country") == "USA") & (pl.col("material") == material))
    )
    stocks = facts.filter((pl.col("quantity") == "stocks") & (pl.col("item") == held))
    use = facts.filter(pl.col("quantity").str.ends_with("_consumption") & (pl.col("item") == used))
    both = stocks.join(use, on="year", suffix="_used")
    days = (365 * both["value"] / both["value_used"]).drop_nulls()
    row = table.stocks()["USA", material, stage].range
    assert (row.low, row.best, row.high) == tuple(round(x) for x in (days.min(), days.median(), days.max()))


def test_the_prior_of_stocks_is_that_of_the_rows() -> None:
    best = pl.Series([row.range.best for row in table.stocks().values() if row.kind == "held"])
    prior = table.stock_days("nickel", "mined", "BRA").range
    for value, part in ((prior.low, 0.25), (prior.best, 0.5), (prior.high, 0.75)):
        assert value == pytest.approx(best.quantile(part, "linear"), abs=1.0)
