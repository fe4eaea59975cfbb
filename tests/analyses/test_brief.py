import os
import re
import subprocess
import sys

import pytest

from khanij.analyses.inputs.coverage import newest
from khanij.analyses.inputs.stated import reliance
from khanij.analyses.origin.traced import Provenance
from khanij.analyses.partner import words as partnership
from khanij.analyses.plan import programme as programmes
from khanij.analyses.plan import run
from khanij.analyses.profile import overview as glance
from khanij.brief import compose as brief
from khanij.brief import disruption
from khanij.core.errors import CoverageError
from khanij.core.number import Number, Trend, share, total
from khanij.core.number import smaller as least
from khanij.plan.measures.partnership_value import value_partnership
from khanij.plan.planner import sensitivity
from khanij.present import page
from khanij.reference.official_lists import chosen, split_groups

YEARS = 150  # simulated for these tests


@pytest.fixture(scope="module", autouse=True)
def few_years():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partnership, "YEARS", YEARS)
        patch.setattr(run, "YEARS", YEARS)
        patch.setattr(disruption, "YEARS", 60)
        yield


@pytest.fixture(scope="module")
def india(few_years):
    return brief.compose("IND", 2024, "RUS", programmes.asked("IND", plan=True))


def grid_of(document, id):
    return next(grid for grid in document.grids() if grid.key == id)


def chapter_of(document, id):
    return next(chapter for chapter in document.chapters if chapter.id == id)


def test_brief_has_its_chapters_and_every_number_its_source(india):
    document, _ = india
    chapters = (
        "glance map minerals history chains origin disruption verdicts scorecard partner partnership plan gaps method"
    )
    assert [c.id for c in document.chapters] == chapters.split()
    numbers = [n for grid in document.grids() for n in grid.numbers()]
    assert all(n.sources if n.value is not None else n.note for n in numbers)
    assert set(document.cited()) == set(document.sources)
    drawn = {figure.id for chapter in document.chapters for figure in chapter.figures}
    assert {
        "matrix",
        "map",
        "suppliers",
        "chain-copper",
        "chain-titanium",
        "chain-lithium",
        "chain-rare-earths",
        "origin-copper",
        "origin-rare-earths",
        "eu-matrix",
        "with-without",
        "dependence-added",
        "gantt",
        "frontier",
    } <= drawn


def test_every_listed_mineral_has_a_row(india):
    document, r = india
    overview = next(grid for grid in document.grids() if grid.key == "overview")
    assert len(r.official[1]) == 30
    assert len(overview.cells) == len(r.listed)
    assert "pgm" not in r.listed
    assert {"platinum", "palladium", "rhodium"} <= set(r.listed)


def test_goods_and_platinum_are_told(india):
    document, _ = india
    goods = next(grid for grid in document.grids() if grid.key == "goods")
    magnets = next(row for row in goods.cells if row[1] == "Rare earths")
    assert 1.8e5 < magnets[2].value < 2.1e5
    assert "850511" in magnets[2].note
    assert magnets[3].value > 0.8
    said = next(s for s in document.findings if s.emphasis == "Goods made")
    assert "permanent magnets" in said.text
    silent = next(s for s in document.findings if s.emphasis.startswith("Nothing is known"))
    assert "platinum" not in silent.text


def test_a_trifle_is_no_main_form(india):
    document, r = india
    overview = next(grid for grid in document.grids() if grid.key == "overview")
    tin = next(row for row in overview.cells if row[0] == "Tin")
    assert tin[1] == "main form not in the data"
    assert tin[3].value is None
    assert "800110" in tin[3].note
    assert any("tin (refined tin)" in s.text for s in document.findings)
    assert not any(p.label == "Tin" for p in glance.points(r)[0])


def test_published_dependence_and_wide_ranges_are_said(india):
    document, _ = india
    stated = next(s for s in document.findings if s.emphasis == "Published national figures")
    assert "lithium" in stated.text
    assert "india-facts@2026-11" in stated.sources
    assert all(n.note and n.sources for n in reliance("IND", 2024).values())
    reliant = next(s for s in document.findings if s.emphasis.startswith("Net import reliance"))
    assert "nickel (class 1 metal, sulphate) between" in reliant.text


def test_supplier_risk_is_the_method_s(india):
    document, r = india
    overview = next(grid for grid in document.grids() if grid.key == "overview")
    silicon = next(row for row in overview.cells if row[0] == "Silicon")
    assert silicon[7].value == r.values("import-hhi-wgi")["silicon", "processed"].value
    assert silicon[7].how.startswith("khanij explain import-hhi-wgi --focus IND --material silicon")


def test_ten_years_have_lines_with_breaks(india):
    document, _ = india
    grid = next(grid for grid in document.grids() if grid.key == "decade")
    copper = next(row for row in grid.cells if row[0] == "Copper")
    assert all(isinstance(cell, Trend) and len(cell.years) == 10 for cell in copper[2:5])
    assert copper[3].values[-1] == pytest.approx(0.23, abs=0.01)
    silicon = next(row for row in grid.cells if row[0] == "Silicon")
    assert silicon[3].breaks
    table = grid.plain()
    assert "hhi_2015" in table.keys


