"""A disruption as an analyst asks for it: a text or a file in, tables out that hold together."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from khanij.analyses.inputs import cases
from khanij.analyses.shock import run, tables
from khanij.analyses.shock import run as shock_run
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.present import table as drawn
from khanij.reference import events
from khanij.simulate.supply.disruption import Disruption, parse

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "simulate"))
from toy_markets import market

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


def written(tmp_path, **changes):
    path = tmp_path / "event.yaml"
    values = {key: value for key, value in (EVENT | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def rows(table, **wanted):
    return [row for row in table.rows() if all(row[name] == value for name, value in wanted.items())]


@pytest.fixture(scope="module")
def graphite():
    """Return what an export stop of graphite means for India: a material of which nobody publishes the uses."""
    return run.shock("IND", [parse("CHN:graphite")], draws=DRAWS)


@pytest.fixture(scope="module")
def magnesium():
    """Return what a half stop means for the Union: a material with uses by sector, a group with tables."""
    return run.shock("EU27", [parse("CHN:magnesium=0.5")], draws=DRAWS)


@pytest.fixture
def toy(monkeypatch):
    """Put a hand-made Case in the place of the facts; no input-output table holds its focus."""
    trade = np.zeros((5, 5))
    trade[0, 1:] = 30.0, 40.0, 50.0, 20.0
    trade[4, 3] = 5.0
    case = market({"refined": trade}, {"refined": [300.0, 10.0, 0, 0, 5.0]}, names=NAMES, focus=("IND",))
    monkeypatch.setattr(shock_run.cases, "case", lambda *_: case)
    return case


def test_a_file_is_read_as_part_of_its_worst_year(tmp_path):
    name, (cut,) = run.struck_by(written(tmp_path))
    assert name == "A stop of graphite (its effect on 2024)"
    assert (cut.country, cut.acts, cut.materials, cut.stages) == ("CHN", "exports", ("graphite",), ("mined",))
    assert cut.lost == pytest.approx(0.25)  # half of half a year


def test_a_documented_event_is_known_by_its_id():
    name, (cut,) = run.struck_by("china-graphite-2023")
    assert events.find("china-graphite-2023").name in name
    assert 0 < cut.lost < 1


def test_an_outage_cuts_output(tmp_path):
    path = written(tmp_path, kind="mine-outage", size=EVENT["size"] | {"of": "output"})
    assert run.struck_by(path)[1][0].acts == "output"


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
def test_an_impossible_file_is_refused_with_the_key(tmp_path, name):
    changes, what, key = IMPOSSIBLE[name]
    with pytest.raises(StudyError) as refused:
        run.struck_by(written(tmp_path, **changes))
    said, where, hint = refused.value.lines()
    assert what in said
    assert where.endswith(f"event.yaml: {key}")
    assert len(hint) > len("hint:  -")


def test_other_files_are_refused(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [export-ban", encoding="utf-8")
    with pytest.raises(StudyError, match="no YAML"):
        run.struck_by(broken)
    broken.write_text("just words", encoding="utf-8")
    with pytest.raises(StudyError, match="mapping"):
        run.struck_by(broken)
    with pytest.raises(StudyError, match="cannot read"):
        run.struck_by(tmp_path / "none.yaml")
    with pytest.raises(CoverageError, match="no event 'china-grafite-2023'") as refused:
        run.struck_by("china-grafite-2023")
    assert "china-graphite-2023" in refused.value.hint


def test_a_file_or_texts_but_not_both_and_not_neither(tmp_path):
    with pytest.raises(StudyError, match="at once"):
        run.struck_by(written(tmp_path), ban="CHN:graphite")
    with pytest.raises(StudyError, match="nothing is disrupted"):
        run.struck_by()
    assert len(run.struck_by(ban="CHN:graphite;CHN:antimony", tariff="CHN:tin=0.1")[1]) == 3


def test_no_market_no_shock():
    with pytest.raises(CoverageError, match="no trade by mass of gallium"):
        run.shock("IND", [parse("CHN:gallium")])


def test_a_stage_that_is_not_there_is_refused_or_said(toy):
    with pytest.raises(CoverageError, match="processed has no trade by mass") as refused:
        run.shock("IND", [Disruption("exports", ("tin",), "CHN", ("processed",))], draws=2)
    assert refused.value.hint == "it has refined"
    both = [Disruption("exports", ("tin",), "CHN", ("processed",)), Disruption("exports", ("tin",), "DEU")]
    found = run.shock("IND", both, draws=2)
    assert any("so no cut" in note for note in found.notes)


def test_a_focus_without_a_table_gets_shortages(toy):
    found = run.shock("IND", [Disruption("exports", ("tin",), "CHN")], draws=4)
    (row,) = tables.effects(found).rows()
    assert row["base use"] == pytest.approx(40.0)
    assert row["of it from those struck"] == pytest.approx(0.75)
    assert row["shortage low"] <= row["shortage"] <= row["shortage high"]
    assert row["shortage"] > 0
    assert row["price"] > 1
    table = tables.costs(found)
    assert len(table) == 7  # no value either: not one channel is known, nor is the net
    assert {row["change"] for row in table.rows()} == {None}
    assert any("no input-output table of FOC" in note for note in table.notes)
    assert {r["country"] for r in tables.hit(found).rows()} >= {"JPN", "USA", "DEU"}


def test_without_draws_there_is_no_range(toy):
    found = run.shock("IND", [Disruption("exports", ("tin",), "CHN")], draws=0)
    (row,) = tables.effects(found).rows()
    assert row["shortage"] > 0
    assert row["shortage low"] is row["price high"] is row["draws cleared"] is None
    assert not any("draws" in note for note in tables.effects(found).notes)


def test_what_has_not_cleared_shows_no_value(toy):
    found = run.shock("IND", [Disruption("exports", ("tin",), "CHN")], draws=4)
    (answer,) = found.answers
    stuck = np.zeros(5, dtype=bool)
    answer = replace(
        answer, effect=replace(answer.effect, converged=stuck), outcome=replace(answer.outcome, converged=stuck)
    )
    found = replace(found, answers=(answer,))
    (row,) = tables.effects(found).rows()
    assert row["shortage"] is row["price low"] is row["drawn from stock"] is None
    assert row["draws cleared"] == 0
    assert any("not cleared" in note for note in tables.effects(found).notes)
    assert len(tables.hit(found)) == 0


def test_makers_who_lost_their_buyers_go_without_nothing(toy):
    found = run.shock("IND", [Disruption("exports", ("tin",), "CHN")], draws=0)
    assert not rows(tables.hit(found), country="CHN")


def test_use_that_is_not_on_record_is_said(monkeypatch):
    case = market(
        {"refined": [[0, 5.0, 0], [0, 0, 0], [0, 0, 0]]}, {"refined": [9.0, 0, 0]}, names=NAMES, focus=("JPN",)
    )
    monkeypatch.setattr(shock_run.cases, "case", lambda *_: case)
    found = run.shock("JPN", [Disruption("exports", ("tin",), "CHN")], draws=0)
    assert len(tables.effects(found)) == 0
    assert any("no use of FOC is on record" in note for note in tables.effects(found).notes)


def test_a_price_beyond_all_experience_is_said(monkeypatch):
    case = market(
        {"refined": [[0, 5.0, 5.0], [0, 0, 0], [0, 0.01, 0]]}, {"refined": [9.0, 0, 0]}, names=NAMES, focus=("IND",)
    )
    monkeypatch.setattr(shock_run.cases, "case", lambda *_: case)
    found = run.shock("IND", [Disruption("exports", ("tin",), "CHN")], draws=0)
    assert any(tables.BEYOND in note for note in tables.effects(found).notes)


def test_without_published_uses_the_loss_of_users_is_missing_and_said(graphite):
    table = tables.costs(graphite)
    for channel in ("users cut output", "customers cut output", "suppliers lose sales"):
        (row,) = rows(table, channel=channel)
        assert row["change"] is row["change low"] is row["change high"] is None
    (paid,) = rows(table, channel="users pay more")
    assert paid["change"] < 0
    assert any("no shares of use by sector" in note for note in table.notes)


@pytest.mark.parametrize("name", ["graphite", "magnesium"])
def test_the_channels_add_up_to_the_net(request, name):
    table = tables.costs(request.getfixturevalue(name))
    parts = [row["change"] for row in table.rows() if row["channel"] != "net"]
    (net,) = rows(table, channel="net")
    assert len(parts) == 6
    assert sum(part for part in parts if part is not None) == pytest.approx(net["change"])
    assert net["change low"] <= net["change"] <= net["change high"]


def test_without_a_table_prices_alone_are_counted_and_the_net_is_named_so():
    found = run.shock("CHL", [parse("PER:molybdenum")], draws=DRAWS)
    table = tables.costs(found)
    known = {row["channel"]: row["change"] for row in table.rows() if row["change"] is not None}
    paid, received, net = "users pay more", "domestic producers receive a higher price", "net of what is known"
    assert list(known) == [paid, received, net]
    assert known[paid] < 0
    assert known[net] == pytest.approx(known[paid] + known[received])
    assert any("no input-output table of CHL" in note for note in table.notes)


def test_a_group_is_the_sum_of_its_members(magnesium):
    (row,) = tables.effects(magnesium).rows()
    network = magnesium.answers[0].network
    at = [network.nodes.index(c) for c in tables._here(magnesium.answers[0], magnesium)]
    assert len(at) == 27
    assert row["base use"] == pytest.approx(network.use[0, at].sum())
    assert 0 < row["shortage"] < 1
    (cut,) = rows(tables.costs(magnesium), channel="users cut output")
    assert cut["change"] < 0


def test_the_same_seed_gives_the_same_bytes(graphite):
    def bytes_of(found):
        return json.dumps([drawn.record(table) for table in run.tables(found)])

    again = run.shock("IND", [parse("CHN:graphite")], draws=DRAWS)
    other = run.shock("IND", [parse("CHN:graphite")], draws=DRAWS, seed=1)
    assert bytes_of(again) == bytes_of(graphite)
    assert bytes_of(other) != bytes_of(graphite)
    one, another = (rows(tables.effects(found))[0] for found in (graphite, other))
    assert one["shortage"] == another["shortage"]  # the value hangs on no draw


def test_a_case_without_records_of_a_material_is_told(monkeypatch):
    with pytest.raises(KhanijError, match="no facts for the years"):
        run.shock("IND", [parse("CHN:graphite")], year=1850)
    assert cases.case("IND", 2024).axis("focus").codes == ("IND",)
