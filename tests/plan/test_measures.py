"""Measures on a hand-made world: sized as their kinds say, moved to their ends, worth what is averted."""

import sys
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij import reference
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.plan import levers as L
from khanij.plan.levers import apply
from khanij.plan.measures.measure import NOTHING, UNKNOWN, Measure, component, read
from khanij.plan.measures.partners import coalitions
from khanij.plan.measures.partners.partnership_value import largest_other, value_partnership
from khanij.plan.measures.partners.partnerships import PartnershipScenario, offtake_contracts, partnership
from khanij.plan.measures.scrap import RecoverableScrap
from khanij.plan.measures.sizing import exporters, size_measures
from khanij.plan.measures.value import value_at_ends, value_measure, value_measures
from khanij.reference.agreements import Agreement
from khanij.reference.assumptions import assumptions, with_assumptions
from khanij.simulate.risk import averted as valuation
from khanij.simulate.supply.networks import Network

sys.path.insert(0, str(Path(__file__).parent))
from worlds import FOCUS, LANDS, ground, world

NAN = float("nan")


@pytest.fixture(scope="module")
def base():
    return ground()


def stock(days=60.0, material="copper", stage="refined", cost=None):
    lever = L.Stockpile(id=f"stock-{material}", material=material, stage=stage, country=FOCUS, days=days)
    return of(lever, cost=cost or Range(1e6, 2e6, 4e6))


def of(*levers, cost=UNKNOWN, id="m"):
    kind, material = levers[0].kind, levers[0].material
    return Measure(id, "name", kind, kind, (material,), levers, 1.0, "t", cost, NOTHING, 0)


def scrap(copper=(50.0, 100.0, 150.0)):
    return RecoverableScrap({"cobalt": Range(*copper)}, {"cobalt": ((2025, 0.5), (2030, 1.0))}, 2030, "steps", ())


def test_measures_replace_a_part_of_imports_and_stocks_hold_days_of_use(base):
    found = {one.id: one for one in size_measures(base, None)}
    network = base.networks["copper"]
    bought, used = network.imports("refined"), network.consumption("refined")
    smelter = found["copper-smelter"]
    assert smelter.size == pytest.approx(0.5 * bought)
    assert tuple(smelter.levers[0].output) == pytest.approx((0.25 * bought, 0.5 * bought, 0.75 * bought))
    first, further = found["stock-first:copper:refined"], found["stock-further:copper:refined"]
    assert first.size == pytest.approx(60 / 365 * used)
    assert (further.needs, first.needs) == (first.id, "")
    assert first.cost.low / first.cost.best == pytest.approx(0.8)
    stake = found["copper-equity"].levers[0]
    assert stake.partner == exporters(network, FOCUS, "mined")[0] != FOCUS
    assert {one.kind for one in found.values()} == {"plant", "exploration", "equity", "stockpile"}


def test_an_assumption_that_was_asked_otherwise_sizes_otherwise():
    asked = ground(case=with_assumptions(world(), {"measure_import_part": 0.1, "stock_first": 10.0}))
    plain = {one.id: one for one in size_measures(ground(), None)}
    for one in size_measures(asked, None):
        if one.kind != "stockpile" and one.levers and not one.on_top:
            assert one.size == pytest.approx(plain[one.id].size * 0.2)
        elif one.kind == "stockpile" and not one.needs:
            assert one.size == pytest.approx(plain[one.id].size / 6)


def test_no_stock_of_a_trifle_is_proposed(base):
    """0.9 kg of beryllium was a measure once; both stocks of a good together are worth half a million dollars."""
    dear = ground(case=with_assumptions(world(), {"measure_least_cost": 1e6}))
    assert not [one for one in size_measures(dear, None) if one.kind == "stockpile"]
    for one in size_measures(base, None):
        if one.kind == "stockpile":
            assert one.cost.best >= 0.5e6 / 3  # the first of the two is a third of both


def test_a_group_has_no_plants(base):
    with pytest.raises(StudyError, match="no country"):
        size_measures(replace(base, focus="EU27"), None)


