"""A project in stages that may be left at each gate: what the right to go on is worth.

Gate k costs c_k at its beginning, takes t_k years and is passed with chance p_k; behind the last one lies a payoff that
hangs on the world s. From gate `known` on the world is seen before each decision.

V_K(s) = payoff_s
V_k(s) = max(0, -c_k + p_k (1 + r)^(-t_k) V_{k+1}(s))                         from the gate at which the world is known
V_k    = max(0, -c_k + p_k (1 + r)^(-t_k) Σ_s π_s V_{k+1}(s))                 before it
Leaving is worth 0: so a search that seldom finds can pay, where paying for the mine with it never would.
Reference: Dixit and Pindyck 1994, Investment under Uncertainty, chapter 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError


@dataclass(frozen=True, slots=True)
class Gate:
    """One stage: money at its beginning, chance that it is passed, years that it takes."""

    name: str
    cost: float
    chance: float
    years: float

    def __post_init__(self) -> None:
        """Raise StudyError for a stage that cannot be."""
        if not (self.cost >= 0 and 0 <= self.chance <= 1 and self.years >= 0):
            raise StudyError(
                f"a gate that cannot be: {self}", where=self.name, hint="cost, years from 0; chance 0 to 1"
            )


@dataclass(frozen=True, slots=True)
class Option:
    """What a staged project is worth at its start, money; whether each gate is entered, by world (K, S).

    worth     with the right to leave at each gate      obliged  if all of it must be gone through
    reached   chance that a world's project comes to its end (S,)
    """

    worth: float
    obliged: float
    entered: np.ndarray
    reached: Floats


def value_option(gates: Sequence[Gate], payoff: Floats, weight: Floats, *, rate: float, known: int = 0) -> Option:
    """Return what the right to go through the gates is worth.

    payoff (S,)  money once the last gate is passed, in money of that day      weight (S,)  probability of each world
    rate   discount a year      known  position of the first gate at which the world is seen; len(gates) = never
    """
    payoff, weight = np.asarray(payoff, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    value, obliged = payoff.copy(), payoff.copy()
    if known >= len(gates):  # the world is seen with the payoff and no earlier
        value = np.full(len(payoff), float(weight @ payoff))
    entered = np.zeros((len(gates), len(payoff)), dtype=bool)
    for k in range(len(gates) - 1, -1, -1):
        gate = gates[k]
        ahead = gate.chance * (1.0 + rate) ** -gate.years
        after = value if k >= known else np.full(len(payoff), float(weight @ value))
        going = ahead * after - gate.cost
        entered[k] = going > 0
        value = np.maximum(going, 0.0)
        obliged = ahead * obliged - gate.cost
    chances = float(np.prod([gate.chance for gate in gates]))
    return Option(
        worth=float(weight @ value),
        obliged=float(weight @ obliged),
        entered=entered,
        reached=np.where(entered.all(axis=0), chances, 0.0),
    )


def least_payoff(gates: Sequence[Gate], *, rate: float) -> float:
    """Return the payoff behind the last gate from which the first is worth entering, in one world: inf if none."""
    wanted = 0.0
    for gate in gates:
        ahead = gate.chance * (1.0 + rate) ** -gate.years
        if ahead == 0:
            return float("inf")
        wanted = (wanted + gate.cost) / ahead
    return wanted
