"""Plans on the store: every table is there, told from the plan's numbers; what nobody records is not told as none."""

from dataclasses import replace

import numpy as np
import pytest

from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.growth import growth
from khanij.analyses.inputs.scrap import recoverable
from khanij.analyses.measures import run as measures_run
from khanij.analyses.plan import programme as plan_programme
from khanij.analyses.plan import run as plan_run
from khanij.analyses.plan import supply as plan_supply
from khanij.analyses.study import run as studies
from khanij.demand.growth import UNKNOWN
from khanij.plan.measures.measure import UNKNOWN as NO_COST
from khanij.plan.measures.sizing import size_measures
from khanij.plan.planner.account import account_for
from khanij.plan.planner.plans import plan_measures
from khanij.plan.planner.results import SearchSettings
from khanij.plan.planner.terms import PlanTerms
from khanij.reference import money
from khanij.simulate.loss.rationing import Rationed
from khanij.simulate.risk import averted as valuation

pytest.importorskip("highspy")

MUSD = money.currency("USD")


@pytest.fixture(scope="module")
def base():
    return baseline.prepare("IND", 2024, 120, 5, materials=["rare-earths", "silicon", "titanium"])


@pytest.fixture(scope="module")
def done(base):
    grown = growth("IND", 2024, base.materials)
    terms = PlanTerms(MUSD, 300.0, 2025, 2028, {"plants": 250.0, "stockpile": 40.0}, beyond=5, growth=grown)
    chosen = [replace(one, component={"plant": "plants"}.get(one.kind, one.kind)) for one in size_measures(base, None)]
    free = replace(chosen[0], id="free", cost=NO_COST)
    settings = SearchSettings(drawn=40, kept=20, fresh=60, seconds=20.0)
    return plan_measures(base, [*chosen, free], terms, settings=settings)


@pytest.fixture(scope="module")
def tables(done):
    return plan_run.tables(done)


def test_every_table_is_there(done, tables):
    names = "account plan reasons money supply frontier split methods regret inputs need".split()
    assert {*names, "regret across methods", "not chosen", "without cost"} <= set(tables)
    figures = {row["figure"]: row["value"] for row in tables["account"].rows()}
    assert figures["objective"] == account_for(done).objective
    assert figures["bound: no plan can have less"] <= figures["objective"] + 1e-9
    rows = list(tables["money"].rows())
    assert rows[-1]["sum"] == pytest.approx(sum(row["sum"] for row in rows[:-1]))
    assert all(row["because"] and row["source of cost"] for row in tables["reasons"].rows())
    assert {row["split"] for row in tables["split"].rows()} == {"ceilings of the programme", "single budget"}
    assert [row["measure"] for row in tables["without cost"].rows()] == ["free"]


def test_the_marginal_value_of_a_measure_is_told_once(tables):
    rows = list(tables["plan"].rows())
    told = [row["measure"] for row in rows if row["loss if left out"] is not None]
    assert len(told) == len(set(told)) == len({row["measure"] for row in rows})


def test_figures_behind_the_plan_have_sources(done, tables):
    begun = {one.measure.id for one in done.begun}
    figures = list(tables["figures"].rows())
    assert {row["measure"] for row in figures} <= begun
    assert all(row["source"] and row["confidence"] in ("low", "medium", "high") for row in figures)
    assert {"capital", "recovery", "lead"} <= {row["input"] for row in figures}
    assert {row["measure"] for row in tables["ends"].rows()} <= begun


def test_ceilings_are_facts_and_not_retyped():
    programme, found, notes = plan_programme.ceilings("IND", "crore INR")
    assert programme == "NCMM"
    assert sum(found.values()) == pytest.approx(34_300 - 100, abs=500)  # parks beyond those named hold the rest
    assert notes
    assert plan_programme.ceilings("CHL", "million USD")[1] == {}


def test_scrap_arises_on_the_way_to_its_year():
    scrap = recoverable("IND", ["silicon", "cobalt"], 2028)
    assert scrap.year <= 2028
    low, best, high = scrap.tonnes["cobalt"]
    assert 0 < low < best < high
    parts = [part for _, part in scrap.before["cobalt"]]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)


def test_the_command_and_a_study_have_the_same_measures():
    listed = ["cobalt", "lithium"]
    asked = {"title": "t", "focus": "IND", "years": 30, "materials": listed, "measures": {"catalogue": True}}
    study = list(studies.run(studies.parse(asked)).tables["measures"].rows())
    command = list(measures_run.report("IND", 2024, 30, 0, materials=listed, currency=MUSD)[0].rows())
    assert [row["measure"] for row in command] == [row["measure"] for row in study]
    assert [row["averted"] for row in command] == [row["averted"] for row in study]
    assert "battery-recycling" in {row["measure"] for row in command}


def test_targets_stand_beside_what_the_plan_gives(done, tables):
    rows = {row["target"]: row for row in tables["targets"].rows()}
    magnets = rows["magnet capacity"]
    place = next(n for n, one in enumerate(done.values) if one.measure.id == "magnet-plant")
    made = sum(effect.done[0] for effect in done.values[place].effects)
    standing = done.plan.in_place[place, done.terms.count - 1]
    assert magnets["the plan gives"] == pytest.approx(2.801120448 * made * standing)
    assert magnets["part of the goal"] == pytest.approx(magnets["the plan gives"] / 6000)
    assert rows["trained workers"]["the plan gives"] is None


def test_output_that_nobody_records_is_not_told_as_none(tables):
    rows = list(tables["supply"].rows())
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
