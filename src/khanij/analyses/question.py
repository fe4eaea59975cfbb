import re

from pydantic import BaseModel, ConfigDict

from khanij.core.errors import CoverageError


def years(text: str) -> tuple[int, ...]:
    """Return the years of "2023", "2018-2024" or "2018,2020-2022"; raises CoverageError."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", part)
        if not match or int(match[2] or match[1]) < int(match[1]):
            raise CoverageError(
                f"{part!r} is no year or range", where="--year", hint="2023, 2018-2024 or 2018,2020-2022"
            )
        found.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(sorted(set(found)))


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated option; None and "all" mean no choice."""
    parts = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    return None if not parts or parts == ("all",) else parts


class Strict(BaseModel):
    """A part of a study: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
