"""Worlds, gates, stocks and recourse against every possible choice; a staged project against every policy."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.errors import StudyError
from khanij.plan.portfolio.choose import Objective, choose, losses, program
from khanij.plan.portfolio.gates import Gate, least_payoff, value_option
from khanij.plan.portfolio.problem import PlanProblem, cost, in_place, losses_by_mineral, spend
from khanij.plan.portfolio.program import solve
from khanij.plan.portfolio.worlds import (
    Recourse,
    Worlds,
    check_policy,
    in_world,
    least_regret,
    positions,
    with_recourse,
)

pytest.importorskip("highspy")

YEARS = 2
PLANS = list(product(range(2), repeat=3 * YEARS))  # three measures, begun once or not in each year


def instance(seed):
    """Three measures: a search, what comes behind its gate, and a stock that is bought again; covers may be below 0."""
    draw = np.random.default_rng(seed)
    pairs = np.array([[0, 0], [1, 0], [1, 1], [2, 1]])
    averted = draw.uniform(0.5, 3, (4, len(pairs), YEARS))
    averted[:, 2] *= draw.choice([-0.3, 1.0], (4, 1))  # some years get dearer
    return PlanProblem(
        cost=draw.uniform(0.5, 3, (3, YEARS)),
        outlay=draw.uniform(0.5, 3, (3, YEARS)),
        running=draw.uniform(0, 0.3, (3, YEARS)),
        lead=np.array([0, 0, 0]),
        limit=np.full(3, 2.0),
        lump=np.ones(3),
        budget=np.full(YEARS, draw.uniform(3, 8)),
        pace=np.ones((3, YEARS)),
        measure=pairs[:, 0],
        mineral=pairs[:, 1],
        averted=averted,
        amount=draw.uniform(0, 4, (4, 2, YEARS, 2)) * (draw.random((4, 2, 1, 1)) < 0.8),
        value=draw.uniform(0.5, 3, (4, 2, YEARS, 2)),
        probability=np.full(4, 0.25),
        discount=np.array([1.0, 0.9]),
        store=np.array([False, False, False, True]),
        refill=np.array([np.nan, np.nan, np.nan, draw.uniform(0.2, 1.5)]),
        gates=[(1, 0, draw.choice([0.5, 1.0]))],
    )


def worlds(seed, count=2):
    draw = np.random.default_rng(seed + 7)
    part = draw.uniform(0.2, 1.0, count)
    return Worlds(tuple(f"world {s}" for s in range(count)), draw.uniform(0, 2.5, (count, 2)), part / part.sum())


def allowed(given_):
    """Every plan that breaks no row."""
    found = []
    for flat in PLANS:
        started = np.array(flat, dtype=float).reshape(3, YEARS)
        placed = in_place(given_, started)
        fits = (spend(given_, started).sum(axis=0) <= given_.budget + 1e-9).all()
        after = all((np.cumsum(started[i]) <= ratio * placed[j] + 1e-9).all() for i, j, ratio in given_.gates)
        if fits and after:
            found.append(started)
    return found


def total(given_, times, started):
    """Cost and expected loss in a world, by a programme of its own rather than in closed form."""
    made, _ = program(in_world(given_, times), Objective(), held=started)
    return solve(made).objective


@pytest.mark.parametrize("seed", range(50))
def test_with_gates_stocks_and_recourse_it_is_the_best_of_all_choices(seed):
    given_, known = instance(seed), worlds(seed)
    every = allowed(given_)
    value = np.array([[total(given_, times, one) for times in known.times] for one in every])
    first = np.array([one[:, :1].ravel() for one in every])
    best = np.inf
    for start in np.unique(first, axis=0):
        same = (first == start).all(axis=1)
        best = min(best, float(known.probability @ value[same].min(axis=0)))
    found = with_recourse(given_, known, 1, gap=0.0)
    assert found.known == pytest.approx(best, abs=1e-5)
    assert found.started[0][:, :1] == pytest.approx(found.started[1][:, :1])


def test_each_row_of_these_instances_bites_in_some_of_them():
    """A comparison in which no gate, no refill, no budget and no shared first year mattered could not fail."""
    free = {
        "gates": {"gates": []},
        "refill": {"refill": np.array([np.nan, np.nan, np.nan, 0.0])},
        "budget": {"budget": np.full(YEARS, np.inf)},
    }
    bitten = dict.fromkeys([*free, "recourse"], 0)
    for seed in range(50):
        given_, known = instance(seed), worlds(seed)
        held = with_recourse(given_, known, 1, gap=0.0).known
        for name, change in free.items():
            bitten[name] += with_recourse(replace(given_, **change), known, 1, gap=0.0).known < held - 1e-4
        bitten["recourse"] += with_recourse(given_, known, 0, gap=0.0).known < held - 1e-4
    assert min(bitten.values()) >= 5, bitten


@pytest.mark.parametrize("seed", range(50, 65))
def test_least_regret_is_the_least_of_all_choices(seed):
    given_, known = instance(seed), worlds(seed, 3)
    given_ = replace(given_, store=np.zeros(4, dtype=bool), refill=np.full(4, np.nan))
    every = allowed(given_)
    value = np.array([[total(given_, times, one) for times in known.times] for one in every])
    best = value.min(axis=0)
    started, regret = least_regret(given_, known, best, gap=0.0)
    assert regret == pytest.approx((value - best).max(axis=1).min(), abs=2e-3)
    own = np.array([total(given_, times, started) for times in known.times])
    assert (own - best).max() <= regret + 2e-3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_closed_form_and_programme_agree_with_stocks_and_covers_below_nothing(seed):
    given_ = instance(seed)
    started = np.random.default_rng(seed).integers(0, 2, (3, YEARS)).astype(float)
    for s, times in enumerate(worlds(seed).times):
        told = in_world(given_, times)
        assert cost(told, started) + told.probability @ losses(told, started) == pytest.approx(
            total(given_, times, started), abs=1e-6
        ), s


def test_a_cover_below_nothing_adds_to_the_loss():
    given_ = replace(instance(0), averted=-np.ones((4, 4, YEARS)), store=np.zeros(4, dtype=bool))
    started = np.zeros((3, YEARS))
    started[0, 0] = 1.0
    dearest = given_.value.max(axis=3)[:, 0]
    more = losses(given_, started) - losses(given_, 0 * started)
    assert more == pytest.approx(dearest @ given_.discount)


def test_stock_that_is_drawn_is_bought_again_and_dear_stock_is_left():
    given_ = instance(1)
    started = np.zeros((3, YEARS))
    started[2] = [1.0, 0.0]
    cheap, dear = (replace(given_, refill=np.array([np.nan] * 3 + [price])) for price in (0.0, 99.0))
    assert losses(dear, started) == pytest.approx(losses(dear, 0 * started))
    assert (losses(cheap, started) <= losses(given_, started) + 1e-9).all()
    assert losses(given_, started).sum() < losses(dear, started).sum()


def test_money_that_budgets_limit_is_not_what_the_objective_charges():
    given_ = replace(instance(2), outlay=np.zeros((3, YEARS)), running_outlay=np.zeros((3, YEARS)))
    started = np.ones((3, YEARS))
    assert spend(given_, started).sum() == 0
    assert cost(given_, started) > 0


@pytest.mark.parametrize("seed", range(6))
def test_a_policy_lies_between_knowing_and_never_asking(seed):
    given_, known = instance(seed), worlds(seed)
    found = with_recourse(given_, known, 1, gap=0.0)
    mean = known.probability @ known.times
    held = choose(in_world(given_, mean), gap=0.0, prices=False).started
    checked = check_policy(given_, known, found, held)
    assert checked.known <= checked.policy + 1e-9
    assert checked.known == pytest.approx(found.known, abs=1e-5)  # the same scenarios: told twice, by two ways
    assert checked.followed.sum(axis=1) == pytest.approx(np.ones(2))


@pytest.mark.parametrize("seed", range(8))
def test_cut_down_to_lots_no_row_is_broken(seed):
    given_, known = instance(seed), worlds(seed)
    best = np.zeros(2)
    started, bound = least_regret(given_, known, best, whole=False)
    assert (started == np.round(started)).all()
    assert (spend(given_, started).sum(axis=0) <= given_.budget + 1e-6).all()
    for one, other, ratio in given_.gates:
        assert (np.cumsum(started[one]) <= ratio * in_place(given_, started)[other] + 1e-6).all()
    assert bound <= least_regret(given_, known, best, gap=0.0)[1] + 1e-6


def test_worlds_that_cannot_be_are_refused():
    with pytest.raises(StudyError):
        Worlds(("one",), np.ones((2, 2)), np.ones(1))
    with pytest.raises(StudyError):
        Worlds(("one",), -np.ones((1, 2)), np.ones(1))
    with pytest.raises(StudyError):
        positions(worlds(0), ("nowhere",))
    assert positions(worlds(0), ("world 1",)).tolist() == [1]


def staged(seed):
    draw = np.random.default_rng(seed)
    gates = [Gate(f"gate {k}", draw.uniform(0, 2), draw.uniform(0.2, 1), draw.integers(0, 4)) for k in range(3)]
    weight = draw.uniform(0.1, 1, 2)
    return gates, draw.uniform(-5, 40, 2), weight / weight.sum(), int(draw.integers(0, 4))


@pytest.mark.parametrize("seed", range(60))
def test_a_staged_project_is_worth_the_best_of_all_policies(seed):
    gates, payoff, weight, known = staged(seed)
    rate, best = 0.08, 0.0
    for stops in product(range(len(gates) + 1), repeat=2):  # gates that are entered, world by world
        if any(stops[0] != stops[1] and min(stops) < known for _ in (0,)):
            continue  # the worlds cannot be told apart before
        worth = 0.0
        for s, stop in enumerate(stops):
            factor, own = 1.0, 0.0
            for gate in gates[:stop]:
                own -= factor * gate.cost
                factor *= gate.chance * (1 + rate) ** -gate.years
            worth += weight[s] * (own + factor * payoff[s] * (stop == len(gates)))
        best = max(best, worth)
    found = value_option(gates, payoff, weight, rate=rate, known=known)
    assert found.worth == pytest.approx(best, abs=1e-9)
    assert found.worth >= max(found.obliged, 0) - 1e-9


def test_the_least_payoff_is_where_the_option_begins_to_be_worth_something():
    gates = [Gate("search", 1.0, 0.2, 3), Gate("studies", 0.5, 0.5, 2)]
    least = least_payoff(gates, rate=0.1)
    assert value_option(gates, np.array([least * 0.999]), np.ones(1), rate=0.1).worth == 0
    assert value_option(gates, np.array([least * 1.001]), np.ones(1), rate=0.1).worth > 0
    assert least_payoff([Gate("never", 1.0, 0.0, 1)], rate=0.1) == float("inf")
    with pytest.raises(StudyError):
        Gate("odd", -1.0, 0.5, 1)


def test_losses_by_mineral_add_up():
    given_ = instance(3)
    started = np.ones((3, YEARS))
    assert losses_by_mineral(given_, started).sum(axis=1) == pytest.approx(losses(given_, started))
    assert isinstance(with_recourse(given_, worlds(3), 1), Recourse)
