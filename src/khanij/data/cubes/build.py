"""Facts to a Case: the cubes are built when they are first asked for, and never change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.core.quantities import conform
from khanij.data.cubes import (
    attributes,
    economy,
    markets,
    process,
    production,
    relations,
    spread,
    stage_shares,
    statements,
)
from khanij.data.cubes.evidence import Builder
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.technology import paths
from khanij.data.cubes.trade import exports, flows, geopolrisk_inputs
from khanij.data.facts import overlay, record, store

DIMENSIONS = ("va", "pv", "ge", "rq", "rl", "cc")
YEARS = range(1995, 2027)


BUILDERS: dict[str, Builder] = {
    name: builder
    for room in (
        *(production, spread, attributes, markets, relations, statements, stage_shares, economy, process),
        *(flows, exports, geopolrisk_inputs, paths),
    )
    for name, builder in room.BUILDERS.items()
}
"""Every cube that can be built, by quantity, with its lineage."""


class LazyCubes(Mapping[str, Cube]):
    """The cubes of a selection, each built once, when first asked for."""

    def __init__(self, selection: Selection) -> None:
        """Keep the selection, and which facts of one's own lie over the store now, whenever a cube is built."""
        self._selection = selection
        self._laid = overlay.laid()
        self._built: dict[str, Cube] = {}

    def __getitem__(self, quantity: str) -> Cube:
        """Return the cube of a quantity, building it if need be."""
        if quantity not in self._built:
            with overlay.lay(self._laid):
                self._built[quantity] = conform(quantity, BUILDERS[quantity](self._selection))
        return self._built[quantity]

    def __iter__(self) -> Iterator[str]:
        """Yield every quantity that can be built."""
        return iter(BUILDERS)

    def __len__(self) -> int:
        """Return how many quantities can be built."""
        return len(BUILDERS)

    def __contains__(self, quantity: object) -> bool:
        """Tell whether the quantity can be built, without building it."""
        return quantity in BUILDERS


def build(
    focus: Iterable[str],
    years: Iterable[int],
    materials: Iterable[str] | None = None,
    preferred: Mapping[str, tuple[str, ...]] | None = None,
) -> Case:
    """Return the Case of these foci, years and materials.

    focus      ISO alpha-3 codes, names or group ids; "all" = every country of today
    years      calendar years, 1995-2026
    materials  ids or names; all materials if None
    preferred  quantity -> sources in order, where the default order is not wanted
    Raises CoverageError for an unknown focus, material or year.
    """
    foci = _foci(focus)
    span = sorted(set(years))
    if not span or span[0] not in YEARS or span[-1] not in YEARS:
        raise CoverageError(
            f"no facts for the years {span[:1]} to {span[-1:]}", where="year", hint=f"{YEARS[0]} to {YEARS[-1]}"
        )
    ids = sorted(reference.materials()) if materials is None else [reference.material(m) for m in materials]
    axes = {
        "material": Axis("material", tuple(dict.fromkeys(ids))),
        "stage": Axis("stage", reference.STAGES),
        "country": Axis("country", tuple(sorted(reference.countries()))),
        "partner": Axis("partner", tuple(sorted(reference.countries()))),
        "focus": Axis("focus", foci),
        "year": Axis("year", tuple(map(str, span))),
        "dimension": Axis("dimension", DIMENSIONS),
        "sector": Axis("sector", attributes.sector_codes()),
    }
    selection = Selection(axes, {**record.preferences(), **(preferred or {})})
    return Case(axes, LazyCubes(selection), manifest=_hash(selection), notes=overlay.notes())


def _foci(focus: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the foci in the order given, each once."""
    texts = [focus] if isinstance(focus, str) else list(focus)
    if texts == ["all"]:
        return reference.current_countries()
    if not texts:
        raise CoverageError("no focus", where="focus", hint="an ISO alpha-3 code, a country name, a group, or all")
    return tuple(dict.fromkeys(reference.focus(text) for text in texts))


def _hash(selection: Selection) -> str:
    """Return the hash of the facts, the reference tables and the selection."""
    asked = {name: axis.codes for name, axis in selection.axes.items()}
    text = json.dumps([store.fingerprint(), reference.fingerprint(), asked, dict(selection.preferred)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
