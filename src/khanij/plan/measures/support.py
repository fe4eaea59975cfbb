"""The viability gap of a measure by other instruments: a grant, a price floor, a loan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.plan.measures.building import PURCHASE
from khanij.plan.measures.measure import Measure
from khanij.reference.assumptions import assumed


@dataclass(frozen=True, slots=True)
class SameGap:
    """One viability gap by three instruments, for the whole measure; nan where it has no such choice.

    grant  USD once      price  USD a tonne sold over the years of support      loan  USD, of which the gift is the gap
    """

    grant: float
    price: float
    loan: float


def equivalents(measure: Measure, rate: float, case: Case) -> SameGap:
    """Return the gap of a measure as a grant, as support of the price, and as a loan.

    gap = lost · capital;  price = gap / (tonnes · Σ_{t<T} (1 + r)^-(lead + t));  loan = gap / gift of a loan
    rate  discount a year      T  years of support, as assumed
    """
    support = measure.building.support
    if support.instrument == PURCHASE or not measure.levers or measure.unit != "t/yr":
        return SameGap(float("nan"), float("nan"), float("nan"))
    gap = support.lost.best * measure.cost.best
    years = np.arange(int(assumed("support_years", case)))
    sold = measure.size * float(((1.0 + rate) ** -(measure.lead + years)).sum())
    return SameGap(gap, gap / sold if sold > 0 else float("nan"), gap / assumed("loan_gift", case))
