"""Small modules, small functions, cheap imports."""

import ast
import subprocess
import sys

import pytest

MODULE, FUNCTION = 400, 60


def test_modules_are_short(root, modules):
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in modules
    }
    assert {name: length for name, length in lengths.items() if length > MODULE} == {}


def body_lines(function):
    """Return the physical lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short(root, modules):
    long = {}
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > FUNCTION:
                long[f"{path.relative_to(root).as_posix()}:{node.name}"] = body_lines(node)
    assert long == {}


def test_a_body_is_counted_without_its_docstring():
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n\n    return a\n'
    assert body_lines(ast.parse(source).body[0]) == 3
    assert body_lines(ast.parse('def f():\n    """Only words."""\n').body[0]) == 0


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
