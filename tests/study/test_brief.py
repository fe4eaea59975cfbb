import re

import pytest

from khanij.core.errors import CoverageError
from khanij.present import page
from khanij.present.document import Number
from khanij.study import brief
from khanij.study.readings import official_list, share, total


@pytest.fixture(scope="module")
def india():
    return brief.compose("IND", 2024, "RUS")


def test_brief_has_its_chapters_and_every_number_its_source(india):
    document, _ = india
    assert [c.id for c in document.chapters] == ["glance", "map", "minerals", "chains", "partner", "gaps", "method"]
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
    } <= drawn


def test_every_listed_mineral_has_a_row(india):
    document, r = india
    overview = next(grid for grid in document.grids() if grid.id == "overview")
    assert len(overview.rows) == len(r.listed[1]) == 30


def test_partner_page_tells_the_crude_oil(india):
    document, _ = india
    bought = next(grid for grid in document.grids() if grid.id == "bought")
    crude = next(row for row in bought.rows if row[0] == "270900")
    assert bought.rows[0] == crude
    assert crude[2].value > 4e7


def test_ceiling_is_the_smaller_of_two(india):
    document, _ = india
    could = next(grid for grid in document.grids() if grid.id == "could")
    assert could.rows
    assert all(row[5].value == min(row[3].value, row[4].value) for row in could.rows)


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
    assert next(grid for grid in document.grids() if grid.id == "gaps").rows


def test_which_list_counts():
    assert official_list("IND", 2024)[0] == "in-2023-30"
    assert official_list("DEU", 2024)[0].startswith("eu-")
    assert official_list("USA", 2024)[0] == "us-2025"
    assert official_list("KAZ", 2024)[0] == "all"


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
