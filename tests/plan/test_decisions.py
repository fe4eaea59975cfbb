"""A plan to sign, on a hand-made world: it reacts, shows least regret first, and says what keeps parts out."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.core.range import Range
from khanij.plan.measures import building
from khanij.plan.measures.partners.conversion import COMMERCIAL, PAPER, conversion
from khanij.plan.measures.partners.partner_ranks import rank_partners
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.support import equivalents
from khanij.plan.measures.value import value_measure, value_measures
from khanij.plan.planner.accounts.margins import next_lots
from khanij.plan.planner.accounts.parts import part_accounts
from khanij.plan.planner.accounts.robustness import candidate_regrets
from khanij.plan.planner.accounts.supply import open_feeds
from khanij.plan.planner.options import stage_options
from khanij.plan.planner.plans import plan_measures
from khanij.plan.planner.results import SearchSettings, search_problem
from khanij.plan.planner.sample import money_of
from khanij.plan.planner.terms import terms_for
from khanij.plan.portfolio.choose import choose
from khanij.plan.portfolio.worlds import Worlds
from khanij.reference import money
from khanij.reference.decisions.agreement_record import STAGES_REACHED, between
from khanij.reference.decisions.build_rates import build_rates, built_like, support_schemes
from khanij.reference.measures import measures as catalogue

sys.path.insert(0, str(Path(__file__).parent))
from worlds import FOCUS, ground

pytest.importorskip("highspy")

MUSD = money.currency("USD")
EFFORT = SearchSettings(drawn=30, fresh=40, seconds=30.0)


@pytest.fixture(scope="module")
def base():
    return ground(years=120)


@pytest.fixture(scope="module")
def measures(base):
    """The catalogue's, at a hundredth of its cost: so small a world would buy none of it."""
    cheap = lambda cost: Range(*(0.01 * end for end in cost))  # noqa: E731
    return [replace(one, cost=cheap(one.cost), running=cheap(one.running)) for one in size_measures(base, None)]


@pytest.fixture(scope="module")
def done(base, measures):
    terms = terms_for(base, MUSD, 4.0, 2025, 2030, beyond=6, ceilings={"stockpile": 0.2})
    return plan_measures(base, measures, terms, settings=EFFORT, depth="full")


def test_ten_times_the_losses_move_what_is_spent_by_more_than_a_tenth(done):
    spent = []
    for times in (1.0, 10.0):
        problem, _ = search_problem(done.sample.times(np.full(2, times)), done.values, done.terms, EFFORT, 0)
        spent.append(float(choose(problem, gap=0.0, prices=False).spend.sum()))
    assert spent[1] > 1.1 * spent[0] > 0


def test_the_plan_shown_is_first_in_its_own_regret_table(done):
    ranked = candidate_regrets(done)
    assert ranked[0].name == "this plan"
    assert ranked[0].at_worst == min(one.at_worst for one in ranked)
    assert set(done.candidates) == {one.name for one in ranked}
    assert done.expected.cost + done.expected.expected <= done.plan.cost + done.plan.expected + 1e-6


def test_every_part_has_an_amount_or_a_number_that_keeps_it_at_zero(done):
    lots = next_lots(done)
    parts = {one.name: one for one in part_accounts(done, lots)}
    assert {"plant", "stockpile", "exploration", "equity"} <= set(parts)
    for one in parts.values():
        assert one.begun or one.best is not None or one.option is not None
        assert one.spent <= one.ceiling + 1e-6
    assert sum(one.spent for one in parts.values()) == pytest.approx(float(done.plan.spend.sum()), rel=1e-6)


def test_what_one_more_lot_buys_is_the_fall_of_loss_that_choosing_it_brings(done):
    trial = next(one for one in next_lots(done) if not one.why and not one.with_first and one.averted > 0)
    i = done.values.index(trial.value)
    more = done.plan.started.copy()
    more[i, 0] += float(done.problem.lump[i])
    from khanij.plan.portfolio.problem import losses_by_mineral

    before, after = (
        done.problem.probability @ losses_by_mineral(done.problem, s).sum(axis=1) for s in (done.plan.started, more)
    )
    assert trial.averted == pytest.approx(before - after, abs=1e-9)


