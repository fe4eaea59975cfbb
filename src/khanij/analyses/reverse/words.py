"""Ways to lose an amount in words."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.reverse.tables import sellers
from khanij.present import names, text
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_cause.stories import Way

NAMED = 3  # minerals that the sentence names
UNSEEN = 0.05  # chance that years show no loss whose chance is the most that is told


def ways(found: Sequence[Way], usd: float, base: Baseline) -> tuple[str, ...]:
    """Return the chance of such a year and its likeliest way."""
    focus, amount = country_name(base.focus), text.dollars(usd / 1e3)
    return (_ways(found, focus, amount, base), *_missing(base))


def _ways(found: Sequence[Way], focus: str, amount: str, base: Baseline) -> str:
    """Return the chance and the likeliest way in a sentence."""
    if not found:
        most = text.percent(1.0 - UNSEEN ** (1.0 / base.years))
        return (
            f"In none of {base.years:,} simulated years does what is priced cost {focus} {amount} or more: so many "
            f"leave a chance of up to {most} a year open."
        )
    chance = sum(way.chance for way in found)
    first = found[0]
    return (
        f"What is priced costs {focus} {amount} or more in {text.percent(chance)} of {base.years:,} simulated years;"
        f" the likeliest way ({text.percent(first.chance)}) is {sellers(first.sellers) or 'many small events'}."
    )


def _missing(base: Baseline) -> tuple[str, ...]:
    """Return which minerals are in none of these years."""
    if not base.missing:
        return ()
    listed = text.joined((names.mineral(material).lower() for material in sorted(base.missing)), NAMED)
    return (f"Not in it at all: {listed}; the table not-counted says why.",)
