"""Bounded samples of the tools that try to break it, and that they see what they look for."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent


def tool(name):
    """Return a tool as a module of its own; its children run its file."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


names = ("bits", "crash", "fuzz", "fuzz_files", "fuzz_levers", "kinds", "planted", "trust_page")
bits, crash, fuzz, fuzz_files, fuzz_levers, kinds, planted, trust_page = map(tool, names)
SECTION = re.compile(r"<!-- begin kinds -->(.*?)<!-- end kinds -->", re.DOTALL)
SLOW = ("made:bomb", "--priors chances.csv --years", "HKG:tin", "--material copper --growth -0.05")  # seconds each


def test_bits_of_every_file_of_the_store_are_noticed():
    found = bits.run(48, seed=7)
    assert (found.bits, found.caught, found.missed) == (48, 48, ())
    assert found.files >= 20


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", crash.WRITERS)
def test_a_writer_that_is_killed_leaves_one_whole_version(name):
    found = crash.strike(name, 2, np.random.default_rng(11))
    assert found.told == []
    assert not found.wrong


def test_the_harness_sees_what_is_half_or_lost(tmp_path):
    for name, (_, put, see) in crash.WRITERS.items():
        if name == "store":  # it needs a process of its own: see test_store
            continue
        folder = tmp_path / name
        folder.mkdir()
        put(folder, 0)
        assert crash.state(see, folder, 0) == (0, ""), name
        assert crash.state(see, folder, 1) == (0, "lost"), name
        path = max((p for p in folder.rglob("*.*") if p.is_file()), key=lambda p: p.stat().st_size)
        path.write_bytes(path.read_bytes()[:-7])
        assert crash.state(see, folder, 0) == (-1, "half-written"), name
        path.unlink()
        assert crash.state(see, folder, 0)[1] in ("lost", "half-written"), name  # a bundle without a table is half one


def test_spoilt_files_are_read_or_refused_in_three_lines():
    found = fuzz_files.run(200, seed=13)
    assert found.told == []
    assert found.read > 20
    assert found.refused > 200


def test_a_section_of_the_page_is_written_and_written_again(tmp_path):
    page = tmp_path / "trust.md"
    trust_page.write("one", "First", ["1 of 1"], page)
    trust_page.write("two", "Second", ["2 of 2"], page)
    trust_page.write("one", "First", ["3 of 3"], page)
    text = page.read_text()
    assert text.count("<!-- begin one -->") == 1
    assert "3 of 3" in text
    assert "2 of 2" in text
    assert "1 of 1" not in text


def test_generated_questions_are_answered_or_refused_in_three_lines():
    found = fuzz.run(300, seed=5, quick=True)
    assert found.told == []
    assert found.refused > 100
    assert found.answered + found.put_aside + found.taken > 10


@pytest.mark.skipif(os.name != "posix", reason="a pipe of POSIX")
def test_known_kinds_are_refused_or_answered_as_the_page_says():
    page = SECTION.search((HERE.parents[1] / "docs" / "trust.md").read_text(encoding="utf-8"))[1]
    listed = kinds.kinds()
    assert [one.kind for one in listed if f"| {one.kind} | `{one.shown}` |" not in page] == []
    assert page.count("\n| ") - page.count("\n| kind |") == len(listed)
    slow = lambda one: any(word in f"{one.input} {one.files}" for word in SLOW)  # noqa: E731
    chosen = [one for one in listed if not one.shell and not slow(one)]
    assert len(chosen) > 90
    assert len({one.right.partition(" ")[0] for one in chosen}) == 2
    lines, wrong = kinds.rows(chosen)
    assert wrong == []
    assert [line for line in lines if line.startswith("| ") and "refused: " in line and line not in page] == []


def test_a_kind_that_is_accepted_is_seen():
    good = next(one for one in kinds.kinds() if one.kind == "kilograms in a column unit")
    for right in ("answers 1500 t", "refused 1.5 t"):
        assert kinds.rows([replace(good, right=right)])[1]
    assert kinds.rows([good])[1] == []


def test_generated_levers_act_or_are_refused():
    found = fuzz_levers.run(400, seed=6, real=False)
    assert found.told == []
    assert min(found.acted, found.nothing, found.refused) > 20


@pytest.mark.skipif(not planted.RAW.is_dir(), reason="the publishers' files are not in the package")
def test_errors_planted_in_publishers_files_are_caught():
    found = planted.run(12, seed=3, only=("world-mining-data", "worldbank-gdp", "owid-capacity"))
    assert found.planted.total() == 12
    assert found.caught >= 11, found.told
