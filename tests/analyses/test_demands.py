"""Demand as every face shows it: tables from the store, missing cells empty, the command with its formats."""

from __future__ import annotations

import csv
import io

import pytest

from khanij.analyses.demand import tables as demands
from khanij.analyses.question import ask, request
from khanij.cli import app
from khanij.data.facts import store

NEEDED = ("premise-intensity", "published-intensity", "owid-capacity", "iea-gevo", "iea-critical-minerals")
pytestmark = pytest.mark.skipif(
    not set(NEEDED) <= set(store.manifest()["sources"]), reason="the store lacks the sources of demand"
)


def needed(focus, scenario, since, to, material, every=5, technology=False):
    """Return the need of some materials without draws."""
    values = {"focus": focus, "scenario": scenario, "since": since, "to": to, "material": material, "every": every}
    found = ask(request("demand", **values, technology=technology, draws=0))
    return found.table("technologies" if technology else "demand")


def rows(table):
    return {(row["material"], row["year"]): row for row in table.rows()}


def test_a_plan_ends_where_its_figures_end():
    found = rows(needed("IND", "nep-2032", 2026, 2035, ["lithium", "silver"]))
    assert found["lithium", 2030]["technologies"] > 5_000
    assert found["lithium", 2035]["technologies"] is None
    assert found["lithium", 2035]["missing"] == demands.ENDED
    assert found["silver", 2030]["technologies"] > 0


def test_the_worked_example_of_wind_and_storage():
    """+49 GW of wind in five years need about 2.4 kt of neodymium, 236 GWh of storage about 21.6 kt of lithium."""
    table = needed("IND", "nep-2032", 2025, 2032, ["lithium", "neodymium", "graphite"], 1, technology=True)
    total: dict[tuple[str, str], float] = {}
    for row in table.rows():
        family = row["technology"].split("-")[0]
        if row["demand"] is not None and (family == "battery" or row["year"] > 2027):
            key = (row["material"], family)
            total[key] = total.get(key, 0.0) + row["demand"]
    assert total["neodymium", "wind"] / 1.1664 == pytest.approx(2_400, rel=0.3)
    assert total["lithium", "battery"] == pytest.approx(21_600, rel=0.1)
    assert total["graphite", "battery"] == pytest.approx(232_000, rel=0.1)


def test_any_country_has_its_part_of_the_world():
    found = rows(needed("DEU", "steps", 2025, 2040, ["copper"]))
    assert found["copper", 2030]["part_of_world"] > 500_000
    assert found["copper", 2030]["technologies"] is None


def test_the_command(capsys):
    asked = ["demand", "IND", "--scenario", "net-zero", "--to", "2047", "--material", "lithium", "--draws", "20"]
    assert app.launch([*asked, "--format", "csv"]) == 0
    out = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {"2025", "2030", "2047"} <= {row["year"] for row in out}
    assert float(out[-1]["low"]) < float(out[-1]["technologies"]) < float(out[-1]["high"])
    assert app.launch(["demand", "IND", "--scenario", "none"]) == 2
    assert "one of steps" in capsys.readouterr().err
    assert app.launch(["demand", "IND", "--scenarios", "--format", "csv"]) == 0
    assert "cea-nep-2023" in capsys.readouterr().out
    assert app.launch([*asked, "--by-technology", "--format", "json"]) == 0
    assert "ev-car-lfp" in capsys.readouterr().out
