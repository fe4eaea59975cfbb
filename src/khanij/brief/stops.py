"""What a year without a seller would cost: the dearest stops of the question `stops`, each told by `shock`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from khanij.analyses.loss_cells import KUSD, LOSS, MILLION
from khanij.analyses.profile.forms import GOODS
from khanij.analyses.question import Answer
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import text
from khanij.reference import columns
from khanij.reference.assumptions import assumed
from khanij.reference.industry.product_needs import product_need
from khanij.reference.names import country_name

Row = Mapping[str, Any]
Asked = Callable[[str, str], Answer]
TOLD, TRIED = 5, 12  # dearest stops that are told; those of which a shock is asked for that at most
HALTS, LEAST = 2, 1.0  # products whose lost output is told; million USD from which a loss is
NOTED = 0.1  # months of output lost from which a product is told
SHORT = 0.005  # part of the use of any form that lacks from which a stop leaves a country short
PART = "known_part"  # of LOSS: what is known of a loss of which the rest may be a gain
NOT_TOLD = "no seller of it is told apart"
WHOLE = "all channels"  # row of the losses that sums them
IDS = columns.ids("material", "stage", "country")
STOPS = (
    *("mineral", "form", "country_name", "controls", "chance_of_act", "short_after"),
    *(*LOSS, "shortage_tonnes", "shortage", "why", "material", "stage", "country"),
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One good, and a year without what one seller makes of it.

    row       of the table stops of the question; of the table exposure where nothing is known of a loss
    seller    ISO-3 of who stops      exposure  row of the table exposure of that good, None where no trade shows it
    loss      what is known of the loss, million USD; None where nothing is
    kind      which of LOSS it is: the loss, a lower bound, a part
    after     months until the first users are short
    halts     products with most value added lost: rows of the shock's table
    short     rows of the shock's table of shortages
    chance    of a new restriction within a year, None where no forecast names it
    why       why nothing is known of the loss, or why it is not ranked
    beyond    its users need several times the use that trade and output tell: it reaches them inside other goods
    """

    row: Row
    seller: str
    exposure: Row | None = None
    loss: Number | None = None
    kind: str = ""
    after: Number | None = None
    halts: tuple[Row, ...] = ()
    short: tuple[Row, ...] = ()
    chance: Number | None = None
    why: str = ""
    beyond: bool = False

    @property
    def size(self) -> float:
        """Return what is known of the loss, million USD; 0 where nothing is or no more than a trifle: not ranked."""
        value = (self.loss.value if self.loss else None) or 0.0
        return value if value >= LEAST and not self.beyond else 0.0

    @property
    def own(self) -> Row | None:
        """Return what lacks of the good that stops itself."""
        return next((row for row in self.short if row["stage"] == self.row["stage"]), None)

    @property
    def held(self) -> Row | None:
        """Return the exposure to who stops, None where customs see another first or nobody."""
        return self.exposure if self.exposure is not None and self.exposure["country"] == self.seller else None


def cost(row: Row) -> tuple[str, Number | None]:
    """Return which of LOSS is known in a row, and it; "" and None where nothing is."""
    kind = next((key for key in LOSS if row[key] is not None and row[key].value is not None), "")
    return kind, row[kind] if kind else None


def bound(row: Row) -> float | None:
    """Return the loss of a row, or what it is at least, million USD; None where no more than a part has a price."""
    kind, loss = cost(row)
    return loss.value if loss is not None and kind != PART else None


def stops(
    league: Sequence[Row],
    exposures: Sequence[Row],
    asked: Asked,
    own: Collection[str] = (),
    place: str = "",
    missing: Mapping[str, str] | None = None,
) -> tuple[Stop, ...]:
    """Return the dearest stops, one a seller and mineral, then the exposures of whose stop no loss is known.

    A stop of which only a part is priced that is no bound has no place among them.

    league  rows of the table stops      exposures  rows of the table exposure, first to last
    asked   seller, "material:stage" -> answer of `shock`
    own     the country itself, or the members of the group: none of them is a seller that stops
    place   the country whose products' need is held against its use, "" for none
    missing  material -> why the question tells nothing of it
    """
    priced = [(row, size) for row in league if (size := bound(row)) is not None]
    priced.sort(key=lambda pair: -pair[1])
    known = {(row["material"], row["stage"]) for row, _ in priced}
    seen = {(row["material"], row["stage"]): row for row in exposures}
    first: dict[tuple[str, str], Row] = {}
    for row, size in priced:
        if size >= LEAST and row["country"] not in own:
            first.setdefault((row["country"], row["material"]), row)
    found: list[Stop] = []
    for row in list(first.values())[:TRIED]:
        stop = _weighed(_stop(row, seen.get((row["material"], row["stage"])), asked), place)
        if any((part["shortage"].value or 0.0) >= SHORT for part in stop.short):
            found.append(stop)
        if sum(not one.beyond for one in found) == TOLD:
            break
    open_ = [row for row in exposures[:TRIED] if (row["material"], row["stage"]) not in known]
    return (*sorted(found, key=lambda stop: -stop.size), *(_unpriced(row, league, missing or {}) for row in open_))


