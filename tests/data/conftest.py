"""A store made by hand, in the test's own folder."""

import hashlib

import polars as pl
import pytest

from khanij.data.facts import manifest, store
from khanij.data.facts import schema as facts


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """Return a function that makes these rows the store."""
    monkeypatch.setenv("KHANIJ_STORE", str(tmp_path))

    def write(rows, check=True):
        for old in tmp_path.glob("*.parquet"):
            old.unlink()  # of the store before: a file that no manifest names is refused
        entries = {}
        for old in tmp_path.glob("*.parquet"):
            old.unlink()
        for source in sorted({row["source"] for row in rows}):
            named = [{name: row.get(name) for name in facts.SCHEMA} for row in rows if row["source"] == source]
            frame = facts.ordered(facts.complete(pl.DataFrame(named, schema=facts.SCHEMA)))
            if check:
                facts.check(frame, source)
            data = store.parquet(frame)
            (tmp_path / f"{source}.parquet").write_bytes(data)
            entries[source] = {
                "file": f"{source}.parquet",
                "sha256": hashlib.sha256(data).hexdigest(),
                "rows": frame.height,
                "editions": sorted(frame["edition"].drop_nulls().unique().to_list()),
                "provides": sorted(frame["quantity"].unique().to_list()),
            }
        (tmp_path / manifest.NAME).write_bytes(manifest.write(entries))

    return write
