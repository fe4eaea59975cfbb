"""The one writer: a file or folder is written whole or not at all, and never over what is not ours.

Everything is written beside its place under a temporary name, brought to the disk, and put there in one rename. A run
that is killed leaves temporary names only, which the next writer in the folder removes.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import platform
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from khanij.core.errors import KhanijError, StudyError

PREFIX = ".khanij-"
LOCK = ".khanij.lock"
LOOKED = 65_536  # bytes at either end of a file by which it is told
_number = itertools.count()


def write(path: Path, data: bytes, where: str = "--out") -> None:
    """Write one file: the old one or the new one is there at any moment.

    path  a link is followed, a device or pipe is written through      where  what the three lines name
    Raises StudyError where the folder is absent, the place is a folder or holds something of another kind, or the
    system refuses (no permission, no space, too long a name).
    """
    try:
        if is_special(path):
            _through(path, data)
            return
        with Staged(_real(path).parent, where) as staged:
            staged.add(_real(path).name, data)
            staged.publish()
    except BrokenPipeError:
        raise  # who reads the pipe has what he wanted
    except OSError as refused:
        raise refusal(refused, path, where) from None


def write_into(folder: Path, files: Mapping[str, bytes], where: str = "--out") -> None:
    """Write several files of ours into a folder that may hold others; none is put in place before all are written.

    files  name, below the folder ("tables/a.csv") -> bytes
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Staged(_real(folder), where) as staged:
            for name, data in files.items():
                staged.add(name, data)
            staged.publish()
    except OSError as refused:
        raise refusal(refused, folder, where) from None


def check(path: Path, where: str = "--out") -> None:
    """Raise StudyError where a file could not be written in the end, before any work is done for it."""
    try:
        if not is_special(path):
            _refuse_place(_real(path), where)
            _try(_real(path).parent)
    except OSError as refused:
        raise refusal(refused, path, where) from None


def check_folder(folder: Path, where: str = "--out") -> None:
    """Raise StudyError where a folder could not be made or filled in the end, before any work is done for it."""
    place = _real(folder)
    try:
        while not place.is_dir():
            if place.exists():
                raise StudyError(f"a file stands in the way: {place}", where=where, hint="name another folder")
            place = place.parent
        _try(place)
    except OSError as refused:
        raise refusal(refused, folder, where) from None


def _try(folder: Path) -> None:
    """Make a folder within a folder and take it away: no right that is asked for tells as surely."""
    trial = temporary(folder)
    trial.mkdir()
    trial.rmdir()


class Staged:
    """Files on their way into one folder: added under temporary names, then published in the order of their adding.

    ours  the folder is all ours: what stands there under one of the names may be replaced, whatever it is
    """

    def __init__(self, folder: Path, where: str, ours: bool = False) -> None:
        """Name the folder that they go to; raises StudyError if there is none."""
        if not folder.is_dir():
            what = "a file stands in the way of the folder" if folder.exists() else "no folder"
            raise StudyError(f"{what} {folder}", where=where, hint="make it first, or name another place")
        self.folder, self.where, self.ours = folder, where, ours
        self.ready: dict[Path, Path] = {}
        self.folders: set[Path] = set()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def add(self, name: str, data: bytes) -> None:
        """Write one file under a temporary name, its bytes on the disk; refuses to replace what is not ours."""
        place = self.folder / name
        if not place.is_relative_to(self.folder) or ".." in Path(name).parts:
            raise StudyError(f"{name} lies outside the folder", where=self.where, hint="a name below it")
        if place.parent not in self.folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            sweep(place.parent)
            self.folders.add(place.parent)
        _refuse_place(place, self.where)
        if place.exists() and not self.ours and not is_alike(place, data):
            what, hint = "holds something that khanij did not write", "name another place, or move that file away first"
            raise StudyError(f"{name} {what}", where=f"{self.where} {place}", hint=hint)
        beside = temporary(place.parent)
        self.ready[beside] = place
        put(beside, data)
        if place.exists():
            shutil.copymode(place, beside)

    def publish(self) -> None:
        """Put every file in its place, each in one step."""
        for beside, place in list(self.ready.items()):
            os.replace(beside, place)
            del self.ready[beside]
        for folder in self.folders:
            _settle(folder)

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """Remove what was not published."""
        for beside in self.ready:
            beside.unlink(missing_ok=True)


