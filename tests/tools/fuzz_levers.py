# ruff: noqa: E501 - sentences of the page
"""Pulls levers of every kind with generated parameters: `make fuzz` runs it beside the questions.

    python tests/tools/fuzz_levers.py [COUNT [SEED]] [--page]

Every parameter of every kind with every value, as a study gives them, then kinds, materials, stages, countries and sizes
drawn from the vocabularies; each lever that is accepted acts on a world of six countries, or on a real Case. It must be
refused in three lines or act: no tonnes below zero, no nan that was none before, none from nowhere.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

sys.path.extend([str(Path(__file__).parent), str(Path(__file__).parents[1] / "plan")])
import values

LIMIT = 10.0  # seconds of one call
COUNT = 8_440
AMOUNTS: tuple[Any, ...] = (
    0.0,
    0.5,
    1,
    200.0,
    1e12,
    [0.1, 0.2, 0.3],
    {"low": 0, "best": 1, "high": 2},
    [3, 2, 1],
    1e308,
)
ODD = tuple(v for v in values.TYPED if not (isinstance(v, str) and len(v) > 100))


@dataclass
class Found:
    """What came of the calls, and what should not have been."""

    calls: int = 0
    acted: int = 0
    nothing: int = 0
    refused: int = 0
    longest: float = 0.0
    wrong: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def miss(self, kind: str, what: str) -> None:
        """Count what should not have been."""
        self.wrong[kind] += 1
        self.told.append(f"{kind}: {what}")


def usual(entry: Any, world: Any, draw: np.random.Generator) -> Any:
    """Return a value that fits a parameter, mostly one that the world has."""
    from khanij import reference

    role = entry.metadata["role"]
    pick = lambda names: str(names[int(draw.integers(len(names)))])  # noqa: E731
    if role == "amount":
        low, high = entry.metadata["limits"]
        return float(draw.uniform(low, min(high, 300.0)))
    here = draw.random() < 0.97
    country = pick(world.axis("country").codes if here else tuple(reference.countries()))
    return {
        "text": "x",
        "material": pick(world.axis("material").codes if here else tuple(reference.materials())),
        "stage": pick(world.axis("stage").codes if here else reference.STAGES),
        "country": country,
        "countries": [country],
        "choice": pick(entry.metadata["choices"]) if entry.metadata["choices"] else "",
    }[role]


def given(kind: type, world: Any, draw: np.random.Generator, part: float) -> dict[str, Any]:
    """Return parameters of a kind: all that it needs, and a part of the others."""
    return {"kind": kind.kind} | {
        entry.name: usual(entry, world, draw)
        for entry in fields(kind)
        if entry.default is MISSING or draw.random() < part
    }


def calls(count: int, on: list[Any], draw: np.random.Generator) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield a world and the parameters of a lever, `count` times: first every parameter with every value."""
    from khanij.plan.levers import LEVERS

    every = [
        (kind, entry.name, value) for kind in LEVERS.values() for entry in fields(kind) for value in (*AMOUNTS, *ODD)
    ]
    for at in draw.permutation(len(every))[: count // 4]:
        kind, name, value = every[at]
        world = on[int(draw.integers(len(on)))]
        yield world, given(kind, world, draw, 0.5) | {name: value}
    for _ in range(count - min(count // 4, len(every))):
        kind = list(LEVERS.values())[int(draw.integers(len(LEVERS)))]
        world = on[int(draw.integers(len(on)))]
        made = given(kind, world, draw, 0.5)
        if draw.random() < 0.05:
            made["kind" if draw.random() < 0.1 else "nothing"] = 1
        yield world, made


def worlds() -> list[Any]:
    """Return the worlds that levers act on: one made by hand of six countries, and a real one where there is a store."""
    from test_levers import case as by_hand

    from khanij.analyses.inputs import cases
    from khanij.core.errors import KhanijError

    try:
        return [by_hand(0), by_hand(1, sparse=False), cases.case("IND", 2024)]
    except KhanijError:
        return [by_hand(0), by_hand(1, sparse=False)]


def judge(before: Any, after: Any, shown: str, found: Found) -> None:
    """Look at what a lever left: nothing below zero, and nothing unknown that was known."""
    for name in ("trade", "production", "world_production"):
        if name not in after.cubes or after.cubes[name] is before.cubes.get(name):
            continue
        values_ = after.cube(name).values
        if values_.size and np.nanmin(values_) < -1e-6:
            found.miss("below zero", f"{name} {np.nanmin(values_):g}: {shown}")
        if np.isinf(values_).any():
            found.miss("infinite", f"{name}: {shown}")
        if (
            values_.shape == before.cube(name).values.shape
            and (np.isnan(values_) & ~np.isnan(before.cube(name).values)).any()
        ):
            found.miss("no longer known", f"{name}: {shown}")


def run(count: int, seed: int = 0, real: bool = True) -> Found:
    """Pull `count` levers."""
    from khanij.core.errors import KhanijError
    from khanij.plan import levers

    found, draw = Found(), np.random.default_rng(seed)
    on = worlds() if real else worlds()[:2]
    for world, made in calls(count, on, draw):
        shown, start = f"{made!r}"[:300], time.monotonic()
        found.calls += 1
        seed_ = int(draw.integers(100)) if draw.random() < 0.3 else None
        try:
            warnings.simplefilter("error", RuntimeWarning)
            applied = levers.apply(world, [levers.read(made)], seed=seed_, elapsed=3.0 if draw.random() < 0.3 else None)
            if any(effect.done[0] for effect in applied.effects):
                found.acted += 1
            else:
                found.nothing += 1
                if not all(effect.notes for effect in applied.effects if effect.asked[0]):
                    found.miss("nothing done, and nothing said", shown)
            judge(world, applied.case, shown, found)
        except KhanijError as refused:
            found.refused += 1
            if not refused.what or not refused.where:
                found.miss("refused without saying where", f"{refused.lines()}: {shown}")
        except Exception as broken:
            found.miss("raised", f"{type(broken).__name__} {str(broken)[:100]}: {shown}")
        seconds = time.monotonic() - start
        found.longest = max(found.longest, seconds)
        if seconds > LIMIT:
            found.miss("beyond the limit", f"{seconds:.0f} s: {shown}")
    return found


def told(found: Found, seed: int) -> list[str]:
    """Return the lines of the page."""
    return [
        f"{found.calls:,} levers of every kind with generated parameters (seed {seed}), on worlds made by hand and on the "
        f"Case of India in 2024: {found.acted:,} acted, {found.nothing:,} changed nothing and said so, {found.refused:,} "
        f"refused, {found.wrong['raised']} raised, {found.wrong['below zero']} left tonnes below zero, "
        f"{sum(found.wrong.values())} wrong in all (the longest {found.longest:.1f} s)."
    ]


def main(words: list[str]) -> int:
    """Pull levers, print what came of it, and with --page write it into docs/trust.md."""
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(COUNT, 0)[len(numbers) :]][:2]
    found = run(count, seed)
    lines = [
        *told(found, seed),
        "",
        f"Again by `make fuzz` (`python tests/tools/fuzz_levers.py {count} {seed} --page`).",
    ]
    print("\n".join([*lines, *found.told[:100]]))
    if "--page" in words:
        import trust_page

        trust_page.write("fuzz-levers", "Levers", lines)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
