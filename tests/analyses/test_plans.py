"""A plan on a made-up ground of valued measures: limits hold, fresh scenarios judge it, impossible asks are named."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from khanij.analyses.demand.growth import growth
from khanij.analyses.demand.scrap import recoverable
from khanij.analyses.inputs import baseline
from khanij.analyses.plan import programme as plan_programme
from khanij.analyses.plan import run as plan_run
from khanij.analyses.plan import supply as plan_supply
from khanij.core.errors import StudyError
from khanij.demand.growth import UNKNOWN
from khanij.plan.measures.options import Measure, generated, sized
from khanij.plan.planner import goals, plans
from khanij.plan.planner import pool as portfolios
from khanij.plan.planner.growth import Growth
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio import scenarios as sampling
from khanij.plan.portfolio.choose import Objective, choose
from khanij.reference import money
from khanij.simulate.loss.rationing import Rationed
from khanij.simulate.risk import averted as valuation

pytest.importorskip("highspy")

MUSD = money.currency("USD")
EFFORT = plans.SearchSettings(drawn=40, kept=20, fresh=60, seconds=20.0)


@pytest.fixture(scope="module")
def base():
    return baseline.prepare("IND", 2024, 200, 5, materials=["rare-earths", "silicon", "titanium"])


@pytest.fixture(scope="module")
def done(base):
    grown = growth("IND", 2024, base.materials)
    terms = PlanTerms(MUSD, 300.0, 2025, 2028, {"plants": 250.0, "stockpile": 40.0}, beyond=5, growth=grown)
    chosen = [
        replace(option, component={"plant": "plants"}.get(option.kind, option.kind)) for option in generated(base)
    ]
    return plans.plan(base, chosen, terms, effort=EFFORT)


def test_no_row_is_broken(done):
    spend, terms = done.plan.spend, done.terms
    count = terms.to - terms.since + 1
    assert (np.cumsum(spend[:, :count].sum(axis=0)) <= np.cumsum(done.problem.budget[:count]) + 1e-6).all()
    assert (spend.sum(axis=1) <= done.problem.ceiling + 1e-6).all()
    assert (done.plan.in_place <= done.problem.most + 1e-9).all()
    assert (done.plan.started[:, count:] == 0).all()
    assert done.plan.gap <= EFFORT.gap


def test_it_lowers_the_loss_on_scenarios_it_was_not_made_for(done):
    assert done.plan.started.any()
    assert done.check.expected < done.nothing.expected
    assert done.nothing.expected - done.check.expected > done.plan.cost * 0.5
    assert done.check.expected_error > 0


def test_what_is_needed_first_is_there_first(done):
    place = {one.option.id: n for n, one in enumerate(done.found)}
    standing = np.cumsum(done.plan.started, axis=1)
    for n, one in enumerate(done.found):
        if one.option.needs:
            assert (standing[n] <= standing[place[one.option.needs]] + 1e-6).all()


def test_every_table_is_there(done):
    names = "account plan reasons money supply frontier split methods regret inputs need".split()
    assert {*names, "regret across methods", "not chosen"} <= set(plan_run.tables(done))
    figures = {row["figure"]: row for row in plan_run.tables(done)["account"].rows()}
    assert figures["bound: no plan can have less"]["value"] <= figures["objective"]["value"] + 1e-9
    assert figures["error of keeping so few, expected loss of any plan"]["value"] >= 0
    rows = list(plan_run.tables(done)["money"].rows())
    assert rows[-1]["sum"] == pytest.approx(sum(row["sum"] for row in rows[:-1]))
    assert all(row["because"] and row["source of cost"] for row in plan_run.tables(done)["reasons"].rows())
    split = {row["split"]: row for row in plan_run.tables(done)["split"].rows()}
    assert set(split) == {"ceilings of the programme", "one purse"}


def test_more_money_is_never_worse_on_its_own_scenarios(done):
    objective = [one.plan.objective for one in done.frontier if one.tail == done.aim.tail]
    assert all(later <= earlier * (1 + 2 * EFFORT.gap) for earlier, later in pairwise(objective))


def test_without_money_nothing_is_begun(base, done):
    terms = replace(done.terms, budget=0.0)
    none = plans.plan(base, [one.option for one in done.found], terms, effort=EFFORT, deep=False)
    assert not none.plan.started.any()
    assert none.check.expected == pytest.approx(none.nothing.expected)
    assert none.together.expected == 0


def test_a_target_out_of_reach_names_its_rows(done):
    with pytest.raises(StudyError, match="no plan meets these rows"):
        choose(done.problem, Objective(expected=0.0, loss=1e-6), seconds=20.0, threads=1)


def test_years_beyond_count_once_at_their_sum(done):
    terms = done.terms
    assert terms.years == ("2025", "2026", "2027", "2028", "2029-2033")
    assert terms.weights[-1] == pytest.approx(sum(1.09**-n for n in range(4, 9)))
    assert replace(terms, beyond=0).years == ("2025", "2026", "2027", "2028")
    with pytest.raises(StudyError):
        PlanTerms(MUSD, 1.0, 2030, 2025)


def test_scenarios_are_the_same_by_seed_and_others_by_purpose(done):
    again = portfolios.problem(done.pool, done.found, done.terms, 40, done.base.seed)
    assert done.reduction is not None
    fresh = portfolios.problem(done.pool, done.found, done.terms, 40, done.base.seed, "out")
    kept = again.subset(done.reduction.kept, done.reduction.probability)
    np.testing.assert_array_equal(kept.amount, done.problem.amount)
    assert (fresh.amount != again.amount).any()
    assert sampling.check(kept, done.plan.started).expected == pytest.approx(done.plan.expected)


def test_ceilings_are_facts_and_not_retyped():
    programme, found, notes = plan_programme.ceilings("IND", "crore INR")
    assert programme == "NCMM"
    assert sum(found.values()) == pytest.approx(34_300 - 100, abs=500)  # parks beyond those named hold the rest
    assert notes
    assert plan_programme.ceilings("CHL", "million USD")[1] == {}


def test_measures_without_a_cost_stand_apart(base, done):
    nan = float("nan")
    free = replace(done.found[0].option, id="free", cost=(nan, nan, nan))
    options: list[Measure] = [one.option for one in done.found[:4]] + [free]
    found = plans.plan(base, options, done.terms, effort=EFFORT, deep=False)
    assert [one.option.id for one in found.unpriced] == ["free"]
    assert "without cost" in plan_run.tables(found)


def test_losses_grow_with_need_and_so_does_what_can_stand(done):
    ones = np.ones((len(done.base.materials), 40))
    twice = Growth(done.base.materials, 2025, dict.fromkeys(("low", "best", "high"), 2 * ones), ("",) * len(ones))
    held = portfolios.problem(done.pool, done.found, replace(done.terms, growth=None), 30, 1)
    grown = portfolios.problem(done.pool, done.found, replace(done.terms, growth=twice), 30, 1)
    np.testing.assert_allclose(grown.amount, 2 * held.amount)
    np.testing.assert_allclose(grown.averted, held.averted)  # a tonne averts what it averted
    np.testing.assert_allclose(grown.most, 2 * held.most)
    np.testing.assert_allclose(grown.limit, 2.0)
    # twice the market, twice the money: the same plan, twice as large
    rich = replace(grown, budget=2 * held.budget, ceiling=2 * held.ceiling, lump=np.zeros(len(done.found)))
    small = choose(replace(held, lump=np.zeros(len(done.found))), gap=0.0)
    assert choose(rich, gap=0.0).objective == pytest.approx(2 * small.objective, rel=1e-6)


def test_search_and_check_share_no_simulated_year(done):
    for purpose, first in (("in", 0), ("out", 1)):
        place = portfolios._places(done.pool, done.terms, 50, 3, purpose)
        assert (place % 2 == first).all()
        counts = np.bincount(place.ravel(), minlength=len(done.pool.loss))[first::2]
        assert counts.max() - counts.min() <= 1
    singly = done.unseen.singly
    assert len(singly.probability) == len(done.pool.loss) // 2
    assert done.nothing.expected == pytest.approx(float((singly.amount[..., 0].sum(axis=1) @ singly.discount).mean()))


def test_a_goal_is_reached_at_least_cost_and_one_out_of_reach_is_named(base, done):
    goal = goals.read("20%", base, "titanium:refined")
    assert goal.recorded
    assert not goals.read("20%", base, "rare-earths:component").recorded  # nobody says who makes magnets
    assert goal.use > goal.home >= 0
    terms = replace(done.terms, goals=(goal,), budget=2000.0, ceilings={}, since=2025, to=2031)
    options = [one.option for one in done.found if "titanium" in one.option.materials]
    found = plans.plan(base, options, terms, aim=Objective(expected=0.0), effort=EFFORT, deep=False)
    row = next(iter(plan_run.tables(found)["goals"].rows()))
    assert row["given by measures"] >= row["asked of measures"] > 0
    assert row["part of need reached"] >= 0.2
    assert found.plan.expected <= float(
        found.problem.probability @ found.problem.amount[..., 0].sum(axis=1) @ found.problem.discount
    )
    supplied = [r for r in plan_run.tables(found)["supply"].rows() if (r["stage"], r["year"]) == ("refined", "2031")]
    supplied = [r for r in supplied if r["material"] == "titanium"]
    assert supplied[0]["new plants and mines"] == pytest.approx(row["given by measures"])
    assert supplied[0]["exposed"] == pytest.approx(
        supplied[0]["need"] - supplied[0]["made at home now"] - supplied[0]["new plants and mines"]
    )
    out = replace(terms, goals=(replace(goal, share=1.0),), budget=1.0)
    with pytest.raises(StudyError, match="no plan") as caught:
        plans.plan(base, options, out, aim=Objective(expected=0.0), effort=EFFORT, deep=False)
    assert "titanium (refined) made at home for 100% of use" in caught.value.where
    assert "arrival" not in caught.value.where


@pytest.mark.parametrize(
    ("text", "good"), [("120%", "titanium:refined"), ("half", "titanium:refined"), ("5 t", "titanium:nowhere")]
)
def test_a_goal_that_cannot_be_is_refused(base, text, good):
    with pytest.raises(StudyError):
        goals.read(text, base, good)


def test_regret_is_least_where_a_plan_is_the_cheapest(done):
    assert done.compared is not None
    regret, names = done.compared.regret, done.compared.plans.names
    assert (regret.min(axis=0) == 0).all()
    assert names[0] == "no measure"
    assert done.compared.plans.cost[0] == 0
    assert (done.compared.loss >= 0).all()
    assert {"as planned for", "physical engine: rationing without prices"} <= set(done.compared.states)
    at = list(done.compared.states).index("as planned for")
    assert done.compared.loss[names.index("this plan"), at] < done.compared.loss[0, at]


def test_a_measure_of_half_the_size_has_half_the_amount(done):
    for one in done.found:
        half = sized(one.option, 0.5)
        for lever, whole in zip(half, one.option.levers, strict=True):
            for name in ("output", "days"):
                if getattr(whole, name, None) is not None:
                    assert getattr(lever, name).best == pytest.approx(0.5 * getattr(whole, name).best)
    assert sized(done.found[0].option, 0.0) == ()


def test_rationing_costs_more_the_more_is_cut(base):
    solver = valuation.changed_model(base, base.case, ["silicon"])
    usual = solver.behaviours["silicon"]
    # without idle capacity, which own makers would gain by
    busy = replace(usual, spare=np.zeros_like(usual.spare))
    solve = Rationed(replace(solver, behaviours={"silicon": busy}))
    hazards = [base.hazards.country[h] for h in base.hazards.of("silicon")]
    stage = base.hazards.stage[base.hazards.of("silicon")[0]]
    scenarios = [tuple((c, stage, cut) for c in dict.fromkeys(hazards)) for cut in (0.0, 0.4, 0.8, 1.0)]
    losses, solved, _ = solve("silicon", scenarios)
    assert solved.all()
    assert losses[0] == pytest.approx(0.0, abs=1e-3)
    assert (np.diff(losses) >= -1e-6).all()
    assert losses[-1] > 0


def test_a_plant_that_recycles_waits_for_scrap(done):
    scrap = recoverable("IND", ["silicon", "cobalt"], 2028)
    assert scrap.year <= 2028
    low, best, high = scrap.tonnes["cobalt"]
    assert 0 < low < best < high
    parts = [part for _, part in scrap.before["cobalt"]]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)
    waiting = replace(done.found[0], option=replace(done.found[0].option, arising=((2025, 0.25), (2028, 1.0))))
    made = portfolios.problem(done.pool, [waiting, *done.found[1:]], done.terms, 10, 1)
    np.testing.assert_allclose(made.most[0], [0.25, 0.5, 0.75, 1.0, 1.0])


def test_what_low_confidence_moves_is_told_measure_by_measure(done):
    begun = {one.option.id for one, n in zip(done.found, done.plan.started.sum(axis=1), strict=True) if n > 1e-6}
    moved = list(plan_run.tables(done)["ends"].rows())
    assert {row["measure"] for row in moved} <= begun
    assert [row["moves by"] for row in moved] == sorted((row["moves by"] for row in moved), reverse=True)
    for row in moved:
        assert row["moved"]
        assert row["moves by"] == pytest.approx(abs(row["averts at high"] - row["averts at low"]))
    figures = list(plan_run.tables(done)["figures"].rows())
    assert {row["measure"] for row in figures} <= begun
    assert all(row["source"] and row["confidence"] in ("low", "medium", "high") for row in figures)
    assert {"capital", "recovery", "lead"} <= {row["input"] for row in figures}


def test_targets_stand_beside_what_the_plan_gives(done):
    rows = {row["target"]: row for row in plan_run.tables(done)["targets"].rows()}
    magnets = rows["magnet capacity"]
    place = next(n for n, one in enumerate(done.found) if one.option.id == "magnet-plant")
    made = sum(effect.done[0] for effect in done.found[place].effects)
    standing = done.plan.in_place[place, done.terms.count - 1]
    assert magnets["the plan gives"] == pytest.approx(2.801120448 * made * standing)
    assert magnets["part of the goal"] == pytest.approx(magnets["the plan gives"] / 6000)
    assert rows["trained workers"]["the plan gives"] is None


def test_output_that_nobody_records_is_not_told_as_none(done):
    rows = list(plan_run.tables(done)["supply"].rows())
    magnets = [row for row in rows if (row["material"], row["stage"]) == ("rare-earths", "component")]
    assert magnets
    assert all(row["made at home now"] is None and row["exposed part"] is None for row in magnets)
    assert all(row["exposed"] > 0 for row in magnets)
    sponge = [row for row in rows if (row["material"], row["stage"]) == ("titanium", "refined")]
    assert all(row["made at home now"] > 0 and 0 <= row["exposed part"] <= 1 for row in sponge)


def test_growth_that_is_not_known_is_not_told_as_one(done):
    unknown = replace(done.terms.growth, how=(UNKNOWN, *done.terms.growth.how[1:]))
    table = plan_supply.need(replace(done, terms=replace(done.terms, growth=unknown)))
    first, other, *_ = table.rows()
    assert first[str(done.terms.to)] is None
    assert other[str(done.terms.to)] > 1
