"""Demand as every face shows it: tables from the store, missing cells empty, the command with its formats."""

from __future__ import annotations

import csv
import io

import pytest

from khanij.analyses.demand import tables as demands
from khanij.cli import app, demand
from khanij.data.cubes import build
from khanij.data.cubes.technology import paths as technology_paths
from khanij.data.facts import store

NEEDED = ("premise-intensity", "published-intensity", "owid-capacity", "iea-gevo", "iea-critical-minerals")
pytestmark = pytest.mark.skipif(
    not set(NEEDED) <= set(store.manifest()["sources"]), reason="the store lacks the sources of demand"
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """Offer the cubes of demand whether or not the list of builders has them."""
    for name, builder in technology_paths.BUILDERS.items():
        monkeypatch.setitem(build.BUILDERS, name, builder)
    if "demand" not in {command.callback.__name__ for command in app.app.registered_commands if command.callback}:
        demand.register(app.app)


def rows(table):
    return {(row["material"], row["year"]): row for row in table.rows()}


def test_a_plan_ends_where_its_figures_end():
    found = rows(demands.table("IND", "nep-2032", 2026, 2035, ["lithium", "silver"], draws=0))
    assert found["lithium", 2030]["technologies"] > 5_000
    assert found["lithium", 2035]["technologies"] is None
    assert found["lithium", 2035]["missing"] == demands.ENDED
    assert found["silver", 2030]["technologies"] > 0


def test_the_worked_example_of_wind_and_storage():
    """+49 GW of wind in five years need about 2.4 kt of neodymium, 236 GWh of storage about 21.6 kt of lithium."""
    table = demands.by_technology("IND", "nep-2032", 2025, 2032, ["lithium", "neodymium", "graphite"], 1, draws=0)
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
    found = rows(demands.table("DEU", "steps", 2025, 2040, ["copper"], draws=0))
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
