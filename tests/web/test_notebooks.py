"""The tutorials run as they are printed, their notebooks hold the same cells, and an answer shows itself."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

from khanij.analyses.question import Answer, ask, request
from khanij.core.errors import StudyError

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.py"))


@pytest.fixture(scope="module")
def notebooks():
    spec = importlib.util.spec_from_file_location("khanij_notebooks", DOCS / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs_and_what_ends_a_cell_shows_itself(notebooks, path, capsys):
    names, shown = {}, 0
    for kind, source in notebooks.cells(path.read_text(encoding="utf-8")):
        if kind == "markdown":
            assert source
            continue
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        value = eval(compile(ast.Expression(last.value), path.name, "eval"), names) if last else None
        if isinstance(value, Answer):
            html = value._repr_html_()
            assert "<table" in html
            assert "<script" not in html
            shown += 1
    assert shown or capsys.readouterr().out


def test_a_notebook_holds_the_cells_of_its_tutorial(notebooks, tmp_path, capsys):
    notebooks.main(tmp_path)
    for path in TUTORIALS:
        made = json.loads((tmp_path / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
        kept = [(cell["cell_type"], cell["source"]) for cell in made["cells"]]
        assert kept == notebooks.cells(path.read_text(encoding="utf-8"))
        assert made["nbformat"] == 4


def test_a_figure_is_drawn_by_its_id_and_rows_are_cut():
    answer = ask(request("chain", material="cobalt", focus="IND"))
    assert answer.plot().data
    with pytest.raises(StudyError, match="no figure"):
        answer.plot("nothing")
    listed = ask(request("register"))
    assert "more rows are not shown" in listed._repr_html_()
