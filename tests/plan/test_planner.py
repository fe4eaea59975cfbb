"""A plan on a hand-made world: limits hold, unseen years judge it, impossible asks are named, numbers answer alone."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core import case as cases
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.demand.growth import ECONOMY, UNKNOWN, WHOLE
from khanij.plan.measures.measure import UNKNOWN as NO_COST
from khanij.plan.measures.scrap import read_scrap
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measure
from khanij.plan.planner import goals
from khanij.plan.planner import sample as portfolios
from khanij.plan.planner.accounts import account, robustness, supply
from khanij.plan.planner.growth import Growth, read_growth
from khanij.plan.planner.plans import objective_of, plan_country, plan_measures
from khanij.plan.planner.results import SearchSettings
from khanij.plan.planner.terms import PlanTerms, discount_range, terms_for
from khanij.plan.portfolio import scenarios as sampling
from khanij.plan.portfolio.choose import Objective, choose
from khanij.reference import money
from khanij.reference.assumptions import with_assumptions

sys.path.insert(0, str(Path(__file__).parent))
from worlds import FOCUS, ground, world

pytest.importorskip("highspy")

MUSD = money.currency("USD")
EFFORT = SearchSettings(drawn=40, kept=20, fresh=60, seconds=20.0)


@pytest.fixture(scope="module")
def base():
    return ground(years=200)


@pytest.fixture(scope="module")
def growth(base):
    years = np.arange(2024, 2041)
    best = np.stack([1.02 ** (years - 2024), 1.05 ** (years - 2024)])
    return Growth(base.materials, 2024, {"low": best**0.5, "best": best, "high": best**1.5}, ("said", "said"), ("s@1",))


@pytest.fixture(scope="module")
def measures(base):
    """The catalogue's, at a twentieth of its cost: so small a world would buy none of it."""
    cheap = lambda cost: Range(*(0.05 * end for end in cost))  # noqa: E731
    return [
        replace(one, cost=cheap(one.cost), running=cheap(one.running), component=one.kind)
        for one in size_measures(base, None)
    ]


@pytest.fixture(scope="module")
def done(base, measures, growth):
    terms = terms_for(base, MUSD, 6.0, 2025, 2028, beyond=5, ceilings={"plant": 2.0, "stockpile": 1.5}, growth=growth)
    return plan_measures(base, measures, terms, settings=EFFORT)


def test_no_row_is_broken(done):
    spend, count = done.plan.spend, done.terms.count
    assert (np.cumsum(spend[:, :count].sum(axis=0)) <= np.cumsum(done.problem.budget[:count]) + 1e-6).all()
    assert (spend.sum(axis=1) <= done.problem.ceiling + 1e-6).all()
    assert (done.plan.in_place <= done.problem.most + 1e-9).all()
    assert (done.plan.started[:, count:] == 0).all()
    assert done.plan.gap <= EFFORT.gap


def test_it_lowers_the_loss_in_years_it_was_not_made_for(done):
    assert done.begun
    assert done.check.expected < done.without.expected
    assert done.without.expected - done.check.expected > done.plan.cost * 0.5
    assert done.check.expected_error > 0


def test_what_is_needed_first_is_there_first(done):
    place = {one.measure.id: n for n, one in enumerate(done.values)}
    standing = done.plan.in_place  # what takes longer to build may be begun before what it needs
    needing = [n for n, one in enumerate(done.values) if one.measure.needs]
    assert needing
    for n in needing:
        assert (standing[n] <= standing[place[done.values[n].measure.needs]] + 1e-6).all()


def test_more_money_is_never_worse_on_its_own_scenarios(done):
    objective = [one.plan.objective for one in done.frontier if one.tail == done.objective.tail]
    assert len(objective) > 3
    assert all(later <= earlier * (1 + 2 * EFFORT.gap) for earlier, later in pairwise(objective))


def test_without_money_nothing_is_begun(base, done):
    terms = replace(done.terms, budget=0.0)
    none = plan_measures(base, [one.measure for one in done.values], terms, settings=EFFORT, depth="plan")
    assert not none.begun
    assert none.check.expected == pytest.approx(none.without.expected)
    assert (none.joint.expected, none.sum_of_single) == (0, 0)
    assert not none.frontier
    assert account.begun_measures(none) == ()
    assert robustness.draw_regrets(none) == ()
    assert all(one.averted == one.cost == 0 for one in robustness.by_method(none))


