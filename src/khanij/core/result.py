"""What a method gives back: variables with labels, and the trace that makes them repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.core.table import Table

COLUMNS = ("method", "focus", "material", "stage", "partner", "year")  # the labels that every face prints


@dataclass(frozen=True, slots=True)
class Trace:
    """How a Result came to be.

    coverage  variable -> (values given, cells asked)
    used      need -> cube, for following one number down to its sources
    """

    method: str
    version: str
    reference: str
    parameters: Mapping[str, Any]
    seed: int | None
    sources: tuple[str, ...]
    manifest: str
    notes: tuple[str, ...] = ()
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Return the trace as plain data, for trace.json."""
        return {
            "method": self.method,
            "version": self.version,
            "reference": self.reference,
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "sources": list(self.sources),
            "manifest": self.manifest,
            "notes": list(self.notes),
            "coverage": {name: {"given": given, "asked": asked} for name, (given, asked) in self.coverage.items()},
        }


@dataclass(frozen=True, slots=True)
class Result:
    """Variables on labelled axes, remarks on single values, and the trace.

    variables  name -> cube; the first is the primary one
    remarks   sentence -> mask of the primary variable's shape: where the sentence holds
    used      quantity -> the cube that the method read
    details   sentence of a remark -> number or text that completes it, of the primary variable's shape
    read      variable -> quantities that it rests on, where those are fewer than all that were used
    """

    variables: Mapping[str, Cube]
    trace: Trace
    remarks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    used: Mapping[str, Cube] = field(default_factory=dict)
    details: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the mappings."""
        for name in ("variables", "remarks", "used", "details", "read"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def value(self) -> Cube:
        """Return the primary variable."""
        return next(iter(self.variables.values()))

    def variable(self, name: str | None = None) -> Cube:
        """Return a variable by name (the primary one if None); raises StudyError if there is none."""
        if name is None:
            return self.value
        if name not in self.variables:
            raise StudyError(
                f"{self.trace.method} has no variable {name!r}",
                where="variable",
                hint=f"one of {', '.join(self.variables)}",
            )
        return self.variables[name]

    def table(self, variable: str | None = None, title: str | None = None) -> Table:
        """Return one row a value: method, labels (COLUMNS), value, low, high, unit, notes, sources.

        variable  one of the method's variables; its first if None      title  of the table; the method's if None
        A cell without a value is left out unless a remark says why it is missing.
        """
        cube = self.variable(variable)
        masks, at = self._shown(cube)
        values = cube.values[at]
        columns: dict[str, list[Any]] = {"method": [self.trace.method] * len(values)}
        labels = self._labels(cube, at)
        for name in COLUMNS[1:]:
            columns[name] = labels.pop(name, [None] * len(values))
        columns.update(labels)
        columns["value"] = [None if np.isnan(v) else float(v) for v in values]
        for name, bound in (("low", cube.low), ("high", cube.high)):
            range_ = [np.nan] * len(values) if bound is None else bound[at]
            columns[name] = [None if np.isnan(v) else float(v) for v in range_]
        columns["unit"] = [cube.unit] * len(values)
        columns["notes"] = self._sentences(masks, at)
        columns["sources"] = self._row_sources(columns, self.read.get(cube.quantity, tuple(self.used)))
        return Table.by_column(title or f"{self.trace.method} ({cube.unit})", columns, notes=self.trace.notes)

    def remarked(self, variable: str | None = None) -> list[dict[str, Any]]:
        """Return for each row of `table(variable)` its remarks: sentence -> what completes it, None if nothing does."""
        masks, at = self._shown(self.variable(variable))
        found: list[dict[str, Any]] = [{} for _ in range(len(at[0]))]
        for text, mask in masks.items():
            detail = self.details.get(text)
            for row in np.nonzero(mask[at])[0]:
                found[row][text] = None if detail is None else detail[tuple(axis[row] for axis in at)]
        return found

    def _shown(self, cube: Cube) -> tuple[dict[str, NDArray[np.bool_]], tuple[NDArray[np.intp], ...]]:
        """Return the remarks that may hold for a variable's cells, and the cells that have a value or a remark."""
        primary = cube is self.value
        masks = {text: mask for text, mask in self.remarks.items() if primary or mask.shape == cube.values.shape}
        shown = ~np.isnan(cube.values)
        for mask in masks.values():
            shown |= mask
        return masks, np.nonzero(shown)

    def _sentences(self, masks: Mapping[str, NDArray[np.bool_]], at: tuple[NDArray[np.intp], ...]) -> list[str]:
        """Return the remarks that hold for each shown value, each completed by its detail, joined by semicolons."""
        texts: list[list[str]] = [[] for _ in range(len(at[0]))]
        for text, mask in masks.items():
            detail = self.details.get(text)
            for row in np.nonzero(mask[at])[0]:
                where = tuple(axis[row] for axis in at)
                texts[row].append(text if detail is None else f"{text}: {_short(detail[where])}")
        return ["; ".join(row) for row in texts]

    @staticmethod
    def _labels(cube: Cube, at: tuple[NDArray[np.intp], ...]) -> dict[str, list[Any]]:
        """Return axis name -> label of each shown value."""
        labels: dict[str, list[Any]] = {}
        lead = len(cube.axes) - (0 if cube.at is None else cube.at.shape[0])
        for k, axis in enumerate(cube.axes):
            positions = at[k] if cube.at is None or k < lead else cube.at[k - lead][at[-1]]
            codes = [axis.codes[p] for p in positions]
            labels[axis.name] = [int(code) for code in codes] if axis.name == "year" else codes
        return labels

    def _row_sources(self, columns: Mapping[str, list[Any]], read: tuple[str, ...]) -> list[str]:
        """Return the sources behind each row: those of the cubes read, narrowed by material, stage and year."""
        cubes = [self.used[quantity] for quantity in read if quantity in self.used]
        lookups = [_sources_by_label(cube) for cube in cubes if cube.sources]
        keys = list(zip(columns["material"], columns["stage"], columns["year"], strict=True))
        found: dict[tuple[Any, ...], str] = {}
        for key in dict.fromkeys(keys):
            names = {name for lookup in lookups for name in lookup(*key)}
            found[key] = "; ".join(sorted(names))
        return [found[key] for key in keys]


