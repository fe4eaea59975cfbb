"""A plan on a made-up ground of valued measures: limits hold, fresh scenarios judge it, impossible asks are named."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from khanij.core.errors import StudyError
from khanij.plan import scenarios as sampling
from khanij.plan.portfolio import Aim, choose
from khanij.study import money, plans, portfolios, valuation
from khanij.study.options import Option, generated
from khanij.study.portfolios import Terms

pytest.importorskip("highspy")

MUSD = money.currency("USD")
EFFORT = plans.Effort(drawn=40, kept=20, fresh=60, seconds=20.0, threads=1)


@pytest.fixture(scope="module")
def base():
    return valuation.prepare("IND", 2024, 200, 5, materials=["rare-earths", "silicon", "titanium"])


@pytest.fixture(scope="module")
def done(base):
    terms = Terms(MUSD, 300.0, 2025, 2028, {"plants": 250.0, "stockpile": 40.0}, beyond=5)
    chosen = [
        replace(option, component={"plant": "plants"}.get(option.kind, option.kind)) for option in generated(base)
    ]
    return plans.plan(base, chosen, terms, effort=EFFORT)


def test_no_row_is_broken(done):
    spend, terms = done.plan.spend, done.terms
    count = terms.to - terms.since + 1
    assert (np.cumsum(spend[:, :count].sum(axis=0)) <= np.cumsum(done.problem.budget[:count]) + 1e-6).all()
    assert (spend.sum(axis=1) <= done.problem.ceiling + 1e-6).all()
    assert (done.plan.started.sum(axis=1) <= 1 + 1e-9).all()
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
    assert {"account", "plan", "reasons", "money", "frontier", "split", "regret", "inputs", "not chosen"} <= set(
        done.tables
    )
    figures = {row["figure"]: row for row in done.tables["account"].rows()}
    assert figures["bound: no plan can have less"]["value"] <= figures["objective"]["value"] + 1e-9
    assert figures["error of keeping so few, expected loss of any plan"]["value"] >= 0
    rows = list(done.tables["money"].rows())
    assert rows[-1]["sum"] == pytest.approx(sum(row["sum"] for row in rows[:-1]))
    assert all(row["because"] and row["source of cost"] for row in done.tables["reasons"].rows())
    split = {row["split"]: row for row in done.tables["split"].rows()}
    assert set(split) == {"ceilings of the programme", "one purse"}


def test_more_money_is_never_worse_on_its_own_scenarios(done):
    objective = [one.plan.objective for one in done.frontier]
    assert all(later <= earlier * (1 + 2 * EFFORT.gap) for earlier, later in pairwise(objective))


def test_without_money_nothing_is_begun(base, done):
    terms = replace(done.terms, budget=0.0)
    none = plans.plan(base, [one.option for one in done.found], terms, effort=EFFORT, deep=False)
    assert not none.plan.started.any()
    assert none.check.expected == pytest.approx(none.nothing.expected)
    assert none.together.expected == 0


def test_a_target_out_of_reach_names_its_rows(done):
    with pytest.raises(StudyError, match="no plan meets these rows"):
        choose(done.problem, Aim(expected=0.0, loss=1e-6), seconds=20.0, threads=1)


def test_years_beyond_count_once_at_their_sum(done):
    terms = done.terms
    assert terms.years == ("2025", "2026", "2027", "2028", "2029-2033")
    assert terms.weights[-1] == pytest.approx(sum(1.09**-n for n in range(4, 9)))
    assert replace(terms, beyond=0).years == ("2025", "2026", "2027", "2028")
    with pytest.raises(StudyError):
        Terms(MUSD, 1.0, 2030, 2025)


def test_scenarios_are_the_same_by_seed_and_others_by_purpose(done):
    again = portfolios.problem(done.pool, done.found, done.terms, 40, done.base.seed)
    fresh = portfolios.problem(done.pool, done.found, done.terms, 40, done.base.seed, "out")
    kept = again.subset(done.reduction.kept, done.reduction.probability)
    np.testing.assert_array_equal(kept.amount, done.problem.amount)
    assert (fresh.amount != again.amount).any()
    assert sampling.check(kept, done.plan.started).expected == pytest.approx(done.plan.expected)


def test_ceilings_are_facts_and_not_retyped():
    programme, found, notes = plans.ceilings("IND", "crore INR")
    assert programme == "NCMM"
    assert sum(found.values()) == pytest.approx(34_300 - 100, abs=500)  # parks beyond those named hold the rest
    assert notes
    assert plans.ceilings("CHL", "million USD")[1] == {}


def test_measures_without_a_cost_stand_apart(base, done):
    nan = float("nan")
    free = replace(done.found[0].option, id="free", cost=(nan, nan, nan))
    options: list[Option] = [one.option for one in done.found[:4]] + [free]
    found = plans.plan(base, options, done.terms, effort=EFFORT, deep=False)
    assert [one.option.id for one in found.unpriced] == ["free"]
    assert "without cost" in found.tables
