"""Mass fractions against textbook values."""

from __future__ import annotations

import pytest

from khanij.core.errors import UnitError
from khanij.data.parsing.stoichiometry import atoms, fraction

TEXTBOOK = {
    ("Li2O", "Li"): 0.4646,
    ("Li2CO3", "Li"): 0.1879,
    ("LiOH.H2O", "Li"): 0.1654,
    ("TiO2", "Ti"): 0.5995,
    ("Nb2O5", "Nb"): 0.6990,
    ("Ta2O5", "Ta"): 0.8190,
    ("Cr2O3", "Cr"): 0.6842,
    ("U3O8", "U"): 0.8480,
    ("WO3", "W"): 0.7930,
    ("V2O5", "V"): 0.5602,
    ("As2O3", "As"): 0.7574,
    ("ZrSiO4", "Zr"): 0.4977,
}


@pytest.mark.parametrize(("compound", "share"), TEXTBOOK.items())
def test_fraction(compound: tuple[str, str], share: float) -> None:
    assert fraction(*compound) == pytest.approx(share, abs=2e-4)


def test_parts_add_up() -> None:
    for formula in ("LiOH.H2O", "ZrSiO4", "U3O8"):
        assert sum(fraction(formula, element) for element in atoms(formula)) == pytest.approx(1.0)


@pytest.mark.parametrize("formula", ["gross", "", "Qq2O", "Li2(CO3)"])
def test_no_formula_is_an_error(formula: str) -> None:
    with pytest.raises(UnitError):
        atoms(formula)


def test_element_must_be_inside() -> None:
    with pytest.raises(UnitError, match="holds no Ti"):
        fraction("Li2O", "Ti")
