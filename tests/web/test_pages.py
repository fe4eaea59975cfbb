"""Every question has a page, an address of the API and a schema; every part of a composed page can be asked."""

import csv
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import pytest

from khanij.analyses import asked, stored
from khanij.analyses.question import find, request_of
from khanij.analyses.questions import QUESTIONS
from khanij.core.table import Column, Table
from khanij.web import twins
from khanij.web.composed import forms, listed, pages, search, sections

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))
from test_questions import variants

HTML = {"accept": "text/html"}
SAMPLE = {
    "focus": "IND",
    "material": "cobalt",
    "partner": "CHL",
    "product": "car",
    "year": "2023",
    "ban_a": "CHN:graphite",
    "outage_b": "CHL:copper",
    "event_a": "",
    "budget": "500",
    "currency": "million USD",
    "since": "2026",
    "to": "2030",
    "draws": "20",
    "years": "500",
    "source": "baci-hs17",
    "quantity": "production",
    "country": "CHL",
    "scenario": "steps",
    "emergency": "standard",
    "loss": "0.5% gdp",
    "days": "60",
    "event": "china-gallium-2023",
}
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.slug)


@each
def test_a_question_has_a_page_with_every_field_that_a_stranger_may_fill(client, question):
    answer = client.get(f"/q/{question.slug}", headers=HTML)
    assert answer.status_code == 200
    assert question.line in answer.text.replace("&#39;", "'")
    kind = request_of(question)
    for name in asked.open_fields(kind) if asked.is_open(kind) else ():
        assert f'name="{name}"' in answer.text, name
    for name in set(kind.model_fields) - set(asked.open_fields(kind)):
        assert f'name="{name}"' not in answer.text, name


@each
def test_a_question_has_an_address_of_the_api_with_its_schema(client, question):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    if not asked.is_open(request_of(question)):
        assert f"/api/v1/{question.slug}" not in paths
        return
    described = paths[f"/api/v1/{question.slug}"]
    names = {parameter["name"] for parameter in described["get"]["parameters"]}
    assert set(asked.open_fields(request_of(question))) <= names
    assert all(parameter["description"] for parameter in described["get"]["parameters"])
    schema = client.get(f"/api/v1/schemas/{question.slug}").json()
    assert schema["properties"].keys() == asked.schema(question)["properties"].keys()
    assert schema["additionalProperties"] is False


@each
def test_a_request_survives_its_address(question):
    if not asked.is_open(request_of(question)):
        return
    for made in variants(question):
        fields = type(made).model_fields
        if any(
            made.given().get(name, 0) > asked.limit(name, fields[name]) for name in asked.LIMITS.keys() & fields.keys()
        ):
            continue
        read = asked.from_pairs(question, asked.to_pairs(made))
        assert read == made, asked.query(made)
        assert asked.from_command(made.command()) == made, made.command()


@pytest.mark.parametrize("page", listed.PAGES, ids=lambda page: page.slug)
def test_every_part_of_a_page_can_be_asked(page):
    told = {entry.name: SAMPLE.get(entry.name, "") for entry in page.entries}
    asked_of = [part for part in page.parts if pages.fields(part, told) is not None]
    assert asked_of
    for part in asked_of:
        made = asked.from_pairs(find(part.question), list(pages.fields(part, told).items()))
        assert made.question == part.question
    for part in page.parts:
        assert set(part.needs) | set(part.without) <= {entry.name for entry in page.entries}
        assert part.given.keys() <= request_of(find(part.question)).model_fields.keys()


@pytest.mark.parametrize("page", listed.PAGES, ids=lambda page: page.slug)
def test_a_page_opens_without_anything_and_offers_what_it_is_asked_with(client, page):
    answer = client.get(f"/{page.slug}", headers=HTML)
    assert answer.status_code == 200
    for entry in page.entries:
        assert f'name="{entry.name}"' in answer.text
        assert not entry.list or forms.names(entry.list)


def test_a_part_that_is_not_there_has_a_place_and_comes_later(client):
    shell = client.get("/mineral?material=tin&focus=CHL", headers=HTML).text
    assert 'data-load="/part/mineral/0?material=tin&amp;focus=CHL"' in shell
    part = client.get("/part/mineral/0?material=tin&focus=CHL", headers=HTML)
    assert part.status_code == 200
    assert "Stage by stage" in part.text
    assert "/q/chain/stages.csv?material=tin&amp;focus=CHL" in part.text
    assert "Stage by stage" in client.get("/mineral?material=tin&focus=CHL", headers=HTML).text


@pytest.mark.parametrize("kind", twins.TYPES)
@pytest.mark.parametrize("path", ["chain", "chain/stages"])
def test_a_table_and_an_answer_have_twins(client, path, kind):
    got = client.get(f"/q/{path}.{kind}?material=tin&focus=CHL")
    assert got.status_code == 200
    assert got.headers["content-type"].partition(";")[0] == twins.TYPES[kind].partition(";")[0]
    if kind == "csv":
        assert [row["stage"] for row in csv.DictReader(io.StringIO(got.text))]
    if kind == "svg":
        assert got.text.startswith("<svg xmlns=")
    if kind == "png":
        assert got.content.startswith(b"\x89PNG")
    if kind == "zip":
        got = client.get("/q/scorecard/targets.zip?focus=IND&part=targets")
        with zipfile.ZipFile(io.BytesIO(got.content)) as held:
            assert {"targets.csv", "columns.json", "README.md"} <= set(held.namelist())
            readme = held.read("README.md").decode()
            assert all(word in readme for word in ("## Sources", "Licence", "## How to cite"))
            assert json.loads(held.read("columns.json"))["tables"][0]["columns"][0]["meaning"]


