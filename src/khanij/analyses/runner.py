"""Run a method of the registry on a Case."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from khanij.core import registry
from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.core.registry import Method, Variable
from khanij.core.result import Result
from khanij.reference.names import country_name

ASSESSED = tuple(range(2016, 2025))  # years of the governance scores that variables without years look at
# importing a family registers its methods
FAMILIES = ("khanij.methods", "khanij.simulate.supply", "khanij.simulate.risk.by_record.likelihood", "khanij.demand")


def methods() -> dict[str, Method]:
    """Return every method by id, those of installed packages (entry points `khanij.methods`) included."""
    _load()
    return dict(sorted(registry.METHODS.items()))


@cache
def _load() -> None:
    """Import what registers methods, once: to ask for entry points reads the files of every installed package."""
    for family in FAMILIES:
        import_module(family)
    for point in entry_points(group="khanij.methods"):
        point.load()


def run(method: str, case: Case, **parameters: Any) -> Result:
    """Return the Result of one method on a Case.

    method      id ("import-hhi")      parameters  name -> value, of the method; its defaults where not given
    case        holds what the method needs; `khanij.case` makes one of the facts in the store
    Raises StudyError for an unknown method or parameter, CoverageError where the Case lacks a quantity.
    """
    methods()
    return registry.run(method, case, **parameters)


def answers(method: str, case: Case) -> bool:
    """Return whether a Case holds all that a method needs."""
    return all(quantity in case.cubes for quantity in find(method).needs)


def find(method: str) -> Method:
    """Return a method by id; raises StudyError with the known ids."""
    methods()
    return registry.find(method)


def of_the_eu(method: Method, focus: str) -> str:
    """Return the sentence that a method's figure is the EU's though another focus is asked, "" where it is not."""
    if focus in ("", "all", "EU27") or not {"eu_supply_share", "use_share"} & set(method.needs):
        return ""
    return (
        f"{method.id} is the European Commission's figure for the EU, whoever asks; of {country_name(focus)} by the "
        f"same method: khanij assess {focus} --method eu-supply-risk"
    )


def default(place: str) -> tuple[str, ...]:
    """Return the methods that an analysis ("assess", "compare") takes when nobody names any, in order."""
    methods()
    return registry.default(place)


def settings(method: Method, texts: Sequence[str]) -> dict[str, Any]:
    """Return parameter -> value of "name=value" texts, read as the type of the parameter's default.

    Raises StudyError for a text without "=", an unknown name, or a value that cannot be read.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in method.parameters:
            known = ", ".join(method.parameters) or "none"
            raise StudyError(
                f"{text!r} sets no parameter of {method.id}", where="--set", hint=f"NAME=VALUE with {known}"
            )
        found[name] = _read(name, value, method.parameters[name])
    return found


def _read(name: str, text: str, default: Any) -> Any:
    """Return the text as the default's type."""
    try:
        match default:
            case bool():
                return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
            case int():
                return int(text)
            case float():
                return float(text)
            case _:
                return text
    except (ValueError, KeyError):
        kind = type(default).__name__
        raise StudyError(f"{text!r} is no {kind}", where=f"--set {name}", hint=f"the default is {default!r}") from None


def variable(method: str, name: str = "") -> Variable:
    """Return a variable of a method, its first where none is named; raises StudyError with the known ones."""
    known = find(method).variables
    for one in known:
        if one.name == (name or known[0].name):
            return one
    names = ", ".join(one.name for one in known)
    raise StudyError(f"{method} has no variable {name!r}", where="--variable", hint=f"one of {names}")
