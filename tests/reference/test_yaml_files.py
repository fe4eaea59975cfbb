"""YAML of people: read strictly, every fault with its line, nothing grows out of measure."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import StudyError
from khanij.reference import yaml_files
from khanij.reference.chronicle import events


def refused(text: str) -> str:
    with pytest.raises(StudyError) as found:
        yaml_files.read(text, "study.yaml")
    assert all(len(line) > len("hint:  -") for line in found.value.lines())
    return " ".join(found.value.lines())


def test_plain_values() -> None:
    text = "a: 1\nb: [x, 2.5, '010', no]\nc:\n  d: 2024-02-29\n  e: 1e3\n"
    found = yaml_files.read(text, "study.yaml")
    assert found["b"] == ["x", 2.5, "010", False]
    assert found["c"]["d"].isoformat() == "2024-02-29"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("focus: IND\nyear: 2024\nfocus: CHN\n", "'focus' stands twice, first in line 1 where: study.yaml, line 3"),
        ("plan:\n  budget: 1 USD\n  budget: 2 USD\n", "line 3"),
        ("- {a: 1, a: 2}\n", "stands twice"),
        ("a: 2023-02-30\n", "line 1"),
        ("a: " + "9" * 5000 + "\n", "line 1"),
        ("a: 1_000\n", "no plain number"),
        ("a: 010\n", "no plain number"),
        ("a: 1:30\n", "no plain number"),
        ("a: 0x1F\n", "no plain number"),
        ("a: &x [1]\nb: *x\n", "an alias"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "an alias"),
        ("a:\n  <<: {b: 1}\n", "no plain text"),
        ("? [a, b]\n: 1\n", "no plain text"),
        ("a: [1\n", "line 2"),
        ("a: 'x\n", "no YAML"),
        ("a: b: c\n", "line 1"),
        ("a: !!python/object/apply:os.system [ls]\n", "no YAML"),
        ("[" * 60 + "]" * 60, "more than 50 levels"),
        ("\x00", "no YAML"),
        ("a: 1\n---\nb: 2\n", "no YAML"),
    ],
)
def test_what_is_refused_and_where(text, says) -> None:
    assert says in refused(text)


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 200_000,
        "{a: " * 100_000,
        "- " * 200_000,
        "\n".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9 if n else 1}]" for n in range(30)),
    ],
)
def test_bombs_are_refused_at_once(bomb) -> None:
    start = time.process_time()
    refused(bomb)
    assert time.process_time() - start < 5


def test_what_is_no_file(tmp_path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(StudyError, match="cannot read"):
            yaml_files.load(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(StudyError, match="no plain file"):
            yaml_files.load(tmp_path / "pipe")
    (tmp_path / "latin.yaml").write_bytes("a: Côte".encode("latin-1"))
    with pytest.raises(StudyError, match="UTF-8"):
        yaml_files.load(tmp_path / "latin.yaml")
    (tmp_path / "mark.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert yaml_files.load(tmp_path / "mark.yaml") == {"a": 1}


def test_an_event_of_a_person_is_read_by_the_same_reader(tmp_path) -> None:
    path = tmp_path / "event.yaml"
    path.write_text("id: x\nid: y\n")
    with pytest.raises(StudyError, match="'id' stands twice"):
        events.read(path)


@given(st.text(max_size=80))
def test_any_text_is_a_value_or_an_error_of_ours(text) -> None:
    try:
        yaml_files.read(text, "x.yaml")
    except StudyError as found:
        assert len(found.lines()) == 3  # noqa: PT017
