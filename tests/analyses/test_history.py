"""Series with their breaks, and changes whose parts add up."""

import numpy as np
import pytest

from khanij.analyses.inputs.cases import case
from khanij.analyses.question import ask, request
from khanij.analyses.runner import run
from khanij.core.case import from_arrays
from khanij.core.errors import CoverageError, StudyError
from khanij.methods import decomposition as states


def series(focus, method, years, material, **more):
    """Return the series of an indicator."""
    return ask(request("history", focus=focus, method=method, year=list(years), material=material, **more)).table(
        "series"
    )


def changes(focus, method, years, material):
    """Return what moved an indicator between two years."""
    asked = request("history", focus=focus, method=method, year=list(years), material=material, decompose=True)
    return ask(asked).table("changes")


PARTS = (*states.GROUPS, "other")
DECOMPOSED = (
    "geopolrisk",
    "hhi-wgi",
    "import-hhi",
    "import-reliance",
    "n-1-loss",
    "india-2023",
    "nassar-2020",
    "uk-2024",
)


def test_a_series_is_the_indicator_year_by_year():
    table = series("IND", "import-hhi", range(2015, 2025), "lithium")
    whole = run("import-hhi", case("IND", range(2015, 2025), "lithium"))
    stage = whole.value.axis("stage").at("processed")
    rows = [row for row in table.rows() if row["stage"] == "processed"]
    assert [row["year"] for row in rows] == list(range(2015, 2025))
    np.testing.assert_array_equal([row["value"] for row in rows], whole.value.values[0, stage, 0])
    assert all(row["sources"] for row in rows)


def test_a_line_is_its_series_with_its_breaks():
    found = ask(request("history", focus="IND", method="import-hhi", year=list(range(2015, 2025)), material="copper"))
    series = [row for row in found.table("series").rows() if row["stage"] == "refined"]
    (row,) = (row for row in found.table("lines").rows() if row["stage"] == "refined")
    line = row["series_line"]
    assert line.years == tuple(r["year"] for r in series)
    assert line.values == tuple(r["value"] for r in series)
    assert dict(line.breaks) == {r["year"]: r["break"] for r in series if r["break"]}
    assert row["change"] == series[-1]["value"] - series[0]["value"]
    assert line.how == found.request.command()


def test_breaks_stand_in_their_year():
    table = series("EU27", "import-reliance", range(2017, 2025), "copper", stage="refined")
    marked = {row["year"]: row["break"] for row in table.rows() if row["break"]}
    assert "HS17:" in marked[2024]
    assert "GBR left" in series("EU", "import-hhi", range(2017, 2025), "copper").column("break")[3]
    assert {row["stage"] for row in table.rows()} == {"refined"}


def test_a_series_begins_and_ends_with_a_value():
    table = series("IND", "production-hhi", range(2005, 2025), "nickel", stage="mined")
    rows = [row for row in table.rows() if row["year"] is not None]
    assert rows[0]["year"] == 2018
    assert rows[0]["value"] is not None
    assert rows[-1]["value"] is not None
    (before,) = (row for row in table.rows() if row["year"] is None)
    assert before["notes"] == "2005-2017: not on record: production, mined"


@pytest.mark.parametrize("method", DECOMPOSED)
def test_parts_add_up_to_the_change(method):
    table = changes("IND", method, (2019, 2023), ["copper", "nickel", "cobalt"])
    ends = run(method, case("IND", [2019, 2023], ["copper", "nickel", "cobalt"])).value
    for row in table.rows():
        if row["change"] is None:
            assert "no value in both years" in row["notes"]
            continue
        label = {"material": row["material"], "stage": row["stage"], "focus": row["focus"]}
        at = tuple(axis.at(label[axis.name]) for axis in ends.axes if axis.name != "year")
        assert (row["value_before"], row["value_after"]) == pytest.approx(tuple(ends.values[at].tolist()), rel=1e-14)
        assert row["change"] == row["value_after"] - row["value_before"]
        assert sum(row[part] for part in PARTS) == pytest.approx(row["change"], abs=1e-12)


def test_an_indicator_of_one_input_moves_by_it_alone():
    for method, part in (("production-hhi", {"concentration", "reliance"}), ("import-hhi", {"concentration"})):
        for row in changes("IND", method, (2020, 2023), ["copper"]).rows():
            still = [row[name] for name in PARTS if name not in part]
            np.testing.assert_allclose(still, 0.0, atol=1e-15)


