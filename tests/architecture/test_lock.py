"""The lock pins every version with hashes, holds no address, and covers what pyproject asks for."""

import re
import tomllib


def names(requirements):
    return {re.split(r"[\s<>=!~;\[]", line)[0].lower().replace("_", "-") for line in requirements}


def pinned(root):
    text = (root / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_every_line_is_a_version_with_hashes(root):
    for line in pinned(root):
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+ ", line), line
        assert "--hash=sha256:" in line, line


def test_there_is_no_address(root):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|--(?:extra-)?index-url|--find-links|--trusted-host", text)


def test_the_lock_covers_what_the_project_asks_for(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = names(
        [*project["project"]["dependencies"], *extras["dev"], *extras["docs"], *project["build-system"]["requires"]]
    )
    assert asked <= names(pinned(root)), "run make lock"


def test_the_lock_of_what_runs_is_part_of_the_other(root):
    """`make brief` and `make serve` install less than `make test`, of the same versions."""
    text = (root / "requirements-run.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    run_lock = {line.split()[0] for line in text.splitlines() if line.strip()}
    assert run_lock <= {line.split()[0] for line in pinned(root)}, "run make lock"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = names([*project["project"]["dependencies"], *extras["plan"], *project["build-system"]["requires"]])
    assert asked <= names(run_lock)
    assert not names(extras["docs"]) & names(run_lock)
    assert "playwright" not in names(run_lock)
    assert "--hash=sha256:" in text
    assert not re.search(r"https?:|--index-url", text)
