"""Facts of one quantity on named axes. A carrier: it has no arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khanij.core.axis import Axis, sample
from khanij.core.errors import AlignmentError

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cube:
    """A frozen array with labels, a unit and its sources; dense, or sparse where the world is.

    quantity  id of the quantity ("production", "trade")
    unit      unit of every value
    axes      one Axis a dimension
    values    dense: shape of the axes, nan = no fact.  Sparse: (leading axes..., E), one column an entry
    at        sparse only: (k, E) positions of the E entries on the last k axes; the leading axes stay dense
    low, high shape of values or None: the range that the publisher or a stated rule gives
    sources   ids of the sources ("baci-hs92@202601")
    origin    shape of values or None: index into `sources` of each value, -1 where there is none
    notes     sentences on how the cube was built: what was converted, filled or left out

    >>> made = Cube("production", "t", (Axis("country", ("IND", "CHN")),), np.array([1.0, 3.0]))
    >>> made.on(Axis("country", ("CHN",)), drop=True)
    array([3.])
    """

    quantity: str
    unit: str
    axes: tuple[Axis, ...]
    values: Floats
    at: Positions | None = None
    low: Floats | None = None
    high: Floats | None = None
    sources: tuple[str, ...] = ()
    origin: NDArray[np.int16] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check shapes against axes and freeze every array."""
        where = f"cube {self.quantity!r}"
        names = [axis.name for axis in self.axes]
        if len(set(names)) != len(names):
            raise AlignmentError(f"axis named twice: {names}", where=where)
        sizes = tuple(map(len, self.axes))
        if self.at is None:
            expected: tuple[int, ...] = sizes
        else:
            lead = len(sizes) - self.at.shape[0]
            expected = (*sizes[:lead], self.at.shape[1])
            if self.at.size and (self.at.min() < 0 or (self.at.max(axis=1) >= np.array(sizes[lead:])).any()):
                raise AlignmentError("an entry lies outside its axis", where=where)
        for name in ("values", "low", "high", "origin", "at"):
            array: NDArray[Any] | None = getattr(self, name)
            if array is None:
                continue
            if name != "at" and array.shape != expected:
                raise AlignmentError(f"{name} has shape {array.shape}, the axes {names} need {expected}", where=where)
            if array.flags.writeable:
                array = array.view()
                array.flags.writeable = False
                object.__setattr__(self, name, array)

    @property
    def sparse(self) -> bool:
        """Tell whether entries are listed one by one."""
        return self.at is not None

    def axis(self, name: str) -> Axis:
        """Return the axis of that name; raises AlignmentError if there is none."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise AlignmentError(
            f"no axis {name!r}", where=f"cube {self.quantity!r}", hint=f"one of {[a.name for a in self.axes]}"
        )

    def narrowed(self, name: str, codes: Sequence[str]) -> Cube:
        """Return the cube with some of the codes of the axis `name`, in the order given.

        Raises AlignmentError for an axis or a code that it has not.
        """
        k, kept = [axis.name for axis in self.axes].index(self.axis(name).name), self.axis(name).positions(codes)
        axes = (*self.axes[:k], Axis(name, tuple(codes)), *self.axes[k + 1 :])
        held = {"values": self.values, "low": self.low, "high": self.high, "origin": self.origin}
        lead = len(self.axes) - (0 if self.at is None else self.at.shape[0])
        if self.at is None or k < lead:
            taken = {key: None if array is None else np.take(array, kept, axis=k) for key, array in held.items()}
            return replace(self, axes=axes, **taken)  # type: ignore[arg-type]
        place = np.full(len(self.axes[k]), -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        at = self.at.copy()
        at[k - lead] = place[at[k - lead]]
        there = at[k - lead] >= 0
        taken = {key: None if array is None else array[..., there] for key, array in held.items()}
        return replace(self, axes=axes, at=at[:, there], **taken)  # type: ignore[arg-type]

    def on(self, *axes: Axis, fill: float | None = None, drop: bool = False) -> Floats:
        """Return the dense values on exactly these axes, matched by label.

        A code that the cube lacks is an error unless `fill` is given; a code that would be lost is an error
        unless `drop` is true, because losing a country quietly changes every share.
        """
        if self.at is not None:
            raise AlignmentError("the cube is sparse", where=f"cube {self.quantity!r}", hint="ask for entries()")
        order = self._order(axes)
        out: Floats = np.transpose(self.values, order)
        for k, want in enumerate(axes):
            has = self.axes[order[k]]
            if has.codes == want.codes:
                continue
            self._refuse_loss(has, want, drop)
            index = has.positions(want.codes, missing=-1)
            gone = index < 0
            if gone.any() and fill is None:
                lacking = [code for code, miss in zip(want.codes, gone, strict=True) if miss]
                raise AlignmentError(
                    f"{self.quantity} has no {sample(lacking)} on axis {has.name!r}; it has {sample(has.codes)}",
                    where=f"cube {self.quantity!r}",
                    hint="pass fill= to say what an absent code means",
                )
            out = np.take(out, np.where(gone, 0, index), axis=k)
            if fill is not None and gone.any():
                shape = [1] * out.ndim
                shape[k] = len(gone)
                out = np.where(gone.reshape(shape), fill, out)
        out = out.view()
        out.flags.writeable = False
        return out

    def entries(self, *axes: Axis, drop: bool = False) -> tuple[Positions, Floats]:
        """Return (positions (k, E'), values (..., E')) of the facts on these axes, matched by label.

        Entries whose code is not on the wanted axis are an error unless `drop` is true. A dense cube gives its
        values that are not nan. Leading dense axes (draws) are kept in front and are not named in `axes`.
        """
        own = self if self.at is not None else self._listed()
        assert own.at is not None
        lead = len(own.axes) - own.at.shape[0]
        order = [position - lead for position in self._order(axes, lead)]
        at = own.at if order == sorted(order) else own.at[order]
        if all(own.axes[lead + order[k]].codes == want.codes for k, want in enumerate(axes)):
            return at, own.values
        keep = np.ones(own.at.shape[1], dtype=bool)
        moved = []
        for k, want in enumerate(axes):
            has = own.axes[lead + order[k]]
            if has.codes == want.codes:
                moved.append(at[k])
                continue
            new = want.positions(has.codes, missing=-1)[at[k]]
            keep &= new >= 0
            moved.append(new)
        if not keep.all() and not drop:
            raise AlignmentError(
                f"{int((~keep).sum())} entries of {self.quantity} lie outside the wanted axes",
                where=f"cube {self.quantity!r}",
                hint="pass drop=True, or select them when building the Case",
            )
        positions = np.stack(moved) if moved else at
        return (positions, own.values) if keep.all() else (positions[:, keep], own.values[..., keep])

    def _listed(self) -> Cube:
        """Return this dense cube as a sparse one, its nan left out."""
        at = np.stack(np.nonzero(~np.isnan(self.values)))
        return Cube(self.quantity, self.unit, self.axes, self.values[tuple(at)], at, sources=self.sources)

    def _order(self, axes: Sequence[Axis], lead: int = 0) -> list[int]:
        """Return where each wanted axis stands on this cube, `lead` axes apart; names must be the same set."""
        have = [axis.name for axis in self.axes]
        want = [axis.name for axis in axes]
        if sorted(have[lead:]) != sorted(want):
            raise AlignmentError(f"asked for axes {want}, it has {have[lead:]}", where=f"cube {self.quantity!r}")
        return [have.index(name) for name in want]

    def _refuse_loss(self, has: Axis, want: Axis, drop: bool) -> None:
        """Raise if codes with facts would be lost unasked."""
        lost = [code for code in has.codes if code not in want]
        if lost and not drop:
            raise AlignmentError(
                f"{sample(lost)} would be lost from axis {has.name!r}; it has {sample(has.codes)}, "
                f"wanted {sample(want.codes)}",
                where=f"cube {self.quantity!r}",
                hint="pass drop=True, or select them when building the Case",
            )
