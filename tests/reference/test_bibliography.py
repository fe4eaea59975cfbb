"""One bibliography: every id once, every source of every reference table in it."""

import pytest

from khanij import reference
from khanij.data.facts import record

TABLES = sorted(path.stem for path in (reference.FOLDER / "tables").glob("*.csv"))
CITING = [name for name in TABLES if "source" in (reference.rows(name) or [{}])[0]]
OF_FACTS = {"price_benchmarks"}  # its column names sources of facts, which have records of their own


def test_there_is_one_bibliography():
    assert [name for name in TABLES if name.startswith("bibliography")] == ["bibliography"]


def test_ids_are_unique_sorted_and_cited_in_full():
    rows = reference.rows("bibliography")
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids))
    assert [row["id"] for row in rows if not row["citation"]] == []
    assert set(reference.bibliography()) == set(ids)


def test_no_work_stands_under_two_ids():
    works = [work.citation.casefold() for work in reference.bibliography().values()]
    assert len(works) == len(set(works))


@pytest.mark.parametrize("name", CITING)
def test_every_source_resolves(name):
    known = set(record.sources()) if name in OF_FACTS else set(reference.bibliography())
    known |= {"ours"} if name == "assumptions" else set()  # what nobody has published, said to be so
    cited = {id for row in reference.rows(name) for id in row["source"].split(";")}
    assert cited - known - {"ours"} == set()


def test_no_work_is_left_uncited():
    citing = [reference.rows(name) for name in CITING if name not in OF_FACTS]
    cited = {id for rows in citing for row in rows for id in row["source"].split(";")}
    assert set(reference.bibliography()) - cited == set()


def test_a_cell_with_several_sources_gives_each_work():
    first, second = sorted(reference.bibliography())[:2]
    assert [work.id for work in reference.works(f"{first};{second}")] == [first, second]
    assert reference.works("no-such-work")[0].citation == ""
    assert reference.works("") == ()
