"""One question, fully aligned: every cube is read on the Case's own axes."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from khanij.core.axis import Axis
from khanij.core.cube import Cube, Floats, Positions
from khanij.core.errors import CoverageError
from khanij.core.quantities import conform


@dataclass(frozen=True, slots=True)
class Case:
    """Axes, the cubes on them, and a hash of all that went in.

    axes      by name: material, stage, country, focus, year, draw …
    cubes     by quantity; may be built when first asked for, but never changes
    manifest  hash of the facts, reference tables and selection ("" for a hand-made Case)
    notes     what was decided while building: sources preferred, codes left out, factors assumed
    assumptions  id -> value, of the assumptions of the model that this question sets otherwise (reference.assumptions)

    >>> made = from_arrays({"country": ["IND", "CHN"]}, production=("t", ("country",), [1.0, 3.0]))
    >>> made.array("production", "country")
    array([1., 3.])
    """

    axes: Mapping[str, Axis]
    cubes: Mapping[str, Cube]
    manifest: str = ""
    notes: tuple[str, ...] = field(default=())
    assumptions: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Freeze the axes; check and freeze the cubes unless they come from a shelf that builds them when asked.

        Raises UnitError for a cube whose unit or values cannot be those of its quantity (core.quantities).
        """
        object.__setattr__(self, "axes", MappingProxyType(dict(self.axes)))
        if isinstance(self.cubes, dict):
            checked = {quantity: conform(quantity, cube) for quantity, cube in self.cubes.items()}
            object.__setattr__(self, "cubes", MappingProxyType(checked))

    def axis(self, name: str) -> Axis:
        """Return the axis of that name; raises CoverageError if this Case has none."""
        if name not in self.axes:
            raise CoverageError(f"this case has no axis {name!r}", where="case", hint=f"it has {sorted(self.axes)}")
        return self.axes[name]

    def cube(self, quantity: str) -> Cube:
        """Return the cube of that quantity; raises CoverageError if this Case has none."""
        if quantity not in self.cubes:
            raise CoverageError(f"this case has no {quantity!r}", where="case", hint=f"it has {sorted(self.cubes)}")
        return self.cubes[quantity]

    def array(self, quantity: str, *dims: str, fill: float | None = None, drop: bool = False) -> Floats:
        """Return the dense values of a quantity on the axes of this Case that `dims` names.

        fill  value of a code that the cube lacks, in its unit; None: an error      drop  true: codes may be lost
        Raises CoverageError, AlignmentError as Cube.on.
        """
        return self.cube(quantity).on(*(self.axis(dim) for dim in dims), fill=fill, drop=drop)

    def entries(self, quantity: str, *dims: str, drop: bool = False) -> tuple[Positions, Floats]:
        """Return positions and values of a quantity's entries on the axes `dims`; drop true: codes may be lost.

        A dim may read `axis:alias` when the cube's axis name differs from the Case's: `country:exporter` reads
        the cube's axis "exporter" on the Case's axis "country".
        """
        wanted = []
        for dim in dims:
            own, _, alias = dim.partition(":")
            axis = self.axis(own)
            wanted.append(Axis(alias, axis.codes) if alias else axis)
        return self.cube(quantity).entries(*wanted, drop=drop)

    def with_cubes(self, note: str, **cubes: Cube) -> Case:
        """Return a new Case in which these cubes replace or join the others; levers are built from this.

        note   sentence on what was changed, joins the notes      cubes  quantity -> cube
        """
        checked = {quantity: conform(quantity, cube) for quantity, cube in cubes.items()}
        shelf = MappingProxyType(ChainMap(checked, self.cubes))  # type: ignore[arg-type]  # the old ones stay lazy
        return replace(self, cubes=shelf, manifest="", notes=(*self.notes, note))


def from_arrays(axes: Mapping[str, Iterable[str]], **quantities: tuple[str, tuple[str, ...], ArrayLike]) -> Case:
    """Return a Case made by hand, without a store.

    axes        axis name -> codes
    quantities  quantity -> (unit, axis names, values); nan = not known
    """
    named = {name: Axis(name, tuple(codes)) for name, codes in axes.items()}
    cubes = {
        quantity: Cube(
            quantity, unit, tuple(named[d] for d in dims), np.asarray(values, dtype=np.float64), sources=("user",)
        )
        for quantity, (unit, dims, values) in quantities.items()
    }
    return Case(named, cubes)
