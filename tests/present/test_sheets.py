"""The two pages: numbers large beside their sentences, drawings that need no script, every mark in the list."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.number import Number
from khanij.present import drawings, sheets
from khanij.present.document import Brief, Citation, Drawing, Finding, Section, Sentence, Tile

SOURCE = ("s@1",)
SHARE = Number(0.84, "1", SOURCE, 0.84, 0.94)


def brief(**more):
    bars = drawings.bars(
        [drawings.Bar("Magnets <of> metal", 0.84, 0.84, 0.94, 0.78, "China", marked=True)], "alt", "alt-x"
    )
    section = Section(
        "stop",
        "What could stop us",
        (Finding(Sentence("come from China.", SOURCE, "Magnets"), SHARE, "own trade code"),),
        (Sentence("In <words>."),),
        (Drawing("x", bars, "caption", "alt", SOURCE),),
    )
    return Brief(
        **{
            "kind": "Brief",
            "title": Sentence("sends over half.", SOURCE, "China"),
            "subtitle": "30 minerals.",
            "meta": {"Year": "2024"},
            "tiles": (Tile(Number(11_135_871.0, "kUSD", SOURCE), "spent", "2014: 5"),),
            "pages": ((section,), ()),
            "advice": {"Decide": (Sentence("a second source.", SOURCE),), "Watch": ()},
            "dossier": "dossier.html",
            "sources": {"s@1": Citation("s@1", "Source one.")},
            **more,
        }
    )


def test_a_finding_has_its_number_its_range_and_its_source():
    html = sheets.render(brief())
    assert "<b>84\N{NARROW NO-BREAK SPACE}%</b><small>84–94\N{NARROW NO-BREAK SPACE}%</small>" in html
    assert 'data-src="1"' in html
    assert "USD\N{NARROW NO-BREAK SPACE}11.1 billion" in html
    assert 'href="dossier.html"' in html
    assert "Nothing that these records show" in html


def test_the_pages_carry_no_script_and_load_nothing():
    html = sheets.render(brief())
    assert "<script" not in html
    assert not re.findall(r'(?:src|data)="https?:', html)
    assert "url(" not in html
    assert "In &lt;words&gt;." in html
    assert "Magnets &lt;of&gt; metal" in html


def test_marks_and_entries_agree():
    html = sheets.render(brief())
    assert set(re.findall(r'href="#(src-\d+)"', html)) == set(re.findall(r'id="(src-\d+)"', html)) == {"src-1"}


def test_equal_briefs_give_equal_pages():
    assert sheets.render(brief()) == sheets.render(brief())


SHARES = st.floats(0, 1)


@given(SHARES, SHARES, SHARES, st.text(max_size=60))
def test_bars_stay_inside_the_drawing(one, two, three, name):
    low, value, high = sorted((one, two, three))
    svg = drawings.bars([drawings.Bar(name, value, low, high, words="x")], "alt", "a")
    places = [float(x) for x in re.findall(r' x[12]?="([\d.]+)"', svg)]
    widths = [float(x) for x in re.findall(r' width="([-\d.]+)"', svg)]
    assert all(0 <= x <= drawings.WIDTH for x in places)
    assert all(width >= 0 for width in widths)


@pytest.mark.parametrize("count", [1, 3, 17])
def test_steps_tell_their_last_year(count):
    svg = drawings.steps([(2010 + k, float(k)) for k in range(count)], "alt", "a")
    assert f">{2010 + count - 1}<" in svg
    assert svg.startswith("<svg")