def test_plants_for_scrap_take_all_of_it_and_wait_for_it(base, monkeypatch):
    rows = reference.rows("recycling_outputs")
    monkeypatch.setattr(
        reference, "rows", lambda name, plain=reference.rows: rows if name == "recycling_outputs" else plain(name)
    )
    rows = [
        {**rows[0], "material": "copper", "stage": "refined"},
        {**rows[0], "material": "titanium", "stage": "refined"},
    ]
    arising = {"copper": ((2025, 0.2), (2030, 1.0)), "titanium": ((2025, 0.6), (2030, 1.0))}
    tonnes = {"copper": Range(50.0, 100.0, 150.0), "titanium": Range(1.0, 2.0, 3.0)}
    plant = size_measures(base, RecoverableScrap(tonnes, arising, 2030, "steps", ()))[-1]
    assert (plant.kind, plant.size, plant.materials) == ("recycling", 102.0, ("copper", "titanium"))
    assert plant.arising == arising["copper"]  # the metal that is least far along
    assert [tuple(lever.scrap) for lever in plant.levers] == [(50, 100, 150), (1, 2, 3)]
    assert value_measure(base, plant).tonnes == pytest.approx(102.0)
    assert not [one for one in size_measures(base, scrap()) if one.kind == "recycling"]  # of no material here


def test_every_figure_says_which_way_is_good_and_every_kind_what_it_is():
    for kind in L.LEVERS.values():
        amounts = [entry for entry in fields(kind) if entry.metadata["role"] == "amount"]
        assert all(entry.metadata["good"] in ("more", "less", "neither") for entry in amounts)
        assert sum(entry.metadata["scales"] for entry in amounts) >= 1, kind.kind
        assert kind.purpose
    with pytest.raises(StudyError, match="which way"):
        L.amount("tonnes", "t", "better")
    names = [one.name for one in L.supply_classes()]
    assert names == ["new plants and mines", "recycled", "stakes abroad", "contracts abroad"]


def test_components_of_a_programme_pay_for_purposes():
    paid = {kind: component(kind, "NCMM") for kind in L.LEVERS}
    assert (paid["plant"], paid["offtake"], paid["thrift"]) == ("plants", "overseas", "R&D")
    assert component("plant") == "plant"


@settings(max_examples=40)
@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3), st.sampled_from(["low", "high"]))
def test_levers_move_to_the_ends_of_their_ranges(values, end):
    low, best, high = sorted(values)
    found = L.Offtake(
        id="o", material="copper", stage="refined", focus=FOCUS, partner="CHL", volume=(low, best, high),
        sanctions=(low, best, high), exemption=(low, best, high), lead=(1, 2, 3),
    )  # fmt: skip
    moved, other = found.at_end(end), {"low": "high", "high": "low"}[end]
    assert tuple(moved.volume) == (found.volume.at(end),) * 3
    assert moved.exemption.best == found.exemption.at(end)
    assert moved.sanctions.best == found.sanctions.at(other)
    assert moved.lead == found.lead
    assert set(found.ranged()) <= {"volume", "weight", "sanctions", "exemption"}
    assert "volume" in found.ranged() or low == high


@settings(max_examples=30)
@given(st.floats(0.01, 3.0))
def test_a_measure_of_another_size_has_that_much_of_it_and_no_part_above_one(part):
    plant = L.Plant(id="p", material="copper", stage="refined", country=FOCUS, output=(1, 2, 3), recovery=0.9)
    less = L.DemandReduction(id="t", material="copper", stage="refined", country=FOCUS, part=0.6)
    half, small = of(plant, less).resized_levers(part)
    assert tuple(half.output) == pytest.approx((part, 2 * part, 3 * part))
    assert half.recovery == plant.recovery
    assert small.part.best == pytest.approx(min(0.6 * part, 1.0))
    assert of(plant).resized_levers(0.0) == ()


def test_substitutes_are_touched():
    found = L.Substitution(id="s", material="copper", stage="refined", country=FOCUS, part=0.1, substitute="titanium")
    assert of(found).touched() == ("copper", "titanium")


def test_a_measure_of_a_study_is_read_and_a_wrong_lever_named():
    entry = {
        "id": "x", "name": "n", "component": "", "size": 1.0, "unit": "t", "cost": UNKNOWN, "running": NOTHING,
        "lead": 1, "lump": 1.0, "needs": "", "source": "s", "confidence": "low", "assumed": ["a"],
        "levers": [dict(kind="stockpile", id="s", material="copper", stage="refined", country=FOCUS, days=9)],
    }  # fmt: skip
    found = read(entry, "plan.own.0", "NCMM")
    assert (found.kind, found.component, found.materials) == ("stockpile", "stockpile", ("copper",))
    with pytest.raises(StudyError) as refused:
        read(entry | {"levers": [{"kind": "miracle"}]}, "plan.own.0")
    assert refused.value.where == "plan.own.0.levers.0.kind"


