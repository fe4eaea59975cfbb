"""Levers that bring tonnes from abroad or out of the ground: agreements, offtake, equity, exploration."""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.plan.levers.base import (
    CONTRACTS,
    NEW_OUTPUT,
    STAKES,
    Lever,
    LeverEffect,
    Placement,
    Settle,
    Site,
    lever,
)
from khanij.plan.levers.block import StageBlock
from khanij.plan.levers.declarations import Amount, amount, named
from khanij.plan.levers.ledger import Ledger
from khanij.reference import measures
from khanij.reference.agreements import STRENGTHS
from khanij.reference.measures import CatalogueMeasure

WHOLE = 1.0 - 1e-9  # part of a sum from which it is whole: what adding up shares may miss, no assumption
SWAPPED = ("trade", "trade_value", "exemption")
MOVED = ("production", "world_production", "added_output", "trade", "trade_value")
NO_TONNES = "no tonnes were agreed, and none are invented"


def triple(values: Floats) -> tuple[float, float, float]:
    """Return (best, low, high) as plain numbers."""
    return float(values[0]), float(values[1]), float(values[2])


def complement(chance: Floats) -> Floats:
    """Return the probability (best, low, high) that an event does not come."""
    return np.array([1.0 - chance[0], 1.0 - chance[2], 1.0 - chance[1]])


def at_most(asked: Floats, most: float) -> Floats:
    """Return (best, low, high), each at most `most`."""
    return np.minimum(asked, most)


def by_country(block: StageBlock, tons: Floats) -> dict[str, float]:
    """Return country -> t, without those of nothing."""
    return {code: float(value) for code, value in zip(block.codes, tons, strict=True) if value > 0}


def refuse_oneself(found: Any) -> None:
    """Raise StudyError where the partner is the country that is served."""
    if found.partner == found.focus:
        what = f"the partner is the country itself: {found.focus}"
        raise StudyError(what, where=f"lever {found.id!r}.partner", hint="another country")


