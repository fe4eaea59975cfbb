"""Levers: mass kept, nothing below zero, order without effect, only the named cubes changed, no invented tonnes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.core.range import Range
from khanij.plan import levers as L
from khanij.plan.levers import catalogue
from khanij.plan.levers.beneficiation import curve, gain, mass_pull, recovery, tailings_grade
from khanij.reference import agreements
from khanij.reference import measures as table

LANDS = ("IND", "CHN", "RUS", "CHL", "DEU", "JPN")
STAGES = ("mined", "refined", "component")
MATERIALS = ("copper", "titanium")
YEAR = "2024"


def case(seed=0, sparse=True, ranges=True, years=(YEAR,), covered=("mined", "refined")):
    """A random world whose output covers its exports; components are traded, their makers are in no source."""
    draw = np.random.default_rng(seed)
    m, s, n, y = len(MATERIALS), len(STAGES), len(LANDS), len(years)
    trade = draw.uniform(1, 50, (m, s, n, n, y)) * (draw.random((m, s, n, n, y)) < 0.7)
    trade[:, :, np.arange(n), np.arange(n)] = 0.0
    net = trade.sum(axis=3) - trade.sum(axis=2)
    output = np.maximum(net, 0) + draw.uniform(5, 60, net.shape)
    for k, stage in enumerate(STAGES):
        if stage not in covered:
            output[:, k] = np.nan
    world = np.where(np.isnan(output).all(axis=2), np.nan, np.nansum(output, axis=2))
    axes = {
        "material": Axis("material", MATERIALS),
        "stage": Axis("stage", STAGES),
        "country": Axis("country", LANDS),
        "year": Axis("year", years),
        "focus": Axis("focus", ("IND",)),
    }
    flow = (axes["material"], axes["stage"], Axis("exporter", LANDS), Axis("importer", LANDS), axes["year"])
    made = tuple(axes[name] for name in ("material", "stage", "country", "year"))
    member = np.zeros((1, n, y))
    member[0, 0] = 1

    def cube(name, unit, on, values, spread):
        low, high = (values * (1 - spread), values * (1 + spread)) if ranges else (None, None)
        if sparse and len(on) == 5:
            at = np.stack(np.nonzero(values > 0))
            low, high = (None, None) if low is None else (low[tuple(at)], high[tuple(at)])
            origin = np.zeros(at.shape[1], dtype=np.int16)
            return Cube(name, unit, on, values[tuple(at)], at, low, high, ("hand",), origin)
        if len(on) == 5:
            gone = values > 0
            values = np.where(gone, values, np.nan)
            low, high = (None, None) if low is None else (np.where(gone, low, np.nan), np.where(gone, high, np.nan))
        return Cube(name, unit, on, values, None, low, high, ("hand",))

    price = draw.uniform(1, 9, trade.shape)
    cubes = {
        "production": cube("production", "t", made, output, 0.1),
        "world_production": Cube("world_production", "t", (made[0], made[1], made[3]), world),
        "trade": cube("trade", "t", flow, trade, 0.2),
        "trade_value": cube("trade_value", "kUSD", flow, trade * price, 0.0),
        "membership": Cube("membership", "1", (axes["focus"], axes["country"], axes["year"]), member),
        "price": Cube("price", "USD/t", (axes["material"], axes["year"]), np.full((m, y), 9000.0)),
    }
    return Case(axes, cubes)


def flows(found, quantity="trade"):
    """Dense (material, stage, exporter, importer, year)."""
    at, values = found.entries(quantity, "material", "stage", "country:exporter", "country:importer", "year")
    dense = np.zeros((len(MATERIALS), len(STAGES), len(LANDS), len(LANDS), len(found.axis("year"))))
    dense[tuple(at)] = values
    return dense


def made(found):
    return np.nan_to_num(found.array("production", "material", "stage", "country", "year"))


def used(found):
    return made(found) + flows(found).sum(axis=2) - flows(found).sum(axis=3)


def offtake(id="o", volume=20.0, **more):
    given = {"material": "copper", "stage": "refined", "focus": "IND", "partner": "CHL", "weight": 1.0}
    return L.Offtake(id=id, volume=volume, **{**given, **more})


def plant(id="p", output=20.0, **more):
    given = {"material": "copper", "stage": "refined", "country": "IND", "recovery": 0.9}
    return L.Plant(id=id, output=output, **{**given, **more})


def several(seed):
    """Levers of every kind, with figures of a seed."""
    draw = np.random.default_rng(seed)
    size = lambda: float(draw.uniform(0.1, 200))  # noqa: E731
    part = lambda: float(draw.uniform(0, 1))  # noqa: E731
    who = lambda: str(draw.choice(LANDS[1:]))  # noqa: E731
    stage = lambda: str(draw.choice(STAGES))  # noqa: E731
    on = {"country": "IND", "material": "copper"}
    feed = str(draw.choice(["market", "partner", "own", "home", "none"]))
    return [
        offtake("a", size(), partner=who(), stage=stage(), replaces=(who(),)),
        L.AgreementLever(
            id="b", material="copper", stage=stage(), focus="IND", partner=who(), volume=size(), strength="contract",
            sanctions=part(), political_risk=part(), exemption=part(),
        ),
        L.Equity(
            id="c", material="copper", stage=stage(), focus="IND", partner=who(), output=size(), stake=part(),
            probability=part(), project=str(draw.choice(["new", "running"])),
        ),
        L.Exploration(id="d", output=size(), prospect=part(), mine=part(), **on),
        plant("e", size(), feed=feed, partner=who() if feed == "partner" else "", stage="refined"),
        plant("f", size(), stage="component", recovery=max(part(), 0.1)),
        L.RecyclingPlant(id="g", stage=stage(), scrap=size(), collection=part(), recovery=part(), **on),
        L.RecoveryLift(id="h", stage="refined", before=0.8, after=0.9, gain=str(draw.choice(["output", "feed"])), **on),
        L.Substitution(id="i", stage=stage(), part=part(), substitute="titanium", ratio=part(), **on),
        L.DemandReduction(id="j", stage=stage(), part=part(), **on),
        L.Stockpile(id="k", stage=stage(), days=size(), **on),
    ]  # fmt: skip


def test_every_kind_is_tried():
    assert {found.kind for found in several(0)} == set(L.LEVERS)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_nothing_falls_below_zero_or_is_lost_unsaid(seed):
    before = case(seed)
    for found in several(seed):
        got = L.apply(before, [found])
        after, effect = got.case, got.effects[0]
        for quantity in ("production", "trade", "trade_value", "added_output"):
            if quantity in after.cubes:
                cube = after.cube(quantity)
                for array in (cube.values, cube.low, cube.high):
                    assert array is None or not (array < -1e-9).any(), (found.kind, quantity)
        changed = {name for name, cube in after.cubes.items() if before.cubes.get(name) is not cube}
        assert changed <= set(found.changes), found.kind
        assert effect.done[0] <= effect.asked[0] + 1e-9
        assert all(tons > 0 for tons in (*effect.sellers.values(), *effect.losers.values()))
        plus = np.nansum(made(after) - made(before))
        book = after.cube("world_production").values - before.cube("world_production").values
        assert np.nansum(book) == pytest.approx(plus, abs=1e-8)
        assert np.isnan(made(after)).sum() == 0
        assert flows(after)[:, :, np.arange(6), np.arange(6)].max() == 0


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_order_of_levers_is_without_effect(seed):
    before, found = case(seed), several(seed)
    shuffled = [found[k] for k in np.random.default_rng(seed).permutation(len(found))]
    one, two = L.apply(before, found), L.apply(before, shuffled)
    assert one.effects == two.effects
    for name, cube in one.case.cubes.items():
        np.testing.assert_array_equal(cube.values, two.case.cubes[name].values)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_levers_on_other_tonnes_commute(seed):
    before = case(seed)
    one, two = offtake("a", stage="mined"), plant("b", feed="none", material="titanium")
    three = L.Stockpile(id="c", material="copper", stage="component", country="IND", days=60)
    ahead, back = three(two(one(before))), one(two(three(before)))
    for name in ahead.cubes:
        np.testing.assert_array_equal(ahead.cubes[name].values, back.cubes[name].values)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 400))
def test_an_offtake_swaps_suppliers_and_keeps_world_totals(seed, volume):
    before = case(seed)
    got = L.apply(before, [offtake(volume=volume, replaces=("CHN",))])
    after, effect = got.case, got.effects[0]
    np.testing.assert_array_equal(made(after), made(before))
    assert used(after).sum() == pytest.approx(used(before).sum())
    change = (used(after) - used(before))[0, 1, :, 0]
    for country, tons in zip(LANDS[1:], change[1:], strict=True):
        assert tons == pytest.approx(-effect.losers.get(("refined", country), 0.0), abs=1e-7)
    assert change[0] == pytest.approx(effect.done[0] - sum(effect.sellers.values()), abs=1e-7)
    sold = flows(after)[0, 1, 3, :, 0].sum() - flows(before)[0, 1, 3, :, 0].sum()
    assert sold == pytest.approx(0.0, abs=1e-7)
    first, last = effect.dependence["CHL"]
    assert last >= first - 1e-12


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(["market", "partner", "own"]), st.floats(0.1, 300))
def test_a_plant_balances_feed_and_product(seed, feed, size):
    before = case(seed)
    found = plant(output=size, feed=feed, partner="CHN" if feed == "partner" else "")
    got = L.apply(before, [found])
    after, effect = got.case, got.effects[0]
    done = effect.done[0]
    grown = (made(after) - made(before))[0, 1, :, 0]
    assert grown[0] == pytest.approx(done)
    assert -grown[1:].sum() == pytest.approx(sum(effect.made_less.values()))
    assert -grown[1:].sum() <= done + 1e-7
    lost = sum(tons for (stage, _), tons in effect.losers.items() if stage == "mined")
    assert lost * 0.9 == pytest.approx(done)
    np.testing.assert_array_equal(made(after)[:, 0], made(before)[:, 0])
    product = (used(after) - used(before))[0, 1, :, 0]
    short = sum(tons for (stage, _), tons in effect.losers.items() if stage == "refined")
    assert product.sum() == pytest.approx(done - sum(effect.made_less.values()), abs=1e-6)
    assert product[1:].min() >= -short - 1e-6


def test_without_tonnes_nothing_changes_and_it_is_said():
    before = case()
    for signed in agreements.agreements("IND", "RUS"):
        for found in L.levers_of(signed):
            got = L.apply(before, [found])
            assert all(got.case.cubes[name] is cube for name, cube in before.cubes.items())
            assert set(got.case.cubes) == set(before.cubes)
            assert "no tonnes" in got.case.notes[-1]
            assert got.effects[0].done == (0.0, 0.0, 0.0)
    got = L.apply(before, [L.Exploration(id="x", material="copper", country="IND")])
    assert "nothing changes" in got.case.notes[-1]


def test_a_declaration_that_becomes_a_contract():
    given = next(a for a in agreements.agreements("IND", "RUS") if a.strength == "declaration")
    weak = L.levers_of(given, volumes={("copper", "refined"): 20.0})[0]
    assert L.apply(case(), [weak]).effects[0].done[0] == 0.0
    strong = L.AgreementLever(
        **{f.name: getattr(weak, f.name) for f in fields(weak)} | {"strength": "contract", "weight": None}
    )
    assert L.apply(case(), [strong]).effects[0].asked[0] == pytest.approx(14.0)


def test_weights_rise_with_strength():
    best = [table.weight(s).best for s in ("declaration", "mou", "contract", "allotment")]
    assert best == sorted(best)


def test_sanctions_political_risk_and_lead_time_scale_what_is_expected():
    before = case()
    found = offtake(volume=(5, 10, 20), weight=0.5, political_risk=(0.0, 0.2, 0.4), sanctions=0.5, lead=(1, 2, 4))
    whole = L.apply(before, [found]).effects[0]
    assert whole.asked == pytest.approx((10 * 0.5 * 0.8 * 0.5, 5 * 0.5 * 0.6 * 0.5, 20 * 0.5 * 1.0 * 0.5))
    early = L.apply(before, [found], elapsed=0.5).effects[0]
    assert early.done == (0.0, 0.0, 0.0)
    half = L.apply(before, [found], elapsed=2.0).effects[0]
    assert half.asked[0] == pytest.approx(whole.asked[0] / 3)
    assert half.asked[1] == 0.0
    assert half.asked[2] == whole.asked[2]


def test_draws_have_the_expected_mean_and_the_same_bytes():
    before = case()
    found = L.Exploration(id="x", material="copper", country="IND", output=10.0, prospect=0.5, mine=0.4)
    tons = [L.apply(before, [found], seed=7, draw=k).effects[0].done[0] for k in range(300)]
    assert set(tons) == {0.0, 10.0}
    assert np.mean(tons) == pytest.approx(2.0, abs=0.7)
    other = offtake("z")
    alone = L.apply(before, [found], seed=7, draw=3).effects[0]
    both = L.apply(before, [other, found], seed=7, draw=3).effects
    assert next(e for e in both if e.lever == "x").asked == alone.asked


def test_the_same_lever_twice_is_refused_and_two_names_add_up():
    found = L.RecyclingPlant(
        id="r", material="copper", stage="refined", country="IND", scrap=10, collection=0.5, recovery=0.9
    )
    with pytest.raises(StudyError, match="twice"):
        L.apply(case(), [found, found])
    with pytest.raises(StudyError, match="twice"):
        found(found(case()))
    again = L.RecyclingPlant(**{f.name: getattr(found, f.name) for f in fields(found)} | {"id": "s"})
    both = L.apply(case(), [found, again]).case
    assert both.array("added_output", "material", "stage", "country", "year").sum() == pytest.approx(9.0)
    assert np.array_equal(made(both), made(case()))  # no mine has to feed what is recycled


def test_output_of_a_stage_that_no_source_covers_stands_apart():
    before = case()
    got = L.apply(before, [plant(stage="component", feed="none")])
    assert np.isnan(got.case.cube("production").values[:, 2]).all()
    assert got.case.array("added_output", "material", "stage", "country", "year")[0, 2, 0, 0] == 20.0
    assert "added_output" in got.effects[0].sentence
    more = L.apply(got.case, [plant("q", stage="component", feed="none")]).case
    assert more.array("added_output", "material", "stage", "country", "year")[0, 2, 0, 0] == 40.0


def test_stocks_add_up_and_release_at_their_mean_rate():
    before = case()
    one = L.Stockpile(id="s", material="copper", stage="refined", country="IND", days=(30, 60, 90), release=1.0)
    two = L.Stockpile(id="t", material="copper", stage="refined", country="IND", days=20, release=0.2)
    for found in (L.apply(before, [one, two]).case, two(one(before))):
        days = found.array("stock_cover", "material", "stage", "country")
        assert days[0, 1, 0] == 80.0
        assert days.sum() == 80.0
        assert found.array("stock_release", "material", "stage", "country")[0, 1, 0] == pytest.approx(0.8)
    effect = L.apply(before, [one]).effects[0]
    assert effect.done == (60.0, 30.0, 90.0)
    assert effect.unit == "d"
    buy, carry = catalogue.holding(before, effect, 365.0, YEAR)
    assert buy.best == pytest.approx(60 * 9000)
    assert carry.best == pytest.approx(60 * 9000 * 0.09)


def test_exemptions_join_and_read_by_pair():
    before = case()
    one, two = offtake("a", exemption=0.5), offtake("b", exemption=0.5)
    at, values = (
        L.apply(before, [one, two])
        .case.cube("exemption")
        .entries(*(before.axis(n) for n in ("material", "stage")), Axis("exporter", LANDS), Axis("importer", LANDS))
    )
    assert at.T.tolist() == [[0, 1, 3, 0]]
    assert values == pytest.approx([0.75])
    _, values = (
        two(one(before)).cube("exemption").entries(
            *(before.axis(n) for n in ("material", "stage")), Axis("exporter", LANDS), Axis("importer", LANDS)
        )
    )  # fmt: skip
    assert values == pytest.approx([0.75])


def test_recovery_lifts_output_or_saves_feed():
    before = case()
    on = {"material": "copper", "stage": "refined", "country": "IND", "before": 0.8, "after": 0.9}
    own = made(before)[0, 1, 0, 0]
    more = L.apply(before, [L.RecoveryLift(id="r", **on)])
    assert more.effects[0].done[0] == pytest.approx(own * 0.125)
    less = L.apply(before, [L.RecoveryLift(id="r", gain="feed", **on)])
    assert less.effects[0].asked[0] == pytest.approx(own / 0.8 - own / 0.9)
    assert less.effects[0].stage == "mined"
    unknown = L.apply(before, [L.RecoveryLift(id="r", **{**on, "stage": "component"})])
    assert "not known" in unknown.effects[0].sentence


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("ranges", [True, False])
def test_dense_and_sparse_cases_give_the_same(sparse, ranges):
    found = [offtake(), plant()]
    one = L.apply(case(3, sparse, ranges), found)
    two = L.apply(case(3), found)
    np.testing.assert_allclose(flows(one.case), flows(two.case))
    np.testing.assert_allclose(flows(one.case, "trade_value"), flows(two.case, "trade_value"))
    assert one.case.cube("trade").sparse == sparse
    assert (one.case.cube("trade").low is not None) == ranges
    assert one.effects == two.effects


def test_a_withheld_figure_becomes_a_least():
    before = case()
    own = before.cube("production")
    values, low, high = (np.array(a) for a in (own.values, own.low, own.high))
    for array in (values, low, high):
        array[0, 1, 0, 0] = np.nan
    held = before.with_cubes("", production=Cube("production", "t", own.axes, values, None, low, high))
    after = L.apply(held, [plant(feed="none", output=(10, 20, 30))])
    cube = after.case.cube("production")
    assert cube.values[0, 1, 0, 0] == 20.0
    assert cube.low[0, 1, 0, 0] == 10.0
    assert np.isnan(cube.high[0, 1, 0, 0])
    assert "not known" in after.effects[0].sentence


def test_years_that_are_named_alone_change():
    before = case(years=("2023", "2024"))
    after = L.apply(before, [offtake()], years=["2024"])
    assert [e.year for e in after.effects] == ["2024"]
    np.testing.assert_array_equal(flows(after.case)[..., 0], flows(before)[..., 0])
    assert (flows(after.case)[..., 1] != flows(before)[..., 1]).any()


def test_a_flow_that_a_lever_opens_has_no_origin():
    before = case(5)
    after = L.apply(before, [L.Equity(
        id="e", material="titanium", stage="mined", focus="IND", partner="DEU", output=50.0, stake=0.6
    )]).case  # fmt: skip
    old, new = (set(map(tuple, c.cube("trade").at.T.tolist())) for c in (before, after))
    fresh = new - old
    cube = after.cube("trade")
    for at, origin in zip(map(tuple, cube.at.T.tolist()), cube.origin, strict=True):
        assert origin == (-1 if at in fresh else 0)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"kind": "bridge", "id": "x"}, "levers[2].kind"),
        ({"kind": "equity", "id": "x", "colour": 1}, "levers[2].colour"),
        (
            {"kind": "equity", "id": "x", "material": "copper", "stage": "mined", "focus": "IND", "partner": "CHL"},
            "stake",
        ),
        ({"stake": 1.2}, "levers[2].stake"),
        ({"stake": "half"}, "levers[2].stake"),
        ({"stake": [0.5, 0.2, 0.9]}, "levers[2].stake"),
        ({"stake": True}, "levers[2].stake"),
        ({"output": -1}, "levers[2].output"),
        ({"output": float("nan")}, "levers[2].output"),
        ({"output": {"low": 1, "high": 2}}, "levers[2].output"),
        ({"partner": "QUAD"}, "levers[2].partner"),
        ({"material": "unobtainium"}, "levers[2].material"),
        ({"stage": "melted"}, "levers[2].stage"),
        ({"project": "old"}, "levers[2].project"),
        ({"replaces": ["XXX"]}, "levers[2].replaces"),
        ({"id": "two words"}, "levers[2].id"),
    ],
)
def test_bad_parameters_are_refused_with_their_key_path(given, path):
    good = {
        "kind": "equity", "id": "x", "material": "copper", "stage": "mined", "focus": "IND", "partner": "CHL",
        "output": 10, "stake": 0.5,
    }  # fmt: skip
    L.read(good)
    with pytest.raises(KhanijError) as caught:
        L.read(given if "kind" in given else {**good, **given}, "levers[2]")
    assert path in caught.value.where


def test_a_partner_goes_with_a_feed_from_one():
    with pytest.raises(StudyError) as caught:
        plant(partner="CHN")
    assert caught.value.where.endswith(".partner")


def test_codes_that_the_case_lacks_are_refused():
    with pytest.raises(KhanijError, match="cobalt"):
        L.apply(case(), [offtake(material="cobalt")])
    with pytest.raises(KhanijError, match="2030"):
        L.apply(case(), [offtake()], years=["2030"])
    bare = Case(case().axes, {})
    with pytest.raises(CoverageError, match="production"):
        L.apply(bare, [offtake()])


def test_catalogue_gives_levers_and_bills():
    before = case()
    assert set(catalogue.listed()) <= set(table.measures())
    found = catalogue.from_catalogue("copper-smelter", id="mine", country="IND", output=10.0)
    assert found.recovery.best == pytest.approx(0.975 * 0.997)
    assert found.lead == Range(2, 3, 4)
    effect = L.apply(before, [found], elapsed=10).effects[0]
    lines = {entry.what: entry for entry in catalogue.bill("copper-smelter", effect)}
    assert lines["capital"].best == pytest.approx(24_000)
    assert np.isnan(lines["capital"].low)
    assert lines["carbon"].best == pytest.approx(10 * (0.6 * 1.005 + 0.3))
    assert all(entry.source and entry.confidence for entry in lines.values())
    bare = {entry.what: entry for entry in catalogue.bill("cobalt-refinery", effect)}
    assert np.isnan(bare["running"].best)
    assert bare["running"].note
    with pytest.raises(CoverageError):
        catalogue.from_catalogue("perpetual-motion")
    with pytest.raises(StudyError):
        catalogue.from_catalogue("finance")


def test_figures_of_the_catalogue_restate_stored_facts():
    import csv

    from khanij import reference
    from khanij.data.facts import store

    names = {
        "capital": "capital_intensity", "acquisition": "acquisition_cost", "running": "operating_cost",
        "energy": "energy_intensity", "carbon": "carbon_intensity", "water": "water_intensity",
        "waste": "waste_intensity", "lead": "lead_time", "search": "exploration_cost", "carrying": "carrying_cost",
        "discount": "discount_rate", "recovery": "recovery",
    }  # fmt: skip
    frame = store.collect(store.scan("india-facts").select("quantity", "item", "value", "low", "high", "confidence"))
    facts = {(r["quantity"], r["item"]): r for r in frame.iter_rows(named=True)}
    path = reference.FOLDER / "tables" / "measure_figures.csv"
    works = reference.bibliography()
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["step"]:
                assert not row["item"], row
                continue
            assert all(id in works for id in row["source"].split(";")), row
            if not row["item"]:  # a prior, or a figure read elsewhere than in the fact base, which says what was read
                assert (row["source"] == "khanij-priors") == (row["confidence"] == "low"), row
                assert row["note"], row
                continue
            fact = facts[names.get(row["parameter"], "success_probability"), row["item"]]
            assert fact["confidence"] == row["confidence"], row
            for end, name in (("low", "low"), ("best", "value"), ("high", "high")):
                if fact[name] is not None:
                    assert float(row[end]) == pytest.approx(fact[name]), row
                elif "prior" not in row["note"]:
                    assert row[end] == "", row


def test_two_product_formula():
    assert recovery(1.0, 25.0, 0.1) == pytest.approx(25 * 0.9 / (1.0 * 24.9))
    assert tailings_grade(1.0, 25.0, recovery(1.0, 25.0, 0.1)) == pytest.approx(0.1)
    pull = mass_pull(0.7, 26.0, 0.07)
    assert pull * 26.0 + (1 - pull) * 0.07 == pytest.approx(0.7)
    for bad in ((1.0, 0.5, 0.1), (1.0, 25.0, 1.0)):
        with pytest.raises(StudyError):
            recovery(*bad)


@given(st.floats(0.05, 0.98), st.floats(0.1, 0.9))
def test_grade_and_recovery_trade_off(found, place):
    feed, pure = 0.7, 34.6
    at = feed + place * (pure - feed)
    assert curve(at, feed, pure, (at, found)) == pytest.approx(found)
    grades = np.linspace(feed, pure, 9)
    values = [curve(g, feed, pure, (at, found)) for g in grades]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0
    assert values[-1] == pytest.approx(0.0)
    assert gain(at, feed, pure, (at, found), (at, min(found * 1.02, 0.99))) >= 1.0


def small(trade, output):
    """Copper alone, with trade (stage, seller, buyer, t) and output (stage, country, t)."""
    axes = {
        "material": Axis("material", ("copper",)),
        "stage": Axis("stage", STAGES),
        "country": Axis("country", LANDS),
        "year": Axis("year", (YEAR,)),
    }
    at = np.array([(0, STAGES.index(s), LANDS.index(a), LANDS.index(b), 0) for s, a, b, _ in trade]).T
    flow = (axes["material"], axes["stage"], Axis("exporter", LANDS), Axis("importer", LANDS), axes["year"])
    values = np.full((1, 3, 6, 1), np.nan)
    for stage, country, tons in output:
        row = values[0, STAGES.index(stage), :, 0]
        row[np.isnan(row)] = 0.0
        row[LANDS.index(country)] = tons
    on = tuple(axes[name] for name in ("material", "stage", "country", "year"))
    return Case(
        axes,
        {
            "production": Cube("production", "t", on, values),
            "trade": Cube("trade", "t", flow, np.array([float(t) for *_, t in trade]), at),
        },
    )


def test_promised_flows_make_room_last():
    world = small(
        [("refined", "CHL", "DEU", 50), ("refined", "CHN", "IND", 30), ("refined", "JPN", "IND", 10)],
        [("refined", "CHL", 90), ("refined", "CHN", 60), ("refined", "JPN", 40)],
    )
    got = L.apply(
        world,
        [offtake(volume=20), L.DemandReduction(id="t", material="copper", stage="refined", country="IND", part=0.5)],
    )
    at, values = got.case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    bought = {LANDS[e]: v for (_, _, e, i, _), v in zip(at.T, values, strict=True) if LANDS[i] == "IND"}
    assert bought == pytest.approx({"CHN": 0.0, "JPN": 0.0, "CHL": 20.0})
    to_germany = {LANDS[e]: v for (_, _, e, i, _), v in zip(at.T, values, strict=True) if LANDS[i] == "DEU"}
    assert to_germany == pytest.approx({"CHL": 30.0, "CHN": 15.0, "JPN": 5.0})


def test_who_lost_feed_that_went_elsewhere_makes_no_less():
    """China works up half of its concentrate: of 20 t of feed lost, 10 t would have become metal."""
    world = small(
        [("mined", "CHL", "CHN", 100), ("refined", "CHN", "IND", 40)],
        [("mined", "CHL", 100), ("refined", "CHN", 45), ("refined", "DEU", 1)],
    )
    got = L.apply(world, [plant(output=18.0, feed="partner", partner="CHL")])
    effect = got.effects[0]
    assert effect.losers == pytest.approx({("mined", "CHN"): 20.0})
    assert effect.made_less == pytest.approx({"CHN": 9.0})
    assert effect.sellers == pytest.approx({"CHN": 18.0})
    assert "10 t of the feed" in effect.sentence


def test_feed_from_home_is_what_is_not_worked_up():
    world = small(
        [("refined", "CHN", "IND", 40)], [("mined", "IND", 30), ("refined", "IND", 9), ("refined", "CHN", 50)]
    )
    effect = L.apply(world, [plant(output=50.0, feed="home")]).effects[0]
    assert effect.done[0] == pytest.approx((30 - 9 / 0.9) * 0.9)
    assert "feed for" in effect.sentence
    assert not effect.losers
