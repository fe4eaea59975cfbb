"""What one touches to add a question, a method, a lever, a source: so many files, in a copy of the tree, and it works.

The files of each toy lie under toys/, as they would in the tree; `edits.toml` says which lines of tables or lists they
need besides. Each brings its own test, which runs in the copy together with the contracts.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TOYS = Path(__file__).with_name("toys")
CONTRACTS = ("tests/contract", "tests/golden", "tests/plan/worlds.py", "tests/methods/test_golden.py")
CONTRACTS += ("docs/build.py", "pyproject.toml")
SAY = (
    "import shlex, sys\nfrom khanij.cli.app import launch\nsys.exit(max(launch(shlex.split(a)) for a in sys.argv[1:]))"
)
DEFAULTS = """
from khanij.analyses import runner
assert runner.default("assess")[0] == runner.default("compare")[-1] == "effective-producers"
"""


class Copy:
    """A copy of the package and its contracts, and the files of it that a toy touches."""

    def __init__(self, root, folder):
        self.folder = folder
        self.touched = set()
        nothing = shutil.ignore_patterns("*.parquet", "__pycache__")
        shutil.copytree(root / "src" / "khanij", folder / "src" / "khanij", ignore=nothing)
        for name in CONTRACTS:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (root / name).is_dir() else shutil.copy
            copy(root / name, folder / name)
        self.store = folder / "store"
        self.store.mkdir()
        for path in (root / "src" / "khanij" / "data" / "store").iterdir():
            (self.store / path.name).symlink_to(path)

    def add(self, toy):
        """Add a toy: its files are new, its edits add lines to files that are there."""
        for path in sorted(toy.rglob("*")):
            name = path.relative_to(toy).as_posix().removesuffix(".txt")
            if path.is_file() and "__pycache__" not in path.parts and name != "edits.toml":
                target = self.folder / name
                assert not target.exists(), name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
                self.touched.add(name)
        edits = toy / "edits.toml"
        for edit in tomllib.loads(edits.read_text(encoding="utf-8"))["edit"] if edits.is_file() else ():
            path = self.folder / edit["file"]
            text = path.read_text(encoding="utf-8")
            after = edit.get("after", "") or text
            assert text.count(after) == 1, edit
            path.write_text(text.replace(after, after + edit["lines"]), encoding="utf-8")
            self.touched.add(edit["file"])

    def run(self, *arguments):
        """Return what Python says in the copy, spaces run together."""
        surroundings = {**os.environ, "PYTHONPATH": str(self.folder / "src"), "KHANIJ_STORE": str(self.store)}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    def test(self, *arguments):
        """Run tests in the copy; at least one must pass."""
        assert " passed" in self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments)


@pytest.fixture
def copy(root, tmp_path):
    return Copy(root, tmp_path)


def test_a_question_is_five_files(copy):
    copy.add(TOYS / "question")
    assert len(copy.touched) == 5, sorted(copy.touched)
    copy.test("tests/analyses/test_leading.py", "tests/contract/test_questions.py", "-k", "leading or sorted")
    said = copy.run("-c", SAY, "--help", "leading --help", "leading IND --material lithium --year 2023 --format csv")
    assert "leading Who makes most of a mineral." in said
    assert "--stage" in said
    assert "lithium,mined,AUS" in said


def test_a_method_is_four_files(copy):
    copy.add(TOYS / "method")
    assert len(copy.touched) == 4, sorted(copy.touched)
    walks = ("tests/contract/test_registry.py", "tests/methods/test_golden.py")
    copy.test("tests/methods/test_effective_producers.py", *walks, "-k", "effective")
    code = f"{DEFAULTS}{SAY}"
    asked = "assess IND --method effective-producers --material lithium --year 2023"
    said = copy.run("-c", code, "methods --format csv", asked, f"{asked} --draws 20")
    assert said.count("effective-producers") >= 3
    assert "Producers of equal size that would be as concentrated." in said


def test_a_lever_is_four_files(copy):
    copy.add(TOYS / "lever")
    assert len(copy.touched) == 4, sorted(copy.touched)
    copy.test("tests/plan/test_seawater.py")


def test_a_source_is_seven_files(copy):
    copy.add(TOYS / "source")
    assert len(copy.touched) == 7, sorted(copy.touched)
    copy.test("tests/data/test_adits.py")
    built = "data build --raw tests/data/fixtures --only adits"
    said = copy.run("-c", SAY, built, "data list", "run production-hhi --material lithium --year 2023 --format csv")
    assert "Output of mines, made up" in said
    assert "adits@1" in said


def test_ones_own_data_are_one_file(copy):
    if not (copy.folder / "src" / "khanij" / "analyses" / "inputs" / "own_files.py").is_file():
        pytest.skip("own facts are laid over the store once `--own` reaches a Case: then one file, for any question")
    copy.add(TOYS / "own")
    assert copy.touched == {"own.csv"}
    asked = "run production-hhi --material lithium --year 2023 --format csv"
    said = copy.run("-c", SAY, f"{asked} --own own.csv")
    assert "own:own.csv@" in said
    assert "own:" not in copy.run("-c", SAY, asked)
