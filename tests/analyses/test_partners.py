"""Measures and partnerships as questions on a world made by hand: what is told is what the science found, once each."""

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses.inputs import baseline
from khanij.analyses.measures.words import bare, told, with_error
from khanij.analyses.question import ask, find, request_of
from khanij.core.errors import StudyError
from khanij.plan.measures.partners.partnership_value import value_partnership
from khanij.plan.measures.partners.partnerships import partnership
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import CONFIDENT, value_measures
from khanij.reference import agreements, money
from khanij.reference.agreements import Agreement
from khanij.simulate.loss.losses import exposure

sys.path.insert(0, str(Path(__file__).parent))
from toy_case import MATERIALS, case

USD, INR = money.currency("USD"), money.currency("INR", "crore")
FREE = {
    "id": "free",
    "name": "stock that nobody has priced",
    "source": "us",
    "levers": [
        {"kind": "stockpile", "id": "s", "material": "titanium", "stage": "refined", "country": "JPN", "days": 90}
    ],
}


def of(name, **values):
    """Return a request of Japan."""
    return request_of(find(name)).of({"focus": "JPN", "years": 80, "hazards": "falls"} | values)


def agreement(partner, materials, id):
    """Return an instrument of Japan."""
    known = {entry.name: "" for entry in fields(Agreement)}
    lists = {"materials": materials, "partners": (partner,), "scopes": ("offtake",)}
    plain = {"id": id, "focal": "JPN", "instrument": f"paper {id}", "strength": "mou", "date": "2025-01-01"}
    plain |= {"general": False}
    return Agreement(**{name: (known | lists | plain)[name] for name in known})


@pytest.fixture
def signed(monkeypatch):
    """Two instruments of one partner that name copper, one of another, and one that names nothing."""
    listed = (
        *(agreement("CHL", ("copper",), id) for id in ("a", "c")),
        agreement("DEU", ("copper",), "b"),
        agreement("CHN", (), "d"),
    )
    monkeypatch.setattr(agreements, "_agreements", lambda: listed)
    monkeypatch.setattr(agreements, "_projects", lambda: ())
    return listed


@pytest.fixture(scope="module")
def measures():
    return ask(of("measures", own_measures=[FREE]), case=case())


def test_every_measure_is_told_with_what_it_averts_and_costs(measures):
    request = of("measures")
    base = baseline.of_request(request, case())
    values = {one.measure.id: one for one in value_measures(base, size_measures(base, None)) if one.measure.levers}
    rows = {row["measure"]: row for row in measures.table("measures").rows()}
    assert set(rows) == {*values, "free"}
    for id, one in values.items():
        row, half = rows[id], USD.of(CONFIDENT * one.estimate.error)
        assert row["averted"].value == USD.of(one.estimate.expected)
        assert row["sampling_error"].value == pytest.approx(half)
        assert (row["averted"].low, row["averted"].high) == pytest.approx(
            (row["averted"].value - half, row["averted"].value + half)
        )
        assert row["cost"].value == USD.of(one.measure.cost.best)
        assert row["averted_per_cost"].value == pytest.approx(one.ratio.best)
        assert row["averted"].how == measures.request.command()
    ranked = [row["averted_per_cost"].value for row in measures.table("measures").rows()][:-1]
    assert ranked == sorted(ranked, reverse=True)


def test_without_a_cost_there_is_a_value_and_no_ratio(measures):
    *_, last = measures.table("measures").rows()
    assert last["measure"] == "free"
    assert last["averted"].value is not None
    assert (last["cost"].value, last["averted_per_cost"].value) == (None, None)
    assert "no cost is known" in last["cost"].note
    assert "no cost is known" in last["cost_source"]


def test_the_first_sentence_is_the_measure_that_averts_most_for_its_money(measures):
    best = next(iter(measures.table("measures").rows()))
    first = measures.findings[0]
    assert best["measure_name"] in first
    assert "±" in first
    assert told(best["cost"].value * 1e6, USD) in first


def test_bills_and_figures_have_their_own_sources(measures):
    for key in ("bills", "figures"):
        rows = list(measures.table(key).rows())
        assert rows
        for row in rows:
            if row["value"].value is not None:
                assert row["value"].sources == (row["source"],)
                assert row["value"].confidence == row["confidence"]
    assert {"capital", "energy", "carbon", "water", "waste"} <= set(measures.table("bills").column("what"))


