"""What a stop of each first seller would cost, asked of the question `shock`: the brief reckons no loss of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from khanij import reference
from khanij.analyses.loss_cells import KUSD, LOSS, MILLION
from khanij.analyses.profile.forms import GOODS
from khanij.analyses.question import Answer
from khanij.core.errors import KhanijError
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import text
from khanij.reference import columns
from khanij.reference.assumptions import assumed
from khanij.reference.industry.product_needs import product_need
from khanij.reference.names import country_name

Asked = Callable[[str, str, bool], Answer]
RANGED = 6  # of the dearest stops a range is asked too
MOST = 16  # exposures of which a stop is asked, in the order of the question `exposure`
HALTS, LEAST = 2, 1.0  # products whose lost output is told; million USD from which a loss is
NOTED = 0.1  # months of output lost from which a product is told
WHOLE = "all channels"  # row of the losses that sums them
IDS = columns.ids("material", "stage", "country")
STOPS = (
    *("mineral", "form", "country_name", "controls", "chance_of_act", "short_after"),
    *(*LOSS, "shortage_tonnes", "shortage", "why", "material", "stage", "country"),
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One exposure, and a year without what its seller makes of it.

    row     of the table exposure
    seller  ISO-3 of who stops: the first sender, or who made most of it where that is another
    loss    what is known of the loss, million USD; None where nothing is
    kind    which of LOSS it is: the loss, a lower bound, a part
    after   months until the first users are short
    halts   products with most value added lost: rows of the shock's table
    short   row of the good in the shock's table of shortages
    chance  of a new restriction within a year, None where no forecast names it
    why     why nothing is known of the loss, or why it is not ranked
    how     the command that asks it again
    beyond  its users need several times the use that trade and output tell: it reaches them inside other goods
    """

    row: Mapping[str, Any]
    seller: str
    loss: Number | None = None
    kind: str = ""
    after: Number | None = None
    halts: tuple[Mapping[str, Any], ...] = ()
    short: Mapping[str, Any] | None = None
    chance: Number | None = None
    why: str = ""
    how: str = ""
    beyond: bool = False

    @property
    def size(self) -> float:
        """Return what is known of the loss, million USD; 0 where nothing is or no more than a trifle: not ranked."""
        value = (self.loss.value if self.loss else None) or 0.0
        return value if value >= LEAST and not self.beyond else 0.0


def stops(
    listed: Iterable[Mapping[str, Any]], asked: Asked, own: Collection[str] = (), place: str = ""
) -> tuple[Stop, ...]:
    """Return the stops of the first exposures, the dearest first; those of which no loss is known last.

    asked  seller, "material:stage", with a range -> answer of `shock`; it may raise KhanijError for what cannot be told
    own    the country itself, or the members of the group: none of them is a seller that stops
    place  the country whose products' need is held against its use, "" for none
    """
    found = [_weighed(_stop(row, asked, own, ranged=False), place) for row in list(listed)[:MOST]]
    found.sort(key=lambda stop: (stop.size == 0.0, stop.loss is None, -stop.size))
    ranged = [_weighed(_stop(stop.row, asked, own), place) if stop.size else stop for stop in found[:RANGED]]
    return (*ranged, *found[RANGED:])


def _stop(row: Mapping[str, Any], asked: Asked, own: Collection[str], *, ranged: bool = True) -> Stop:
    """Return the stop of one exposure; the draws behind its range take most of the time and move no value."""
    seller = str(row["country"])
    try:
        maker = _maker(row)
        seller = seller if maker in own else maker
        answer = asked(seller, f"{row['material']}:{row['stage']}", ranged)
    except KhanijError as lacking:
        return Stop(row, seller, why=lacking.what)
    tables = {table.key: list(table.rows()) for table in answer.tables}
    whole = next((r for r in tables.get("losses", ()) if r["channel"] == WHOLE), None)
    kind = next((key for key in LOSS if whole and whole[key] is not None and whole[key].value is not None), "")
    halts = tuple(sorted(tables.get("products", ()), key=lambda r: -(r["value_added_lost"].value or 0.0)))
    after = min((r["short_after"] for r in halts if r["short_after"].value is not None), key=_value, default=None)
    short = next((r for r in tables.get("shortage", ()) if r["stage"] == row["stage"]), None)
    loss = whole[kind] if whole and kind else None
    how = answer.request.command()
    return Stop(row, seller, loss, kind, after, halts, short, None, whole["why"] if whole else "", how)


