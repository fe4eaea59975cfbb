"""An answer as a chapter: every table, figure and sentence of it stands on the page, whatever was asked."""

from dataclasses import dataclass, field

import pytest

from khanij.core.number import Number
from khanij.core.table import Column, Table
from khanij.present import answers, page
from khanij.present.document import Citation, Figure, Sentence


@dataclass
class Line:
    text: str

    def command(self):
        return self.text


@dataclass
class Toy:
    """What `ask` gives, as far as a page reads it."""

    findings: tuple = ()
    tables: tuple = ()
    figures: tuple = ()
    words: dict = field(default_factory=dict)
    sources: tuple = ()
    request: Line = field(default_factory=lambda: Line("khanij toy IND"))


COLUMNS = (
    Column("material", "Mineral", "text"),
    Column("country", "Country", "text"),
    Column("share", "Share", "share"),
    Column("value", "Value", unit="t"),
    Column("sure", "Sure", "flag"),
    Column("sources", "Sources", "text"),
)
ROWS = (
    ("rare-earths", "CHN", 0.123456, Number(5.0, "t", ("mine@1",)), True, "trade@2; memo"),
    ("tin", "IDN", None, Number(None, "t", note="no source"), False, ""),
)


@pytest.fixture
def toy():
    said = Sentence("China sends most.", ("trade@2",))
    drawn = Figure("shares", {"data": [{}], "layout": {"height": 200}}, "Shares.", "Bars.", ("trade@2",))
    words = {"lead": (said, Sentence("By shipment.", ("trade@2",)))}
    table = Table("rows", "Rows", COLUMNS, ROWS)
    return Toy((said, "Two minerals."), (table,), (drawn,), words, ("trade@2",))


def html(chapter):
    entries = {"trade@2": Citation("trade@2", "Trade 2.")}
    return page.fragment(answers.document("T", [chapter], sources=entries))


def test_a_chapter_says_each_sentence_once_and_ends_with_the_command(toy):
    made = answers.chapter(toy, "toy", "Toy")
    assert [str(s) for paragraph in made.lead for s in paragraph] == ["China sends most.", "Two minerals."]
    assert [str(s) for s in made.after] == ["By shipment."]
    assert made.lead[1][0].sources == ("trade@2",)  # a bare sentence rests on the sources of its answer
    body = str(html(made).chapters[0])
    assert body.count("China sends most.") == 1
    assert "<code>khanij toy IND</code>" in body


def test_bare_numbers_and_ids_are_told_for_people(toy):
    body = str(html(answers.chapter(toy)).chapters[0])
    assert "Rare earths" in body
    assert "China" in body
    assert "CHN" not in body
    assert 'data-v="0.123456"' in body
    assert "0.123456<" not in body  # rounded for reading
    assert '<a href="#src-1">1</a>; memo' in body  # what the list has is a link, the rest its id


def test_answers_on_one_page_keep_their_keys_apart(toy):
    chapters = [answers.chapter(toy, id, prefix=True) for id in ("a", "b")]
    made = answers.document("T", chapters)
    assert [grid.key for grid in made.grids()] == ["a-rows", "b-rows"]
    parts = page.fragment(made)
    assert len(parts.chapters) == 2
    assert '"a-shares"' in parts.figures
    assert '"b-shares"' in parts.figures


def test_every_source_that_is_pointed_at_is_in_the_list(toy):
    parts = html(answers.chapter(toy))
    assert 'id="src-1"' in parts.sources
    assert 'id="src-2"' in parts.sources
    assert "src-3" not in str(parts.chapters[0])


def test_what_is_too_long_for_a_page_is_left_out(toy):
    assert answers.chapter(toy, without=("rows",)).grids == ()