def test_origins_hold_their_ranges_and_add_up():
    p = Provenance("IND", 2024, ("copper",))
    for stage in p.stages("copper"):
        traced = p.traced(("copper", stage))
        whole = sum(n.value for n in traced.shares.values()) + traced.unknown.value
        assert whole == pytest.approx(1.0)
        for number in traced.shares.values():
            if number.low is not None:
                assert number.low - 1e-6 <= number.value <= number.high + 1e-6


def test_lists_and_methods_answer(india):
    document, _ = india
    grid = next(grid for grid in document.grids() if grid.key == "verdicts")
    assert {c.name for c in grid.columns} >= {"European Union 2023", "United States 2025", "Japan 2009", "India 2023"}
    cobalt = next(row for row in grid.cells if row[0] == "Cobalt")
    assert all(mark.state for mark in cobalt[1:9])
    assert cobalt[-2].state is True
    assert cobalt[-2].how.startswith("khanij explain eu-criticality")


def test_rows_behind_headlines_are_facts_with_a_source(india):
    document, _ = india
    assert len(document.evidence) >= 4
    for grid in document.evidence:
        assert grid.cells
        assert all(row[2].sources and row[-1] for row in grid.cells)
        assert "khanij" in grid.notes[0]


@pytest.mark.parametrize("group", ["EU27", "QUAD"])
def test_a_group_is_a_country_of_its_members(group):
    document, r = brief.compose(group)
    assert len(r.members) > 3
    key = next(key for key in r.bought if key[0] == "copper")
    assert not set(r.bought[key]) & set(r.members)
    assert document.meta["Group"].endswith(f"({group})")
    with pytest.raises(CoverageError, match="partner is the country itself"):
        brief.compose(group, 2024, sorted(r.members)[0])


def test_the_newest_year_has_trade_and_output():
    assert newest("IND") == 2024


def test_groups_are_told_apart_only_without_codes_of_their_own():
    assert split_groups(("rare-earths",)) == ("rare-earths",)
    assert "platinum" in split_groups(("pgm",))


def test_the_smaller_of_two_keeps_both_sources():
    smaller = least(Number(1.0, "t", ("a",)), Number(2.0, "t", ("b",)))
    assert (smaller.value, smaller.sources) == (1.0, ("a", "b"))
    assert least(Number(None, "t", note="why"), Number(2.0, "t", ("b",))).note == "why"


def test_partner_page_tells_the_crude_oil(india):
    document, _ = india
    bought = next(grid for grid in document.grids() if grid.key == "bought")
    crude = next(row for row in bought.cells if row[0] == "270900")
    assert bought.cells[0] == crude
    assert crude[2].value > 4e7


def test_ceiling_is_the_smaller_of_two(india):
    document, _ = india
    could = next(grid for grid in document.grids() if grid.key == "could")
    assert could.cells
    assert all(row[5].value == min(row[3].value, row[4].value) for row in could.cells)


def test_signed_instruments_have_no_tonnes_and_none_are_invented(india):
    document, _ = india
    signed = [row for row in grid_of(document, "agreements").cells if not row[2].startswith("project")]
    assert len(signed) >= 6
    assert all(row[5].value is None and "no volume" in row[5].note for row in signed)
    published = grid_of(document, "worth").cells[0]
    assert published[2].value is None
    assert published[5].value == 0
    assert chapter_of(document, "partnership").lead[0][0].text.startswith("Six instruments between India and Russia")


def test_a_partnership_is_with_less_without_and_its_range_is_shown(india):
    document, _ = india
    worth = grid_of(document, "worth")
    assert len(worth.cells) == 5
    for row in worth.cells[1:]:
        without, with_, averted = row[3:6]
        assert with_.value == pytest.approx(without.value - averted.value)
        assert averted.low <= averted.value <= averted.high
        assert averted.confidence == "low"
        assert averted.how == f"khanij partner IND RUS --year 2024 --years {YEARS}"
    best = max(worth.cells, key=lambda row: row[5].value)
    said = next(s for s in document.findings if s.emphasis == "A partnership with Russia")
    assert best[0].lower() in said.text


def test_dependence_added_is_told_by_name(india):
    document, _ = india
    added = grid_of(document, "added")
    assert added.cells
    assert all(abs(row[3].value - row[2].value) > 0.005 for row in added.cells)
    copper = next(row for row in added.cells if row[1] == "Copper, ore and concentrate")
    assert copper[7].value > copper[6].value
    assert copper[4].startswith("Chile")
    shown = " ".join(str(cell) for grid in (added, grid_of(document, "worth")) for row in grid.cells for cell in row)
    assert not re.search(r"\b(CHN|JPN|CHL|rare-earths|offtake)\b", shown.replace("--", ""))


