"""Names of countries and groups for people."""

from __future__ import annotations

from functools import cache

from khanij import reference


def country_name(code: str) -> str:
    """Return the name of a country or group."""
    return reference.countries().get(code) or group_names().get(code, code)


@cache
def group_names() -> dict[str, str]:
    """Return group -> its name."""
    return {row["group"]: row["name"].partition(",")[0] for row in reference.rows("groups")}
