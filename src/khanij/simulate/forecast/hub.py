"""Forecasts in the hub layout: one row a target, cell and probability, frozen with a hash, and the score of any file.

Layout: origin_date, target, horizon, country, material, destination, output_type, output_type_id, value. The target
"restriction" is whether a decision that keeps exports of the material from the destination begins within `horizon`
months after the origin; its rows have output type "pmf" and the id "yes". So have those of "export-fall"
(export_falls), whose column material holds a trade code; those of "price" (price_ranges) are quantiles.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, ParseError
from khanij.kernels.chances import logistic
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle.instruments import EVERYBODY, Instrument
from khanij.simulate.forecast import policy
from khanij.simulate.forecast.known import Decision, SellerRecord, as_known, decisions, is_recalled
from khanij.simulate.forecast.policy import Memory, PolicyFit

TARGET, YEAR, TYPE, YES = "restriction", 12, "pmf", "yes"
PRICE = "price"  # target of price_ranges
MOST, FARTHEST = 1000.0, 120  # ratio and months beyond which a file means something else
LEAST = 1e-6  # a stranger's probability is kept within it and one less it, so that one certain error is not infinite


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One row of a file; destination "all" = some destination, whichever."""

    origin_date: str
    target: str
    horizon: int
    country: str
    material: str
    destination: str
    output_type: str
    output_type_id: str
    value: float


HEAD = tuple(field.name for field in fields(ForecastRow))


@dataclass(frozen=True, slots=True)
class FileScore:
    """A file of one origin and destination against what came: log and Brier score beside the base rate's.

    base_rate  part of cells and years struck up to the origin      rank  mean place of those struck, 1 = highest
    """

    origin: date
    destination: str
    cells: int
    events: int
    expected: float
    log_score: float
    base_log_score: float
    brier: float
    base_brier: float
    base_rate: float
    rank: float
    target: str = TARGET

    @property
    def skill(self) -> float:
        """Return by how much of the base rate's log score the forecast is better."""
        return 1.0 - self.log_score / self.base_log_score


def destination_parts(listed: Sequence[Decision], destination: str, on: date, countries: int) -> Floats:
    """Return (C,) the part of each country's decisions that strikes a destination, drawn towards that of all.

    (hits + a·pooled)/(decisions + a), a = assumption policy_destination
    """
    hits, counts = np.zeros(countries), np.zeros(countries)
    for one in listed:
        counts[one.countries] += 1.0
        if one.instrument.strikes(destination, on):
            hits[one.countries] += 1.0
    drawn = assumed("policy_destination")
    pooled = float(hits.sum() / counts.sum()) if counts.sum() else 1.0
    return np.asarray((hits + drawn * pooled) / (counts + drawn))


def make(
    register: Iterable[Instrument],
    sellers: SellerRecord,
    on: date,
    held: Memory,
    destinations: Sequence[str] = (),
    fitted: PolicyFit | None = None,
) -> tuple[ForecastRow, ...]:
    """Return the forecast of restrictions in the twelve months after a day, from what was known on it alone.

    destinations  countries or groups beside "all"      fitted  None = fitted to outcomes up to the day
    """
    rows = as_known(register, on)
    fitted = fitted or policy.fit(rows, sellers, on, held)
    seen = policy.outlook_of(rows, sellers, on, held)
    chance = policy.chances(fitted, seen)
    listed = decisions(rows, sellers.countries, sellers.materials)
    out = []
    for destination in (EVERYBODY, *destinations):
        part = (
            np.ones(len(sellers.countries))
            if destination == EVERYBODY
            else destination_parts(listed, destination, on, len(sellers.countries))
        )
        for (c, m), p in zip(seen.cells.T.tolist(), chance.tolist(), strict=True):
            if sellers.countries[c] != destination:
                value = round(p * float(part[c]), 6)
                label = (sellers.countries[c], sellers.materials[m], destination)
                out.append(ForecastRow(on.isoformat(), TARGET, YEAR, *label, TYPE, YES, value))
    return tuple(sorted(out, key=lambda row: astuple(row)[:6]))


def text(rows: Iterable[ForecastRow]) -> str:
    """Return rows as CSV, the same bytes for the same rows."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows([*astuple(row)[:-1], f"{row.value:.6f}"] for row in rows)
    return out.getvalue()


def seal(rows: Iterable[ForecastRow]) -> str:
    """Return the SHA-256 of rows in their order of cells, whatever the order in which they came."""
    ordered = sorted(rows, key=lambda row: astuple(row)[:-1])
    return hashlib.sha256(text(ordered).encode()).hexdigest()


def load(path: Path) -> tuple[ForecastRow, ...]:
    """Return the rows of a file; raises ParseError as `read` does, and for what is no text in UTF-8."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError):
        raise ParseError("cannot be read as text", where=path.name, hint="save it as CSV in UTF-8") from None
    return read(content, path.name)


def read(content: str, where: str) -> tuple[ForecastRow, ...]:
    """Return the rows of a file; raises ParseError for another layout, what cannot be, and a row that stands twice."""
    lines = list(csv.DictReader(StringIO(content)))
    if not lines or set(HEAD) - set(lines[0]):
        absent = ", ".join(sorted(set(HEAD) - set(lines[0] if lines else ())))
        raise ParseError(f"no column {absent}", where=where, hint=f"columns {', '.join(HEAD)}")
    out: dict[tuple[object, ...], ForecastRow] = {}
    for number, line in enumerate(lines, 2):
        at = f"{where}, line {number}"
        try:
            day, value, horizon = date.fromisoformat(line["origin_date"]), float(line["value"]), int(line["horizon"])
        except (TypeError, ValueError) as wrong:
            raise ParseError(str(wrong), where=at, hint="see khanij forecast make") from None
        labels = (line["country"], line["material"], line["destination"], line["output_type"])
        row = ForecastRow(day.isoformat(), line["target"], horizon, *labels, line["output_type_id"], value)
        fault, instead = _impossible(row)
        if fault:
            raise ParseError(fault, where=at, hint=instead)
        if out.setdefault(astuple(row)[:-1], row) is not row:
            raise ParseError("a cell that stands twice", where=at, hint="one row a cell: two would count twice")
    _ordered(out.values(), where)
    return tuple(out.values())


