"""One way to run many chunks of work: in this process, on all cores, or on a cluster, with the same bytes from each.

Chunks are cut by the caller, never by the number of workers; results come back in the order of the chunks. Numbers are
the same wherever linear algebra runs on one thread (as in the workers here, and in the command) of one sort of machine.
"""

from __future__ import annotations

import concurrent.futures as futures
import hashlib
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from khanij.core.errors import StudyError
from khanij.core.registry import package_version
from khanij.jobs.chunks import Arrays, Chunks
from khanij.jobs.workers import leave_stopping, pool

KINDS = ("serial", "processes", "dask")
MOST = 1024  # workers: more is a slip of the hand on any machine of today
Task = Callable[[Any], Arrays]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: chunks done and in all, part of the work done, seconds so far and left (None = not known)."""

    done: int
    chunks: int
    part: float
    seconds: float
    left: float | None


def run(
    task: Task,
    chunks: Sequence[Any],
    *,
    workers: int = 1,
    executor: Any = None,
    folder: Path | None = None,
    mark: str = "",
    weights: Sequence[float] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> list[Arrays]:
    """Return task(chunk) -> named arrays of every chunk, in their order.

    task      function that can be pickled        chunks  what it is called with, one by one
    workers   number of processes, from 1
    executor  "serial", "processes" or "dask" (a cluster on this machine); a dask Client, cluster or address of a
              scheduler; an executor of concurrent.futures; None = serial for one worker, else processes
    folder    where each finished chunk is kept; a run that was stopped goes on from there, byte for byte
    mark      fingerprint of all that the results depend on; a folder of another mark is refused
    weights   work of each chunk, for the time left; None = alike      progress  called after each chunk
    Stopped by KeyboardInterrupt, it lets the chunks under way end, keeps them in the folder, and raises it again.
    Raises StudyError for an unknown executor, workers < 1, or a folder of another run.
    """
    check(workers, executor)
    kept = Chunks(folder, mark, len(chunks)) if folder is not None else None
    found: dict[int, Arrays] = kept.read() if kept is not None else {}
    ahead = [at for at in range(len(chunks)) if at not in found]
    clock = _Clock(weights or [1.0] * len(chunks), set(found), progress)
    clock.tell()

    def finish(at: int, arrays: Arrays) -> None:
        found[at] = arrays
        if kept is not None:
            kept.write(at, arrays)
        clock.tick(at)

    if ahead:
        with _pool(executor, workers, task) as submit:
            _drive(submit, chunks, ahead, finish)
    return [found[at] for at in range(len(chunks))]


def check(workers: int, executor: Any) -> None:
    """Raise StudyError for a number of workers or an executor that cannot be, before anything is worked out."""
    if not 1 <= workers <= MOST:
        raise StudyError(f"{workers} workers", where="--workers", hint=f"a whole number from 1 to {MOST}")
    if isinstance(executor, str) and executor not in KINDS and "://" not in executor:
        names = f"{', '.join(KINDS)}, or the address of a dask scheduler"
        raise StudyError(f"no executor {executor!r}", where="--executor", hint=f"one of {names}")


def _drive(submit: Callable[[Any], Any], chunks: Sequence[Any], ahead: list[int], finish: Callable[..., None]) -> None:
    """Run the chunks that are left; on KeyboardInterrupt keep what is under way."""
    waiting: dict[Any, int] = {}
    try:
        for at in ahead:
            handle = submit(chunks[at])
            if isinstance(handle, dict):  # done in this process
                finish(at, handle)
            else:
                waiting[handle] = at
        for handle in _completed(waiting):
            finish(waiting[handle], handle.result())
            del waiting[handle]
    except KeyboardInterrupt:
        for handle, arrays in _rescued(list(waiting)):
            finish(waiting[handle], arrays)
        raise
    except futures.BrokenExecutor:
        raise StudyError(
            "a worker process died, perhaps for want of memory", where="--workers", hint="fewer workers; run again"
        ) from None


def _rescued(handles: list[Any]) -> Iterator[tuple[Any, Arrays]]:
    """Call off what has not begun, wait for the rest where it is near, and yield what came of it."""
    if handles and not isinstance(handles[0], futures.Future):  # a cluster: take what is there, it may be far away
        ended = [handle for handle in handles if handle.status == "finished"]
        for handle in handles:
            if handle not in ended:
                handle.cancel()
        yield from ((handle, handle.result()) for handle in ended)
        return
    begun = [handle for handle in handles if not handle.cancel()]
    for handle in begun:
        if handle.exception() is None:
            yield handle, handle.result()


def _completed(waiting: Mapping[Any, int]) -> Iterator[Any]:
    """Yield futures as they end."""
    handles = list(waiting)
    if not handles or isinstance(handles[0], futures.Future):
        return iter(futures.as_completed(handles))
    from dask.distributed import as_completed

    return iter(as_completed(handles))


@contextmanager
def _pool(executor: Any, workers: int, task: Task) -> Iterator[Callable[[Any], Any]]:
    """Yield a function chunk -> its arrays (serial) or a future."""
    kind = ("serial" if workers == 1 else "processes") if executor is None else executor
    if kind == "serial":
        yield task
    elif kind == "processes":
        with pool(workers, _prepare, pickle.dumps(task)) as submit:
            yield partial(submit, _call)
    elif isinstance(kind, futures.Executor):
        yield partial(kind.submit, task)
    else:
        with _client(kind, workers) as client:
            remote = client.scatter(task, broadcast=True, hash=False)
            yield lambda chunk: client.submit(_apply, remote, chunk, pure=False)


@contextmanager
def _client(kind: Any, workers: int) -> Iterator[Any]:
    """Yield a dask client: the caller's, one to his cluster or address, or one to a cluster made here."""
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise StudyError("dask is not installed", where="--executor", hint="pip install 'khanij[dask]'") from None
    if isinstance(kind, Client):
        yield kind
        return
    made, scratch = None, None
    if kind == "dask":  # on this machine alone: no dashboard for others to look at, no folder left behind
        scratch = tempfile.TemporaryDirectory(prefix="khanij-dask-", ignore_cleanup_errors=True)
        made = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=scratch.name,
        )
    elif not (hasattr(kind, "scheduler_address") or (isinstance(kind, str) and "://" in kind)):
        names = f"{', '.join(KINDS)}, or the address of a dask scheduler"
        raise StudyError(f"no executor {kind!r}", where="--executor", hint=f"one of {names}")
    try:
        with Client(made or kind) as client:
            yield client
    finally:
        if made is not None and scratch is not None:
            made.close()
            scratch.cleanup()


