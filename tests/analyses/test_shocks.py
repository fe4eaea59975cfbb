"""A disruption as an analyst asks for it: a text or a file in, an answer whose tables hold together."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses import loss_cells
from khanij.analyses.inputs import baseline, cases
from khanij.analyses.question import ask, find, request_of
from khanij.analyses.shock import effects, tables, timeline, words
from khanij.analyses.shock.disruptions import disruptions
from khanij.analyses.shock.request import ShockRequest
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.present import table as drawn
from khanij.present import text
from khanij.reference.assumptions import with_assumptions
from khanij.reference.chronicle import events
from khanij.simulate.loss import coverage, losses
from khanij.simulate.loss import shock as simulated
from khanij.simulate.supply.disruption import Disruption

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "simulate"))
from toy_markets import hand_economy, hand_stakes, market, random_market

NAMES = ("CHN", "IND", "JPN", "USA", "DEU")
DRAWS = 12
EVENT = {
    "id": "a-stop",
    "name": "A stop of graphite",
    "kind": "export-ban",
    "role": "context",
    "materials": ["graphite"],
    "stages": ["mined"],
    "country": "CHN",
    "start": "2024-07-01",
    "end": "2024-12-31",
    "size": {"of": "exports", "cut": {"low": 0.4, "best": 0.5, "high": 0.6, "confidence": "low"}},
    "sources": {"us": {"title": "a test", "publisher": "us"}},
}
Shock = request_of(find("shock"))


def written(tmp_path, **changes):
    path = tmp_path / "event.yaml"
    values = {key: value for key, value in (EVENT | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return str(path)


def asked(focus="IND", case=None, draws=DRAWS, **fields):
    return ask(Shock.of({"focus": focus, "draws": draws, **fields}), case=case)


def rows(table, **wanted):
    return [row for row in table.rows() if all(row[name] == value for name, value in wanted.items())]


def world(trade=None, output=None, focus=("IND",), **more):
    """Return a Case in which CHN sells tin to all and DEU some to USA; IND uses 40 t, 10 of its own."""
    if trade is None:
        trade, output = np.zeros((5, 5)), [300.0, 10.0, 0, 0, 5.0]
        trade[0, 1:] = 30.0, 40.0, 50.0, 20.0
        trade[4, 3] = 5.0
    return market({"refined": trade}, {"refined": output}, names=NAMES, focus=focus, **more)


@pytest.fixture
def toy():
    return world()


@pytest.fixture
def priced(monkeypatch):
    """Let a table of industries hold the focus; `used` says which of them use the good."""

    def put(used):
        monkeypatch.setattr(simulated.industries, "economy", lambda *_: hand_economy())
        stakes = lambda case, focus, network, table: hand_stakes(network, ("IND",), used)  # noqa: E731
        monkeypatch.setattr(losses, "exposure", stakes)
        return world(value={"refined": 2.0})

    return put


@pytest.fixture(scope="module")
def graphite():
    """Return what an export stop of graphite means for India: a material of which nobody publishes the uses."""
    return asked(ban="CHN:graphite")


@pytest.fixture(scope="module")
def magnesium():
    """Return what a half stop means for the Union: a material with uses by sector, a group with tables."""
    return asked("EU27", ban="CHN:magnesium=0.5")


def test_the_example_is_its_command_line():
    request = Shock.of({"focus": "India", "ban": "CHN:graphite"})
    assert request.command() == "khanij shock IND --ban CHN:graphite"
    assert "khanij shock IND --ban CHN:graphite" in (Shock.__doc__ or "")
    assert Shock.of(request.given()) == request


def test_a_file_is_read_as_part_of_its_worst_year(tmp_path):
    found = disruptions(written(tmp_path))
    (cut,) = found.disruptions
    assert (found.event.name, found.year) == ("A stop of graphite", 2024)
    assert (cut.country, cut.acts, cut.materials, cut.stages) == ("CHN", "exports", ("graphite",), ("mined",))
    assert cut.lost == pytest.approx(0.25)  # half of half a year


def test_a_documented_event_is_known_by_its_id():
    found = disruptions("china-graphite-2023")
    assert found.event is events.find("china-graphite-2023")
    assert 0 < found.disruptions[0].lost < 1


def test_an_outage_cuts_output(tmp_path):
    path = written(tmp_path, kind="mine-outage", size=EVENT["size"] | {"of": "output"})
    assert disruptions(path).disruptions[0].acts == "output"


IMPOSSIBLE = {
    "end before start": ({"end": "2024-01-01"}, "before the start", "end"),
    "ban of nobody": ({"destinations": []}, "nobody is cut off", "destinations"),
    "ban of oneself": ({"destinations": ["CHN"]}, "nobody but the country itself", "destinations"),
    "unknown stage": ({"stages": ["smelted"]}, "unknown stage", "stages"),
    "stage of no material": ({"materials": ["magnesium"], "stages": ["mined"]}, "none of the stages", "stages"),
    "unknown country": ({"country": "XYZ"}, "unknown country", "country"),
    "unknown destination": ({"destinations": ["XYZ"]}, "unknown country or group", "destinations"),
    "unknown material": ({"materials": ["unobtainium"]}, "unknown material", "materials"),
    "unknown key": ({"colour": "red"}, "Extra inputs", "colour"),
    "negative share": (
        {"size": {"of": "exports", "cut": {"low": -0.1, "best": 0.5, "high": 0.6, "confidence": "low"}}},
        "greater than or equal to 0",
        "size.cut.low",
    ),
    "cut above one": (
        {"size": {"of": "exports", "cut": {"low": 0.1, "best": 0.5, "high": 1.6, "confidence": "low"}}},
        "less than or equal to 1",
        "size.cut.high",
    ),
    "no size": ({"size": {"of": "exports"}}, "size is not known", "size.cut"),
    "a tariff of whom": ({"kind": "tariff"}, "who raises a tariff", "kind"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_file_is_refused_with_the_key_before_anything_is_read(tmp_path, name):
    changes, what, key = IMPOSSIBLE[name]
    with pytest.raises(StudyError) as refused:
        Shock.of({"focus": "IND", "event": written(tmp_path, **changes)})
    said, where, hint = refused.value.lines()
    assert what in said
    assert where.endswith(f"event.yaml: {key}")
    assert len(hint) > len("hint:  -")


def test_other_files_are_refused(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [export-ban", encoding="utf-8")
    with pytest.raises(StudyError, match="no YAML"):
        disruptions(str(broken))
    broken.write_text("just words", encoding="utf-8")
    with pytest.raises(StudyError, match="mapping"):
        disruptions(str(broken))
    with pytest.raises(StudyError, match="cannot read"):
        disruptions(str(tmp_path / "none.yaml"))
    with pytest.raises(CoverageError, match="no event 'china-grafite-2023'") as refused:
        disruptions("china-grafite-2023")
    assert "china-graphite-2023" in refused.value.hint


def test_a_file_or_texts_but_not_both_and_not_neither(tmp_path):
    with pytest.raises(StudyError, match="at once"):
        disruptions(written(tmp_path), ban="CHN:graphite")
    with pytest.raises(StudyError, match="nothing is disrupted"):
        disruptions()
    assert len(disruptions(ban="CHN:graphite;CHN:antimony", tariff="CHN:tin=0.1").disruptions) == 3


@pytest.mark.parametrize(
    ("ban", "twice"),
    [
        ("CHN:tin=0.2;CHN:tin=0.3", True),
        ("CHN:tin:refined=0.2;CHN:tin", True),
        ("CHN:tin>JPN,USA;CHN:tin>USA,DEU", True),
        ("CHN:tin:mined;CHN:tin:refined", False),
        ("CHN:tin>JPN;CHN:tin>USA", False),
        ("CHN:tin;JPN:tin", False),
    ],
)
def test_two_cuts_of_one_flow_are_refused(ban, twice):
    if not twice:
        assert len(disruptions(ban=ban).disruptions) == 2
        return
    with pytest.raises(StudyError, match="two cuts of one flow"):
        disruptions(ban=ban)


def test_no_market_no_shock_and_the_reason():
    with pytest.raises(CoverageError, match=r"no trade by mass of gallium in 2024: gallium traded under 811292"):
        asked(ban="CHN:gallium")


def test_a_stage_that_is_not_there_is_refused_or_said(toy):
    with pytest.raises(CoverageError, match="mined has no trade by mass") as refused:
        asked(case=toy, ban="CHN:tin:mined", draws=2)
    assert refused.value.hint == "it has refined"
    found = asked(case=toy, ban="CHN:tin:mined;DEU:tin", draws=2)
    assert any("so no cut" in note for note in found.table("losses").notes)


def test_who_sells_nothing_is_refused_for_its_ban_says_nothing(toy):
    with pytest.raises(CoverageError, match=r"no sales abroad in 2024 by Japan of tin") as refused:
        asked(case=toy, ban="JPN:tin")
    assert "khanij trade JPN --exports" in refused.value.hint
    assert len(asked(case=toy, ban="JPN:tin;CHN:tin", draws=0).table("shortage"))


def test_a_focus_without_a_table_gets_shortages(toy):
    found = asked(case=toy, ban="CHN:tin", draws=4)
    (row,) = found.table("shortage").rows()
    assert row["use_tonnes"].value == pytest.approx(40.0)
    assert row["from_seller"] == pytest.approx(0.75)
    short = row["shortage"]
    assert 0 < short.low <= short.value <= short.high
    assert row["shortage_tonnes"].value == pytest.approx(40.0 * short.value)
    assert row["price_ratio"].value > 1
    table = found.table("losses")
    assert len(table) == 7  # no value either: not one channel is known, nor is the sum
    assert {cell.value for cell in table.column("loss")} == {None}
    assert set(table.column("lower_bound")) == set(table.column("known_part")) == {None}
    assert any("no input-output table of FOC" in note for note in table.notes)
    assert "what it costs in all is not known" in found.findings[0]
    assert set(found.table("buyers").column("country")) >= {"JPN", "USA", "DEU"}


def test_a_loss_with_every_channel_is_a_sum(priced):
    found = asked(case=priced((0.0, 1.0, 0.0)), ban="CHN:tin", draws=6)
    table = found.table("losses")
    *parts, whole = (row["loss"].value for row in table.rows())
    assert None not in parts
    assert sum(parts) == pytest.approx(whole)
    assert whole > 0
    assert set(table.column("lower_bound")) == {None}
    assert "of gross domestic product" in found.findings[0]
    assert "not priced" not in found.findings[0]
    assert "not known" not in found.findings[0]


def test_where_nobody_publishes_who_uses_it_the_sum_is_not_known_and_its_part_is_a_lower_bound(priced):
    case = priced((0.0, 0.0, 0.0))
    found = asked(case=case, ban="CHN:tin", draws=6)
    table = found.table("losses")
    by_channel = {row["channel"]: row for row in table.rows()}
    for channel in coverage.USERS:
        assert by_channel[channel]["loss"].value is by_channel[channel]["lower_bound"] is None
        assert coverage.NO_USERS in by_channel[channel]["loss"].note
    whole = by_channel[tables.WHOLE]
    known = [row["loss"].value for name, row in by_channel.items() if name in (coverage.PAID, *coverage.GAINS)]
    assert whole["loss"].value is None
    assert whole["lower_bound"].value == pytest.approx(sum(known))
    assert known[0] > 0
    assert "at least USD" in found.findings[0]
    assert "would go without" in found.findings[0]
    full = asked(case=priced((0.0, 1.0, 0.0)), ban="CHN:tin", draws=6).table("losses")
    assert rows(full, channel=tables.WHOLE)[0]["loss"].value > whole["lower_bound"].value  # it is a bound


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from(["AAA", "BBB", "CCC"]))
def test_a_sum_is_told_where_every_channel_is_and_never_else(seed, known, seller):
    cut = simulated.Disruption("exports", ("tin",), seller)
    found = effects.effects(simulated.shock(random_market(seed, known=known), [cut], 2024, draws=0))
    table = tables.losses(found, ("user",))
    parts = [row for row in table.rows() if row["channel"] != tables.WHOLE]
    (whole,) = rows(table, channel=tables.WHOLE)
    if not found.cleared:
        return
    if any(row["loss"].value is None for row in parts):
        assert whole["loss"].value is None
        assert whole["loss"].note
    else:
        assert whole["loss"].value == pytest.approx(sum(row["loss"].value for row in parts), abs=1e-9)
    assert whole["lower_bound"] is None or whole["known_part"] is None


def test_without_draws_there_is_no_range(toy):
    found = asked(case=toy, ban="CHN:tin", draws=0)
    (row,) = found.table("shortage").rows()
    assert row["shortage"].value > 0
    assert row["shortage"].low is row["price_ratio"].high is row["draws_cleared"] is None
    assert not any("draws" in note for note in found.table("shortage").notes)


def test_some_draws_stand_on_drawn_flows_and_the_value_never_does():
    case = random_market(3)
    cut = [Disruption("exports", ("tin",), "BBB")]
    (none,) = simulated.shock(with_assumptions(case, {"flow_draws": 0}), cut, 2024, draws=6).answers
    (some,) = simulated.shock(with_assumptions(case, {"flow_draws": 3}), cut, 2024, draws=6).answers
    (again,) = simulated.shock(with_assumptions(case, {"flow_draws": 3}), cut, 2024, draws=6).answers
    assert some.effect.use.tobytes() == again.effect.use.tobytes()
    assert some.effect.use[0].tobytes() == none.effect.use[0].tobytes()
    assert some.course.lost[0].tobytes() == none.course.lost[0].tobytes()
    assert len(np.unique(none.effect.base[:, 0])) == 1
    base = some.effect.base[:, 0]
    assert base[0] == none.effect.base[0, 0]
    np.testing.assert_array_equal(base[1:4], base[4:])  # the draws take turns
    assert len(np.unique(base[1:4])) == 3
    assert {len(values) for values in some.channels.values()} == {7}


def test_what_has_not_cleared_shows_no_value(toy):
    cut = disruptions(ban="CHN:tin")
    result = simulated.shock(toy, cut.disruptions, 2024, draws=4)
    (answer,) = result.answers
    stuck = np.zeros(5, dtype=bool)
    answer = replace(
        answer, effect=replace(answer.effect, converged=stuck), outcome=replace(answer.outcome, converged=stuck)
    )
    found = effects.effects(replace(result, answers=(answer,)))
    (row,) = tables.goods(found, ("user",)).rows()
    assert row["shortage"].value is row["price_ratio"].value is row["from_stock"] is None
    assert row["draws_cleared"] == 0
    assert any("not cleared" in note for note in tables.goods(found, ("user",)).notes)
    assert {cell.value for cell in tables.losses(found, ("user",)).column("loss")} == {None}
    assert len(tables.buyers(found, ("user",))) == 0
    assert "not cleared" in words.answer(found, cut)[0]


def test_makers_who_lost_their_buyers_go_without_nothing(toy):
    assert not rows(asked(case=toy, ban="CHN:tin", draws=0).table("buyers"), country="CHN")


def test_use_that_is_not_on_record_is_said():
    case = world([[0, 5.0, 0], [0, 0, 0], [0, 0, 0]], [9.0, 0, 0], focus=("JPN",))
    found = asked("JPN", case=case, ban="CHN:tin", draws=0)
    assert len(found.table("shortage")) == 0
    assert any("no use of Japan" in note or "no use of FOC" in note for note in found.table("shortage").notes)
    assert "has no use of it on record" in found.findings[0]


def test_a_price_beyond_all_experience_is_said():
    case = world([[0, 5.0, 5.0], [0, 0, 0], [0, 0.01, 0]], [9.0, 0, 0])
    found = asked(case=case, ban="CHN:tin", draws=0)
    assert any(tables.BEYOND in note for note in found.table("shortage").notes)
    assert words.BEYOND in found.findings[1]


def test_forms_that_stand_in_no_chain_are_said(toy):
    found = asked(case=toy, ban="CHN:tin", draws=0)
    assert "Not in it, since their trade is not known in tonnes: tin (cassiterite concentrate)" in found.findings[-1]


def test_a_case_is_asked_with_other_assumptions_without_a_store(toy):
    usual = asked(case=toy, ban="CHN:tin", draws=0).table("shortage").column("shortage")[0].value
    soft = asked(case=toy, ban="CHN:tin", draws=0, assume=("choke_price=1.5",))
    assert soft.table("shortage").column("shortage")[0].value > usual
    assert soft.hash != asked(case=toy, ban="CHN:tin", draws=0).hash


def test_a_form_that_stands_in_no_chain_is_said(graphite):
    assert "spherical" in graphite.findings[-1]  # the form that batteries need


def test_a_stop_of_rare_earths_names_who_stands_still_with_months_pieces_and_a_range():
    found = asked(ban="CHN:rare-earths", draws=8)
    first, second = (said.replace(text.THIN, " ") for said in found.findings[:2])
    assert "865 t (95 %" in first  # IEA: 94 % are Chinese
    assert "passenger car" in first
    assert "from month 1 on" in first
    assert "USD" in first
    assert "billion (USD" in first
    assert first.index("865 t") < first.index("passenger car") < first.index("USD")
    assert "passenger car (internal combustion) (" in second
    made = {row["product"]: row for row in found.table("products").rows()}
    assert 3e5 < made["car-ice"]["units_lost"].value < 6e6
    assert made["car-ice"]["units_lost"].low < made["car-ice"]["units_lost"].value
    assert "electric-two-wheeler" in made
    (whole,) = rows(found.table("losses"), channel=tables.WHOLE)
    assert whole["loss"].value > 1e3  # billions, not millions
    by_month = [row["loss_of_month"].value for row in found.table("course").rows()]
    assert len(by_month) == 12
    assert by_month[0] < by_month[2]  # stocks are spent first
    assert next(iter(found.table("sectors").rows()))["value_added_lost"].value > 0


def test_a_full_stop_of_three_months_is_dearer_than_a_quarter_cut_for_a_year():
    acute, mild = (
        rows(asked(ban=f"CHN:rare-earths:component={how}", draws=0).table("losses"), channel=tables.WHOLE)[0]
        for how in ("1@3", "0.25@12")
    )
    assert acute["lower_bound"].value > 2 * mild["lower_bound"].value > 0


def test_the_channels_add_up_to_the_sum(magnesium):
    table = magnesium.table("losses")
    parts = [row["loss"].value for row in table.rows() if row["channel"] != tables.WHOLE]
    (whole,) = rows(table, channel=tables.WHOLE)
    assert len(parts) == 6
    assert sum(parts) == pytest.approx(whole["loss"].value)
    assert whole["loss"].low <= whole["loss"].value <= whole["loss"].high


def test_without_a_table_prices_alone_are_counted_and_are_no_bound():
    found = asked("CHL", ban="PER:molybdenum")
    table = found.table("losses")
    known = {row["channel"]: row["loss"].value for row in table.rows() if row["loss"].value is not None}
    assert set(known) == {coverage.PAID, coverage.RECEIVED}
    assert known[coverage.PAID] > 0
    (whole,) = rows(table, channel=tables.WHOLE)
    assert whole["loss"].value is whole["lower_bound"] is None  # what makers gain on more tonnes is not known
    assert whole["known_part"].value == pytest.approx(sum(known.values()))
    assert any("no input-output table of CHL" in note for note in table.notes)


def test_a_group_is_the_sum_of_its_members(magnesium):
    (row,) = magnesium.table("shortage").rows()
    case = cases.case("EU27", 2024)
    result = simulated.shock(case, disruptions(ban="CHN:magnesium=0.5").disruptions, 2024, draws=0)
    network = result.answers[0].network
    assert len(network.at) == 27
    assert row["use_tonnes"].value == pytest.approx(network.use[0, list(network.at)].sum())
    assert 0 < row["shortage"].value < 1
    assert rows(magnesium.table("losses"), channel=coverage.USERS[0])[0]["loss"].value > 0


def test_an_event_is_told_month_by_month_and_drawn():
    found = asked(event="china-graphite-2023", draws=2)
    table = found.table("months")
    assert table.column("month") == tuple(range(1, 13))
    assert all(0 <= cell.value <= 1 for cell in (*table.column("unmet"), *table.column("unmet_if_lasting")))
    (figure,) = found.figures
    assert figure.sources == tuple(dict.fromkeys(table.cited()))
    assert any(
        sentence.startswith("China: export permits for graphite, from 01 December 2023") for sentence in found.findings
    )


def test_the_event_that_is_told_is_of_somebody_else():
    event = events.catalogue()["china-graphite-2023"]
    assert timeline.of_event(cases.case("CHN", 2024), event, 2024) is None
    assert timeline.of_event(cases.case("IND", 2024), event, 2024).event is event


def test_the_same_seed_gives_the_same_bytes(graphite):
    def bytes_of(found):
        return "".join(drawn.json(table) for table in found.tables) + "".join(found.findings)

    again = asked(ban="CHN:graphite")
    other = asked(ban="CHN:graphite", seed=1)
    assert bytes_of(again) == bytes_of(graphite)
    assert bytes_of(other) != bytes_of(graphite)
    one, another = (found.table("shortage").column("shortage")[0].value for found in (graphite, other))
    assert one == another  # the value hangs on no draw


def test_every_number_has_its_sources(graphite):
    assert set(graphite.sources) >= set(baseline.sources(cases.case("IND", 2024))[:1])
    assert all(number.sources for table in graphite.tables for number in table.numbers() if number.value is not None)
    assert graphite.manifest == cases.case("IND", 2024).manifest


def test_a_year_without_facts_is_refused():
    with pytest.raises(KhanijError, match="1995"):
        asked(ban="CHN:graphite", year=1850)


def test_money_is_told_in_one_unit(graphite):
    units = {number.unit for number in graphite.table("losses").numbers()}
    assert units == {loss_cells.UNIT}


def test_an_event_strikes_the_trade_of_the_year_before_it_where_its_goods_have_tonnes_then():
    of = ShockRequest.of
    assert of({"focus": "CHN", "event": "indonesia-nickel-ore-2020"}).base_year() == 2019
    assert of({"focus": "CHN", "event": "indonesia-nickel-ore-2020", "year": 2021}).base_year() == 2021
    assert of({"focus": "IND", "event": "china-rare-earths-2025"}).base_year() == 2024
    assert (
        of({"focus": "USA", "event": "china-antimony-2024"}).base_year() == 2024
    )  # its metal has a code of its own since
    assert of({"focus": "IND", "ban": "CHN:graphite"}).base_year() == 2024