def test_a_new_look_is_no_better_than_knowing_and_told(done):
    assert done.policy is not None
    assert done.policy.known <= done.policy.policy + 2 * done.policy.policy_error
    assert done.recourse.started[:, :, : done.terms.replan].std(axis=0).max() < 1e-6


def test_the_budget_is_charged_with_the_public_part_alone(done):
    given = money_of([one.measure for one in done.values], done.terms, {})
    for n, one in enumerate(done.values):
        capital, support = MUSD.of(one.measure.cost.best), one.measure.building.support
        assert given["outlay"][n, 0] == pytest.approx(support.outlay.best * capital)
        if one.measure.kind == "plant":
            assert given["cost"][n, 0] == pytest.approx(done.terms.public_funds * support.outlay.best * capital)


def test_further_plants_are_valued_on_top_of_the_first(base, done):
    further = next(one for one in done.values if one.measure.on_top and one.measure.kind == "plant")
    first = next(one for one in done.values if one.measure.id == further.measure.needs)
    both = value_measure(
        base, replace(first.measure, id="both", levers=(*first.measure.levers, *further.measure.levers))
    )
    assert first.estimate.expected + further.estimate.expected == pytest.approx(both.estimate.expected, rel=1e-6)


def test_measures_beside_each_other_avert_no_more_than_one_by_one(done):
    assert ((done.sample.together > 0) & (done.sample.together <= 1)).all()


def test_a_target_beyond_imports_is_a_measure_of_its_own(base):
    """What imports leave to replace averts far more a tonne than what a target asks beyond them."""
    plain = {one.id: one for one in size_measures(base, None)}
    name = next(one.needs for one in plain.values() if one.on_top and one.kind == "plant")
    first, further = plain[name], plain[f"{name}-further"]
    bought = base.networks[first.materials[0]].imports(first.levers[0].stage)
    assert first.size + further.size == pytest.approx(bought)
    aimed = {one.id: one for one in size_measures(base, None, targets={name: 1.5 * bought})}
    assert {one for one in aimed if one not in plain} == {f"{name}-target"}
    assert (aimed[first.id].size, aimed[further.id].size) == (first.size, further.size)
    more = aimed[f"{name}-target"]
    assert (more.size, more.needs, more.on_top, more.catalogued) == (
        pytest.approx(0.5 * bought), further.id, True, name
    )  # fmt: skip
    three = {one.measure.id: one for one in value_measures(base, (first, aimed[further.id], more))}
    levers = tuple(lever for one in three.values() for lever in one.measure.levers)
    whole = value_measure(base, replace(first, id="whole", levers=levers))
    assert sum(one.estimate.expected for one in three.values()) == pytest.approx(whole.estimate.expected, rel=1e-6)


def test_what_is_valued_on_top_counts_whole_beside_what_it_stands_on(base, done):
    """The first step of a cover is what a plant and its further one avert, not the plant alone."""
    sample = done.sample
    on_top = [i for i, one in enumerate(done.values) if one.measure.on_top and one.measure.kind == "plant"]
    place = {one.measure.id: i for i, one in enumerate(done.values)}
    found = 0
    for i in on_top:
        below = place[done.values[i].measure.needs]
        pairs = {int(sample.measure[p]): p for p in range(len(sample.measure))}
        if i in pairs and below in pairs:
            found += 1
            assert sample.group[pairs[i]] == sample.group[pairs[below]]
    assert found
    assert len(set(sample.group.tolist())) < len(set(sample.measure.tolist()))


def test_a_search_wins_where_it_should(base, done):
    two = [one for one in done.values if one.measure.after is not None and one.measure.kind == "exploration"]
    assert two
    worlds = Worlds(("one",), np.ones((1, 2)), np.ones(1), base.materials)
    late = replace(done.terms, to=2025, beyond=2)
    plain = stage_options(done.values, late, worlds, np.ones(2))
    assert plain
    rich = stage_options(done.values, late, replace(worlds, times=np.full((1, 2), 1e6)), np.ones(2))
    assert max(one.credit for one in rich) > max(one.credit for one in plain) >= 0
    assert all(one.needed > 0 for one in plain)