def test_a_plan_holds_to_its_money_and_its_measures_have_names(india):
    document, _ = india
    measures, money = grid_of(document, "plan-measures"), grid_of(document, "plan-money")
    assert measures.cells
    for row in measures.cells:
        assert ":" in row[0]
        assert 2025 <= row[2] <= row[3]
        assert row[5].low <= row[5].value <= row[5].high
        assert row[7].low <= row[7].value <= row[7].high
        assert "--years 150 --scenarios 200 --quick" in row[5].how
    names = " ".join(row[0] + row[9] for row in measures.cells)
    assert not re.search(r"stock-|magnet-plant|\b[A-Z]{3}\b", names)
    whole = money.cells[-1]
    assert whole[-2].value == 34300.0
    assert whole[-3].value == pytest.approx(sum(row[-3].value for row in money.cells[:-1]))
    assert all(row[-3].value <= row[-2].value + 1e-6 for row in money.cells)


def test_a_plan_says_how_sure_it_is_and_what_it_leaves_out(india):
    document, _ = india
    account = {row[0]: row[1] for row in grid_of(document, "plan-account").cells}
    assert not any("econds" in name for name in account)  # hangs on the machine
    assert account["Bound: no plan can have less"].value <= account["Objective"].value + 1e-9
    assert account["Averted, fresh"].low < account["Averted, fresh"].value < account["Averted, fresh"].high
    frontier = grid_of(document, "plan-frontier").cells
    assert [row[0] for row in frontier] == [f"{100 * times:g} %" for times in sensitivity.FRONTIER]
    assert frontier[-1][2].value == pytest.approx(account["Expected loss under the plan, fresh"].value, rel=0.05)
    assert "Tellurium" in {row[0] for row in grid_of(document, "plan-missing").cells}
    assert any(s.emphasis.startswith("Of 34,300 crore INR") for s in document.findings)
    assert document.meta["Plan"] == "34,300 crore INR, 2025 to 2031"


def test_the_same_chapter_comes_from_a_process_beside():
    code = (
        "from functools import partial\n"
        "from khanij.jobs import background as aside\n"
        "from khanij.analyses.partner import words as partnership\n"
        "task = partial(partnership.chapter, 'IND', 2024, 'ARG')\n"
        "with aside.beside({'a': task}) as here, aside.beside({'a': task}, 1) as there:\n"
        "    assert repr(here('a')) == repr(there('a'))\n"
    )
    one = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # as the command does
    done = subprocess.run([sys.executable, "-c", code], env=one, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_partnership_that_cannot_be_valued_says_why():
    chapter = partnership.chapter("EU27", 2024, "JPN")
    assert "this is a group" in chapter.lead[0][0].text
    assert not chapter.grids
    assert partnership.finding(chapter) == ()


def test_a_partnership_without_a_table_says_what_is_not_counted(monkeypatch):
    monkeypatch.setattr(partnership, "YEARS", 60)
    chapter = partnership.chapter("CHL", 2024, "JPN")
    assert chapter.grids
    assert any("input-output table of Chile" in s.text for s in chapter.lead[0])


def test_a_record_of_the_other_side_counts_and_minerals_are_chosen_where_none_names_one():
    assert partnership.candidates("JPN", 2024, "AUS")
    pair, asked, chosen = partnership.prepared("RUS", 2024, "IND")
    assert set(asked) >= {"copper", "titanium"}
    assert not chosen
    assert pair.scenarios
    worth = partnership.partner_tables.value(value_partnership(pair), partnership.money.currency("USD"))
    said = partnership.published(pair, worth, ())
    assert said.text.startswith("Six instruments between Russia and India")


def test_page_needs_no_network(india):
    html = page.render(india[0])
    body = html[: html.index('<script id="plotly">')] + html[html.rindex("</script>") :]
    assert not re.findall(r'(?:src|data)="https?:', body)
    assert "url(" not in body


@pytest.mark.parametrize("iso", ["TUV", "BTN"])
def test_small_countries_say_what_is_lacking(iso):
    document, _ = brief.compose(iso)
    assert document.findings
    assert any("Nothing is known here" in s.emphasis for s in document.findings)
    assert next(grid for grid in document.grids() if grid.key == "gaps").cells


def test_which_list_counts():
    assert chosen("IND", 2024)[0] == "in-2023-30"
    assert chosen("DEU", 2024)[0].startswith("eu-")
    assert chosen("USA", 2024)[0] == "us-2025"
    assert chosen("KAZ", 2024)[0] == "all"


def test_partner_must_be_another_country():
    with pytest.raises(CoverageError, match="partner is the country itself"):
        brief.compose("IND", 2024, "India")


def test_sums_keep_ranges_sources_and_doubt():
    whole = total([Number(1.0, "t", ("a",), 0.5, 2.0, "low"), Number(2.0, "t", ("b",)), Number(None)])
    assert (whole.value, whole.low, whole.high, whole.confidence) == (3.0, 2.5, 4.0, "low")
    assert whole.sources == ("a", "b")
    assert share(Number(1.0, "t", ("a",)), Number(None)).value is None
    assert total([]).value is None


def test_bundle_and_files(tmp_path):
    paths = brief.write("BTN", tmp_path)
    assert paths["html"].stat().st_size > 4e6
    assert {p.name for p in paths["bundle"].iterdir()} >= {
        "trace.json",
        "study.yaml",
        "manifest.lock",
        "table-overview.parquet",
        "supplier-shares.parquet",
        "balance.parquet",
    }