def test_the_depth_says_what_is_asked_otherwise(base, done):
    some = [one.measure for one in done.values[:6]]
    ahead = plan_measures(base, some, done.terms, settings=EFFORT, depth="frontier")
    assert len(ahead.frontier) == 5
    assert ahead.regrets is not None
    assert not ahead.splits


def test_a_target_out_of_reach_names_its_rows(done):
    with pytest.raises(StudyError, match="no plan meets these rows"):
        choose(done.problem, Objective(expected=0.0, loss=1e-9), seconds=20.0, threads=1)


def test_nothing_that_averts_anything_is_refused(base, done):
    with pytest.raises(StudyError, match="no measure averts"):
        plan_measures(base, [], done.terms, settings=EFFORT)


def test_years_beyond_count_once_at_their_sum(done):
    terms = done.terms
    assert terms.years == ("2025", "2026", "2027", "2028", "2029-2033")
    assert terms.weights[-1] == pytest.approx(sum((1 + discount_range().best) ** -n for n in range(4, 9)))
    assert replace(terms, beyond=0).years == ("2025", "2026", "2027", "2028")
    with pytest.raises(StudyError):
        PlanTerms(MUSD, 1.0, 2030, 2025)


def test_terms_are_as_assumed_or_as_asked(base):
    asked = ground(years=10, case=with_assumptions(world(), {"years_beyond": 3, "goal_width": 1.5}))
    assert (terms_for(base, MUSD, 1.0, 2025, 2026).beyond, terms_for(asked, MUSD, 1.0, 2025, 2026).beyond) == (10, 3)
    assert terms_for(asked, MUSD, 1.0, 2025, 2026).goal_width == 1.5
    assert terms_for(asked, MUSD, 1.0, 2025, 2026, beyond=7).beyond == 7
    assert PlanTerms(MUSD, 1.0, 2025, 2026).discount == discount_range().best


@settings(max_examples=25)
@given(st.floats(0, 0.5), st.integers(0, 12), st.integers(0, 6))
def test_weights_are_those_of_single_years(discount, beyond, more):
    terms = PlanTerms(MUSD, 1.0, 2025, 2025 + more, discount=discount, beyond=beyond)
    assert terms.weights.sum() == pytest.approx(terms.singly.sum())
    assert len(terms.weights) == len(terms.years)
    assert (np.diff(terms.singly) <= 0).all()


def test_scenarios_are_the_same_by_seed_and_others_by_purpose(done):
    again = portfolios.plan_problem(done.sample, done.values, done.terms, 40, done.base.seed)
    fresh = portfolios.plan_problem(done.sample, done.values, done.terms, 40, done.base.seed, "out")
    kept = again.subset(done.reduction.kept, done.reduction.probability)
    np.testing.assert_array_equal(kept.amount, done.problem.amount)
    assert (fresh.amount != again.amount).any()
    assert sampling.check(kept, done.plan.started).expected == pytest.approx(done.plan.expected)


def test_measures_without_a_cost_stand_apart(base, done):
    free = replace(done.values[0].measure, id="free", cost=NO_COST)
    listed = [*(one.measure for one in done.values[:6]), free]
    found = plan_measures(base, listed, done.terms, settings=EFFORT, depth="plan")
    assert [one.measure.id for one in found.unpriced] == ["free"]
    assert "free" not in {one.measure.id for one in found.values}


def test_losses_grow_with_need_and_so_does_what_can_stand(done):
    ones = np.ones((len(done.base.materials), 40))
    twice = Growth(done.base.materials, 2025, dict.fromkeys(("low", "best", "high"), 2 * ones), ("",) * len(ones))
    held = portfolios.plan_problem(done.sample, done.values, replace(done.terms, growth=None), 30, 1)
    grown = portfolios.plan_problem(done.sample, done.values, replace(done.terms, growth=twice), 30, 1)
    lost = [(one.amount * one.value).sum(axis=3) for one in (held, grown)]
    np.testing.assert_allclose(lost[1], 2 * lost[0])
    np.testing.assert_allclose(grown.averted, held.averted)  # a tonne averts what it averted
    np.testing.assert_allclose(grown.most, 2 * held.most)
    # twice the market, twice the money: the same plan, twice as large
    rich = replace(grown, budget=2 * held.budget, ceiling=2 * held.ceiling, lump=np.zeros(len(done.values)))
    small = choose(replace(held, lump=np.zeros(len(done.values))), gap=0.0)
    assert choose(rich, gap=0.0).objective == pytest.approx(2 * small.objective, rel=1e-6)


