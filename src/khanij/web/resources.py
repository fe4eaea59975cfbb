"""Code lists, methods and sources that an assistant may read."""

from __future__ import annotations

import inspect
import json
from typing import Any

from khanij.analyses import runner
from khanij.analyses.profile.readings import citations
from khanij.analyses.questions import QUESTIONS
from khanij.core.errors import CoverageError
from khanij.reference import columns
from khanij.web.composed import forms

SCHEME = "khanij://"
LISTS = ("countries", "minerals", "products", "methods", "sources", "events", "quantities", "scenarios")


def listed() -> list[dict[str, Any]]:
    """Return every resource that has no place for an id."""
    made = [_described(f"list/{name}", f"List of {name}", f"ids and names of {name}") for name in LISTS]
    made.append(_described("columns", "Columns", "what every column of every table means"))
    made.append(_described("questions", "Questions", "what can be asked"))
    return made


def templates() -> list[dict[str, Any]]:
    """Return the resources with a place for an id."""
    method = {"uriTemplate": f"{SCHEME}method/{{id}}", "name": "method", "mimeType": "application/json"}
    source = {"uriTemplate": f"{SCHEME}source/{{id}}", "name": "source", "mimeType": "application/json"}
    return [
        method | {"description": "what a method computes, from what, after whom"},
        source | {"description": "how a source is cited, its licence and page"},
    ]


def _described(path: str, title: str, text: str) -> dict[str, Any]:
    """Return the entry of a resource."""
    return {
        "uri": SCHEME + path,
        "name": path.rpartition("/")[2],
        "title": title,
        "description": text,
        "mimeType": "application/json",
    }


def read(uri: str) -> dict[str, Any]:
    """Return a resource; raises CoverageError for an unknown one."""
    data = _read(uri.removeprefix(SCHEME))
    if data is None:
        known = ", ".join(one["uri"] for one in listed())
        raise CoverageError(f"no resource {uri[:80]!r}", where="uri", hint=known)
    return {"uri": uri, "mimeType": "application/json", "text": json.dumps(data, ensure_ascii=False)}


def _read(path: str) -> Any:
    """Return what a resource holds, None for an unknown one."""
    kind, _, id = path.partition("/")
    if kind == "list" and id in LISTS:
        return [{"id": value, "name": name} for value, name in forms.names(id)]
    if kind == "method" and id in runner.methods():
        method = runner.find(id)
        text = inspect.getdoc(method.function)
        return {"id": id, "kind": method.kind, "needs": method.needs, "text": text, "reference": method.reference}
    if kind == "source" and (held := citations((id,)).get(id)):
        return {"id": id, "citation": held.citation, "licence": held.licence, "page": held.landing, "note": held.note}
    if path == "columns":
        held_columns = columns.columns().values()
        return [
            {"key": c.key, "name": c.name, "kind": c.kind, "unit": c.unit, "meaning": c.meaning} for c in held_columns
        ]
    return [{"name": q.name, "tool": q.slug, "line": q.line} for q in QUESTIONS] if path == "questions" else None
