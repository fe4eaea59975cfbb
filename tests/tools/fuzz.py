# ruff: noqa: E501 - sentences of the page
"""Asks generated questions of the command line and of requests, and pulls generated levers: `make fuzz`.

    python tests/tools/fuzz.py [COUNT [SEED]] [--quick] [--page] [--sample FILE]

Everything is made from the list of questions: every field with every value that its kind suggests, every option of the
face, and pairs of them; and each field again as a study or a program gives it, in wrong types. A question is answered
where its numbers are small, else its request and its scope are made. What comes back must be an answer or three lines,
in time; an answer must be JSON without nan, an input that is accepted must be the same question after its own command.
"""

from __future__ import annotations

import csv
import doctest
import io
import json
import os
import pickle
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import values

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60.0  # seconds of the processor for one question
MOST_YEARS, MOST_DRAWS = 200, 200  # of a question that is answered; more is asked, checked and put aside
SLOW = {"brief", "study run", "plan", "data check", "backtest"}  # answered in PART of the cases, HEAVY in HEAVY_PART
PART, HEAVY_PART, QUICK_PART = 0.01, 0.2, 0.3
HEAVY = SLOW | {
    "measures",
    "partner",
    "exposure",
    "profile",
    "scorecard",
    "risk",
    "assess",
    "shock",
    "compare",
    "demand",
}
SAMPLE, SLICES = 200, 6


@dataclass
class Found:
    """What came of the inputs.

    kinds     kind of input -> how many                  answered  questions that were answered
    put_aside accepted, and too large to be answered here refused   in three lines
    wrong     what should not have been                  told      the inputs of it
    accepted  (input, first finding, first rows) of those that were answered, to be read
    """

    kinds: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    put_aside: int = 0
    taken: int = 0
    refused: int = 0
    longest: float = 0.0
    slowest: str = ""
    wrong: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    quick: bool = False

    def miss(self, kind: str, what: str) -> None:
        """Count what should not have been."""
        self.wrong[kind] += 1
        self.told.append(f"{kind}: {what}")

    def took(self, seconds: float, what: str) -> None:
        """Keep the longest."""
        if seconds > self.longest:
            self.longest, self.slowest = seconds, what
        if seconds > LIMIT:
            self.miss("beyond the limit", f"{seconds:.0f} s: {what}")


class TooLong(BaseException):
    """A question that took longer than its limit."""


class PutAside(BaseException):
    """A question that was accepted and is too large to be answered here."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """End what takes longer; without signals it is only measured."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of the processor: a busy machine is no hang
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def examples(question: Any) -> list[dict[str, Any]]:
    """Return the fields that the examples of a request give; files are those that the values name."""
    from khanij.analyses.question import request_of

    kind = request_of(question)
    found = doctest.DocTestParser().get_examples(kind.__doc__ or "")
    with chdir(ROOT):
        made = [eval(one.source.rsplit(".command()", 1)[0], {kind.__name__: kind}).given() for one in found]
    file = "forecasts.csv" if question.name == "forecast score" else "study.yaml"
    return [given | ({"file": file} if "file" in given else {}) for given in made]


def small(question: Any) -> dict[str, Any]:
    """Return sizes of a question that can be answered here."""
    from khanij.analyses.question import request_of

    return sized(request_of(question).model_fields, {"years": 40, "draws": 20, "scenarios": 4, "seconds": 5.0})


def sized(fields: dict[str, Any], sizes: dict[str, float]) -> dict[str, float]:
    """Return the sizes that a request has, none below the least that it takes."""
    least = lambda name: max((getattr(m, "ge", 0) for m in fields[name].metadata), default=0)  # noqa: E731
    return {
        name: max(size, least(name))
        for name, size in sizes.items()
        if name in fields and fields[name].annotation in (int, float)
    }


