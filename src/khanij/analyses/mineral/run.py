"""One mineral on one page: the answers to other questions, each asked as it stands, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from khanij.analyses.exposure.tables import PASSES
from khanij.analyses.mineral.request import MineralRequest
from khanij.analyses.question import Answer, Job, ask, find, request_of
from khanij.analyses.scorecard.outlook import members
from khanij.core.case import Case
from khanij.core.errors import CoverageError, KhanijError
from khanij.core.table import Table
from khanij.present import text
from khanij.present.names import mineral

# question and the tables that are taken of its answer
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("exposure", ("exposure",)),
    ("chain", ("stages", "makers")),
    ("supplier", ("supplier",)),
    ("replace", ("replace",)),
    ("register", ("register",)),
    ("needs", ("needs",)),
    ("demand", ("demand", "agreement")),
)
LINES = 8  # rows of a table that the page keeps; the question itself gives all
SAID = 3  # sentences of a part


def answer(request: MineralRequest, case: Case, job: Job) -> Answer:
    """Return what every part says of the mineral; a part without an answer says why.

    Raises CoverageError where no part has an answer.
    """
    given = None if case.manifest else case  # a Case made by hand stands for every part
    found: dict[str, Answer] = {}
    missing: list[str] = []
    first: tuple[str, str] = ("", "")
    for name, _ in PARTS:
        asked = _asked(name, request, first, case)
        if asked is None:
            continue
        job.say(f"{name} of {request.material}")
        try:
            found[name] = ask(asked, case=given, job=job)
        except KhanijError as why:
            missing.append(f"{name}: {why.what}")
            continue
        if name == "exposure":
            first = _first(found[name].tables, request.material)
    tables = [_of(found[name].table(key), request.material)
              for name, keys in PARTS if name in found
              for key in keys if any(table.key == key for table in found[name].tables)]  # fmt: skip
    tables = [table for table in tables if len(table)]
    if not tables:
        what = f"nothing is on record of {mineral(request.material).lower()}: {'; '.join(missing)}"
        raise CoverageError(what, where="mineral", hint="khanij data check shows what is held")
    sources = tuple(dict.fromkeys(source for one in found.values() for source in one.sources))
    said = (*_said(found, request.material), *(f"Not told, {why}." for why in missing))
    drawn = found["chain"].figures if "chain" in found else ()
    return Answer(request, tuple(tables), said, drawn, sources=sources, manifest=case.manifest)


def _asked(name: str, request: MineralRequest, first: tuple[str, str], case: Case) -> Any:
    """Return the request of a part; None where it cannot be asked without a first sender."""
    year = int(case.axis("year").codes[-1])
    fields: dict[str, Any] = {"assume": request.assume, "own": request.own}
    fields["against" if name == "register" else "focus"] = request.focus
    known = request_of(find(name)).model_fields
    if "material" in known:
        fields["material"] = members(request.material) if name == "demand" else request.material
    if "year" in known:
        fields["year"] = year
    if name == "supplier":
        fields["year"] = tuple(range(year - 9, year + 1)) if case.manifest else (year,)
    if name in ("supplier", "replace"):
        if not first[0]:
            return None
        named = {"supplier": ("partner", first[0]), "replace": ("gap", f"{first[0]}:{request.material}:{first[1]}")}
        fields |= dict([named[name]])
    return request_of(find(name)).of({key: value for key, value in fields.items() if value not in ((), None)})


def _first(tables: Sequence[Table], material: str) -> tuple[str, str]:
    """Return the country that sends most of a mineral's first form, and that form; "" where that is not told."""
    rows = (row for table in tables if table.key == "exposure" for row in table.rows())
    found = next((row for row in rows if row["material"] == material), None)
    return ("", "") if found is None else (str(found["country"]), str(found["stage"]))


def _of(table: Table, material: str) -> Table:
    """Return the rows of a table that are of a mineral, the first LINES of them; all where it tells no mineral."""
    keys = [column.key for column in table.columns]
    cells = table.cells
    if "material" in keys:
        at = keys.index("material")
        named = members(material)
        cells = tuple(row for row in cells if row[at] in named)
    left = f"{len(cells) - LINES} more rows in the question itself" if len(cells) > LINES else ""
    return replace(table, cells=cells[:LINES], notes=(left,) if left else ())


def _said(found: dict[str, Answer], material: str) -> list[str]:
    """Return what is bought from whom, and the first sentences of every part that is of the mineral alone."""
    told = []
    for part, one in found.items():
        if part == "exposure":
            told += [_bought(row) for row in one.table("exposure").rows() if row["material"] == material]
        elif part != "supplier":
            told += [str(said) for said in one.findings[:SAID]]
    return list(dict.fromkeys(told))


def _bought(row: Mapping[str, Any]) -> str:
    """Return what is bought of one form, from whom, and under which controls."""
    held = row["held"]
    band = text.span(held.low, held.high, "1")
    share = f"{text.percent(held.value)}{f' ({band})' if band else ''}"
    force = f"; {row['controls']}" if row["controls"] else "; no export control of it is known"
    spent = text.dollars(row["imports_value"].value)
    passed = ", which is no known maker of it" if row["sure"] == PASSES else ""
    return f"{row['mineral']}, {row['form']}: {spent}; {held.label} sends {share}{passed}{force}."
