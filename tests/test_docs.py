"""The documentation is that of this code: its tables are current, its links lead somewhere, its pages can be made."""

import importlib.util
import re
import runpy
import shlex
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from khanij import reference
from khanij.analyses import runner
from khanij.analyses.questions import QUESTIONS
from khanij.analyses.study.request import read
from khanij.cli import app, commands
from khanij.core.registry import package_version
from khanij.data.facts import record
from khanij.plan.levers import LEVERS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("khanij_docs_build", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_lists_what_is_embedded(build):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == build.renewed(text), "run make sources"


def test_every_question_method_and_source_has_a_page(build):
    pages = build.pages()
    assert set(pages["Questions"]) == {f"questions/{q.name.replace(' ', '-')}.md" for q in QUESTIONS}
    assert set(pages["Methods"]) == {f"methods/{id}.md" for id in runner.methods()}
    assert set(pages["Sources"]) == {f"sources/{id}.md" for id in record.sources()}
    assert set(pages["Quantities"]) == {f"quantities/{id}.md" for id in reference.quantities()}
    assert set(pages["Levers"]) == {f"levers/{kind}.md" for kind in LEVERS}
    for kind, about in LEVERS.items():
        page = pages["Levers"][f"levers/{kind}.md"]
        assert all(f"`{one.name}`" in page and one.metadata["meaning"] in page for one in fields(about))
    for id, method in runner.methods().items():
        page = pages["Methods"][f"methods/{id}.md"]
        assert method.reference in page
        assert all(variable.name in page for variable in method.variables)


@pytest.mark.parametrize("script", [*ROOT.glob("benchmarks/*.py"), *ROOT.glob("docs/*.py")], ids=lambda path: path.name)
def test_a_script_beside_the_package_loads(script):
    """What no test runs for its length must at least find what it names: one benchmark had lost two names unseen."""
    assert "__doc__" in runpy.run_path(str(script), run_name="loaded")


def test_links_between_files_lead_somewhere():
    lost = []
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]:
        targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        lost += [f"{path.name}: {target}" for target in targets if not (path.parent / target).exists()]
    assert lost == []


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert package_version() == project == cited


