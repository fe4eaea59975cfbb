"""Mass fraction of an element in a compound, from the IUPAC standard atomic weights of 2021."""

from __future__ import annotations

import re
from functools import cache

from khanij.core.errors import UnitError

# Abridged standard atomic weights, IUPAC 2021 (Prohaska et al., Pure Appl. Chem. 94 (2022) 573-600), of the elements
# that occur in publishers' bases.
ATOMIC_WEIGHTS: dict[str, float] = {
    "H": 1.0080,
    "Li": 6.94,
    "Be": 9.0122,
    "B": 10.81,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "F": 18.998,
    "Na": 22.990,
    "Mg": 24.305,
    "Al": 26.982,
    "Si": 28.085,
    "P": 30.974,
    "S": 32.06,
    "Cl": 35.45,
    "K": 39.098,
    "Ca": 40.078,
    "Ti": 47.867,
    "V": 50.942,
    "Cr": 51.996,
    "Mn": 54.938,
    "Fe": 55.845,
    "Co": 58.933,
    "Ni": 58.693,
    "Cu": 63.546,
    "Zn": 65.38,
    "Ge": 72.630,
    "As": 74.922,
    "Sr": 87.62,
    "Zr": 91.224,
    "Nb": 92.906,
    "Mo": 95.95,
    "Sb": 121.76,
    "Ba": 137.33,
    "Hf": 178.49,
    "Ta": 180.95,
    "W": 183.84,
    "Re": 186.21,
    "U": 238.03,
}


def atoms(formula: str) -> dict[str, int]:
    """Return element -> number of atoms of a formula without brackets, "Ta2O5" or "LiOH.H2O".

    Raises UnitError if the text is no formula or names an element without a weight in the table.
    """
    found: dict[str, int] = {}
    for part in formula.split("."):
        if not re.fullmatch(r"([A-Z][a-z]?\d*)+", part):
            raise UnitError(f"{formula!r} is no chemical formula", where="stoichiometry", hint="write it like Ta2O5")
        for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", part):
            if element not in ATOMIC_WEIGHTS:
                what = f"no atomic weight of {element!r}"
                raise UnitError(what, where=f"formula {formula}", hint="add it to ATOMIC_WEIGHTS")
            found[element] = found.get(element, 0) + int(count or 1)
    return found


@cache
def fraction(formula: str, element: str) -> float:
    """Return tonnes of the element in one tonne of the compound (0 to 1); raises UnitError if it holds none."""
    counts = atoms(formula)
    if element not in counts:
        raise UnitError(f"{formula} holds no {element}", where="stoichiometry", hint="check formula and basis")
    return ATOMIC_WEIGHTS[element] * counts[element] / sum(ATOMIC_WEIGHTS[e] * n for e, n in counts.items())
