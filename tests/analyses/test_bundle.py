"""A bundle is replaced whole, and only where everything in the folder is its own."""

from __future__ import annotations

import json
import os

import pytest

from khanij.analyses import bundle
from khanij.core.errors import StudyError
from khanij.core.table import Table

ONE, TWO = (Table.by_column("losses", {"material": ["cobalt"], "year": [year]}) for year in (2023, 2024))


def write(folder, table=ONE):
    return bundle.write(folder, {}, {"losses": table}, {"question": "risk", "focus": "CHL"})


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_bundle_lists_what_it_holds_and_is_replaced(tmp_path):
    first = held(write(tmp_path / "b"))
    listed = json.loads(first[bundle.LIST])["files"]
    assert {*listed, bundle.LIST} == {*first} == {
        "losses.parquet", "tables.json", "trace.json", "study.yaml", "manifest.lock", bundle.LIST
    }  # fmt: skip
    assert held(write(tmp_path / "b")) == first
    assert held(write(tmp_path / "b", TWO)) != first
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    (tmp_path / "empty").mkdir()
    assert held(write(tmp_path / "empty")) == first


@pytest.mark.parametrize("more", ["letter.docx", "tables/own.csv", ".hidden"])
def test_a_folder_with_a_user_s_documents_is_refused_and_left_alone(tmp_path, more):
    write(tmp_path / "b")
    (tmp_path / "b" / more).parent.mkdir(exist_ok=True)
    (tmp_path / "b" / more).write_text("mine")
    before = sorted(path.as_posix() for path in tmp_path.rglob("*"))
    with pytest.raises(StudyError, match="something else"):
        write(tmp_path / "b", TWO)
    assert sorted(path.as_posix() for path in tmp_path.rglob("*")) == before
    assert (tmp_path / "b" / more).read_text() == "mine"


def test_a_lone_trace_makes_no_bundle(tmp_path):
    (tmp_path / "trace.json").write_text("{}")
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(StudyError, match="something else"):
        write(tmp_path)
    assert (tmp_path / "thesis.docx").exists()


def test_a_bundle_that_was_changed_by_hand_is_not_lost(tmp_path):
    write(tmp_path / "b")
    (tmp_path / "b" / "study.yaml").write_text("focus: IND\n")
    with pytest.raises(StudyError, match=r"changed by hand: study\.yaml"):
        write(tmp_path / "b", TWO)
    assert (tmp_path / "b" / "study.yaml").read_text() == "focus: IND\n"


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "b").write_text("mine")
    with pytest.raises(StudyError, match="in the way"):
        write(tmp_path / "b")
    with pytest.raises(StudyError, match="in the way"):
        write(tmp_path / "b" / "c")


def test_a_full_disk_leaves_the_old_bundle(tmp_path, monkeypatch):
    before = held(write(tmp_path / "b"))

    def full(handle):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudyError, match="no space"):
        write(tmp_path / "b", TWO)
    assert held(tmp_path / "b") == before
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
