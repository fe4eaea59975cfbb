# ruff: noqa: E501 - sentences of the page
"""Asks the example of every question in two surroundings and compares the bytes: `make bytes`.

    python tests/tools/same_bytes.py [NAME ...] [--page]

Two processes that differ in hash seed, threads of linear algebra and of tables, workers, locale, zone, folder and length
of the terminal must answer in the same bytes.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
import fuzz

SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {
        "PYTHONHASHSEED": "77",
        "POLARS_MAX_THREADS": "4",
        "OPENBLAS_NUM_THREADS": "4",
        "OMP_NUM_THREADS": "4",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "latin-1",
        "COLUMNS": "40",
    },
)
SLOW = {"brief", "plan", "backtest", "data check"}  # asked in one format
WORKERS = ("1", "2")
FORMATS = ("json",)
SIZES = {"years": 200, "draws": 40, "scenarios": 10}
PLAIN = {"plan": {"deep": False}, "brief": {"plan": False}}  # the whole takes minutes, and asks the same search again


@dataclass
class Found:
    """How many questions were asked, and those whose bytes differ or that were not answered."""

    asked: int = 0
    differ: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


ORDER = ("plan", "brief", "data check")  # asked after all others


def line(question: object) -> list[str]:
    """Return the words that ask the example of a question, at a size that is soon answered."""
    from khanij.analyses.question import request_of

    given = dict(fuzz.examples(question)[0])
    fields = request_of(question).model_fields  # type: ignore[arg-type]
    given |= fuzz.sized(fields, SIZES)
    given |= PLAIN.get(question.name, {})  # type: ignore[attr-defined]
    return shlex.split(request_of(question).of(given).command())[1:]  # type: ignore[arg-type]


def answer(words: list[str], number: int, format: str, folder: Path) -> tuple[int, bytes]:
    """Return the exit code and bytes of one process, those of the files that it wrote among them."""
    here = folder / f"{'long-' * 20 * number}{number}"
    here.mkdir(exist_ok=True)
    fuzz.values.put_files(here) if not (here / "study.yaml").exists() else None
    before = {path for path in here.rglob("*") if path.is_file()}
    command = [sys.executable, "-m", "khanij", *words, "--format", format, "--quiet", "--workers", WORKERS[number]]
    done = subprocess.run(command, env=os.environ | SURROUNDINGS[number], cwd=here, capture_output=True, check=False)
    written = sorted({path for path in here.rglob("*") if path.is_file()} - before)
    parts = [done.stdout, *(part for path in written for part in (path.name.encode(), path.read_bytes()))]
    return done.returncode, b"\n".join(parts)


def run(names: tuple[str, ...] = (), formats: tuple[str, ...] = FORMATS) -> Found:
    """Ask every question, or those that are named."""
    from khanij.analyses.questions import QUESTIONS

    found = Found()
    with tempfile.TemporaryDirectory() as scratch:
        fuzz.values.put_files(Path(scratch))
        for question in sorted(QUESTIONS, key=lambda one: one.name in ORDER):
            if names and question.name not in names:
                continue
            with fuzz.chdir(scratch):
                words = line(question)
            for format in formats if question.name not in SLOW else formats[:1]:
                folder = Path(scratch) / f"{question.name.replace(' ', '-')}-{format}"
                folder.mkdir()
                with ThreadPoolExecutor(2) as both:  # at once, so that each is also disturbed by the other
                    one, other = both.map(lambda number: answer(words, number, format, folder), (0, 1))  # noqa: B023
                found.asked += 1
                if one[0] or other[0] or not one[1]:
                    found.silent += (f"{shlex.join(words)} --format {format}: exit {one[0]}, {other[0]}",)
                elif one[1] != other[1]:
                    at = next((k for k, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), -1)
                    parts = f"{one[1][max(0, at - 60) : at + 60]!r} | {other[1][max(0, at - 60) : at + 60]!r}"
                    found.differ += (f"{shlex.join(words)} --format {format}: at {at}: {parts}",)
                wrong = [*found.differ, *found.silent]
                print(question.name, format, len(wrong), *wrong[-1:], file=sys.stderr, flush=True)
    return found


def main(words: list[str]) -> int:
    """Ask, print what differs, and with --page write it into docs/trust.md."""
    found = run(tuple(word for word in words if not word.startswith("--")))
    from khanij.analyses.questions import QUESTIONS

    lines = [
        f"The examples of {found.asked} of {len(QUESTIONS)} questions asked twice, as JSON: in processes with other "
        "hash seeds, threads of linear algebra (1 and 4) and of tables (1 and 4), workers (1 and 2), locales (UTF-8 and C, "
        f"output in Latin-1), zones, folders and widths of the terminal. {found.asked - len(found.differ) - len(found.silent)} "
        f"pairs are the same bytes, files that are written among them; {len(found.differ)} differ, {len(found.silent)} were "
        "not answered.",
        "",
        "Again by `make bytes` (`python tests/tools/same_bytes.py --page`).",
    ]
    print("\n".join([*lines, *found.differ, *found.silent]))
    if "--page" in words:
        import trust_page

        trust_page.write("bytes", "The same bytes everywhere", lines)
    return 1 if found.differ or found.silent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