def test_search_and_check_share_no_simulated_year(done):
    for purpose, first in (("in", 0), ("out", 1)):
        place = portfolios._positions(done.sample, done.terms, 50, 3, purpose)
        assert (place % 2 == first).all()
        counts = np.bincount(place.ravel(), minlength=len(done.sample.loss))[first::2]
        assert counts.max() - counts.min() <= 1
    singly = done.out_of_sample.singly
    assert len(singly.probability) == len(done.sample.loss) // 2
    lost = (singly.amount * singly.value).sum(axis=(1, 3)) @ singly.discount
    assert done.without.expected == pytest.approx(float(lost.mean()))


def test_a_goal_is_reached_at_least_cost_and_one_out_of_reach_is_named(base, measures, done):
    network = base.networks["copper"]
    goal = goals.read("30%", base, "copper:refined")
    assert (goal.use, goal.home) == (network.consumption("refined"), network.home("refined"))
    assert goal.recorded
    asked = replace(goal, share=goal.home / goal.use + 0.3)
    terms = replace(done.terms, goals=(asked,), budget=2000.0, ceilings={}, to=2031, growth=None)
    options = [one for one in measures if "copper" in one.materials]
    found = plan_measures(base, options, terms, objective=objective_of("", terms.goals), settings=EFFORT, depth="plan")
    (progress,) = supply.goal_progress(found)
    assert progress.given >= progress.asked > 0
    assert progress.asked == pytest.approx(0.3 * goal.use)
    assert progress.part_reached >= asked.share - 1e-9
    (good,) = [one for one in supply.secured_supply(found) if (one.material, one.stage) == ("copper", "refined")]
    given = sum(tonnes[-1] for kind, tonnes in good.secured.items() if kind.at_home)
    assert given == pytest.approx(progress.given)
    assert good.exposed[-1] == pytest.approx(good.need[-1] + good.feed[-1] - good.home - given)
    impossible = replace(terms, goals=(replace(goal, share=1.0),), budget=0.01)
    with pytest.raises(StudyError, match="no plan") as caught:
        plan_measures(base, options, impossible, objective=Objective(expected=0.0), settings=EFFORT, depth="plan")
    assert "copper (refined) made at home for 100% of use" in caught.value.where


def test_what_comes_from_abroad_counts_where_it_is_secured_alone(base, measures):
    stake = next(one for one in measures if one.kind == "equity" and one.levers)
    value = value_measure(base, stake)
    home, secured = (goals.read(text, base, "copper:mined") for text in ("50%", "50% secured"))
    assert not home.is_served_by(stake)
    assert secured.is_served_by(stake)
    assert (home.tonnes_from(value), secured.tonnes_from(value)) == (0, value.tonnes)


@pytest.mark.parametrize(
    ("text", "good"), [("120%", "copper:refined"), ("half", "copper:refined"), ("5 t", "copper:nowhere")]
)
def test_a_goal_that_cannot_be_is_refused(base, text, good):
    with pytest.raises(StudyError):
        goals.read(text, base, good)


def test_output_that_nobody_records_is_not_told_as_none(base, done):
    plain = world()
    output = np.array(plain.cube("production").values)
    output[:, 2] = np.nan  # no source has the last stage
    silent = plain.with_cubes("", production=replace(plain.cube("production"), values=output))
    unknown = ground(years=20, case=silent)
    assert goals.records_output(unknown, "copper", "mined")
    assert not goals.records_output(unknown, "copper", "refined")
    assert not goals.read("20%", unknown, "copper:refined").recorded
    good = replace(supply.secured_supply(done)[0], recorded=False)
    assert np.isnan(good.exposed_share).all()
    assert (good.exposed >= 0).all()


def test_regret_is_least_where_a_plan_is_the_cheapest(done):
    table = done.regrets
    regret, names = table.regret, table.candidates.names
    assert (regret.min(axis=0) == 0).all()
    assert (names[0], table.candidates.cost[0]) == ("no measure", 0)
    assert (table.loss >= 0).all()
    outcomes = {one.method: one for one in robustness.by_method(done)}
    planned = outcomes["as planned for"]
    assert planned.averted == pytest.approx(planned.loss_without - planned.loss_with)
    assert planned.averted > 0
    worst = [one.at_worst for one in robustness.candidate_regrets(done)]
    assert worst == sorted(worst)
    for one in outcomes.values():
        assert one.regret >= 0
        assert one.pays == (one.averted > one.cost)


