"""Measures, partners, plans and process chains by the command line, from the embedded facts."""

import csv
import io
import json

import pytest

from khanij.cli.app import launch

pytest.importorskip("highspy")

FEW = ["--years", "60", "--material", "titanium"]
MISTAKES = {
    "budget": (["plan", "IND", "--budget", "much"], "money"),
    "currency": (["plan", "IND", "--budget", "5 crore XYZ"], "XYZ"),
    "order of years": (["plan", "IND", "--budget", "5 crore INR", "--from", "2030", "--to", "2025", *FEW], "--to"),
    "goal": (["plan", "IND", "--budget", "5 crore INR", "--reach", "titanium:refined", *FEW], "--reach"),
    "good": (["plan", "IND", "--budget", "5 crore INR", "--reach", "titanium:moon=5%", *FEW], "reach"),
    "part above all": (["plan", "IND", "--budget", "5 crore INR", "--reach", "titanium:refined=150%", *FEW], "reach"),
    "growth": (["plan", "IND", "--budget", "5 crore INR", "--growth", "FAST", *FEW], "growth"),
    "out of reach": (
        ["plan", "IND", "--budget", "1 crore INR", "--reach", "titanium:refined=90%", "--quick", *FEW],
        "titanium (refined)",
    ),
    "country": (["measures", "Atlantis"], "Atlantis"),
    "partner": (["partner", "IND", "Atlantis"], "Atlantis"),
    "scenario": (["demand", "IND", "--scenario", "dream"], "scenario"),
    "route": (["process", "copper", "--route", "alchemy"], "alchemy"),
    "no route": (["process", "coal"], "coal"),
    "burden": (["process", "copper", "--burden", "love"], "--burden"),
    "file": (["study", "run", "nowhere.yaml"], "nowhere.yaml"),
}


def told(capsysbinary, *words):
    assert launch(list(words)) == 0
    return capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_three_lines_and_exit_code_2(capsysbinary, name):
    words, about = MISTAKES[name]
    assert launch(words) == 2
    captured = capsysbinary.readouterr()
    lines = [line for line in captured.err.decode().splitlines() if line.startswith(("error:", "where:", "hint:"))]
    assert [line.partition(":")[0] for line in lines] == ["error", "where", "hint"]
    assert about in " ".join(lines)
    assert captured.out == b""


def test_a_plan_is_the_same_by_seed_and_meets_its_goal(tmp_path):
    words = ["plan", "IND", "--budget", "2000 crore INR", "--reach", "titanium:refined=30%", "--quick", *FEW]
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        assert launch([*words, "--format", "csv", "--out", str(folder)]) == 0
    files = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert files[0] == files[1]
    for name in files[0]:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    goals = next(path for path in folders[0].iterdir() if path.name.endswith("goals.csv"))
    row = next(csv.DictReader(io.StringIO(goals.read_text(encoding="utf-8"))))
    assert float(row["share_reached"]) >= 0.3
    assert float(row["given_by_measures"]) >= float(row["asked_of_measures"]) - 1e-6


def test_a_tonne_by_route_and_place(capsysbinary):
    rows = json.loads(told(capsysbinary, "process", "silicon", "--draws", "20", "--format", "json"))
    assert "silicon-metal" in json.dumps(rows)
    steps = told(capsysbinary, "process", "copper", "--route", "copper-sulphide", "--place", "IND,NOR", "--draws", "0")
    assert "behind one tonne" in steps
    assert "what moves it" in steps
    assert "by electricity" in steps


def test_what_measures_cost_and_take(tmp_path):
    assert launch(["measures", "IND", *FEW, "--currency", "crore INR", "--format", "csv", "--out", str(tmp_path)]) == 0
    bill = next(path for path in tmp_path.iterdir() if path.name.endswith("bills.csv"))
    rows = list(csv.DictReader(io.StringIO(bill.read_text(encoding="utf-8"))))
    assert {"capital", "energy", "carbon", "water", "waste"} <= {row["what"] for row in rows}
    assert all(row["confidence"] in ("low", "medium", "high") for row in rows if row["value"])
    assert all(row["value_sources"] == row["source"] for row in rows if row["value"])
    assert any(row["value_unit"] == "crore INR" for row in rows)


def test_the_older_name_of_a_single_budget_still_works(capsysbinary):
    words = ["plan", "IND", "--budget", "200 crore INR", "--quick", "--scenarios", "20", "--format", "json", *FEW]
    answers = [json.loads(told(capsysbinary, *words, option)) for option in ("--one-purse", "--single-budget")]
    assert answers[0] == answers[1]
    assert "--single-budget" in answers[0]["command"]
    assert "one-purse" not in told(capsysbinary, "plan", "--help")


def test_a_study_gives_what_its_commands_give(capsysbinary, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(
        "title: two questions\n"
        "defaults: {focus: IND, years: 60, material: titanium, currency: crore INR}\n"
        "ask:\n  - partner: {partner: RUS}\n  - measures: {}\n",
        encoding="utf-8",
    )
    whole = json.loads(told(capsysbinary, "study", "run", str(path), "--format", "json", "--quiet"))
    tables = {table["key"]: table["rows"] for table in whole["tables"]}
    for words in (["partner", "IND", "RUS"], ["measures", "IND"]):
        alone = json.loads(told(capsysbinary, *words, *FEW, "--currency", "crore INR", "--format", "json", "--quiet"))
        assert alone["tables"]
        for table in alone["tables"]:
            assert table["rows"] == tables[f"{words[0]}-{table['key']}"]


def test_a_terminal_shows_the_sentence_first_and_lines_no_wider_than_it_is(capsysbinary, monkeypatch):
    for width in ("80", "100"):
        monkeypatch.setenv("COLUMNS", width)
        for words in (["measures", "IND"], ["partner", "IND", "RUS"]):
            lines = told(capsysbinary, *words, *FEW, "--quiet").splitlines()
            assert max(map(len, lines)) <= int(width)
            assert lines[0].startswith(("Of ", "A partnership with Russia"))
