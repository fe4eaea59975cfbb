"""A shock as tables: what the focus goes without, what that costs channel by channel, who else, and the months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from khanij.analyses import loss_cells
from khanij.analyses.loss_cells import LOSS
from khanij.analyses.shock.effects import ChannelEffect, GoodEffect, ShockEffects
from khanij.core.number import Number
from khanij.core.range import Range
from khanij.core.table import Table
from khanij.present import names
from khanij.reference import columns
from khanij.reference.assumptions import assumed
from khanij.reference.industry.product_output import products as product_table
from khanij.reference.names import country_name
from khanij.simulate.supply.networks import REST
from khanij.simulate.supply.timeline import EventTimeline

SHOWN = 12  # buyers of a good
WHOLE = "all channels"
IDS = ("product", "material", "stage", "country")
GOODS = (
    *("mineral", "form", "use_tonnes", "from_seller", "shortage_tonnes", "shortage", "price_ratio", "from_stock"),
    *("draws_cleared", "material", "stage"),
)
LOSSES = ("mineral", "channel", *LOSS, "why", "material")
BUYERS = ("country_name", "mineral", "form", "use_tonnes", "shortage_tonnes", "shortage", "price_ratio", *IDS[1:])
MONTHS = ("month", "flow_left", "unmet", "unmet_if_lasting", "stock_left")
PRODUCTS = (
    "product_name",
    "mineral",
    "short_after",
    "output_lost",
    "units_lost",
    "value_added_lost",
    "product",
    "material",
)
SECTORS = ("sector", "mineral", "value_added_lost", "lost_with_customers", "lost_with_sales", "material")
COURSE = ("month", "mineral", "form", "delivered", "loss_of_month", "material", "stage")
TABLES = {
    "shock": {
        "shortage": GOODS,
        "products": PRODUCTS,
        "losses": LOSSES,
        "course": COURSE,
        "sectors": SECTORS,
        "buyers": BUYERS,
        "months": MONTHS,
    }
}
SECTORS_SHOWN, PRODUCTS_SHOWN = 12, 30
MADE_UP = (
    "after stocks, thrift, redesign and what is made up later; a product of which no output is on record may as well "
    "not be made"
)
FITTED = "value: behaviour as fitted to the fit events of the back-test, other parameters at their best"
RANGE = (
    "ranges: 10 % to 90 % of {draws} draws of elasticities, of substitution, of who cannot do without and of the flows "
    "of the base year (seed {seed}), wider where the value lies outside"
)
CAVEAT = (
    "substitution in use and the part of users' output that needs the material are low-confidence ranges; losses are "
    "of one year, USD of the base year at values of trade, gains below 0; other countries' are not counted"
)
BOUND = "a lower bound is what is known of a sum of which a part is not priced: the sum itself is not known"
BEYOND = (
    f"the price that users answer lies above {assumed('choke_price'):g} times the base price, the dearest on record; "
    "the shortage is certain, the price is not"
)


def goods(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return one row a good that the focus uses: how much of it comes from those affected, shortage and price."""
    rows = [_good(good, sources) for good in found.goods]
    result = found.result
    title = f"What {country_name(result.focus)} goes without, {result.year}: {result.name}"
    said = (FITTED, *((RANGE.format(draws=result.draws, seed=result.seed),) if result.draws else ()))
    return _table("shortage", title, rows, GOODS, (*said, *_assumed(found)))


