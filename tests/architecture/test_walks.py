"""The counter of walks on a small package, and the counts that the page of the architecture shows."""

import importlib.util
import re
import sys

import pytest

MOST = {"a year through `khanij risk`": 20, "a focus through the disruption part of a brief": 40}
TOY = """
def ask(year):
    return [each for each in map(lambda one: middle(one), [year])]


def middle(years=()):
    return last(years) + carried({"year": years}) + other(1999)


def last(at):
    return len(str(at))


def carried(request):
    return last(request["year"])


def other(year):
    return last(year)
"""


@pytest.fixture(scope="module")
def walks(root):
    spec = importlib.util.spec_from_file_location("khanij_docs_walks", root / "docs" / "walks.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("value", [2024, "2024", (2024,)])
def test_who_takes_a_value_and_who_passes_it_on(walks, tmp_path, monkeypatch, value):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "steps.py").write_text(TOY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "toy")
    steps = importlib.import_module("steps")
    try:
        found = walks.walk(lambda: steps.ask(value), frozenset({2024, "2024"}), tmp_path / "toy")
    finally:
        del sys.modules["steps"]
    assert list(found.takes) == ["steps:ask", "steps:middle", "steps:last"]
    assert list(found.passes) == ["steps:ask", "steps:middle"]
    assert sys.getprofile() is None


def test_the_page_holds_every_walk_and_none_is_too_long(walks, root):
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    held = text.partition(walks.BEGIN)[2].partition(walks.END)[0]
    counts = {name: int(passes) for name, passes in re.findall(r"^\| (a .+?) \| \d+ \| (\d+) \|$", held, re.MULTILINE)}
    assert set(counts) == set(walks.WALKS), "run python docs/walks.py"
    assert {name: counts[name] for name, most in MOST.items() if counts[name] > most} == {}


def test_a_page_without_its_marks_is_refused(walks):
    assert walks.renewed(f"a\n{walks.BEGIN}\nold\n{walks.END}\nb", "new") == f"a\n{walks.BEGIN}\nnew\n{walks.END}\nb"
    with pytest.raises(ValueError, match="no walks"):
        walks.renewed("a", "new")
