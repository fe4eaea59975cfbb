"""Value added at risk on hand-made economies, and how an economy and its uses are read from a Case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.facts import store
from khanij.kernels.markets.inputoutput import shortage
from khanij.reference.assumptions import assumed_range
from khanij.reference.industry import economies
from khanij.simulate.loss import channels as economics
from khanij.simulate.loss import industries
from khanij.simulate.loss.channels import dependent_share, value_added_at_risk
from khanij.simulate.loss.industries import Economy, Uses

CODES = ("c2", "c14", "c15")


def hand_economy() -> Economy:
    """Three industries of 100 USD: mining, electronics (buys 10 of mining), vehicles (buys 20 of electronics)."""
    total = np.zeros((3, 3))
    total[0, 1], total[1, 2], total[2, 1] = 10.0, 20.0, 5.0
    domestic = total * np.array([[0.5], [0.75], [1.0]])
    return Economy(
        focus="AAA",
        table="io",
        year="2023",
        codes=CODES,
        names=CODES,
        output=np.full(3, 100.0),
        value_added=100.0 - total.sum(axis=0),
        domestic=domestic,
        total=total,
        factor=1.0,
        notes=(),
        sources=(),
    )


def hand_uses(*rows: tuple[float, float, float]) -> Uses:
    share = np.array(rows)
    return Uses(share, np.full((3, *share.shape), np.nan), ("",) * len(rows), ())


PSI = tuple(assumed_range("psi"))
WHOLE = np.ones((1, 3))


def test_first_order_is_value_added_times_the_shortage_of_its_own_cost_share():
    left, paid = np.array([[0.5]]), np.array([[3.0]])
    found = value_added_at_risk(
        hand_economy(), hand_uses((0, 1, 0)), np.array([2.0]), left, paid, psi=0.5, exposed=WHOLE
    )
    kept = shortage(2.0 / 100.0, 0.5, 0.5)
    np.testing.assert_allclose(found.cut, [[0.0, 85.0 * (1 - kept), 0.0]])
    np.testing.assert_allclose(found.alone, [[85.0 * (1 - kept)]])
    assert found.downstream[0, 2] > 0  # vehicles lack electronics
    assert found.upstream[0, 0] > 0  # mining loses sales
    assert found.converged.all()
    assert found.missing == {}


def test_each_channel_by_hand():
    found = value_added_at_risk(
        hand_economy(),
        hand_uses((0, 0, 0)),
        np.array([2.0]),
        np.array([[0.5]]),
        np.array([[3.0]]),
        sales=np.array([4.0]),
        output=np.array([[1.5]]),
        received=np.array([[3.0]]),
        margin=np.array([0.25]),
    )
    channels = found.channels()
    assert channels["users pay more"] == -2.0 * 0.5 * 2.0
    assert channels["domestic producers expand"] == 4.0 * 0.5 * 0.25
    assert channels["domestic producers receive a higher price"] == 4.0 * 1.5 * 2.0
    assert channels["users cut output"] == channels["customers cut output"] == channels["suppliers lose sales"] == 0.0
    assert found.net == -2.0 + 0.5 + 12.0
    assert found.missing == {0: (economics.NO_USES,)}


def test_an_undisturbed_market_costs_nothing():
    found = value_added_at_risk(
        hand_economy(),
        hand_uses((0, 0.6, 0.4)),
        np.array([2.0]),
        np.ones((2, 1)),
        np.ones((2, 1)),
        psi=np.array(PSI[:2]),
    )
    np.testing.assert_allclose(found.net, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.left, 1.0)


def test_less_material_or_less_substitution_costs_more_and_never_more_than_there_is():
    grid = np.linspace(0.0, 1.0, 6)[:, None]
    previous = None
    for psi in PSI:
        found = value_added_at_risk(
            hand_economy(), hand_uses((0, 0.5, 0.5)), np.array([1.0]), grid, np.ones_like(grid), psi=psi, exposed=WHOLE
        )
        lost = found.first_order + found.second_order
        assert (np.diff(lost) <= 1e-9).all()
        assert (lost >= 0).all()
        assert (lost <= hand_economy().value_added.sum()).all()
        assert previous is None or (lost <= previous + 1e-9).all()
        previous = lost


def test_substitution_between_products_moves_the_second_order_alone():
    common = (hand_economy(), hand_uses((0, 1, 0)), np.array([1.0]), np.array([[0.4]]), np.ones((1, 1)))
    stiff, easy = (value_added_at_risk(*common, psi=0.0, between=one, exposed=WHOLE) for one in (0.05, 0.9))
    np.testing.assert_allclose(stiff.cut, easy.cut)
    np.testing.assert_allclose(stiff.cut[0], [0.0, 85.0 * 0.6, 0.0])
    assert stiff.downstream.sum() > easy.downstream.sum() > 0


def test_a_material_that_cannot_be_had_costs_no_price():
    found = value_added_at_risk(
        hand_economy(), hand_uses((0, 1, 0)), np.array([2.0]), np.array([[0.0]]), np.array([[1e9]]), exposed=WHOLE
    )
    assert found.paid_more == 0.0
    np.testing.assert_allclose(found.cut[0], [0.0, 85.0, 0.0])


def test_what_is_not_known_is_missing_and_not_nothing():
    found = value_added_at_risk(
        hand_economy(),
        hand_uses((0, 1, 0), (0, 0, 0), (0, 0.5, 0)),
        np.array([np.nan, 1.0, 1.0]),
        np.full((1, 3), 0.5),
        np.full((1, 3), 2.0),
    )
    assert np.isnan(found.paid_more[0]).tolist() == [True, False, False]
    assert np.isnan(found.alone[0]).tolist() == [True, True, False]
    assert found.missing[0] == (economics.NO_SPENDING,)
    assert found.missing[1] == (economics.NO_USES,)
    assert "50%" in found.missing[2][0]
    assert np.isfinite(found.net).all()


def test_two_materials_short_together_cost_no_less_than_either_alone():
    spending, uses = np.array([1.0, 2.0]), hand_uses((0, 1, 0), (0, 1, 0))
    for part in (np.ones((2, 3)), np.full((2, 3), 0.2)):
        found = value_added_at_risk(
            hand_economy(), uses, spending, np.array([[0.4, 0.3]]), np.ones((1, 2)), exposed=part
        )
        assert found.first_order[0] >= found.alone.max() - 1e-9
        assert found.first_order[0] <= found.alone.sum() + 1e-9


def test_spending_above_what_an_industry_buys_is_cut_and_said():
    found = value_added_at_risk(
        hand_economy(), hand_uses((0, 1, 0)), np.array([40.0]), np.array([[0.5]]), np.ones((1, 1))
    )
    assert found.capped == ((0, 1),)


def test_the_part_that_needs_a_material_is_sourced_or_its_spending_over_a_stated_share():
    uses = hand_uses((0, 0.5, 0.5))
    np.testing.assert_allclose(dependent_share(hand_economy(), uses, np.array([0.01]))[0], [0.0, 0.005, 0.005])
    np.testing.assert_allclose(dependent_share(hand_economy(), uses, np.array([500.0]))[0], [0.0, 1.0, 1.0])
    uses.exposed[:, 0, 1] = [0.1, 0.2, 0.3]
    assert [dependent_share(hand_economy(), uses, np.array([0.01]), which)[0, 1] for which in range(3)] == [
        0.1,
        0.2,
        0.3,
    ]


def test_shapes_and_values_that_cannot_be_are_refused():
    good = {"left": np.ones((1, 1)), "paid": np.ones((1, 1))}
    for name, bad in (("left", np.ones((1, 2))), ("left", -np.ones((1, 1))), ("paid", np.zeros((1, 1)))):
        with pytest.raises(ValueError, match="left"):
            value_added_at_risk(hand_economy(), hand_uses((0, 1, 0)), np.ones(1), **{**good, name: bad})


def test_the_industries_that_lose_most_come_first():
    found = value_added_at_risk(
        hand_economy(), hand_uses((0, 1, 0)), np.array([2.0]), np.array([[0.3]]), np.ones((1, 1)), exposed=WHOLE
    )
    assert [code for code, _, _ in economics.summary(found, hand_economy())] == ["c14", "c15", "c2"]


def hand_case(regions: tuple[str, ...] = ("AAA", "BBB"), product: tuple[float, ...] = (530e6, 265e6, np.nan)) -> Case:
    """Two countries with tables of 2011 and one without; a group of all three; uses of two materials."""
    names = {
        "country": ("AAA", "BBB", "CCC"),
        "focus": ("AAA", "BBB", "CCC", "ALL"),
        "year": ("2023",),
        "material": ("copper", "germanium", "beryllium"),
        "sector": ("C26", "C29", "no sector"),
    }
    axes = {name: Axis(name, codes) for name, codes in names.items()}
    table, region, industry = Axis("table", ("io",)), Axis("region", regions), Axis("industry", CODES)
    member = np.concatenate([np.eye(3), np.ones((1, 3))])[:, :, None]
    total = hand_economy().total
    flow = np.stack([np.stack([0.5 * total, 0.5 * total])] * len(regions))[None]
    output = np.full((len(regions), 3), 100.0)
    use = np.array([[0.6, 0.3, 0.1], [np.nan] * 3, [np.nan] * 3])
    cubes = {
        "membership": Cube("membership", "1", (axes["focus"], axes["country"], axes["year"]), member),
        "gdp": Cube("gdp", "USD", (axes["country"], axes["year"]), np.array(product)[:, None]),
        "use_share": Cube("use_share", "1", (axes["material"], axes["sector"]), use),
        "economy_flow": Cube(
            "economy_flow",
            "MUSD",
            (
                table,
                region,
                Axis("origin", ("domestic", "imported")),
                Axis("supplier", CODES),
                industry,
            ),
            flow,
            sources=("wiod@2013",),
        ),
        "economy_output": Cube("economy_output", "MUSD", (table, region, industry), output[None]),
        "economy_value_added": Cube(
            "economy_value_added", "MUSD", (table, region, industry), (output - total.sum(axis=0))[None]
        ),
        "economy_year": Cube("economy_year", "1", (table,), np.array([2011.0])),
    }
    return Case(axes, cubes)


def test_an_economy_is_scaled_to_the_product_of_the_year_and_called_old():
    found = industries.economy(hand_case(), "AAA", "2023")
    assert found.factor == pytest.approx(2.0)
    assert found.value_added.sum() == pytest.approx(530e6)
    np.testing.assert_allclose(found.total, 2e6 * hand_economy().total)
    np.testing.assert_allclose(found.domestic, 1e6 * hand_economy().total)
    assert any("old" in note and "2011" in note and "2023" in note for note in found.notes)
    assert found.sources == ("wiod@2013",)
    assert found.margin("mined") == pytest.approx(1.0)


def test_a_group_adds_its_members_and_names_those_without_a_table():
    found = industries.economy(hand_case(), "ALL", "2023")
    np.testing.assert_allclose(found.value_added.sum(), 795e6)
    assert any("CCC" in note for note in found.notes)
    assert "trade among the members counts as imports" in found.notes


def test_without_a_product_the_table_is_not_scaled_and_says_so():
    found = industries.economy(hand_case(product=(np.nan, 1.0, 1.0)), "AAA", "2023")
    assert found.factor == 1.0
    assert any("not scaled" in note for note in found.notes)


@pytest.mark.parametrize(("regions", "focus"), [(("AAA", "BBB"), "CCC"), (("ZZZ",), "ALL")])
def test_a_focus_without_a_table_has_no_industries_and_says_so(regions, focus):
    found = industries.economy(hand_case(regions), focus, "2023")
    assert not found.known
    assert found.codes == found.sources == ()
    assert found.notes == (industries.NO_TABLE.format(focus),)
    assert np.isnan([found.margin(stage) for stage in industries.MAKERS]).all()
    uses = industries.uses(hand_case(), found, ["copper", "germanium"])
    assert uses.share.shape == (2, 0)
    assert uses.sources == ("", "")
    assert industries.economy(hand_case(), "AAA", "2023").known


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.0, 1.5), st.floats(0.1, 40.0), st.floats(0.0, 2.0), st.floats(0.1, 40.0), st.sampled_from([0.0, 0.1])
)
def test_without_a_table_what_needs_one_is_missing_and_never_nothing(left, paid, output, received, psi):
    none = industries.economy(hand_case(), "CCC", "2023")
    found = value_added_at_risk(
        none,
        industries.uses(hand_case(), none, [("copper", "mined")]),
        np.array([100.0]),
        np.full((2, 1), left),
        np.full((2, 1), paid),
        psi=psi,
        sales=np.array([50.0]),
        output=np.full((2, 1), output),
        received=np.full((2, 1), received),
        margin=np.array([none.margin("mined")]),
    )
    channels = found.channels()
    needing = {"users cut output", "domestic producers expand", "customers cut output", "suppliers lose sales"}
    assert {name for name, effect in channels.items() if np.isnan(effect).all()} == needing
    np.testing.assert_allclose(channels["users pay more"], -100.0 * left * (paid - 1.0))
    np.testing.assert_allclose(channels["domestic producers receive a higher price"], 50.0 * output * (received - 1.0))
    np.testing.assert_allclose(found.net, sum(effect for name, effect in channels.items() if name not in needing))
    assert np.isnan([found.first_order, found.second_order]).all()
    assert np.isnan(found.alone).all()
    assert found.missing == {0: (economics.NO_TABLE,)}


def test_who_makes_none_has_no_output_to_expand_with_or_without_a_table():
    none = industries.economy(hand_case(), "CCC", "2023")
    uses = industries.uses(hand_case(), none, [("copper", "mined")])
    found = value_added_at_risk(
        none,
        uses,
        np.ones(1),
        np.ones((1, 1)),
        np.ones((1, 1)),
        sales=np.zeros(1),
        output=0.5,
        margin=np.full(1, np.nan),
    )
    assert found.channels()["domestic producers expand"] == 0.0


def test_where_nothing_at_all_is_known_so_is_the_net():
    none = industries.economy(hand_case(), "CCC", "2023")
    uses = industries.uses(hand_case(), none, [("copper", "mined")])
    found = value_added_at_risk(
        none, uses, np.full(1, np.nan), np.ones((3, 1)), np.full((3, 1), 2.0), sales=np.full(1, np.nan), received=2.0
    )
    assert np.isnan(found.net).all()


def test_uses_of_the_study_of_a_reference_table_and_of_nobody():
    case = hand_case()
    found = industries.uses(
        case,
        industries.economy(case, "AAA", "2023"),
        [("copper", "refined"), ("germanium", "refined"), ("beryllium", "refined")],
    )
    np.testing.assert_allclose(found.share[0], [0.0, 0.6, 0.3])
    assert found.share[1].sum() == pytest.approx(0.5)  # catalysts stand in an industry that this table has not
    assert found.share[2].sum() == 0.0
    assert found.sources[0] == "eu-crm"
    assert found.sources[2] == ""
    assert any(note.startswith("germanium: uses of the world") for note in found.notes)


def test_uses_given_for_one_stage_are_no_uses_of_another():
    """The study gives who uses phosphate rock; who uses the element made of it, it does not say."""
    case = hand_case()
    stage = Axis("stage", ("mined", "refined"))
    use = np.full((3, 2, 3), np.nan)
    use[0, 0] = [0.6, 0.3, 0.1]
    axes = (case.axis("material"), stage, case.axis("sector"))
    given = Case(
        {**case.axes, "stage": stage},
        {**case.cubes, "use_share_by_stage": Cube("use_share_by_stage", "1", axes, use)},
    )
    found = industries.uses(
        given, industries.economy(given, "AAA", "2023"), [("copper", "mined"), ("copper", "refined")]
    )
    np.testing.assert_allclose(found.share[0], [0.0, 0.6, 0.3])
    assert found.share[1].sum() == 0.0
    assert found.sources == ("eu-crm", "")


def test_a_good_that_is_most_of_what_is_made_of_it_exposes_little_more_than_is_spent():
    case = hand_case()
    whole = industries.economy(case, "AAA", "2023")
    uses = industries.uses(case, whole, [("copper", "refined"), ("germanium", "refined")])
    assert np.isnan(uses.cost).all()
    given = replace(uses, cost=np.array([[1.0, np.nan], [0.5, np.nan], [0.25, np.nan]]))
    spending = np.array([1e6, 1e6])
    cost = 1e6 * uses.share / whole.output
    for which, share in enumerate((1.0, 0.5, 0.25)):
        found = dependent_share(whole, given, spending, which)
        np.testing.assert_allclose(found[0], cost[0] / share)
        np.testing.assert_allclose(
            found[1], np.minimum(cost[1] / tuple(assumed_range("dependent_cost"))[2 - which], 1.0)
        )


@pytest.mark.skipif("pinksheet" not in store.manifest()["sources"], reason="the store has no Pink Sheet")
def test_cost_shares_follow_from_prices_in_the_store():
    from khanij import reference

    labels = {"DAP | DAP": "dap", "TSP | TSP": "tsp", "PHOSROCK | Phosphate rock": "rock"}
    labels["POTASH | Potassium chloride"] = "mop"
    facts = store.collect(store.scan("pinksheet").filter(pl.col("quantity") == "price", pl.col("month").is_null()))
    last = facts.filter(pl.col("item").is_in(list(labels)), pl.col("year").is_between(2015, 2024))
    price = {
        name: last.filter(pl.col("item") == item).sort("year")["value"].to_numpy() for item, name in labels.items()
    }
    assert {len(series) for series in price.values()} == {10}
    rock = np.concatenate([0.46 / 0.31 * price["rock"] / price[name] for name in ("dap", "tsp")])
    chloride, phosphate = 0.26 / 0.61 * price["mop"], 0.26 / 0.46 * price["dap"]
    part = chloride / (chloride + phosphate)
    expected = {
        ("phosphorus", "mined"): (rock.max(), np.median(rock), rock.min()),
        ("potash", "mined"): (1.0, 1 / (0.5 + 0.5 / np.median(part)), part.min()),
    }
    rows = reference.rows("cost_shares")
    assert [(row["material"], row["stage"]) for row in rows] == sorted(expected)
    for row in rows:
        found = [float(row[name]) for name in ("least_loss", "best", "most_loss")]
        assert found == pytest.approx(expected[row["material"], row["stage"]], abs=0.005)
        assert row["confidence"] == "low"


def test_of_two_tables_the_finer_serves_alone_with_its_own_industries_notes_and_sources():
    case = hand_case()
    both, region = Axis("table", ("detail", "io")), Axis("region", ("AAA", "BBB", "USA"))
    industry = Axis("industry", ("331410", *CODES))
    output = np.full((2, 3, 4), np.nan)
    output[0, 2, 0], output[1, :2, 1:] = 50.0, 100.0
    flow = np.zeros((2, 3, 2, 4, 4))
    flow[0, 2, 0, 0, 0], flow[1, 0, 1, 1, 2] = 7.0, 10.0
    sources = ("bea-io@2017", "wiod@2013")
    axes = (both, region, Axis("origin", industries.ORIGINS), Axis("supplier", industry.codes), industry)
    country = Axis("country", ("AAA", "BBB", "USA"))
    focus = Axis("focus", ("USA", "AAA"))
    member = Cube("membership", "1", (focus, country, case.axis("year")), np.array([[0, 0, 1], [1, 0, 0]])[..., None])
    cubes = {
        "membership": member,
        "economy_flow": Cube("economy_flow", "MUSD", axes, flow, sources=sources, notes=("detail: cut", "io: old")),
        "economy_output": Cube("economy_output", "MUSD", (both, region, industry), output, sources=sources),
        "economy_value_added": Cube("economy_value_added", "MUSD", (both, region, industry), output / 2),
        "economy_year": Cube("economy_year", "1", (both,), np.array([2017.0, 2011.0])),
    }
    case = Case({**case.axes, "country": country, "focus": focus}, cubes)
    fine, coarse = (industries.economy(case, code, "2023") for code in focus.codes)
    assert (fine.table, fine.codes, fine.sources) == ("detail", ("331410",), ("bea-io@2017",))
    assert (coarse.table, coarse.codes, coarse.sources) == ("io", CODES, ("wiod@2013",))
    assert fine.domestic.tolist() == [[7e6]]
    assert coarse.total.sum() == coarse.total[0, 1] == 10e6
    assert coarse.domestic.sum() == 0.0
    assert [fine.notes[0], coarse.notes[0]] == ["cut", "old"]
    assert "2017" in fine.notes[1]


@pytest.mark.parametrize(("table", "count"), [("io", 35), ("detail", 402)])
def test_every_sector_of_a_use_has_an_industry_with_a_name(table, count):
    from khanij import reference

    named, divisions = set(economies.industries(table)), economies.divisions(table)
    assert len(named) == count
    mapped = [row.industry for rows in divisions.values() for row in rows]
    assert len(mapped) == len(set(mapped)) or table == "io"
    assert set(mapped) <= named
    for division in ["B07", *(f"C{number}" for number in range(10, 33)), *industries.MAKERS.values()]:
        assert divisions[division], division
    if table == "detail":
        assert {row["industry"] for row in reference.rows("use_industries")} <= named


@pytest.mark.skipif("bea-io" not in store.manifest()["sources"], reason="the store has no input-output tables")
def test_published_gallium_and_germanium_stop_lies_between_our_bounds():
    """USGS Open-File Report 2024-1057: 1.7 to 9.0 bn USD; our range holds it, as wide as what is known."""
    from khanij.data.cubes import build

    case = build.build(["USA"], [2023])
    whole = industries.economy(case, "USA", "2023")
    assert whole.table == "detail"
    uses = industries.uses(case, whole, [("gallium", "refined"), ("germanium", "refined")])
    spending = np.array([19.0 * 365e3, 30.0 * 1392e3])
    bounds = []
    for which, psi, left in ((0, PSI[2], (0.65, 0.95)), (2, PSI[0], (0.35, 0.6))):
        part = dependent_share(whole, uses, spending, which)
        found = value_added_at_risk(
            whole, uses, spending, np.array([left]), np.array([[2.5, 1.26]]), psi=psi, exposed=part
        )
        assert found.converged.all()
        bounds.append(-found.net[0] / 1e9)
    assert bounds[0] < 1.7
    assert bounds[1] > 9.0
