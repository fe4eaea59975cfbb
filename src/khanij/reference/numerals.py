"""Numbers as people write them: one strict reader, which refuses what can be read in two ways."""

from __future__ import annotations

import re
from math import isfinite

SPACES = "\u0020\u00a0\u2009\u202f\u2007'\u2019"  # between groups of digits
PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
SPACED = re.compile(rf"[+-]?\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?", re.ASCII)
GROUPS = (r"\d{1,3}(?:MARK\d{3})+", r"\d{1,2}(?:MARK\d{2})+MARK\d{3}")  # 1,234,567 and 12,34,567


def read(text: str, *, point: bool = False, grouped: bool = False) -> float:
    """Return the number that a text is.

    text     digits 0-9 with a sign, one decimal point or comma, groups of digits, or an exponent
    point    a single point is known to be the decimal one, as in a file whose cells commas part
    grouped  commas are known to part groups of digits, as in English text: then no comma is a decimal one
    Where neither is known, "1.250" and "1,250" may be 1250 or 1.25: raises ValueError that says so. Raises ValueError
    for anything else that is no finite number.
    """
    typed = text.strip().replace("\u2212", "-")
    if not typed:
        raise ValueError("a blank cell")
    if SPACED.fullmatch(typed):
        typed = re.sub(rf"[{SPACES}]", "", typed)
        return _finite(typed.replace(",", "."))
    if PLAIN.fullmatch(typed):
        return _finite(_pointed(typed, point, grouped))
    return _finite(_ungrouped(typed, grouped))


def _pointed(typed: str, point: bool, grouped: bool) -> str:
    """Return a plain number with its one decimal mark as a point."""
    mark = "," if "," in typed else "."
    whole, _, rest = typed.lstrip("+-").partition(mark)
    if mark == "," and grouped:
        if re.fullmatch(r"\d{3}", rest, re.ASCII) and len(whole) <= 3:
            return typed.replace(",", "")
        raise ValueError(f"{typed!r} has a comma that parts no group of digits")
    triple = re.fullmatch(r"\d{3}", rest, re.ASCII) and len(whole) <= 3 and not whole.startswith("0")
    if triple and not (mark == "." and point):
        one, other = f"{whole}{rest}", f"{whole}.{rest.rstrip('0') or '0'}"
        raise ValueError(f"{typed!r} may be {one} or {other}: write it without that mark, or with other decimals")
    return typed.replace(",", ".")


def _ungrouped(typed: str, grouped: bool) -> str:
    """Return a number with several marks without those that part its groups; raises ValueError where they do not."""
    sign, body = (typed[0], typed[1:]) if typed[:1] in "+-" else ("", typed)
    for group, decimal in ((",", "."), (".", ",")):
        if group == "." and grouped:
            continue
        for form in GROUPS:
            whole = form.replace("MARK", re.escape(group))
            if re.fullmatch(rf"{whole}(?:{re.escape(decimal)}\d+)?", body, re.ASCII):
                return sign + body.replace(group, "").replace(decimal, ".")
    raise ValueError(f"{typed[:60]!r} is no number")


def _finite(text: str) -> float:
    """Return a number; raises ValueError for one too large for any amount."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:20]}… is too large for a number")
    return value
