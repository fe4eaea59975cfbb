"""The one list of methods. Command line, pages, documentation and contract tests all walk it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khanij.core.axis import sample
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import AlignmentError, CoverageError, StudyError
from khanij.core.result import Result, Trace

KINDS = ("indicator", "lookup", "origin", "disruption", "risk", "demand", "plan", "check")


@dataclass(frozen=True, slots=True)
class Variable:
    """One thing a method computes: its name, unit, axes and the values it can take."""

    name: str
    unit: str
    axes: tuple[str, ...]
    bounds: tuple[float, float] = (float("-inf"), float("inf"))
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Values from which a score counts as high, and who says so.

    least      variable -> least value; all of them must be reached, each as it is rounded before it is compared
    reference  who published it
    rule       the same in words, where the score alone calls a material critical; "" = it says no such thing
    """

    least: Mapping[str, float]
    reference: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """How an analysis takes a method that nobody has named.

    assess    place among the indicators side by side, 1 first; 0 = not among them
    compare   place among the methods that are held against official lists
    index     a profile calls its value an index
    settings  parameters with which a profile runs it, where those are not its own defaults
    """

    assess: int = 0
    compare: int = 0
    index: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MethodOutput:
    """What a method function returns when arrays alone do not say enough.

    values   variable name -> array on the variable's axes, or a Cube on axes of those names (sparse results)
    remarks  sentence -> mask on the primary variable: where it holds, with or without a value
    details  sentence of a remark -> number or text that completes it, one a value of the primary variable
    notes    sentences about the whole result
    low, high  variable name -> array of the same shape
    read     variable -> quantities that its values rest on, where those are fewer than the method declares
    """

    values: Mapping[str, NDArray[np.float64] | Cube]
    remarks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    details: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    low: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    high: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """A registered method: what it needs, what it can use besides, what it gives, where it comes from."""

    id: str
    kind: str
    function: Callable[..., NDArray[np.float64] | MethodOutput]
    needs: tuple[str, ...]
    variables: tuple[Variable, ...]
    reference: str
    higher: str
    choices: Mapping[str, tuple[Any, ...]]
    optional: tuple[str, ...] = ()
    threshold: Threshold | None = None
    defaults: Defaults = field(default_factory=Defaults)

    @property
    def uncertain(self) -> Callable[..., Any] | None:
        """Return the builder of the uncertain form, None if the method has none."""
        return UNCERTAIN.get(self.id)

    @property
    def title(self) -> str:
        """Return the first line of the docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def parameters(self) -> dict[str, Any]:
        """Return parameter name -> default, as the function declares them."""
        names = list(inspect.signature(self.function).parameters.values())[1:]
        return {p.name: None if p.default is p.empty else p.default for p in names}


METHODS: dict[str, Method] = {}
UNCERTAIN: dict[str, Callable[..., Any]] = {}


def method(
    id: str,
    *,
    kind: str,
    needs: tuple[str, ...],
    variables: tuple[Variable, ...],
    reference: str,
    higher: str = "worse",
    choices: Mapping[str, tuple[Any, ...]] | None = None,
    optional: tuple[str, ...] = (),
    threshold: Threshold | None = None,
    defaults: Defaults | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function `Case, **parameters -> array | MethodOutput` as a method.

    needs    quantities that the Case must hold
    optional  quantities that the method reads where the Case holds them
    choices  parameter -> allowed values; the first is not implied to be the default
    higher   "worse" | "better" | "neutral": how a reader takes a larger value
    threshold  from which value a score counts as high     defaults  where analyses take it unasked
    """

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        if id in METHODS or kind not in KINDS or not variables:
            raise StudyError(f"method {id!r} is registered twice, of unknown kind, or without variables", where=id)
        strange = sorted(set(threshold.least if threshold else ()) - {variable.name for variable in variables})
        if strange:
            raise StudyError(f"a threshold of {', '.join(strange)}", where=id, hint="one of its own variables")
        facts = (dict(choices or {}), optional, threshold, defaults or Defaults())
        METHODS[id] = Method(id, kind, function, needs, variables, reference, higher, *facts)
        return function

    return keep


