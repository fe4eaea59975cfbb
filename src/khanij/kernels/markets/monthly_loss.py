"""Output lost month by month when goods are short, with stocks at users, thrift, redesign and what is made up later.

A pair is a user j (a product in a country) that needs a good m. Its quantities are multiples of the base year's:
  available  a = min(1, (S + q) / k)           S stock, q delivered, k needed a month; 1 = the use of a base month
  left       1 - w e (1 - a)                   e part of the output that contains the good, w part of it that stops
  output     x[j, t] = min{1, capacity, demand, min over the pairs of j of what each leaves}
  stock      S' = S + q - k min(a, demand), at first the cover of the user
  need       k falls by thrift and redesign, see need_path()
w is 1 for a critical input, 1/2 for an important one, 0 for others (Pichler et al. 2022, doi
10.1016/j.jedc.2022.104527). Only the part that contains the good uses it, so a stock never falls below 0.
What the lack of one input saves of another is not laid by: users order less of it. So output in no month rises with a
cut that is deeper, longer or earlier. `kept` lays a part of it by: with 1 it is S' = S + q - k min(a, x), and then what
falls no more is output added up over months, if needs are constant.
A pair whose e, w, cover or deliveries are unknown (nan) is not priced: it takes no part in output, and where it is
short its loss is nan, and its user is marked. Leading axis: scenarios, each on its own. Months are steps of any length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
SHORT = 1e-12  # part of a month's output that may be lost to rounding


@dataclass(frozen=True, slots=True)
class InputNeeds:
    """P pairs of user and good.

    good     (P,) column of the deliveries     user  (P,) position of the user
    exposed  e (P,) or (B, P), 0..1; nan unknown
    weight   w (P,) 0..1; nan unknown          cover  (P,) months of base use in stock, >= 0; nan unknown
    """

    good: Positions
    user: Positions
    exposed: Floats
    weight: Floats
    cover: Floats


@dataclass(frozen=True, slots=True)
class MonthlyOutput:
    """What B scenarios leave to J users over M months.

    output    x (B, M, J), 0..1, priced pairs alone
    alone     (B, P) months of base output that each pair costs if it alone is short, of what demand asks; nan where it
              is short and not priced, 0 where it is not short
    unpriced  (B, J) a pair that is not priced is short: output is at most x
    stock     (B, P) at the end, months of base use; nan where unknown
    """

    output: Floats
    alone: Floats
    unpriced: Flags
    stock: Floats


def run(
    needs: InputNeeds,
    delivered: Floats,
    users: int,
    *,
    need: Floats | None = None,
    still: Floats | None = None,
    capacity: Floats | None = None,
    demand: Floats | None = None,
    kept: float = 0.0,
    uneven: ArrayLike = 0.0,
) -> MonthlyOutput:
    """Return output month by month.

    delivered  q (B, M, G) deliveries of each good, >= 0; nan unknown      users  J
    need       k (B or 1, M or 1, P), >= 0; None = 1, see need_path()
    still      r (the same), part of the exposed output that no redesign carries yet, 0..1; None = 1. What is redesigned
               needs none of the good: e and k both count r times
    capacity, demand  (B or 1, M or 1, J), >= 0; None = 1. Stocks are used as demand asks, whatever capacity there is
    kept       part of an input saved by the lack of another, or of capacity, that stays in stock, 0..1
    uneven     u () or (P,), part of what is lost that falls on some kinds of a good wholly, the others being there: the
               stock of those alone helps then, as if deliveries had stopped since the first that fell short. With it
               a = 1 - (1 - u) (1 - min(1, (S + q) / (k r))) - u max(1 - q / k, 0) (1 - min(1, Z / (k r))), Z that stock
    Raises ValueError on values outside their range.
    """
    _check(needs, delivered, users, need, capacity, demand, kept)
    _check(needs, delivered, users, still, None, None, 0.0)
    parts = np.broadcast_to(np.asarray(uneven, dtype=np.float64), (len(needs.good),))
    check_range("uneven", parts, 0.0, 1.0)
    batch, months, _ = delivered.shape
    order = np.argsort(needs.user, kind="stable")
    good, by = needs.good[order], PairGroups.of(needs.user[order], users)
    fall, unknown, blind, stock = _begin(needs, order, batch)
    path, rest = (np.ones((1, 1, len(order))) if a is None else a[..., order] for a in (need, still))
    most, asked = (_month(array, users, batch) for array in (capacity, demand))
    mixed = _Kinds(parts[order], stock, np.zeros(fall.shape, dtype=bool))
    output, alone, short = np.ones((batch, months, users)), np.zeros(fall.shape), np.zeros(fall.shape, dtype=bool)
    for month in range(months):
        q, whole, wanted = delivered[:, month, good], path[:, min(month, path.shape[1] - 1)], asked(month)
        part = rest[:, min(month, rest.shape[1] - 1)]
        k = whole * part
        lost = np.isnan(q)
        if lost.any():  # at worst nothing came: what is not short then is known not to be
            unknown, q = unknown | (lost & (fall > 0)), np.where(lost, 0.0, q)
            fall, blind = np.where(unknown, 0.0, fall), blind | lost
        there = stock + q
        available = mixed.available(_met(there, k), q, whole, k)
        asks = wanted[:, by.user]
        used = np.minimum(available, asks)
        short |= unknown & (available < asks)
        left = 1.0 - fall * part * (1.0 - available)
        alone += np.maximum(asks - left, 0.0)
        output[:, month] = x = np.minimum(np.minimum(most(month), wanted), by.least(left))
        if kept:
            used = used - kept * np.maximum(used - x[:, by.user], 0.0)
        drawn = np.where(mixed.uneven > 0, np.minimum(_met(there, k), asks), used)
        stock = np.maximum(there - k * drawn, 0.0)
    back = np.argsort(order)
    alone, stock = (np.where(hidden, np.nan, x)[:, back] for hidden, x in ((short, alone), (blind, stock)))
    return MonthlyOutput(output=output, alone=alone, unpriced=by.any(short), stock=stock)


def _begin(needs: InputNeeds, order: NDArray[np.intp], batch: int) -> tuple[Floats, Flags, Flags, Floats]:
    """Return (B, P) the part of output that hangs on a pair, where that and where its stock is not known, the stock."""
    none = (needs.exposed == 0) | (needs.weight == 0)  # costs nothing, whatever else is unknown
    fall = np.broadcast_to(np.where(none, 0.0, needs.exposed * needs.weight)[..., order], (batch, len(order)))
    cover = np.broadcast_to(needs.cover[order], fall.shape)
    unknown = np.isnan(fall) | (np.isnan(cover) & (fall > 0))
    return np.where(unknown, 0.0, fall), unknown, np.isnan(cover), np.where(np.isnan(cover), 0.0, cover)


@dataclass(slots=True)
class _Kinds:
    """What is there where part of a loss falls on some kinds of a good wholly: the stock of those alone helps.

    uneven  u (P,)      stock  (B, P) Z, as if deliveries had stopped since the first that fell short      begun  (B, P)
    """

    uneven: Floats
    stock: Floats
    begun: Flags

    def available(self, even: Floats, q: Floats, whole: Floats, k: Floats) -> Floats:
        """Return the part of a month's need that is there, (B, P), and spend the stock."""
        if not self.uneven.any():
            return even
        self.begun = self.begun | (q < whole)
        lacking = np.maximum(1.0 - _met(q, whole), 0.0)
        found = even - self.uneven * (lacking * (1.0 - _met(self.stock, k)) - (1.0 - even))
        self.stock = np.where(self.begun, np.maximum(self.stock - k, 0.0), self.stock)
        return np.asarray(found)