def put(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it; a file of that name is an error."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _real(path: Path) -> Path:
    """Return where a path leads, links followed."""
    return Path(os.path.realpath(path))


def _refuse_place(place: Path, where: str) -> None:
    """Raise StudyError where no file can be put."""
    if not place.parent.is_dir():
        raise StudyError(f"no folder {place.parent}", where=where, hint="make it first, or name another file")
    if place.is_dir():
        raise StudyError(f"{place} is a folder", where=where, hint="name a file in it")
    if place.exists() and not os.access(place, os.W_OK):
        raise StudyError(f"{place} is read-only", where=where, hint="name another file")


def is_special(path: Path) -> bool:
    """Return whether a path is a device, pipe or socket: such a thing is written through and never replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _through(path: Path, data: bytes) -> None:
    """Write to a device or pipe; a pipe that nobody reads is an error instead of a wait without end."""
    waitless = getattr(os, "O_NONBLOCK", 0) if stat.S_ISFIFO(path.stat().st_mode) else 0
    handle = os.open(path, os.O_WRONLY | waitless)
    if waitless:
        os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def is_alike(path: Path, data: bytes) -> bool:
    """Return whether a file may be replaced by these bytes: it is empty, or an earlier output of the same kind."""
    size = path.stat().st_size
    if not size:
        return True
    with path.open("rb") as file:
        head = file.read(LOOKED)
        file.seek(max(0, size - LOOKED))
        return _kind(head, file.read(), path) == _kind(data[:LOOKED], data[-LOOKED:], io.BytesIO(data))


def _kind(head: bytes, tail: bytes, whole: Path | io.BytesIO) -> tuple[str, bytes | bool]:
    """Return what a file is told by: its format, and our name in it; of rows of text the heading."""
    if head[:4] == b"PAR1":
        return "parquet", b"khanij" in tail
    if head[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(whole) as parts:
                return "workbook", b">khanij<" in parts.read("docProps/core.xml")
        except (zipfile.BadZipFile, KeyError, OSError, ValueError):
            return "archive", False
    if head.lstrip()[:9].lower() == b"<!doctype":
        return "page", b'content="khanij' in head
    if b"\0" in head:
        return "binary", head[:16]
    if re.match(rb"\s*[\[{]", head):
        return "json", re.sub(rb"\s", b"", head.partition(b":")[0])
    lines = head.splitlines()
    if any(re.fullmatch(rb"-+(  -+)+", line) for line in lines):
        return "terminal", True
    return "rows", lines[0] if lines else b""


def refusal(refused: OSError, path: Path, where: str, error: type[KhanijError] = StudyError) -> KhanijError:
    """Return what the system refused, in three lines."""
    told = {
        errno.ENOSPC: ("no space is left", "free some space, or name a place on another disk"),
        errno.EDQUOT: ("the quota of disk space is used up", "free some space, or name another place"),
        errno.ENXIO: ("nobody reads the pipe", "start its reader first"),
        errno.ENAMETOOLONG: ("the name is too long", "name another file"),
        errno.EROFS: ("the disk is read-only", "name another place"),
    }
    usual = ((refused.strerror or str(refused)).lower(), "name another place, or mend the permission")
    what, hint = told.get(refused.errno or 0, usual)
    return error(f"cannot write {str(path)[:200]}: {what}", where=where, hint=hint)


# Folders of ours, replaced whole


def swap(new: Path, old: Path) -> None:
    """Put a finished folder in the place of an older one, in one step where the system can, and remove that one."""
    if not old.exists():
        os.rename(new, old)
    elif not any(old.iterdir()) and os.name == "posix":
        os.rename(new, old)  # over an empty folder in one step
    else:
        aside = new
        if not _exchanged(new, old):
            aside = old.parent / f"{temporary(old.parent).name}-for-{old.name}"
            os.rename(old, aside)  # a run that dies between the two is mended by `sweep`
            try:
                os.rename(new, old)
            except BaseException:
                os.rename(aside, old)
                raise
        _settle(old.parent)
        shutil.rmtree(aside)
    _settle(old.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step (Linux); return whether that could be done."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0


def _settle(folder: Path) -> None:
    """Bring the names of a folder to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# Temporary names, and those of dead runs


@cache
def _machine() -> str:
    """Return what tells this machine, and this room of process numbers on it, from others."""
    room = 0
    with suppress(OSError):
        room = os.stat("/proc/self/ns/pid").st_ino
    return sha256(f"{platform.node()} {room}".encode()).hexdigest()[:8]


def temporary(folder: Path) -> Path:
    """Return a new name in a folder that tells who made it; it does not depend on the name that the file will have."""
    while (path := folder / f"{PREFIX}{_machine()}-{os.getpid()}-{next(_number)}").exists():
        pass
    return path


def sweep(folder: Path) -> None:
    """Remove what dead runs left in a folder; a folder that one of them had moved aside goes back to its place."""
    pattern = re.compile(rf"{re.escape(PREFIX)}{_machine()}-(\d+)-\d+(?:-for-(.+))?")
    for path in list(folder.iterdir()):
        found = pattern.fullmatch(path.name)
        if found is None or is_alive(int(found[1])):
            continue
        with suppress(OSError):
            if found[2] and not (folder / found[2]).exists():
                os.rename(path, folder / found[2])
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def is_alive(process: int) -> bool:
    """Return whether a process of this machine runs; elsewhere than on POSIX a signal of number 0 is no question."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


# One writer at a time


@contextmanager
def lock(folder: Path, what: str, error: type[KhanijError] = StudyError) -> Iterator[None]:
    """Hold a folder for one writer; the system gives up the lock of a process that dies, however it dies.

    what  what is done, for the one who is turned away
    Raises `error` that names the holder where another process holds it.
    """
    path = folder / LOCK
    try:
        handle = _claimed(path)
    except OSError as refused:
        raise refusal(refused, path, what, error) from None
    if handle is None:
        holder = ""
        with suppress(OSError):
            holder = path.read_text(encoding="utf-8", errors="replace").strip()
        raise error(
            f"another process is at work here: {holder or 'its name is not known'}",
            where=str(folder),
            hint="wait until it is done, or stop it",
        )
    try:
        os.truncate(path, 0)
        os.write(handle, f"process {os.getpid()} on {platform.node()}, {what}\n".encode())
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _claimed(path: Path) -> int | None:
    """Return the open lock file once it is held, None if another holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _held(handle):
            os.close(handle)
            return None
        with suppress(OSError):
            if os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
        os.close(handle)  # its last holder has removed the name meanwhile


def _held(handle: int) -> bool:
    """Lock an open file without waiting; return whether that could be done."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # Windows
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
