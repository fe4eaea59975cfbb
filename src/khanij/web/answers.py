"""Answers kept while facts, version and request are the same; long ones are worked on by a process of their own."""

from __future__ import annotations

import datetime
import hashlib
import json
import multiprocessing
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from khanij.analyses import asked, stored
from khanij.analyses.inputs.facts import fingerprint
from khanij.analyses.question import Answer, Job, Request, ask, find
from khanij.core.errors import KhanijError, StudyError
from khanij.core.registry import package_version
from khanij.jobs.ledger import RunEntry, RunLedger
from khanij.jobs.workers import one_thread

HELD = 300  # answers kept in memory
AT_ONCE = 2  # answers that are made in this process at one time
QUEUE = 20  # long runs that may wait


def is_long(request: Request) -> bool:
    """Return whether an answer takes longer than a page should wait."""
    if find(request.question).long or getattr(request, "sensitivity", False):
        return True
    if request.question == "assess" and getattr(request, "draws", 0):
        return True
    scope = request.scope()
    return scope is not None and "all" in scope.foci and len(scope.years) > 3


class Answers:
    """Answers by the hash of what they stand on."""

    def __init__(self, ledger: RunLedger, folder: Path | None = None) -> None:
        """Keep answers in memory and long ones in the ledger; folder  where parts of a long run wait."""
        self.ledger, self.folder = ledger, folder
        self.held: OrderedDict[str, Answer] = OrderedDict()
        self.lock = threading.Lock()
        self.making: dict[str, threading.Lock] = {}
        self.room = threading.BoundedSemaphore(AT_ONCE)
        self.facts = fingerprint()

    def key(self, request: Request) -> str:
        """Return the hash of version, facts, tables and request, and of the day where the request leaves it open."""
        values = request.model_dump(mode="json")
        day = datetime.date.today().isoformat() if "on" in values and values["on"] is None else ""
        text = json.dumps([package_version(), self.facts, request.question, values, day], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def kept(self, request: Request) -> Answer | None:
        """Return an answer that is there already."""
        key = self.key(request)
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
                return self.held[key]
        data = self.ledger.result(key) if is_long(request) else None
        return None if data is None else self._keep(key, stored.unpack(data, request))

    def answer(self, request: Request) -> Answer:
        """Return the answer, made now if it is not there; whoever asks the same meanwhile waits for it.

        Raises KhanijError for what has no answer, StudyError for what takes long and has not been worked on.
        """
        found = self.kept(request)
        if found is not None:
            return found
        if is_long(request):
            raise StudyError(
                "it takes long and has not been worked on", where=request.question, hint="start it as a job"
            )
        key = self.key(request)
        with self.lock:
            mine = self.making.setdefault(key, threading.Lock())
        try:
            with mine:
                found = self.kept(request)
                if found is not None:
                    return found
                with self.room:
                    made = ask(request)
                return self._keep(key, made)
        finally:
            with self.lock:
                self.making.pop(key, None)

    def _keep(self, key: str, answer: Answer) -> Answer:
        """Keep an answer without the Results behind it, which are large."""
        parts = (answer.tables, answer.findings, answer.figures, {}, answer.sources, answer.manifest)
        slim = Answer(answer.request, *parts, answer.words, answer.files)
        with self.lock:
            self.held[key] = slim
            while len(self.held) > HELD:
                self.held.popitem(last=False)
        return slim

    def begin(self, request: Request) -> RunEntry:
        """Return the entry of a long run, which waits for its turn; the same request is the same run.

        Raises StudyError where too many wait already.
        """
        key = self.key(request)
        there = self.ledger.get(key)
        if (there is None or there.state in ("failed", "cancelled")) and self.ledger.waiting() >= QUEUE:
            raise StudyError(f"{QUEUE} runs wait already", where="jobs", hint="ask again when some are done")
        return self.ledger.add(key, request.question, asked.query(request), request.command())


class Worker:
    """Takes one entry of the ledger after the other and has a process of its own work on it, which can be stopped."""

    def __init__(self, answers: Answers, seconds: float = 1_800.0) -> None:
        """Begin; seconds  after which a run is given up."""
        self.answers, self.seconds = answers, seconds
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run, name="khanij-worker", daemon=True)

    def start(self) -> None:
        """Begin to take entries."""
        self.thread.start()

    def stop(self) -> None:
        """Take no more and stop what runs; it waits again when the server is started anew."""
        self.ends.set()
        if self.thread.is_alive():
            self.thread.join(10)

    def _run(self) -> None:
        """Work until the end."""
        while not self.ends.wait(0.2):
            work = self.answers.ledger.take()
            if work is not None:
                self._work(work)
                self.answers.ledger.trim()

    def _work(self, work: RunEntry) -> None:
        """Work on one entry in a new process, and tell the ledger how far it is."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        folder = self.answers.folder
        given = (there, work.question, work.query, None if folder is None else str(folder / work.key))
        process = context.Process(target=_answer, args=given, daemon=False)
        with one_thread():
            process.start()
        there.close()
        try:
            self._listen(work.key, here, process)
        finally:
            if process.is_alive():
                process.terminate()
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join(5)
            here.close()

    def _listen(self, key: str, pipe: Any, process: Any) -> None:
        """Take what a process tells until it is done, is not wanted any more, takes too long, or the server ends."""
        ledger, left = self.answers.ledger, self.seconds
        while left > 0 and not self.ends.is_set():
            entry = ledger.get(key)
            if entry is None or entry.state != "running":
                return
            try:
                if not pipe.poll(0.2):
                    left -= 0.2
                    continue
                kind, what = pipe.recv()
            except (EOFError, OSError):
                ledger.fail(key, f"error: the run ended without a word (exit code {process.exitcode})")
                return
            if kind == "say":
                ledger.tell(key, said=what)
            elif kind == "part":
                ledger.tell(key, part=what)
            elif kind == "done":
                ledger.finish(key, what)
                return
            else:
                ledger.fail(key, what)
                return
        if not self.ends.is_set():
            ledger.fail(key, f"error: not done after {self.seconds:,.0f} seconds\nhint:  ask for fewer years or draws")


def _answer(pipe: Any, question: str, query: str, folder: str | None) -> None:
    """Answer a question in a process of its own and send what comes of it."""
    import signal
    from urllib.parse import parse_qsl

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides what Ctrl-C means
    try:
        request = asked.from_pairs(find(question), parse_qsl(query))
        job = Job(
            say=lambda line: pipe.send(("say", line)),
            progress=lambda now: pipe.send(("part", float(now.part))),
            folder=None if folder is None else Path(folder),
        )
        pipe.send(("done", stored.pack(ask(request, job=job))))
        if folder is not None:
            from khanij.jobs import chunks

            chunks.forget(Path(folder))
    except KhanijError as wrong:
        pipe.send(("failed", "\n".join(wrong.lines())))
    except BrokenPipeError:
        return
    except Exception as broken:
        pipe.send(("failed", f"error: khanij failed, which it should not: {type(broken).__name__}"))