def _good(good: GoodEffect, sources: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of one good."""
    note = BEYOND if good.beyond else ""
    return {
        "mineral": names.mineral(good.material),
        "form": names.form(good.material, good.stage),
        "use_tonnes": Number(good.use, "t", sources),
        "from_seller": good.share,
        "shortage_tonnes": _number(good.shortage, "t", sources, good.tonnes),
        "shortage": _number(good.shortage, "1", sources),
        "price_ratio": replace(_number(good.price, "times", sources), note=note),
        "from_stock": _some(good.stock),
        "draws_cleared": _some(good.cleared),
        "material": good.material,
        "stage": good.stage,
    }


def _number(value: Range, unit: str, sources: tuple[str, ...], scale: float = 1.0) -> Number:
    """Return a range as a Number of low confidence."""
    low, best, high = (_some(end * scale) for end in value)
    note = "" if best is not None else loss_cells.UNSOLVED
    return Number(best, unit, sources, low, high, "low", note)


def _some(value: float) -> float | None:
    """Return a number, None where there is none."""
    return float(value) if np.isfinite(value) else None


def losses(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return one row a material and channel, and their sum: the loss, or what of it is known and why no more."""
    rows = []
    for total in found.totals:
        mine = [loss for loss in found.losses if loss.material == total.material]
        rows += [_loss(loss, loss.channel, sources) for loss in mine]
        rows.append(_loss(total, WHOLE, sources))
    result = found.result
    title = f"What it costs {country_name(result.focus)}: loss of gross domestic product"
    lacking = [f"{total.material}, not priced: {'; '.join(reasons(total))}" for total in found.totals if total.unknown]
    notes = (*lacking, *((BOUND,) if lacking else ()), CAVEAT, *result.notes)
    return _table("losses", title, rows, LOSSES, notes, side=("why",))


def _loss(loss: ChannelEffect, channel: str, sources: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of one channel, or of all; a part that is known to be nothing bounds nothing."""
    low, best, high = loss.loss
    unknown = {loss.material: loss.unknown} if loss.unknown else {}
    cells = loss_cells.cells(best, unknown, sources, low, high)
    if unknown and not np.isfinite(best):
        cells["loss"] = Number(None, loss_cells.UNIT, note=f"not priced: {loss_cells.why(unknown)}")
    if unknown and best == 0 and channel != WHOLE:
        cells |= {"lower_bound": None, "known_part": None}
    return {
        "mineral": names.mineral(loss.material),
        "channel": channel,
        **cells,
        "why": "; ".join(reasons(loss)),
        "material": loss.material,
    }


def reasons(loss: ChannelEffect) -> list[str]:
    """Return why a loss is not known, "refined, component: no record tells who uses it"; nothing where it is."""
    found = loss_cells.goods({loss.material: loss.unknown})
    return [f"{', '.join(stage for _, stage in listed)}: {reason}" for reason, listed in found.items()]


def products(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return one row a product and material: when its makers run short, what they do not make and what that costs."""
    rows, told = [], dict[str, int]()
    for one in found.products:
        told[one.material] = told.get(one.material, 0) + 1
        if told[one.material] > PRODUCTS_SHOWN:
            continue
        unit = "units" if one.unit == "1" else one.unit
        rows.append(
            {
                "product_name": product_table()[one.product].name,
                "mineral": names.mineral(one.material),
                "short_after": _number(one.after, "months", sources),
                "output_lost": _number(one.output, "months", sources),
                "units_lost": None if one.units is None else _number(one.units, unit, sources),
                "value_added_lost": _number(one.loss, "MUSD", sources, 1e-6),
                "product": one.product,
                "material": one.material,
            }
        )
    title = f"What {country_name(found.result.focus)} does not make"
    return _table("products", title, rows, PRODUCTS, (MADE_UP,))


def course(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return one row a month and material: deliveries of the good that is shortest, and the loss of the month."""
    rows = [
        {
            "month": one.month,
            "mineral": names.mineral(one.material),
            "form": names.form(one.material, one.stage),
            "delivered": _number(one.delivered, "1", sources),
            "loss_of_month": _number(one.loss, loss_cells.UNIT, sources, 1e-6),
            "material": one.material,
            "stage": one.stage,
        }
        for one in found.months
    ]
    return _table("course", "Month by month, makers' own gains left out", rows, COURSE, ())


def sectors(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return one row an industry and material: value added lost as user, as customer and as supplier."""
    rows, told = [], dict[str, int]()
    for one in found.sectors:
        told[one.material] = told.get(one.material, 0) + 1
        if told[one.material] > SECTORS_SHOWN:
            continue
        rows.append(
            {
                "sector": one.name,
                "mineral": names.mineral(one.material),
                "value_added_lost": _number(one.user, "MUSD", sources, 1e-6),
                "lost_with_customers": Number(one.customer / 1e6, "MUSD", sources, confidence="low"),
                "lost_with_sales": Number(one.supplier / 1e6, "MUSD", sources, confidence="low"),
                "material": one.material,
            }
        )
    return _table("sectors", "Which industries lose", rows, SECTORS, ())


def buyers(found: ShockEffects, sources: tuple[str, ...]) -> Table:
    """Return the countries that go without most tonnes of each good that is cut."""
    rows, seen = [], dict[tuple[str, str], int]()
    for buyer in found.buyers:
        key = (buyer.material, buyer.stage)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= SHOWN:
            rows.append(
                {
                    "country_name": country_name(buyer.country),
                    "mineral": names.mineral(buyer.material),
                    "form": names.form(buyer.material, buyer.stage),
                    "use_tonnes": buyer.use,
                    "shortage_tonnes": Number(buyer.lost, "t", sources, confidence="low"),
                    "shortage": buyer.shortage,
                    "price_ratio": buyer.price,
                    "material": buyer.material,
                    "stage": buyer.stage,
                    "country": buyer.country,
                }
            )
    notes = (f"{REST}: all countries not named one by one",) if any(row["country"] == REST for row in rows) else ()
    return _table("buyers", "Who goes without", rows, BUYERS, notes)


def months(told: EventTimeline, focus: str, sources: tuple[str, ...]) -> Table:
    """Return the months of a documented event: flow left, and use not met as it went and had it lasted."""
    rows = [
        {
            "month": month,
            "flow_left": float(told.flow[n]),
            "unmet": _number(Range(*sorted(map(float, told.went[:, n]))), "1", sources),
            "unmet_if_lasting": _number(Range(*sorted(map(float, told.lasted[:, n]))), "1", sources),
            "stock_left": float(told.stock[n]),
        }
        for n, month in enumerate(told.month)
    ]
    good = f"{names.mineral(told.network.material)}, {names.form(told.network.material, told.stage)}"
    title = f"{told.event.name} month by month: use of {good} that is not met in {country_name(focus)}"
    note = (
        "flows before prices answer: monthly, stocks first, rationing in proportion, orders that move on; value: "
        "stocks and idle capacity at their best, range: low and high"
    )
    return columns.table("months", title, rows, MONTHS, notes=(note,))


def _table(
    key: str,
    title: str,
    rows: list[dict[str, Any]],
    keys: tuple[str, ...],
    notes: tuple[str, ...],
    side: tuple[str, ...] = (),
) -> Table:
    """Return a table with its ids last; neither they nor the columns in `side` are kept by a narrow terminal."""
    more = columns.ids(*(name for name in IDS if name in keys))
    more += tuple(columns.column(name, main=False) for name in side)
    return columns.table(key, title, rows, keys, notes=tuple(dict.fromkeys(notes)), more=more)


def _assumed(found: ShockEffects) -> Iterator[str]:
    """Yield what had to be assumed about each network."""
    for answer in found.result.answers:
        for note in answer.network.notes:
            yield f"{answer.network.material}, {note}"
        if not answer.effect.converged[0]:
            yield f"{answer.network.material}: {loss_cells.UNSOLVED}; no value is shown"
    for material, stage in found.unused:
        yield f"{material}, {stage}: no use of {country_name(found.result.focus)} is on record"
    for good in found.goods:
        if good.beyond:
            yield f"{good.material}, {good.stage}: {BEYOND}"
