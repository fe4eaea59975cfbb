"""Every question is asked in every face: a command, a page, an endpoint, a tool and a page of documentation."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from khanij.analyses.asked import is_open
from khanij.analyses.question import request_of
from khanij.analyses.questions import QUESTIONS, Question
from khanij.cli import app as commands
from khanij.web import app, mcp

ROOT = Path(__file__).resolve().parents[2]
LOCAL = {"study run", "forecast score"}  # they read a file of the machine, which no face that others reach may


@pytest.fixture(scope="module")
def faces():
    """Return face -> what tells whether a question is there, from each face's own list."""
    made = app.create()
    made.state.site.worker.start = lambda: None
    spec = importlib.util.spec_from_file_location("khanij_docs_build", ROOT / "docs" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    with TestClient(made, base_url="http://localhost") as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
        tools = {tool["name"] for tool in mcp.tools()}
        documented = build.pages()["Questions"]
        yield {
            "command": lambda q: commands.launch([*q.name.split(), "--help"]) == 0,
            "page": lambda q: client.get(f"/q/{q.slug}").status_code == 200,
            "endpoint": lambda q: {"get", "post"} <= set(paths.get(f"/api/v1/{q.slug}", {})),
            "tool": lambda q: q.slug in tools,
            "documentation": lambda q: q.line in documented.get(f"questions/{q.slug}.md", ""),
        }


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_a_question_has_every_face(question: Question, faces, capsys):
    open_to_others = is_open(request_of(question))
    assert open_to_others or question.name in LOCAL
    wanted = faces if open_to_others else ("command", "page", "documentation")
    assert [face for face in wanted if not faces[face](question)] == []


def test_a_question_of_nobody_has_no_face(faces, capsys):
    """The contract can fail: what is in no face's list is found in none."""
    unknown = replace(QUESTIONS[0], name="no such question", line="It is not asked.")
    assert [face for face in faces if faces[face](unknown)] == []
