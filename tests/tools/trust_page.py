"""Sections of docs/trust.md, each written by the command that measured it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from khanij.jobs import files

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trust.md"
TITLE = "# What was tried to break it\n\nEvery section is written by the command that it names.\n"


def write(name: str, heading: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Put a section in the place of the one of that name, or at the end of the page."""
    text = page.read_text(encoding="utf-8") if page.is_file() else TITLE
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = "\n".join([begin, f"## {heading}", "", *lines, end])
    pattern = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text.rstrip()}\n\n{section}\n"
    files.write(page, text.encode(), "docs/trust.md")
