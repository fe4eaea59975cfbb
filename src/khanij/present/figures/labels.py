"""Where the name of each point stands, so that names cover neither each other nor points."""

from __future__ import annotations

from collections.abc import Sequence

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels

LETTER, LINE = 6.2, 14.0  # mean width of a letter and height of a line at 11 px
DOT = 7.0
REACH = (260.0, 140.0)  # names of points farther apart than this never meet
NEAR, FAR = 13.0, (26.0, 40.0, 56.0)


def places(width: float) -> list[tuple[float, float]]:
    """Return shifts of a name's middle from its point, the best first: above, below, beside, then farther away."""
    side = width / 2 + 10
    shifts = [(0.0, -NEAR), (0.0, NEAR), (side, 0.0), (-side, 0.0)]
    shifts += [(sx * side * 0.8, sy * NEAR) for sx in (1, -1) for sy in (-1, 1)]
    for far in FAR:
        shifts += [(sx * (side * 0.5 + far * 0.5), sy * far) for sx in (1, -1, 0) for sy in (-1, 1)]
    return shifts


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def shifts(
    spots: Sequence[tuple[float, float]], names: Sequence[str], size: tuple[float, float]
) -> list[tuple[float, float, bool]]:
    """Return for each point the shift of its name in pixels (right, down), and whether a line must lead to it.

    spots  (from left, from top) in pixels      names  one a spot      size  width and height of the plot in pixels
    """
    dots = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in spots]
    crowd = [sum(abs(x - a) < 90 and abs(y - b) < 40 for a, b in spots) for x, y in spots]
    boxes: dict[int, Box] = {}
    chosen: dict[int, tuple[float, float, bool]] = {}

    def box(k: int, shift: tuple[float, float]) -> Box:
        """Return the box of a name at a shift."""
        half = len(names[k]) * LETTER / 2
        x, y = spots[k][0] + shift[0], spots[k][1] + shift[1]
        return (x - half, y - LINE / 2, x + half, y + LINE / 2)

    near = [
        [j for j, (a, b) in enumerate(spots) if j != k and abs(a - x) < REACH[0] and abs(b - y) < REACH[1]]
        for k, (x, y) in enumerate(spots)
    ]

    def cost(k: int, rank: int, shift: tuple[float, float]) -> float:
        """Return how bad a place is: what it covers, what hangs over the edge, how far down the list it stands."""
        own = box(k, shift)
        over = sum(overlap(own, boxes[j]) for j in near[k] if j in boxes)
        hit = sum(overlap(own, dots[j]) for j in near[k])
        out = max(0.0, -own[0]) + max(0.0, own[2] - size[0] - 20) + max(0.0, -own[1] - 10) + max(0.0, own[3] - size[1])
        return 3 * over + 2 * hit + 30 * out + 4 * rank

    order = sorted(range(len(spots)), key=lambda k: (-crowd[k], spots[k]))
    for _ in range(3):
        for k in order:
            options = places(len(names[k]) * LETTER)
            rank, best = min(enumerate(options), key=lambda item: cost(k, item[0], item[1]))
            boxes[k] = box(k, best)
            chosen[k] = (*best, rank >= 8)
    return [chosen[k] for k in range(len(spots))]
