"""Disruption at the command line: documented events, the cascade, the forecast of export falls."""

import json

import pytest

from khanij.cli.app import launch


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


def test_events_are_listed_and_shown(capsysbinary):
    code, out, _ = ask(capsysbinary, "events", "list", "--format", "json")
    rows = json.loads(out)["tables"][0]["rows"]
    assert code == 0
    assert len(rows) >= 30
    assert json.loads(ask(capsysbinary, "events", "--format", "json")[1])["tables"][0]["rows"] == rows
    code, out, _ = ask(capsysbinary, "events", "show", rows[0]["event"], "--format", "json")
    assert code == 0
    assert {row["confidence"] for row in json.loads(out)["tables"][1]["rows"]} <= {"high", "medium", "low"}


def test_the_forecast_has_an_interval(capsysbinary):
    code, out, _ = ask(capsysbinary, *"run export-fall --material nickel --format json".split())
    rows = [row for row in json.loads(out)["tables"][0]["rows"] if row["value"] is not None]
    assert code == 0
    assert rows
    assert all(0 <= row["low"] <= row["value"] <= row["high"] <= 1 for row in rows)


def test_a_country_without_an_input_output_table_has_its_measures_valued(capsysbinary):
    words = "measures CHL --material molybdenum,rare-earths --years 60 --format json"
    code, out, _ = ask(capsysbinary, *words.split())
    assert code == 0
    table = json.loads(out)["tables"][0]
    assert max(row["averted"] for row in table["rows"]) > 0
    assert any("no input-output table of Chile" in note for note in table["notes"])


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("events show no-such-event", "event"),
        ("run cascade --material nickel --year 2023", "cascade.country"),
        ("run cascade --material nickel --year 2023 --set country=IDN --set cut=2", "cascade.cut"),
        ("run export-fall --material nickel --set trust=3", "export-fall.trust"),
        ("measures ASEAN --material copper --years 20", "COUNTRY"),
        ("partner CHL JPN --material gallium --years 20", "hazards"),
    ],
)
def test_what_cannot_be_is_refused_in_three_lines(capsysbinary, words, where):
    code, out, said = ask(capsysbinary, *words.split())
    assert (code, out) == (2, b"")
    what, place, hint = said.splitlines()[-3:]  # before them, what was being done
    assert what.startswith("error: ")
    assert place == f"where: {where}"
    assert hint.startswith("hint:  ")
