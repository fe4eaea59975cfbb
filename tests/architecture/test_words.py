"""What may stand nowhere: a country in code, a machine's path, a registry's address."""

import ast
import re

import pytest

from khanij import reference

# In parts, so that this file does not hold what it forbids.
PATHS = ["/" + name for name in ("work/", "root/", "opt/wheels", "etc/xdg", "tmp/bash", "tmp/boot", "tmp/brief")]
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org", "docker" + ".io"]


def code(root, modules):
    """Return the modules in which no country may be named: all but the tables' readers and the publishers' parsers."""
    outside = (root / "src" / "khanij" / "reference", root / "src" / "khanij" / "data" / "sources")
    templates = [path for path in (root / "src").rglob("*.j*") if path.suffix in (".j2", ".js")]
    return [
        path
        for path in (*modules, *templates)
        if not path.is_relative_to(outside[0]) and not path.is_relative_to(outside[1])
    ]


def test_no_country_is_named_in_code(root, modules):
    names = sorted(set(reference.countries().values()) | {row["name"] for row in reference.rows("country_names")})
    pattern = re.compile(r"(?<![\w])(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")
    found = {}
    for path in code(root, modules):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            example = line.lstrip().startswith(">>> ")  # what a person types
            if (hit := pattern.findall(line)) and not example:
                found[f"{path.relative_to(root).as_posix()}:{number}"] = hit
    assert found == {}


def test_no_country_code_is_a_constant_in_code(root, modules):
    codes = set(reference.countries())
    found = {}
    for path in code(root, modules):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in codes:
                    found[f"{path.relative_to(root).as_posix()}:{node.lineno}"] = node.value
    assert found == {}


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w./~-])(?:" + "|".join(map(re.escape, PATHS)) + ")"),
        ("a registry's address", "|".join(map(re.escape, HOSTS))),
    ],
)
def test_no_file_holds(root, tracked, what, pattern):
    search = re.compile(pattern.encode())
    found = [path.relative_to(root).as_posix() for path in tracked if search.search(path.read_bytes())]
    assert found == [], what


def test_the_search_sees_what_it_forbids():
    search = re.compile(r"(?<![\w./~-])(?:" + "|".join(map(re.escape, PATHS)) + ")")
    assert search.search(f'open("{PATHS[0]}main/x")')
    assert not search.search(f"https://example.org{PATHS[0]}x")


def test_nothing_is_left_unfinished(root, modules):
    words = re.compile(
        r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|place" + r"holder|for n" + r"ow|dum" + r"my)\b", re.IGNORECASE
    )
    found = [path.relative_to(root).as_posix() for path in modules if words.search(path.read_text(encoding="utf-8"))]
    assert found == []