def test_money_is_told_in_the_currency_that_was_asked(measures):
    other = ask(of("measures", currency="crore INR"), case=case()).table("measures")
    plain = {row["measure"]: row["averted"].value for row in measures.table("measures").rows()}
    assert other.unit("averted") == "crore INR"
    for row in other.rows():
        assert row["averted"].value == pytest.approx(INR.of(USD.usd(plain[row["measure"]])))


def test_money_in_words():
    assert told(2.5e6, USD).replace("\N{NARROW NO-BREAK SPACE}", " ") == "USD 2.50 million"
    assert (told(2.5e6, INR), bare(2.5e6, INR)) == ("21.1 crore INR", "21.1")
    assert with_error(INR.usd(600.0), INR.usd(47.0) / CONFIDENT, INR) == "600 ± 47 crore INR"


def test_as_published_nothing_changes_and_a_contract_brings_tonnes(signed):
    answer = ask(of("partner", partner="CHL"), case=case())
    rows = {row["partner_scenario"]: row for row in answer.table("scenarios").rows()}
    assert list(rows) == ["as-published", "research", "offtake", "plants", "offtake-and-plants"]
    published = rows["as-published"]
    assert published["averted"].value == 0
    assert published["tonnes"].value is None
    assert "no tonnes were agreed" in published["against"]
    assert rows["offtake"]["tonnes"].value > 0
    for row in rows.values():
        without, with_, averted = (row[key].value for key in ("loss_without", "loss_with", "averted"))
        assert with_ == pytest.approx(without - averted)
        low, high = row["averted"].low, row["averted"].high
        assert (low is None and high is None) or low <= averted <= high
    said = " ".join(map(str, answer.findings))
    assert "Two instruments between Japan and Chile are on record, none with tonnes" in said
    assert str(answer.findings[0]).startswith("A partnership with Chile")
    assert list(answer.table("instruments").column("instrument_name")) == ["paper a", "paper c"]


def test_what_is_told_of_a_partnership_is_what_was_found(signed):
    request = of("partner", partner="CHL", material="titanium")
    answer = ask(request, case=case())
    base = baseline.of_request(request, case(), materials=("copper", "titanium"), partners=("CHL",))
    found = value_partnership(partnership(base, "CHL", ("copper", "titanium")))
    worth = {row["partner_scenario"]: row["averted"].value for row in answer.table("scenarios").rows()}
    assert worth == {one.scenario.name: USD.of(one.value.estimate.expected) for one in found.scenarios}
    by_mineral = {(row["partner_scenario"], row["material"]): row["averted"].value
                  for row in answer.table("by-mineral").rows()}  # fmt: skip
    for one in found.scenarios:
        parts = [value for (scenario, _), value in by_mineral.items() if scenario == one.scenario.name]
        assert sum(parts) == pytest.approx(worth[one.scenario.name], abs=1e-12)
    changes = {(one.scenario.name, one.material, one.stage): one for one in found.dependence}
    rows = list(answer.table("dependence").rows())
    assert rows
    for row in rows:
        one = changes[row["partner_scenario"], row["material"], row["stage"]]
        assert (row["share_before"].value, row["share_after"].value) == (one.before.share, one.after.share)
        assert abs(one.after.share - one.before.share) > 0.005
        assert row["loss_if_stopped_after"].value == USD.of(one.after.loss_if_stopped)
    rises = [row["share_after"].value - row["share_before"].value for row in rows]
    assert rises == sorted(rises, reverse=True)


def test_minerals_may_be_those_asked_for_alone(signed, monkeypatch):
    more = (*signed, agreement("CHL", ("titanium",), "e"))
    monkeypatch.setattr(agreements, "_agreements", lambda: more)
    for named, touched in ((True, {"copper", "titanium"}), (False, {"copper"})):
        answer = ask(of("partner", partner="CHL", material="copper", named=named), case=case())
        assert set(answer.table("by-mineral").column("material")) == touched


def test_where_nothing_is_signed_scenarios_are_of_those_asked_for():
    answer = ask(of("partner", partner="CHL", material="titanium"), case=case())
    assert list(answer.table("scenarios").column("partner_scenario")) == ["offtake", "plants"]
    assert any("no instrument between the two names a mineral" in note for note in answer.table("scenarios").notes)
    everything = ask(of("partner", partner="CHL"), case=case()).table("by-mineral")
    assert set(everything.column("material")) <= set(MATERIALS)


