"""What went wrong, where, and what to do next: the only exceptions khanij raises on purpose."""

from __future__ import annotations


class KhanijError(Exception):
    """A problem a user can act on; the command line prints its three parts and exits with code 2."""

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        """Keep the three parts: what is wrong, where it was met, what to try."""
        self.what, self.where, self.hint = what, where, hint
        super().__init__(" | ".join(part for part in (where, what, hint and f"try: {hint}") if part))

    def lines(self) -> tuple[str, str, str]:
        """Return the three lines that every face shows: what, where, hint."""
        return (f"error: {self.what}", f"where: {self.where or '-'}", f"hint:  {self.hint or '-'}")


class SourceError(KhanijError):
    """A publisher's file is absent, unreadable, of another edition, or not allowed."""


class ParseError(KhanijError):
    """A file was read but holds something unknown: a label, a layout, a failed expectation."""


class UnitError(KhanijError):
    """Two units do not measure the same thing, or one is unknown."""


class AlignmentError(KhanijError):
    """Labels of two things do not match; both label lists are shown."""


class CoverageError(KhanijError):
    """The facts do not cover this question: an unknown country, material, code, year or quantity."""


class StudyError(KhanijError):
    """A request is malformed: a study file, a parameter, an option; the key path is named."""
