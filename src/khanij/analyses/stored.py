"""An answer as bytes that outlast the process: plain JSON, of which nothing can be run; equal answers, equal bytes.

What stands behind an answer (its Results) is left out: tables, figures, sentences and files are what faces show.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from khanij.analyses import asked
from khanij.analyses.question import Answer, Request, find, request_of
from khanij.core.number import Link, Mark, Number, Trend
from khanij.core.table import Column, Table
from khanij.present.document import Figure, Sentence

KINDS: dict[str, type] = {kind.__name__: kind for kind in (Number, Trend, Mark, Link, Column, Table, Sentence, Figure)}
TYPE = "@"  # key under which the name of a kind stands


def pack(answer: Answer) -> bytes:
    """Return an answer as compressed JSON."""
    held = {
        "question": answer.request.question,
        "given": answer.request.given(),
        "tables": _plain(answer.tables),
        "findings": _plain(answer.findings),
        "figures": _plain(answer.figures),
        "sources": list(answer.sources),
        "manifest": answer.manifest,
        "words": _plain(answer.words),
        "files": {name: base64.b64encode(data).decode() for name, data in answer.files.items()},
    }
    return zlib.compress(json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(data: bytes, request: Request | None = None) -> Answer:
    """Return the answer of `pack`; request  it is the answer to, read anew if not given."""
    held = json.loads(zlib.decompress(data))
    if request is None:
        request = asked.read(find(held["question"]), held["given"])
    assert isinstance(request, request_of(find(held["question"])))
    return Answer(
        request,
        tuple(map(_whole, held["tables"])),
        tuple(map(_whole, held["findings"])),
        tuple(map(_whole, held["figures"])),
        {},
        tuple(held["sources"]),
        held["manifest"],
        {part: _tuple(_whole(listed)) for part, listed in held["words"].items()},
        {name: base64.b64decode(text) for name, text in held["files"].items()},
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: a kind of ours as a mapping with its name and the fields that tell."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        assert KINDS.get(name) is type(value), f"{name} cannot be stored"
        return {TYPE: name} | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _whole(value: Any) -> Any:
    """Return what `_plain` was given; lists inside a kind of ours were tuples."""
    if isinstance(value, dict) and TYPE in value:
        kind = KINDS[value[TYPE]]
        free = kind is Figure  # a drawing is Plotly's: its lists stay lists
        given = {}
        for key, one in value.items():
            if key != TYPE:
                given[key] = one if free and key == "figure" else _tuple(_whole(one))
        return kind(**given)
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list) else value


def _tuple(value: Any) -> Any:
    """Return lists as tuples, all the way down."""
    return tuple(_tuple(one) for one in value) if isinstance(value, list | tuple) else value
