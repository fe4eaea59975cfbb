"""A named, ordered list of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khanij.core.errors import AlignmentError


def sample(codes: Iterable[str], most: int = 8) -> str:
    """Return the first codes as text, for messages that must stay short."""
    listed = list(codes)
    return ", ".join(listed[:most]) + (f", … ({len(listed)} in all)" if len(listed) > most else "")


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of a question: a name and its codes, in order, each once.

    name    singular noun ("material", "country", "year")
    codes   tuple of text; years are text too ("2023"), so that every label matches the same way

    >>> Axis("material", ("copper", "tin")).positions(["tin", "zinc"], missing=-1)
    array([ 1, -1])
    """

    name: str
    codes: tuple[str, ...]
    _position: dict[str, int] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Refuse a repeated code and index the others."""
        position = {code: at for at, code in enumerate(self.codes)}
        if len(position) != len(self.codes):
            twice = sorted({code for code in self.codes if self.codes.count(code) > 1})
            raise AlignmentError(f"a code stands twice: {sample(twice)}", where=f"axis {self.name!r}")
        object.__setattr__(self, "_position", position)

    def __len__(self) -> int:
        """Return the number of codes."""
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        """Tell whether the code is on this axis."""
        return code in self._position

    def at(self, code: str) -> int:
        """Return the position of one code; raises AlignmentError if it is not on the axis."""
        try:
            return self._position[code]
        except KeyError:
            raise AlignmentError(
                f"{code!r} is not on the axis", where=f"axis {self.name!r}", hint=f"one of {sample(self.codes)}"
            ) from None

    def positions(self, codes: Iterable[str], missing: int | None = None) -> NDArray[np.intp]:
        """Return the position of each of `codes`; an absent one is `missing`, or an AlignmentError if that is None."""
        if missing is None:
            return np.array([self.at(code) for code in codes], dtype=np.intp)
        return np.array([self._position.get(code, missing) for code in codes], dtype=np.intp)