def uncertain(*ids: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the uncertain form of methods: it builds their model from uncertain inputs.

    The function takes what `methods.uncertainty` hands it: a View of one focus and year; of several ids, the id first.
    """

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        for id in ids:
            if id in UNCERTAIN:
                raise StudyError(f"{id!r} has two uncertain forms", where=id)
            UNCERTAIN[id] = partial(function, id) if len(ids) > 1 else function
        return function

    return keep


def default(place: str) -> tuple[str, ...]:
    """Return the methods that an analysis takes when nobody names any, in order.

    place  "assess" | "compare"
    """
    placed = [(getattr(m.defaults, place), id) for id, m in METHODS.items() if getattr(m.defaults, place)]
    return tuple(id for _, id in sorted(placed))


def find(id: str) -> Method:
    """Return a method by id; raises StudyError with the known ids."""
    if id not in METHODS:
        raise StudyError(f"unknown method {id!r}", where="method", hint=f"one of {', '.join(sorted(METHODS))}")
    return METHODS[id]


@cache
def package_version() -> str:
    """Return the installed version of khanij."""
    try:
        return version("khanij")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+source"


def run(id: str, case: Case, **parameters: Any) -> Result:
    """Check needs and parameters, call the method, wrap its arrays with labels and a trace.

    Raises StudyError for an unknown method or parameter, CoverageError when the Case lacks a needed quantity.
    """
    chosen = find(id)
    settings = {**chosen.parameters, **parameters}
    _check(chosen, parameters)
    lacking = [quantity for quantity in chosen.needs if quantity not in case.cubes]
    if lacking:
        raise CoverageError(
            f"{id} needs {sample(lacking)}", where="case", hint=f"the case has {sample(sorted(case.cubes), 20)}"
        )
    output = chosen.function(case, **parameters)
    if not isinstance(output, MethodOutput):
        output = MethodOutput({chosen.variables[0].name: output})
    there = [quantity for quantity in chosen.optional if quantity in case.cubes]
    used = {quantity: case.cube(quantity) for quantity in (*chosen.needs, *there)}
    sources = tuple(sorted({source for cube in used.values() for source in cube.sources}))
    variables = {m.name: _cube(m, case, output, sources) for m in chosen.variables if m.name in output.values}
    coverage = {name: (int((~np.isnan(c.values)).sum()), c.values.size) for name, c in variables.items()}
    trace = Trace(
        method=id,
        version=package_version(),
        reference=chosen.reference,
        parameters=settings,
        seed=settings.get("seed"),
        sources=sources,
        manifest=case.manifest,
        notes=tuple(dict.fromkeys((*output.notes, *case.notes, *(n for c in used.values() for n in c.notes)))),
        coverage=coverage,
    )
    return Result(variables, trace, output.remarks, used, output.details, output.read)


def _check(chosen: Method, parameters: Mapping[str, Any]) -> None:
    """Refuse unknown parameters and values outside the choices."""
    for name, value in parameters.items():
        if name not in chosen.parameters:
            known = ", ".join(chosen.parameters) or "none"
            raise StudyError(
                f"{chosen.id} has no parameter {name!r}", where=f"{chosen.id}.{name}", hint=f"it has: {known}"
            )
        allowed = chosen.choices.get(name)
        if allowed and value not in allowed:
            raise StudyError(
                f"{value!r} is no choice for {name!r}",
                where=f"{chosen.id}.{name}",
                hint=f"one of {', '.join(map(str, allowed))}",
            )


def _cube(variable: Variable, case: Case, output: MethodOutput, sources: tuple[str, ...]) -> Cube:
    """Return one variable of a method's output as a cube on the Case's axes, its values checked against the bounds."""
    given = output.values[variable.name]
    if isinstance(given, Cube):
        names = tuple(axis.name for axis in given.axes)
        if names != variable.axes:
            raise AlignmentError(f"it has axes {names}, not {variable.axes}", where=f"variable {variable.name!r}")
        cube = replace(given, quantity=variable.name, unit=variable.unit, sources=sources)
    else:
        axes = tuple(case.axis(name) for name in variable.axes)
        values = np.asarray(given, dtype=np.float64)
        low, high = output.low.get(variable.name), output.high.get(variable.name)
        cube = Cube(variable.name, variable.unit, axes, values, None, low, high, sources)
    least, most = variable.bounds
    with np.errstate(invalid="ignore"):
        if ((cube.values < least - 1e-9) | (cube.values > most + 1e-9)).any():
            raise AlignmentError(f"a value lies outside [{least}, {most}]", where=f"variable {variable.name!r}")
    return cube
