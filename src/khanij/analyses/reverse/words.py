"""Ways to lose an amount in words."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.reverse.tables import sellers
from khanij.present import text
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_cause.stories import Way


def ways(found: Sequence[Way], usd: float, base: Baseline) -> tuple[str, ...]:
    """Return the chance of such a year and its likeliest way."""
    focus, amount = country_name(base.focus), text.dollars(usd / 1e3)
    if not found:
        return (f"In none of {base.years:,} simulated years does what is priced cost {focus} {amount} or more.",)
    chance = sum(way.chance for way in found)
    first = found[0]
    return (
        f"What is priced costs {focus} {amount} or more in {text.percent(chance)} of {base.years:,} simulated years;"
        f" the likeliest way ({text.percent(first.chance)}) is {sellers(first.sellers) or 'many small events'}.",
    )