def _short(detail: Any) -> str:
    """Return a detail as text: three digits of a number, text as it is."""
    return str(detail) if isinstance(detail, str) else f"{detail:.3g}"


def _sources_by_label(cube: Cube) -> Callable[[str | None, str | None, int | None], tuple[str, ...]]:
    """Return a function (material, stage, year) -> sources of the cube's facts there."""
    origin = cube.origin
    if origin is None:
        return lambda material, stage, year: cube.sources
    at = np.nonzero(origin >= 0) if cube.at is None else tuple(cube.at)
    ids = origin[at] if cube.at is None else origin
    axes = cube.axes if cube.at is None else cube.axes[len(cube.axes) - cube.at.shape[0] :]
    names = [axis.name for axis in axes]
    kept = [k for k, name in enumerate(names) if name in ("material", "stage", "year")]
    sizes = (*(len(axes[k]) for k in kept), len(cube.sources))
    held = ids >= 0
    flat = np.unique(np.ravel_multi_index((*(at[k][held] for k in kept), ids[held].astype(np.intp)), sizes))
    table: dict[tuple[str, ...], set[str]] = {}
    for *positions, source in zip(*np.unravel_index(flat, sizes), strict=True):
        key = tuple(axes[k].codes[p] for k, p in zip(kept, positions, strict=True))
        table.setdefault(key, set()).add(cube.sources[source])

    merged: dict[tuple[bool, ...], dict[tuple[str, ...], set[str]]] = {}  # by which labels are asked

    def look(material: str | None, stage: str | None, year: int | None) -> tuple[str, ...]:
        asked = {"material": material, "stage": stage, "year": None if year is None else str(year)}
        wanted = [asked[names[k]] for k in kept]
        known = tuple(w is not None for w in wanted)
        if known not in merged:
            found: dict[tuple[str, ...], set[str]] = {}
            for key, sources in table.items():
                found.setdefault(tuple(c for c, told in zip(key, known, strict=True) if told), set()).update(sources)
            merged[known] = found
        return tuple(merged[known].get(tuple(w for w in wanted if w is not None), ()))

    return look