def test_a_stock_averts_losses_and_only_of_its_mineral(base):
    one = value_measure(base, stock())
    assert list(one.averted.years) == ["copper"]
    assert one.estimate.expected > 0
    # paired: surer than two independent simulations would be
    assert 0 < one.estimate.error < np.sqrt(2) * np.nanstd(base.loss("copper"), ddof=1) / np.sqrt(base.years)
    assert sum(one.by_country.values()) == pytest.approx(one.estimate.expected, rel=0.05)
    assert one.tonnes == 0  # days of use are no supply
    assert one.spread.low < one.spread.best < one.spread.high


@settings(max_examples=8)
@given(st.floats(5, 100), st.floats(1.0, 3.0))
def test_more_days_avert_no_less(days, times):
    base = WORLD
    small, large = (value_measure(base, stock(days=d)).estimate.expected for d in (days, days * times))
    assert large >= small - 1e-9 * abs(small)


WORLD = ground(years=60)


def test_the_ratio_is_worst_at_the_high_cost_and_unknown_without_one(base):
    priced, free = value_measures(base, [stock(), stock(cost=UNKNOWN)])
    assert priced.ratio.low < priced.ratio.best < priced.ratio.high
    assert priced.ratio.best == pytest.approx(priced.estimate.expected / 2e6)
    assert priced.ratio.low == pytest.approx(priced.spread.low / 4e6)
    assert priced.tail_ratio == pytest.approx(priced.estimate.tail / 2e6)
    assert not free.ratio.is_known
    assert np.isnan(free.tail_ratio)
    assert free.estimate == priced.estimate
    worse = replace(priced, estimate=replace(priced.estimate, expected=-1e5, error=1e4))
    assert worse.ratio.low == pytest.approx(worse.spread.low / 1e6)  # a larger loss is worst at the low cost


def test_ends_are_valued_where_there_is_a_range(base):
    fixed = value_measure(base, stock())
    assert value_at_ends(base, fixed).low == value_at_ends(base, fixed).high == fixed.estimate.expected
    ranged = value_measure(base, stock(days=(30, 60, 120)))
    ends = value_at_ends(base, ranged)
    assert ends.low < ranged.estimate.expected < ends.high
    assert ends.high == value_measure(base, stock(days=120)).estimate.expected


def test_what_is_averted_is_the_same_in_any_order(base):
    contracts = offtake_contracts(base, "DEU", ["copper"])
    levers = [*contracts, stock().levers[0]]
    first, second = (valuation.averted_loss(base, apply(base.case, order).case) for order in (levers, levers[::-1]))
    for material in first.years:
        np.testing.assert_array_equal(first.years[material], second.years[material])


def test_contracts_are_a_part_of_imports_and_at_most_what_the_partner_sells(base):
    for lever in offtake_contracts(base, "DEU", base.materials):
        network = base.networks[lever.material]
        bought = network.imports(lever.stage)
        sold = network.exports("DEU", lever.stage)
        assert tuple(lever.volume) == pytest.approx(tuple(min(part * bought, sold) for part in (0.05, 0.1, 0.2)))
    assert offtake_contracts(base, "PER", base.materials) == ()  # sells nothing here


def agreement(partner="DEU", materials=("copper",), id="a"):
    known = {entry.name: "" for entry in fields(Agreement)}
    lists = {"materials": materials, "partners": (partner,), "scopes": ("offtake",)}
    plain = {"id": id, "focal": FOCUS, "strength": "mou", "date": "2025-01-01"}
    return Agreement(**{name: (known | lists | plain)[name] for name in known})


@pytest.fixture
def signed(monkeypatch):
    """Two instruments that name copper, and one that names nothing."""
    listed = (agreement(), agreement("CHL", id="b"), agreement("DEU", id="c"), agreement("CHN", (), id="d"))

    def agreements(focal, partner=None, material=None):
        return tuple(a for a in listed if partner is None or partner in a.partners)

    fake = SimpleNamespace(agreements=agreements)
    monkeypatch.setattr("khanij.plan.measures.partners.partnerships.agreements", fake)
    monkeypatch.setattr("khanij.plan.measures.partners.coalitions.agreements", fake)
    return listed


