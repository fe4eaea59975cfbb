"""What is uncertain, how much, and on whose word: the named inputs of an uncertainty run and their spreads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

INPUTS: dict[str, str] = {
    "production": "output figures: gap between publishers, estimates wider than reports, what a source leaves unlisted",
    "trade": "tonnage of each flow: exporter's and importer's records differ",
    "content": "metal content of traded goods: low, best, high of the trade code, one draw a material and stage",
    "governance": "governance estimates: the publisher's standard errors, one draw a country for all dimensions",
    "shares": "published shares: rounding by half of the last digit",
    "reliance": "import reliance: of the EU, exports not being public, scaled as published ones are; unknown: 0 to 1",
    "substitution": "substitution indices: rounding; a missing one is drawn from those published for other materials",
    "recycling": "recycling input rates: rounding; a missing one is drawn from those published for other materials",
    "method": "choices of method: governance dimension, worst stage or mean of stages, weight of an unscored supplier",
}
USUAL = tuple(name for name in INPUTS if name != "method")  # a threshold belongs to the method as it was published

MIRROR = (
    "gap between exporter's and importer's records: 51 % of mirrored flows differ by more than a factor of 2 (Critical "
    "Materials Atlas 2026, doi 10.5281/zenodo.21948855), so 0.744 = ln 2 / (0.6588·√2) for one record and 1/√2 of it, "
    "0.526, for the mean of two, as BACI reconciles them; small flows count there as much as large: confidence low"
)
GOVERNANCE = "standard errors of World Bank, Worldwide Governance Indicators, common to the six dimensions of a country"
ROUNDING = "half of the last digit that the publisher prints"


@dataclass(frozen=True, slots=True)
class Spreads:
    """Size of each spread; 0 takes it out.

    trade       standard deviation of the logarithm of a flow's tonnage, 1
    reported, estimated  the same of an output figure where no pair of publishers tells (hand-made cases), 1
    governance  multiple of the publisher's standard error
    production  multiple of the measured spread of output
    content     multiple of the half-ranges of content factors
    rounding    multiple of half of the last digit
    """

    trade: float = 0.526
    reported: float = 0.081
    governance: float = 1.0
    production: float = 1.0
    content: float = 1.0
    rounding: float = 1.0

    def record(self) -> dict[str, Any]:
        """Return name -> size, for the trace."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
