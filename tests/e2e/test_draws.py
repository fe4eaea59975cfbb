"""`khanij assess COUNTRY --draws N`: a table that says how sure each score is, and three lines for every mistake."""

import json

import pytest

from khanij.cli.app import launch


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


def test_draws_are_repeatable_and_name_their_seed(capsysbinary):
    words = (
        "assess IND --method eu-supply-risk --draws 300 --seed 4 --year 2022 --material cobalt --format json".split()
    )
    code, first, _ = ask(capsysbinary, *words)
    _, second, _ = ask(capsysbinary, *words, "--workers", "2")
    answer = json.loads(first)
    assert code == 0
    assert first == second
    (table,) = answer["tables"]
    assert "300 draws, seed 4" in table["title"]
    (row,) = table["rows"]
    assert row["q05"] < row["q50"] < row["q95"]
    assert 0 <= row["over"] <= 1


def test_sensitivity_adds_the_effect_of_each_input(capsysbinary):
    words = "assess IND --method n-1-loss --draws 300 --sensitivity --inputs trade,content --year 2022".split()
    code, out, _ = ask(capsysbinary, *words, "--format", "json")
    assert code == 0
    names = [column["key"] for column in json.loads(out)["tables"][0]["columns"]]
    assert {"input_most", "first_trade", "total_trade", "first_content", "total_content"} <= set(names)
    assert "total_production" not in names


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("assess IND --draws 20 --method supplier-shares", "no uncertain form"),  # fewer than 20 give no range
        ("assess IND --draws 20 --inputs luck", "no uncertain input"),
        ("assess IND --draws 5", "so few draws give no range"),
        ("assess IND --sensitivity", "no number of draws"),
        ("assess IND --draws -5", "--draws"),
    ],
)
def test_mistakes_get_three_lines(capsysbinary, words, what):
    code, out, error = ask(capsysbinary, *words.split())
    assert code == 2
    assert out == b""
    assert what in error
    assert error.count("\n") == 3
