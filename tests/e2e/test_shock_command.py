"""`khanij shock` as an analyst types it: every format, groups, files, and three lines for the impossible."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
import yaml

from khanij.cli.app import launch

STUDIES = Path(__file__).resolve().parents[2] / "studies"
EVENT = {
    "id": "a-stop",
    "name": "A stop of graphite",
    "kind": "export-ban",
    "role": "context",
    "materials": ["graphite"],
    "stages": ["mined"],
    "country": "CHN",
    "start": "2024-01-01",
    "size": {"of": "exports", "cut": {"low": 0.4, "best": 0.5, "high": 0.6, "confidence": "low"}},
    "sources": {"us": {"title": "a test", "publisher": "us"}},
}


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


def shock(capsysbinary, words, *more):
    return ask(capsysbinary, "shock", *words.split(), "--draws", "4", *more)


def tables(out):
    return {table["key"]: table for table in json.loads(out)["tables"]}


def test_every_format_holds_the_same_rows(capsysbinary, tmp_path):
    words = "IND --ban CHN:graphite"
    code, out, _ = shock(capsysbinary, words, "--format", "json")
    found = tables(out)
    assert code == 0
    assert json.loads(out)["command"] == "khanij shock IND --ban CHN:graphite --draws 4"
    assert [row["stage"] for row in found["shortage"]["rows"]] == ["mined"]
    assert found["losses"]["rows"][-1]["channel"] == "all channels"
    assert "IND" in {row["country"] for row in found["buyers"]["rows"]}
    _, as_csv, _ = shock(capsysbinary, words, "--format", "csv")
    first = as_csv.decode().split("\n\n")[0]
    (row,) = csv.DictReader(io.StringIO(first))
    assert float(row["price_ratio"]) == found["shortage"]["rows"][0]["price_ratio"]
    code, as_table, _ = shock(capsysbinary, words)
    assert code == 0
    assert as_table.startswith(b"If China's exports of graphite stopped for a year, India would go without")
    # the first page holds what is short, not made and lost; who else goes without is named there and told when asked
    assert re.search(rb"also: [a-z, ]*buyers", as_table)
    assert b"Who goes without" in shock(capsysbinary, words, "--table", "buyers")[1]
    assert shock(capsysbinary, words, "--format", "csv", "--out", str(tmp_path / "here"))[0] == 0
    assert len(list((tmp_path / "here").glob("*.csv"))) == len(found)  # a file a table


@pytest.mark.parametrize("width", [80, 100])
def test_the_answer_fits_a_terminal_and_keeps_what_counts(capsysbinary, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = shock(capsysbinary, "IND --ban CHN:rare-earths")
    lines = out.decode().splitlines()
    rows = [line for line in lines if not line.startswith("What ")]  # titles are sentences
    assert max(map(len, rows)) <= width
    text = " ".join(lines)
    assert "Goes" in text
    assert "all channels" in text  # every channel of every moved good is known, so that their sum is told
    assert "At least" not in text


def test_the_same_seed_gives_the_same_bytes(capsysbinary):
    words = ("IND --ban CHN:antimony=0.5@6", "--format", "json")
    one, two = (shock(capsysbinary, *words)[1] for _ in range(2))
    assert one == two
    assert shock(capsysbinary, *words, "--seed", "7")[1] != one


def test_a_group_and_a_country_without_a_table(capsysbinary):
    code, out, _ = shock(capsysbinary, "EU27 --tariff CHN:magnesium>EU27=0.25", "--format", "json")
    found = tables(out)
    assert code == 0
    assert found["shortage"]["rows"][0]["price_ratio"] > 1
    assert len(found["losses"]["rows"]) == 7
    code, out, _ = shock(capsysbinary, "CHL --outage CHN:molybdenum", "--format", "json")
    found = tables(out)
    assert code == 0
    known = {row["channel"]: row["loss"] for row in found["losses"]["rows"]}
    assert known["users cut output"] is known["suppliers lose sales"] is known["all channels"] is None
    assert known["users pay more"] > 0
    assert found["shortage"]["rows"][0]["shortage"] is not None
    assert any("no input-output table of CHL" in note for note in found["losses"]["notes"])


def test_a_file_and_a_documented_event(capsysbinary, tmp_path):
    path = tmp_path / "stop.yaml"
    path.write_text(yaml.safe_dump(EVENT), encoding="utf-8")
    code, out, _ = shock(capsysbinary, f"JPN {path}", "--format", "json")
    assert code == 0
    assert "A stop of graphite" in tables(out)["shortage"]["title"]
    assert len(tables(out)["months"]["rows"]) == 12
    assert shock(capsysbinary, "JPN china-graphite-2023")[0] == 0


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*stop*.yaml")), ids=lambda path: path.stem)
def test_the_examples_run(capsysbinary, path):
    code, out, _ = shock(capsysbinary, f"IND {path}", "--format", "json")
    assert code == 0
    assert tables(out)["shortage"]["rows"][0]["shortage"] > 0


MISTAKES = {
    "nothing": ("IND", "nothing is disrupted", "--ban"),
    "negative share": ("IND --ban CHN:graphite=-0.5", "is -0.5", "--ban"),
    "cut above one": ("IND --outage CHN:graphite=1.5", "is 1.5", "--outage"),
    "tariff below zero": ("IND --tariff CHN:graphite=-0.1", "is -0.1", "--tariff"),
    "months above five years": ("IND --ban CHN:graphite@61", "is 61", "--ban"),
    "ban of nobody": ("IND --ban CHN:graphite>CHN", "nobody but", "--ban"),
    "unknown stage": ("IND --ban CHN:graphite:smelted", "unknown stage", "--ban"),
    "stage without trade": ("IND --ban CHL:copper:processed", "no trade by mass", "shock"),
    "unknown seller": ("IND --ban XYZ:graphite", "unknown country", "country"),
    "unknown destination": ("IND --ban CHN:graphite>XYZ", "unknown country or group", "--ban"),
    "unknown focus": ("XYZ --ban CHN:graphite", "unknown country", "country"),
    "unknown material": ("IND --ban CHN:unobtainium", "unknown material", "material"),
    "no such event": ("IND no-such-event", "no event", "event"),
    "no such file": ("IND none.yaml", "cannot read", "none.yaml"),
    "both": ("IND china-graphite-2023 --ban CHN:graphite", "at once", "shock"),
    "event without size": ("IND united-states-copper-tariff-2025", "tariff", "kind"),
    "negative draws": ("IND --ban CHN:graphite --draws -1", "greater than or equal to 0", "--draws"),
    "no facts": ("IND --ban CHN:graphite --year 1850", "greater than or equal to 1995", "--year"),
    "two cuts of one flow": ("IND --ban CHN:graphite=0.2;CHN:graphite=0.3", "two cuts of one flow", "--ban"),
    "no seller": ("IND --ban JPN:cobalt:mined", "no sales abroad", "shock"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_three_lines_and_exit_code_2(capsysbinary, name):
    words, what, where = MISTAKES[name]
    code, out, err = ask(capsysbinary, "shock", *words.split())
    lines = err.splitlines()
    assert code == 2
    assert out == b""
    assert len(lines) == 3, err
    assert what in lines[0]
    assert where in lines[1]
    assert len(lines[2]) > len("hint:  -")


@pytest.mark.parametrize(
    ("changes", "what", "key"),
    [
        ({"end": "2023-01-01"}, "before the start", "end"),
        ({"destinations": []}, "nobody is cut off", "destinations"),
        ({"size": {"of": "exports"}}, "size is not known", "size.cut"),
        ({"stages": ["smelted"]}, "unknown stage", "stages"),
    ],
)
def test_an_impossible_file_names_the_key(capsysbinary, tmp_path, changes, what, key):
    path = tmp_path / "event.yaml"
    path.write_text(yaml.safe_dump(EVENT | changes), encoding="utf-8")
    code, _, err = ask(capsysbinary, "shock", "IND", str(path))
    lines = err.splitlines()
    assert (code, len(lines)) == (2, 3)
    assert what in lines[0]
    assert lines[1].endswith(f"event.yaml: {key}")


def test_no_yaml(capsysbinary, tmp_path):
    path = tmp_path / "event.yaml"
    path.write_text("a: [", encoding="utf-8")
    code, _, err = ask(capsysbinary, "shock", "IND", str(path))
    assert (code, len(err.splitlines())) == (2, 3)
    assert "no YAML" in err
