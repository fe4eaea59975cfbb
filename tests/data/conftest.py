"""A store made by hand, in the test's own folder."""

import hashlib
import json

import polars as pl
import pytest

from khanij.data.facts import schema as facts
from khanij.data.facts import store


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """Return a function that makes these rows the store."""
    monkeypatch.setenv("KHANIJ_STORE", str(tmp_path))

    def write(rows, check=True):
        entries = {}
        for source in sorted({row["source"] for row in rows}):
            named = [{name: row.get(name) for name in facts.SCHEMA} for row in rows if row["source"] == source]
            frame = facts.ordered(facts.complete(pl.DataFrame(named, schema=facts.SCHEMA)))
            if check:
                facts.check(frame, source)
            path = tmp_path / f"{source}.parquet"
            store.write(frame, path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            provides = sorted(frame["quantity"].unique().to_list())
            entries[source] = {"file": path.name, "sha256": digest, "rows": frame.height, "provides": provides}
        (tmp_path / "manifest.json").write_text(json.dumps({"sources": entries}))

    return write
