"""Worker processes: clean interpreters on one thread of linear algebra, which end with the process that began them."""

from __future__ import annotations

import concurrent.futures as futures
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

Taken = tuple[tuple[Callable[[Any], None], Any], ...]
_carried: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []


def carry(take: Callable[[], Any], give: Callable[[Any], None]) -> None:
    """Let new processes be given something of this one, unless it is empty.

    take  returns it in this process      give  is called with it in the new one; both are functions of a module
    """
    _carried.append((take, give))


@contextmanager
def pool(count: int, prepare: Callable[..., None], *given: Any) -> Iterator[Callable[..., futures.Future[Any]]]:
    """Yield a function that hands work to `count` new processes, as Executor.submit does.

    prepare  called once in each process with `given`, after it was told how to end
    """
    # "spawn" starts clean interpreters: no copied locks, the same on every system
    context = multiprocessing.get_context("spawn")
    made = futures.ProcessPoolExecutor(count, context, _begin, (_taken(), prepare, given))

    def submit(*work: Any) -> futures.Future[Any]:
        with one_thread(), _uninterrupted():  # processes are started as work comes in
            return made.submit(*work)

    try:
        yield submit
    finally:
        made.shutdown(wait=True, cancel_futures=True)


def _taken() -> Taken:
    """Return what new processes are given, with the functions that give it to them."""
    held = ((give, take()) for take, give in _carried)
    return tuple((give, what) for give, what in held if what)


def _begin(taken: Taken, prepare: Callable[..., None], given: tuple[Any, ...]) -> None:
    """Make a new process a worker: it ends with its parent, however that one ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    for give, what in taken:
        give(what)
    prepare(*given)


def _end_with(parent: Any) -> None:
    """Wait for the end of the parent and end this process at once."""
    parent.join()
    os._exit(1)


def leave_stopping() -> None:
    """Let the parent alone decide what Ctrl-C means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _listen()


def _listen() -> None:
    """Take signals again, which the parent had held back while the interpreter started."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back, also in processes that start meanwhile: one that is only half there would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let processes that start meanwhile do linear algebra on one thread: each has a core to itself."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
