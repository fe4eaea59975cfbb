"""Networks: every tonne of the records is in the flows, once, from who made it to who used it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from khanij.analyses.inputs import cases
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.reference.assumptions import assumed, with_assumptions
from khanij.reference.industry.elasticities import elasticity
from khanij.simulate.supply.networks import FREE, HOME, RAISED, REST, SELLERS, UNLISTED, Network, networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import CODES, market, random_market

SEEDS = st.integers(0, 10**6)
ZERO = np.zeros((3, 3))


def table(n=3, **flows):
    out = np.zeros((n, n))
    for pair, tonnes in flows.items():
        seller, _, buyer = pair.partition("_")
        out["abcde".index(seller), "abcde".index(buyer)] = tonnes
    return out


def only(case, **more):
    (found,) = networks(case, **more)
    return found


def at(network, stage, seller, buyer):
    return network.flow[network.stages.index(stage), network.nodes.index(seller), network.nodes.index(buyer)]


HUB = ({"refined": table(a_b=60.0, b_c=50.0)}, {"refined": [100.0, 0.0, 0.0]})


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_one_world_market_keeps_output_and_use_and_sends_every_buyer_the_same_mix(seed):
    found = only(random_market(seed))
    whole = found.pooled()
    part = np.array([elasticity("pooled", "tin", stage).range.best for stage in found.stages])
    np.testing.assert_allclose(whole.output, found.output)
    np.testing.assert_allclose(whole.use, found.use)
    for k, w in enumerate(part):
        sold, bought = found.trade[k].sum(axis=1), found.trade[k].sum(axis=0)
        moved = whole.flow[k] - (1.0 - w) * found.flow[k] - w * np.diag(np.diag(found.flow[k]))
        np.testing.assert_allclose(moved, w * np.outer(sold, bought) / max(sold.sum(), 1e-300), atol=1e-9)


def test_what_is_pooled_lies_at_a_position_of_its_range_and_zero_is_what_was_recorded():
    found = only(market(*HUB))
    low, *_ = elasticity("pooled", "tin", "refined").range
    assert low == 0
    np.testing.assert_array_equal(found.pooled(0.0).flow, found.flow)
    np.testing.assert_allclose(found.pooled(0.25).flow, (found.flow + found.pooled().flow) / 2)


def test_goods_of_many_grades_are_not_pooled():
    found = only(market(*HUB, material="antimony"))
    assert found.pooled() is found


def test_a_hub_that_makes_nothing_sells_nothing_of_its_own():
    found = only(market(*HUB))
    assert at(found, "refined", "AAA", "AAA") == pytest.approx(40.0)
    assert at(found, "refined", "AAA", "BBB") == pytest.approx(10.0)
    assert at(found, "refined", "AAA", "CCC") == pytest.approx(50.0)
    assert found.output[0, found.place("BBB")] == 0
    assert found.flow.sum() == pytest.approx(100.0)
    assert found.notes == ()


def test_customs_see_the_last_country():
    found = only(market(*HUB), customs=True)
    assert at(found, "refined", "AAA", "BBB") == 60.0
    assert at(found, "refined", "BBB", "CCC") == 50.0
    assert at(found, "refined", "AAA", "AAA") == 40.0
    assert at(found, "refined", "BBB", "BBB") == 0.0


def test_blends_are_in_proportion():
    trade = {"refined": table(a_b=60.0, c_b=20.0, b_a=10.0, b_c=30.0)}
    found = only(market(trade, {"refined": [100.0, 20.0, 50.0]}))
    pool = np.array([110.0, 100.0, 80.0])
    step = trade["refined"].T / pool[:, None]  # what one draws from another's exports
    made = np.linalg.inv(np.eye(3) - step) @ np.diag(np.array([100.0, 20.0, 50.0]) / pool)
    use = pool - trade["refined"].sum(axis=1)
    np.testing.assert_allclose(found.flow[0, :3, :3], (made * use[:, None]).T)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans(), st.integers(2, 5))
def test_rows_are_output_and_columns_are_use(seed, known, n):
    case = random_market(seed, n=n, known=known)
    found = only(case)
    assert (found.flow >= 0).all()
    for k in range(len(found.stages)):
        np.testing.assert_allclose(found.output[k].sum(), found.use[k].sum())
        assert found.output[k, n:].sum() == 0  # nobody is left for the rest
    recorded = only(case, customs=True)
    assume(not any("of the stage before" in note for note in recorded.notes))
    made = np.nan_to_num(case.array("production", "material", "stage", "country", "year")[0, :, :, 0])
    flows = np.nan_to_num(case.cube("trade").values[0, :, :, :, 0])
    for k, stage in enumerate(recorded.stages):
        s = case.axis("stage").at(stage)
        exports, imports, own = flows[s].sum(axis=1), flows[s].sum(axis=0), made[s]
        if recorded.known[k]:
            own = own + np.maximum(exports - own - imports, 0.0)  # raised to what exports need
            passed = np.maximum(exports - own, 0.0)  # customs see what is sold on as made there
            np.testing.assert_allclose(recorded.output[k, :n], own + passed, atol=1e-9 * own.sum())


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 5))
def test_nothing_is_lost_when_countries_are_merged(seed, nodes):
    case = random_market(seed, n=5)
    whole, merged = only(case, nodes=9), only(case, nodes=nodes)
    assert merged.nodes[-1] == REST
    assert "AAA" in merged.nodes  # of the focus
    onto = np.zeros((len(whole.nodes), len(merged.nodes)))
    for i, code in enumerate(whole.nodes):
        onto[i, merged.place(code)] = 1.0
    np.testing.assert_allclose(merged.flow, np.einsum("kij,ia,jb->kab", whole.flow, onto, onto), rtol=1e-12)
    np.testing.assert_allclose(merged.flow.sum(axis=(1, 2)), whole.flow.sum(axis=(1, 2)))


def test_who_is_named_is_a_node_of_its_own():
    case = random_market(3, n=5)
    for code in CODES:
        assert code in only(case, nodes=1, named=[code, "ZZZ"]).nodes
    assert len(only(case, nodes=1).nodes) <= 3  # the largest, the focus, the rest


def test_the_largest_are_named_first():
    trade = {"refined": table(5, d_e=1.0, a_b=1.0, c_a=900.0)}
    found = only(market(trade, {"refined": [1.0, 0.0, 1000.0, 1.0, 0.0]}), nodes=2)
    assert "CCC" in found.nodes
    assert found.place("EEE") == found.nodes.index(REST)


def test_what_is_passed_on_is_the_least_of_use_and_next_output():
    trade = {"mined": table(a_b=60.0), "refined": table(b_c=20.0, a_c=5.0)}
    found = only(
        market(trade, {"mined": [220.0, 0.0, 0.0], "refined": [80.0, 30.0, 0.0]}, value={"mined": 2, "refined": 4})
    )
    a, b = found.place("AAA"), found.place("BBB")
    assert found.share_processed[0, [a, b]] == pytest.approx([0.5, 0.5])  # 80 of 160; 30 of 60
    assert found.input_coverage[1, [a, b]] == pytest.approx([1.0, 1.0])
    assert found.cost[1, [a, b]] == pytest.approx([0.5, 0.5])  # half of the value
    short = only(market(trade, {"mined": [100.0, 0.0, 0.0], "refined": [80.0, 30.0, 0.0]}))
    assert 0.4 < short.input_coverage[1, short.place("AAA")] < 0.9  # part of it is made of what nobody recorded
    assert not found.share_processed[-1].any()
    assert not found.cost[0].any()
    assert found.value.tolist() == [2000.0, 4000.0]


def test_a_cost_is_kept_inside_reason_and_guessed_without_values():
    trade, output = {"mined": table(a_b=60.0), "refined": table(b_c=20.0)}, {"mined": [90, 0, 0], "refined": [0, 60, 0]}
    dear = only(market(trade, output, value={"mined": 9.0, "refined": 3.0}))
    cheap = only(market(trade, output, value={"mined": 0.01, "refined": 3.0}))
    none = only(market(trade, output))
    assert [n.cost[1, n.place("BBB")] for n in (dear, cheap, none)] == pytest.approx([0.95, 0.05, 0.5])
    assert np.isnan(none.value).all()


def test_the_price_stands_in_for_the_last_stage_only():
    trade, output = {"mined": table(a_b=60.0), "refined": table(b_c=20.0)}, {"mined": [90, 0, 0], "refined": [0, 60, 0]}
    found = only(market(trade, output, price=5000.0))
    assert found.value[0] == pytest.approx(assumed("input_cost_share") * 5000.0)
    assert any(note.startswith("mined: no price of it is known") for note in found.notes)
    (dearer,) = networks(with_assumptions(market(trade, output, price=5000.0), {"input_cost_share": 0.2}))
    assert dearer.value[0] == pytest.approx(1000.0)
    assert found.value[1] == 5000.0


@pytest.mark.parametrize(("material", "stage"), [("vanadium", "refined"), ("steam-coal", "mined")])
def test_a_value_that_holds_other_goods_is_no_price(material, stage):
    trade, output = {stage: table(a_b=10.0)}, {stage: [20.0, 0, 0]}
    assert np.isnan(only(market(trade, output, material=material, value={stage: 9.0})).value[0])
    assert only(market(trade, output, material=material, value={stage: 9.0}, price=21_000.0)).value[0] == 21_000.0


def test_of_exports_above_output_the_surer_record_moves_less():
    case = market({"refined": table(a_b=50.0, c_b=10.0)}, {"refined": [30.0, 0.0, 10.0]})
    recorded, found = only(case, customs=True), only(case)
    assert recorded.output[0, found.place("AAA")] == pytest.approx(50.0)
    assert recorded.notes == (f"refined: {RAISED} (1)",)
    made, sold = found.output[0, found.place("AAA")], at(found, "refined", "AAA", "BBB")
    assert sold <= made * (1 + 1e-9)
    assert 30.0 < made < 32.0  # output is known to a tenth, trade to a half
    assert found.notes == ()


def test_flows_that_a_source_does_not_list_are_told():
    case = market({"refined": table(a_b=50.0)}, {"refined": [60.0, 0.0, 0.0]})
    axes = tuple(case.axis(name) for name in ("material", "stage", "year"))
    part = np.zeros(tuple(map(len, axes)))
    part[0, case.axis("stage").at("refined")] = 0.05
    cut = replace(case, cubes={**case.cubes, "trade_unlisted": Cube("trade_unlisted", "1", axes, part)})
    assert only(cut).notes == (f"refined: 5% {UNLISTED}",)
    assert only(case).notes == ()


def test_withheld_output_is_no_zero_where_exports_need_it():
    found = only(market({"refined": table(a_b=50.0)}, {"refined": [np.nan, 10.0, 0.0]}))
    assert found.output[0, found.place("AAA")] == pytest.approx(50.0)


def test_without_a_source_on_output_net_sellers_are_the_makers():
    found = only(market({"refined": table(a_b=60.0, b_c=50.0)}, {}))
    assert found.known == (False,)
    assert found.output[0, [found.place(c) for c in "AAA BBB CCC".split()]].tolist() == pytest.approx([60.0, 0.0, 0.0])
    assert found.notes == (f"refined: {SELLERS}",)


def test_a_stage_without_trade_is_one_market_or_stays_at_home():
    mined = [90.0, 0.0, 10.0]
    fed = only(market({"refined": table(b_a=20.0)}, {"mined": mined, "refined": [0.0, 45.0, 5.0]}))
    assert fed.traded == (False, True)
    assert f"mined: {FREE}" in fed.notes
    assert at(fed, "mined", "AAA", "BBB") == pytest.approx(90.0)  # 45 of 50 refined are made there
    assert fed.share_processed[0, fed.place("BBB")] == pytest.approx(0.5)
    alone = only(market({"refined": table(b_a=20.0)}, {"mined": mined}))
    assert f"mined: {HOME}" in alone.notes
    np.testing.assert_allclose(np.diag(alone.flow[0])[:3], mined, atol=0.01)
    assert not alone.share_processed.any()
    assert not alone.cost.any()


def test_scrap_is_no_stage_of_a_chain():
    found = only(market({"refined": table(a_b=6.0), "scrap": table(b_a=3.0)}, {"refined": [9.0, 0, 0]}))
    assert found.stages == ("refined",)


def test_no_trade_by_mass_no_network():
    assert networks(market({"refined": ZERO}, {"refined": [9.0, 0, 0]})) == []
    assert networks(market({"scrap": table(a_b=1.0)}, {"refined": [9.0, 0, 0]})) == []


def test_what_the_case_does_not_hold_is_refused():
    case = market(*HUB)
    with pytest.raises(CoverageError, match="2025"):
        networks(case, year="2025")
    with pytest.raises(CoverageError, match="unobtainium"):
        networks(case, ["unobtainium"])


def test_a_tonne_of_use_is_worth_what_its_buyer_paid_within_reason():
    flow = np.array([[[2.0, 6.0, 0.0], [1.0, 2.0, 5.0], [0.0, 0.0, 0.0]]])  # maker, user
    nodes, none, value = ("AUS", "IND", "rest"), np.zeros((1, 3)), np.array([100.0])
    plain = Network("tin", "2024", ("refined",), nodes, flow, none, none, none, value, (True,), (True,), ())
    np.testing.assert_allclose(plain.unit_value, [[100.0, 100.0, 100.0]])
    paid = replace(plain, import_unit_value=np.array([[np.nan, 40.0, 1.0]]))
    # a quarter of India's use is home-made
    np.testing.assert_allclose(paid.unit_value, [[100.0, 0.25 * 100 + 0.75 * 40, 1.0]])


def test_a_value_of_imports_beyond_the_band_is_cut_to_it():
    trade = np.zeros((4, 4))
    trade[1, 0], trade[1, 2], trade[1, 3] = 50.0, 1.0, 1.0
    case = market({"refined": trade}, {"refined": [0.0, 90.0, 0.0, 0.0]}, value={"refined": 2.0})
    cube = case.cube("trade_value")
    values = cube.values.copy()
    values[0, 2, 1, 2, 0], values[0, 2, 1, 3, 0] = 0.001, 3.0
    (network,) = networks(case.with_cubes("odd values", trade_value=replace(cube, values=values)))
    world, band = network.value[0], assumed("import_value_band")
    assert network.import_unit_value[0, network.place("CCC")] == pytest.approx(world / band)
    assert network.import_unit_value[0, network.place("DDD")] == pytest.approx(3000.0)
    wide = with_assumptions(
        case.with_cubes("odd values", trade_value=replace(cube, values=values)), {"import_value_band": 1.0}
    )
    (narrow,) = networks(wide)
    assert narrow.import_unit_value[0, narrow.place("CCC")] == narrow.value[0]


def test_what_a_country_pays_is_that_of_its_own_customs():
    case = cases.case("IND", 2024, ["cobalt"])
    network = networks(case, ["cobalt"], "2024", nodes=8, named=["IND"])[0]
    assert network.import_unit_value is not None
    k, j = network.stages.index("processed"), network.place("IND")
    # metal and oxides, where the world trades mostly hydroxide, which pays less for its cobalt
    assert network.value[k] < network.import_unit_value[k, j] < 2 * network.value[k]
    assert np.isnan(network.import_unit_value[:, network.nodes.index(REST)]).all()


@given(st.integers(0, 10_000), st.integers(1, 3))
def test_a_network_answers_for_its_focus(seed, count):
    """What is used is home-made or bought; a group's trade among its members is home."""
    (network,) = networks(random_market(seed))[:1]
    focus = network.for_focus(network.nodes[:count])
    at = list(range(count))
    for k, stage in enumerate(network.stages):
        use = network.use[k][at].sum()
        assert focus.consumption(stage) == pytest.approx(use)
        assert focus.home(stage) + focus.imports(stage) == pytest.approx(use)
        assert focus.home(stage) >= network.flow[k].diagonal()[at].sum() * (1 - 1e-12)
        assert focus.made(stage) == pytest.approx(network.output[k][at].sum())
        if use > 0:
            assert sum(focus.share(node, stage) for node in network.nodes) == pytest.approx(1.0)
        bought = focus.sellers(stage)
        assert list(bought.values()) == sorted(bought.values(), reverse=True)
        assert not set(bought) & {*focus.members, REST}
        assert sum(bought.values()) <= focus.imports(stage) * (1 + 1e-9) + 1e-9
        sold = sum(focus.exports(node, stage) for node in network.nodes)
        assert sold == pytest.approx(network.trade[k].sum())
    assert focus.consumption("no such stage") == focus.share("ZZZ", network.stages[0]) == 0.0


