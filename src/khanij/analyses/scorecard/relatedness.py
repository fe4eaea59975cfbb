"""What lies near what a country sells already: relatedness in the product space, and how complex a good is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.analyses.inputs import facts
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard.advantage import METHOD, STAGES, among_all_goods
from khanij.core.errors import SourceError
from khanij.core.number import Key, Number
from khanij.kernels.indicators import advantage

NO_COMPLEXITY = "the product space has no complexity of it"


@dataclass(frozen=True, slots=True)
class NearGood:
    """A good that a country does not lead in, and how near it is.

    among_all    Balassa index among all goods      relatedness  part of what lies near that it sells with advantage
    complexity   of the good      gap  the same less the complexity of the country's exports; above 0 = a step up
    world_share  the country's part in the world's exports
    """

    material: str
    stage: str
    among_all: Number
    relatedness: Number
    complexity: Number
    gap: Number
    world_share: Number


def near_goods(profile: CountryProfile) -> tuple[NearGood, ...]:
    """Return the goods of listed minerals without an advantage among all goods, the nearest first.

    d_p = Σ_q φ_pq M_q / Σ_q φ_pq: q runs over the mineral goods of the store, M_q whether the index of q among all
    goods is at least 1, φ the mean over the trade codes of both; range: M by the ends of the index. None without total
    and without a store, which holds the product space.
    """
    shares = profile.values(METHOD, "world_share")
    goods: list[tuple[str, str]] = [(m, s) for (m, s), n in shares.items() if s in STAGES and n.value is not None]
    index = {key: among_all_goods(shares[key], profile.focal, profile.year) for key in goods}
    if not goods or all(n.value is None for n in index.values()):
        return ()
    try:
        space, codes = facts.product_space(), _codes(goods)
    except SourceError:  # a Case made by hand, and no store beside it
        return ()
    near = _between(codes, goods, space.proximity)
    ends = [advantage.density(_has([_end(index[key], end) for key in goods]), near) for end in ("low", "value", "high")]
    own = space.country.get(profile.focal)
    found = []
    for row, key in enumerate(goods):
        low, best, high = (float(end[row]) for end in ends)
        if key[0] not in profile.listed or np.isnan(best) or (index[key].value or 0.0) >= 1.0:
            continue
        told = [space.good[code] for code in codes[key] if code in space.good]
        complexity = _score(float(np.mean(told)) if told else None, space.sources)
        found.append(
            NearGood(
                *key,
                index[key],
                Number(best, "1", (*space.sources, *index[key].sources), low, high, "low"),
                complexity,
                _score(None if complexity.value is None or own is None else complexity.value - own, space.sources),
                shares[key],
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.relatedness.value or 0.0), one.material, one.stage)))


def _score(value: float | None, sources: tuple[str, ...]) -> Number:
    """Return a complexity, with the reason where it is not known."""
    return Number(value, "score", sources, confidence="medium", note="" if value is not None else NO_COMPLEXITY)


def _codes(goods: list[Key]) -> dict[Key, tuple[str, ...]]:
    """Return the trade codes of each good."""
    found: dict[Key, list[str]] = {key: [] for key in goods}
    for code in reference.hs_codes():
        if (code.material, code.stage) in found and code.code not in found[code.material, code.stage]:
            found[code.material, code.stage].append(code.code)
    return {key: tuple(codes) for key, codes in found.items()}


def _between(
    codes: Mapping[Key, tuple[str, ...]], goods: list[Key], known: Mapping[frozenset[str], float]
) -> np.ndarray:
    """Return the proximity of goods (Q, Q): the mean over their codes; nan where none is known, and for itself."""
    near = np.full((len(goods), len(goods)), np.nan)
    for p, one in enumerate(goods):
        for q, other in enumerate(goods):
            pairs = (frozenset((a, b)) for a in codes[one] for b in codes[other] if a != b)
            told = [known[pair] for pair in pairs if pair in known]
            if p != q and told:
                near[p, q] = np.mean(told)
    return near


def _end(index: Number, end: str) -> float:
    """Return an end of an index, nan where it is not known."""
    found = getattr(index, end)
    return float("nan") if index.value is None else float(index.value if found is None else found)


def _has(index: list[float]) -> np.ndarray:
    """Return 1 where an index is at least 1, 0 below, nan where it is not known."""
    values = np.array(index)
    return np.where(np.isnan(values), np.nan, (values >= 1.0).astype(np.float64))