def test_the_account_agrees_with_the_plan(done):
    found = account.account_for(done)
    assert found.bound <= found.objective + 1e-9
    assert found.averted.value == pytest.approx(found.loss_without.value - found.loss_with.value)
    assert found.reduction_error >= 0
    assert found.sum_of_single == pytest.approx(sum(
        size * MUSD.of(one.estimate.expected)
        for one, size in zip(done.values, done.plan.started.sum(axis=1), strict=True)
    ))  # fmt: skip
    shown = done.regrets.candidates.names.index("this plan")
    assert found.bought_again == pytest.approx(done.regrets.candidates.cost[shown] - found.cost)
    assert found.bought_again >= 0
    *parts, whole = account.money_by_component(done)
    assert (whole.name, whole.ceiling) == ("all", done.terms.budget)
    assert whole.total == pytest.approx(sum(part.total for part in parts)) == pytest.approx(found.spent)
    assert {part.name: part.ceiling for part in parts}["plant"] == 2.0
    begun = account.begun_measures(done)
    assert {one.value.measure.id for one in begun} == {one.measure.id for one in done.begun}
    assert [one.year for one in begun] == sorted(one.year for one in begun)
    assert all(one.works_from == one.year + one.value.measure.lead for one in begun)
    left = {one.measure.id for one in account.left_measures(done)}
    assert left.isdisjoint(one.measure.id for one in done.begun)
    assert len(left) + len(done.begun) == len(done.values)


def test_variants_are_told_beside_the_plan(done):
    changes = robustness.change_of(done, done.splits)
    assert [one.variant.name for one in changes] == ["ceilings of the programme", "single budget"]
    same = changes[0]
    assert (same.dropped, same.added) == ((), ())
    usual = {one.measure.id for one in done.begun}
    for one in robustness.change_of(done, (*done.one_at_a_time, *done.frontier)):
        assert {*one.begun} == usual - {*one.dropped} | {*one.added}
        assert one.cost_and_loss == one.variant.plan.cost + one.variant.check.expected
    names = {one.name for one in done.one_at_a_time}
    assert {"0 years beyond the plan", "10 years beyond the plan", "no growth of need", "discount rate 5%"} <= names
    draws = robustness.draw_regrets(done)
    assert [one.draw for one in draws] == [0, 1, 2, 3]
    assert all(0 <= one.best_in <= 1 and one.mean <= one.largest for one in draws)


def test_what_low_confidence_moves_is_told_measure_by_measure(done):
    begun = {one.measure.id for one in done.begun}
    moved = robustness.measures_at_ends(done)
    assert (
        {one.value.measure.id for one in moved}
        == {one.measure.id for one in done.begun if one.measure.ranged()}
        <= begun
    )
    assert [one.width for one in moved] == sorted((one.width for one in moved), reverse=True)
    for one in moved:
        assert one.moved
        high = value_measure(done.base, one.value.measure.at_end("high")).estimate.expected
        assert one.ends.high == pytest.approx(MUSD.of(high))


def test_need_is_told_with_its_range_and_as_not_known(done):
    first, second = supply.need_growth(done)
    assert tuple(first.by_year[2028]) == pytest.approx((1.02**2, 1.02**4, 1.02**6))
    assert second.by_year[2033].best == pytest.approx(1.05**9)
    silent = replace(done.terms.growth, how=(UNKNOWN, "said"))
    told = supply.need_growth(replace(done, terms=replace(done.terms, growth=silent)))
    assert not told[0].by_year[2028].is_known
    assert told[1].by_year[2028].is_known
    assert supply.need_growth(replace(done, terms=replace(done.terms, growth=None))) == ()


def test_a_plan_of_a_country_is_that_of_its_measures(base, done):
    terms = replace(done.terms, growth=None)
    whole = plan_country(base, terms, None, programme="NCMM", settings=EFFORT, depth="plan")
    same = plan_measures(base, size_measures(base, None, "NCMM"), terms, settings=EFFORT, depth="plan")
    assert [one.measure for one in whole.values] == [one.measure for one in same.values]
    np.testing.assert_array_equal(whole.plan.started, same.plan.started)
    own = [one.measure for one in done.values if one.measure.kind == "exploration"][-1:]
    alone = plan_country(base, terms, None, catalogue=False, own=own, settings=EFFORT, depth="plan")
    assert [one.measure.id for one in alone.values] == [own[0].id]