_task: list[Task] = []  # of a worker process


def _prepare(task: bytes) -> None:
    """Keep the task in a new worker process, which leaves stopping to its parent."""
    leave_stopping()
    _task[:] = [pickle.loads(task)]


def _call(chunk: Any) -> Arrays:
    """Run the worker's task on a chunk."""
    return _task[0](chunk)


def _apply(task: Task, chunk: Any) -> Arrays:
    """Run a task on a chunk."""
    return task(chunk)


class _Clock:
    """Tells how far a run is and, from the pace of this session, how long the rest takes."""

    def __init__(self, weights: Sequence[float], done: set[int], tell: Callable[[Progress], None] | None) -> None:
        """Start now, with what an earlier session has done."""
        self.weights, self.done, self.hear = list(weights), done.copy(), tell
        self.start, self.before = time.monotonic(), sum(self.weights[at] for at in done)

    def tick(self, at: int) -> None:
        """Count a chunk as done."""
        self.done.add(at)
        self.tell()

    def tell(self) -> None:
        """Call back."""
        if self.hear is None:
            return
        whole, ready = sum(self.weights), sum(self.weights[at] for at in self.done)
        seconds, fresh = time.monotonic() - self.start, ready - self.before
        left = (whole - ready) / fresh * seconds if fresh > 0 else (0.0 if ready >= whole else None)
        part = ready / whole if whole > 0 else 1.0
        self.hear(Progress(len(self.done), len(self.weights), part, seconds, left))


def fingerprint(*parts: Any) -> str:
    """Return a hash of the package's version and of values, the same in every process and on every machine.

    parts  text, numbers, None, arrays, sequences, mappings, dataclasses, functions of a module, and objects that carry
           their own hash as `fingerprint` or `manifest`
    Raises StudyError for anything else.
    """
    digest = hashlib.sha256()
    _feed(digest.update, (package_version(), parts))
    return digest.hexdigest()


def _feed(eat: Callable[[bytes], None], value: Any) -> None:
    """Feed one value to a hash."""
    own = next((found for name in ("fingerprint", "manifest") if (found := _text(value, name))), "")
    if own:
        _tag(eat, "own", own)
    elif value is None or isinstance(value, bool | int | float | str | bytes | Path):
        _tag(eat, type(value).__name__, repr(str(value) if isinstance(value, Path) else value))
    elif isinstance(value, np.ndarray | np.generic):
        array = np.ascontiguousarray(value)
        if array.dtype.hasobject:
            raise StudyError("an array of objects has no fingerprint", where="fingerprint", hint="plain numbers")
        _tag(eat, "array", f"{array.dtype.str}{array.shape}")
        eat(array.tobytes())
    elif isinstance(value, partial):
        _feed(eat, ("partial", value.func, value.args, value.keywords))
    elif is_dataclass(value) and not isinstance(value, type):
        _tag(eat, "dataclass", f"{type(value).__module__}.{type(value).__qualname__}")
        _feed(eat, {field.name: getattr(value, field.name) for field in fields(value) if field.compare})
    elif isinstance(value, Mapping):
        _tag(eat, "mapping", str(len(value)))
        for key in sorted(value, key=repr):
            _feed(eat, key)
            _feed(eat, value[key])
    elif isinstance(value, set | frozenset):
        _feed(eat, ("set", sorted(value, key=repr)))
    elif isinstance(value, Sequence):
        _tag(eat, "sequence", str(len(value)))
        for each in value:
            _feed(eat, each)
    elif callable(value) and "<" not in getattr(value, "__qualname__", "<"):
        _tag(eat, "function", f"{value.__module__}.{value.__qualname__}")
    else:
        raise StudyError(
            f"{type(value).__name__} has no fingerprint", where="fingerprint", hint="give it one as an attribute"
        )


def _text(value: Any, name: str) -> str:
    """Return an attribute that is text, "" where there is none."""
    found = getattr(value, name, "")
    return found if isinstance(found, str) else ""


def _tag(eat: Callable[[bytes], None], kind: str, text: str) -> None:
    """Feed a text with its kind and length, so that neighbours cannot run together."""
    data = text.encode()
    eat(f"{kind}:{len(data)}:".encode() + data)
