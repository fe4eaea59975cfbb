"""Walk the registry: every method says what it computes, from where, in which unit, within what, checked by what."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from khanij.analyses.runner import methods
from khanij.core import units
from khanij.core.registry import Method

ROOT = Path(__file__).parents[2]
METHODS = list(methods().values())
AXES = {"material", "stage", "country", "partner", "focus", "year", "sector", "dimension", "draw", "month"}
AXES |= {"technology", "use", "route", "step", "flow"}
INDICATORS = [m for m in METHODS if m.function.__module__.startswith("khanij.methods.")]
both = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.id)
ours = pytest.mark.parametrize("method", INDICATORS, ids=lambda m: m.id)


def text(method: Method) -> str:
    return inspect.getdoc(method.function) or ""


def test_there_are_methods() -> None:
    assert {"production-hhi", "geopolrisk", "eu-supply-risk", "import-reliance"} <= set(methods())


@both
def test_id_and_title(method: Method) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", method.id)
    assert method.title.endswith(".")
    assert method.higher in ("worse", "better", "neutral")


@both
def test_reference_names_who_and_when(method: Method) -> None:
    assert re.search(r"[A-Z][a-zé]+|[A-Z]{3,}", method.reference)
    assert re.search(r"\b(19|20)\d\d\b", method.reference)


@both
def test_every_variable_has_unit_axes_bounds_and_meaning(method: Method) -> None:
    for variable in method.variables:
        assert variable.meaning, variable.name
        assert units.factor(variable.unit, variable.unit) == 1.0
        assert set(variable.axes) <= AXES, variable.name
        low, high = variable.bounds
        assert low < high


@both
def test_every_parameter_is_documented_and_its_default_allowed(method: Method) -> None:
    for name, default in method.parameters.items():
        assert re.search(rf"^\s*{name}\b", text(method), re.MULTILINE), name
        if name in method.choices and default is not None:  # None: the caller must say it
            assert default in method.choices[name]
    assert set(method.choices) <= set(method.parameters)


@ours
def test_the_docstring_holds_the_equation_and_what_is_returned(method: Method) -> None:
    assert re.search(r"^\s*\w+(\[[^\]]*\])?\s*=\s*\S", text(method), re.MULTILINE), "no equation"
    assert "Returns " in text(method)
    for variable in method.variables:
        assert variable.name in text(method), variable.name


@ours
def test_a_golden_or_an_oracle_is_named_and_there(method: Method) -> None:
    named = re.search(r"^(Golden|Oracle): .*", text(method), re.MULTILINE | re.DOTALL)
    assert named, "no golden or oracle"
    paths = re.findall(r"tests/[\w/.-]+?\.(?:toml|py)", named.group(0))
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path
    for name in re.findall(r"(?<![/\w-])([\w-]+\.toml)", named.group(0)):
        assert (ROOT / "tests" / "golden" / name).exists(), name


@ours
def test_needs_and_options_are_apart(method: Method) -> None:
    assert not set(method.needs) & set(method.optional)