def _stop(row: Row, exposure: Row | None, asked: Asked) -> Stop:
    """Return one stop as the question shock tells it."""
    answer = asked(row["country"], f"{row['material']}:{row['stage']}")
    tables = {table.key: list(table.rows()) for table in answer.tables}
    whole = next((r for r in tables.get("losses", ()) if r["channel"] == WHOLE), None)
    kind, loss = cost(whole) if whole else ("", None)
    halts = tuple(sorted(tables.get("products", ()), key=lambda r: -(r["value_added_lost"].value or 0.0)))
    after = min((r["short_after"] for r in halts if r["short_after"].value is not None), key=_value, default=None)
    short = tuple(tables.get("shortage", ()))
    return Stop(row, row["country"], exposure, loss, kind, after, halts, short, why=whole["why"] if whole else "")


def _unpriced(row: Row, league: Sequence[Row], missing: Mapping[str, str]) -> Stop:
    """Return an exposure of whose stop no loss is known, and why: what the table stops says of it, or that it lacks."""
    good = row["material"], row["stage"]
    said = (one["loss"].note for one in league if (one["material"], one["stage"]) == good and one["loss"] is not None)
    why = next(said, missing.get(row["material"], NOT_TOLD))
    return Stop(row, str(row["country"]), row, why=why)


def _weighed(stop: Stop, place: str) -> Stop:
    """Return a stop, marked where its users need several times (need_over_use) the use on record: few live on that."""
    use = stop.own["use_tonnes"].value if stop.own and place else None
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


def with_chances(found: Iterable[Stop], chances: Mapping[tuple[str, str], Number]) -> tuple[Stop, ...]:
    """Return the stops with the chance that their seller newly restricts exports; chances  (seller, material) -> it."""
    return tuple(replace(stop, chance=chances.get((stop.seller, stop.row["material"]))) for stop in found)


def amount(stop: Stop) -> str:
    """Return the loss in words: "USD 2.1 billion (0.9 billion to 4 billion), and more that has no price"."""
    assert stop.loss is not None
    tail = {"lower_bound": ", and more that has no price", "known_part": ", as far as it is priced"}.get(stop.kind, "")
    low, high = stop.loss.low, stop.loss.high
    words = [text.dollars(end * MILLION / KUSD) for end in (low, high) if end is not None]
    band = f" ({words[0].removeprefix(f'USD{text.THIN}')} to {words[1]})" if len(words) == 2 and low != high else ""
    return f"{text.dollars(stop.size * MILLION / KUSD)}{band}{tail}"


def dependence(stop: Stop) -> str:
    """Return whose the good is: by customs where they see who stops, else by origin, or inside which forms it comes."""
    if stop.held is not None:
        held: Number = stop.held["held"]
        return f"{text.ranged(held.value, held.low, held.high, held.unit)} from {held.label}"
    seller, part = country_name(stop.seller), stop.row["from_seller"]
    if part >= SHORT:
        said = f"{text.percent(part)} of what is used comes from {seller}"
        first = stop.exposure["held"] if stop.exposure is not None else None
        return f"{said}, while customs see {first.label} first" if first is not None and first.value else said
    lacks = [row for row in stop.short if (row["shortage"].value or 0.0) >= SHORT]
    if stop.own is not None and stop.own in lacks:  # who bought from it bids for what others sell
        part = text.percent(stop.own["shortage"].value)
        return f"none comes from {seller}, but its buyers bid for the rest: {part} short"
    inside = (f"{text.small(row['form'])} ({text.percent(row['shortage'].value)} short)" for row in lacks)
    return f"none is bought as such from {seller}; what is made of it abroad falls short: {text.joined(inside)}"


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


def _product(row: Row) -> str:
    """Return the name of a product without what stands in brackets."""
    return text.small(str(row["product_name"]).partition(" (")[0])


def named(stop: Stop) -> str:
    """Return what a reader calls the goods of a stop."""
    row = stop.exposure or stop.row
    if row["stage"] in GOODS:
        return text.capital(row["form"])
    mined = row["stage"] == "mined" and stop.exposure is None
    return f"{row['mineral']} ore" if mined else str(row["mineral"])


def table(found: Iterable[Stop], year: int) -> Table:
    """Return the stops that are told as a table, the dearest first."""
    rows = [
        {
            "mineral": stop.row["mineral"],
            "form": (stop.exposure or stop.row)["form"],
            "country_name": country_name(stop.seller),
            "controls": controls(stop),
            "chance_of_act": stop.chance,
            "short_after": stop.after,
            **{key: stop.loss if key == stop.kind else None for key in LOSS},
            "shortage_tonnes": stop.own["shortage_tonnes"] if stop.own else None,
            "shortage": stop.own["shortage"] if stop.own else None,
            "why": stop.why,
            "material": stop.row["material"],
            "stage": stop.row["stage"],
            "country": stop.seller,
        }
        for stop in found
    ]
    notes = (
        "each row is the answer of `khanij shock` to a stop of one seller's exports for twelve months; the dearest"
        " stop of each seller and mineral, then what has no price, which is not small for that; all stops: `khanij"
        " stops`",
    )
    return columns.table("dearest", f"The dearest stops of one seller, {year}", rows, STOPS, notes=notes, more=IDS)


def controls(stop: Stop) -> str:
    """Return what is in force of who stops on that good, "" for nothing on record."""
    return str((stop.held or stop.row)["controls"] or "")