def line(question: Any, given: dict[str, Any], draw: np.random.Generator) -> list[str]:
    """Return the words of a command that gives these fields, in any order."""
    from khanij.analyses.question import is_repeated, request_of, spelled

    words, tail = question.name.split(), []
    fields = request_of(question).model_fields
    for name, about in fields.items():
        value = given.get(name, given.get(about.alias) if about.alias else None)
        if value is None:
            continue
        how = spelled(name, about)
        if how == "argument":
            words.append(values.text(value))
        elif about.annotation is bool:
            tail.append([how.split("/")[0] if value is True else how.split("/")[-1]])
        else:
            listed = value if is_repeated(about) and isinstance(value, list) else [value]
            tail += [[how.split("/")[0], values.text(one)] for one in listed]
    draw.shuffle(tail)
    return [*words, *(word for part in tail for word in part)]


def command_lines(count: int, draw: np.random.Generator) -> Iterator[tuple[str, list[str]]]:
    """Yield (kind, words): first every field and option with every value, then pairs and threes of them."""
    from khanij.analyses.question import request_of
    from khanij.analyses.questions import QUESTIONS

    singles = []
    for question in QUESTIONS:
        for base in (given | small(question) for given in examples(question)):
            for name, about in request_of(question).model_fields.items():
                singles += [("a field", question, base, {name: v}, []) for v in values.of_field(name, about)]
            singles += [("an option", question, base, {}, words) for words in values.face()]
    order = draw.permutation(len(singles))
    for at in order[: count // 2]:
        kind, question, base, one, words = singles[at]
        yield kind, [*line(question, base | one, draw), *words]
    for _ in range(count - min(count // 2, len(singles))):
        question = QUESTIONS[int(draw.integers(len(QUESTIONS)))]
        base = dict(examples(question)[0]) | small(question)
        fields = request_of(question).model_fields
        names = draw.choice(list(fields), size=min(len(fields), int(draw.choice((2, 2, 3)))), replace=False)
        for name in names:
            pool = values.of_field(name, fields[name], sane=bool(draw.random() < 0.93))
            base[str(name)] = pool[int(draw.integers(len(pool)))]
        options = values.face()
        words = options[int(draw.integers(len(options)))] if draw.random() < 0.15 else []
        yield "pairs and threes", [*line(question, base, draw), *words]


def is_large(request: Any, draw: np.random.Generator, quick: bool) -> bool:
    """Tell whether a question is too large to be answered here; quick = answer those alone that take no second."""
    if quick and (request.question in HEAVY or draw.random() > QUICK_PART):
        return True
    sizes = [getattr(request, name, 0) for name in ("years", "tornado")]
    draws = [getattr(request, name, 0) for name in ("draws", "scenarios")]
    large = any(isinstance(n, int) and n > MOST_YEARS for n in sizes)
    large |= any(isinstance(n, int) and n > MOST_DRAWS for n in draws)
    large |= len(getattr(request, "year", ()) if isinstance(getattr(request, "year", ()), tuple) else ()) > 5
    large |= "all" in getattr(request, "focus", ()) if isinstance(getattr(request, "focus", ""), tuple) else False
    part = PART if request.question in SLOW else HEAVY_PART if request.question in HEAVY else 1.0
    return large or bool(draw.random() > part)


def ask_line(words: list[str], found: Found, draw: np.random.Generator) -> None:
    """Give one line to the command line and look at what comes back."""
    from khanij.cli import app, commands

    asked: list[Any] = []
    real = commands.ask

    def ask(request: Any, **more: Any) -> Any:
        asked.append(request)
        if is_large(request, draw, found.quick):
            request.scope()
            raise PutAside
        return real(request, **more)

    said, out = io.StringIO(), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    shown, code, start = shlex.join(words), -1, time.process_time()
    commands.ask = ask
    try:
        with limited(LIMIT), redirect_stderr(said), redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            code = app.launch([*words])
    except TooLong:
        found.miss("beyond the limit", shown)
    except PutAside:
        found.put_aside += 1
        code = 1
    except BaseException as broken:  # launch tells every other itself
        found.miss("tracebacks", f"{type(broken).__name__} {broken}: {shown}")
    finally:
        commands.ask = real
    found.took(time.process_time() - start, shown)
    out.flush()
    look(words, code, out.buffer.getvalue(), said.getvalue(), found)
    if code in (0, 1) and asked:
        again(asked[-1], found)


def look(words: list[str], code: int, out: bytes, said: str, found: Found) -> None:
    """Judge one reply."""
    shown = shlex.join(words)
    if code == 2:
        found.refused += 1
        told = said.splitlines()[-3:]
        if "khanij failed" in said:
            found.miss("tracebacks", f"{shown} -> {said.strip()}")
        elif (
            len(told) < 3
            or not told[0].startswith("error: ")
            or (told[1] == "where: -" and "-" not in words)
            or told[2] == "hint:  -"
        ):
            found.miss("refused without saying what to do", f"{shown} -> {said.strip()}")
        elif out and b"--help" not in out:
            found.miss("refused after half an answer", shown)
    elif code == 0:
        found.answered += 1
        if not out and not any(word in shown for word in ("--out", "--bundle")):
            found.miss("answered without a word", shown)
        if out.startswith(b"{"):
            held = json.loads(out, parse_constant=lambda name: found.miss("nan in an answer", shown))
            rows = next((t["rows"] for t in held.get("tables", []) if t.get("rows")), [])
            first = " | ".join(map(str, held.get("findings", [])[:1]))
            found.accepted.append((shown, first, json.dumps(rows[:2], ensure_ascii=False)[:400]))
    elif code not in (1, -1):
        found.miss("another exit code", f"{code}: {shown}")


def again(request: Any, found: Found) -> None:
    """Check that a request which was accepted says itself again: its command and its plain values give the same."""
    from khanij.core.errors import KhanijError

    try:
        same = type(request).of(request.given())
        if same != request and request == request:
            found.miss("another question after its own record", request.command())
        request.command()
    except KhanijError as wrong:
        found.miss("its own record is refused", f"{request!r}: {wrong}")


def typed(count: int, draw: np.random.Generator) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield (question, fields): each field with what a study or a program may put there, alone and in pairs."""
    from khanij.analyses.question import request_of
    from khanij.analyses.questions import QUESTIONS

    every = [
        (question, base | {name: value})
        for question in QUESTIONS
        for base in examples(question)[:1]
        for name in request_of(question).model_fields
        for value in values.TYPED
    ]
    for at in draw.permutation(len(every))[:count]:
        yield every[at]
    for _ in range(count - len(every)):
        question, given = every[int(draw.integers(len(every)))]
        fields = list(request_of(question).model_fields)
        name = fields[int(draw.integers(len(fields)))]
        yield question, given | {name: values.TYPED[int(draw.integers(len(values.TYPED)))]}


def ask_typed(question: Any, given: dict[str, Any], found: Found) -> None:
    """Make a request of plain values, and its scope."""
    from khanij.analyses.question import request_of
    from khanij.core.errors import KhanijError

    shown, start = f"{question.name} {given!r}"[:300], time.process_time()
    try:
        with limited(LIMIT):
            made = request_of(question).of(given)
            made.scope()
            found.taken += 1
            again(made, found)
    except KhanijError as refused:
        found.refused += 1
        if any(part in ("where: -", "hint:  -", "error: ") for part in refused.lines()):
            found.miss("refused without saying what to do", f"{shown} -> {refused.lines()}")
    except TooLong:
        found.miss("beyond the limit", shown)
    except Exception as broken:
        found.miss("tracebacks", f"{type(broken).__name__} {str(broken)[:100]}: {shown}")
    found.took(time.process_time() - start, shown)


def run(count: int, seed: int = 0, progress: bool = False, quick: bool = False) -> Found:
    """Ask `count` questions: three in five on the command line, two in five as plain values."""
    found, draw = Found(quick=quick), np.random.default_rng(seed)
    lines = count * 3 // 5
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        values.put_files(Path(scratch))
        for number, (kind, words) in enumerate(command_lines(lines, draw)):
            found.kinds[kind] += 1
            ask_line([*words, "--quiet", *([] if "--format" in words else ["--format", "json"])], found, draw)
            if progress and number % 500 == 0:
                print(number, dict(found.wrong), f"{found.longest:.1f} s", file=sys.stderr, flush=True)
        for question, given in typed(count - lines, draw):
            found.kinds["plain values"] += 1
            ask_typed(question, given, found)
    return found


def told(found: Found, count: int, seed: int) -> list[str]:
    """Return the lines of the page."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in found.kinds.items())
    wrong = found.wrong
    return [
        f"{found.kinds.total():,} inputs made from the list of questions (seeds {seed} to {seed + SLICES - 1}): {kinds}. {found.refused:,} refused in three "
        f"lines, {found.answered:,} answered, {found.put_aside:,} accepted and too large to be answered here (their "
        f"requests and scopes are made), {found.taken:,} plain values accepted: {wrong['tracebacks']} tracebacks, "
        f"{wrong['aborts']} aborts, {wrong['beyond the limit']} beyond {LIMIT:g} s of the processor (the longest {found.longest:.0f} s), "
        f"{wrong['nan in an answer']} answers with nan, {wrong['refused without saying what to do']} refused without "
        f"saying what to do, {sum(wrong.values())} wrong in all.",
    ]


def keep(found: Found, path: Path, seed: int) -> None:
    """Write a sample of what was accepted, to be read."""
    draw = np.random.default_rng(seed)
    chosen = sorted(draw.permutation(len(found.accepted))[:SAMPLE])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("command", "answer", "first_rows"))
        writer.writerows(found.accepted[at] for at in chosen)


def sliced(count: int, seed: int, quick: bool) -> Found:
    """Ask in SLICES processes with seeds of their own; a process that dies is an abort."""
    found = Found(quick=quick)
    with tempfile.TemporaryDirectory() as scratch:
        each = -(-count // SLICES)
        children = []
        for number in range(SLICES):
            into = Path(scratch) / f"{number}.pickle"
            command = [sys.executable, __file__, str(each), str(seed + number), "--into", str(into)]
            children.append((into, subprocess.Popen([*command, *(["--quick"] if quick else [])])))
        for into, child in children:
            if child.wait() or not into.is_file():
                found.miss("aborts", f"slice {into.stem}: exit {child.returncode}")
                continue
            part = pickle.loads(into.read_bytes())
            for name in ("kinds", "wrong", "told", "accepted", "answered", "put_aside", "taken", "refused"):
                setattr(found, name, getattr(found, name) + part[name])
            found.took(part["longest"], part["slowest"])
    return found


def main(words: list[str]) -> int:
    """Ask, print what came of it, and with --page write it into docs/trust.md."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(20_000, 0)[len(numbers) :]][:2]
    quick = "--quick" in words
    if "--into" in words:
        found = run(count, seed, progress=True, quick=quick)
        Path(words[words.index("--into") + 1]).write_bytes(pickle.dumps(vars(found)))
        return 0
    found = sliced(count, seed, quick)
    lines = told(found, count, seed)
    print("\n".join([*lines, f"slowest: {found.slowest}", *found.told[:400]]))
    if "--sample" in words:
        keep(found, Path(words[words.index("--sample") + 1]), seed)
    if "--page" in words:
        import trust_page

        lines[0] += " Of the questions that take seconds requests and scopes alone were made." * found.quick
        how = " --quick" * found.quick
        again_by = f"Again by `make fuzz` (`python tests/tools/fuzz.py {count} {seed}{how} --page`)."
        trust_page.write("fuzz", "Questions", [*lines, "", *values.read_by_hand(), "", again_by])
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
