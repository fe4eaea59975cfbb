"""Products of an economy that cannot do without the goods of a network, as arrays for losses by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.industry.critical_inputs import CriticalInput
from khanij.reference.industry.product_output import newest_output, products
from khanij.simulate.loss.critical_uses import USUAL_COST, family_part, goods_of, industry_part, rows_of
from khanij.simulate.loss.industries import Economy

WEEKS = 365.0 / 7.0 / 12.0  # in a month
ENDS = 3  # least loss, best, most loss
NEVER = 1e6  # months of a redesign that nobody has


@dataclass(frozen=True, slots=True)
class ProductNeeds:
    """P pairs of a stage and a product, J products, n industries; first axis of ENDS: least loss, best, most.

    products  ids      stage (P,), product (P,) positions
    exposed   (ENDS, P) part of the product's output that holds the good
    weight    (ENDS, P) part of that output which stops without it
    cover     (ENDS, P) months of use in stock at its makers      redesign (ENDS, P) months until most do without it
    counted   (P,) the good is told in pieces, of which none can be made thinner
    spent     (P,) part of the stage's use, by value, that goes into the product: adds up to 1 a stage
    part      (ENDS, J, n) part of each industry's output that is the product
    units     what a year makes there: low, best, high and unit by product; None = not on record
    sources   of the pairs
    """

    products: tuple[str, ...]
    stage: Positions
    product: Positions
    exposed: Floats
    weight: Floats
    cover: Floats
    redesign: Floats
    counted: NDArray[np.bool_]
    spent: Floats
    part: Floats
    units: tuple[tuple[float, float, float, str] | None, ...]
    sources: tuple[str, ...]


class _Pair(NamedTuple):
    stage: int
    row: CriticalInput
    exposed: tuple[float, ...]
    weight: tuple[float, ...]
    cover: tuple[float, ...]
    redesign: tuple[float, ...]


def product_needs(case: Case, economy: Economy, material: str, stages: Sequence[str]) -> ProductNeeds:
    """Return who needs each stage of a material in an economy; without pairs where no row of the table says so.

    A product of which no output is on record there may as well not be made: at least, it is nought. Stock and redesign
    that no row tells are those of the assumption user_cover, and none.
    """
    pairs = [pair for k, stage in enumerate(stages) for pair in _pairs(case, economy, material, stages, k, stage)]
    ids = tuple(dict.fromkeys(pair.row.product for pair in pairs))
    part = np.zeros((ENDS, len(ids), len(economy.codes)))
    for j, id in enumerate(ids):
        part[:, j] = _part(case, economy, id)
    whole = part.sum(axis=1, keepdims=True)
    part = np.divide(part, np.maximum(whole, 1.0))
    place = {id: j for j, id in enumerate(ids)}
    stage = np.array([pair.stage for pair in pairs], dtype=np.intp)
    product = np.array([place[pair.row.product] for pair in pairs], dtype=np.intp)
    return ProductNeeds(
        products=ids,
        stage=stage,
        product=product,
        exposed=_ends([pair.exposed for pair in pairs]),
        weight=_ends([pair.weight for pair in pairs]),
        cover=_ends([pair.cover for pair in pairs]),
        redesign=_ends([pair.redesign for pair in pairs]),
        counted=np.array([pair.row.counted for pair in pairs], dtype=bool),
        spent=_spent(pairs, stage, product, part[1] @ economy.output, len(stages)),
        part=part,
        units=tuple(_units(id, economy.focus) for id in ids),
        sources=tuple(dict.fromkeys(pair.row.source for pair in pairs)),
    )


def _pairs(case: Case, economy: Economy, material: str, stages: Sequence[str], k: int, stage: str) -> list[_Pair]:
    """Return the pairs of one stage with products that the economy makes."""
    found = []
    cover = tuple(assumed_range("user_cover", case))
    for row in rows_of(goods_of(stage, stages, material), economy.focus):
        if not economy.known or not _part(case, economy, row.product).any():
            continue
        held = tuple(row.cover) if row.cover is not None else cover
        months = tuple(row.redesign) if row.redesign is not None else (NEVER,) * ENDS
        weeks = tuple(value / WEEKS for value in reversed(held))
        found.append(_Pair(k, row, tuple(row.adoption), tuple(row.weight), weeks, months))
    return found


def _part(case: Case, economy: Economy, id: str) -> Floats:
    """Return (ENDS, n) the part of each industry's output that is a product."""
    weight, sure = industry_part(case, economy.focus, economy.table, economy.codes, economy.output, products()[id])
    factor = assumed("product_split", case)
    split = (1 / factor, 1.0, factor) if sure else (0.0, 1 / factor, 1.0)
    return np.minimum(np.array(split)[:, None] * weight, 1.0)


def _spent(pairs: Sequence[_Pair], stage: Positions, product: Positions, output: Floats, stages: int) -> Floats:
    """Return (P,) the part of each stage's use by product: its output, the part that holds the good, and its cost."""
    known = [pair.row.cost_share.best for pair in pairs if pair.row.cost_share is not None]
    usual = float(np.median(known or [USUAL_COST]))
    cost = np.array([usual if p.row.cost_share is None else max(p.row.cost_share.best, 1e-9) for p in pairs])
    held = np.array([max(pair.row.adoption.best, 1e-9) for pair in pairs])
    value = output[product] * held * cost if len(pairs) else np.zeros(0)
    whole = np.bincount(stage, value, stages)[stage]
    return np.divide(value, whole, out=np.zeros_like(value), where=whole > 0)


def _ends(rows: Sequence[tuple[float, ...]]) -> Floats:
    """Return rows of (least, best, most) as (ENDS, P)."""
    return np.array(rows, dtype=np.float64).reshape(-1, ENDS).T.copy()


def _units(id: str, focus: str) -> tuple[float, float, float, str] | None:
    """Return what a year makes of a product in a place, or its part of its family there."""
    own = newest_output(id, focus)
    if own is not None:
        return (*own.output, own.unit)
    family = products()[id].family
    head = newest_output(family, focus) if family else None
    part = family_part(products()[id], focus)
    return None if head is None else (*(value * part for value in head.output), head.unit)