def test_what_is_minimised_follows_what_is_asked(base):
    goal = goals.read("30%", base, "copper:refined")
    assert objective_of("", ()).expected == 1.0
    assert objective_of("", (goal,)).expected == objective_of("least-cost", ()).expected == 0.0
    assert objective_of("losses", (goal,), 0.5) == Objective(expected=1.0, tail=0.5)


def result(axes, unit, values, low, high, remarks=None):
    """Return what a method answers, as far as it is read."""
    case = cases.from_arrays(axes, value=(unit, tuple(axes), values))
    cube = replace(case.cube("value"), low=np.asarray(low, float), high=np.asarray(high, float))
    return SimpleNamespace(value=cube, remarks=remarks or {}, trace=SimpleNamespace(sources=("s@1",)))


def test_scrap_is_of_the_last_year_with_a_figure_and_arises_on_the_way():
    nan, years = np.nan, ("2028", "2029", "2030")
    axes = {"focus": (FOCUS,), "technology": ("cars", "phones"), "material": ("cobalt", "tin"), "year": years}
    values = np.array([[[[1.0, 3.0, nan], [0.0, 0.0, nan]], [[nan, 1.0, nan], [0.0, 0.0, nan]]]])
    found = read_scrap(result(axes, "t", values, values * 0.5, values * 2), "steps")
    assert (found.year, found.scenario, found.sources) == (2029, "steps", ("s@1",))
    assert dict(found.tonnes) == {"cobalt": Range(2.0, 4.0, 8.0)}  # of tin nothing arises
    assert found.before["cobalt"] == ((2028, 0.25), (2029, 1.0))


def test_a_plant_that_recycles_waits_for_scrap(done):
    first = done.values[0]
    waiting = replace(first, measure=replace(first.measure, arising=((2025, 0.25), (2028, 1.0))))
    made = portfolios.plan_problem(done.sample, [waiting, *done.values[1:]], done.terms, 10, 1)
    np.testing.assert_allclose(made.most[0], [0.25, 0.5, 0.75, 1.0, 1.0])


def test_growth_takes_what_stands_for_a_material_and_says_so(monkeypatch):
    monkeypatch.setattr("khanij.plan.planner.growth.proxies", lambda: {"neodymium": "rare-earths"})
    axes = {"focus": (FOCUS,), "material": ("neodymium", "rare-earths", "tin"), "year": ("2024", "2025")}
    best = np.array([[[1.0, 1.1], [1.0, 1.4], [np.nan, np.nan]]])
    remarks = {
        WHOLE: np.array([[False, True, False]]),
        ECONOMY: np.array([[True, False, False]]),
        UNKNOWN: np.array([[False, False, True]]),
    }
    found = read_growth(result(axes, "1", best, best * 0.9, best * 1.1, remarks), 2024, ("neodymium", "tin"))
    assert found.of(["neodymium"], [2025, 2099])[0].tolist() == [1.4, 1.4]
    assert found.how == (f"{WHOLE} (as rare-earths)", UNKNOWN)
    assert (found.unknown, found.of(["tin"], [2025])[0, 0]) == (("tin",), 1.0)
    assert found.range_of("neodymium", 2025).high == pytest.approx(1.54)


def test_a_part_of_the_budget_that_cannot_meet_a_goal_is_named_and_left_out(base, measures, done):
    goal = goals.read("30%", base, "copper:refined")
    asked = replace(goal, share=goal.home / goal.use + 0.3)
    options = [one for one in measures if "copper" in one.materials]
    terms = replace(done.terms, goals=(asked,), budget=2000.0, ceilings={}, to=2031, growth=None)
    aim = objective_of("", terms.goals)
    cost = plan_measures(base, options, terms, objective=aim, settings=EFFORT, depth="plan").plan.spend.sum()
    tight = replace(terms, budget=6.0 * float(cost))
    found = plan_measures(base, options, tight, objective=aim, settings=EFFORT, depth="full")
    kept = {one.times for one in found.frontier}
    assert 1.0 in kept
    assert 0.01 not in kept
    assert {f"budget x {times:g}, CVaR x 0" for times in (0.01, 0.03, 0.1)} <= set(found.out_of_reach)
    names = {one.name for one in (*found.splits, *found.one_at_a_time)}
    assert not names & set(found.out_of_reach)
