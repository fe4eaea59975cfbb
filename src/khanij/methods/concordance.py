"""Concordance: methods against each other and against official lists, and the minerals where they part, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from khanij import reference
from khanij.kernels.indicators import agreement


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one side says of one material: a score with 1 = worse turned upwards, a verdict where it has its own cut.

    parts   component -> value, in the order of the method's variables
    words   the score or the listing in words
    """

    score: float
    yes: bool | None
    words: str
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessor:
    """A method or a list: its entries by material, which materials it covers beyond them, and its rule in words.

    entries   material or group -> Verdict; a group's entry holds for its members without their own
    covers    leaf materials on which it has a say though no entry names them: those are a no (lists only)
    published  material -> the scores that the list was made from, in words, where they are published
    sources   ids of the sources that it rests on
    """

    id: str
    kind: str
    entries: Mapping[str, Verdict]
    covers: frozenset[str]
    rule: str
    published: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def source(self, material: str) -> str | None:
        """Return the material or group whose entry holds for a material; None if there is none."""
        return next((id for id in lineage(material) if id in self.entries), None)

    def has_say(self, material: str) -> bool:
        """Tell whether the side covers a material."""
        return self.source(material) is not None or material in self.covers


def lineage(material: str) -> tuple[str, ...]:
    """Return a material and the groups that it belongs to, from the smallest."""
    known, found = reference.materials(), [material]
    while known[found[-1]].parent:
        found.append(known[found[-1]].parent)
    return tuple(found)


def leaves(materials: frozenset[str]) -> frozenset[str]:
    """Return the materials that are no groups among these and the members of the groups among them."""
    known = reference.materials()
    return frozenset(id for id, m in known.items() if m.kind != "group" and set(lineage(id)) & materials)


@dataclass(frozen=True, slots=True)
class MethodAgreement:
    """Two sides on the materials that both cover.

    units          material or group -> (entry key of the first, of the second); None = it names it not
    first, second  (N,) verdicts, in the order of the units
    rules          how a yes was made, where it was not published
    """

    one: Assessor
    two: Assessor
    units: Mapping[str, tuple[str | None, str | None]]
    first: np.ndarray
    second: np.ndarray
    rules: tuple[str, ...]


def units(one: Assessor, two: Assessor) -> dict[str, tuple[str | None, str | None]]:
    """Return what is compared: materials that both cover, members of a group counted once where nobody splits it.

    A group stands for its members where one side names the group only, and the other names it too or none of them.
    """
    known = reference.materials()
    found: dict[str, tuple[str | None, str | None]] = {}
    named = {id for side in (one, two) for id in side.entries}
    for leaf in (id for id, m in known.items() if m.kind != "group"):
        if not (one.has_say(leaf) and two.has_say(leaf)):
            continue
        sources = one.source(leaf), two.source(leaf)
        groups = [id for id in sources if id is not None]
        if leaf in groups:
            unit = leaf
        elif groups:
            unit = min(groups, key=lineage(leaf).index)
        else:
            top = lineage(leaf)[-1]
            inside = any(top in lineage(id) for id in named)
            unit = leaf if inside or known[top].kind != "group" else top
        found.setdefault(unit, sources)
    return found


def pair(one: Assessor, two: Assessor, fallback: Assessor | None = None) -> MethodAgreement:
    """Return two sides with a verdict each on every unit.

    fallback  the list whose length counts where neither side has a cut of its own; a third of the units if None
    """
    both = units(one, two)
    own = [_own(side, [sources[k] for sources in both.values()]) for k, side in enumerate((one, two))]
    lengths = [None if verdict is None else int(verdict.sum()) for verdict in own]
    rules: list[str] = []
    if lengths == [None, None]:
        if fallback is None:
            wanted, why = max(1, round(len(both) / 3)), "a third of the universe"
        else:
            wanted = sum(fallback.source(unit) is not None for unit in both)
            why = f"as many as {fallback.id} names of the universe"
    else:
        wanted = next(length for length in lengths if length is not None)
        why = "as many as the other side has"
    for k, side in enumerate((one, two)):
        if own[k] is None:
            own[k] = _worst(side, [sources[k] for sources in both.values()], wanted)
            rules.append(f"{side.id}: the worst {wanted} of {len(both)} ({why})")
    first, second = own
    assert first is not None
    assert second is not None
    return MethodAgreement(one, two, both, first, second, tuple(rules))


def _own(side: Assessor, sources: Sequence[str | None]) -> np.ndarray | None:
    """Return a side's own verdicts; None if it has no cut."""
    if any(id is not None and side.entries[id].yes is None for id in sources):
        return None
    if side.kind == "method" and not side.entries:
        return None
    return np.array([id is not None and bool(side.entries[id].yes) for id in sources], dtype=bool)


def _scores(side: Assessor, sources: Sequence[str | None]) -> np.ndarray:
    """Return the scores of a side."""
    return np.array([side.entries[id].score if id is not None else np.nan for id in sources])


