"""Demand as every face shows it: tables from the store, missing cells empty, the command with its formats."""

from __future__ import annotations

import csv
import io

import pytest

from khanij.analyses import runner
from khanij.analyses.demand import tables as demands
from khanij.analyses.inputs import cases
from khanij.analyses.inputs.demand_model import growth
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
    assert "steps" in capsys.readouterr().err
    assert app.launch(["demand", "IND", "--scenarios", "--format", "csv"]) == 0
    assert "cea-nep-2023" in capsys.readouterr().out
    assert app.launch([*asked, "--by-technology", "--format", "json"]) == 0
    assert "ev-car-lfp" in capsys.readouterr().out


def answered(**values):
    return ask(request("demand", focus="IND", draws=values.pop("draws", 0), **values))


def test_copper_against_the_association_and_the_ministry():
    """1.878 Mt in the year to March 2025 (International Copper Association India), 3.0 to 3.3 Mt in 2030 (ministry)."""
    answer = answered(material=["copper"], draws=100)
    found = rows(answer.table("demand"))
    assert found["copper", 2030]["technologies"] + found["copper", 2030]["base"] == pytest.approx(3.15e6, rel=0.08)
    assert found["copper", 2047]["base_low"] < 8.9e6 < found["copper", 2047]["base_high"]
    # 504,000 t of scrap arose at home, of 1.878 Mt; the year before 0.84 of 1.718 Mt was refined metal
    assert found["copper", 2025]["base_scrap"] == pytest.approx(504_000, rel=0.05)
    beside = rows(answer.table("agreement"))
    assert beside["copper", 2025]["within"]
    assert "49 %" in beside["copper", 2025]["reason"]


def test_the_mix_of_the_state_is_the_default_and_says_where_it_ends():
    answer = answered(material=["silicon", "lithium"])
    assert "scenario non-fossil-500" in answer.findings[0]
    assert any("After 2030" in said and "net-zero" in said for said in answer.findings)
    assert rows(answer.table("demand"))["silicon", 2047]["missing"] == demands.ENDED
    assert "scenario steps" in ask(request("demand", focus="DEU", draws=0, to=2030)).findings[0]


def test_silicon_of_a_gigawatt_of_modules():
    """Some 2.2 g a watt (Fraunhofer ISE 2023), where an older figure of 3.95 g stood: 75 % too high."""
    found = rows(needed("IND", "non-fossil-500", 2029, 2030, ["silicon"], 1))
    flows = runner.run("technology-flows", cases.case("IND", 2024, ["silicon"]), scenario="non-fossil-500", to=2030)
    cube = flows.variable("additions")
    built = cube.values[0, cube.axis("technology").at("solar"), cube.axis("year").at("2030")]
    assert 1_600 < found["silicon", 2030]["technologies"] / built < 2_300


def test_shares_of_chemistry_move_and_iridium_of_2025_is_grams():
    found = rows(needed("IND", "net-zero", 2025, 2035, ["iridium", "cobalt", "lithium"], 5))
    per = [
        found["cobalt", year]["technologies"] / found["lithium", year]["technologies"] for year in (2025, 2030, 2035)
    ]
    assert per[0] > per[1] > per[2]  # iron phosphate gains
    assert found["iridium", 2025]["technologies"] < 0.02  # 0.02 GW of membrane cells at 0.4 kg a megawatt


def test_magnets_outside_the_technologies_are_those_of_products():
    """900 t of magnets come in as such (Coalfield Times 2025); products hold more, as motors are bought whole."""
    found = rows(needed("IND", "net-zero", 2025, 2030, ["neodymium", "ferrite-magnets"], 5))
    assert 900 * 0.26 * 0.5 < found["neodymium", 2025]["base"] < 7_000 * 0.26
    assert 8_000 < found["ferrite-magnets", 2025]["base"] < 50_000


def test_a_plan_grows_by_the_need_that_is_shown():
    shown = rows(answered(material=["copper"], to=2035).table("demand"))
    grown = growth(cases.case("IND", 2024, ["copper"]), ["copper"])
    assert grown.of(["copper"], [2030])[0, 0] == pytest.approx(shown["copper", 2030]["need_growth"], rel=1e-9)
