"""Concordance, history, explanation and origin from the command line: every format, and three lines for a mistake."""

import csv
import io
import json

import polars as pl
import pytest

from khanij.cli.app import launch


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


ONE_TABLE = {
    "compare": "compare IND --method production-hhi --list in-2023-30",
    "compare lists": "compare IND --list in-2023-30,eu-2023-crm",
    "compare why": "compare --method eu-criticality --list eu-2023-crm --why",
    "history": "history IND --method import-hhi --material lithium --year 2015-2024",
    "decompose": "history IND --method hhi-wgi --material nickel --year 2019-2023 --decompose",
    "origin": "origin IND --material copper --stage refined --by refiner --top 3",
}


@pytest.mark.parametrize("name", ONE_TABLE)
def test_every_format_holds_the_same_rows(capsysbinary, tmp_path, name):
    words = ONE_TABLE[name].split()
    code, as_json, _ = ask(capsysbinary, *words, "--format", "json")
    assert code == 0
    answer = json.loads(as_json)
    table = answer["tables"][0]
    rows, one = table["rows"], ("--table", table["key"])
    assert rows
    assert answer["findings"][0].endswith(".")
    assert all(column["meaning"] for column in table["columns"])
    _, as_csv, _ = ask(capsysbinary, *words, "--format", "csv", *one)
    assert len(list(csv.DictReader(io.StringIO(as_csv.decode())))) == len(rows)
    path = tmp_path / "table.parquet"
    assert ask(capsysbinary, *words, "--format", "parquet", "--out", str(path), *one)[0] == 0
    assert pl.read_parquet(path).height == len(rows)
    again = answer["command"].split()[1:]
    assert json.loads(ask(capsysbinary, *again, "--format", "json")[1]) == answer


def test_two_lists_are_compared_with_each_other_only(capsysbinary):
    _, out, _ = ask(capsysbinary, *ONE_TABLE["compare lists"].split(), "--format", "json")
    (row,) = json.loads(out)["tables"][0]["rows"]
    assert (row["first"], row["second"]) == ("in-2023-30", "eu-2023-crm")


def test_a_number_is_followed_down_to_its_sources(capsysbinary, tmp_path):
    words = "explain hhi-wgi --focus IND --material cobalt --year 2024".split()
    code, out, _ = ask(capsysbinary, *words, "--format", "json")
    number, entered, facts, tables, sources = json.loads(out)["tables"]
    assert code == 0
    fields = {row["field"]: row["text"] for row in number["rows"]}
    assert fields["stage"] == "mined"
    assert 0 < float(fields["value"]) < 1
    assert any(row["country"] == "COD" for row in entered["rows"])
    cobalt = next(row for row in facts["rows"] if row["country"] == "COD" and row["quantity"] == "production")
    assert (cobalt["source"], cobalt["row"]) == ("world-mining-data", 88)
    assert tables["rows"]
    assert {"world-mining-data@2018-2024"} <= {row["source"] for row in sources["rows"]}
    folder = tmp_path / "down"
    assert ask(capsysbinary, *words, "--format", "csv", "--out", str(folder))[0] == 0
    assert len(list(folder.iterdir())) == 5


def test_a_number_that_is_not_there_says_why(capsysbinary):
    code, _, err = ask(capsysbinary, *"explain import-hhi --focus IND --material copper --stage scrap".split())
    assert code == 2
    assert "has no value: not on record: trade in tonnes, scrap" in err
    assert "it has a value at" in err


def test_whatever_was_asked_gets_a_row_or_a_reason(capsysbinary):
    words = "run import-reliance --focus IND --material copper,gallium,hafnium".split()
    code, out, _ = ask(capsysbinary, *words, "--format", "json")
    assert code == 0
    rows = json.loads(out)["tables"][0]["rows"]
    assert {row["material"] for row in rows} == {"copper", "gallium", "hafnium"}
    reasons = {row["material"]: row["notes"] for row in rows if row["value"] is None}
    assert "traded under 811292" in reasons["gallium"]
    assert "production" in reasons["hafnium"]
    code, out, err = ask(capsysbinary, *"run import-reliance --focus IND --material gallium,hafnium".split())
    assert (code, out) == (2, b"")
    assert "not on record" in err


def test_all_countries_and_a_group_at_once(capsysbinary):
    words = "run import-hhi --focus all,EU27 --material tin --year 2023 --format json".split()
    code, out, _ = ask(capsysbinary, *words)
    assert code == 0
    assert {"IND", "EU27"} <= {row["focus"] for row in json.loads(out)["tables"][0]["rows"]}


MISTAKES = {
    "compare with an unknown list": ("compare IND --list in-1066,eu-2023-crm", "no official list"),
    "compare with an unknown method": ("compare IND --method astrology --list eu-2023-crm", "unknown method"),
    "compare without a country": ("compare --method import-hhi --list eu-2023-crm", "needs a country"),
    "compare nothing": ("compare IND --method balance --list eu-2023-crm", "ranks no materials"),
    "compare nowhere": ("compare Atlantis", "unknown country"),
    "history of nothing": ("history IND --method astrology", "unknown method"),
    "history without years": ("history IND --method eu-supply-risk --material copper", "does not change"),
    "history backwards": ("history IND --method import-hhi --year 2024-2005", "no year or range"),
    "history of one year": ("history IND --method import-hhi --year 2020 --decompose", "two years"),
    "history of partners": ("history IND --method supplier-shares --year 2020-2021", "one value a partner"),
    "explain nothing": ("explain astrology --focus IND --material copper", "unknown method"),
    "explain an unknown material": ("explain import-hhi --focus IND --material unobtainium", "unknown material"),
    "explain partners": ("explain supplier-shares --focus IND --material copper", "no single number"),
    "explain a stage that is none": ("explain import-hhi --focus IND --material copper --stage molten", "no stage"),
    "explain a setting": ("explain import-hhi --focus IND --material copper --set by=colour", "is no choice"),
    "origin of nothing": ("origin IND --material unobtainium", "unknown material"),
    "origin by the moon": ("origin IND --material copper --by moon", "Invalid value"),
    "origin of what nobody trades": ("origin IND --material scandium", "no origin can be traced"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_three_lines_and_exit_code_2(capsysbinary, name):
    words, what = MISTAKES[name]
    code, out, err = ask(capsysbinary, *words.split())
    lines = err.splitlines()
    assert code == 2, out
    assert out == b""
    assert len(lines) == 3, err
    assert what in lines[0]
    assert lines[1].startswith("where: ")
    assert lines[2].startswith("hint:  ")
    assert len(lines[2]) > len("hint:  -")
