"""Who cannot do without a good: the part of each industry's output that holds it, from the table of critical inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.reference.assumptions import assumed
from khanij.reference.industry import economies
from khanij.reference.industry.critical_inputs import CriticalInput, critical_inputs, inputs_of, users_of
from khanij.reference.industry.product_output import WORLD, Product, newest_output, output_worth, products

Good = tuple[str, str]
MILLION = 1e6
USUAL_COST = (
    1e-3  # cost share of a good in its users' products where no row tells one: spreads spending, scales nothing
)


@dataclass(frozen=True, slots=True)
class CriticalUses:
    """Industries of an economy that make products which hold a good.

    exposed  (3, n) part of the industry's output that is lost with the good: low, best, high; nan = no such product
    share    (n,) part of the good's use by industry, adds up to 1
    users    product -> part of all value added at risk that stands behind it, the largest first
    sources  of the rows
    """

    exposed: Floats
    share: Floats
    users: Mapping[str, float]
    sources: tuple[str, ...]


def goods_of(stage: str, among: Iterable[str], material: str) -> tuple[Good, ...]:
    """Return the goods whose users stand behind a stage: its own, and those of later stages that nothing tells apart.

    among  stages of the material that are told apart
    """
    listed, known = set(among), {row.good for row in critical_inputs() if row.material == material}
    order = ("mined", "processed", "refined")
    later = order[order.index(stage) + 1 :] if stage in order else ()
    hidden = []
    for name in later:
        if name in listed:
            break
        hidden.append(name)
    return tuple((material, name) for name in (stage, *hidden) if (material, name) in known)


def critical_uses(case: Case, focus: str, table: str, codes: tuple[str, ...], output: Floats, value_added: Floats,
                  goods: Iterable[Good]) -> CriticalUses | None:  # fmt: skip
    """Return who needs goods (of one stage) in an economy; None where no row of the table names a user.

    e[j] = sum_p w[p, j]·a[p]·c[p]:  w part of industry j's output that is product p, a adoption, c what is lost with it

    focus          ISO alpha-3 of the economy; its own rows go before those of everywhere
    table, codes   the input-output table and its n industries      output, value_added  (n,) USD
    The part of an industry that a product is has no source: it is that of the finest table held, low and high by the
    assumption product_split; a product of which no output is on record there may as well not be made.
    """
    rows = rows_of(goods, focus)
    if not rows:
        return None
    factor = assumed("product_split", case)
    exposed, spent = np.zeros((3, len(codes))), np.zeros(len(codes))
    behind: dict[str, float] = {}
    usual = [row.cost_share.best for row in rows if row.cost_share is not None]
    for row in rows:
        weight, sure = industry_part(case, focus, table, codes, output, products()[row.product])
        if not weight.any():
            continue
        split = (1 / factor, 1.0, factor) if sure else (0.0, 1 / factor, 1.0)
        ends = [w * a * c for w, a, c in zip(split, row.adoption, row.weight, strict=True)]
        exposed += np.array(ends)[:, None] * weight
        cost = row.cost_share.best if row.cost_share is not None else float(np.median(usual or [USUAL_COST]))
        spent += weight * output * row.adoption.best * max(cost, 1e-9)
        risked = float((np.minimum(ends[1] * weight, 1.0) * np.maximum(value_added, 0.0)).sum())
        behind[row.product] = behind.get(row.product, 0.0) + risked
    if not spent.sum() > 0:
        return None
    whole = sum(behind.values())
    users = {name: part / whole for name, part in sorted(behind.items(), key=lambda item: -item[1])} if whole else {}
    sources = tuple(dict.fromkeys(row.source for row in rows))
    held = exposed[2] > 0
    return CriticalUses(np.where(held, np.minimum(exposed, 1.0), np.nan), spent / spent.sum(), users, sources)


def at_risk(case: Case, focus: str, table: str, codes: tuple[str, ...], output: Floats, value_added: Floats,
            goods: Iterable[Good]) -> dict[str, tuple[float, float, float]]:  # fmt: skip
    """Return product -> value added that needs goods, USD: low, best, high; see critical_uses()."""
    factor, added = assumed("product_split", case), np.maximum(value_added, 0.0)
    found = {}
    for row in rows_of(goods, focus, inside=True):
        weight, sure = industry_part(case, focus, table, codes, output, products()[row.product])
        split = (1 / factor, 1.0, factor) if sure else (0.0, 1 / factor, 1.0)
        ends = (w * a * c for w, a, c in zip(split, row.adoption, row.weight, strict=True))
        low, best, high = (float((np.minimum(end * weight, 1.0) * added).sum()) for end in ends)
        found[row.product] = (low, best, high)
    return found


def rows_of(goods: Iterable[Good], focus: str, inside: bool = False) -> list[CriticalInput]:
    """Return the rows of goods in a place; of one product the row that most of it hangs on.

    inside  also rows of a good that reaches the product inside another one: cobalt in the cell of a phone is needed by
            who makes cells, and a phone stops for want of the cell
    """
    best: dict[str, CriticalInput] = {}
    for good in goods:
        for row in users_of(*good, place=focus):
            held = best.get(row.product)
            direct = inside or not row.inside
            if direct and row.weight.high > 0 and (held is None or _lost(row) > _lost(held)):
                best[row.product] = row
    return [best[name] for name in sorted(best)]


def _lost(row: CriticalInput) -> float:
    """Return the part of a product's output that is lost with a good."""
    return row.adoption.best * row.weight.best