def _worst(side: Assessor, sources: Sequence[str | None], number: int) -> np.ndarray:
    """Return true for so many of the largest scores; of equal ones those that come first."""
    order = np.argsort(-_scores(side, sources), kind="stable")
    chosen = np.zeros(len(sources), dtype=bool)
    chosen[order[:number]] = True
    return chosen


def figures(both: MethodAgreement) -> dict[str, Any]:
    """Return the figures of one pair: counts, agreement, kappa with its range, rank correlations, who names alone."""
    table = agreement.counts(both.first, both.second)
    kappa, error = agreement.kappa(table)
    low, high = agreement.interval(kappa, error)
    scores = [_scores(side, [s[k] for s in both.units.values()]) for k, side in enumerate((both.one, both.two))]
    ranked = ~np.isnan(scores[0]) & ~np.isnan(scores[1])
    one, two = scores[0][ranked], scores[1][ranked]
    names = np.array(list(both.units), dtype=object)
    return {
        "first": both.one.id,
        "second": both.two.id,
        "universe": int(table.sum()),
        "both": int(table[0]),
        "first_only": int(table[1]),
        "second_only": int(table[2]),
        "neither": int(table[3]),
        "agreement": _known(agreement.agreement(table)),
        "kappa": _known(kappa),
        "kappa_low": _known(low),
        "kappa_high": _known(high),
        "spearman": _known(agreement.spearman(one, two)),
        "kendall": _known(agreement.kendall(one, two)),
        "only_first": ", ".join(names[both.first & ~both.second]),
        "only_second": ", ".join(names[~both.first & both.second]),
        "rule": "; ".join(both.rules),
    }


def _known(value: Any) -> float | None:
    """Return a number, None where it is not known."""
    return None if np.isnan(value) else float(value)


def reason(both: MethodAgreement, n: int, k: int) -> str:
    """Return what one side says of a unit, with the component that drives it where the verdict is one of rank."""
    side, unit = (both.one, both.two)[k], list(both.units)[n]
    sources = [s[k] for s in both.units.values()]
    id = sources[n]
    figures = f" (published: {side.published[unit]})" if unit in side.published else ""
    if id is None:
        return f"{side.id} does not name it{figures}"
    entry = side.entries[id]
    via = "" if id == unit else f", as part of {id}"
    if side.kind == "list" or entry.yes is not None:
        return entry.words + via + figures
    scores = _scores(side, sources)
    rank = 1 + int((scores > scores[n]).sum())
    says = (both.first, both.second)[k]
    driver = _driver(side, sources, entry, bool(says[n]))
    return f"{entry.words}, rank {rank} of {len(scores)}, cut {int(says.sum())}{driver}{via}"


def _driver(side: Assessor, sources: Sequence[str | None], entry: Verdict, yes: bool) -> str:
    """Return the component that stands out most: the highest among the universe for a yes, the lowest for a no."""
    best: tuple[float, str] | None = None
    for name, value in entry.parts.items():
        line = np.array([side.entries[id].parts.get(name, np.nan) for id in sources if id is not None])
        line = line[~np.isnan(line)]
        if len(np.unique(line)) < 2:
            continue
        below = float((line < value).sum() + 0.5 * (line == value).sum()) / len(line)
        strength = below if yes else 1.0 - below
        if best is None or strength > best[0]:
            side_of = "above" if yes else "below"
            best = (
                strength,
                f", driven by {name.replace('_', ' ')} {value:.2g} ({side_of} {strength:.0%} of the universe)",
            )
    return best[1] if best else ""


def verdicts(sides: Sequence[Assessor]) -> list[dict[str, Any]]:
    """Return one row a mineral or group that a side with a cut of its own calls critical: who says so, who does not."""
    decided = [side for side in sides if side.entries and all(one.yes is not None for one in side.entries.values())]
    named = {id: None for side in decided for id, one in side.entries.items() if one.yes}
    found = []
    for material in named:
        says = {side.id: _says(side, material) for side in decided if side.has_say(material)}
        yes, no = ([id for id, said in says.items() if said is wanted] for wanted in (True, False))
        row = {"material": material, "sides_yes": len(yes), "sides": len(says)}
        found.append(row | {"said_yes": ", ".join(yes), "said_no": ", ".join(no)})
    return found


def _says(side: Assessor, material: str) -> bool:
    """Return whether a side calls a material critical, by itself or as a part of a group."""
    source = side.source(material)
    return source is not None and bool(side.entries[source].yes)


def parted(both: MethodAgreement) -> list[dict[str, Any]]:
    """Return one row a mineral on which the two part: both verdicts, and why, with the figures."""
    units = list(both.units)
    return [
        {
            "material": units[n],
            "first": both.one.id,
            "first_says": "yes" if both.first[n] else "no",
            "second": both.two.id,
            "second_says": "yes" if both.second[n] else "no",
            "first_why": reason(both, n, 0),
            "second_why": reason(both, n, 1),
        }
        for n in np.nonzero(both.first != both.second)[0]
    ]