def test_the_same_answer_comes_from_every_face(client):
    made = asked.named("chain", material="tin", focus="CHL")
    told = client.get("/api/v1/chain?material=tin&focus=CHL").json()
    posted = client.post("/api/v1/chain", json={"material": "tin", "focus": "CHL"}).json()
    site = client.app.state.site
    answer = site.answers.answer(made)
    assert told == posted
    assert told["hash"] == answer.hash
    assert told["command"] == made.command()
    assert [table["key"] for table in told["tables"]] == [table.key for table in answer.tables]


def test_rows_come_in_pages(client):
    whole = client.get("/api/v1/register").json()["tables"][0]
    first = client.get("/api/v1/register?_limit=3").json()["tables"][0]
    second = client.get("/api/v1/register?_limit=3&_offset=3").json()["tables"][0]
    assert first["truncated"]
    assert first["next_offset"] == 3
    assert first["rows"] + second["rows"] == whole["rows"][:6]
    assert first["total"] == whole["total"] == len(whole["rows"])


def test_what_has_not_changed_is_not_sent_again(client):
    first = client.get("/q/chain?material=tin&focus=CHL", headers=HTML)
    again = client.get("/q/chain?material=tin&focus=CHL", headers={**HTML, "if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize(
    ("words", "name", "address"),
    [
        ("cobalt", "Cobalt", "/mineral?material=cobalt"),
        ("Co", "Cobalt", "/mineral?material=cobalt"),
        ("कोबाल्ट", "Cobalt", "/mineral?material=cobalt"),
        ("भारत", "India", "/country?focus=IND"),
        ("Deutschland", "Germany", "/country?focus=DEU"),
        ("zzzz", None, None),
        ("germany", "Germany", "/country?focus=DEU"),
        ("herfindahl", None, "/method?id="),
        ("baci", None, "/data?source="),
        ("passenger car", None, "/product?product=car"),
    ],
)
def test_search_finds_names_and_aliases_in_two_languages(words, name, address):
    found = search.find(words)
    if name is None and address is None:
        assert not found
    elif name is None:
        assert any(one.address.startswith(address) for one in found)
    else:
        assert (found[0].name, found[0].address) == (name, address)


def test_a_command_leads_to_its_page(client):
    got = client.get("/go", params={"command": "khanij chain tin --focus CHL"}, follow_redirects=False)
    assert got.status_code == 303
    assert got.headers["location"] == "/q/chain?material=tin&focus=CHL"


def test_an_answer_survives_being_stored(site):
    for name, values in (("chain", {"material": "tin", "focus": "CHL"}), ("scorecard", {"focus": "IND"})):
        answer = site.answers.answer(asked.named(name, **values))
        again = stored.unpack(stored.pack(answer))
        assert again.tables == answer.tables
        assert again.findings == answer.findings
        assert again.figures == answer.figures
        assert again.hash == answer.hash
        assert stored.pack(again) == stored.pack(answer)


def test_plain_words_in_the_search_box_come_to_a_question(client):
    page = client.get("/search", params={"q": "what if China stops magnets for three months, for India"}, headers=HTML)
    assert "/q/shock?focus=IND&amp;ban=CHN:rare-earths:component@3" in page.text
    assert "Do you ask this?" not in client.get("/search", params={"q": "cobalt"}, headers=HTML).text


def test_digits_are_written_the_indian_way_where_that_is_wished(client):
    path = "/q/trade?focus=IND&partner=RUS&year=2023"
    usual = client.get(path, headers=HTML)
    back = client.get("/digits?how=indian", headers={"referer": f"http://localhost{path}"}, follow_redirects=False)
    assert back.headers["location"] == path
    other = client.get(path, headers=HTML | {"cookie": "digits=indian"})
    client.cookies.clear()
    assert re.search(r"\d,\d\d,\d{3}", other.text)
    assert not re.search(r">\d{1,3},\d\d,\d{3}<", usual.text)
    assert other.headers["etag"] != usual.headers["etag"]
    assert "Cookie" in usual.headers["vary"]
    foreign = client.get("/digits?how=indian", headers={"referer": "http://other/evil"}, follow_redirects=False)
    assert foreign.headers["location"] == "/"
    client.cookies.clear()


def test_of_a_table_that_is_cut_nothing_is_said_that_its_other_rows_contradict():
    columns = [Column(key, key, "text", main=key == "name") for key in ("name", "same", "here", "later")]
    rows = [
        {"name": f"{k}", "same": "a", "here": "x" if k < 60 else "y", "later": "z" if k > 80 else ""} for k in range(90)
    ]
    cut = sections.first(Table.of("t", rows, key="t", columns=tuple(columns)))
    assert len(cut) == sections.ROWS
    assert [(column.key, column.main) for column in cut.columns] == [("name", True), ("same", False), ("here", True)]


def test_what_an_id_names_is_a_link_to_its_page(client):
    html = client.get("/q/methods", headers=HTML).text
    assert '<a href="/method?id=hhi-wgi">hhi-wgi</a>' in html
    html = client.get("/q/chain?material=tin&focus=CHL", headers=HTML).text
    assert '<a href="/mineral?material=tin&amp;focus=CHL">Tin</a>' in html
    assert sections.address("", "country", "CHL") == "/country?focus=CHL"
    assert sections.address("CHL", "country", "Chile") == sections.address("CHL", "country", "CHL") == ""