def _met(there: Floats, need: Floats) -> Floats:
    """Return the part of a need that is there, 0..1; all of it where nothing is needed."""
    return np.asarray(np.divide(there, need, out=np.ones_like(there), where=there < need))


def need_path(
    months: int,
    thrift: Floats,
    thrift_months: Floats,
    redesign: Floats,
    begin: Floats,
    end: Floats,
    onset: ArrayLike = 0,
) -> Floats:
    """Return k (..., M, P): what users need a month, falling from 1 once they know.

    k = (1 - thrift * part of thrift_months gone) * (1 - redesign * part of the way from begin to end), both straight

    thrift, redesign  (P,) part of the use that can be saved in the end, and that a redesign does without, 0..1
    thrift_months     (P,) until all of the thrift is there, > 0       begin, end  (P,) months of redesign, begin < end
    onset             (...) month at whose start users know, the same for all scenarios that are to be compared: who
                      knows earlier adapts earlier, so an earlier small cut can be a blessing
    Raises ValueError on values outside their range.
    """
    for name, part in (("thrift", thrift), ("redesign", redesign)):
        check_range(name, part, 0.0, 1.0)
    if not ((thrift_months > 0) & (begin >= 0) & (begin < end)).all():
        raise ValueError("thrift_months must be above 0, and redesign begin before it ends")
    gone = np.maximum(np.arange(months) - np.asarray(onset, dtype=np.float64)[..., None], 0.0)[..., None]
    saved = thrift * np.minimum(gone / thrift_months, 1.0)
    return np.asarray((1.0 - saved) * (1.0 - redesign * np.clip((gone - begin) / (end - begin), 0.0, 1.0)))