def test_a_partnership_has_its_scenarios_with_and_without(base, signed):
    found = value_partnership(partnership(base, "DEU"))
    by_name = {one.scenario.name: one for one in found.scenarios}
    assert list(by_name) == ["as-published", "research", "offtake", "plants", "offtake-and-plants"]
    published, contracts = by_name["as-published"], by_name["offtake"]
    assert (published.value.estimate.expected, published.value.tonnes) == (0, 0)
    assert contracts.value.tonnes > 0
    assert contracts.loss_without == pytest.approx(float(base.loss("copper").mean()))
    assert contracts.loss_with == pytest.approx(contracts.loss_without - contracts.value.estimate.expected)
    assert sum(contracts.by_mineral.values()) == pytest.approx(contracts.value.estimate.expected)
    assert set(contracts.by_mineral) == {"copper"}
    both = by_name["offtake-and-plants"]
    assert both.value.tonnes > contracts.value.tonnes


def test_contracts_add_dependence_and_its_stop_is_told_before_and_after(base, signed):
    found = value_partnership(partnership(base, "DEU"))
    moved = [one for one in found.dependence if one.scenario.name == "offtake"]
    assert moved
    for one in moved:
        network = base.networks[one.material]
        assert one.before.share == pytest.approx(network.share("DEU", one.stage))
        assert one.after.share > one.before.share
        assert one.before.largest_other[0] != "DEU"
        assert one.after.loss_if_stopped != one.before.loss_if_stopped > 0  # of one and the same partner


def test_scenarios_without_a_named_mineral_are_of_those_asked_for(base, monkeypatch):
    monkeypatch.setattr(
        "khanij.plan.measures.partners.partnerships.agreements", SimpleNamespace(agreements=lambda focal, partner: ())
    )
    pair = partnership(base, "DEU", ["titanium"])
    assert [one.name for one in pair.scenarios] == ["offtake", "plants"]
    assert {lever.material for one in pair.scenarios for lever in one.levers} == {"titanium"}
    own = PartnershipScenario("mine", "my own", stock().levers, "assumed")
    assert partnership(base, "DEU", own=(own,), usual=False).scenarios == (own,)


def test_shares_of_agreements_add_up_to_what_all_avert(base, signed):
    games = coalitions.coalition_games(base)
    assert [(game.material, game.partners) for game in games] == [("copper", ("DEU", "CHL"))]
    assert games[0].share.sum() == pytest.approx(games[0].joint, rel=1e-9)
    shares = {one.agreement.id: one for one in coalitions.share_agreements(base, games)}
    assert sum(one.averted for one in shares.values()) == pytest.approx(games[0].joint, rel=1e-9)
    assert shares["a"].averted == shares["c"].averted  # of one partner on one mineral
    assert (shares["d"].averted, shares["d"].by_mineral) == (0.0, ())
    assert shares["a"].error_years == pytest.approx(games[0].error_years[0] / 2)


def test_the_largest_other_seller_is_not_the_partner():
    flow = np.array([[[0.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0], [9.0, 0.0, 0.0, 0.0]]])
    none = np.zeros((1, 4))
    nodes = ("JPN", "AUS", "CHL", "rest")
    network = Network(
        "tin", "2024", ("mined",), nodes, flow, none, none, none, np.array([1.0]), (True,), (True,), (), None, ("JPN",)
    )  # fmt: skip
    assert largest_other(network, "mined", "AUS") == ("CHL", pytest.approx(3 / 17))
    assert largest_other(network, "mined", "CHL") == ("AUS", pytest.approx(5 / 17))
    assert exporters(network, "JPN", "mined") == ("AUS", "CHL")


def test_no_assumption_of_plans_is_idle():
    """A row that names a module of plan is read there."""
    package = Path(__file__).parents[2] / "src" / "khanij"
    read = [(id, module) for id, row in assumptions().items() for module in row.used if module.startswith("plan/")]
    assert len(read) > 10
    for id, module in read:
        assert f'"{id}"' in (package / f"{module}.py").read_text(encoding="utf-8"), (id, module)


def test_the_world_is_what_the_tests_think(base):
    assert base.materials == ("copper", "titanium")
    assert set(LANDS) <= set(base.networks["copper"].nodes)