def test_a_case_of_one_focus_gives_networks_that_know_it():
    (network,) = networks(random_market(1))
    assert network.members == ("AAA",)
    assert network.at == (network.nodes.index("AAA"),)


def shared(case, stage, share, world):
    """The case with published shares of a stage, and its world output."""
    axes = [case.axis(name) for name in ("material", "stage", "country", "year")]
    s = case.axis("stage").at(stage)
    values = np.full(tuple(map(len, axes)), np.nan)
    values[0, s, : len(share), 0] = share
    totals = np.full((1, len(axes[1]), 1), np.nan)
    totals[0, s, 0] = world
    return case.with_cubes(
        "shares",
        stage_share=Cube("stage_share", "1", tuple(axes), values, sources=("shares@1",)),
        stage_world=Cube("stage_world", "t", (axes[0], axes[1], axes[3]), totals, sources=("shares@1",)),
    )


def test_output_that_nobody_lists_is_that_of_published_shares():
    case = market({"refined": table(a_b=10.0)}, {"mined": [0.0, 100.0, 100.0]})
    found = only(shared(case, "refined", [0.8, 0.1], 100.0))
    made = found.output[found.stages.index("refined")]
    assert made[found.place("AAA")] == pytest.approx(80.0)
    assert made[found.place("BBB")] == pytest.approx(10.0)
    assert found.known == (True, True)
    assert any("published shares of 90%" in note for note in found.notes)
    bare = only(case)
    assert bare.output[bare.stages.index("refined")].sum() == pytest.approx(10.0)


