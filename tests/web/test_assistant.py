"""A scripted assistant answers a set of questions by the tools alone, and every question of the list is a tool."""

import io
import json
import tomllib
from pathlib import Path

import pytest

from khanij.analyses import asked
from khanij.analyses.question import request_of
from khanij.analyses.questions import QUESTIONS
from khanij.jobs.ledger import RunLedger
from khanij.web import mcp
from khanij.web.answers import Answers, Worker

LISTED = tomllib.loads((Path(__file__).parent / "assistant.toml").read_text(encoding="utf-8"))["question"]


@pytest.fixture(scope="module")
def assistant():
    answers = Answers(RunLedger(None))
    worker = Worker(answers)
    worker.start()
    yield mcp.Assistant(answers)
    worker.stop()


def send(assistant, method, **given):
    reply = assistant.answer({"jsonrpc": "2.0", "id": 1, "method": method, "params": given})
    assert reply["jsonrpc"] == "2.0"
    assert reply["id"] == 1
    return reply


def test_the_set_is_of_25_questions_that_use_most_tools():
    assert len(LISTED) == 25
    assert len({one["tool"] for one in LISTED}) >= 18


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one["ask"])
def test_an_assistant_answers(assistant, one):
    result = send(assistant, "tools/call", name=one["tool"], arguments=one["arguments"])["result"]
    assert result["isError"] is one.get("wrong", False)
    told = result["content"][0]["text"] + json.dumps(result["structuredContent"], ensure_ascii=False)
    assert all(word in told for word in one["words"]), told[:2000]
    if one["tool"] == "find" or one.get("wrong"):
        return
    data = result["structuredContent"]
    assert data["tables"]
    assert data["command"].startswith("khanij ")
    for table in data["tables"]:
        assert len(table["rows"]) <= mcp.ROWS
        assert table["truncated"] is (table["total"] > len(table["rows"]))
    assert bool(data["hint"]) is any(table["truncated"] for table in data["tables"])
    if one.get("sources"):
        assert data["sources"] or "sources" in told


def test_every_question_is_a_tool_with_schemas_and_hints(assistant):
    tools = {tool["name"]: tool for tool in send(assistant, "tools/list")["result"]["tools"]}
    assert next(iter(tools)) == "find"
    for question in QUESTIONS:
        if not asked.is_open(request_of(question)):
            assert question.slug not in tools
            continue
        tool = tools[question.slug]
        assert tool["description"].startswith(question.line)
        assert set(asked.open_fields(request_of(question))) <= set(tool["inputSchema"]["properties"])
        assert all(part.get("description") for part in tool["inputSchema"]["properties"].values())
        assert tool["outputSchema"]["type"] == "object"
        assert tool["annotations"]["readOnlyHint"]
        assert tool["annotations"]["idempotentHint"]


def test_every_resource_that_is_listed_can_be_read(assistant):
    listed = send(assistant, "resources/list")["result"]["resources"]
    for one in [*listed, {"uri": "khanij://method/hhi-wgi"}, {"uri": "khanij://source/baci-hs17@202601"}]:
        (content,) = send(assistant, "resources/read", uri=one["uri"])["result"]["contents"]
        assert content["uri"] == one["uri"]
        assert json.loads(content["text"]), one
    assert "no resource" in send(assistant, "resources/read", uri="khanij://list/secrets")["error"]["message"]


def test_a_long_run_comes_back_with_an_id_to_ask_after():
    assistant = mcp.Assistant(Answers(RunLedger(None)), wait=0)
    arguments = {"focus": "IND", "years": 500}
    result = send(assistant, "tools/call", name="risk", arguments=arguments)["result"]
    key = result["structuredContent"]["job"]
    assert result["structuredContent"]["state"] == "waiting"
    again = send(assistant, "tools/call", name="job", arguments={"job": key})["result"]
    assert again["structuredContent"]["job"] == key
    assistant.running[7] = key
    assert assistant.answer({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}) is None
    assert assistant.answers.ledger.get(key).state == "cancelled"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nonsense", -32700),
        ("[]", -32600),
        ('{"jsonrpc": "2.0", "id": 1, "method": "tools/steal"}', -32601),
        ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "steal"}}', -32602),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": 3}', -32602),
    ],
)
def test_what_is_no_message_is_refused(assistant, line, code):
    sink = io.StringIO()
    mcp.serve(assistant, io.StringIO(f"{line}\n"), sink)
    assert json.loads(sink.getvalue())["error"]["code"] == code


def test_a_session_begins_by_agreeing_on_a_version(assistant):
    for wanted, given in (("2025-06-18", "2025-06-18"), ("1999-01-01", mcp.VERSIONS[0])):
        result = send(assistant, "initialize", protocolVersion=wanted)["result"]
        assert result["protocolVersion"] == given
        assert {"tools", "resources"} <= result["capabilities"].keys()
    assert assistant.answer({"jsonrpc": "2.0", "method": "notifications/initialized"}) is None


def test_the_same_tools_answer_over_the_network(client):
    got = client.post("/mcp", json={"jsonrpc": "2.0", "id": 4, "method": "ping"})
    assert got.json() == {"jsonrpc": "2.0", "id": 4, "result": {}}
    assert client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
