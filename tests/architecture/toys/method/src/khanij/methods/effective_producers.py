"""How many producers of equal size would be as concentrated as the real ones."""

from __future__ import annotations

from dataclasses import dataclass

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import UNCERTAIN, Defaults, Threshold, Variable, method, uncertain
from khanij.kernels.effective_number import effective_number
from khanij.methods.concentration import CELL, production_hhi
from khanij.methods.uncertainty import indicators
from khanij.methods.uncertainty.draws import Draws
from khanij.methods.uncertainty.inputs import View


@method(
    "effective-producers",
    kind="indicator",
    needs=("production",),
    optional=("world_production",),
    variables=(Variable("producers", "1", CELL, (1.0, float("inf")), "producers of equal size"),),
    reference="Adelman 1969, Comment on the H concentration measure as a numbers-equivalent",
    higher="better",
    threshold=Threshold({"producers": 1.0}, "toy"),
    defaults=Defaults(assess=1, compare=99),
)
def effective_producers(case: Case) -> Floats:
    """Producers of equal size that would be as concentrated.

    N = 1 / H, H of production-hhi

    Returns producers (material, stage, year) 1, from 1 on; nan where no output is known.
    Golden: tests/golden/effective-producers.toml.
    """
    return effective_number(production_hhi(case).values["hhi"])


@dataclass(frozen=True, slots=True)
class EffectiveProducers:
    """Its uncertain form: 1 over each draw of the concentration."""

    concentration: indicators.Model

    @property
    def cells(self) -> tuple[tuple[str, str | None], ...]:
        """Return the labels."""
        return self.concentration.cells

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the inputs that can move it."""
        return self.concentration.inputs

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was assumed."""
        return self.concentration.notes

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return the number of each row."""
        return {"score": effective_number(self.concentration.evaluate(source)["score"])}


@uncertain("effective-producers")
def drawn(view: View) -> indicators.Model:
    """Return its model."""
    return EffectiveProducers(UNCERTAIN["production-hhi"](view))
