"""Kills writers at random moments and looks at what they leave: `make crash`.

    python tests/tools/crash.py [KILLS [SEED]] [--page]

A writer writes version after version of the same thing into a folder until it is killed. Then there must be one whole
version, the last that was in place or the one that came; the next writer must find no lock and leave no scrap.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

LONGEST = 0.25  # seconds that a writer may work before it is killed
SIGNALS = ("SIGKILL", "SIGKILL", "SIGTERM", "SIGINT")


# The writers: each puts version n into a folder, whole


def content(number: int, name: str = "", size: int = 40_000) -> bytes:
    """Return rows of text whose first line is always the same and whose last tells the hash of all before."""
    body = b"part,version\n" + b"".join(b"%s,%d\n" % (name.encode(), number) for _ in range(size))
    return body + b"hash," + hashlib.sha256(body).hexdigest().encode() + b"\n"


def version(data: bytes) -> int:
    """Return which version some content is; raises ValueError where it is not whole."""
    body, _, digest = data.rpartition(b"hash,")
    if hashlib.sha256(body).hexdigest().encode() + b"\n" != digest:
        raise ValueError("half-written")
    return int(body.rstrip().rpartition(b",")[2])


def put_file(folder: Path, number: int) -> None:
    """Write one file over an older one."""
    from khanij.jobs import files

    files.write(folder / "table.csv", content(number))


def put_tables(folder: Path, number: int) -> None:
    """Write the tables of an answer into a folder of the user's."""
    from khanij.jobs import files

    files.write_into(folder, {f"{part:02d}-part.csv": content(number, str(part), 9_000) for part in range(5)})


def put_bundle(folder: Path, number: int) -> None:
    """Write a bundle over an older one."""
    from khanij.analyses import bundle
    from khanij.core.table import Table

    tables = {f"t{k}": Table.by_column("t", {"version": [number] * 3_000}) for k in range(6)}
    bundle.write(folder / "bundle", {}, tables, {"version": number})


def put_chunks(folder: Path, number: int) -> None:
    """Keep one more chunk of a long run."""
    from khanij.jobs.chunks import Chunks

    Chunks(folder / "run", "mark", 1_000_000).write(number, {"n": np.full(60_000, float(number))})


def put_store(folder: Path, number: int) -> None:
    """Build a store again, from a publisher's file that has another figure each time."""
    from khanij.data.facts import record, store

    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    text = "".join(f"CHL,{year},{number}\n" for year in range(1990, 2020) for _ in range(200))
    (raw / "toy.csv").write_text(text)
    file = record.RawFile(path="toy.csv", sha256=hashlib.sha256(text.encode()).hexdigest(), bytes=len(text))
    edition = record.Edition(source="toy", id="1", citation="", files=(file,))
    fixed = {"producer": "nobody", "title": "a toy", "licence": "CC0-1.0", "redistribute": True}
    fixed |= {"provides": ("production",), "editions": (edition,), "folder": folder}
    toys = {id: _toy()(id=id, **fixed) for id in ("toy", "other")}
    record.sources = lambda: toys  # type: ignore[assignment]  # as if its folder lay in the package
    os.environ["KHANIJ_STORE"] = str(folder / "store")
    store.rebuild(raw, accept=True)  # figures of another order each time


def _toy() -> type:
    """Return a kind of source that reads the toy's file."""
    import polars as pl

    from khanij.data.facts import record

    class Toy(record.SourceRecord):
        """A source of one CSV file."""

        def parse(self, edition: record.Edition, raw: Path) -> pl.DataFrame:
            """Return its facts."""
            rows = [line.split(",") for line in edition.files[0].locate(raw, edition.key).read_text().splitlines()]
            frame = {"country": [r[0] for r in rows], "year": [int(r[1]) for r in rows]}
            frame |= {"value": [float(r[2]) for r in rows], "item": [str(k) for k in range(len(rows))]}
            same = {"quantity": "production", "material": "copper", "stage": "mined", "unit": "t", "basis": "Cu"}
            same |= {"status": "reported", "confidence": "high"}
            return pl.DataFrame(frame).with_columns(**{name: pl.lit(text) for name, text in same.items()})

    return Toy


# What must be there after a kill: the version, or ValueError (half), FileNotFoundError (lost)


def see_file(folder: Path) -> int:
    """Return the version of the file."""
    return version((folder / "table.csv").read_bytes())


def see_tables(folder: Path) -> int:
    """Return the least version of the tables; each of them must be whole."""
    return min(version((folder / f"{part:02d}-part.csv").read_bytes()) for part in range(5))


def see_bundle(folder: Path) -> int:
    """Return the version of the bundle, all of whose files must be of it."""
    from khanij.analyses import bundle
    from khanij.core.errors import StudyError

    place = folder / "bundle"
    listed = json.loads((place / bundle.LIST).read_text())["files"]
    there = {path.name for path in place.iterdir()}
    try:
        bundle.check(place)
    except StudyError as wrong:
        raise ValueError(wrong.what) from None
    if there != {*listed, bundle.LIST}:
        raise ValueError("parts of a bundle")
    return int((place / "study.yaml").read_text().partition(":")[2])


def see_chunks(folder: Path) -> int:
    """Return the last chunk that was kept; every chunk up to it must be whole."""
    kept = sorted((folder / "run").glob("[0-9]*.npz"))
    json.loads((folder / "run" / "run.json").read_text())
    for number, path in enumerate(kept):
        with np.load(io.BytesIO(path.read_bytes())) as file:
            if int(path.stem) != number or not (file["n"] == number).all():
                raise ValueError(path.name)
    return len(kept) - 1