def documented():
    """Return the commands in code blocks of the README and the pages, each once."""
    found = {}
    for path in [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/methods/*.md")]:
        for block in re.findall(r"```(?:sh|text)?\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            for line in re.findall(r"^(?:\$ )?khanij (.+)$", block, re.MULTILINE):
                found.setdefault(" ".join(shlex.split(line, comments=True)), shlex.split(line, comments=True))
    return found


class Asked(BaseException):
    """What a command has come to before anything is computed; no Exception, or the command line would tell of it."""


def test_the_documented_commands_are_questions_as_they_are_asked(monkeypatch):
    asked = []

    def keep(request, **_):
        asked.append(request.question)
        raise Asked

    monkeypatch.setattr(commands, "ask", keep)
    monkeypatch.chdir(ROOT)
    names = sorted((question.name for question in QUESTIONS), key=len, reverse=True)
    lines = documented()
    assert len(lines) > 30
    for line, words in lines.items():
        words = ["events", "list", *words[1:]] if words == ["events"] else words
        name = next((name for name in names if words[: len(name.split())] == name.split()), None)
        lacking = [word for word in words if re.search(r"\.(yaml|csv|xlsx)$", word) and not Path(word).is_file()]
        if name is not None and not lacking:  # a page may name a file of the reader's own
            with pytest.raises(Asked):
                app.launch(words)
            assert asked.pop() == name, line


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SCRIPTS = [
    (path.name, block)
    for path in PAGES
    for block in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    if block.startswith(("import ", "from "))  # what begins otherwise shows a part
]


@pytest.mark.parametrize(("page", "block"), SCRIPTS, ids=[page for page, _ in SCRIPTS])
def test_the_documented_python_runs(page, block):
    exec(compile(block, page, "exec"), {})


# folders in which a page may name a file by a path of its own
HOMES = ("", "src", "src/khanij", "src/khanij/reference/tables", "docs", "tests", "studies", "benchmarks")
USERS = {"magnets.yaml", "chances.csv", "Recycling.csv"}  # a reader's own, or a publisher's


def test_files_that_the_documentation_names_are_there():
    everything = {path.name for path in (ROOT / "src").rglob("*.*")}
    lost = []
    for path in [*PAGES, ROOT / "benchmarks" / "README.md"]:
        for name in re.findall(r"`([\w/-]+\.(?:py|csv|toml|yaml))`", path.read_text(encoding="utf-8")):
            there = any((ROOT / home / name).exists() for home in HOMES) or ("/" not in name and name in everything)
            if not there and name not in USERS and not re.search(r"\b[A-Z]+\/", name):  # NAME/ stands for any
                lost.append(f"{path.name}: {name}")
    assert lost == []


def test_modules_that_the_documentation_names_are_there():
    lost = []
    for path in PAGES:
        for name in re.findall(r"`(khanij(?:\.[a-z_]+)+)`", path.read_text(encoding="utf-8")):
            parts = name.split(".")
            homes = [(ROOT / "src").joinpath(*parts[:end]) for end in (len(parts), len(parts) - 1)]
            if not any(home.is_dir() or home.with_suffix(".py").is_file() for home in homes):
                lost.append(f"{path.name}: {name}")
    assert lost == []


OLD = (
    "one purse",
    "luck of years",
    "unseen years",
    "fresh years",
    "fresh scenarios",
    "common ground",
    "strike together",
)
OLD += ("worth of one more", "loss if left out", "unlike scenarios", "of it gains", "single stop of the partner costs")


def test_no_page_or_column_uses_a_word_that_was_given_up():
    paths = [path for path in PAGES if path.name != "CHANGELOG.md"]
    paths.append(ROOT / "src" / "khanij" / "reference" / "tables" / "columns.csv")
    texts = {path.name: " ".join(path.read_text(encoding="utf-8").lower().split()) for path in paths}
    assert [(name, word) for name, text in texts.items() for word in OLD if word in text] == []


def test_the_glossary_is_in_order_and_says_each_word_once():
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()[4:]
    words = [line.split("|")[1].strip().lower().replace("\u2011", "-") for line in lines]
    assert words == sorted(set(words))
    assert all(len(line.split("|")) == 4 for line in lines)


def test_the_answers_of_studies_that_are_shown_are_whole():
    """`python docs/plans.py` writes them; every part of the mission is given money or the reason why it has none."""
    spec = importlib.util.spec_from_file_location("khanij_docs_plans", ROOT / "docs" / "plans.py")
    plans = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plans)
    shown = {mark[2]: mark[3] for path in plans.PAGES for mark in plans.ANSWERS.finditer(path.read_text("utf-8"))}
    assert {"ncmm", "ncmm-self-reliance", "india-russia-2025", "germany-chile"} <= set(shown)
    for study, told in shown.items():
        assert read(ROOT / "studies" / f"{study}.yaml").requests
        assert told.startswith(f"```text\n$ khanij study run studies/{study}.yaml\n"), "run python docs/plans.py"
        assert told.count("\n") > 5, study
        assert re.search(r"\d", told)
    mission = " ".join(shown["ncmm"].split())
    parts = [row["component"][:1].upper() + row["component"][1:] for row in reference.rows("programme_components")]
    assert all(f"{part}: " in mission for part in parts), "run python docs/plans.py"
    given = re.search(r"By part\. (.*?)\. Nothing", mission)[1]
    spent = {name: float(amount.replace(",", "")) for name, amount in re.findall(r"([^:;]+): ([\d,.]+) crore", given)}
    whole = float(re.search(r"spends ([\d,]+) crore", mission)[1].replace(",", ""))
    assert sum(amount for name, amount in spent.items() if name.strip() in parts) == pytest.approx(whole, rel=0.02)
