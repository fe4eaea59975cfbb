"""Origins as a person reads them: shares add up, ranges hold the estimate, gaps are named."""

import pytest

from khanij.analyses.origin import words
from khanij.analyses.question import ask, request
from khanij.core.errors import CoverageError, StudyError


def origins(focus, material, year, **more):
    """Return the table of origins."""
    return ask(request("origin", focus=focus, material=material, year=year, **more)).table("origins")


@pytest.mark.parametrize(("material", "by"), [("copper", "mine"), ("copper", "refiner"), ("titanium", "refiner")])
def test_shares_add_up_and_ranges_hold_them(material, by):
    table = origins("IND", material, 2024, by=by, top=5)
    sums = {}
    for row in table.rows():
        sums[row["stage"]] = sums.get(row["stage"], 0.0) + (row["share"] or 0.0)
        if row["low"] is not None:
            assert -1e-9 <= row["low"] <= row["share"] + 1e-9 <= row["high"] + 2e-9
    assert sums
    for total in sums.values():
        assert total == pytest.approx(1.0, abs=1e-6)


def test_the_bars_are_the_rows_of_the_table():
    found = ask(request("origin", focus="IND", material="copper", year=2024, top=3))
    (figure,) = found.figures
    drawn = sum(sum(trace["x"]) for trace in figure.figure["data"])
    stages = {row["stage"] for row in found.table("origins").rows() if row["share"]}
    assert drawn == pytest.approx(len(stages))  # each bar is the whole of what is used
    assert figure.sources == found.sources


def test_the_largest_come_first_and_the_rest_is_one_row():
    rows = [row for row in origins("IND", "copper", 2024, stage="mined", top=3).rows()]
    assert [row["country"] for row in rows[:3]] == ["CHL", "IDN", "PER"]  # Chile on tonnages imputed from value
    assert rows[0]["share"] >= rows[1]["share"] >= rows[2]["share"]
    assert rows[3]["name"].endswith(" others")
    assert {row["counted_at"] for row in rows[:3]} == {"mined"}


def test_exposure_is_at_least_the_share_made_there():
    for row in origins("IND", "copper", 2024, stage="refined").rows():
        if row["exposure"] is not None and row["share"] is not None:
            assert row["exposure"] >= row["share"] - 1e-9


def test_a_hub_on_the_way_is_flagged_and_has_no_share():
    rows = [row for row in origins("DEU", "nickel", 2024, stage="refined", top=3).rows()]
    hubs = [row for row in rows if "re-export hub" in row["notes"]]
    assert hubs
    assert all(row["share"] is None and row["exposure"] > 0 for row in hubs if row["country"] in ("NLD", "GBR"))
    assert sum(row["share"] or 0.0 for row in rows) == pytest.approx(1.0, abs=1e-6)


def test_what_cannot_be_traced_is_told_beside_what_can():
    found = ask(request("origin", focus="IND", material="copper,scandium", stage="refined", year=2024))
    (row,) = (row for row in found.table("origins").rows() if row["material"] == "scandium")
    assert row["share"] is None
    assert "not on record: production" in row["notes"]
    assert any("scandium" in sentence for sentence in found.findings)


def test_mistakes():
    with pytest.raises(StudyError, match="'mine' or 'refiner'"):
        origins("IND", "copper", 2024, by="moon")
    with pytest.raises(CoverageError, match="no stage"):
        origins("IND", "copper", 2024, stage="molten")
    with pytest.raises(StudyError, match="greater than or equal to 1"):
        origins("IND", "copper", 2024, top=0)
    with pytest.raises(CoverageError, match="no origin can be traced"):
        origins("IND", "scandium", 2024)


def test_a_range_that_says_nothing_is_told_in_words():
    row = {"material": "copper", "stage": "refined", "notes": "", "hub_ratio": None, "exposure": None}
    rows = [
        {**row, "country": "ZMB", "name": "Zambia", "share": 0.74, "low": 0.0, "high": 1.0},
        {**row, "country": "CHL", "name": "Chile", "share": 0.2, "low": 0.1, "high": 0.3},
    ]
    (both,) = words.findings(rows, "HKG", "refiner", 2024)
    assert "Chile 20" in both
    assert "how much comes from Zambia the records cannot tell" in both
    (alone,) = words.findings(rows[:1], "HKG", "refiner", 2024)
    assert alone.endswith("counted at the refiner: the records cannot tell how much comes from Zambia.")