def see_store(folder: Path) -> int:
    """Return the version of the store, of which every source must be."""
    import polars as pl

    from khanij.core.errors import SourceError
    from khanij.data.facts import manifest

    try:
        entries = manifest.read(folder / "store")
    except SourceError as wrong:
        raise (FileNotFoundError if "empty" in wrong.what else ValueError)(wrong.what) from None
    frame = pl.concat([pl.read_parquet(folder / "store" / entry["file"]) for entry in entries.values()])
    if frame.height != 12_000 or frame["value"].n_unique() != 1:
        raise ValueError("parts of a store")
    return int(frame["value"][0])


Put, See = Callable[[Path, int], None], Callable[[Path], int]
WRITERS: dict[str, tuple[str, Put, See]] = {
    "file": ("a table over an older one", put_file, see_file),
    "tables": ("several tables into a folder", put_tables, see_tables),
    "bundle": ("a bundle over an older one", put_bundle, see_bundle),
    "chunks": ("chunks of a long run", put_chunks, see_chunks),
    "store": ("the store, built again", put_store, see_store),
}


@dataclass
class Found:
    """Of one writer: kills, how many struck while it wrote, and what was wrong afterwards."""

    kills: int = 0
    amid: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)


def write_on(name: str, folder: Path, first: int) -> None:
    """Write version after version until somebody ends it."""
    put = WRITERS[name][1]
    put(folder, first)
    print("ready", flush=True)
    for number in range(first + 1, first + 1_000_000):
        put(folder, number)


def kill_one(name: str, folder: Path, wait: float, how: str, first: int) -> bool:
    """Let a writer work for a while and end it; return whether it left a scrap, that is, was in the midst of it."""
    command = [sys.executable, __file__, "--write", name, str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", f"{name} did not begin"
        time.sleep(wait)
        child.send_signal(getattr(signal, how))
    return bool(scraps(folder))


def scraps(folder: Path) -> list[str]:
    """Return the temporary names, and locks, below a folder."""
    return sorted(path.name for path in folder.rglob(".khanij*"))


def state(see: See, folder: Path, least: int) -> tuple[int, str]:
    """Return which version is there and what is wrong with it: "lost", "half-written" or "".

    least  the version that was in place when the writer was killed
    """
    try:
        there = see(folder)
    except FileNotFoundError:
        return -1, "lost"
    except Exception:  # whatever a reader says of a thing that is cut
        return -1, "half-written"
    return there, "lost" if there < least else ""


def strike(name: str, kills: int, draw: np.random.Generator) -> Found:
    """Kill one writer again and again in one folder, and look each time."""
    see = WRITERS[name][2]
    found = Found()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        next_ = 0
        for _ in range(kills):
            amid = kill_one(name, folder, float(draw.uniform(0, LONGEST)), str(draw.choice(SIGNALS)), next_)
            found.kills += 1
            found.amid += amid
            there, wrong = state(see, folder, next_)
            if wrong:
                found.wrong[wrong] += 1
                found.told.append(f"{name}: {wrong}, version {there} after {next_}")
            next_ = max(there, next_) + 1
        subprocess.run([sys.executable, __file__, "--once", name, str(folder), str(next_)], check=True)
        if left := scraps(folder):
            found.wrong["scraps after the next run"] += len(left)
            found.told.append(f"{name}: {left[:3]}")
    return found


def run(kills: int, seed: int = 0) -> dict[str, Found]:
    """Kill every writer in turn, `kills` times in all."""
    draw = np.random.default_rng(seed)
    share = -(-kills // len(WRITERS))
    return {name: strike(name, share, draw) for name in WRITERS}


def main(words: list[str]) -> int:
    """Kill writers, print what they left, and with --page write it into docs/trust.md."""
    if words[:1] == ["--write"]:
        write_on(words[1], Path(words[2]), int(words[3]))
        return 0
    if words[:1] == ["--once"]:
        WRITERS[words[1]][1](Path(words[2]), int(words[3]))
        return 0
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(200, 0)[len(numbers) :]][:2]
    found = run(count, seed)
    kills, amid = sum(f.kills for f in found.values()), sum(f.amid for f in found.values())
    whole = sum((f.wrong for f in found.values()), Counter[str]())
    lines = [
        f"{kills} writers killed at random moments (seed {seed}; SIGKILL, SIGTERM, SIGINT), {amid} of them in the "
        f"midst of writing: {whole['lost']} losses, {whole['half-written']} half-written files, "
        f"{whole['scraps after the next run']} scraps after the next run.",
        "",
        "| writer | kills | in the midst | lost | half-written | scraps |",
        "|---|---|---|---|---|---|",
        *(
            f"| {WRITERS[name][0]} | {f.kills} | {f.amid} | {f.wrong['lost']} | {f.wrong['half-written']} | "
            f"{f.wrong['scraps after the next run']} |"
            for name, f in found.items()
        ),
        "",
        f"Again by `make crash` (`python tests/tools/crash.py {count} {seed} --page`).",
    ]
    print("\n".join([*lines, *(line for f in found.values() for line in f.told)]))
    if "--page" in words:
        import trust_page

        trust_page.write("crash", "Writers that are killed", lines)
    return 1 if whole else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
