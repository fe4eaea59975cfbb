"""Beneficiation: the two-product formula, and a curve of recovery against grade through one known point.

One tonne of ore of grade f gives y tonnes of concentrate of grade c and 1 - y of tailings of grade t:
f = y c + (1 - y) t, so y = (f - t)/(c - t) and recovery R = y c / f = c (f - t) / (f (c - t))  (mass balance).
"""

from __future__ import annotations

from math import log

from khanij.core.errors import StudyError


def recovery(feed: float, concentrate: float, tailings: float) -> float:
    """Return the recovery R of the content, 0..1, from three grades, tailings < feed <= concentrate.

    Raises StudyError for grades in another order.
    """
    if not 0 <= tailings < feed <= concentrate:
        raise StudyError(
            f"grades {feed:g}, {concentrate:g}, {tailings:g}", where="grades", hint="tailings < feed <= concentrate"
        )
    return concentrate * (feed - tailings) / (feed * (concentrate - tailings))


def mass_pull(feed: float, concentrate: float, tailings: float) -> float:
    """Return the tonnes of concentrate from a tonne of ore; the rest is tailings."""
    return recovery(feed, concentrate, tailings) * feed / concentrate


def tailings_grade(feed: float, concentrate: float, recovered: float) -> float:
    """Return the grade of tailings that a recovery leaves: t = f c (1 - R) / (c - R f)."""
    if not (0 < feed <= concentrate and 0 <= recovered <= 1 and recovered * feed < concentrate):
        raise StudyError("no such split", where="grades", hint="feed <= concentrate, recovery from 0 to 1")
    return feed * concentrate * (1.0 - recovered) / (concentrate - recovered * feed)


def curve(grade: float, feed: float, pure: float, known: tuple[float, float]) -> float:
    """Return the recovery at a grade of concentrate, on the curve through (feed, 1), one known point and (pure, 0).

    R(c) = 1 - ((c - f)/(p - f))^n with n = ln(1 - R0) / ln((c0 - f)/(p - f)): a form of ours, one parameter

    grade  wanted, f..p      feed  f      pure  p, grade of the mineral itself      known  (c0, R0) of a plant or a test
    Raises StudyError for a point that no such curve goes through.
    """
    at, found = known
    if not (feed < at < pure and 0 < found < 1 and feed <= grade <= pure):
        raise StudyError(
            "no such point", where="curve", hint="feed < grade < grade of the mineral, recovery within 0 and 1"
        )
    power = log(1.0 - found) / log((at - feed) / (pure - feed))
    return 1.0 - float(((grade - feed) / (pure - feed)) ** power)


def gain(grade: float, feed: float, pure: float, before: tuple[float, float], after: tuple[float, float]) -> float:
    """Return the ratio of metal won at one grade on the curve that research reached to that of today."""
    return curve(grade, feed, pure, after) / curve(grade, feed, pure, before)
