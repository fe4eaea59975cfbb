"""Single stops as tables: one seller and one good by shortage and by loss, one seller, two sellers together."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from khanij.analyses import commands, loss_cells
from khanij.analyses.loss_cells import LOSS, MILLION
from khanij.analyses.risk.numbers import RankedStop, RiskNumbers, StopNumbers
from khanij.analyses.risk.rows import some, table
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import names
from khanij.reference.names import country_name
from khanij.simulate.risk.assessment import SellerStop

MOST = 3  # minerals named in a cell
BEHAVIOUR = (
    "behaviour of buyers and sellers comes from published ranges of elasticities, fitted to two events; what stands "
    "still without a material rests on low-confidence ranges of substitution (docs: backtest, methods/market)"
)
STOPS = (
    *("country_name", "mineral", "shortage", *LOSS, "form", "rank_shortage", "rank_loss", "shortage_tonnes"),
    *("from_seller", "price_ratio", "country", "material", "stage"),
)
IN_FORCE = (*STOPS[: STOPS.index("rank_shortage")], "controls", *STOPS[STOPS.index("rank_shortage") :])
SELLERS = ("country_name", *LOSS, "minerals_sold", "dearest_minerals", "not_solved", "country")
PAIRS = (
    *("country_name", "second_name", "priced_loss", "beyond_sum", "minerals_of_both", "dearest_minerals", "not_solved"),
    *("country", "second_country"),
)
RANKING = (*("mineral", "form", "country_name", *LOSS, "first_five", "rank_q50", "country", "material", "stage"),)
TABLES = {"stops": STOPS, "ranking": RANKING, "n-1": SELLERS, "n-2": PAIRS}
NO_USE = "none of it is used, or the market has not cleared"


def stops(
    found: StopNumbers, sources: tuple[str, ...], states: Mapping[tuple[str, str, str], str] | None = None
) -> Table:
    """Return every stop of one seller and good (N-1) with its places by shortage and by loss, side by side.

    states  (country, material, stage) -> its newest restriction in force; None = it is not told
    """
    rows = [_stop(row, found, sources) for row in found.stops]
    keys = STOPS if states is None else IN_FORCE
    for row in rows if states is not None else ():
        row["controls"] = states.get((row["country"], row["material"], row["stage"]), "")
    notes = [
        "all exports of the good stop for a year; probability plays no part; rows in the order of the better of the "
        "two places, so that the first of both stand on top",
        "place by shortage: by the part of use not met, then spending; place by loss: among those priced in full",
        "range of a loss: substitution and the part of output that needs the material"
        if found.economy and found.economy.known
        else "range of a loss: behaviour of buyers and sellers, of the first stops alone",
        BEHAVIOUR,
    ]
    unsolved = sum(not row.stop.solved for row in found.stops)
    notes += [f"{unsolved} stops that the market engine has not solved stand last, without a loss"] if unsolved else []
    title = f"If one seller stops one good (N-1): what {country_name(found.focus)} goes without, and what it costs"
    side = ("rank_shortage", "rank_loss", "price_ratio", "from_seller", "shortage_tonnes")
    notes += found.caveats
    return table("stops", title, rows, keys, notes, ("country", "material", "stage"), side)


def _stop(row: RankedStop, found: StopNumbers, sources: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of one stop."""
    stop = row.stop
    good = f"{stop.country}:{stop.material}:{stop.stage}"
    how = commands.line("shock", found.focus, ban=good, year=found.year)
    unknown = {stop.material: stop.unknown} if stop.unknown else {}
    short = some(stop.shortage) if stop.solved else None
    price = some(stop.price) if stop.solved else None
    told = {"sources": sources, "confidence": "low", "how": how}
    return {
        "country_name": country_name(stop.country),
        "mineral": names.mineral(stop.material),
        "shortage": Number(short, "1", note="" if short is not None else NO_USE, **told),
        **loss_cells.cells(stop.loss, unknown, sources, stop.low, stop.high, how),
        "form": names.form(stop.material, stop.stage),
        "rank_shortage": row.by_shortage,
        "rank_loss": row.by_loss,
        "shortage_tonnes": Number(
            None if short is None else short * stop.use, "t", note="" if short is not None else NO_USE, **told
        ),
        "from_seller": stop.share,
        "price_ratio": Number(price, "times", note="" if price is not None else NO_USE, **told),
        "country": stop.country,
        "material": stop.material,
        "stage": stop.stage,
    }


def ranking(found: StopNumbers, sources: tuple[str, ...]) -> Table:
    """Return the goods by what a year's stop of their largest seller costs, with how sure that order is."""
    rows = [
        {
            "mineral": names.mineral(good.material),
            "form": names.form(good.material, good.stage),
            "country_name": country_name(good.seller),
            **loss_cells.cells(good.best, found.lacks(good), sources, good.low, good.high),
            "first_five": good.first,
            "rank_q50": good.place,
            "country": good.seller,
            "material": good.material,
            "stage": good.stage,
        }
        for good in found.ranking
    ]
    title = f"Which goods cost {country_name(found.focus)} most if their largest seller stops, and how sure that is"
    notes = [
        "all exports of the good stop for a year; probability plays no part; in the order of what is known of the loss",
        "one draw is one world, the same for all goods: elasticities, stocks and idle capacity around what was fitted, "
        "substitution, thrift, and who cannot do without; range: 10 % and 90 % of the draws",
        "places are among all goods listed, by what is known of their loss",
    ]
    return table("ranking", title, rows, RANKING, [*notes, *found.caveats], ("country", "material", "stage"))


def sellers(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return the loss if one seller stops all that it sells (N-1)."""
    rows = [
        {
            "country_name": country_name(stop.sellers[0]),
            **loss_cells.cells(stop.known, found.lacks(stop), sources),
            **_sold(stop),
            "country": stop.sellers[0],
        }
        for stop in found.sellers
    ]
    title = f"If one seller stops all that it sells (N-1), {country_name(found.base.focus)}"
    notes = [
        "exports of every good of which it is a hazard stop for a year; probability plays no part",
        "in the order of what is priced: a seller whose loss is not known may stand higher",
    ]
    return table("n-1", title, rows, SELLERS, (*notes, *found.base.caveats), ("country",))


def _sold(stop: SellerStop) -> dict[str, Any]:
    """Return how many minerals a stop touches, the dearest of them, and those not solved."""
    known = {material: loss for material, loss in stop.losses.items() if isfinite(loss)}
    dearest = sorted((m for m in known if known[m] > 0), key=lambda m: (-known[m], m))[:MOST]
    return {
        "minerals_sold": len(stop.losses),
        "dearest_minerals": names.minerals(dearest),
        "not_solved": names.minerals(sorted(set(stop.losses) - set(known))),
    }


def pairs(found: RiskNumbers) -> Table:
    """Return the loss if two sellers stop together (N-2), all pairs."""
    rows = [
        {
            "country_name": country_name(stop.sellers[0]),
            "second_name": country_name(stop.sellers[1]),
            "priced_loss": stop.known / MILLION,
            "beyond_sum": some(stop.beyond, MILLION),
            "minerals_of_both": len(stop.joint),
            **{key: value for key, value in _sold(stop).items() if key != "minerals_sold"},
            "country": stop.sellers[0],
            "second_country": stop.sellers[1],
        }
        for stop in found.pairs
    ]
    title = f"If two sellers stop together (N-2), {country_name(found.base.focus)}"
    return table("n-2", title, rows, PAIRS, found.base.caveats, ("country", "second_country"))
