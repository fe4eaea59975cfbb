"""Finished chunks of a long run on disk, from which it goes on after a stop."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from khanij.core.errors import StudyError
from khanij.jobs import files

MARK = "run.json"
Arrays = dict[str, NDArray[Any]]


class Chunks:
    """The chunks of one run: run.json says of which run they are, NNNNN.npz holds one chunk each."""

    def __init__(self, folder: Path, mark: str, chunks: int) -> None:
        """Open or make the folder; raises StudyError if it belongs to another run or holds something else."""
        self.folder, self.chunks = folder, chunks
        said = {"fingerprint": mark, "chunks": chunks}
        try:
            if not (folder / MARK).is_file():
                self._make(said)
                return
            files.sweep(folder)
            kept = json.loads((folder / MARK).read_text(encoding="utf-8"))
        except OSError as refused:
            raise files.refusal(refused, folder, "--bundle") from None
        except ValueError:
            kept = None
        if kept != said:
            raise StudyError(
                "the folder holds chunks of another run: inputs, seed, years or version differ",
                where=str(folder),
                hint="name another folder, or delete this one",
            )

    def _make(self, said: dict[str, Any]) -> None:
        """Make the folder and its mark."""
        if self.folder.is_dir():
            files.sweep(self.folder)
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise StudyError(
                "the folder holds something else", where=str(self.folder), hint="name an empty or new folder"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self._put(self.folder / MARK, (json.dumps(said, indent=1, sort_keys=True) + "\n").encode())

    def read(self) -> dict[int, Arrays]:
        """Return the chunks that are there; one that cannot be read is made again."""
        found = {}
        for at in range(self.chunks):
            try:
                with np.load(io.BytesIO(self._path(at).read_bytes()), allow_pickle=False) as file:
                    found[at] = {name: file[name] for name in file.files}
            except (OSError, ValueError, EOFError, BadZipFile):
                continue
        return found

    def write(self, at: int, arrays: Arrays) -> None:
        """Write one chunk in one step."""
        with io.BytesIO() as buffer:
            np.savez(buffer, **arrays)
            try:
                self._put(self._path(at), buffer.getvalue())
            except OSError as refused:
                raise files.refusal(refused, self.folder, "--bundle") from None

    def _path(self, at: int) -> Path:
        """Return the file of a chunk."""
        return self.folder / f"{at:05d}.npz"

    def _put(self, path: Path, data: bytes) -> None:
        """Write a file beside its place and move it there, so that nothing half-written is left."""
        beside = files.temporary(self.folder)
        try:
            files.put(beside, data)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def forget(folder: Path | None) -> None:
    """Remove the chunks of a finished run and their folder; whatever else lies there stays, and the folder with it."""
    if folder is None or not (folder / MARK).is_file():
        return
    files.sweep(folder)
    for path in list(folder.iterdir()):
        if path.name == MARK or re.fullmatch(r"\d{5,}\.npz", path.name):
            path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