def _impossible(row: ForecastRow) -> tuple[str, str]:
    """Return what of a row cannot be and what to write instead; ("", "") where it is sound, or not scored."""
    chance = row.output_type == TYPE
    if row.target not in (TARGET, PRICE) and not chance:
        return "", ""
    if (chance or row.target == TARGET) and not 0 <= row.value <= 1:
        return f"{row.value:g} is no probability", "from 0 to 1"
    if row.target == PRICE and not 0 < row.value < MOST:
        return f"{row.value:g} is no price over that of the origin's year", f"a ratio above 0 and below {MOST:g}"
    if not 1 <= row.horizon <= FARTHEST:
        return f"a horizon of {row.horizon} months", f"1 to {FARTHEST}"
    if row.target in (TARGET, PRICE) and row.material not in reference.materials():
        return f"unknown material {row.material!r}", "its id, as khanij data list materials shows it"
    if row.target == TARGET and row.country not in reference.countries():
        return f"unknown country {row.country!r}", "ISO alpha-3"
    if row.target == TARGET and row.destination not in {EVERYBODY, *reference.countries(), *reference.groups()}:
        return f"unknown destination {row.destination!r}", f"{EVERYBODY}, ISO alpha-3 or a group"
    return "", ""


def _ordered(rows: Iterable[ForecastRow], where: str) -> None:
    """Raise ParseError for quantiles of a price that cross, or whose level is none."""
    told: dict[tuple[object, ...], list[tuple[float, float]]] = {}
    for row in (row for row in rows if (row.target, row.output_type) == (PRICE, "quantile")):
        try:
            level = float(row.output_type_id)
        except ValueError:
            level = float("nan")
        if not 0 < level < 1:
            raise ParseError(f"{row.output_type_id!r} is no level of a quantile", where=where, hint="such as 0.05")
        told.setdefault((row.origin_date, row.horizon, row.material), []).append((level, row.value))
    for (origin, _, material), pairs in told.items():
        values = [value for _, value in sorted(pairs)]
        if values != sorted(values):
            what = f"quantiles of {material} from {origin} cross"
            raise ParseError(what, where=where, hint="a higher level has no lower price")


def score(
    rows: Sequence[ForecastRow], register: Sequence[Instrument], sellers: SellerRecord, reach: date, held: Memory
) -> tuple[FileScore, ...]:
    """Return the score of each origin and destination whose horizon the register covers, by those cells it names.

    reach  day to which the register reaches; later horizons are left out
    Raises CoverageError where nothing can be scored yet.
    """
    out = []
    groups: dict[tuple[str, str, int], list[ForecastRow]] = {}
    for row in rows:
        if (row.target, row.output_type, row.output_type_id) == (TARGET, TYPE, YES):
            groups.setdefault((row.origin_date, row.destination, row.horizon), []).append(row)
    for (origin, destination, horizon), listed in sorted(groups.items()):
        on = date.fromisoformat(origin)
        until = date(on.year + (on.month - 1 + horizon) // 12, (on.month - 1 + horizon) % 12 + 1, min(on.day, 28))
        until = policy.eve(on.year + horizon // 12) if on == policy.eve(on.year) and not horizon % 12 else until
        if until <= reach:
            out.append(_scored(listed, register, sellers, on, until, destination, held))
    if not out:
        what = f"no forecast of the file has come due: the register reaches to {reach}"
        raise CoverageError(what, where="forecast score", hint="an earlier origin")
    return tuple(out)


def _scored(
    rows: Sequence[ForecastRow],
    register: Sequence[Instrument],
    sellers: SellerRecord,
    on: date,
    until: date,
    destination: str,
    held: Memory,
) -> FileScore:
    """Return the score of one origin and destination."""
    struck: set[tuple[str, str]] = set()
    doubtful: set[tuple[str, str]] = set()
    for one in decisions(register, sellers.countries, sellers.materials):
        begun = on < one.begins <= until
        if begun and (destination == EVERYBODY or one.instrument.strikes(destination, until)):
            pairs = {(sellers.countries[c], sellers.materials[m]) for c in one.countries for m in one.materials}
            (doubtful if is_recalled(one.instrument) else struck).update(pairs)
    kept = [r for r in rows if (key := (r.country, r.material)) in struck or key not in doubtful]
    y = np.array([float((row.country, row.material) in struck) for row in kept])
    chance = np.clip([row.value for row in kept], LEAST, 1 - LEAST)
    rate = policy.fit(register, sellers, on, held).base_rate
    order = np.argsort(np.argsort(chance, kind="stable")) if len(chance) else np.zeros(0)
    return FileScore(
        on,
        destination,
        len(kept),
        int(y.sum()),
        float(chance.sum()),
        logistic.log_score(y, chance),
        logistic.log_score(y, np.full(len(y), rate)),
        logistic.brier(y, chance),
        logistic.brier(y, np.full(len(y), rate)),
        rate,
        float(((order + 0.5) / len(y))[y > 0].mean()) if y.any() else float("nan"),
    )
