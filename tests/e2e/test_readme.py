"""Every command that the README shows runs, on a narrow terminal and on a wide one; slow ones on fewer years."""

import contextlib
import re
import shlex
from pathlib import Path

import pytest

from khanij.analyses.questions import QUESTIONS
from khanij.cli import commands
from khanij.cli.app import launch

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
LINES = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.strip()]
COMMANDS = [line.partition("#")[0].strip() for line in LINES if line.startswith("khanij ")]
WIDTHS = (80, 120)
# options of a command that would take long, in place of those that it shows: one given twice is refused
CHEAP = {
    "measures": "--years 40",
    "risk": "--years 40 --material copper,titanium --workers 1",
    "partner": "--years 40",
    "plan": "--years 40 --material copper,titanium --quick",
}
WRITTEN = "brief"  # the one command that is not run here: tests/e2e/test_brief_page.py writes the page and reads it


def words_of(command):
    return shlex.split(command)[1:]


def is_question(words):
    names = {question.name for question in QUESTIONS}
    return words[0] in names or " ".join(words[:2]) in names


@pytest.fixture(autouse=True)
def once(monkeypatch):
    """Let a question be worked on once, however often it is drawn."""
    answers, ask = {}, commands.ask

    def asked(request, case=None, job=None):
        if request.command() not in answers:
            answers[request.command()] = ask(request, case, job)
        return answers[request.command()]

    monkeypatch.setattr(commands, "ask", asked)


def replaced(words, given):
    """Return the words of a command without the options that are given, and those in their place."""
    kept = list(words)
    for option in (word for word in given if word.startswith("--") and word in kept):
        at = kept.index(option)
        alone = at + 1 == len(kept) or kept[at + 1].startswith("--")
        del kept[at : at + (1 if alone else 2)]
    return [*kept, *given]


def cheap(words, folder):
    """Return the words of a command that takes less long; of a study, on a copy with few years."""
    if words[:2] != ["study", "run"]:
        return replaced(words, CHEAP.get(words[0], "").split())
    text = re.sub(r"(?m)^( *)years: \d+$", r"\1years: 20", (ROOT / words[2]).read_text(encoding="utf-8"))
    path = folder / Path(words[2]).name
    path.write_text(text, encoding="utf-8")
    return ["study", "run", str(path), *words[3:]]


def test_the_readme_shows_commands():
    assert len(COMMANDS) > 20
    assert {line.split()[0] for line in LINES} == {"khanij", "make", "source"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if words_of(command)[0] != WRITTEN])
def test_it_runs_and_fits_the_terminal(command, tmp_path, monkeypatch, capsys):
    words = cheap(words_of(command), tmp_path)
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        assert launch(words) == 0, capsys.readouterr().err
        said = capsys.readouterr().out.splitlines()
        assert len(said) > 2
        if is_question(words) and "--format" not in words:
            assert [row for row in said if len(row) > width] == []


@pytest.mark.parametrize("command", [command for command in COMMANDS if words_of(command)[0] == WRITTEN])
def test_the_brief_has_the_options_that_it_shows(command, capsys):
    with contextlib.suppress(SystemExit):
        launch([WRITTEN, "--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in words_of(command) if word.startswith("--"))


def test_a_comment_tells_what_comes_out(capsys, monkeypatch):
    """The founding article's flow: the figures beside the command are those that it prints."""
    monkeypatch.setenv("COLUMNS", "200")
    (line,) = [line for line in LINES if line.startswith("khanij trade ")]
    assert launch(words_of(line.partition("#")[0])) == 0
    out = capsys.readouterr().out.replace(",", "")
    for figure in re.findall(r"[\d,]{7,}", line.partition("#")[2]):
        assert figure.replace(",", "") in out


@pytest.mark.parametrize("block", [block for kind, block in BLOCKS if kind == "python"])
def test_the_notebook_lines_run(block):
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert {"khanij", "case"} <= set(names)


def test_what_make_builds_has_a_target():
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = {line.split()[1] for line in LINES if line.startswith("make ")}
    assert named
    assert named <= targets
