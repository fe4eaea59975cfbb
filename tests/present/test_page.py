import re
from html.parser import HTMLParser

import pytest

from khanij.core.errors import AlignmentError
from khanij.core.number import Number
from khanij.core.table import Column, Table
from khanij.present import page

LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "source": "src",
    "object": "data",
    "use": "href",
}


class Reader(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def html(toy):
    return page.render(toy.dossier())


@pytest.fixture(scope="module")
def tags(html):
    reader = Reader()
    reader.feed(html)
    return reader.tags


def test_page_loads_nothing_from_outside(html, tags):
    for tag, attributes in tags:
        if tag in LOADS and LOADS[tag] in attributes:
            assert attributes[LOADS[tag]].startswith("data:"), (tag, attributes)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_plotly_stands_once_and_only_with_figures(html, toy):
    assert html.count('<script id="plotly">') == 1
    assert html.count("plotly.js v") == 1
    bare = page.render(toy.dossier(figured=False))
    assert "plotly.js v" not in bare
    assert len(bare) < 60_000


def test_every_number_shows_its_source(tags, toy):
    cells = [a for tag, a in tags if tag == "td" and a.get("data-v")]
    assert len(cells) == sum(n.value is not None for n in toy.grid().numbers())
    for attributes in cells:
        assert attributes["data-src"]
        assert "Source: [" in attributes["title"]


def test_unknown_tells_its_reason_and_weak_shows_its_range(html):
    assert 'title="not known: no code &lt;/script&gt; of its own"' in html
    assert "<sup>†</sup>" in html
    assert "(1.00–3.00)" in html or "(1–3)" in html


def test_references_point_at_entries(tags):
    wanted = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href", "").startswith("#src-")}
    there = {a["id"] for _, a in tags if a.get("id", "").startswith("src-")}
    assert wanted == there == {"src-1", "src-2"}


def test_text_is_escaped_and_figures_have_words(html, tags):
    assert "is bought &lt;/script&gt;&lt;b&gt;." in html
    assert all(a.get("aria-label") for _, a in tags if a.get("class") == "plot")
    assert [t for t, _ in tags].count("h1") == 1
    scripts = re.findall(r'<script type="application/json" id="\w+">(.*?)</script>', html, re.S)
    assert all("<" not in script for script in scripts)


def test_a_number_without_a_source_is_refused():
    with pytest.raises(AlignmentError, match="without a source"):
        Table("g", "G", (Column("a", "A"),), ((Number(1.0, "t"),),))


def test_equal_documents_give_equal_pages(html, toy):
    assert html == page.render(toy.dossier())
