"""Compare today's answers with the frozen ones: `python tests/golden/answers/compare.py [--only WORD] [--fast]`.

Numbers must not move while the house is rebuilt. Answers were frozen before the first move (--freeze, which asks the
`old` argv of commands.toml; the others ask `new`). A number that has no match is listed with its row, and fails unless
differences.toml names it with a reason. A renamed heading, another order of rows, merged tables are no difference.

    --only WORD     commands whose id has this word; may be repeated      --fast       those of every test run
    --tolerance X   relative difference that is none, 0 = to the last digit; else 1e-9, and on another kind of processor
                    than the frozen one what commands.toml says
    --words         also tell what labels and sentences lost                --slowly     a line a command, with its time
    --freeze        write the answers of the package on the path as the frozen ones
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[3] / "src"))  # where no package is on the path

import answers
import matching


def main(arguments: list[str]) -> int:
    """Ask, compare and tell; return 1 if a number moved without a reason."""
    asked = _read(arguments)
    every = answers.commands()
    chosen = [
        one
        for one in every
        if (not asked.only or any(word in one.id for word in asked.only)) and (one.fast or not asked.fast)
    ]
    if not chosen:
        print("no command of that name", file=sys.stderr)
        return 2
    if asked.freeze:
        return _freeze(chosen)
    frozen = answers.load()
    known = tomllib.loads((answers.HERE / "differences.toml").read_text(encoding="utf-8")).get("difference", [])
    found: list[matching.Difference] = []
    notes: list[str] = []
    spent = 0.0
    for command in chosen:
        if command.id not in frozen:
            print(f"{command.id}: was never frozen")
            return 2
        here = frozen[command.id].processor == answers.processor()
        tolerance = asked.tolerance if asked.tolerance is not None else answers.TOLERANCE if here else command.elsewhere
        if tolerance == math.inf:
            print(f"{command.id}: not compared on another kind of processor")
            continue
        answer, seconds = answers.timed(command)
        spent += seconds
        differences, words = matching.compare(command.id, frozen[command.id].answer, answer, tolerance)
        found += differences
        notes += words
        if asked.slowly:
            print(f"{seconds:6.1f} s  {len(differences):3d} differences  {command.id}", flush=True)
    left = [one.id for one in every if one not in chosen]  # a reason may be needed by one of these
    rest, wrong = matching.excuse(found, known, lambda pattern: not any(fnmatchcase(one, pattern) for one in left))
    for one in rest:
        size = "" if one.size == float("inf") else f", at most {one.size:.2g}"
        print(f"{one.command} | {one.what}: {one.kind}{size}")
        print("".join(f"    {line}\n" for line in one.lines), end="")
    for line in wrong:
        print(f"differences.toml: {line}")
    for line in notes if asked.words else ():
        print(f"words: {line}")
    print(
        f"{len(chosen)} commands, {len(rest)} differences without a reason, {len(found) - len(rest)} with one, "
        f"{len(notes)} notes on words, {spent:.0f} s of processor time"
    )
    return int(bool(rest or wrong))


def _read(arguments: list[str]) -> argparse.Namespace:
    """Return what is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", action="append", default=[], metavar="WORD")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--tolerance", type=float, metavar="X")
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--slowly", action="store_true", help="a line a command, with its time")
    parser.add_argument("--freeze", action="store_true")
    return parser.parse_args(arguments)


def _freeze(chosen: list[answers.Command]) -> int:
    """Write the answers of the package on the path."""
    given, seconds = {}, {}
    for command in chosen:
        given[command.id], seconds[command.id] = answers.timed(command, old=True)
        refused = f"  refused: {given[command.id].refusal}" if given[command.id].code else ""
        print(f"{seconds[command.id]:6.1f} s  {command.id}{refused}", flush=True)
    answers.save(given, seconds)
    print(f"{len(given)} answers of {answers.commit() or 'no commit'} in {answers.FROZEN.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
