"""EU assessments of critical raw materials: supply shares, trade parameter, uses, value added, published scores."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels
from khanij.data.parsing.rows import Row, read_rows, read_table

HERE = Path(__file__).parent
ENCODING = "cp1252"  # the euro sign of the use file is not in Latin-1
MEAN = "mean 2016-2020"
SHARES_YEAR = 2020  # last year of the mean
USES_NOTE = "EC 2023 study; reference year not stated in the file"


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the facts of the files, each read by the reader that its name calls for.

    Raises ParseError on a file of another name, an unknown label or figure, SourceError on an unreadable file.
    Source: European Commission, Study on the critical raw materials for the EU 2023 (and its predecessors).
    """
    frames = [_reader(path, edition)(path, edition.key) for path in paths]
    return pl.concat([complete(frame, source=edition.source, edition=edition.id) for frame in frames])


def _reader(path: Path, edition: Edition) -> Callable[[Path, str], pl.DataFrame]:
    """Return the reader of a file by the telling part of its name."""
    for part, reader in READERS.items():
        if part in path.name:
            return reader
    raise ParseError(f"no reader for {path.name}", where=edition.key, hint=f"names hold {', '.join(READERS)}")


def _figure(text: str, where: str, line: int) -> tuple[float | None, float | None, float | None, str]:
    """Return value, low, high and status of a share as printed: "59.6%", "<0.1%", ">0%"; a bare "6" stays 6."""
    found = re.fullmatch(r"([<>]?)\s*(\d+(?:\.\d+)?)\s*(%?)", text)
    if not found:
        raise ParseError(f"line {line}: share {text!r}", where=where, hint='shares look like "59.6%" or "<0.1%"')
    number = float(found[2]) / (100 if found[3] else 1)
    match found[1]:
        case "<":
            return None, None, number, "bound"
        case ">":
            return None, number, None, "bound"
        case _:
            return number, None, None, "reported"


def _number(text: str, where: str, line: int) -> float:
    """Return a plain number; raises ParseError with its place."""
    try:
        return float(text)
    except ValueError:
        raise ParseError(f"line {line}: {text!r} is not a number", where=where) from None


def _table(facts: list[dict[str, Any]]) -> pl.DataFrame:
    """Return facts as a table whose columns do not depend on the first rows."""
    return pl.DataFrame(facts, infer_schema_length=None)


def _supply(path: Path, where: str, quantity: str, scope: str) -> pl.DataFrame:
    """Return the shares and the trade parameter of one supply file."""
    rows = read_rows(path, ("Material", "Stage", "Country", "Share", "t"), where, ENCODING)
    aliases = labels.read_aliases(HERE / "aliases_supply.csv")
    keys = [f"{row['Material']}|{row['Stage']}" for row in rows]
    labels.match(
        pl.Series("Material", keys), {key: key for key in aliases}, f"{path.parent.name}/aliases_supply.csv", where
    )
    places = labels.countries(pl.Series("Country", [row["Country"] for row in rows]), where)
    facts: list[dict[str, Any]] = []
    for row, key, place in zip(rows, keys, places, strict=True):
        alias = aliases[key]
        if alias["reason"]:
            continue
        who = {"material": alias["material"], "stage": alias["stage"], "country": place, "year": SHARES_YEAR}
        who |= {"unit": "1", "confidence": "high", "row": row.line, "note": MEAN}
        value, low, high, status = _figure(row["Share"], where, row.line)
        facts.append(
            {**who, "quantity": quantity, "value": value, "low": low, "high": high, "status": status, "item": key}
        )
        t = _number(row["t"], where, row.line)
        facts.append({**who, "quantity": "trade_restriction", "value": t, "status": "reported", "item": scope})
    return _table(facts)


def global_shares(path: Path, where: str) -> pl.DataFrame:
    """Return shares of countries in world supply."""
    return _supply(path, where, "global_supply_share", "global")


def eu_shares(path: Path, where: str) -> pl.DataFrame:
    """Return shares of countries in the EU's sourcing."""
    return _supply(path, where, "eu_supply_share", "eu")


def _sector(row: Row, repairs: dict[tuple[str, str], dict[str, str]], value: str, where: str) -> tuple[str, bool]:
    """Return the sector code of a use and whether it is our repair (its value added belongs to another sector)."""
    name = row["NACE sector"]
    if not name:
        return "no sector", False
    code = name.split(" - ")[0]
    if not re.fullmatch(r"[A-Z]\d\d", code):
        raise ParseError(f"line {row.line}: sector {name!r}", where=where, hint='sectors look like "C24 - ..."')
    repair = repairs.get((row["Material"], row["Application"]))
    if repair is None:
        return code, False
    if (repair["published"], repair["value_added"]) != (code, value):
        what = f"line {row.line}: {row['Material']} / {row['Application']} is now {code}, {value}"
        raise ParseError(what, where=where, hint="the file has been repaired: remove the row of sector_repairs.csv")
    return repair["sector"], True


