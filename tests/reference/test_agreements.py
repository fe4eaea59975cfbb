"""Agreements and projects: codes are known, vocabularies hold, and nothing of the compiled tables is lost."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from khanij import reference
from khanij.reference import agreements as table

SHARED = Path(__file__).parents[2].parent / "shared"
FOCAL = "IND"
ALL, PROJECTS = table.agreements(FOCAL), table.projects(FOCAL)


def test_ids_are_unique_and_sorted() -> None:
    for rows in (ALL, PROJECTS):
        ids = [row.id for row in rows]
        assert ids == sorted(set(ids))


def test_codes_are_known() -> None:
    for row in ALL:
        assert set(row.partners) <= set(reference.countries()), row
        assert set(row.materials) <= set(reference.materials()), row
        assert row.strength in table.STRENGTHS, row
        assert not row.group or row.group in reference.groups(), row
        assert row.confidence in ("high", "medium", "low"), row
        assert re.fullmatch(r"|\d{4}(-\d{2}(-\d{2})?)?", row.date), row
    for project in PROJECTS:
        assert project.country in reference.countries(), project
        assert set(project.materials) <= set(reference.materials()), project
        assert project.stage in ("", *reference.STAGES), project
        assert project.confidence in ("high", "medium", "low"), project


def test_readers_select() -> None:
    russian = table.agreements(FOCAL, partner="RUS")
    assert {"ru-immt-giredmet-2025", "ru-immt-misis-2025"} <= {row.id for row in russian}
    assert all("RUS" in row.partners for row in russian)
    assert all("offtake" not in row.scopes for row in russian)  # declarations without committed tonnes
    lithium = table.agreements(FOCAL, material="lithium")
    assert all(row.general or "lithium" in row.materials for row in lithium)
    assert [row.strength for row in table.agreements(FOCAL, partner="ARG") if row.id == "ar-kabil-camyen-2024"] == [
        "contract"
    ]
    assert {project.id for project in table.projects(FOCAL, country="ZMB")} == {"konkola", "zambia-northwestern"}
    assert table.agreements("USA") == ()
    assert all("titanium" in project.materials for project in table.projects(FOCAL, material="titanium"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the compiled tables are not here")
@pytest.mark.parametrize("name", ["partnerships", "project_pipeline"])
def test_every_row_of_the_compiled_table_is_restated(name: str) -> None:
    with (SHARED / "facts" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        compiled = dict(enumerate(csv.DictReader(lines), 2))
    restated = {row.row: row for row in (ALL if name == "partnerships" else PROJECTS)}
    assert set(restated) == set(compiled)
    order = ("high", "medium", "low")
    for line, row in restated.items():
        assert order.index(row.confidence) >= order.index(compiled[line]["confidence"]), row
        if isinstance(row, table.Project):
            assert row.item == compiled[line]["project"]
        else:
            said = {"research": "rd", "finance": "finance_or_supply_chain"}
            scopes = tuple(s for s in table.SCOPES if compiled[line][f"scope_{said.get(s, s)}"] == "1")
            assert row.scopes == scopes, row
