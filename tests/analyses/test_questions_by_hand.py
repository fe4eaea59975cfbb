"""Every question that stands on a Case answers one that was made by hand, without a store; what is absent is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.analyses.inputs import absent
from khanij.analyses.question import Answer, ask, request
from khanij.core.errors import CoverageError, KhanijError

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))
from hand_made import FLOWS, case


def answer(name: str, **values: object) -> Answer:
    return ask(request(name, **values), case=case())


def test_a_method_is_run_and_whatever_was_asked_and_is_absent_says_why() -> None:
    found = answer("run", method="import-hhi", focus="IND", year="2022-2023", material="copper,tin,cobalt")
    rows = {(row["material"], row["year"]): row for row in found.table("values").rows()}
    assert rows["copper", 2022]["value"] == pytest.approx(0.75**2 + 0.25**2)
    assert rows["copper", 2023]["value"] == pytest.approx(0.5)
    for material in ("tin", "cobalt"):
        missing = next(row for key, row in rows.items() if key[0] == material)
        assert missing["value"] is None
        assert "not on record: trade in tonnes" in missing["notes"]
        assert "2022-2023" in missing["notes"]
        assert missing["focus"] == "IND"
    assert found.manifest == ""
    assert any("tin" in sentence for sentence in found.findings)


def test_a_year_without_a_value_is_told_in_its_own_row() -> None:
    found = answer("run", method="production-hhi", focus="IND", year="2022-2023", material="cobalt")
    rows = {row["year"]: row for row in found.table("values").rows()}
    assert rows[2023]["value"] == pytest.approx(1.0)
    assert rows[2022]["value"] is None
    assert rows[2022]["notes"] == "not on record: production"


def test_an_answer_without_a_value_is_refused_with_the_reason() -> None:
    for name, more in (("run", {"method": "import-hhi"}), ("assess", {"method": "import-hhi"})):
        with pytest.raises(CoverageError, match=r"tin.*not on record: trade in tonnes"):
            answer(name, focus="IND", year=2023, material="tin", **more)
    with pytest.raises(CoverageError, match="cobalt"):
        answer("history", focus="IND", method="import-hhi", year="2022-2023", material="cobalt")
    with pytest.raises(CoverageError, match="no origin can be traced: tin"):
        answer("origin", focus="IND", material="tin", year=2023)


def test_indicators_stand_side_by_side() -> None:
    found = answer("assess", focus="IND", year=2022, method="import-reliance,import-hhi,production-hhi")
    (row,) = (row for row in found.table("indicators").rows() if row["material"] == "copper")
    assert row["import-reliance"] == pytest.approx(40 / 50)
    assert row["import-hhi"] == pytest.approx(0.625)
    assert row["production-hhi"] == pytest.approx(0.6**2 + 0.3**2 + 0.1**2)
    kinds = {column.key: column.kind for column in found.table("indicators").columns}
    assert (kinds["import-reliance"], kinds["import-hhi"]) == ("share", "number")


def test_a_figure_of_a_material_as_a_whole_has_no_stage_and_says_which_years_it_stands_on() -> None:
    found = ask(request("assess", focus="EU27", method="eu-supply-risk", material="cobalt,magnesium"))
    table = found.table("indicators")
    assert [(row["material"], row["stage"]) for row in table.rows()] == [("cobalt", None), ("magnesium", None)]
    assert all(row["eu-supply-risk"] > 1.0 for row in table.rows())
    assert any("no year of 2016-2020" in note for note in table.notes)
    assert "None" not in found.findings[0]
    other = ask(request("assess", focus="IND", method="eu-economic-importance", material="cobalt"))
    assert any("the European Commission's figure for the EU" in finding for finding in other.findings)


def test_where_nothing_was_named_and_nothing_is_known_the_reason_is_told() -> None:
    empty = case().with_cubes("no trade", trade=case().cube("trade").narrowed("material", ["tin"]))
    with pytest.raises(CoverageError, match="trade in tonnes"):
        ask(request("assess", focus="IND", year=2022, method="import-hhi"), case=empty)


def test_draws_of_a_case_made_by_hand() -> None:
    found = answer("assess", focus="IND", year=2022, method="n-1-loss", draws=200, seed=3, material="copper")
    (row,) = found.table("draws-n-1-loss").rows()
    assert row["value"] == pytest.approx(30 / 50)
    assert row["q05"] < row["value"] < row["q95"]


def test_a_series_and_what_moved_it() -> None:
    found = answer("history", focus="IND", method="import-hhi", year="2022-2023", material="copper")
    assert found.table("series").column("value") == pytest.approx((0.625, 0.5))
    found = answer("history", focus="IND", method="import-hhi", year="2022-2023", material="copper", decompose=True)
    (row,) = found.table("changes").rows()
    assert row["change"] == pytest.approx(-0.125)
    assert row["concentration"] == pytest.approx(-0.125)
    assert row["reliance"] == pytest.approx(0.0)


def test_a_number_is_followed_down_to_what_entered_and_no_row_of_the_store_is_claimed() -> None:
    found = answer("explain", method="import-hhi", focus="IND", material="copper", year=2022)
    assert [table.key for table in found.tables] == ["number", "entered"]
    trade = [row for row in found.table("entered").rows() if row["quantity"] == "trade"]
    assert [row["value"] for row in trade] == [tonnes for _, year, tonnes in FLOWS if year == 2022]
    assert "handed in" in found.findings[1]


def test_origins_of_what_is_used() -> None:
    found = answer("origin", focus="IND", material="copper", year=2022)
    shares = {row["country"]: row["share"] for row in found.table("origins").rows()}
    assert shares == pytest.approx({"CHL": 0.6, "AUS": 0.2, "IND": 0.2})


def test_methods_and_a_list_are_compared() -> None:
    found = answer("compare", focus="IND", year=2023, method="production-hhi", lists="in-2023-30", why=True)
    (row,) = found.table("agreement").rows()
    assert row["universe"] == 2  # cobalt and copper have a value and the list has a say on both
    assert row["both"] + row["first_only"] + row["second_only"] + row["neither"] == 2


def test_what_cannot_be_is_refused_before_anything_is_computed() -> None:
    wrong = (
        ("run", {"method": "astrology"}, "unknown method"),
        ("run", {"method": "import-hhi", "set": ["colour=red"]}, "sets no parameter"),
        ("run", {"method": "import-hhi", "variable": "colour"}, "has no variable"),
        ("history", {"focus": "IND", "method": "supplier-shares"}, "one value a partner"),
        ("history", {"focus": "IND", "method": "import-hhi", "year": 2022, "decompose": True}, "two years"),
        ("explain", {"method": "supplier-shares", "focus": "IND", "material": "copper"}, "no single number"),
        ("explain", {"method": "import-hhi", "focus": "IND", "material": "copper", "year": "2022-2023"}, "one year"),
        ("compare", {"focus": "IND", "method": "balance", "lists": "in-2023-30"}, "ranks no materials"),
        ("compare", {"method": "import-hhi", "lists": "in-2023-30"}, "needs a country"),
        ("assess", {"focus": "IND", "sensitivity": True}, "no number of draws"),
        ("demand", {"focus": "IND", "since": 2040, "to": 2030}, "2040 to 2030"),
        ("process", {"material": "tin"}, "no route of tin"),
    )
    for name, values, what in wrong:
        with pytest.raises(KhanijError) as refused:
            request(name, **values)
        assert what in refused.value.what
        assert refused.value.where
        assert refused.value.hint


LABELS = st.fixed_dictionaries({"material": st.sampled_from("abc"), "year": st.sampled_from([2020, 2021, 2022, None])})


@given(st.lists(LABELS, max_size=8), st.sets(st.sampled_from("abcd"), min_size=1), st.sets(st.integers(2020, 2023)))
def test_everything_asked_gets_a_row_or_a_reason(rows, materials, years) -> None:
    """Oracle: every pair of what was asked is in a row of its own, in one without a year, or in one absence."""
    asked = {"material": sorted(materials), "year": sorted(years)}
    missing = absent.absent(rows, asked)
    told = {(row["material"], row["year"]) for row in rows}
    for material in materials:
        here = [one for one in missing if one.labels["material"] == material]
        if not years:
            assert bool(here) == (material not in {row["material"] for row in rows})
        for year in years:
            held = (material, year) in told or (material, None) in told
            assert held != any(year in one.years for one in here)
