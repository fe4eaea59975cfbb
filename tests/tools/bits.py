"""Flips bits of the store one by one and asks a question each time: `make bits`.

    python tests/tools/bits.py [COUNT [SEED]] [--page]

Every flipped bit must be refused in three lines; a question that is answered from a spoilt store is a failure.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ASK = ["trade", "IND", "--hs", "270900", "--year", "2023", "--format", "csv"]


@dataclass
class Found:
    """How many bits were flipped, in how many files, and what came of it."""

    bits: int = 0
    files: int = 0
    caught: int = 0
    missed: tuple[str, ...] = ()


def ask() -> tuple[int, str]:
    """Ask one question of the store in use; return its exit code and what it said on standard error."""
    from khanij.cli.app import launch

    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        code = launch(list(ASK))
    return code, said.getvalue()


def flip(store: Path, count: int, seed: int = 0) -> Found:
    """Flip `count` bits of a store, one at a time, spread over its files; each is turned back."""
    draw = np.random.default_rng(seed)
    paths = sorted(store.iterdir())
    found = Found(files=len(paths))
    code, said = ask()
    assert code == 0, said
    for number in range(count):
        path = paths[number % len(paths)]
        whole = path.read_bytes()
        bit = int(draw.integers(len(whole) * 8))
        spoilt = bytearray(whole)
        spoilt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoilt)
        code, said = ask()
        found.bits += 1
        if code == 2 and len(said.splitlines()) == 3 and said.startswith("error: "):
            found.caught += 1
        else:
            found.missed += (f"bit {bit} of {path.name}: exit {code}",)
        path.write_bytes(whole)
    code, said = ask()
    assert code == 0, said
    return found


def run(count: int, seed: int = 0) -> Found:
    """Flip bits of a copy of the store."""
    from khanij.data.facts import manifest

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store"
        shutil.copytree(manifest.folder(), copy, ignore=shutil.ignore_patterns(".*"))
        before = os.environ.get("KHANIJ_STORE")
        os.environ["KHANIJ_STORE"] = str(copy)
        try:
            return flip(copy, count, seed)
        finally:
            del os.environ["KHANIJ_STORE"]
            if before is not None:
                os.environ["KHANIJ_STORE"] = before


def main(words: list[str]) -> int:
    """Flip bits, print what came of it, and with --page write it into docs/trust.md."""
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(340, 0)[len(numbers) :]][:2]
    found = run(count, seed)
    lines = [
        f"{found.bits} bits flipped one by one in the {found.files} files of the store (seed {seed}), a question asked "
        f"each time: {found.caught} refused in three lines, {len(found.missed)} answered or worse.",
        "",
        f"Again by `make bits` (`python tests/tools/bits.py {count} {seed} --page`).",
    ]
    print("\n".join([*lines, *found.missed]))
    if "--page" in words:
        import trust_page

        trust_page.write("bits", "A spoilt store", lines)
    return 1 if found.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