@lever("equity", changes=MOVED, purpose="overseas", counts_as=STAKES, sized_by="imports")
@dataclass(frozen=True, kw_only=True)
class Equity(Lever):
    """A stake in a project abroad: its part of the output comes home and displaces other suppliers.

    home = output · probability · stake; a new project adds its whole output where it stands, a running one only turns
    what is sold to others.
    """

    focus: str = named("country", "who owns the stake")
    partner: str = named("country", "where the project stands")
    output: Amount | None = amount("tonnes a year of the whole project", "t/yr", "more", None, scales=True)
    stake: Amount = amount("part of the project that is owned", "1", "more", least=0.0, most=1.0)
    probability: Amount = amount("probability that the project comes", "1", "more", 1.0, 0.0, 1.0)
    sanctions: Amount = amount("probability that third parties stop payment or transport", "1", "less", 0.0, 0.0, 1.0)
    project: str = named("choice", "new = adds its output; running = turns what it sells", "new", ("new", "running"))
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def __post_init__(self) -> None:
        """Check every parameter, and that the project stands abroad."""
        super().__post_init__()
        refuse_oneself(self)

    @classmethod
    def place(cls, entry: CatalogueMeasure, site: Site) -> Placement | None:
        """Own all of a project in the largest seller; there is none where nobody abroad sells."""
        if not site.sellers:
            return None
        given = {"focus": site.focus, "partner": site.sellers[0], "output": site.size, "stake": 1.0}
        return Placement(given, (f"the stake is in the largest seller, {site.sellers[0]}",))

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Bring the owned part home."""
        whole = settle.amount(self, "output") * settle.chance(self, "probability") * settle.built(self)
        asked = whole * settle.amount(self, "stake") * complement(settle.chance(self, "sanctions"))
        here = (self.id, self.kind, year, self.material, self.stage, self.focus, triple(asked))
        if not whole[0]:
            return LeverEffect(
                *here, (0.0, 0.0, 0.0), notes=(NO_TONNES if self.output is None else "nothing is built",)
            )
        block = ledger.block(self.material, self.stage, year)
        if self.project == "running":
            return redirect(self, block, asked, year, [])
        focus, partner = block.at(self.focus), block.at(self.partner)
        before = block.share(partner, focus)
        notes = [note for note in (block.grow(partner, whole),) if note]
        first = tuple(block.at(code) for code in self.replaces if code != self.partner)
        freed = block.displace(focus, float(asked[0]), first=first, spared=(partner,))
        ship = np.zeros(len(block.codes))
        ship[focus] = asked[0]
        block.sell(partner, ship)
        block.bind(partner, focus, float(asked[0]))
        if freed.total < asked[0] * WHOLE:
            notes.append(f"{asked[0] - freed.total:,.4g} t replace nobody: {self.focus} uses more")
        return LeverEffect(
            *here, triple(asked),
            sellers=by_country(block, freed.tons[0]),
            dependence={self.partner: (before, block.share(partner, focus))},
            notes=tuple(notes),
        )  # fmt: skip


@lever("agreement", changes=SWAPPED, purpose="overseas", counts_as=CONTRACTS)
@dataclass(frozen=True, kw_only=True)
class AgreementLever(Lever):
    """An agreement with a partner: part of what it sells to others goes to the focal country.

    done = volume · weight · (1 - political_risk) · (1 - sanctions), at most what the partner sells to others; the
    suppliers that this displaces sell to those who lost it, so that everybody uses what they used.
    """

    material: str = named("material", "id of the material; none for an instrument that names none", "")
    stage: str = named("stage", "stage of the chain that the tonnes are of", "")
    focus: str = named("country", "who is to be supplied")
    partner: str = named("country", "who supplies")
    strength: str = named("choice", "how binding the instrument is", "mou", STRENGTHS)
    volume: Amount | None = amount("tonnes a year that the instrument names", "t/yr", "more", None, scales=True)
    weight: Amount | None = amount(
        "part of the volume that comes; of its strength if not given", "1", "more", None, 0.0, 1.0
    )
    political_risk: Amount = amount("probability that the partner does not deliver", "1", "less", 0.0, 0.0, 1.0)
    sanctions: Amount = amount("probability that third parties stop payment or transport", "1", "less", 0.0, 0.0, 1.0)
    exemption: Amount = amount(
        "part of the partner's export restrictions that spares the focus", "1", "more", 0.0, 0.0, 1.0
    )
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def __post_init__(self) -> None:
        """Check every parameter, and find the weight of the instrument's strength."""
        if self.weight is None:
            found = measures.weight(self.strength)
            object.__setattr__(self, "weight", (found.low, found.best, found.high))
        super().__post_init__()
        if self.volume is not None and not (self.material and self.stage):
            what = "tonnes of no material and stage"
            raise StudyError(what, where=f"lever {self.id!r}.volume", hint="name material and stage, or no volume")
        refuse_oneself(self)

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Redirect what is agreed."""
        built = settle.built(self)
        asked = settle.amount(self, "volume") * settle.amount(self, "weight") * built
        asked = asked * complement(settle.chance(self, "political_risk")) * complement(settle.chance(self, "sanctions"))
        notes = [] if self.volume is not None else [NO_TONNES]
        if self.volume is not None and not asked[0]:
            notes.append(f"an instrument of strength {self.strength} brings none of its volume")
        spared = float(settle.amount(self, "exemption")[0] * built[0])
        if spared > 0 and self.material and self.stage:
            if year == ledger.years[0]:
                ledger.exempt(self.material, self.stage, self.partner, self.focus, spared)
            notes.append(f"{spared:.0%} of what {self.partner} may restrict spares {self.focus}")
        if not asked[0] or not self.material or not self.stage:
            done = np.zeros(3)
            return LeverEffect(
                self.id, self.kind, year, self.material, self.stage, self.focus, triple(asked), triple(done),
                notes=tuple(notes),
            )  # fmt: skip
        block = ledger.block(self.material, self.stage, year)
        return redirect(self, block, asked, year, notes)


@lever("offtake", changes=SWAPPED, purpose="overseas", counts_as=CONTRACTS)
@dataclass(frozen=True, kw_only=True)
class Offtake(AgreementLever):
    """A contract on tonnes a year: an agreement of the strength of a contract, with a volume."""

    strength: str = named("choice", "how binding the instrument is", "contract", STRENGTHS)
    volume: Amount = amount("tonnes a year that the contract names", "t/yr", "more", scales=True)


@lever("exploration", changes=MOVED, purpose="exploration", counts_as=NEW_OUTPUT, sized_by="imports")
@dataclass(frozen=True, kw_only=True)
class Exploration(Lever):
    """A search at home that may become a mine: output · product of the gates, once the years have gone by."""

    stage: str = named("stage", "stage of the chain", "mined")
    country: str = named("country", "where it is")
    output: Amount | None = amount("tonnes a year of the mine, should it come", "t/yr", "more", None, scales=True)
    prospect: Amount = amount("probability that reconnaissance finds a prospect", "1", "more", 1.0, 0.0, 1.0)
    resource: Amount = amount("probability that a prospect becomes a resource", "1", "more", 1.0, 0.0, 1.0)
    reserve: Amount = amount("probability that a resource becomes a reserve", "1", "more", 1.0, 0.0, 1.0)
    mine: Amount = amount("probability that a reserve becomes a mine", "1", "more", 1.0, 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Add what is to be expected of it."""
        asked = settle.amount(self, "output") * settle.built(self)
        for gate in ("prospect", "resource", "reserve", "mine"):
            asked = asked * settle.chance(self, gate)
        return add_output(
            self, self.country, ledger, asked, year, NO_TONNES if self.output is None else "nothing is built"
        )


