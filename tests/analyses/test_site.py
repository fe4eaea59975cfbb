"""The dossier as a site, of a document made by hand: a row lands on the page of whom it is about, no link is dead."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from khanij.brief import site
from khanij.core.number import Number
from khanij.present.document import Chapter, Citation, Dossier, Sentence
from khanij.reference import columns

SOURCES = {id: Citation(id, f"Source {id}") for id in ("s1", "s2")}


def document():
    """Return a dossier of India with one table of suppliers, one of gaps, and one question without an answer."""
    rows = [
        {"mineral": name, "country_name": seller, "value": Number(5.0, "kUSD", (id,)), "material": m, "country": code}
        for name, seller, id, m, code in (
            ("Cobalt", "Chile", "s1", "cobalt", "CHL"),
            ("Tin", "India", "s2", "tin", "IND"),
        )
    ]
    keys = ("mineral", "country_name", "value", "material", "country")
    told = columns.table("suppliers", "Suppliers", rows, keys)
    rows = [{"mineral": "Tin", "why": "no code", "material": "tin"}]
    gaps = columns.table("gaps", "Gaps", rows, ("mineral", "why", "material"))
    silent = Chapter("plan", "A plan", ((Sentence("no programme.", emphasis="Not known."),),))
    trade = Chapter("trade", "Trade", (), (), (told,), command="khanij trade IND")
    chapters = (trade, Chapter("gap", "Gaps", (), (), (gaps,)), silent)
    return Dossier("India", "2024", {"Year": "2024"}, (Sentence("A finding."),), chapters, SOURCES)


def pages():
    return {name: data.decode() for name, data in site.files(document(), ("IND",)).items()}


def test_a_page_holds_the_rows_and_sources_of_its_subject_alone():
    made = pages()
    assert {"dossier/minerals/cobalt.html", "dossier/minerals/tin.html", "dossier/countries/CHL.html"} <= set(made)
    assert "dossier/countries/IND.html" not in made  # whom the dossier is about
    cobalt = made["dossier/minerals/cobalt.html"]
    assert "Chile" in cobalt
    assert "Source s1" in cobalt
    assert "Source s2" not in cobalt
    assert "khanij trade IND" not in cobalt


def test_gaps_and_sources_have_their_pages():
    made = pages()
    assert "no code" in made["dossier/gaps.html"]
    assert "no programme." in made["dossier/gaps.html"]
    assert "Suppliers" not in made["dossier/gaps.html"]
    assert all(f"Source {id}" in made["dossier/sources.html"] for id in SOURCES)


def test_every_link_between_pages_leads_to_one():
    made = pages()
    beside = {"dossier.html", "brief.html"}
    for name, html in made.items():
        for address in re.findall(r'<a href="([^"#:]+\.html)"', html):
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / address).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in {*made, *beside}, (name, address)