def industry_part(
    case: Case, focus: str, table: str, codes: tuple[str, ...], output: Floats, product: Product
) -> tuple[Floats, bool]:
    """Return (n,) the part of each industry's output that is a product, and whether its output there is on record.

    What is made here is worth its units times the worth of one where both are on record; else, where the units made are
    known here and in the country of the finest table, as much a unit as there; else the product has the part of its
    division that it has there.
    """
    told = output_worth(product.id, focus)
    if told is not None:
        return _of_worth(table, codes, output, product, told.best), True
    head = products()[product.family] if product.family else product
    part, fine = family_part(product, focus) * industry_part_of(head.id), fine_output(case)
    out, made = np.zeros(len(codes)), newest_output(head.id, focus) or newest_output(product.id, focus)
    if head.industry in codes:
        out[codes.index(head.industry)] = part
        return out, True
    there = newest_output(head.id, _home())
    units = made is not None and there is not None and made.unit == there.unit and there.output.best > 0
    for row in economies.divisions(table).get(head.nace, ()):
        if row.industry not in codes or not output[codes.index(row.industry)] > 0:
            continue
        own = _within(fine, head.nace).get(head.industry, 0.0)
        if units and made is not None and there is not None:
            worth = own * MILLION * made.output.best / there.output.best
            out[codes.index(row.industry)] += part * worth / output[codes.index(row.industry)]
            continue
        held = [d for d, divisions in _divisions(table).items() if row.industry in divisions]
        whole = sum(value for d in held for value in _within(fine, d).values())
        out[codes.index(row.industry)] += part * row.share * own / whole if whole > 0 else 0.0
    return np.minimum(out, 1.0), made is not None


def _of_worth(table: str, codes: tuple[str, ...], output: Floats, product: Product, worth: float) -> Floats:
    """Return (n,) the part of each industry's output that a product of that worth is, at most all of it."""
    rows = [(row.industry, row.share) for row in economies.divisions(table).get(product.nace, ())]
    if product.industry in codes:
        rows = [(product.industry, 1.0)]
    rows = [(code, share) for code, share in rows if code in codes and output[codes.index(code)] > 0]
    out, whole = np.zeros(len(codes)), sum(share for _, share in rows)
    for code, share in rows:
        out[codes.index(code)] += worth * share / whole / output[codes.index(code)]
    return np.minimum(out, 1.0)


def _home() -> str:
    """Return the country of the finest table."""
    return economies.table(_finest()).countries[0]


@cache
def _divisions(table: str) -> dict[str, tuple[str, ...]]:
    """Return division -> industries of a table that hold it."""
    return {nace: tuple(row.industry for row in rows) for nace, rows in economies.divisions(table).items()}


def _finest() -> str:
    """Return the id of the table with most industries."""
    return max(economies.tables(), key=lambda id: len(economies.industries(id)))


def fine_output(case: Case) -> dict[str, float]:
    """Return industry of the finest table -> its output, that of the regions which the table holds."""
    made = case.cubes.get("economy_output")
    if made is None or _finest() not in made.axis("table"):
        return {}
    rows = np.nan_to_num(made.values[made.axis("table").at(_finest())]).sum(axis=0)
    return dict(zip(made.axis("industry").codes, rows.tolist(), strict=True))


def _within(fine: Mapping[str, float], nace: str) -> dict[str, float]:
    """Return industry of the finest table -> its output in a division."""
    rows = economies.divisions(_finest()).get(nace, ())
    return {row.industry: fine.get(row.industry, 0.0) * row.share for row in rows}


@cache
def industry_part_of(head: str) -> float:
    """Return the part of what one industry of the finest table makes that a product, or head of a family, is.

    By what the world's output of each is worth, where that is on record for all with inputs on record that the industry
    makes; an even part of it else.
    """
    used = {row.product for row in critical_inputs()}
    heads = sorted({products()[name].family or name for name in used})
    sharing = [name for name in heads if products()[name].industry == products()[head].industry]
    worth = [output_worth(name, WORLD) for name in sharing]
    known = [one.best for one in worth if one is not None]
    if head in sharing and len(known) == len(sharing) and sum(known) > 0:
        return known[sharing.index(head)] / sum(known)
    return 1.0 / max(1, len(sharing))


@cache
def family_part(product: Product, focus: str) -> float:
    """Return the part of its family that a product is, by units made there, else in the world, else even."""
    if not product.family:
        return 1.0
    members = [row for row in products().values() if row.family == product.family and inputs_of(row.id)]
    for place in (focus, WORLD):
        made = {row.id: newest_output(row.id, place) for row in members}
        told = {id: row for id, row in made.items() if row is not None}
        if len(told) == len(members) and len({row.unit for row in told.values()}) == 1:
            whole = sum(row.output.best for row in told.values())
            return told[product.id].output.best / whole if whole > 0 and product.id in told else 0.0
    return 1.0 / max(1, len(members))
