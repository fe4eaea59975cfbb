"""Needs, the register and the chain as questions, on a world made by hand where one is enough."""

import sys
from pathlib import Path

import pytest

from khanij import reference
from khanij.analyses.chain.request import ChainRequest
from khanij.analyses.needs.request import NeedsRequest
from khanij.analyses.question import ask
from khanij.analyses.register.request import RegisterRequest
from khanij.analyses.reverse import request as reverse
from khanij.core.errors import CoverageError, StudyError

sys.path.insert(0, str(Path(__file__).parents[1] / "simulate"))
from toy_markets import market


def chain_world():
    trade = [[0.0, 10.0, 0.0], [0.0, 0.0, 0.0], [0.0, 5.0, 0.0]]
    return market({"refined": trade}, {"mined": [0.0, 0.0, 50.0], "refined": [40.0, 5.0, 5.0]}, focus=("BBB",))


def of(kind, **values):
    request = kind.of(values)
    kind.question = kind.__name__.removesuffix("Request").lower()
    return request


def test_a_chain_adds_up():
    request = of(ChainRequest, material="tin", focus="IND", draws=0)
    answer = ask(request, case=chain_world())
    rows = {row["stage"]: row for row in answer.table("stages").rows()}
    assert rows["refined"]["own_used"] == pytest.approx(20.0)
    assert rows["refined"]["own_made"] + rows["refined"]["own_bought"] == pytest.approx(20.0)
    made = [row for row in answer.table("makers").rows() if row["form"] == "refined tin"]
    assert sum(row["share"] for row in made) == pytest.approx(1.0)
    assert made[0]["country"] == "AAA"


def test_a_chain_is_drawn_as_its_rows_say():
    answer = ask(of(ChainRequest, material="tin", focus="IND", draws=0), case=chain_world())
    rows = {row["stage"]: row for row in answer.table("stages").rows()}
    figure, flows = answer.figures
    assert flows.id == "flows-tin"
    (trace,) = figure.figure["data"]
    label, link = trace["node"]["label"], trace["link"]
    into = {}
    for target, value in zip(link["target"], link["value"], strict=True):
        into[target] = into.get(target, 0.0) + value
    used = sorted(into[k] for k, name in enumerate(label) if " used " in name)
    told = sorted(row["own_used"] for row in rows.values() if row["own_used"] > 0)
    assert used == pytest.approx(told, rel=1e-3)  # streams too small to be seen are left out
    assert all(value > 0 for value in link["value"])


def test_the_register_tells_the_state_on_a_day():
    before = {"country": "CHN", "material": "gallium", "on": "2023-07-15", "every": True}
    announced = ask(of(RegisterRequest, **before)).table("register")
    states = {row["instrument_state"] for row in announced.rows() if row["instrument_kind"] == "licence"}
    assert states == {"announced"}
    later = ask(of(RegisterRequest, **{**before, "on": "2023-09-01"})).table("register")
    assert "in-force" in {row["instrument_state"] for row in later.rows()}
    with pytest.raises(CoverageError, match="no instrument") as refused:
        ask(of(RegisterRequest, country="BTN"))
    assert "--against BTN" in str(refused.value.hint)


def test_a_member_of_a_union_is_told_what_its_union_does():
    whole, member = (
        set(ask(of(RegisterRequest, country=c)).table("register").column("instrument")) for c in ("EU27", "DEU")
    )
    assert whole
    assert whole <= member


def test_a_sum_of_money_is_a_sum_and_no_bare_number():
    assert reverse.amount("2 billion USD") == (2e9, "")
    assert reverse.amount("0.5% gdp") == (0.005, "gdp")
    assert reverse.amount("84.6 crore INR")[0] == pytest.approx(1e7)  # at 84.6 rupees a dollar


def test_what_a_product_hangs_on_and_who_needs_a_mineral_are_one_table():
    product = ask(of(NeedsRequest, focus="IND", product="car-ice")).table("needs")
    mineral = ask(of(NeedsRequest, focus="IND", material="rare-earths", stage="component")).table("needs")

    def pair(table):
        return next(r for r in table.rows() if (r["product"], r["material"]) == ("car-ice", "rare-earths"))

    assert pair(product)["adoption"] == pair(mineral)["adoption"]
    risk = pair(mineral)["value_added_needing"]
    assert risk.low <= risk.value <= risk.high
    assert risk.confidence == "low"


@pytest.mark.parametrize("asked", [{}, {"material": "copper", "product": "car"}, {"product": "nonsense"}])
def test_a_question_of_needs_has_one_side(asked):
    with pytest.raises((StudyError, CoverageError)):
        NeedsRequest.of({"focus": "IND", **asked})


def test_figures_of_a_chain_have_the_range_of_the_draws_of_its_flows():
    asked = {"material": "bismuth", "focus": "IND", "draws": 6, "seed": 3}
    first, same = (ask(ChainRequest.of(asked)).table("stages") for _ in range(2))
    (row,) = first.rows()
    assert row["own_used"].low < row["own_used"].value < row["own_used"].high
    assert 0.5 < row["largest_share"].low <= row["largest_share"].value <= row["largest_share"].high < 1
    assert list(first.rows()) == list(same.rows())
    (bare,) = ask(ChainRequest.of(asked | {"draws": 0})).table("stages").rows()
    assert bare["own_used"] == pytest.approx(row["own_used"].value)


@pytest.mark.parametrize(("listed", "focus"), [("in-2023-30", "IND"), ("us-2025", "USA"), ("eu-2023-crm", "EU27")])
def test_every_stage_of_a_listed_mineral_is_linked_or_the_reason_is_said(listed, focus):
    minerals = sorted({row["material"] for row in reference.rows("lists") if row["list"] == listed})
    answer = ask(ChainRequest.of({"material": minerals, "focus": focus, "draws": 0}))
    linked = {(row["material"], row["stage"]) for row in answer.table("stages").rows()}
    told = {(row["material"], row["stage"]): row["why"] for row in answer.table("unlinked").rows()}
    wanted = {(m, s) for m, s in reference.stage_names() if m in minerals and s != "scrap"}
    assert linked | set(told) == wanted
    assert not linked & set(told)
    assert all(why and "\n" not in why and len(why) < 120 for why in told.values())
    assert {"measured", "by shares"} <= {row["output_known"] for row in answer.table("stages").rows()}
    assert {row["trade_known"] for row in answer.table("stages").rows()} == {"measured", "one market", "unknown"}
    stated = {row["material"] for table in answer.tables if table.key == "stated" for row in table.rows()}
    assert stated == ({"gallium", "germanium"} if focus == "USA" else set())
    for row in answer.table("stages").rows():
        untold = row["trade_known"] == "unknown" or row["material"] in stated  # n/k, never 0
        assert (row["own_used"] is None) == untold
