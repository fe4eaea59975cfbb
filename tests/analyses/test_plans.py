"""Plans as questions: every table is told from the plan's numbers; what nobody records is not told as none."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses.inputs import baseline, cases
from khanij.analyses.inputs.demand_model import growth, recoverable
from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.plan import programme, run
from khanij.analyses.plan import supply as plan_supply
from khanij.analyses.question import ask, find, request_of
from khanij.core.errors import StudyError
from khanij.demand.growth import UNKNOWN
from khanij.plan.measures.measure import UNKNOWN as NO_COST
from khanij.plan.measures.sizing import size_measures
from khanij.plan.planner.accounts.account import account_for
from khanij.plan.planner.accounts.margins import next_lots
from khanij.plan.planner.accounts.parts import part_accounts
from khanij.plan.planner.plans import plan_measures
from khanij.plan.planner.results import SearchSettings
from khanij.plan.planner.terms import PlanTerms
from khanij.reference import money
from khanij.simulate.loss.rationing import Rationed
from khanij.simulate.risk import averted as valuation

sys.path.insert(0, str(Path(__file__).parent))
from toy_case import case

pytest.importorskip("highspy")

MUSD = money.currency("USD")
NUMBERS = Numbers(("user",), "khanij plan IND", MUSD)


def stock(id, days, cost):
    """Return a stockpile of titanium sponge, which the world made by hand runs short of."""
    lever = {"kind": "stockpile", "id": id, "material": "titanium", "stage": "refined", "country": "JPN"}
    lever |= {"days": [0.5 * days, days, 1.5 * days]}
    priced = {"cost": {"low": cost, "best": cost, "high": cost}} if cost else {}
    return {"id": id, "name": f"stock of {days} days", "source": "us", "levers": [lever], **priced}


OWN = [stock("small", 30, "500 USD"), stock("large", 90, "2000 USD"), stock("dear", 90, "900 million USD"),
       stock("free", 60, "")]  # fmt: skip


def of(**values):
    """Return a request of a plan of Japan."""
    given = {"focus": "JPN", "years": 80, "budget": "1 million USD", "from": 2025, "to": 2027, "scenarios": 12}
    given |= {"hazards": "falls"}
    return request_of(find("plan")).of(given | {"catalogue": False, "own_measures": OWN, "seconds": 10.0} | values)


@pytest.fixture(scope="module")
def answer():
    return ask(of(), case=case())


def lines(answer):
    """Return line -> value of the account."""
    return {row["line"]: row["value"].value for row in answer.table("account").rows()}


def test_a_plan_of_a_world_made_by_hand_needs_no_store(answer, monkeypatch):
    monkeypatch.setattr("khanij.data.facts.store.scan", lambda *_: pytest.fail("the store is read"))
    again = ask(of(deep=False), case=case())
    assert again.sources == ("user",)
    assert lines(again) == lines(answer)
    assert again.table("begun").cells != ()


def test_its_first_sentence_says_what_is_spent_and_averted_and_whether_that_pays(answer):
    first, found = str(answer.findings[0]), lines(answer)
    assert first.startswith("Of 1 million USD the plan of least regret spends")
    assert "±" in first
    assert first.endswith(": it pays.")
    assert found["averted"] > found["cost"]
    assert any(str(finding).startswith("Not counted:") for finding in answer.findings)
    poor = ask(of(budget="1 USD", deep=False), case=case())
    assert "spends nothing" in str(poor.findings[0])
    keys = {table.key for table in poor.tables}
    assert not {"begun", "schedule"} & keys


def test_every_start_is_told_once_and_adds_up_to_the_measure(answer):
    begun = {row["measure"]: row for row in answer.table("begun").rows()}
    starts = list(answer.table("schedule").rows())
    assert set(begun) == {row["measure"] for row in starts}
    for id, row in begun.items():
        mine = [start for start in starts if start["measure"] == id]
        assert sum(start["cost"].value for start in mine) == pytest.approx(row["cost"].value)
        assert sum(start["averted"].value for start in mine) == pytest.approx(row["averted"].value)
        assert row["begun"] == min(start["begun"] for start in mine)
        assert row["marginal_value"].value > 0
        assert str(row["begun"]) in row["steps"]
    assert "dear" not in begun
    assert {row["measure"] for row in answer.table("unpriced").rows()} == {"free"}
    assert {row["measure"] for row in answer.table("left").rows()} == {"small", "large", "dear"} - set(begun)


def test_money_adds_up_and_a_component_without_a_ceiling_has_none(answer):
    *parts, whole = answer.table("money").rows()
    assert whole["spent"].value == pytest.approx(sum(row["spent"].value for row in parts))
    assert whole["spent"].value == pytest.approx(lines(answer)["spent"])
    assert whole["ceiling"].value == 1.0
    assert {row["ceiling"] for row in parts} == {""}
    capped = ask(of(components={"stockpile": "1000 USD"}, deep=False), case=case())
    held = {row["component"]: row for row in capped.table("money").rows()}["Stockpile"]
    assert held["spent"].value <= held["ceiling"].value == 0.001


def test_a_plan_that_is_asked_otherwise_is_told_beside_it(answer):
    frontier = list(answer.table("frontier").rows())
    assert [row["budget_part"] for row in frontier[:5]] == [0.01, 0.03, 0.1, 0.3, 1.0]
    losses = [row["expected_loss"].value for row in frontier[:5]]
    assert losses[-1] == pytest.approx(lines(answer)["loss_with"])
    assert losses[0] >= losses[-1] - 1e-12
    assert [row["variant"] for row in answer.table("splits").rows()] == ["Single budget"]
    assert {"methods", "method-regret", "draw-regret", "ends", "inputs"} <= {table.key for table in answer.tables}
    assert all(row["regret"].value >= 0 for row in answer.table("methods").rows())
    worst = list(answer.table("method-regret").column("regret_at_worst"))
    assert [number.value for number in worst] == sorted(number.value for number in worst)
    quick = ask(of(deep=False, frontier=True), case=case())
    assert [row["expected_loss"].value for row in quick.table("frontier").rows()] == losses


def test_figures_are_drawn_from_the_tables(answer):
    assert [figure.id for figure in answer.figures] == ["gantt", "frontier"]
    gantt, frontier = answer.figures
    name = next(iter(answer.table("begun").rows()))["measure_name"]
    assert name in gantt.alt
    assert "none" in frontier.alt


def test_a_goal_is_reached_at_least_cost_and_said_to_be():
    asked = {"reach": {"titanium:refined": "1000 t"}, "budget": "900 million USD", "to": 2031}
    answer = ask(of(catalogue=True, own_measures=[], deep=False, **asked), case=case())
    (row,) = answer.table("goals").rows()
    assert row["given_by_measures"].value >= row["asked_of_measures"].value - 1e-6
    assert row["asked_of_measures"].value == 1000
    assert "the least that meets the goals" in str(answer.findings[0])
    with pytest.raises(StudyError, match="not counted"):
        ask(of(reach={"tin:refined": "10%"}, deep=False), case=case())


@pytest.fixture(scope="module")
def base():
    return baseline.prepare("IND", 2024, 120, 5, materials=["rare-earths", "silicon", "titanium"])


@pytest.fixture(scope="module")
def done(base):
    grown = growth(cases.case("IND", 2024), base.materials)
    terms = PlanTerms(MUSD, 300.0, 2025, 2028, {"plants": 250.0, "stockpile": 40.0}, beyond=5, growth=grown)
    chosen = [replace(one, component={"plant": "plants"}.get(one.kind, one.kind)) for one in size_measures(base, None)]
    free = replace(chosen[0], id="free", cost=NO_COST)
    settings = SearchSettings(drawn=40, kept=20, fresh=60, seconds=20.0)
    return plan_measures(base, [*chosen, free], terms, settings=settings, depth="plan")


@pytest.fixture(scope="module")
def tables(done):
    lots = next_lots(done)
    return {table.key: table for table in run._tables(done, NUMBERS, (), lots, part_accounts(done, lots))}


def test_the_account_is_that_of_the_plan(done, tables):
    found = {row["line"]: row["value"].value for row in tables["account"].rows()}
    assert found["objective"] == account_for(done).objective
    assert found["bound"] <= found["objective"] + 1e-9
    assert "reduction_error" in found
    assert all(row["against"] and row["cost_source"] for row in tables["begun"].rows())


def test_figures_behind_the_plan_have_sources(done, tables):
    begun = {one.measure.id for one in done.begun}
    figures = list(tables["figures"].rows())
    assert {row["measure"] for row in figures} <= begun
    assert all(row["source"] and row["confidence"] in ("low", "medium", "high") for row in figures)
    assert {"capital", "recovery", "lead"} <= {row["parameter"] for row in figures}


def test_ceilings_are_facts_and_not_retyped():
    name, found, notes = programme.ceilings("IND", "crore INR")
    assert name == "NCMM"
    assert sum(found.values()) == pytest.approx(34_300 - 100, abs=500)  # parks beyond those named hold the rest
    assert notes
    assert programme.ceilings("CHL", "million USD")[1] == {}
    held = programme.with_ceilings(programme.Money(1.0, "crore INR", 2025, 2031), "IND")
    assert (held.ceilings, held.name) == (found, "National Critical Mineral Mission")


def test_scrap_arises_on_the_way_to_its_year():
    scrap = recoverable(cases.case("IND", 2024), ["silicon", "cobalt"], 2028)
    assert scrap.year <= 2028
    assert set(scrap.tonnes) <= {"silicon", "cobalt"}
    low, best, high = scrap.tonnes["cobalt"]
    assert 0 < low < best < high
    parts = [part for _, part in scrap.before["cobalt"]]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)


def test_a_case_without_a_demand_model_has_no_growth_and_no_scrap():
    assert growth(case(), ("copper",)) is None
    assert recoverable(case(), ("copper",), 2028) is None


def test_targets_stand_beside_what_the_plan_gives(done, tables):
    rows = {row["target"]: row for row in tables["targets"].rows()}
    magnets = rows["magnet capacity"]
    place = next(n for n, one in enumerate(done.values) if one.measure.id == "magnet-plant")
    made = sum(effect.done[0] for effect in done.values[place].effects)
    standing = done.plan.in_place[place, done.terms.count - 1]
    assert magnets["plan_gives"].value == pytest.approx(2.801120448 * made * standing)
    assert magnets["plan_share"].value == pytest.approx(magnets["plan_gives"].value / 6000)
    assert rows["trained workers"]["plan_gives"] == ""
    assert "no measure" in rows["trained workers"]["counted"]


def test_output_that_nobody_records_is_not_told_as_none(tables):
    rows = list(tables["supply"].rows())
    magnets = [row for row in rows if (row["material"], row["stage"]) == ("rare-earths", "component")]
    assert magnets
    assert all(row["home_output"].value == pytest.approx(0.0, abs=1.0) for row in magnets)  # by published shares
    assert all(row["exposed_need"].value > 0 for row in magnets)
    sponge = [row for row in rows if (row["material"], row["stage"]) == ("titanium", "refined")]
    assert all(row["home_output"].value > 0 and 0 <= row["exposed_share"].value <= 1 for row in sponge)


def test_growth_that_is_not_known_is_not_told_as_one(done):
    unknown = replace(done.terms.growth, how=(UNKNOWN, *done.terms.growth.how[1:]))
    table = plan_supply.need(replace(done, terms=replace(done.terms, growth=unknown)), NUMBERS)
    first, other, *_ = table.rows()
    assert first[f"need_{done.terms.to}"].value is None
    assert other[f"need_{done.terms.to}"].value > 1


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
