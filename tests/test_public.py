"""What `import khanij` offers."""

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

import khanij

UNNAMED = set(  # modules of kernels in which a docstring does not name a parameter yet
    """
    balance_conflict bounded_least_squares bounds cascade dependence derived_demand exceedance excitation
    exportfalls inputoutput intervals linear_balances logistic market_newton maxflow monthly_loss
    monthly_second_order observability origin physical_base physical_edges processes reconciliation sampling
    sparse_balances stockflow
    """.split()
)
UNSHOWN = {"khanij.core.errors", "khanij.core.result", "khanij.analyses.runner"}  # their examples stand in the README


@pytest.mark.parametrize("name", khanij.__all__)
def test_every_public_name_is_there(name):
    assert callable(getattr(khanij, name))


def test_no_public_name_is_hidden_by_a_subpackage():
    packages = {path.parent.name for path in Path(khanij.__file__).parent.glob("*/__init__.py")}
    assert packages & set(khanij.__all__) == set(), "importing the subpackage would replace the function"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'cases'"):
        importlib.import_module("khanij").cases  # noqa: B018


def functions(name):
    """Yield what a user calls of a public name: the function, or the public methods of the class."""
    held = getattr(khanij, name)
    found = {key: each for key, each in vars(held).items() if not key.startswith("_")} if inspect.isclass(held) else {}
    for key, each in found.items() or [(name, held)]:
        if inspect.isroutine(each := getattr(each, "__func__", each)):
            yield key, each


@pytest.mark.parametrize("name", khanij.__all__)
def test_every_parameter_and_field_is_named_in_the_docstring(name):
    for key, each in functions(name):
        told = inspect.getdoc(each) or ""
        names = set(inspect.signature(each).parameters) - {"self", "cls"}
        assert [one for one in sorted(names) if not re.search(rf"\b{one}\b", told)] == [], key
    held = getattr(khanij, name)
    fields = [one for one in getattr(held, "__dataclass_fields__", ()) if not one.startswith("_")]
    assert [one for one in fields if not re.search(rf"\b{one}\b", held.__doc__)] == []


@pytest.mark.parametrize("module", sorted({getattr(khanij, name).__module__ for name in khanij.__all__}))
def test_the_examples_of_what_is_public_hold(module):
    ran = doctest.testmod(importlib.import_module(module))
    assert ran.failed == 0
    assert ran.attempted > 0 or module in UNSHOWN


def test_every_parameter_of_an_equation_is_named():
    """But for the modules in UNNAMED, a list to which nothing may be added."""
    lacking = set()
    for path in sorted((Path(khanij.__file__).parent / "kernels").rglob("*.py")):
        for each in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                told = ast.get_docstring(each) or ""
                if any(not re.search(rf"\b{one.arg}\b", told) for one in each.args.args + each.args.kwonlyargs):
                    lacking.add(path.stem)
    assert lacking <= UNNAMED
