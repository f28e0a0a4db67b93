"""Ways between the places of a map: curves that run behind no other place, with labels that can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.reports.html.lettering import width

WIDTH = 1000.0
BOX = 196.0, 74.0
CELL = 6.0
"""Ways keep about so far from each other."""
Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]
BENDS = (0.15, -0.15, 0.3, -0.3, 0.06, 0.45, -0.45, 0.65, -0.65)
"""How far a way bends to its side, in parts of its length, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Way:
    """Steps from one place to another, or what left that way; `label` stands at (x, y)."""

    path: str
    kind: str
    x: float
    y: float
    room: float
    label: str
    title: str


class Ways:
    """Curves between boxes, each with its label where no other stands.

    `at` are the centres of the boxes by name, `boxes` the same as left, top, right and bottom.
    """

    def __init__(self, at: dict[str, Point], boxes: Sequence[Rectangle], height: float) -> None:
        self._at = at
        self._height = height
        self._near: set[tuple[int, int]] = set()
        self._taken: list[Rectangle] = [
            (x - 3, y - 3, right + 3, low + 3) for x, y, right, low in boxes
        ]
        self.drawn: list[Way] = []

    def add(self, src: str, dst: str, kind: str, label: str, title: str) -> None:
        """A way from one place to another; the way back bends to the other side."""
        begin, control, end = self._curve(src, dst, BENDS if kind != "left" else BENDS[1:])
        room = width(label, 13) + 16
        x, y = self._free(begin, control, end, room)
        path = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*begin, *control, *end)
        self.drawn.append(Way(path, kind, round(x, 1), round(y, 1), round(room, 1), label, title))

    def _curve(self, src: str, dst: str, bends: Sequence[float]) -> tuple[Point, Point, Point]:
        """The first of several bends that runs behind no other place and beside no other way."""
        one, other = self._at[src], self._at[dst]
        dx, dy = other[0] - one[0], other[1] - one[1]
        found: list[tuple[int, tuple[Point, Point, Point]]] = []
        for bend in bends:
            control = (one[0] + other[0]) / 2 + bend * dy, (one[1] + other[1]) / 2 - bend * dx
            curve = _edge(one, control, 2.0), control, _edge(other, control, 7.0)
            hit = sum(self._behind(_on(*curve, n / 24), (src, dst)) for n in range(1, 24))
            found.append((hit, curve))
            if not hit:
                break
        best = min(found, key=lambda tried: tried[0])[1]
        for n in range(4, 21):
            x, y = _on(*best, n / 24)
            column, row = int(x // CELL), int(y // CELL)
            self._near |= {(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        return best

    def _behind(self, point: Point, ends: tuple[str, str]) -> bool:
        x, y = point
        if not (2 < x < WIDTH - 2 and 2 < y < self._height - 2):
            return True
        if (int(x // CELL), int(y // CELL)) in self._near:
            return True
        wide, high = BOX[0] / 2 + 5, BOX[1] / 2 + 5
        return any(
            abs(x - cx) < wide and abs(y - cy) < high
            for name, (cx, cy) in self._at.items()
            if name not in ends
        )

    def _free(self, begin: Point, control: Point, end: Point, room: float) -> Point:
        tried = [_on(begin, control, end, t / 100) for t in (50, 40, 60, 32, 68, 25, 75, 18, 82)]
        for x, y in tried:
            left = min(max(x, room / 2 + 2), WIDTH - room / 2 - 2)
            box = left - room / 2, y - 12, left + room / 2, y + 12
            if not any(_overlap(box, other) for other in self._taken):
                self._taken.append(box)
                return left, y
        return tried[0]


def _on(begin: Point, control: Point, end: Point, t: float) -> Point:
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
    return (
        a * begin[0] + b * control[0] + c * end[0],
        a * begin[1] + b * control[1] + c * end[1],
    )


def _edge(centre: Point, towards: Point, apart: float) -> Point:
    """Where the line from a box's centre leaves it, and `apart` beyond."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    wide, high = BOX
    share = min(wide / 2 / abs(dx) if dx else math.inf, high / 2 / abs(dy) if dy else math.inf)
    length = math.hypot(dx, dy) or 1.0
    return centre[0] + dx * share + dx / length * apart, centre[1] + dy * share + dy / length * apart


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