def loss(months: MonthlyOutput, worth: Floats, recapture: Floats, reference: Floats | None = None) -> Floats:
    """Return what is lost in all months (B, J): worth * (1 - recapture) * sum over months of (reference - x).

    worth      (J,) output, or value added, of a base month       recapture  (J,) or (B, J) part made up later, 0..1
    reference  (B or 1, M or 1, J) output without the shock; None = 1
    nan where nothing that is priced is lost and an unpriced input is short; where `unpriced` it is a least value.
    """
    check_range("recapture", recapture, 0.0, 1.0)
    base = np.ones((1, 1, 1)) if reference is None else reference
    lost = np.maximum(base - months.output, 0.0).sum(axis=1) * (1.0 - recapture) * worth
    return np.asarray(np.where(months.unpriced & ~(lost > 0), np.nan, lost))


def make_up(output: Floats, patience: float, most: float) -> Floats:
    """Return output (B, M, J) with what is made up once a shortage is over, put back to the months that lost it.

    x' = x + (1 - x) * min(1, most / awaited) in the last `patience` months of a user's shortage, awaited = what those
    lost: buyers wait so long and no longer, and makers can add so much and no more.

    output  x (B, M, J), 0..1      patience  whole months, rounded up, >= 0      most  months of base output, >= 0
    """
    lost = 1.0 - output
    months = np.arange(output.shape[1])[None, :, None]
    last = np.where(lost > SHORT, months, -1).max(axis=1, keepdims=True)
    waits = (months <= last) & (months > last - np.ceil(patience))
    awaited = np.where(waits, lost, 0.0).sum(axis=1, keepdims=True)
    part = np.minimum(np.divide(most, awaited, out=np.ones_like(awaited), where=awaited > most), 1.0)
    return np.asarray(np.where(waits, output + lost * part, output))


def dearer(output: Floats, floor: Floats, more: Floats) -> Floats:
    """Return what users who still run pay above base prices (B, M, J), as part of base value added.

    d = (x - floor) * min(1, more / (1 - floor)): who would pay more than it adds in value stands still instead, so that
    (1 - x) + d never falls with output lost, nor with prices.

    output  x (B, M, J), floor..1      floor  (J,) left with nothing of any input
    more    (B, M, J) paid above base for all inputs if all of the output runs, as part of base value added, >= 0
    """
    runs = 1.0 - floor
    part = np.minimum(np.divide(more, runs, out=np.zeros_like(more), where=runs > 0), 1.0)
    return np.asarray(np.maximum(output - floor, 0.0) * part)