def test_the_record_of_plants_says_years_public_money_and_chance(base):
    entry = catalogue()["nickel-hpal"]
    assert len(built_like(entry.id)) >= 3
    years = building.build_years(entry, base.case)
    assert years.low <= years.best <= years.high
    chance = building.built_chance(entry, base.case)
    assert 0 < chance.low <= chance.best <= chance.high <= 1
    assert building.build_years(catalogue()["magnet-recycling"], base.case) is None
    scheme = support_schemes()["IND", "magnet-plant"]
    support = building.support_of_plant(catalogue()["magnet-plant"], "IND", base.case)
    assert support.outlay.best == scheme.best
    assert building.support_of_plant(catalogue()["magnet-plant"], FOCUS, base.case).outlay.best < 1
    assert all(row.source and row.confidence for row in build_rates())


def test_one_gap_by_three_instruments_is_one_gap(done):
    plant = next(one.measure for one in done.values if one.measure.kind == "plant")
    same = equivalents(plant, 0.0, done.base.case)
    assert same.grant == pytest.approx(plant.building.support.lost.best * plant.cost.best)
    assert same.price * plant.size * 5 == pytest.approx(same.grant)  # five years of support, undiscounted
    assert same.loan * 0.3 == pytest.approx(same.grant)
    stock = next(one.measure for one in done.values if one.measure.kind == "stockpile")
    assert np.isnan(equivalents(stock, 0.0, done.base.case).grant)


def test_partners_are_ranked_by_chance_times_worth_less_exposure(base):
    found = rank_partners(base, 2)
    assert found == tuple(sorted(found, key=lambda one: (-one.value, one.partner)))
    for one in found:
        assert one.value == pytest.approx(one.chance.chance.best * (one.averted - one.sanctions * max(one.exposure, 0)))
        assert 0 < one.chance.chance.low <= one.chance.chance.high < 1


def test_papers_come_to_tonnes_less_often_than_contracts_and_two_with_a_record_lean_on_it(base):
    paper, contract = (conversion(kind, "IND", "", base.case) for kind in (PAPER, COMMERCIAL))
    assert paper.chance.best < contract.chance.best
    assert paper.came < paper.known
    assert conversion(COMMERCIAL, "JPN", "AUS", base.case).pair_known > 0
    assert conversion(COMMERCIAL, "JPN", "AUS", base.case).chance.best != contract.chance.best


def test_what_two_have_signed_is_found_from_either_side_and_for_any_country():
    for focus, partner in (("JPN", "AUS"), ("USA", "AUS"), ("EU27", "CHL"), ("KOR", "AUS")):
        both = between(focus, partner)
        assert both == between(partner, focus)
        assert both, (focus, partner)
        reached = [STAGES_REACHED.index(one.stage_reached) for one in both]
        assert reached == sorted(reached, reverse=True)
    assert between("JPN", "AUS")[0].shipped  # Lynas
    assert between("IND", "TUV") == ()


def test_a_plant_whose_feed_no_loss_model_follows_is_told(done):
    """Output of copper metal is on record here, so that its feed is followed; where no output is, it is not."""
    done = replace(done, plan=replace(done.plan, started=np.ones_like(done.plan.started)))  # all is begun
    assert open_feeds(done) == ()
    case = done.base.case
    output = case.cube("production")
    silent = replace(output, values=np.full_like(output.values, np.nan))
    base = replace(done.base, case=case.with_cubes("silent", production=silent))
    found = open_feeds(replace(done, base=base))
    assert {one.plant.measure.kind for one in found} == {"plant"}
    for one in found:
        network = base.networks[one.material]
        assert one.seller != FOCUS
        assert 0 < one.share <= 1
        assert network.stages.index(one.stage) < network.stages.index(one.plant.measure.levers[0].stage)