def test_a_scenario_of_ones_own_stands_beside_the_usual_ones():
    lever = {"kind": "offtake", "id": "o", "material": "titanium", "stage": "refined", "focus": "JPN",
             "partner": "CHL", "volume": [10, 20, 30]}  # fmt: skip
    own = {"name": "mine", "meaning": "a contract of my own", "assumed": "20 t", "levers": [lever]}
    answer = ask(of("partner", partner="CHL", own_scenarios=[own]), case=case())
    assert answer.table("scenarios").column("scenario_name")[-1] == "A contract of my own"
    alone = ask(of("partner", partner="CHL", own_scenarios=[own], usual=False), case=case())
    assert alone.table("scenarios").column("partner_scenario") == ("mine",)
    worth = [next(row for row in found.table("scenarios").rows() if row["partner_scenario"] == "mine")["averted"]
             for found in (alone, answer)]  # fmt: skip
    assert worth[0].value == worth[1].value != 0


def test_shares_of_agreements_add_up_to_what_all_avert(signed):
    answer = ask(of("partner"), case=case())
    rows = {row["instrument"]: row for row in answer.table("agreements").rows()}
    assert set(rows) == {one.id for one in signed}
    assert {row["as_published"].value for row in rows.values()} == {0.0}
    assert rows["a"]["as_contract"].value == rows["c"]["as_contract"].value  # of one partner on one mineral
    assert (rows["d"]["as_contract"].value, rows["d"]["why"]) == (0.0, "names no mineral")
    by_mineral = answer.table("agreement-minerals")
    for id, row in rows.items():
        parts = [one["as_contract"].value for one in by_mineral.rows() if one["instrument"] == id]
        assert sum(parts) == pytest.approx(row["as_contract"].value, abs=1e-12)
    values = [row["as_contract"].value for row in answer.table("agreements").rows()]
    assert values == sorted(values, reverse=True)


def test_users_of_a_rock_are_not_taken_for_users_of_its_element():
    ground = baseline.prepare("IND", 2024, 20, 3, materials=["phosphorus"], causes=False)
    found = exposure(ground.case, "IND", ground.networks["phosphorus"], ground.economy)
    shares = dict(zip(ground.networks["phosphorus"].stages, found.uses.share.sum(axis=1), strict=True))
    assert shares == {"mined": pytest.approx(1.0), "refined": pytest.approx(1.0)}
    needs = found.needs
    makers = {
        stage: {needs.products[j] for k, j in zip(needs.stage, needs.product, strict=True) if stages[k] == stage}
        for stages in (ground.networks["phosphorus"].stages,)
        for stage in stages
    }
    assert "flame-retardant" in makers["refined"] - makers["mined"]


def test_the_hand_made_world_needs_no_store(monkeypatch):
    monkeypatch.setattr("khanij.data.facts.store.scan", lambda *_: pytest.fail("the store is read"))
    for request in (of("measures"), of("partner", partner="CHL")):
        answer = ask(request, case=case())
        assert answer.sources == ("user",)
        assert all(np.isfinite(number.value) for table in answer.tables for number in table.numbers()
                   if number.value is not None)  # fmt: skip


def test_every_possible_partner_is_ranked_by_what_is_to_be_expected_of_it():
    answer = ask(of("partner", rank=True), case=case())
    rows = list(answer.table("ranks").rows())
    worth = [row["expected_averted"].value for row in rows]
    assert worth == sorted(worth, reverse=True)
    assert len({row["partner"] for row in rows}) == len(rows)
    for row in rows:
        assert 0 < row["conversion_chance"].value < 1
        assert row["conversion_chance"].sources == ("khanij-decisions-2026",)
    offers = list(answer.table("offers").rows())
    assert {row["partner"] for row in offers} == {row["partner"] for row in rows}
    assert all(row["tonnes_would"].value < row["tonnes_could"].value for row in offers)
    with pytest.raises(StudyError, match="ranking"):
        of("partner", rank=True, partner="CHL")


def test_one_partnership_reads_as_a_note():
    answer = ask(of("partner", partner="CHL"), case=case())
    asked = list(answer.table("next-round").rows())
    assert asked
    worth = [row["expected_averted"].value for row in asked]
    assert worth == sorted(worth, reverse=True)
    assert any(sentence.emphasis == "Likely." for sentence in answer.findings)
