"""The command line as an analyst uses it: real facts, every format, and three lines for every mistake."""

import csv
import io
import json
import re
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
    answer = json.loads(out)
    (table,) = answer["tables"]
    (row,) = table["rows"]
    assert code == 0
    assert round(row["trade_value"]) == 48_639_765
    assert row["trade_value_unit"] == "kUSD"
    assert round(row["trade_mass"]) == 88_920_220
    assert row["trade_mass_unit"] == "t"
    assert row["trade_value_sources"] == "baci-hs92@202601"
    assert answer["command"] == "khanij trade IND --from RUS --hs 270900 --year 2023"
    assert "USD 48.6 billion" in answer["findings"][0].replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_every_format_holds_the_same_rows(capsysbinary, tmp_path):
    words = "trade Chile --exports --hs 283691 --year 2023-2024".split()
    _, as_json, _ = ask(capsysbinary, *words, "--format", "json")
    _, as_csv, _ = ask(capsysbinary, *words, "--format", "csv")
    path = tmp_path / "flows.parquet"
    assert ask(capsysbinary, *words, "--format", "parquet", "--out", str(path))[0] == 0
    _, as_table, _ = ask(capsysbinary, *words)
    (table,) = json.loads(as_json)["tables"]
    rows = table["rows"]
    assert len(rows) > 10
    values = [row["trade_value"] for row in rows]
    for year in (2023, 2024):
        mine = [row["trade_value"] for row in rows if row["year"] == year]
        assert mine == sorted(mine, reverse=True)
        assert sum(row["value_share"] for row in rows if row["year"] == year) == pytest.approx(1.0)
    assert [float(row["trade_value"]) for row in csv.DictReader(io.StringIO(as_csv.decode()))] == values
    assert pl.read_parquet(path)["trade_value"].to_list() == values
    heading = as_table.decode().split("\n-------")[0]  # a unit may stand below its name since flows have doubts
    assert re.search(r"Value\s[^-]*?\(kUSD\)", heading)
    assert b"CHN" in as_table


def test_a_pair_without_a_record_is_no_zero(capsysbinary):
    code, out, err = ask(capsysbinary, *"trade BTN --from CHL --hs 283691 --year 2023".split())
    assert (code, out) == (2, b"")
    assert "CHL, 283691, 2023; that is no measured zero" in err
    code, out, _ = ask(capsysbinary, *"trade IND --from CHL,BTN --hs 283691 --year 2023 --format json".split())
    assert code == 0
    assert any("no measured zero: BTN, 283691, 2023" in note for note in json.loads(out)["tables"][0]["notes"])


def test_a_mass_that_is_not_the_publisher_s_is_marked_with_the_published_one(capsysbinary):
    code, out, _ = ask(capsysbinary, *"trade IND --from CHL --hs 260300 --year 2024 --format json".split())
    (table,) = json.loads(out)["tables"]
    (row,) = table["rows"]
    assert code == 0
    assert row["trade_mass_confidence"] == "low"
    assert "imputed" in row["trade_mass_note"]
    assert any("published 197,660 t" in note for note in table["notes"])


def test_a_narrow_terminal_keeps_the_key_columns_and_breaks_no_word(capsysbinary, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for words in (
        "trade IND --hs 283691 --year 2023",
        "data list",
        "assess IND --material cobalt",
        "events --material gallium",
    ):
        code, out, _ = ask(capsysbinary, *words.split())
        assert code == 0
        assert max(map(len, out.decode().splitlines())) <= 80, words
    lines = out.decode().splitlines()
    assert any("china-gallium-germanium-antimony-usa-2024" in line for line in lines)


MISTAKES = {
    "unknown country": ("trade INX", "unknown country"),
    "unknown partner": ("trade IND --from Ruritania", "unknown country"),
    "unknown code": ("trade IND --hs 999999", "no source holds"),
    "no code at all": ("trade IND --hs 27o9", "no six-digit"),
    "year out of range": ("trade IND --year 1066", "no facts of 1066"),
    "year backwards": ("trade IND --year 2024-2020", "no year or range"),
    "year in words": ("trade IND --year lately", "no year or range"),
    "unknown material": ("run production-hhi --material unobtainium", "unknown material"),
    "unknown method": ("run astrology", "unknown method"),
    "unknown parameter": ("run import-hhi --set colour=red", "sets no parameter"),
    "value outside the choices": ("run import-hhi --set by=colour", "is no choice"),
    "case years": ("run production-hhi --year 1850", "no facts of 1850"),
    "unknown list": ("data list spells", "is not one of"),
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
