"""Levers: pure functions Case -> Case, one kind of measure each, all of them in the registry LEVERS.

Importing this package registers every kind of its modules: a new one is a class in a module of this folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from khanij.core.errors import StudyError
from khanij.plan.levers.base import (
    LEVERS,
    Applied,
    Lever,
    LeverEffect,
    Placement,
    Settle,
    Site,
    SupplyClass,
    apply,
    lever,
    read,
    supply_classes,
)
from khanij.plan.levers.declarations import Amount, amount, as_range, named
from khanij.plan.levers.demand import DemandReduction, Stockpile, Substitution
from khanij.plan.levers.plants import Plant, RecoveryLift, RecyclingPlant
from khanij.plan.levers.supply import AgreementLever, Equity, Exploration, Offtake
from khanij.reference import agreements

__all__ = [
    "LEVERS",
    "AgreementLever",
    "Amount",
    "Applied",
    "DemandReduction",
    "Equity",
    "Exploration",
    "Lever",
    "LeverEffect",
    "Offtake",
    "Placement",
    "Plant",
    "RecoveryLift",
    "RecyclingPlant",
    "Settle",
    "Site",
    "Stockpile",
    "Substitution",
    "SupplyClass",
    "amount",
    "apply",
    "as_range",
    "lever",
    "levers_of",
    "named",
    "read",
    "supply_classes",
]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def levers_of(
    found: agreements.Agreement,
    stage: str = "refined",
    volumes: Mapping[tuple[str, str], Amount] | None = None,
    partner: str = "",
) -> tuple[AgreementLever, ...]:
    """Return the levers that an instrument of agreements.csv is: one a material and partner that it names.

    stage    of the chain that an instrument without volumes is put at; it changes nothing there
    volumes  (material, stage) -> t/yr that a scenario adds: no instrument of the table publishes one
    partner  who sells them; the only partner of the instrument if ""
    Raises StudyError where volumes are given and it is not clear by whom.
    """
    if not volumes:
        names = found.materials or ("",)
        return tuple(
            AgreementLever(
                id=f"{found.id}:{name or 'all'}:{seller}",
                material=name,
                stage=stage if name else "",
                focus=found.focal,
                partner=seller,
                strength=found.strength,
            )
            for name in names
            for seller in found.partners
        )
    if not partner and len(found.partners) != 1:
        raise StudyError(
            f"{found.id} has {len(found.partners)} partners",
            where="partner",
            hint=f"one of {', '.join(found.partners)}",
        )
    seller = partner or found.partners[0]
    return tuple(
        AgreementLever(
            id=f"{found.id}:{material}:{step}:{seller}",
            material=material,
            stage=step,
            focus=found.focal,
            partner=seller,
            strength=found.strength,
            volume=tons,
        )
        for (material, step), tons in volumes.items()
    )