def uses(path: Path, where: str) -> pl.DataFrame:
    """Return use shares by sector and application, and the value added of each sector once.

    Raises ParseError if two rows give one sector different value added.
    """
    name = "VA in million €"
    rows = read_rows(path, ("Material", "Application", "Share", "NACE sector", name), where, ENCODING)
    aliases = labels.read_aliases(HERE / "aliases.csv")
    table = {label: alias["material"] for label, alias in aliases.items()}
    labels.match(pl.Series("Material", [row["Material"] for row in rows]), table, "eu_crm/aliases.csv", where)
    repairs = {(r["material_label"], r["application"]): r for r in read_table(HERE / "sector_repairs.csv")}
    facts: list[dict[str, Any]] = []
    sectors: dict[str, float] = {}
    common = {"country": "AGG", "year": SHARES_YEAR, "note": f"EU; {USES_NOTE}"}
    for row in rows:
        alias = aliases[row["Material"]]
        sector, repaired = _sector(row, repairs, row[name], where)
        value, low, high, status = _figure(row["Share"], where, row.line)
        fact = {**common, "quantity": "use_share", "material": alias["material"], "stage": alias["stage"] or None}
        fact |= {"item": f"{sector} | {row['Application']}", "value": value, "low": low, "high": high, "unit": "1"}
        fact |= {"status": status, "confidence": "high", "row": row.line}
        if repaired:
            fact |= {"note": f"EU; {USES_NOTE}; sector repaired by its value added", "confidence": "medium"}
        facts.append(fact)
        if sector == "no sector":
            continue
        amount = _number(row[name], where, row.line)
        if sectors.setdefault(sector, amount) != amount:
            what = f"line {row.line}: value added of {sector} is {amount:g}, before {sectors[sector]:g}"
            raise ParseError(what, where=where, hint="see eu_crm/sector_repairs.csv")
        if not any(f["quantity"] == "value_added" and f["item"] == sector for f in facts):
            sold = {"quantity": "value_added", "item": sector, "value": amount, "unit": "MEUR", "status": "reported"}
            facts.append({**common, **sold, "confidence": "medium", "row": row.line})
    return _table(facts)


def scores(path: Path, where: str) -> pl.DataFrame:
    """Return published supply risk and economic importance of each assessment; "-" (not assessed) is unavailable."""
    rows = read_rows(path, ("Material", "Year", "SR", "EI"), where, ENCODING)
    aliases = labels.read_aliases(HERE / "aliases.csv")
    table = {label: alias["material"] for label, alias in aliases.items()}
    labels.match(pl.Series("Material", [row["Material"] for row in rows]), table, "eu_crm/aliases.csv", where)
    facts: list[dict[str, Any]] = []
    for row in rows:
        alias, year = aliases[row["Material"]], int(_number(row["Year"], where, row.line))
        older = "; older method, economic importance on another scale" if year < 2017 else ""
        for column, quantity in (("SR", "supply_risk"), ("EI", "economic_importance")):
            known = row[column] != "-"
            fact: dict[str, Any] = {
                "quantity": quantity,
                "material": alias["material"],
                "stage": alias["stage"] or None,
                "row": row.line,
            }
            fact |= {"item": f"eu-{year}", "country": "AGG", "year": year, "unit": "score", "confidence": "high"}
            fact |= {"value": _number(row[column], where, row.line) if known else None}
            fact |= {
                "status": "reported" if known else "unavailable",
                "note": f"EU; assessed as {row['Material']}{older}",
            }
            facts.append(fact)
    return _table(facts)


def recycling(path: Path, where: str) -> pl.DataFrame:
    """Return end-of-life recycling input rates from the secondary extract (32 materials; the others stay missing)."""
    place = f"{where}: {path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        entries = json.loads(text)["materials"]
        pairs = [(entry["label"], entry["title"], float(entry["recycling"])) for entry in entries]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as broken:
        raise SourceError(f"cannot be read: {broken}", where=place, hint="fetch the file again") from None
    except (KeyError, TypeError, ValueError) as broken:
        raise ParseError(
            f"another layout: {broken!r}", where=place, hint="materials: [{label, title, recycling}]"
        ) from None
    aliases = labels.read_aliases(HERE / "aliases_atlas.csv")
    table = {label: alias["material"] for label, alias in aliases.items()}
    labels.match(pl.Series("label", [label for label, _, _ in pairs]), table, "eu_crm/aliases_atlas.csv", where)
    lines = {
        m[1]: number for number, line in enumerate(text.splitlines(), 1) if (m := re.search(r'"label": "(.*?)"', line))
    }
    common = {"quantity": "recycling_input_rate", "country": "AGG", "year": 2023, "unit": "1", "status": "reported"}
    common |= {"confidence": "medium", "note": "EU; EC 2023 study, read in a secondary extract; year of the study"}
    return _table(
        [
            {
                **common,
                "material": aliases[label]["material"],
                "stage": aliases[label]["stage"] or None,
                "item": f"eu-2023 | {title}",
                "value": percent / 100,
                "row": lines.get(label),
            }
            for label, title, percent in pairs
        ]
    )


READERS: dict[str, Callable[[Path, str], pl.DataFrame]] = {
    "GlobalSupplyShares": global_shares,
    "EUSupplyShares": eu_shares,
    "MaterialUseShares": uses,
    "CRMsOverTime": scores,
    "eol_rir": recycling,
}
