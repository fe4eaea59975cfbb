"""Small modules, small functions, small rooms, one class a name, no circle; each rule is seen to break when planted."""

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache

import pytest

MODULE, FUNCTION, FOLDER, ROOM = 400, 60, 12, 0.25
# What does not keep a rule yet: each list may only shrink, and what keeps its rule must leave it.
CROWDED: dict[str, int] = {}  # folders to be split
LARGE: dict[str, float] = {}  # rooms to be made smaller
SAME_NAME: set[str] = set()  # classes to be renamed


@cache
def parsed(package):
    """Return path below the package -> its tree, of every module."""
    paths = sorted(package.rglob("*.py"))
    return {path.relative_to(package).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def lengths(package):
    return {
        path.relative_to(package).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(package.rglob("*.py"))
    }


def long_modules(package):
    return {name: length for name, length in lengths(package).items() if length > MODULE}


def long_functions(package):
    """Return function -> lines from its name to its end, its docstring and signature included."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    found = {}
    for name, tree in parsed(package).items():
        for node in ast.walk(tree):
            if isinstance(node, kinds) and node.end_lineno - node.lineno + 1 > FUNCTION:
                found[f"{name}:{node.name}"] = node.end_lineno - node.lineno + 1
    return found


def large_rooms(package):
    """Return room -> its part of the lines, where that is too large or the room stands on the list without need."""
    lines = Counter()
    for name, length in lengths(package).items():
        lines[name.partition("/")[0]] += length
    parts = {room: count / lines.total() for room, count in lines.items()}
    wrong = {room: part for room, part in parts.items() if part > LARGE.get(room, ROOM)}
    return wrong | {room: parts[room] for room in LARGE if room in parts and parts[room] <= ROOM}


def crowded_folders(package):
    """Return folder -> named modules, where it has too many or stands on the list without need."""
    modules = Counter(name.rpartition("/")[0] for name in lengths(package) if not name.endswith("__init__.py"))
    wrong = {folder: count for folder, count in modules.items() if count > CROWDED.get(folder, FOLDER)}
    return wrong | {folder: modules[folder] for folder in CROWDED if folder in modules and modules[folder] <= FOLDER}


def shared_names(package):
    """Return class -> modules, where more than one module has a class of that name."""
    homes = defaultdict(list)
    for name, tree in parsed(package).items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    return {name: modules for name, modules in homes.items() if len(modules) > 1}


def imports(package):
    """Return module -> modules of the package that it imports anywhere, lazily or for types alone as well."""
    trees = {}
    for path, tree in parsed(package).items():
        parts = [package.name, *path.removesuffix(".py").split("/")]
        trees[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = tree
    graph = {}
    for module, tree in trees.items():
        named = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= whole & set(trees) or {node.module}
        graph[module] = (named & set(trees)) - {module}
    return graph


def circles(graph):
    """Return what is left when modules that import nothing left, or that nothing left imports, are taken away."""
    left = {module: set(named) for module, named in graph.items()}
    while True:
        imported = {name for named in left.values() for name in named}
        ends = {module for module, named in left.items() if not named or module not in imported}
        if not ends:
            return sorted(left)
        left = {module: named - ends for module, named in left.items() if module not in ends}


RULES = {
    "modules": long_modules,
    "functions": long_functions,
    "rooms": large_rooms,
    "folders": crowded_folders,
    "circles": lambda package: circles(imports(package)),
}


@pytest.fixture
def package(root):
    return root / "src" / "khanij"


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps(package, rule):
    assert not RULES[rule](package)


def test_no_two_classes_have_one_name(package):
    assert set(shared_names(package)) == SAME_NAME, (
        "a name that stands for two things, or one to be struck off the list"
    )


@pytest.fixture
def planted(tmp_path):
    """Return a function that writes modules into a small package, and gives its folder."""

    def plant(**modules):
        folder = tmp_path / "toy"
        for name, text in {"a/__init__": "", "b/__init__": "", "c/__init__": "", "d/__init__": "", **modules}.items():
            path = folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return plant


LONG = 'def f():\n    """Words.\n' + "    More.\n" * (FUNCTION - 3) + '    """\n'
METHOD = "class A:\n    async def g(self):\n" + "        1\n" * FUNCTION
CHAIN = {"a/x": "from toy.b import y\n", "b/y": "import toy.c.z\n", "c/z": "", "d/w": "import toy.a.x"}
BALANCED = {f"{room}/x": "x = 1\n" * 10 for room in "abcd"}


@pytest.mark.parametrize(
    ("rule", "modules", "found"),
    [
        ("modules", {"a/x": "\n" * (MODULE + 1)}, ["a/x.py"]),
        ("modules", {"a/x": "\n" * MODULE}, []),
        ("functions", {"a/x": LONG + "    return 1\n"}, ["a/x.py:f"]),
        ("functions", {"a/x": LONG}, []),
        ("functions", {"a/x": METHOD}, ["a/x.py:g"]),
        ("rooms", {**BALANCED, "a/y": "y = 2\n"}, ["a"]),
        ("rooms", BALANCED, []),
        ("folders", {f"a/m{k}": "" for k in range(FOLDER + 1)}, ["a"]),
        ("folders", {f"a/m{k}": "" for k in range(FOLDER)}, []),
        ("circles", {**CHAIN, "c/z": "from toy.a.x import f\n"}, None),
        ("circles", {"a/x": "from toy.b import y\n", "b/y": "def f():\n    from toy.a import x\n"}, None),
        ("circles", CHAIN, []),
    ],
)
def test_a_rule_sees_what_it_forbids(planted, rule, modules, found):
    broken = list(RULES[rule](planted(**modules)))
    assert broken == found if found is not None else set(broken) >= {"toy.a.x", "toy.b.y"}


def test_what_keeps_its_rule_must_leave_the_list(planted, monkeypatch):
    folder = planted(**BALANCED)
    monkeypatch.setitem(CROWDED, "a", FOLDER + 2)
    monkeypatch.setitem(LARGE, "a", 0.3)
    assert crowded_folders(folder) == {"a": 1}
    assert large_rooms(folder) == {"a": 0.25}


def test_a_name_of_two_classes_is_seen(planted):
    folder = planted(**{"a/x": "class Deal: ...\n", "b/y": "class Deal: ...\nclass Sole: ...\n"})
    assert shared_names(folder) == {"Deal": ["a/x.py", "b/y.py"]}


def test_no_package_is_named_after_nothing(root, modules):
    vague = {"utils", "util", "helpers", "helper", "misc"}
    assert [path.relative_to(root).as_posix() for path in modules if vague & {*path.parts, path.stem}] == []


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("khanij", {"numpy", "polars", "pandas", "plotly", "typer", "pydantic"}),
        ("khanij.methods", {"polars", "pandas", "plotly", "typer", "pydantic"}),
        ("khanij.present", {"polars", "pandas", "typer", "pydantic"}),
    ],
)
def test_an_import_loads_only_what_it_needs(package, forbidden):
    code = f"import sys, {package}; print(*sorted({forbidden!r} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
