"""The layer contracts hold, and each is seen to break on a planted violation."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib

import pytest

# module to plant -> (its text, what the report must name)
PLANTED = {
    "core/planted.py": ("import khanij.data", "khanij.core.planted -> khanij.data"),
    "kernels/planted.py": ("import khanij.core.units", "khanij.kernels.planted -> khanij.core.units"),
    "reference/planted.py": ("import khanij.present", "khanij.reference.planted -> khanij.present"),
    "jobs/planted.py": ("import khanij.methods", "khanij.jobs.planted -> khanij.methods"),
    "methods/planted.py": ("import khanij.simulate", "khanij.methods.planted -> khanij.simulate"),
    "demand/planted.py": ("import khanij.data", "khanij.demand.planted -> khanij.data"),
    "data/planted.py": ("import khanij.demand", "khanij.data.planted -> khanij.demand"),
    "data/cubes/planted.py": ("import khanij.data.lookup", "khanij.data.cubes.planted -> khanij.data.lookup"),
    "present/planted.py": (
        "import khanij.analyses\nimport khanij.kernels\nimport pydantic",
        "khanij.present.planted -> khanij.kernels",
    ),
    "simulate/planted.py": ("import polars", "khanij.simulate.planted -> polars"),
    "simulate/supply/planted.py": (
        "import khanij.simulate.risk",
        "khanij.simulate.supply.planted -> khanij.simulate.risk",
    ),
    "plan/planted.py": ("import networkx\nimport pydantic", "khanij.plan.planted -> networkx"),
    "plan/levers/planted.py": ("import khanij.plan.planner", "khanij.plan.levers.planted -> khanij.plan.planner"),
    "analyses/planted.py": ("import polars", "khanij.analyses.planted -> polars"),
    "analyses/inputs/planted.py": (
        "import khanij.analyses.plan",
        "khanij.analyses.inputs.planted -> khanij.analyses.plan",
    ),
    "analyses/risk/tables.py": ("import khanij.kernels", "khanij.analyses.risk.tables -> khanij.kernels"),
    "analyses/plan/planted.py": ("import khanij.data", "khanij.analyses.plan.planted -> khanij.data"),
    "brief/planted.py": ("import khanij.cli", "khanij.brief.planted -> khanij.cli"),
    "web/planted.py": ("import khanij.methods", "khanij.web.planted -> khanij.methods"),
}


@pytest.fixture
def copy(root, tmp_path):
    """A copy of the package's modules with the contracts beside it."""
    shutil.copytree(
        root / "src" / "khanij",
        tmp_path / "src" / "khanij",
        ignore=shutil.ignore_patterns("*.parquet", "*.csv", "__pycache__"),
    )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    surroundings = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)


def test_contracts_hold(copy):
    found = lint(copy)
    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 broken" in found.stdout


READERS = {"inputs", "records"}  # rooms that read facts


def forgotten(package, contracts):
    """Return what rooms of questions import against the rules, those too that no contract names yet.

    A room that no layer names may stand on the common modules and on `inputs`, not on another question.
    """
    layers = next(one["layers"] for one in contracts if one["name"].startswith("Analyses:"))
    named = {room.rpartition(".")[2] for layer in layers for room in layer.split(" | ")}
    rooms = {path.parent.name for path in package.glob("analyses/*/__init__.py")}
    found = []
    for room in sorted(rooms):
        for path in sorted((package / "analyses" / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
            for name in names:
                parts = [*name.split("."), "", "", ""]
                other = parts[2] if parts[:2] == ["khanij", "analyses"] and parts[2] in rooms else ""
                reads = parts[:2] == ["khanij", "data"] and room not in READERS
                if reads or (room not in named and other not in ("", room, "inputs")):
                    found.append(f"{room}/{path.name}: {name}")
    return found


def test_no_room_is_forgotten(root):
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert forgotten(root / "src" / "khanij", contracts) == []
    layers = next(one["layers"] for one in contracts if one["name"].startswith("Layers"))
    top = {f"khanij.{path.parent.name}" for path in root.glob("src/khanij/*/__init__.py")}
    assert top == {room for layer in layers for room in layer.split(" | ")}


def test_a_forgotten_room_is_seen(tmp_path):
    texts = {
        "old": "import khanij.analyses.new.run",
        "new": "from khanij.analyses.old.run import x\nfrom khanij.data.facts import store",
        "inputs": "from khanij.data.facts import store",
        "lone": "from khanij.analyses.inputs import cases\nfrom khanij.analyses.question import ask",
    }
    for room, text in texts.items():
        folder = tmp_path / "analyses" / room
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        (folder / "run.py").write_text(text, encoding="utf-8")
    layers = ["khanij.analyses.old", "khanij.analyses.inputs"]
    found = forgotten(tmp_path, [{"name": "Analyses: in order", "layers": layers}])
    assert found == ["new/run.py: khanij.analyses.old.run", "new/run.py: khanij.data.facts"]


def test_each_contract_breaks_on_a_planted_violation(copy):
    for path, (text, _) in PLANTED.items():
        (copy / "src" / "khanij" / path).write_text(f"{text}\n")
    found = lint(copy)
    assert found.returncode == 1, found.stdout + found.stderr
    assert " 0 kept" in found.stdout, "a contract that nothing can break guards nothing"
    missed = [path for path, (_, report) in PLANTED.items() if report not in found.stdout]
    assert not missed, found.stdout
