"""True origin of what a country uses: which mines and which makers stand behind it, each with a range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from khanij.analyses import commands
from khanij.analyses.inputs.cases import case
from khanij.analyses.runner import run
from khanij.core.number import Key, Number, graded
from khanij.core.result import Result
from khanij.methods.origin import COUNTED

BOUNDED = 4  # largest origins of a cell that get a range; each costs several maximum flows
EARLIEST, OWN = "first", "same"
# where nobody reports output of a stage, only what a country sells beyond its imports is taken to be made there: else a
# trader would hide the mines behind it
MAKERS = "net"


@dataclass(frozen=True, slots=True)
class Traced:
    """Where what is used at a stage was made: country -> share, and the share that the records do not show.

    counted  the stage at which it is counted
    """

    counted: str
    shares: dict[str, Number]
    unknown: Number


class Provenance:
    """Origins of the chosen materials, counted at their mines and at the makers of the stage itself."""

    def __init__(self, focal: str, year: int, materials: Iterable[str]) -> None:
        """Run the methods once."""
        self.focal, self.year = focal, year
        asked = case(focal, year, tuple(materials))
        self.results: dict[str, Result] = {
            EARLIEST: run("origin", asked, at=EARLIEST, bounded=BOUNDED, unsourced=MAKERS),
            OWN: run("origin", asked, at=OWN, bounded=0),
            "passed": run("pass-through", asked, at="any", bounded=BOUNDED),
        }
        self._rows = {
            name: [row | {"counted": said.get(COUNTED, "")} for row, said in zip(table.rows(), remarks, strict=True)]
            for name, result in self.results.items()
            for table, remarks in ((result.table(), result.remarked()),)
        }
        self._unknown = {name: list(self.results[name].table("unknown").rows()) for name in (EARLIEST, OWN)}

    def stages(self, material: str) -> tuple[str, ...]:
        """Return the stages of a material at which any use was traced, in order."""
        seen = {row["stage"] for row in self._unknown[EARLIEST] if row["material"] == material}
        return tuple(stage for stage in self.results[EARLIEST].value.axis("stage").codes if stage in seen)

    def _number(self, method: str, row: dict[str, object], **settings: str) -> Number:
        """Return a row as a Number; a range that says nothing is still shown, since that is its message."""
        low, high = row["low"], row["high"]
        how = commands.line("run", method, focus=self.focal, material=str(row["material"]), year=self.year) + "".join(
            f" --set {name}={value}" for name, value in settings.items()
        )
        sources = tuple(part for part in str(row["sources"] or "").split("; ") if part)
        number = Number(float(str(row["value"])), "1", sources, _clean(low), _clean(high), how=how)
        return graded(number)

    def traced(self, key: Key, at: str = EARLIEST) -> Traced | None:
        """Return the origins of what is used at a material's stage, None where nothing is used or known."""
        rows = [row for row in self._rows[at] if (row["material"], row["stage"]) == key]
        rest = [row for row in self._unknown[at] if (row["material"], row["stage"]) == key]
        if not rest or rest[0]["value"] is None:
            return None
        place = OWN if at == OWN else EARLIEST
        shares = {row["partner"]: self._number("origin", row, at=place) for row in rows if row["value"]}
        counted = next((row["counted"] for row in rows), "")
        return Traced(counted, shares, self._number("origin", rest[0], at=place))

    def passed(self, key: Key) -> dict[str, Number]:
        """Return country -> share of use that has been there, as origin, maker or place of transit."""
        rows = [row for row in self._rows["passed"] if (row["material"], row["stage"]) == key]
        return {row["partner"]: self._number("pass-through", row, at="any") for row in rows if row["value"]}


def _clean(end: object) -> float | None:
    """Return an end of a range without the dust of the arithmetic."""
    if end is None:
        return None
    value = float(str(end))
    return None if np.isnan(value) else float(np.clip(round(value, 9), 0.0, 1.0))
