"""The brief as a reader opens it: written by the command, parsed as a page."""

import re
import shlex
from html.parser import HTMLParser

import pytest

from khanij.analyses.partner import words as partnership
from khanij.brief import disruption
from khanij.cli.app import launch

LOADS = dict.fromkeys(("script", "img", "iframe", "source"), "src") | {"link": "href", "use": "href", "object": "data"}
COMMANDS = {"explain", "trade", "data", "run", "shock", "partner"}


class Reader(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module", params=[("IND", "RUS"), ("CHL", None)], ids=["IND-RUS", "CHL"])
def page(request, tmp_path_factory):
    country, partner = request.param
    folder = tmp_path_factory.mktemp(country)
    words = ["brief", country, "--out", str(folder), *(["--partner", partner] if partner else [])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partnership, "YEARS", 150)
        patch.setattr(disruption, "YEARS", 60)
        assert launch([*words, "--workers", "0"]) == 0
    html = next(folder.glob("*.html")).read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html)
    return html, reader.tags


def test_every_number_shows_a_source_that_is_in_the_list(page):
    _, tags = page
    entries = {a["id"] for _, a in tags if a.get("id", "").startswith("src-")}
    cells = [a for tag, a in tags if tag == "td" and a.get("data-v") and a["class"].split()[0] in ("num", "trend")]
    assert len(cells) > 300
    for cell in cells:
        assert cell["data-src"], cell
        assert "Source: [" in cell["title"], cell
        assert {f"src-{k}" for k in cell["data-src"].split()} <= entries


def test_what_a_disruption_costs_is_told_with_a_table_and_without(page):
    html, tags = page
    assert any(a.get("id") == "disruption" for _, a in tags)
    india = any(a.get("id") == "partner" for _, a in tags)
    said = "only what users pay more, less what home producers receive more: no input-output table of" in html
    assert said != india


def test_unknown_numbers_say_why(page):
    _, tags = page
    unknown = [a for tag, a in tags if tag == "td" and "nk" in a.get("class", "").split()]
    assert unknown
    assert all(a["title"].startswith("not known") for a in unknown)


def test_numbers_can_be_followed(page):
    _, tags = page
    told = [a["title"] for tag, a in tags if tag == "td" and " · How: khanij " in a.get("title", "")]
    assert len(told) > 200
    assert {re.search(r" · How: khanij (\S+)", title)[1] for title in told} <= COMMANDS


def test_nothing_is_loaded_from_outside(page):
    html, tags = page
    for tag, attributes in tags:
        if tag in LOADS and LOADS[tag] in attributes:
            assert attributes[LOADS[tag]].startswith("data:"), (tag, attributes)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_anchors_lead_somewhere_and_ids_stand_once(page):
    _, tags = page
    ids = [a["id"] for _, a in tags if a.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href", "").startswith("#")}
    assert wanted <= set(ids)


def test_figures_have_words_and_rows_can_be_unfolded(page):
    _, tags = page
    plots = [a for _, a in tags if a.get("class") == "plot"]
    assert len(plots) >= 4
    assert all(a["aria-label"] for a in plots)
    assert [tag for tag, _ in tags].count("details") >= 1


def test_the_commands_work(page, capsysbinary):
    _, tags = page
    found = {}
    for tag, a in tags:
        match = re.search(r" · How: khanij (.*)$", a.get("title", "") or "")
        if tag == "td" and match:
            words = shlex.split(match[1])
            found.setdefault(tuple(words[:2]) if words[0] in ("explain", "run") else words[0], words)
    assert len(found) >= 8
    for words in found.values():
        assert launch([*words, "--format", "json"]) == 0, words
        assert capsysbinary.readouterr().out