def _weighed(stop: Stop, place: str) -> Stop:
    """Return a stop, marked where its users need several times (need_over_use) the use on record: few live on that."""
    use = stop.short["use_tonnes"].value if stop.short and place else None
    if not use:
        return stop
    need = product_need(stop.row["material"], stop.row["stage"], place)
    if need is None or need.low <= assumed("need_over_use") * use:
        return stop
    why = f"its users need {text.tonnes(need.best)}, on record are {text.tonnes(use)}: it reaches them in other goods"
    return replace(stop, beyond=True, why=why)


def _value(number: Number) -> float:
    """Return a number's value, 0 where it has none."""
    return number.value or 0.0


def _maker(row: Mapping[str, Any]) -> str:
    """Return who would have to stop: the first sender, or the maker behind it where customs see another first."""
    maker, held = row["made_by"], row["held"]
    if held.low == 0.0 and maker is None and row["world_leader"] is not None:
        return reference.country(row["world_leader"].label)
    if maker is None or not maker.label or maker.value is None:
        return str(row["country"])
    return reference.country(maker.label) if held.low == 0.0 or maker.value > (held.value or 0.0) else row["country"]


def with_chances(found: Iterable[Stop], chances: Mapping[tuple[str, str], Number]) -> tuple[Stop, ...]:
    """Return the stops with the chance that their seller newly restricts exports; chances  (seller, material) -> it."""
    return tuple(replace(stop, chance=chances.get((stop.seller, stop.row["material"]))) for stop in found)


def amount(stop: Stop) -> str:
    """Return the loss in words, "at least USD 2.1 billion (0.9 billion to 4 billion)"."""
    assert stop.loss is not None
    least = "at least " if stop.kind == "lower_bound" else ""
    part = ", as far as it is priced" if stop.kind == "known_part" else ""
    low, high = stop.loss.low, stop.loss.high
    words = [text.dollars(end * MILLION / KUSD) for end in (low, high) if end is not None]
    band = f" ({words[0].removeprefix(f'USD{text.THIN}')} to {words[1]})" if len(words) == 2 and low != high else ""
    return f"{least}{text.dollars(stop.size * MILLION / KUSD)}{band}{part}"


def told(stop: Stop) -> str:
    """Return what a year without it does: who is short from when, how many months of output are lost."""
    said = []
    if stop.after is not None and stop.after.value is not None:
        after = stop.after.value
        said.append(f"short {'from the start' if after < 0.05 else f'from month {ceil(after)} on'}")
    lost = [row for row in stop.halts if (row["output_lost"].value or 0.0) >= NOTED][:HALTS]
    if lost:
        listed = (f"{_product(row)} {text.digits(row['output_lost'].value, 2)}" for row in lost)
        said.append(f"months of output lost: {text.joined(listed)}")
    return "; ".join(said)


def _product(row: Mapping[str, Any]) -> str:
    """Return the name of a product without what stands in brackets."""
    return text.small(str(row["product_name"]).partition(" (")[0])


def named(stop: Stop) -> str:
    """Return what a reader calls the goods of a stop."""
    row = stop.row
    return text.capital(row["form"]) if row["stage"] in GOODS else str(row["mineral"])


def table(found: Iterable[Stop], year: int) -> Table:
    """Return every stop that was asked as a table, the dearest first."""
    rows = [
        {
            "mineral": stop.row["mineral"],
            "form": stop.row["form"],
            "country_name": country_name(stop.seller),
            "controls": stop.row["controls"] if stop.seller == stop.row["country"] else "",
            "chance_of_act": stop.chance,
            "short_after": stop.after,
            **{key: stop.loss if key == stop.kind else None for key in LOSS},
            "shortage_tonnes": stop.short["shortage_tonnes"] if stop.short else None,
            "shortage": stop.short["shortage"] if stop.short else None,
            "why": stop.why,
            "material": stop.row["material"],
            "stage": stop.row["stage"],
            "country": stop.seller,
        }
        for stop in found
    ]
    notes = (
        "each row is the answer of `khanij shock` to a stop of one seller's exports for twelve months; the dearest"
        f" first, and last what has no price, which is not small for that; ranges of the first {RANGED} alone",
    )
    return columns.table("stops", f"A year without each first seller, {year}", rows, STOPS, notes=notes, more=IDS)
