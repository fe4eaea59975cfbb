"""Levers that turn one stage into the next: plants with their feed, recycling, and better recovery."""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.plan.levers.base import NEW_OUTPUT, RECYCLED, Lever, LeverEffect, Placement, Settle, Site, lever
from khanij.plan.levers.block import StageBlock
from khanij.plan.levers.declarations import Amount, amount, named
from khanij.plan.levers.ledger import Ledger
from khanij.plan.levers.supply import MOVED, NO_TONNES, WHOLE, above_dust, add_output, by_country, triple
from khanij.reference.measures import CatalogueMeasure

FEEDS = ("market", "partner", "own", "home", "none")
GAINS = ("output", "feed")


@lever("plant", changes=MOVED, purpose="plants", counts_as=NEW_OUTPUT, sized_by="imports")
@dataclass(frozen=True, kw_only=True)
class Plant(Lever):
    """A plant (smelter, refinery, sponge, magnets): its feed is taken from somebody, and the mass balances.

    output = recovery · feed. Those who lose feed make less of the product, by the part of their feed that went into it;
    what the plant's country no longer imports goes to them, so that of the product they use what they used.
    """

    country: str = named("country", "where it stands")
    output: Amount | None = amount("tonnes a year of the product", "t/yr", "more", None, scales=True)
    recovery: Amount = amount(
        "content of the product as a part of the content of the feed", "1", "more", least=1e-6, most=1.0
    )
    feed: str = named(
        "choice",
        "market = from all who sell it, pro rata; partner = from one; own = what the country exports; "
        "home = what it does not work up; none = from outside the chain",
        "market",
        FEEDS,
    )
    partner: str = named("country", "who sells the feed, where feed is partner", "")
    feed_stage: str = named("stage", "stage of the feed; the nearest before that the Case has tonnes of if none", "")
    probability: Amount = amount("probability that it is built and runs", "1", "more", 1.0, 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def __post_init__(self) -> None:
        """Check every parameter, and that a partner is named where one sells the feed."""
        super().__post_init__()
        if (self.feed == "partner") != bool(self.partner):
            what = "a partner is named where feed is partner, and nowhere else"
            raise StudyError(what, where=f"lever {self.id!r}.partner", hint=f"feed is {self.feed}")

    @classmethod
    def place(cls, entry: CatalogueMeasure, site: Site) -> Placement | None:
        """Feed the plant by the catalogue's stage where the network has it, else by the nearest before."""
        found = super().place(entry, site)
        if found is None or entry.feed_stage not in site.stages:
            return found
        return replace(found, parameters={**found.parameters, "feed_stage": entry.feed_stage})

    def feed_taken(self, made: float, stages: Sequence[str]) -> tuple[str, float]:
        """Return the stage named, else the nearest before that the network has, and made / recovery."""
        if self.feed == "none" or self.stage not in stages:
            return "", 0.0
        before = stages[: stages.index(self.stage)]
        source = self.feed_stage or (before[-1] if before else "")
        return source, made / self.recovery.best  # type: ignore[union-attr]

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Take the feed, make the product, and let those who lost feed buy what is set free."""
        asked = settle.amount(self, "output") * settle.chance(self, "probability") * settle.built(self)
        here = (self.id, self.kind, year, self.material, self.stage, self.country, triple(asked))
        if not asked[0]:
            why = NO_TONNES if self.output is None else "nothing is built"
            return LeverEffect(*here, (0.0, 0.0, 0.0), notes=(why,))
        rate = float(settle.amount(self, "recovery")[0])
        source = "" if self.feed == "none" else self.feed_stage or ledger.feeds(self.material, self.stage, year)
        if not source:
            none = () if self.feed == "none" else ("no stage before has tonnes: the feed is not counted",)
            return add_output(self, self.country, ledger, asked, year, "", none)
        mine, block = ledger.block(self.material, source, year), ledger.block(self.material, self.stage, year)
        whole = np.nan_to_num(block.output[0]) if block.known else np.zeros(len(block.codes))
        part = mine.fed(_on_countries_of(block, whole, mine), rate)
        got, lost, notes = self._feed(mine, block, float(asked[0]) / rate, rate)
        done = asked * min(1.0, got * rate / float(asked[0]))
        if done[0] < asked[0] * WHOLE:
            notes.append(f"feed for {done[0]:,.4g} t only ({source})")
        if not done[0]:
            return LeverEffect(*here, (0.0, 0.0, 0.0), notes=tuple(notes))
        if (aside := float((lost * (1.0 - part)).sum())) > (1.0 - WHOLE) * got:
            notes.append(f"{aside:,.4g} t of the feed were not going into recorded output of this stage elsewhere")
        short = _on_countries_of(mine, lost * part, block) * rate
        return self._make(block, here, done, short, {(source, c): t for c, t in by_country(mine, lost).items()}, notes)

    def _feed(self, mine: StageBlock, block: StageBlock, need: float, rate: float) -> tuple[float, Floats, list[str]]:
        """Return the feed that is got, who lost it (k,) t, and what must be said."""
        at, none = mine.at(self.country), np.zeros(len(mine.codes))
        if self.feed == "own":
            lost = mine.keep(at, need)
            return float(lost.sum()), lost, []
        if self.feed in ("market", "partner"):
            sellers = np.ones(len(mine.codes), dtype=bool)
            if self.feed == "partner":
                sellers[:] = False
                sellers[mine.at(self.partner)] = True
            lost = mine.divert(sellers, at, need)
            return float(lost.sum()), lost, []
        made = block.made(block.at(self.country))
        if np.isnan(mine.made(at)) or np.isnan(made):
            return need, none, ["whether the country has that much feed is not known"]
        return min(need, max(mine.used(at) - made / rate, 0.0)), none, []

    def _make(
        self,
        block: StageBlock,
        here: tuple[str, str, str, str, str, str, tuple[float, float, float]],
        done: Floats,
        short: Floats,
        less: dict[tuple[str, str], float],
        notes: list[str],
    ) -> LeverEffect:
        """Write the product: own imports make room for it, and go to those whose output fell."""
        at = block.at(self.country)
        fell = block.shrink(short)
        freed = block.displace(at, float(done[0]), first=tuple(block.at(code) for code in self.replaces))
        back = block.deliver(freed, fell)
        rest = float(done[0]) - freed.total
        if rest > 0 and fell.sum() > back.sum():
            sold = (fell - back) * min(1.0, rest / float((fell - back).sum()))
            sold[at] = 0.0
            block.sell(at, sold)
            back, rest = back + sold, rest - float(sold.sum())
        if rest > (1.0 - WHOLE) * done[0]:
            notes.append(f"{rest:,.4g} t replace no imports: {self.country} uses more")
        if said := block.grow(at, done):
            notes.append(said)
        less = less | {(self.stage, c): t for c, t in by_country(block, above_dust(fell - back, fell)).items()}
        return LeverEffect(
            *here, triple(done),
            sellers=by_country(block, freed.tons[0]), losers=less, made_less=by_country(block, fell),
            notes=tuple(notes),
        )  # fmt: skip


@lever("recycling", changes=MOVED, purpose="recycling", counts_as=RECYCLED, sized_by="scrap")
@dataclass(frozen=True, kw_only=True)
class RecyclingPlant(Lever):
    """A recycling plant: scrap · collection · recovery joins the output of a stage; no mine feeds it."""

    country: str = named("country", "where it stands")
    scrap: Amount | None = amount(
        "tonnes of content in the scrap that arises in a year", "t/yr", "more", None, scales=True
    )
    collection: Amount = amount(
        "part of the scrap that is collected and comes to the plant", "1", "more", least=0.0, most=1.0
    )
    recovery: Amount = amount(
        "part of the content of collected scrap that is recovered", "1", "more", least=0.0, most=1.0
    )
    capacity: Amount | None = amount("most tonnes a year that the plant can recover", "t/yr", "more", None, scales=True)
    probability: Amount = amount("probability that it is built and runs", "1", "more", 1.0, 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    @classmethod
    def place(cls, entry: CatalogueMeasure, site: Site) -> Placement | None:
        """Take all that could be recovered: the rates of collection and recovery are in the site's size."""
        given = {"country": site.focus, "scrap": site.size, "collection": 1.0, "recovery": 1.0}
        return Placement(given)

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Add what is recovered."""
        got = settle.amount(self, "scrap") * settle.amount(self, "collection") * settle.amount(self, "recovery")
        if self.capacity is not None:
            got = np.minimum(got, settle.amount(self, "capacity"))
        asked = got * settle.chance(self, "probability") * settle.built(self)
        why = "how much scrap arises is not given" if self.scrap is None else "nothing is built"
        return add_output(self, self.country, ledger, asked, year, why, fed=False)


@lever("recovery", changes=MOVED, purpose="research", counts_as=NEW_OUTPUT)
@dataclass(frozen=True, kw_only=True)
class RecoveryLift(Lever):
    """Research that lifts a recovery: more output of the same feed, or the same output of less.

    output: P · (after/before - 1) more        feed: P/before - P/after less to buy of the stage before
    """

    country: str = named("country", "whose plants or mines")
    before: Amount = amount("recovery today", "1", "less", least=1e-6, most=1.0)
    after: Amount = amount("recovery reached", "1", "more", least=1e-6, most=1.0)
    share: Amount = amount("part of the country's output that takes it up", "1", "more", 1.0, 0.0, 1.0, scales=True)
    gain: str = named("choice", "whether output grows or feed is saved", "output", GAINS)
    probability: Amount = amount("probability that it works at scale", "1", "more", 1.0, 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def __post_init__(self) -> None:
        """Check every parameter, and that recovery rises."""
        super().__post_init__()
        if self.after.high < self.before.low:  # type: ignore[union-attr]
            raise StudyError("recovery falls", where=f"lever {self.id!r}.after", hint="above `before`")

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Add the output, or save the feed."""
        block = ledger.block(self.material, self.stage, year)
        made = block.made(block.at(self.country))
        taken = settle.amount(self, "share") * settle.chance(self, "probability") * settle.built(self)
        old, new = settle.amount(self, "before"), settle.amount(self, "after")
        if np.isnan(made) or made <= 0:
            zero = (0.0, 0.0, 0.0)
            why = "what the country makes at this stage is " + ("not known" if np.isnan(made) else "nothing")
            return LeverEffect(
                self.id, self.kind, year, self.material, self.stage, self.country, zero, zero, notes=(why,)
            )  # fmt: skip
        worst, most = old[[0, 2, 1]], np.maximum(new, old[[0, 2, 1]])
        if self.gain == "output":
            return add_output(self, self.country, ledger, made * (most / worst - 1.0) * taken, year, "nothing changes")
        return self._save(ledger, made * (1.0 / worst - 1.0 / most) * taken, year)

    def _save(self, ledger: Ledger, saved: Floats, year: str) -> LeverEffect:
        """Buy less feed."""
        source = ledger.feeds(self.material, self.stage, year)
        here = (self.id, self.kind, year, self.material, source or self.stage, self.country, triple(saved))
        if not source or not saved[0]:
            why = "nothing changes" if source else "no stage before has tonnes: the feed saved is not counted"
            return LeverEffect(*here, (0.0, 0.0, 0.0), notes=(why,))
        block = ledger.block(self.material, source, year)
        first = tuple(block.at(code) for code in self.replaces)
        freed = block.displace(block.at(self.country), float(saved[0]), first=first)
        notes = () if freed.total >= saved[0] * WHOLE else (f"only {freed.total:,.4g} t of feed are imported",)
        return LeverEffect(
            *here, triple(np.minimum(saved, freed.total)), sellers=by_country(block, freed.tons[0]), notes=notes
        )


def _on_countries_of(one: StageBlock, tons: Floats, other: StageBlock) -> Floats:
    """Return tonnes by country of one block on the countries of another; those it lacks have no output there."""
    found = np.zeros(len(other.codes))
    for code, value in zip(one.codes, tons, strict=True):
        if code in other.codes:
            found[other.at(code)] += value
    return found
