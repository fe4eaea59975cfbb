"""The one writer: whole or not at all, never over what is not ours, nothing of a dead run left."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from khanij.core.errors import StudyError
from khanij.jobs import files

posix = pytest.mark.skipif(os.name != "posix", reason="names and signals of POSIX")
CSV, OTHER = b"material,year\ncobalt,2023\n", b"material,year\nnickel,2024\n"


def dead() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_written_again(tmp_path):
    files.write(tmp_path / "a.csv", CSV)
    (tmp_path / "a.csv").chmod(0o640)
    files.write(tmp_path / "a.csv", OTHER)
    assert (tmp_path / "a.csv").read_bytes() == OTHER
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize(
    "theirs",
    [
        b"Dear minister,\nwe need cobalt.\n",
        b"name,address\nA,B\n",
        b"PK\x03\x04 some document",
        b"%PDF-1.7\x00",
        b"PAR1 of somebody PAR1",
        b'{"my": "notes"}',
        b"# Notes\n\n---\n\nmine\n",
    ],
)
def test_what_khanij_did_not_write_is_not_replaced(tmp_path, theirs):
    path = tmp_path / "thesis"
    path.write_bytes(theirs)
    with pytest.raises(StudyError, match="did not write"):
        files.write(path, CSV)
    assert path.read_bytes() == theirs
    assert names(tmp_path) == ["thesis"]


def test_our_own_kinds_are_replaced(tmp_path):
    from khanij.core.table import Table
    from khanij.data.lookup import catalogue
    from khanij.present import table as drawing
    from khanij.present import workbook

    one, two = (Table.by_column("a table", {"material": ["cobalt"], "year": [year]}) for year in (2023, 2024))
    for draw in (catalogue.parquet, lambda t: drawing.json(t).encode(), lambda t: workbook.write([t])):
        path = tmp_path / "out"
        files.write(path, draw(one))
        files.write(path, draw(two))
        assert path.read_bytes() == draw(two)
        path.unlink()
    files.write(path, drawing.terminal(one).encode())
    files.write(path, drawing.terminal(two).encode())
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "mine.xlsx") as book:
        book.add_worksheet().write(0, 0, "purchases")
    with pytest.raises(StudyError, match="did not write"):
        files.write(tmp_path / "mine.xlsx", workbook.write([one]))


def test_places_that_cannot_be_written_get_three_lines(tmp_path):
    (tmp_path / "folder").mkdir()
    for place, says in (
        (tmp_path / "folder", "is a folder"),
        (tmp_path / "none" / "a.csv", "no folder"),
        (tmp_path / ("x" * 300), "too long"),
    ):
        for act in (lambda p: files.write(p, CSV), files.check):
            if says == "too long" and act is files.check:
                continue
            with pytest.raises(StudyError, match=says) as refused:
                act(place)
            assert all(len(line) > len("hint:  -") for line in refused.value.lines())
    assert names(tmp_path) == ["folder"]


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission(tmp_path):
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.csv").chmod(0o400)
    with pytest.raises(StudyError, match="read-only"):
        files.write(tmp_path / "a.csv", OTHER)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StudyError, match="permission"):
            files.write(tmp_path / "b.csv", OTHER)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, code):
    files.write(tmp_path / "a.csv", CSV)

    def full(handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StudyError, match="cannot write") as refused:
        files.write(tmp_path / "a.csv", OTHER)
    assert len(refused.value.lines()) == 3
    assert (tmp_path / "a.csv").read_bytes() == CSV
    assert names(tmp_path) == ["a.csv"]


@posix
def test_links_are_followed_and_devices_written_through(tmp_path):
    (tmp_path / "real.csv").write_bytes(CSV)
    (tmp_path / "link.csv").symlink_to("real.csv")
    files.write(tmp_path / "link.csv", OTHER)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == OTHER
    files.write(Path(os.devnull), CSV)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    if sys.platform == "linux":
        with pytest.raises(StudyError, match="no space"):
            files.write(Path("/dev/full"), CSV)


@posix
def test_a_pipe_is_written_through_and_one_without_a_reader_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StudyError, match="nobody reads"):
        files.write(pipe, CSV)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write(pipe, CSV)
    assert os.read(reader, 1000) == CSV
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_several_files_go_in_together_or_not_at_all(tmp_path):
    (tmp_path / "mine.txt").write_text("dear")
    files.write_into(tmp_path, {"01.csv": CSV, "more/02.csv": CSV})
    (tmp_path / "more" / "02.csv").write_bytes(b"my own\n")
    with pytest.raises(StudyError, match="did not write"):
        files.write_into(tmp_path, {"01.csv": OTHER, "more/02.csv": OTHER})
    assert (tmp_path / "01.csv").read_bytes() == CSV
    assert names(tmp_path) == ["01.csv", "mine.txt", "more"]
    for outside in ("../a.csv", "/a.csv", "more/../../a.csv"):
        with pytest.raises(StudyError, match="outside"):
            files.write_into(tmp_path, {outside: CSV})


@posix
def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_stay(tmp_path):
    gone = tmp_path / f"{files.PREFIX}{files._machine()}-{dead()}-0"
    tree = tmp_path / f"{files.PREFIX}{files._machine()}-{dead()}-1"
    mine = files.temporary(tmp_path)
    elsewhere = tmp_path / f"{files.PREFIX}ffffffff-1-0"
    tree.mkdir()
    (tree / "half").write_bytes(b"h")
    for path in (gone, mine, elsewhere, tmp_path / ".khanij-notes"):
        path.write_bytes(b"half")
    files.write(tmp_path / "a.csv", CSV)
    assert names(tmp_path) == sorted([".khanij-notes", mine.name, elsewhere.name, "a.csv"])


def bundle(folder: Path, text: bytes) -> Path:
    path = files.temporary(folder)
    path.mkdir()
    files.put(path / "table", text)
    return path


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_is_replaced_in_one_step(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(files, "_exchanged", lambda one, other: False)
    place = tmp_path / "b"
    files.swap(bundle(tmp_path, b"one"), place)
    files.swap(bundle(tmp_path, b"two"), place)
    assert (place / "table").read_bytes() == b"two"
    assert names(tmp_path) == ["b"]
    (tmp_path / "empty").mkdir()
    files.swap(bundle(tmp_path, b"one"), tmp_path / "empty")
    assert names(tmp_path / "empty") == ["table"]


def test_a_run_that_dies_between_two_renames_is_mended(tmp_path):
    aside = tmp_path / f"{files.PREFIX}{files._machine()}-{dead()}-0-for-b"
    aside.mkdir()
    (aside / "table").write_bytes(b"old")
    files.sweep(tmp_path)
    assert (tmp_path / "b" / "table").read_bytes() == b"old"
    assert names(tmp_path) == ["b"]


def test_an_interrupt_between_two_renames_puts_the_old_folder_back(tmp_path, monkeypatch):
    files.swap(bundle(tmp_path, b"one"), tmp_path / "b")
    monkeypatch.setattr(files, "_exchanged", lambda one, other: False)
    rename, calls = os.rename, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(files.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.swap(bundle(tmp_path, b"two"), tmp_path / "b")
    assert (tmp_path / "b" / "table").read_bytes() == b"one"


HOLD = """
import sys, time
from pathlib import Path
from khanij.jobs import files
with files.lock(Path(sys.argv[1]), "data build"):
    print("held", flush=True)
    time.sleep(60)
"""


@posix
def test_one_writer_at_a_time_and_the_lock_of_a_killed_one_is_taken_over(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StudyError, match=f"process {holder.pid} on .*data build"), files.lock(tmp_path, "me too"):
            pass
        holder.kill()
    assert (tmp_path / files.LOCK).exists()  # left by the dead
    with files.lock(tmp_path, "me"):
        assert f"process {os.getpid()}" in (tmp_path / files.LOCK).read_text()
    assert not (tmp_path / files.LOCK).exists()
