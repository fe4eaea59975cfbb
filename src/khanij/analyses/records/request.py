"""What can be asked of the records: trade, facts, checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from khanij.analyses.fields import AnyMaterial, AnyYears, Codes, Country, Focus, Folder, Names, Quantity, Stage, Years
from khanij.analyses.question import CLI, Request

Listed = Literal[
    "sources",
    "quantities",
    "materials",
    "countries",
    "groups",
    "codes",
    "lists",
    "stages",
    "assumptions",
    "columns",
]
Own = Literal["production", "reserves", "trade_mass", "trade_value", "price", "governance", "gdp"]


class TradeRequest(Request):
    """Recorded trade of a country or group: value and mass by partner, trade code and year.

    >>> TradeRequest.of({"focus": "IND", "partner": "RUS", "hs": "270900", "year": 2023}).command()
    'khanij trade IND --from RUS --hs 270900 --year 2023'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    partner: Names = Field((), description="partners, comma-separated; default all", json_schema_extra={CLI: "--from"})
    hs: Codes = Field((), description="six-digit trade codes or headings of four, comma-separated; default all held")
    year: Years = (2024,)
    exports: bool = Field(False, description="what the country sells instead of what it buys")


class DataListRequest(Request):
    """What the store holds, from whom, under which licence; or one of the reference lists.

    >>> DataListRequest.of({"what": "codes"}).command()
    'khanij data list codes'
    """

    what: Listed = Field("sources", description="which list", json_schema_extra={CLI: "argument"})


class DataShowRequest(Request):
    """A source's record, or stored facts with source, edition, status and row.

    >>> DataShowRequest.of({"quantity": "production", "material": "Cobalt", "year": "2023"}).command()
    'khanij data show --quantity production --material cobalt --year 2023'
    """

    source: str = Field(
        "",
        description="id of a source: without options its record, with them its facts",
        json_schema_extra={CLI: "argument"},
    )
    quantity: Quantity = ""
    material: AnyMaterial = ""
    stage: Stage = ""
    country: Country | None = Field(None, description="of the fact; the exporter of a flow")
    partner: Country | None = Field(None, description="importer of a flow")
    item: str = Field("", description='what the source calls it, for instance "HS92:260300"')
    year: AnyYears = ()
    limit: int = Field(50, ge=1, le=1_000_000, description="at most so many facts")


class DataTemplateRequest(Request):
    """The columns of a file of one's own facts, with an example line to fill in, for --own.

    >>> DataTemplateRequest.of({"quantity": "trade_mass"}).command()
    'khanij data template trade_mass'
    """

    quantity: Own = Field("production", description="what the facts are of", json_schema_extra={CLI: "argument"})


class DataCheckRequest(Request):
    """Reconcile the facts: countries against world totals, source against source, trade against output.

    >>> DataCheckRequest.of({}).command()
    'khanij data check'
    """

    raw: Folder | None = Field(None, description="also compare the publishers' files below this folder")
