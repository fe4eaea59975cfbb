"""IEA Global EV Data Explorer: sales, stock and batteries of electric vehicles by country, class and drive."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.axis import sample
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels, tables
from khanij.data.parsing.rows import read_table

HERE = Path(__file__).parent
SHEET = "GEVO_EV_2025"
COLUMNS = ("region_country", "category", "parameter", "mode", "powertrain", "year", "unit", "value")
KEY = ["region_country", "category", "parameter", "mode", "powertrain", "year"]
CATEGORIES = {"Historical": "", "Projection-STEPS": " | STEPS"}
CLASSES = {"Cars": "car", "Vans": "van", "Buses": "bus", "Trucks": "truck", "2 and 3 wheelers": "two-wheeler"}
LAST = 2024  # newest year that is history: the scenario repeats those before, rounded anew


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return sales, stock, shares of sales and battery demand; a share is 0 to 1, a named aggregate keeps its label.

    The scenario's rows of years up to 2024 repeat history, some rounded anew, and are left to history. A row that
    stands twice with one figure is taken once; with two figures it raises ParseError, as does an unknown parameter,
    class, category, unit or place. Parameters that are not taken stand in parameters.csv with a reason.
    Source: IEA, Global EV Outlook 2025, data explorer.
    """
    frame = pl.concat([_read(path, edition.key) for path in paths])
    rules = {rule["parameter"]: rule for rule in read_table(HERE / "parameters.csv")}
    labels.match(frame["parameter"], dict.fromkeys(rules, ""), "iea_gevo/parameters.csv", edition.key)
    taken = [name for name, rule in rules.items() if not rule["reason"]]
    frame = frame.filter(pl.col("parameter").is_in(taken))
    for column, known in (("category", CATEGORIES), ("mode", CLASSES)):
        labels.match(frame[column], dict.fromkeys(known, ""), "iea_gevo/parse.py", edition.key)
    frame = _once(frame, edition.key)
    frame = frame.filter((pl.col("category") == "Historical") | (pl.col("year") > LAST))
    country = labels.countries(frame["region_country"], edition.key)
    rule = {name: [rules[row][name] for row in frame["parameter"]] for name in ("quantity", "printed", "unit", "times")}
    frame = frame.with_columns(country=country, **{f"our_{name}": pl.Series(texts) for name, texts in rule.items()})
    odd = frame.filter(pl.col("unit") != pl.col("our_printed"))
    if odd.height:
        raise ParseError(
            f"unit {odd['unit'][0]!r} of {odd['parameter'][0]}", where=edition.key, hint="correct parameters.csv"
        )
    named = pl.when(country.is_in(["AGG", "ROW"])).then(pl.concat_str(pl.lit(" | "), "region_country"))
    item = pl.concat_str(
        pl.col("mode").replace_strict(CLASSES),
        pl.lit(" | "),
        "powertrain",
        pl.col("category").replace_strict(CATEGORIES),
        named.otherwise(pl.lit("")),
    )
    status = pl.when(pl.col("category") == "Historical").then(pl.lit("reported")).otherwise(pl.lit("estimated"))
    rows = frame.select(
        "row",
        "country",
        quantity="our_quantity",
        item=item,
        year=pl.col("year").cast(pl.Int16),
        value=pl.col("value") * pl.col("our_times").cast(pl.Float64),
        unit="our_unit",
        status=status,
        confidence=pl.lit("high"),
        note=pl.lit("rounded to two digits by the publisher"),
    )
    return complete(rows, source=edition.source, edition=edition.id)


def _read(path: Path, where: str) -> pl.DataFrame:
    """Return the sheet's rows with their line; raises ParseError on an absent column or a figure that is none."""
    cells = tables.read_sheet(path, SHEET, where)
    header = [str(name) for name in cells[0]]
    absent = [name for name in COLUMNS if name not in header]
    if absent or len(cells) < 2:
        what = f"columns {absent} are absent" if absent else "the sheet has no rows"
        raise ParseError(what, where=f"{where}: {path.name}", hint=f"expected {', '.join(COLUMNS)}")
    at = [header.index(name) for name in COLUMNS]
    rows = [[line, *(row[k] for k in at)] for line, row in enumerate(cells[1:], 2) if any(cell != "" for cell in row)]
    numbers = [COLUMNS.index(name) + 1 for name in ("year", "value")]
    for row in rows:
        wrong = [row[k] for k in numbers if not isinstance(row[k], float | int)]
        if wrong:
            raise ParseError(
                f"line {row[0]}: {wrong[0]!r} is no figure", where=f"{where}: {path.name}", hint="a truncated sheet"
            )
    schema = {name: pl.Float64 if name in ("year", "value") else pl.String for name in COLUMNS}
    return pl.DataFrame(rows, schema={"row": pl.Int32, **schema}, orient="row", strict=False)


def _once(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return each row once; raises ParseError if one stands with two figures."""
    differing = frame.group_by(KEY).agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    if differing.height:
        first = sample([str(cell) for cell in differing.sort(KEY).row(0)[:-1]])
        raise ParseError(f"two figures for {first}", where=where, hint="decide in the parser which one counts")
    return frame.unique(KEY, keep="first", maintain_order=True)