def test_output_of_one_country_alone_is_not_the_worlds():
    """One's own fact of BBB, and no world output: AAA still makes 80 of 100 t by the published shares, BBB its 15 t."""
    case = market({"refined": table(a_b=10.0)}, {"mined": [0.0, 100.0, 100.0], "refined": [np.nan, 15.0, np.nan]})
    axes = tuple(case.axis(name) for name in ("material", "stage", "year"))
    totals = np.full(tuple(map(len, axes)), np.nan)
    totals[0, case.axis("stage").at("mined")] = 200.0
    world = Cube("world_production", "t", axes, totals, sources=("world@1",))
    found = only(shared(case, "refined", [0.8, 0.1], 100.0).with_cubes("world", world_production=world))
    made = found.output[found.stages.index("refined")]
    assert made[found.place("AAA")] == pytest.approx(80.0, rel=0.05)
    assert made[found.place("BBB")] == pytest.approx(15.0, rel=0.1)


def test_what_a_chain_can_feed_bounds_what_is_published():
    case = market({"refined": table(a_b=10.0)}, {"mined": [0.0, 50.0, 50.0]})
    found = only(shared(case, "refined", [1.0], 1000.0))
    assert found.output[found.stages.index("refined")].sum() == pytest.approx(100.0 * assumed("stage_yield", case))


