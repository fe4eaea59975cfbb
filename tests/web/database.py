"""A PostgreSQL server for tests: that of the system, in a folder of its own; where there is none, a test is skipped."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from khanij.core.errors import StudyError
from khanij.jobs.postgres import PostgresConnection

PASSWORD = "a word: with @ signs"
SHOWN = "a%20word%3A%20with%20%40%20signs"


def programs():
    """Return the folder of the server's programs; skips where there is none, fails where CI says there must be."""
    found = shutil.which("initdb") or next(
        iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)), None
    )
    if found is None and os.environ.get("KHANIJ_NEEDS_BROWSER"):
        pytest.fail("PostgreSQL is not installed, and CI may not skip this")
    if found is None:
        pytest.skip("PostgreSQL is not installed: runs are kept in SQLite in tests")
    return Path(found).parent


@contextmanager
def running():
    """Yield the address of a server that asks for a password."""
    home = programs()
    folder = Path(tempfile.mkdtemp(prefix="khanij-pg-"))
    who = {}
    if os.geteuid() == 0:  # the server refuses to run as the owner of the machine
        shutil.chown(folder, "postgres", "postgres")
        who = {"user": "postgres", "group": "postgres"}
    word = folder / "word"
    word.write_text(PASSWORD, encoding="utf-8")
    word.chmod(0o644)
    data = folder / "data"
    init = [home / "initdb", "-D", data, "-U", "khanij", "--auth=scram-sha-256", f"--pwfile={word}", "--no-sync"]
    subprocess.run(init, check=True, capture_output=True, cwd=folder, **who)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(
        [home / "postgres", "-D", data, *options],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        **who,
    )
    address = f"postgresql://khanij:{SHOWN}@127.0.0.1:{port}/postgres"
    try:
        for _ in range(200):
            try:
                PostgresConnection(address).close()
                break
            except StudyError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
