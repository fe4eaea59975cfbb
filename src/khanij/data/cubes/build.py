"""Facts to a Case: the cubes are built when they are first asked for, and never change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.data.cubes import (
    attributes,
    economy,
    exports,
    markets,
    production,
    relations,
    statements,
    technology_paths,
    trade,
)
from khanij.data.cubes import (
    geopolrisk_inputs as peer,
)
from khanij.data.cubes import process as process_cubes
from khanij.data.cubes.selection import PREFERRED, Selection
from khanij.data.facts import store

DIMENSIONS = ("va", "pv", "ge", "rq", "rl", "cc")
YEARS = range(1995, 2027)


def _process(selection: Selection, name: str) -> Cube:
    """Return a cube of the process chains, which are the same for every question."""
    return process_cubes.cubes()[name]


BUILDERS: dict[str, Callable[[Selection], Cube]] = {
    "production": production.production,
    "world_production": production.world_production,
    "reserves": production.reserves,
    "trade": trade.trade,
    "trade_value": trade.trade_value,
    "trade_massless": trade.trade_massless,
    "trade_unlisted": trade.trade_unlisted,
    "trade_covered": partial(trade.covered, quantity="trade_mass", name="trade_covered"),
    "trade_value_covered": partial(trade.covered, quantity="trade_value", name="trade_value_covered"),
    "membership": attributes.membership,
    "governance": attributes.governance,
    "governance_error": partial(attributes.governance, quantity="governance_error"),
    "price": attributes.price,
    "global_supply_share": partial(attributes.shares, quantity="global_supply_share"),
    "eu_supply_share": partial(attributes.shares, quantity="eu_supply_share"),
    "global_trade_restriction": partial(
        attributes.shares, quantity="trade_restriction", item="global", name="global_trade_restriction"
    ),
    "eu_trade_restriction": partial(
        attributes.shares, quantity="trade_restriction", item="eu", name="eu_trade_restriction"
    ),
    "use_share": attributes.use_share,
    "use_share_by_stage": attributes.use_share_by_stage,
    "value_added": attributes.value_added,
    "recycling_input_rate": partial(attributes.by_material, quantity="recycling_input_rate"),
    "recycling_by_stage": partial(
        attributes.by_stage, quantity="recycling_input_rate", name="recycling_by_stage", near=True
    ),
    "importance_before": partial(
        attributes.by_stage, quantity="economic_importance", item="eu-2020", name="importance_before"
    ),
    "substitution_sr_by_stage": partial(
        attributes.by_stage, quantity="substitution_index", item="sr", name="substitution_sr_by_stage"
    ),
    "substitution_sr": partial(
        attributes.by_material, quantity="substitution_index", item="sr", name="substitution_sr"
    ),
    "substitution_ei": partial(
        attributes.by_material, quantity="substitution_index", item="ei", name="substitution_ei"
    ),
    "eu_import_reliance": partial(
        attributes.by_material, quantity="import_reliance", item="eu", name="eu_import_reliance"
    ),
    "peer_production": peer.production,
    "peer_scale": peer.scale,
    "peer_trade_mass": partial(peer.trade, quantity="trade_mass", name="peer_trade_mass", unit="t"),
    "peer_trade_value": partial(peer.trade, quantity="trade_value", name="peer_trade_value", unit="kUSD"),
    "peer_instability": peer.instability,
    "production_series": markets.production_series,
    "price_series": markets.price_series,
    "price_monthly": markets.price_monthly,
    "world_reserves": markets.world_reserves,
    "companion_share": markets.companion_share,
    "gdp": partial(relations.yearly, quantity="gdp", unit="USD"),
    "ideal_point": partial(relations.yearly, quantity="ideal_point", unit="score"),
    "bilateral_trade": relations.bilateral_trade,
    "defence_pact": relations.defence_pact,
    **exports.BUILDERS,
    **technology_paths.BUILDERS,
    **{name: partial(_process, name=name) for name in process_cubes.NAMES},
    **economy.BUILDERS,
    **statements.BUILDERS,
}


class LazyCubes(Mapping[str, Cube]):
    """The cubes of a selection, each built once, when first asked for."""

    def __init__(self, selection: Selection) -> None:
        """Keep the selection."""
        self._selection = selection
        self._built: dict[str, Cube] = {}

    def __getitem__(self, quantity: str) -> Cube:
        """Return the cube of a quantity, building it if need be."""
        if quantity not in self._built:
            self._built[quantity] = BUILDERS[quantity](self._selection)
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
    selection = Selection(axes, {**PREFERRED, **(preferred or {})})
    return Case(axes, LazyCubes(selection), manifest=_hash(selection))


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
