"""The files that architecture tests walk: what is tracked, or would be."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = {".venv", "__pycache__", ".git", "site", "brief"}


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def tracked():
    """Every file that git tracks or would add; from an archive without git, every file."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        found = [ROOT / name for name in listed if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not HIDDEN & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file())


@pytest.fixture(scope="session")
def modules():
    """Every Python module of the package."""
    return sorted((ROOT / "src" / "khanij").rglob("*.py"))


collect_ignore = ["toys"]  # tests of the toys run in a copy of the tree: test_extension.py
