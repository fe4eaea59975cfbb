"""Under which trade codes a good is traded, which of them have data in a year, and why one has no trade of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.errors import SourceError
from khanij.core.number import Key
from khanij.data.cubes.trade import national_flows
from khanij.data.facts import store
from khanij.data.lookup import query
from khanij.present import text
from khanij.reference import Code

FORMS = ("mined", "processed", "refined", "component", "product")  # stages that are traded; scrap is another matter
NO_CODE = "no six-digit trade code for it alone"


@dataclass(frozen=True, slots=True)
class Codes:
    """The trade codes of every (material, stage) in a year.

    recorded, weighed  codes ("HS92:260300") with a value, with tonnes, whoever trades
    dedicated  codes of the good alone; a good is left out where a shared code of it has data in the year too
    shared     codes that hold other materials too: those with data in the year if any has
    own        six-digit codes of the good alone, with data or without
    declared   goods of shared codes whose imports the focus itself declares apart, under a national code
    """

    year: int
    recorded: frozenset[str]
    weighed: frozenset[str]
    dedicated: Mapping[Key, tuple[Code, ...]]
    shared: Mapping[Key, tuple[Code, ...]]
    own: Mapping[Key, tuple[str, ...]]
    declared: frozenset[Key] = frozenset()

    @property
    def held(self) -> frozenset[str]:
        """Return the six-digit codes with data in the year."""
        return frozenset(item.partition(":")[2] for item in self.recorded)

    def mixed(self, key: Key) -> bool:
        """Tell whether goods of the year are recorded under a code that holds other materials too."""
        return any(code.item in self.recorded for code in self.shared.get(key, ()))

    def unknown(self, key: Key, mixed: bool | None = None) -> str:
        """Return why a good has no trade of its own on record.

        mixed  trade under a shared code counts; as for anybody in the world if None
        """
        if key in self.shared and ((self.mixed(key) if mixed is None else mixed) or key not in self.own):
            codes = sorted({c.code for c in self.shared[key]})
            ids = {m for c in self.shared[key] for m in c.shared.split(";") if m in reference.materials()}
            others = sorted(reference.materials()[m].name for m in ids)
            with_ = f" together with {text.joined(others, 3).lower()}" if others else " together with other goods"
            return f"traded under {text.joined(codes, 3)}{with_}"
        if key in self.own:
            codes = list(self.own[key])
            subject, verb = ("code", "has") if len(codes) == 1 else ("codes", "have")
            return f"its trade {subject} {text.joined(codes, 3)} {verb} no data in {self.year}"
        return NO_CODE

    def unlinked(self, key: Key) -> str:
        """Return why the tonnes of a good are not known."""
        if key in self.declared:
            return f"its imports are declared apart by value, without tonnes, in {self.year}"
        valued = [code for code in self.dedicated.get(key, ()) if code.item in self.recorded]
        light = sorted({code.code for code in valued if code.item not in self.weighed})
        if light:
            return f"its trade code {text.joined(light, 3)} has values and no tonnes in {self.year}"
        vague = sorted({code.code for code in valued if not code.content})
        if vague:
            return f"how much of it is in a tonne of its trade code {text.joined(vague, 3)} is not known"
        return self.unknown(key)

    def unweighed(self, material: str) -> str:
        """Return why no trade of a material is known in tonnes: of the form that comes nearest to being known."""
        keys = [(material, stage) for stage in FORMS if (material, stage) in reference.stage_names()]
        for key in keys:
            valued = [code for code in self.dedicated.get(key, ()) if code.item in self.recorded]
            light = sorted({code.code for code in valued if code.item not in self.weighed})
            vague = sorted({code.code for code in valued if code.item in self.weighed and not code.content})
            if light:
                return f"its trade code {text.joined(light, 3)} has values and no tonnes in {self.year}"
            if vague:
                return f"how much of it is in a tonne of its trade code {text.joined(vague, 3)} is not known"
        told = [key for key in keys if self.mixed(key)] or [key for key in keys if key in self.own]
        told = told or [key for key in keys if key in self.shared]
        return self.unknown(told[0]) if told else NO_CODE


def codes(year: int) -> Codes:
    """Return the trade codes in a year, by the facts in the store; raises SourceError where there is none."""
    return _kept(year, store.fingerprint())


@cache
def _kept(year: int, facts: str) -> Codes:
    """Return the codes of a year, read once. facts: hash of the store."""
    return _sorted(year, query.recorded(year), query.recorded(year, "trade_mass"))


def codes_of(case: Case) -> Codes:
    """Return the trade codes of a Case's last year: by the store where it holds that year, else by the Case itself.

    A Case made by hand tells a material and stage, no code: where it covers one, every code of its own counts as held.
    """
    year = int(case.axis("year").codes[-1])
    try:
        apart = national_flows.declared(case.axis("focus").codes, year)
        return replace(codes(year), declared=frozenset((c.material, c.stage) for c in apart)) if apart else codes(year)
    except SourceError:
        return _sorted(year, *(_covered(case, name) for name in ("trade_value_covered", "trade_covered")))


def _covered(case: Case, quantity: str) -> frozenset[str]:
    """Return the codes of their own of every material and stage that a Case covers in its last year."""
    if quantity not in case.cubes:
        return frozenset()
    held = case.array(quantity, "material", "stage", "year")[..., -1] > 0
    materials, stages = case.axis("material").codes, case.axis("stage").codes
    keys = {(materials[m], stages[s]) for m, s in zip(*np.nonzero(held), strict=True)}
    return frozenset(c.item for c in reference.hs_codes() if not c.shared and (c.material, c.stage) in keys)


def _sorted(year: int, recorded: frozenset[str], weighed: frozenset[str]) -> Codes:
    """Return the trade codes of the reference tables, told apart by whether they have data."""
    own: dict[Key, list[Code]] = {}
    shared: dict[Key, list[Code]] = {}
    for code in reference.hs_codes():
        (shared if code.shared else own).setdefault((code.material, code.stage), []).append(code)
    with_trade = {key: tuple(c for c in listed if c.item in recorded) for key, listed in shared.items()}
    return Codes(
        year=year,
        recorded=recorded,
        weighed=weighed,
        dedicated={key: tuple(listed) for key, listed in own.items() if not with_trade.get(key)},
        shared={key: with_trade[key] or tuple(listed) for key, listed in shared.items()},
        own={key: tuple(sorted({c.code for c in listed})) for key, listed in own.items()},
    )
