"""The layer contracts hold, and each is seen to break on a planted violation."""

import os
import shutil
import subprocess
import sys

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


def test_each_contract_breaks_on_a_planted_violation(copy):
    for path, (text, _) in PLANTED.items():
        (copy / "src" / "khanij" / path).write_text(f"{text}\n")
    found = lint(copy)
    assert found.returncode == 1, found.stdout + found.stderr
    assert " 0 kept" in found.stdout, "a contract that nothing can break guards nothing"
    missed = [path for path, (_, report) in PLANTED.items() if report not in found.stdout]
    assert not missed, found.stdout
