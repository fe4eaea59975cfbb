"""No address reaches a file, no other site runs anything, and what is wrong is said in three parts."""

import json
import sys
import threading

import pytest
from fastapi.testclient import TestClient

from khanij.analyses import asked
from khanij.analyses.question import request_of
from khanij.analyses.questions import QUESTIONS
from khanij.core.errors import KhanijError
from khanij.web import app

SECRET = "secret-that-nobody-may-read"
FREE = ("source", "item", "scenario", "product", "route", "partner")  # texts that are looked up in a table
opened = threading.local()


def watch(event, arguments):
    """Note every file of our own name that is opened or looked at."""
    if event in ("open", "os.listdir", "os.scandir") and SECRET in str(arguments[0]) and hasattr(opened, "seen"):
        opened.seen.append(arguments[0])


sys.addaudithook(watch)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.slug)
def test_no_field_names_a_file(question, tmp_path):
    path = tmp_path / f"{SECRET}.yaml"
    path.write_text("- {}", encoding="utf-8")
    opened.seen = []
    kind = request_of(question)
    base = {"focus": "IND", "material": "tin", "method": "import-hhi", "budget": "1 million USD", "event": ""}
    needed = {n: base.get(n, "china-gallium-2023") for n, about in kind.model_fields.items() if about.is_required()}
    for name in kind.model_fields:
        for value in (str(path), [str(path)], f"file://{path}", str(path.with_suffix(""))):
            try:
                asked.read(question, {**needed, name: value})
            except KhanijError:
                continue
            assert name in FREE, name
    seen = opened.seen
    del opened.seen
    assert not seen


def test_a_wrong_question_is_told_in_three_parts(client):
    for path, status in (
        ("/api/v1/chain?material=tin", 422),
        ("/api/v1/chain?material=unobtainium&focus=CHL", 404),
        ("/api/v1/chain?material=tin&focus=CHL&colour=red", 422),
        ("/api/v1/risk?focus=IND&years=900000", 422),
        ("/api/v1/register?_limit=x", 422),
        ("/disruption?focus=IND&ban=CHN:rare-earths", 422),  # the field is ban_a
        ("/country?focus=" + "I" * 5000, 422),
        ("/api/v1/nothing", 404),
        ("/q/chain/nothing.csv?material=tin&focus=CHL", 422),
        ("/q/chain/stages.exe?material=tin&focus=CHL", 422),
        ("/jobs/unknown.json", 404),
    ):
        got = client.get(path)
        assert got.status_code == status, path
        assert got.json()["error"].keys() == {"what", "where", "hint"}
        assert all(got.json()["error"].values()), path
    page = client.get("/q/chain?material=unobtainium&focus=CHL", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "unobtainium" in page.text


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', '{"material": {"a": 1}, "focus": []}', "[" * 5000])
def test_a_body_that_is_none_is_refused(client, body):
    got = client.post("/api/v1/chain", content=body, headers={"content-type": "application/json"})
    assert 400 <= got.status_code < 500


def test_a_body_that_is_too_large_is_refused(client):
    got = client.post("/api/v1/chain", content="x" * (app.LARGEST + 1))
    assert got.status_code == 413


def test_what_people_type_is_never_html(client):
    bad = '"><script>alert(1)</script>'
    for path in ("/search", "/q/chain", "/country"):
        got = client.get(path, params={"q": bad, "material": bad, "focus": bad}, headers={"accept": "text/html"})
        assert "<script>alert" not in got.text
    assert "script-src 'self'" in client.get("/").headers["content-security-policy"]


def test_another_name_of_the_server_and_another_site_are_refused(client):
    assert client.get("/", headers={"host": "rebound.example"}).status_code == 421
    for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.post("/jobs", data={"command": "khanij risk IND"}, headers=headers).status_code == 403


def test_another_address_than_this_machine_needs_a_token():
    made = app.create(hosts=("testserver",), token="open sesame")
    client = TestClient(made)
    assert client.get("/questions").status_code == 401
    assert client.get("/questions", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/questions", headers={"authorization": "Bearer open sesame"}).status_code == 200
    entered = client.get("/?token=open+sesame", follow_redirects=False)
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "open sesame" not in json.dumps([str(v) for v in vars(made.state).values()])
