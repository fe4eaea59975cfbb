"""`khanij risk` as an analyst types it: the answer first, a bundle that a stopped run goes on from, three lines."""

import json

import pytest

from khanij.cli.app import launch
from khanij.jobs import chunks

WORDS = ("risk", "IND", "--years", "60", "--material", "cobalt,tantalum", "--no-pairs", "--seed", "3")


def ask(capsysbinary, *arguments):
    code = launch(list(arguments))
    captured = capsysbinary.readouterr()
    return code, captured.out, captured.err.decode()


def test_the_answer_stands_first_and_says_what_is_not_priced(capsysbinary):
    code, out, _ = ask(capsysbinary, *WORDS, "--quiet")
    text = " ".join(out.decode().split())
    assert code == 0
    # users of graphite are in the table of critical inputs; no record tells who uses tantalite
    assert text.startswith("Over 60 simulated years what is priced of disruption costs India at least USD")
    assert "not the whole loss" in text
    assert "tantalum (tantalite concentrate) (no record tells who uses it)" in text
    code, out, _ = ask(capsysbinary, *WORDS, "--quiet", "--format", "json")
    found = json.loads(out)
    listed = {table["key"]: table for table in found["tables"]}
    assert {row["loss"] for row in listed["summary"]["rows"]} == {None}
    assert [row["material"] for row in listed["materials"]["rows"]] == ["cobalt"]
    assert {row["material"] for row in listed["not_priced"]["rows"]} == {"tantalum"}
    assert found["command"] == "khanij risk IND --years 60 --seed 3 --material cobalt,tantalum --no-pairs"


def test_a_stopped_run_says_what_is_kept_and_goes_on_to_the_same_bytes(capsysbinary, tmp_path, monkeypatch):
    bundle, whole = tmp_path / "bundle", tmp_path / "whole"
    written = chunks.Chunks.write

    def stop(self, at, arrays):
        written(self, at, arrays)
        raise KeyboardInterrupt

    monkeypatch.setattr(chunks.Chunks, "write", stop)
    code, out, err = ask(capsysbinary, *WORDS, "--quiet", "--bundle", str(bundle))
    assert (code, out) == (130, b"")
    assert "bundle.part; the same command goes on" in err
    assert len(list((tmp_path / "bundle.part").glob("*.npz"))) == 1
    monkeypatch.undo()
    assert ask(capsysbinary, *WORDS, "--quiet", "--bundle", str(bundle))[0] == 0
    assert not (tmp_path / "bundle.part").exists()
    assert ask(capsysbinary, *WORDS, "--quiet", "--workers", "2", "--bundle", str(whole))[0] == 0
    names = sorted(path.name for path in whole.iterdir())
    assert "not_priced.parquet" in names
    assert all((bundle / name).read_bytes() == (whole / name).read_bytes() for name in names)


@pytest.mark.parametrize(
    ("words", "what", "where"),
    [
        ("IND --years 10 --tornado 11", "11 years for the tornado", "--tornado"),
        ("IND --years 1", "greater than or equal to 2", "--years"),
        ("IND --material unobtainium", "unknown material", "material"),
        ("IND --material gallium --years 10", "no hazard", "hazards"),
        ("XYZ", "unknown country", "country"),
    ],
)
def test_a_mistake_gets_three_lines_and_exit_code_2(capsysbinary, words, what, where):
    code, out, err = ask(capsysbinary, "risk", *words.split(), "--quiet")
    lines = err.splitlines()
    assert (code, out, len(lines)) == (2, b"", 3)
    assert what in lines[0]
    assert where in lines[1]
