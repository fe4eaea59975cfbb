"""Ten years of imports: concentration, the first supplier's share and value, with the breaks of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from khanij.analyses import commands
from khanij.analyses.inputs.cases import case
from khanij.analyses.inputs.lineage import breaks
from khanij.analyses.inputs.surges import Surge, without
from khanij.analyses.runner import run
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.number import Key, Trend

SPAN = 10
FIRST = 1995  # the first year of trade in the store


def by_value(asked: Case) -> Case:
    """Return the Case with trade by value alone: tonnes of ten years cost seconds and are not looked at here."""
    value = asked.cube("trade_value")
    assert value.at is not None
    none = np.empty(0)
    tonnes = Cube("trade", "t", value.axes, none, value.at[:, :0], none, none)
    names = ("trade_value", "trade_value_covered", "membership")
    return Case(asked.axes, {"trade": tonnes, **{name: asked.cube(name) for name in names}}, asked.manifest)


class Decade:
    """Series by material and stage that end in one year."""

    def __init__(self, focal: str, year: int, materials: Iterable[str], aside: Sequence[Surge] = ()) -> None:
        """Build the Case of the years and run the methods once.

        aside  flows that are left out in every year
        """
        self.focal = focal
        self.years = tuple(range(max(FIRST, year - SPAN + 1), year + 1))
        self.case = by_value(without(case(focal, self.years, tuple(materials)), aside))
        self.results = {
            "import-hhi": run("import-hhi", self.case, by="value"),
            "supplier-shares": run("supplier-shares", self.case, by="value"),
        }
        self.cube = self.case.cube("trade_value")
        found: dict[Key, list[tuple[int, str]]] = {}
        for b in breaks(self.case, ("trade_value",), self.years):
            if b.material and b.stage:
                found.setdefault((b.material, b.stage), []).append((b.year, b.words))
        self.breaks: Mapping[Key, tuple[tuple[int, str], ...]] = {key: tuple(value) for key, value in found.items()}
        self.tops = self._tops()
        self.sums = self._sums()

    def _place(self, key: Key) -> tuple[int, int]:
        """Return the positions of a material and stage."""
        return self.case.axis("material").at(key[0]), self.case.axis("stage").at(key[1])

    def _tops(self) -> np.ndarray:
        """Return (material, stage, year) the largest share of one supplier, nan without imports."""
        cube = self.results["supplier-shares"].value
        assert cube.at is not None
        top = np.zeros(tuple(len(self.case.axis(name)) for name in ("material", "stage", "year")))
        names = [axis.name for axis in cube.axes]
        at = tuple(cube.at[names.index(name)] for name in ("material", "stage", "year"))
        np.maximum.at(top, at, cube.values)
        return np.where(top > 0, top, np.nan)

    def _sums(self) -> np.ndarray:
        """Return (material, stage, year) the value of imports, kUSD, nan without any."""
        assert self.cube.at is not None
        member = self.case.array("membership", "focus", "country", "year")[0] > 0
        material, stage, exporter, importer, year = self.cube.at
        mine = member[importer, year] & ~member[exporter, year]
        whole = np.zeros(tuple(len(self.case.axis(name)) for name in ("material", "stage", "year")))
        np.add.at(whole, (material[mine], stage[mine], year[mine]), self.cube.values[mine])
        return np.where(whole > 0, whole, np.nan)

    def _sources(self, key: Key) -> tuple[str, ...]:
        """Return the sources of the value of a material's and stage's trade in the years."""
        assert self.cube.at is not None
        assert self.cube.origin is not None
        m, s = self._place(key)
        ids = np.unique(self.cube.origin[(self.cube.at[0] == m) & (self.cube.at[1] == s)])
        return tuple(self.cube.sources[k] for k in ids if k >= 0)

    def _line(self, key: Key, values: np.ndarray, unit: str, how: str) -> Trend:
        """Return a series as a small line."""
        found = tuple(None if np.isnan(v) else float(v) for v in values)
        return Trend(self.years, found, unit, self._sources(key), self.breaks.get(key, ()), how)

    def lines(self, key: Key) -> tuple[Trend, Trend, Trend]:
        """Return value of imports, import HHI and the first supplier's share of a material and stage."""
        m, s = self._place(key)
        span = f"{self.years[0]}-{self.years[-1]}"
        where = f"--focus {self.focal} --material {key[0]} --year {span} --set by=value"
        hhi = self.results["import-hhi"].value.values[m, s, 0]
        return (
            self._line(key, self.sums[m, s], "kUSD", commands.line("trade", self.focal, year=span)),
            self._line(key, hhi, "index", f"khanij run import-hhi {where}"),
            self._line(key, self.tops[m, s], "1", f"khanij run supplier-shares {where}"),
        )

    def known(self, key: Key) -> int:
        """Return in how many of the years imports are recorded."""
        m, s = self._place(key)
        return int((~np.isnan(self.sums[m, s])).sum())

    def moved(self, key: Key, steady: bool = True) -> tuple[float, float, int, int] | None:
        """Return first and last import HHI with their years; None with fewer than two, or, if asked, over a break."""
        m, s = self._place(key)
        values = self.results["import-hhi"].value.values[m, s, 0]
        at = np.nonzero(~np.isnan(values))[0]
        if len(at) < 2 or (steady and self.breaks.get(key)):
            return None
        return float(values[at[0]]), float(values[at[-1]]), self.years[at[0]], self.years[at[-1]]