def test_shares_without_a_total_are_scaled_to_what_is_sold():
    given = market({"refined": table(a_b=30.0, c_b=10.0)}, {})
    found = only(shared(given, "refined", [0.6, 0.2, 0.2], np.nan))
    assert found.output[0].sum() == pytest.approx(50.0)


def test_exports_beyond_what_is_made_are_of_the_stage_before():
    """A miner sells intermediates under the code of the metal: who refines them is the refiner."""
    case = market({"refined": table(c_a=80.0, a_b=30.0)}, {"mined": [0.0, 0.0, 100.0], "refined": [70.0, 0.0, 5.0]})
    found = only(case)
    refined = found.output[found.stages.index("refined")]
    assert refined[found.place("AAA")] == pytest.approx(70.0)
    assert refined[found.place("CCC")] == pytest.approx(5.0)
    assert at(found, "mined", "CCC", "AAA") >= 75.0
    assert any("75 t" in note and "stage before" in note for note in found.notes)


def test_what_is_touched_is_made_there_or_of_what_is_made_there():
    """By hand: A mines 6 of the 10 t that B refines, whose output ore has fed to 3/4; C uses 4 t of B and 1 t of A."""
    flow = np.zeros((2, 3, 3))
    flow[0, :, 1] = (6.0, 4.0, 0.0)  # ore to B
    flow[1, :, 2] = (1.0, 4.0, 0.0)  # metal to C
    flow[1, 1, 1] = 4.0
    coverage = np.array([[0.0, 0.0, 0.0], [0.0, 0.75, 0.0]])
    blank = np.full((2, 3), np.nan)
    made = Network("m", "2024", ("mined", "refined"), ("A", "B", "C"), flow, blank, coverage, blank,
                   np.array([1.0, 1.0]), (True, True), (True, True), (), members=("C",))  # fmt: skip
    metal, ore = {"refined": {"A"}}, {"mined": {"A"}}
    assert made.touched(lambda stage: metal.get(stage, ()), "refined") == pytest.approx(1 / 5)
    assert made.touched(lambda stage: ore.get(stage, ()), "refined") == pytest.approx(0.75 * 0.6 * 4 / 5)
    assert made.touched(lambda stage: {"A"}, "refined") == pytest.approx((1 + 0.75 * 0.6 * 4) / 5)
    assert made.touched(lambda stage: (), "refined") == 0.0
    assert made.touched(lambda stage: {"A"}, "mined") == 0.0  # C uses no ore
