"""The benchmarks of the Critical Raw Materials Act: met, not met, unknown; and the published status of the EU."""

from __future__ import annotations

import numpy as np
import pytest

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import SourceError
from khanij.core.registry import run
from khanij.data.cubes.build import build
from khanij.data.facts import store
from khanij.methods.screening import benchmarks

AXES = {
    "material": ["copper", "cobalt", "magnesium", "aggregates"],
    "stage": ["mined", "processed", "refined"],
    "country": ["AAA", "BBB", "CCC"],
    "year": ["2023"],
    "focus": ["AAA", "AB"],
}
MEMBERS = [["AAA", "AAA", "2023", 1], ["AB", "AAA", "2023", 1], ["AB", "BBB", "2023", 1]]
OUTPUT = [
    ["copper", "mined", "AAA", "2023", 5.0],
    ["copper", "refined", "AAA", "2023", 50.0],
    ["copper", "refined", "BBB", "2023", 40.0],
    ["cobalt", "mined", "AAA", "2023", 3.0],
    ["aggregates", "mined", "AAA", "2023", 3.0],
]
TRADE = [
    ["copper", "refined", "BBB", "AAA", "2023", 60.0],
    ["copper", "refined", "AAA", "CCC", "2023", 10.0],
    ["cobalt", "mined", "CCC", "AAA", "2023", 7.0],
    ["aggregates", "mined", "CCC", "AAA", "2023", 7.0],
    ["magnesium", "refined", "CCC", "AAA", "2023", 90.0],
    ["magnesium", "refined", "BBB", "AAA", "2023", 10.0],
]


def said(result, name, *labels):
    axes = (Axis("material", tuple(AXES["material"])), Axis("focus", tuple(AXES["focus"])))
    cell = (*(a.at(x) for a, x in zip(axes, labels, strict=True)), 0)
    states = [s for s in benchmarks.STATES if result.remarks[f"{name} benchmark {s}"][cell]]
    assert len(states) == 1
    return states[0]


def test_the_states_of_a_country(make, at) -> None:
    result = run("crma-benchmarks", make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS))
    assert at(result, "consumption", "copper", "AAA", "2023") == 100.0
    assert at(result, "extraction", "copper", "AAA", "2023") == pytest.approx(0.05)
    names = ("extraction", "processing", "recycling", "third-country")
    assert [said(result, n, "copper", "AAA") for n in names] == ["not met", "met", "unknown", "met"]
    assert at(result, "met", "copper", "AAA", "2023") == 2
    assert result.details[benchmarks.BASE][0, 0, 0] == "refined"
    assert result.details[benchmarks.TOP][0, 0, 0] == "BBB refined"
    # only ore is recorded: its consumption stands for that of the material only if it is not processed further
    assert [said(result, n, "cobalt", "AAA") for n in names[:2]] == ["unknown", "unknown"]
    assert [said(result, n, "aggregates", "AAA") for n in names[:2]] == ["met", "unknown"]
    assert at(result, "third_country", "cobalt", "AAA", "2023") == pytest.approx(0.7)
    assert said(result, "third-country", "cobalt", "AAA") == "not met"


def test_an_upper_bound_above_the_limit_is_not_a_miss(make, at) -> None:
    result = run("crma-benchmarks", make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS))
    assert at(result, "third_country", "magnesium", "AAA", "2023") == pytest.approx(0.9)
    assert said(result, "third-country", "magnesium", "AAA") == "unknown"
    assert result.remarks[benchmarks.IMPORTS_ALONE][2, 0, 0]
    wider = run("crma-benchmarks", make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS), third_country=0.95)
    assert said(wider, "third-country", "magnesium", "AAA") == "met"


def test_members_of_a_group_are_no_third_countries(make, at) -> None:
    result = run("crma-benchmarks", make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS))
    assert np.isnan(at(result, "third_country", "copper", "AB", "2023"))
    assert at(result, "consumption", "copper", "AB", "2023") == 80.0
    assert at(result, "third_country", "magnesium", "AB", "2023") == pytest.approx(1.0)


def test_the_eu_rate_of_recycling_is_of_the_eu_alone() -> None:
    members = reference.members(benchmarks.UNION, 2023)
    codes = (*members, "ZZZ")
    axes = {
        "material": Axis("material", ("tungsten",)),
        "stage": Axis("stage", ("refined",)),
        "country": Axis("country", codes),
        "focus": Axis("focus", (benchmarks.UNION, members[0])),
        "year": Axis("year", ("2023",)),
    }
    belongs = np.zeros((2, len(codes), 1))
    belongs[0, :-1], belongs[1, 0] = 1.0, 1.0
    flows = tuple(Axis(n, codes) for n in ("exporter", "importer"))
    trade = np.full((1, 1, len(codes), len(codes), 1), np.nan)
    trade[0, 0, -1, 0, 0] = 5.0
    output = np.zeros((1, 1, len(codes), 1))
    cubes = {
        "production": Cube("production", "t", (*list(axes.values())[:3], axes["year"]), output),
        "membership": Cube("membership", "1", (axes["focus"], axes["country"], axes["year"]), belongs),
        "trade": Cube("trade", "t", (axes["material"], axes["stage"], *flows, axes["year"]), trade),
        "recycling_input_rate": Cube("recycling_input_rate", "1", (axes["material"],), np.array([0.42])),
    }
    result = run("crma-benchmarks", Case(axes, cubes))
    assert result.variable("recycling").values[0, :, 0] == pytest.approx([0.42, np.nan], nan_ok=True)
    assert result.remarks["recycling benchmark met"][0, :, 0].tolist() == [True, False]


def test_the_status_of_the_eu() -> None:
    """Against the status of 2022 as reported: copper and nickel extraction, copper processing, tungsten recycling.

    Reported and not met here: lithium (extraction, 2 % in 2024); copper (recycling: the end-of-life rate is 17 %,
    the reported status seems to count more scrap). Not decidable from the facts here: cobalt, germanium.
    """
    try:
        store.manifest()
    except SourceError:
        pytest.skip("no store")
    case = build([benchmarks.UNION], [2024], ["copper", "tungsten", "lithium", "nickel", "rare-earths"])
    result = run("crma-benchmarks", case)
    met = {
        (name, material)
        for name in ("extraction", "processing", "recycling")
        for k, material in enumerate(case.axis("material").codes)
        if result.remarks[f"{name} benchmark met"][k, 0, 0]
    }
    mined = {("extraction", "copper"), ("extraction", "nickel")}
    assert met == mined | {("processing", "copper"), ("recycling", "tungsten")}
