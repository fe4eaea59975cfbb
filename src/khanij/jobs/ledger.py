"""What was asked to be worked on, how far it is and what came of it: in SQLite or PostgreSQL, outliving the process.

A key is a hash of what is asked: the same request twice is one entry and one result.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from khanij.jobs.postgres import PostgresConnection, is_address

STATES = ("waiting", "running", "done", "failed", "cancelled")
TABLE = """CREATE TABLE IF NOT EXISTS work (
  key TEXT PRIMARY KEY, question TEXT NOT NULL, query TEXT NOT NULL, command TEXT NOT NULL, state TEXT NOT NULL,
  part DOUBLE PRECISION, said TEXT NOT NULL DEFAULT '', made DOUBLE PRECISION NOT NULL, ended DOUBLE PRECISION,
  result {bytes})"""
COLUMNS = "key, question, query, command, state, part, said, made, ended"


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One entry.

    key    hash of what is asked           question, query, command  what is asked, for people
    state  one of STATES                   part  of it that is done, 0 to 1; None = not known
    said   what is being done, or went wrong (three lines)
    made, ended  seconds since 1970
    """

    key: str
    question: str
    query: str
    command: str
    state: str
    part: float | None
    said: str
    made: float
    ended: float | None

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")


class RunLedger:
    """Entries in one file or database; every method may be called from any thread."""

    def __init__(self, path: Path | str | None) -> None:
        """Open or make them; what was running when the last process ended waits again.

        path  a file of SQLite, the address of a PostgreSQL server (one server of ours a database); None = in memory
        """
        self.lock = threading.RLock()
        self.base: sqlite3.Connection | PostgresConnection
        if isinstance(path, str) and is_address(path):
            self.base = PostgresConnection(path)
            self._do("SET client_min_messages = warning")
            self._do(TABLE.format(bytes="BYTEA"))
        else:
            if path is not None:
                Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.base = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
            self._do("PRAGMA journal_mode=WAL")
            self._do(TABLE.format(bytes="BLOB"))
        self._do("UPDATE work SET state = 'waiting', part = NULL WHERE state = 'running'")

    def _do(self, line: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        with self.lock:
            rows = self.base.execute(line, values)
            return rows if isinstance(rows, list) else rows.fetchall()

    def add(self, key: str, question: str, query: str, command: str) -> RunEntry:
        """Return the entry of a key, a new one that waits unless there is one that waits, runs or is done."""
        with self.lock:
            there = self.get(key)
            if there is not None and there.state not in ("failed", "cancelled"):
                return there
            anew = "state = 'waiting', part = NULL, said = '', made = excluded.made, ended = NULL, result = NULL"
            line = "INSERT INTO work (key, question, query, command, state, made) VALUES (?, ?, ?, ?, ?, ?)"
            given = (key, question, query, command, "waiting", time.time())
            self._do(f"{line} ON CONFLICT (key) DO UPDATE SET {anew}", *given)
            made = self.get(key)
            assert made is not None
            return made

    def get(self, key: str) -> RunEntry | None:
        """Return the entry of a key."""
        rows = self._do(f"SELECT {COLUMNS} FROM work WHERE key = ?", key)
        return RunEntry(*rows[0]) if rows else None  # type: ignore[arg-type]

    def newest(self, count: int = 50) -> list[RunEntry]:
        """Return the newest entries."""
        return [RunEntry(*row) for row in self._do(f"SELECT {COLUMNS} FROM work ORDER BY made DESC LIMIT ?", count)]  # type: ignore[arg-type]

    def waiting(self) -> int:
        """Return how many entries wait or run."""
        return int(self._do("SELECT count(*) FROM work WHERE state IN ('waiting', 'running')")[0][0])  # type: ignore[call-overload]

    def take(self) -> RunEntry | None:
        """Return the entry that has waited longest, as running; None where none waits."""
        with self.lock:
            while rows := self._do("SELECT key FROM work WHERE state = 'waiting' ORDER BY made LIMIT 1"):
                line = "UPDATE work SET state = 'running' WHERE key = ? AND state = 'waiting' RETURNING key"
                if self._do(line, rows[0][0]):  # nobody else has taken it meanwhile
                    return self.get(str(rows[0][0]))
            return None

    def tell(self, key: str, said: str | None = None, part: float | None = None) -> None:
        """Note how far a running entry is."""
        line = "UPDATE work SET said = coalesce(?, said), part = coalesce(?, part) WHERE key = ? AND state = 'running'"
        self._do(line, said, part, key)

    def finish(self, key: str, result: bytes) -> None:
        """Keep the result of a running entry."""
        change = "state = 'done', part = 1, ended = ?, result = ?, said = ''"
        self._do(f"UPDATE work SET {change} WHERE key = ? AND state = 'running'", time.time(), result, key)

    def fail(self, key: str, said: str) -> None:
        """Note that a running entry came to nothing, and why."""
        line = "UPDATE work SET state = 'failed', ended = ?, said = ? WHERE key = ? AND state = 'running'"
        self._do(line, time.time(), said, key)

    def cancel(self, key: str) -> bool:
        """Let an entry that waits or runs be worked on no more; returns whether it was one."""
        with self.lock:
            there = self.get(key)
            if there is None or there.is_over:
                return False
            self._do("UPDATE work SET state = 'cancelled', ended = ? WHERE key = ?", time.time(), key)
            return True

    def result(self, key: str) -> bytes | None:
        """Return the result of an entry that is done."""
        rows = self._do("SELECT result FROM work WHERE key = ? AND state = 'done'", key)
        return bytes(rows[0][0]) if rows and rows[0][0] is not None else None  # type: ignore[arg-type]

    def trim(self, keep: int = 500) -> None:
        """Forget the oldest entries that are over, all but the newest `keep`."""
        over = "state IN ('done', 'failed', 'cancelled')"
        line = f"DELETE FROM work WHERE {over} AND key NOT IN (SELECT key FROM work ORDER BY made DESC LIMIT ?)"
        self._do(line, keep)

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self.base.close()
