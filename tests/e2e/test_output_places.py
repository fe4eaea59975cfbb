"""Where answers go: whole or not at all, three lines for a place that will not have them, nothing of a user's lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from khanij.cli import app, output
from khanij.core.errors import StudyError

LIST = ["data", "list", "stages", "--format", "csv"]
posix = pytest.mark.skipif(os.name != "posix", reason="devices and signals of POSIX")


def said(capsys, *words):
    code = app.launch([*words])
    told = capsys.readouterr()
    return code, told.err.splitlines()


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("none/x.csv", "no folder"),
        ("letter.docx", "did not write"),
        ("x" * 300 + ".csv", "too long"),
        ("file/x.csv", ""),
    ],
)
def test_a_place_that_will_not_have_it_gets_three_lines_and_keeps_what_it_has(tmp_path, capsys, place, what) -> None:
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04 a letter")
    (tmp_path / "file").write_text("mine")
    before = sorted(path.name for path in tmp_path.iterdir())
    code, lines = said(capsys, *LIST, "--out", str(tmp_path / place))
    assert code == 2
    assert len(lines) == 3
    assert what in lines[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "letter.docx").read_bytes() == b"PK\x03\x04 a letter"


def test_the_same_question_writes_its_file_again(tmp_path, capsys) -> None:
    path = tmp_path / "stages.csv"
    for _ in range(2):
        assert said(capsys, *LIST, "--out", str(path))[0] == 0
    assert path.read_text().startswith("material,")


def test_a_bundle_leaves_a_folder_of_a_user_s_alone_before_any_work_is_done(tmp_path, capsys, monkeypatch) -> None:
    (tmp_path / "trace.json").write_text("{}")
    (tmp_path / "thesis.docx").write_text("mine")
    monkeypatch.setattr("khanij.cli.commands.ask", lambda *_, **__: pytest.fail("it was asked"))
    code, lines = said(capsys, *LIST, "--bundle", str(tmp_path))
    assert (code, len(lines)) == (2, 3)
    assert "something else" in lines[0]
    assert (tmp_path / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (OSError(28, "No space left on device"), "no space"),
        (MemoryError(), "no memory is left"),
        (ZeroDivisionError("division by zero"), "khanij failed"),
        (RecursionError("deep"), "khanij failed"),
        (KeyError("x\ny"), "khanij failed"),
        (StudyError("no\nsuch", where="a place", hint="another"), "no such"),
    ],
)
def test_every_error_ends_in_three_lines(capsys, monkeypatch, broken, what) -> None:
    def fail(*_, **__):
        raise broken

    monkeypatch.setattr("khanij.cli.commands.ask", fail)
    code, lines = said(capsys, *LIST)
    assert (code, len(lines)) == (2, 3)
    assert what in lines[0]
    assert all(len(line) > len("hint:  -") for line in lines)


def test_ctrl_c(capsys, monkeypatch) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("khanij.cli.commands.ask", stop)
    code, lines = said(capsys, *LIST)
    assert code == 130
    assert len(lines) == 1


def test_an_error_of_ours_shows_its_trace_where_it_is_asked_for(monkeypatch) -> None:
    monkeypatch.setattr("khanij.cli.commands.ask", lambda *_, **__: 1 / 0)
    monkeypatch.setenv("KHANIJ_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        app.launch(LIST)


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which `khanij` is this code."""
    env = {**os.environ, "KHANIJ": f"{sys.executable} -m khanij"}
    whole = f"set -o pipefail; {line}"
    return subprocess.run(["bash", "-c", whole], env=env, capture_output=True, text=True, check=False)


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_closed_and_full_outputs() -> None:
    ask = "$KHANIJ data list countries --format csv"
    pipe = shell(f"{ask} | head -1")
    assert (pipe.returncode, pipe.stderr) == (0, "")
    full = shell(f"{ask} > /dev/full")
    assert full.returncode == 2
    assert len(full.stderr.splitlines()) == 3
    closed = shell(f"{ask} >&-")
    assert closed.returncode == 2
    assert len(closed.stderr.splitlines()) == 3
    helped = shell("$KHANIJ --help > /dev/full")
    assert helped.returncode == 2
    assert len(helped.stderr.splitlines()) == 3


def test_what_is_told_of_an_error_of_the_system() -> None:
    told = output.told(FileNotFoundError(2, "No such file or directory", "x.csv"))
    assert told.lines()[1] == "where: x.csv"