@dataclass(frozen=True, slots=True)
class PairGroups:
    """Pairs sorted by who they belong to: user (P,) sorted, those who have any, and where theirs begin."""

    user: Positions
    who: Positions
    first: Positions
    count: int

    @classmethod
    def of(cls, user: Positions, count: int) -> PairGroups:
        """Return the groups of sorted users."""
        who, first = np.unique(user, return_index=True)
        return cls(user, who, first, count)

    def least(self, values: Floats) -> Floats:
        """Return the least value (B, P) of each (B, count); 1 of none."""
        found = np.ones((len(values), self.count))
        if len(self.who):
            found[:, self.who] = np.minimum.reduceat(values, self.first, axis=1)
        return found

    def total(self, values: Floats) -> Floats:
        """Return the sum of values (B, P) of each (B, count)."""
        found = np.zeros((len(values), self.count))
        if len(self.who):
            found[:, self.who] = np.add.reduceat(values, self.first, axis=1)
        return found

    def any(self, flags: Flags) -> Flags:
        """Return whether any flag (B, P) of each (B, count) is up."""
        found = np.zeros((len(flags), self.count), dtype=bool)
        if len(self.who):
            found[:, self.who] = np.logical_or.reduceat(flags, self.first, axis=1)
        return found


def _month(array: Floats | None, users: int, batch: int) -> Callable[[int], Floats]:
    """Return what gives (B, J) of a month, at most 1."""
    wide = np.ones((1, 1, users)) if array is None else np.minimum(array, 1.0)
    whole = np.broadcast_to(wide, (batch, *wide.shape[1:]))
    return lambda month: np.asarray(whole[:, min(month, whole.shape[1] - 1)])


def check_range(name: str, values: Floats, low: float, high: float) -> None:
    """Raise ValueError where a value lies outside its range or is no number."""
    if not ((values >= low) & (values <= high)).all():
        raise ValueError(f"{name} must lie between {low:g} and {high:g}")


def _check(
    needs: InputNeeds,
    delivered: Floats,
    users: int,
    need: Floats | None,
    capacity: Floats | None,
    demand: Floats | None,
    kept: float,
) -> None:
    """Raise ValueError where an argument lies outside its range."""
    if delivered.ndim != 3:
        raise ValueError("delivered must be (B, M, G)")
    top = np.finfo(np.float64).max
    batch, months, goods = delivered.shape
    pairs = len(needs.good)
    for name, at, size in (("good", needs.good, goods), ("user", needs.user, users)):
        if at.shape != (pairs,) or (pairs and (at.min() < 0 or at.max() >= size)):
            raise ValueError(f"needs.{name} lies outside the {size} there are")
    if needs.exposed.shape not in ((pairs,), (batch, pairs)) or {needs.weight.shape, needs.cover.shape} != {(pairs,)}:
        raise ValueError("needs: exposed must be (P,) or (B, P), weight and cover (P,)")
    for name, values, high in (
        ("exposed", needs.exposed, 1.0),
        ("weight", needs.weight, 1.0),
        ("cover", needs.cover, top),
        ("delivered", delivered, top),
    ):
        check_range(name, values[~np.isnan(values)], 0.0, high)
    for name, array, last in (("need", need, pairs), ("capacity", capacity, users), ("demand", demand, users)):
        if array is None:
            continue
        if array.ndim != 3 or array.shape[0] not in (1, batch) or array.shape[1] not in (1, months):
            raise ValueError(f"{name} must be (B or 1, M or 1, {last})")
        if array.shape[2] != last:
            raise ValueError(f"{name} must be (B or 1, M or 1, {last})")
        check_range(name, array, 0.0, top)
    check_range("kept", np.array(kept), 0.0, 1.0)
