"""World Mining Data as one table: a row a material and country, a column a year."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core import units
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, stoichiometry, tables

ALIASES = Path(__file__).with_name("aliases.csv")
COLUMNS = ("material", "country", "country_code", "country_iso3", "unit", "data_source")
UNITS = {"metr. t": ("t", "t"), "kg": ("kg", "t"), "ct": ("ct", "t"), "Mio m3": ("Mm3", "m3")}
# The rows that the bundle codes DELETE are the publisher's own world totals, one a material: they are kept as WLD.
TOTAL = ("Total", "DELETE")
# One mark a row, for all of its years. "p" is not explained in the file.
UNMARKED = "nan"
STATUS = {"r": "reported", "e": "estimated", "p": "reported", UNMARKED: "reported"}
REMARK = {"r": "", "e": "", "p": "publisher's mark p", UNMARKED: ""}


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return production, in the published basis and, where that is a compound, once more in the material's basis."""
    where = f"{edition.key}: {paths[0].name}"
    table = tables.read_text(paths[0], COLUMNS, edition.key)
    _check_totals(table, where)
    published = _facts(table, where)
    return pl.concat([published, _contained(published)]).drop("formula", "plain")


def _check_totals(table: pl.DataFrame, where: str) -> None:
    """Raise unless exactly the rows named Total are coded DELETE and carry no mark of their own."""
    named = (table["country"] == TOTAL[0]).to_list()
    codes = pl.all_horizontal(pl.col("country_code", "country_iso3") == TOTAL[1], pl.col("data_source") == UNMARKED)
    coded = table.select(codes).to_series().to_list()
    wrong = [row for row, a, b in zip(table["row"], named, coded, strict=True) if a != b]
    if wrong:
        what = f"line {wrong[0]}: Total and DELETE do not go together"
        raise ParseError(what, where=where, hint="see TOTAL in parse.py")


def _facts(table: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the table with one row a year in fact columns, figures in the published basis and canonical unit."""
    years = [name for name in table.columns if name.isdigit()]
    if not years:
        raise ParseError("no column of a year", where=where, hint="expected 2018, 2019, ...")
    aliases = labels.read_aliases(ALIASES)
    distinct = table["material"].unique(maintain_order=True)
    labels.match(distinct, {label: row["material"] for label, row in aliases.items()}, ALIASES.name, where)
    columns = ("material", "stage", "basis", "formula", "confidence", "note")
    known = pl.DataFrame([{"item": label, **{c: aliases[label][c] for c in columns}} for label in distinct])
    factors = {label: units.factor(unit, canonical) for label, (unit, canonical) in UNITS.items()}
    canonical = labels.match(table["unit"], {label: to for label, (_, to) in UNITS.items()}, "UNITS in parse.py", where)
    status = labels.match(table["data_source"], STATUS, "STATUS in parse.py", where)
    countries = labels.countries(table["country"], where, {TOTAL[0]: "WLD"})
    lines = table.select(
        "row",
        *years,
        quantity=pl.lit("production"),
        item="material",
        country=countries,
        unit=canonical,
        factor=pl.col("unit").replace_strict(factors),
        status=status,
        mark=pl.col("data_source").replace_strict(REMARK),
        code=_foreign_codes(table, countries, where),
    ).join(known, on="item", how="left", maintain_order="left")
    kept = [name for name in lines.columns if name not in years]
    long = lines.unpivot(years, index=kept, variable_name="year", value_name="figure")
    return long.with_columns(
        pl.col("year").cast(pl.Int16),
        value=tables.numbers(long["figure"], ("", "nan"), where) * pl.col("factor"),
    ).select(
        *("quantity", "item", "material", "stage", "country", "year", "value", "unit", "basis", "confidence", "row"),
        "formula",
        status=pl.when(pl.col("value").is_null()).then(pl.lit("unavailable")).otherwise("status"),
        note=_joined("note", "mark", "code"),
        plain=_joined("mark", "code"),
    )


def _foreign_codes(table: pl.DataFrame, countries: pl.Series, where: str) -> pl.Series:
    """Return a remark where the bundle's trade code is another country's than the label's."""
    codes = table["country_code"].set(table["country_code"] == TOTAL[1], None)
    owners = labels.coded_countries(codes, "baci", where)
    remarks = [
        f"code {code} in the file is {owner}" if owner is not None and owner != country else ""
        for code, owner, country in zip(codes, owners, countries, strict=True)
    ]
    return pl.Series("code", remarks, dtype=pl.String)


def _joined(*names: str) -> pl.Expr:
    """Return the non-empty texts of the columns joined, null if all are empty."""
    parts = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in names]
    text = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _contained(published: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of materials published as a compound, in tonnes of the material's basis.

    The factor is the mass fraction of the element in the compound. Gross weights of ore are not converted here.
    """
    pairs = published.filter(pl.col("formula") != "").select("item", "material", "formula").unique()
    basis = {item: reference.materials()[material].basis for item, material, _ in pairs.iter_rows()}
    content = {item: stoichiometry.fraction(formula, basis[item]) for item, _, formula in pairs.iter_rows()}
    said = pl.lit("published as ") + pl.col("formula")
    rows = published.filter(pl.col("formula") != "")
    return rows.with_columns(
        value=pl.col("value") * pl.col("item").replace_strict(content, return_dtype=pl.Float64),
        basis=pl.col("item").replace_strict(basis, return_dtype=pl.String),
        status=pl.when(pl.col("status") == "unavailable").then("status").otherwise(pl.lit("derived")),
        note=pl.concat_str([said, pl.lit("was ") + pl.col("status"), "plain"], separator="; ", ignore_nulls=True),
    )
