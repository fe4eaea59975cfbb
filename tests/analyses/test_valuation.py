"""With and without: nothing changes where nothing is changed, and what is averted adds up by seller and by mineral."""

from dataclasses import replace

import numpy as np
import pytest

from khanij.analyses.inputs import baseline
from khanij.analyses.measures import tables
from khanij.analyses.partner import agreements as partner_agreements
from khanij.analyses.partner import tables as partner_tables
from khanij.core.range import Range
from khanij.plan.levers import Offtake, Stockpile, apply
from khanij.plan.measures import coalitions
from khanij.plan.measures import value as measures
from khanij.plan.measures.measure import NOTHING, UNKNOWN, Measure
from khanij.plan.measures.partnership_value import value_partnership
from khanij.plan.measures.partnerships import partnership
from khanij.reference import agreements, money
from khanij.simulate.loss.losses import exposure
from khanij.simulate.risk import averted as valuation

YEARS = 300
COST = Range(1e6, 2e6, 4e6)
CURRENCY = money.currency("INR", "crore")


@pytest.fixture(scope="module")
def base():
    return baseline.prepare("IND", 2024, YEARS, 3, materials=["titanium", "copper"], partners=("RUS",))


def stock(material="copper", stage="refined", days=60.0, cost=COST):
    lever = Stockpile(id=f"stock-{material}", material=material, stage=stage, country="IND", days=days)
    return Measure(
        id=lever.id,
        name="stock",
        kind="stockpile",
        component="stockpile",
        materials=(material,),
        levers=(lever,),
        size=1.0,
        unit="t",
        cost=cost,
        running=NOTHING,
        lead=0,
    )


def offtake(**more):
    given = {"id": "o", "material": "titanium", "stage": "refined", "focus": "IND", "partner": "RUS", "volume": 300}
    return Offtake(**(given | more))


def test_a_stock_averts_losses_and_only_of_its_mineral(base):
    one = measures.value_measure(base, stock())
    assert list(one.averted.years) == ["copper"]
    assert one.estimate.expected > 0
    # paired: much surer than two independent simulations would be
    apart = np.sqrt(2) * np.nanstd(base.loss("copper"), ddof=1) / np.sqrt(YEARS)
    assert 0 < one.estimate.error < apart
    assert sum(one.by_country.values()) == pytest.approx(one.estimate.expected, rel=0.05)


def test_more_days_avert_no_less(base):
    small, large = (measures.value_measure(base, stock(days=days)).estimate.expected for days in (30, 120))
    assert large >= small


def test_what_is_averted_is_the_same_in_any_order(base):
    levers = [offtake(), stock().levers[0]]
    first, second = (valuation.averted_loss(base, apply(base.case, order).case) for order in (levers, levers[::-1]))
    for material in first.years:
        np.testing.assert_array_equal(first.years[material], second.years[material])


def test_without_a_cost_there_is_a_value_and_no_ratio(base):
    rows = list(
        tables.table(
            base, measures.value_measures(base, [stock(cost=UNKNOWN), replace(stock(), id="b")]), CURRENCY
        ).rows()
    )
    priced, free = rows
    assert priced["ratio low"] < priced["per unit of cost"] < priced["ratio high"]
    assert (free["cost"], free["per unit of cost"], free["CVaR per unit of cost"]) == (None, None, None)
    assert priced["CVaR per unit of cost"] == pytest.approx(priced["CVaR 95% falls by"] / priced["cost"])
    assert priced["CVaR, low"] < priced["CVaR 95% falls by"] < priced["CVaR, high"]
    assert free["averted"] == pytest.approx(priced["averted"])
    assert "no cost is known" in free["source of cost"]


def test_users_of_a_rock_are_not_taken_for_users_of_its_element():
    ground = baseline.prepare("IND", 2024, 20, 3, materials=["phosphorus"])
    exposure_ = exposure(ground.case, "IND", ground.networks["phosphorus"], ground.economy)
    shares = dict(zip(ground.networks["phosphorus"].stages, exposure_.uses.share.sum(axis=1), strict=True))
    assert shares == {"mined": pytest.approx(1.0), "refined": 0.0}


def test_as_published_nothing_changes_and_says_so(base):
    found = value_partnership(partnership(base, "RUS"))
    rows = {row["scenario"]: row for row in partner_tables.value(found, CURRENCY).rows()}
    assert rows["as-published"]["averted"] == 0
    assert "no tonnes were agreed" in rows["as-published"]["averts"]
    assert rows["offtake"]["tonnes"] > 0
    assert rows["offtake"]["loss with"] == pytest.approx(rows["offtake"]["loss without"] - rows["offtake"]["averted"])
    shares = [r for r in partner_tables.dependence(found, CURRENCY).rows() if r["scenario"] == "offtake"]
    assert all(row["share after"] >= row["share before"] - 1e-9 for row in shares)


def test_shares_of_agreements_add_up_to_what_all_avert(base):
    found = coalitions.coalition_games(base)
    assert {game.material for game in found} <= {"titanium", "copper"}
    for game in found:
        assert game.share.sum() == pytest.approx(game.joint, rel=1e-9)
    table = partner_agreements.table(base, found, CURRENCY)
    rows = list(table.rows())
    assert len(rows) == len(agreements.agreements("IND"))
    assert {row["as published"] for row in rows} == {0.0}
    total = sum(row["as a contract"] for row in rows)
    assert total == pytest.approx(CURRENCY.of(sum(game.joint for game in found)), rel=1e-6)
    unnamed = [row for row in rows if row["by mineral"] == "names no mineral"]
    assert unnamed
    assert all(row["as a contract"] == 0 for row in unnamed)
