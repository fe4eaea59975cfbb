"""What every answer stands on: the hash of the store's facts and of the reference tables."""

from __future__ import annotations

import hashlib

from khanij import reference
from khanij.data.facts import store


def fingerprint() -> str:
    """Return one hash of all facts and reference tables; raises SourceError where the store is spoilt or not there."""
    return hashlib.sha256(f"{store.fingerprint()} {reference.fingerprint()}".encode()).hexdigest()[:16]
