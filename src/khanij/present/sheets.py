"""A document of two printed pages as one HTML file: no script, no network, drawings inside."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from khanij.core.number import Number
from khanij.present import text
from khanij.present.cells import DrawnGrid, References
from khanij.present.document import Brief
from khanij.present.page import FOLDER, environment, marked

MILLION = "million USD"  # unit of a loss


def shown(number: Number) -> str:
    """Return a number as it stands large beside its sentence."""
    if number.unit == "kUSD":
        return text.dollars(number.value)
    if number.unit == MILLION:
        return _short(number.value)
    if number.unit == "1":
        return text.cell(number.value, "1")
    return text.quantity(number.value, "t") if number.unit == "t" else text.digits(number.value)


def _short(millions: float | None, figures: int = 3) -> str:
    """Return "26.9 bn" of an amount in millions, "0.49 m" of less than one: a range keeps its unit."""
    if millions and abs(millions) < 1:
        return f"{text.digits(millions, 2)}{text.THIN}m"
    words = text.dollars(None if millions is None else millions * 1000, figures).removeprefix(f"USD{text.THIN}")
    for long, short in ((" trillion", "tn"), (" billion", "bn"), (" million", "m")):
        words = words.replace(long, f"{text.THIN}{short}")
    return words


def span(number: Number) -> str:
    """Return the range of a number in words, "" where there is none."""
    if number.unit == MILLION and number.low is not None and number.high is not None:
        low, high = (_short(end, 2) for end in (number.low, number.high))
        return f"USD; {low} to {high}"
    return text.span(number.low, number.high, number.unit)


def render(brief: Brief) -> str:
    """Return the whole brief as one HTML page that prints on two sheets of A4."""
    references = References(brief)
    tables = [section.table for page in brief.pages for section in page if section.table]
    return (
        environment()
        .get_template("brief.html.j2")
        .render(
            brief=brief,
            drawn={table.key: DrawnGrid(table, references) for table in tables},
            sentence=partial(marked, references=references),
            references=references,
            shown=shown,
            span=span,
            css=Markup((FOLDER / "brief.css").read_text(encoding="utf-8")),
        )
    )
