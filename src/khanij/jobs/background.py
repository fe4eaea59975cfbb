"""Work done beside: in processes of its own while the caller goes on, with the same results as in this one.

The last digits are the same too where linear algebra runs on one thread, as in the command and in the processes here.
"""

from __future__ import annotations

import concurrent.futures as futures
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from khanij.core.errors import StudyError
from khanij.jobs.workers import pool, stop_at_once

Task = Callable[[], Any]


@contextmanager
def beside(tasks: Mapping[str, Task], workers: int = 0) -> Iterator[Callable[[str], Any]]:
    """Yield a function name -> what its task returned, which waits for it.

    tasks    name -> function without arguments; with workers it and its result can be pickled
    workers  processes, one for each of the first tasks; the others are done in this process when they are asked for
    What a task raises is raised where it is asked for. Raises StudyError where a process died.
    """
    if workers < 1 or not tasks:
        yield lambda name: tasks[name]()
        return
    first = list(tasks)[:workers]
    with pool(len(first), stop_at_once) as submit:
        begun = {name: submit(tasks[name]) for name in first}

        def result(name: str) -> Any:
            if name not in begun:
                return tasks[name]()
            try:
                return begun[name].result()
            except futures.BrokenExecutor:
                hint = "free some memory and run again"
                raise StudyError("a process beside died, perhaps for want of memory", where=name, hint=hint) from None

        yield result
