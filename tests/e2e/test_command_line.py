"""The command line as an analyst uses it: real facts, every format, and three lines for every mistake."""

import csv
import io
import json
import subprocess
import sys

import polars as pl
import pytest

from khanij.cli.app import launch


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


def test_the_founding_article_s_figure(capsysbinary):
    code, out, _ = ask(capsysbinary, *"trade IND --from RUS --hs 270900 --year 2023 --format json".split())
    (row,) = json.loads(out)["rows"]
    assert code == 0
    assert round(row["value"]) == 48_639_765
    assert row["value_unit"] == "kUSD"
    assert round(row["mass"]) == 88_920_220
    assert row["mass_unit"] == "t"
    assert row["source"] == "baci-hs92"
    assert row["edition"] == "202601"


def test_every_format_holds_the_same_rows(capsysbinary, tmp_path):
    words = "trade Chile --exports --hs 283691 --year 2023-2024".split()
    _, as_json, _ = ask(capsysbinary, *words, "--format", "json")
    _, as_csv, _ = ask(capsysbinary, *words, "--format", "csv")
    path = tmp_path / "flows.parquet"
    assert ask(capsysbinary, *words, "--format", "parquet", "--out", str(path))[0] == 0
    _, as_table, _ = ask(capsysbinary, *words)
    rows = json.loads(as_json)["rows"]
    assert {row["exporter"] for row in rows} == {"CHL"}
    values = [row["value"] for row in rows]
    assert [float(row["value"]) for row in csv.DictReader(io.StringIO(as_csv.decode()))] == values
    assert pl.read_parquet(path)["value"].to_list() == values
    assert as_table.count(b"\n") == len(rows) + 3 + len(json.loads(as_json)["notes"])


def test_a_pair_without_a_record_is_no_zero(capsysbinary):
    code, out, _ = ask(capsysbinary, *"trade BTN --from CHL --hs 283691 --year 2023 --format json".split())
    answer = json.loads(out)
    assert code == 0
    assert answer["rows"] == []
    assert any("no measured zero" in note for note in answer["notes"])


MISTAKES = {
    "unknown country": ("trade INX", "unknown country"),
    "unknown partner": ("trade IND --from Ruritania", "unknown country"),
    "unknown code": ("trade IND --hs 999999", "no source holds"),
    "no code at all": ("trade IND --hs 27o9", "no six-digit"),
    "year out of range": ("trade IND --year 1066", "no trade for 1066"),
    "year backwards": ("trade IND --year 2024-2020", "no year or range"),
    "year in words": ("trade IND --year lately", "no year or range"),
    "unknown material": ("run production-hhi --material unobtainium", "unknown material"),
    "unknown method": ("run astrology", "unknown method"),
    "unknown parameter": ("run import-hhi --set colour=red", "sets no parameter"),
    "value outside the choices": ("run import-hhi --set by=colour", "is no choice"),
    "case years": ("run production-hhi --year 1850", "no facts for the years"),
    "unknown list": ("data list spells", "no list"),
    "unknown source": ("data show oracle", "unknown source"),
    "unknown quantity": ("data show --quantity charm", "unknown quantity"),
    "no raw folder": ("data build --raw nowhere-at-all", "no folder"),
    "unknown command": ("divine", "No such command"),
    "unknown option": ("trade IND --loudly", "No such option"),
    "no argument": ("trade", "Missing argument"),
    "unknown format": ("trade IND --format papyrus", "Invalid value"),
    "no folder for the file": ("data list --out nowhere-at-all/x.csv --format csv", "no folder"),
    "unknown partner of a brief": ("brief IND --partner Ruritania", "unknown country"),
    "brief of nowhere": ("brief Atlantis", "unknown country"),
    "plan without a programme": ("brief CHL --plan", "no programme of Chile is on record"),
    "plan of a group": ("brief EU27 --plan", "EU27 is no country"),
    "budget without years": ("brief CHL --budget 1000USD", "a budget without years"),
    "budget that is none": ("brief IND --budget lots", "no sum of money"),
    "years without a plan": ("brief IND --to 2031", "years of a plan without a plan"),
    "plan that runs backwards": ("brief IND --plan --from 2040", "from 2040 to 2031"),
    "brief of another age": ("brief IND --year 1700", "1700"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_three_lines_and_exit_code_2(capsysbinary, name):
    words, what = MISTAKES[name]
    code, out, err = ask(capsysbinary, *words.split())
    lines = err.splitlines()
    assert code == 2
    assert out == b""
    assert len(lines) == 3, err
    assert lines[0].startswith("error: ")
    assert what in lines[0]
    assert lines[1].startswith("where: ")
    assert lines[2].startswith("hint:  ")
    assert len(lines[2]) > len("hint:  -")


def test_help_without_arguments(capsysbinary):
    code, out, _ = ask(capsysbinary)
    assert code == 0
    assert b"brief" in out


def test_the_installed_command_exits_2():
    done = subprocess.run([sys.executable, "-m", "khanij", "trade", "INX"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 3