def add_output(
    found: Any,
    country: str,
    ledger: Ledger,
    asked: Floats,
    year: str,
    why: str,
    notes: tuple[str, ...] = (),
    *,
    fed: bool = True,
) -> LeverEffect:
    """Write new output of a country: its own imports make room for it, and their sellers keep what they sold.

    fed  False = no stage before feeds it (StageBlock.grow)
    """
    here = (found.id, found.kind, year, found.material, found.stage, country, triple(asked))
    if not asked[0]:
        return LeverEffect(*here, (0.0, 0.0, 0.0), notes=(*notes, why))
    block = ledger.block(found.material, found.stage, year)
    at = block.at(country)
    said = block.grow(at, asked, fed=fed)
    freed = block.displace(at, float(asked[0]), first=tuple(block.at(code) for code in found.replaces))
    if freed.total < asked[0] * WHOLE:
        notes = (*notes, f"{asked[0] - freed.total:,.4g} t replace no imports: {country} uses more")
    return LeverEffect(
        *here, triple(asked), sellers=by_country(block, freed.tons[0]), notes=(*notes, *((said,) if said else ()))
    )


def redirect(found: Any, block: StageBlock, asked: Floats, year: str, notes: list[str]) -> LeverEffect:
    """Swap suppliers: the partner's other buyers against the focal country's other sellers."""
    focus, partner = block.at(found.focus), block.at(found.partner)
    before = block.share(partner, focus)
    seller = np.zeros(len(block.codes), dtype=bool)
    seller[partner] = True
    lost = block.divert(seller, focus, float(asked[0]))
    got = float(lost.sum())
    first = tuple(block.at(code) for code in found.replaces if code != found.partner)
    block.bind(partner, focus, got)
    freed = block.displace(focus, got, first=first, spared=(partner,))
    back = block.deliver(freed, lost)
    if got < asked[0] * WHOLE:
        notes.append(f"{found.partner} sells only {got:,.4g} t to others")
    if freed.total < got * WHOLE:
        notes.append(f"{got - freed.total:,.4g} t replace nobody: {found.focus} uses more")
    return LeverEffect(
        found.id, found.kind, year, found.material, found.stage, found.focus,
        triple(asked), triple(at_most(asked, got)),
        sellers=by_country(block, freed.tons[0]),
        losers={(found.stage, c): t for c, t in by_country(block, above_dust(lost - back, lost)).items()},
        dependence={found.partner: (before, block.share(partner, focus))},
        notes=tuple(notes),
    )  # fmt: skip


def above_dust(tons: Floats, scale: Floats) -> Floats:
    """Return tonnes above the dust of sums."""
    return np.where(tons > (1.0 - WHOLE) * np.maximum(scale, 1e-300), tons, 0.0)