def toy(production, governance, trade):
    axes = {
        "material": ["m"],
        "stage": ["mined"],
        "country": ["AAA", "BBB", "CCC"],
        "focus": ["AAA"],
        "year": ["1", "2"],
    }
    axes |= {"dimension": ["pv"], "exporter": ["AAA", "BBB", "CCC"], "importer": ["AAA", "BBB", "CCC"]}
    dense = from_arrays(
        axes,
        production=("t", ("material", "stage", "country", "year"), np.array(production, dtype=float)[None, None]),
        governance=("score", ("dimension", "country", "year"), np.array(governance, dtype=float)[None]),
        membership=("1", ("focus", "country", "year"), [[[1, 1], [0, 0], [0, 0]]]),
        trade=("t", ("material", "stage", "exporter", "importer", "year"), np.full((1, 1, 3, 3, 2), np.nan)),
    )
    from khanij.core.cube import Cube

    at = np.array([[0, 0, e, i, y] for e, i, y, _ in trade]).T
    cube = dense.cube("trade")
    return dense.with_cubes("toy", trade=Cube("trade", "t", cube.axes, np.array([v for *_, v in trade]), at))


def test_a_state_takes_each_input_from_the_year_asked():
    """AAA buys 6 + 4 tonnes of BBB and CCC, then 30 + 10; it sells 1, then 2; BBB sells 5, then 7 to CCC."""
    flows = [(1, 0, 0, 6.0), (2, 0, 0, 4.0), (1, 0, 1, 30.0), (2, 0, 1, 10.0), (0, 1, 0, 1.0), (0, 1, 1, 2.0)]
    flows += [(1, 2, 0, 5.0), (1, 2, 1, 7.0)]
    two = toy([[1, 2], [10, 20], [30, 40]], [[0, 0.5], [1, 1.5], [-1, -2]], flows)

    def matrix(swapped, year):
        cube = states.mixed(two, ("trade", "production", "governance", "membership"), swapped).cube("trade")
        out = np.zeros((3, 3, 2))
        out[cube.at[2], cube.at[3], cube.at[4]] = cube.values
        return out[..., year]

    np.testing.assert_allclose(matrix((), 0)[:, 0], [0, 6, 4])
    # mix of the later year, amount of the earlier: 10 t as 30 to 10
    np.testing.assert_allclose(matrix(("concentration",), 0)[:, 0], [0, 7.5, 2.5])
    # mix of the earlier year, amount of the later: 40 t as 6 to 4
    np.testing.assert_allclose(matrix(("reliance",), 0)[:, 0], [0, 24, 16])
    np.testing.assert_allclose(matrix(("concentration", "reliance"), 0)[:, 0], [0, 30, 10])
    assert matrix(("concentration",), 0)[0, 1] == 1.0
    assert matrix(("reliance",), 0)[0, 1] == 2.0
    assert matrix(("concentration",), 0)[1, 2] == 7.0
    mixed = states.mixed(two, ("production", "governance", "membership"), ("reliance",))
    np.testing.assert_allclose(mixed.cube("production").values[0, 0, :, 0], [2, 10, 30])
    np.testing.assert_allclose(mixed.cube("governance").values[0, :, 0], [0, 1, -1])
    mixed = states.mixed(two, ("production", "governance", "membership"), ("concentration", "governance"))
    np.testing.assert_allclose(mixed.cube("production").values[0, 0, :, 0], [1, 20, 40])
    np.testing.assert_allclose(mixed.cube("governance").values[0, :, 0], [0.5, 1.5, -2])


def test_swapping_everything_swaps_the_years():
    two = case("IND", [2019, 2023], ["copper", "nickel"])
    names = ("production", "world_production", "trade", "trade_covered", "governance", "membership", "price")
    plain, swapped = run("n-1-loss", two), run("n-1-loss", states.mixed(two, names, states.GROUPS))
    np.testing.assert_allclose(swapped.value.values, plain.value.values[..., ::-1], rtol=1e-12)
    world = states.mixed(two, names, ("concentration",)).cube("world_production").values
    own = np.nansum(two.cube("production").values[:, :, [two.axis("country").at("IND")]], axis=2)
    before = two.cube("world_production").values
    np.testing.assert_allclose(world[..., 0], before[..., 1] - own[..., 1] + own[..., 0], rtol=1e-12)


def test_imports_in_one_year_only_have_no_mix():
    flows = [(1, 0, 1, 30.0), (1, 2, 0, 5.0)]
    two = toy([[1, 2], [10, 20], [30, 40]], [[0, 0.5], [1, 1.5], [-1, -2]], flows)
    assert states.without_mix(two, ("trade",)).tolist() == [[True]]


def test_mistakes():
    with pytest.raises(StudyError, match="does not change with the year"):
        series("IND", "eu-supply-risk", [2020, 2021], "copper")
    with pytest.raises(StudyError, match="one value a partner"):
        series("IND", "supplier-shares", [2020, 2021], "copper")
    with pytest.raises(StudyError, match="no variable"):
        series("IND", "import-hhi", [2020, 2021], "copper", variable="colour")
    with pytest.raises(StudyError, match="two years"):
        changes("IND", "import-hhi", (2020, 2020), "copper")
    with pytest.raises(CoverageError, match="no value"):
        series("IND", "import-hhi", [2020, 2021], "copper", stage="scrap")
