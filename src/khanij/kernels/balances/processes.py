"""Chains of process steps: tonnes, carriers, losses and burdens behind one tonne of the last product.

A chain has K steps and K + 1 forms; step k turns form k into form k + 1. The carrier is the element that the chain is
run for. Anything may stand on the trailing axes (draws, scenarios); "..." is them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ProcessBalance:
    """Flows of each step behind one tonne of the last form; K steps.

    mass_in, mass_out        (K, ...) t of the step's input and output form
    carrier_in, carrier_out  (K, ...) t of the carrier in them
    recovered, lost          (K, ...) t of the carrier in by-products, and lost: in = out + recovered + lost
    """

    mass_in: Floats
    mass_out: Floats
    carrier_in: Floats
    carrier_out: Floats
    recovered: Floats
    lost: Floats


def masses(content: Floats, yields: Floats) -> Floats:
    """Return t of every form behind one tonne of the last: m_k = c_K / (c_k · Π_{j > k} y_j), m_K = 1.

    content c (K + 1, ...) t of carrier in a tonne of each form, above 0
    yields  y (K, ...) part of the carrier in a step's input that is in its output, 0 < y <= 1
    returns (K + 1, ...) t
    """
    back = np.cumprod(yields[::-1], axis=0)[::-1]
    carrier = content[-1] / np.concatenate([back, np.ones_like(content[-1:])])
    return np.asarray(carrier / content)


def balance(content: Floats, yields: Floats, recovered: Floats | None = None) -> ProcessBalance:
    """Return the flows of every step behind one tonne of the last form.

    content (K + 1, ...), yields (K, ...) as in masses()
    recovered (K, ...) part of the carrier that misses the output but is kept in by-products, 0..1; None: none
    """
    mass = masses(content, yields)
    carrier = mass * content
    rest = carrier[:-1] * (1.0 - yields)
    kept = np.zeros_like(rest) if recovered is None else rest * recovered
    return ProcessBalance(mass[:-1], mass[1:], carrier[:-1], carrier[1:], kept, rest - kept)


def shares(coproduct: Floats) -> Floats:
    """Return the part of each step's burdens that the last product bears when coproducts bear theirs by mass.

    s_k = Π_{j >= k} 1 / (1 + b_j)

    coproduct b (K, ...) t of coproducts a tonne of the step's output, 0 where there are none
    returns (K, ...) in 0..1
    """
    return np.asarray(np.cumprod(1.0 / (1.0 + coproduct)[::-1], axis=0)[::-1])


def burdens(mass_out: Floats, intensity: Floats, share: Floats | None = None) -> Floats:
    """Return what each step adds to a tonne of the last product: m_{k+1} · i_k · s_k.

    mass_out (K, ...) t of each step's output      intensity i (..., K, ...) per t of output, nan = no figure
    share s (K, ...) as in shares(); None: the product bears all
    returns the shape of intensity; nan where there is no figure
    """
    weight = mass_out if share is None else mass_out * share
    return np.asarray(intensity * weight)


def total(parts: Floats, axis: int) -> Floats:
    """Return the sum over steps; nan where one of them has no figure, for a part is no total."""
    return np.asarray(parts.sum(axis=axis))


def known(parts: Floats, axis: int) -> Floats:
    """Return the sum over the steps that have a figure: the least of the total; nan where none has one."""
    there = ~np.isnan(parts)
    return np.where(there.any(axis=axis), np.where(there, parts, 0.0).sum(axis=axis), np.nan)


def relocated(carbon: Floats, direct: Floats, electricity: Floats, grid: Floats) -> Floats:
    """Return carbon where a step runs on a grid: direct + electricity · grid, else the source's own figure.

    carbon, direct (...) t CO2/t, direct without electricity      electricity (...) MWh/t      grid (...) t CO2/MWh
    returns (...) t CO2/t; `carbon` where direct, electricity or grid is nan
    """
    own = direct + electricity * grid
    return np.where(np.isnan(own), carbon, own)


def annuity(rate: float, years: float) -> float:
    """Return the yearly payment that repays 1 with interest: r / (1 - (1 + r)^-n), 1/n at r = 0."""
    return 1.0 / years if rate == 0.0 else rate / (1.0 - (1.0 + rate) ** -years)
