from __future__ import annotations

from sekisho.reports.html.map_ways import BOX, WIDTH, Point, Rectangle, Way, Ways

AT = {"a": (110.0, 200.0), "b": (500.0, 200.0), "c": (890.0, 200.0)}
HEIGHT = 400.0


def boxes(at: dict[str, Point]) -> list[Rectangle]:
    wide, high = BOX[0] / 2, BOX[1] / 2
    return [(x - wide, y - high, x + wide, y + high) for x, y in at.values()]


def drawn(*ends: tuple[str, str, str]) -> list[Way]:
    ways = Ways(AT, boxes(AT), HEIGHT)
    for src, dst, kind in ends:
        ways.add(src, dst, kind, "1 2", f"{src} to {dst}")
    return ways.drawn


def points(way: Way) -> list[Point]:
    """Along the curve, by its own text."""
    numbers = [float(n) for n in way.path.replace("M", "").replace("Q", " ").split()]
    (ax, ay), (bx, by), (cx, cy) = zip(numbers[::2], numbers[1::2], strict=True)
    found = []
    for n in range(41):
        t = n / 40
        one, two, three = (1 - t) ** 2, 2 * t * (1 - t), t * t
        found.append((one * ax + two * bx + three * cx, one * ay + two * by + three * cy))
    return found


def within(point: Point, box: Rectangle) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def test_a_way_past_a_place_does_not_run_behind_it() -> None:
    (way,) = drawn(("a", "c", "confirmed"))
    assert not any(within(point, boxes(AT)[1]) for point in points(way))
    assert points(way)[0][0] >= boxes(AT)[0][2]
    assert points(way)[-1][0] <= boxes(AT)[2][0]


def test_there_and_back_are_two_ways_and_labels_stand_apart() -> None:
    ways = drawn(
        ("a", "b", "confirmed"), ("b", "a", "suspected"), ("a", "c", "left"), ("c", "a", "left")
    )
    assert len({way.path for way in ways}) == 4
    for n, one in enumerate(ways):
        assert 0 < one.x < WIDTH
        assert 0 < one.y < HEIGHT
        for other in ways[n + 1 :]:
            apart = abs(one.x - other.x) >= (one.room + other.room) / 2 or abs(one.y - other.y) >= 20
            assert apart, (one, other)


def test_ways_are_drawn_the_same_every_time() -> None:
    assert drawn(("a", "c", "left"), ("b", "c", "left")) == drawn(
        ("a", "c", "left"), ("b", "c", "left")
    )
