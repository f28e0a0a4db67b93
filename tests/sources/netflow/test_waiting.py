"""What waits is bounded."""

from sekisho.sources.netflow.waiting import Waiting, WaitingSet


def one(body: bytes, row: int = 1) -> WaitingSet:
    return WaitingSet(body, 0, 0, row)


def test_sets_come_back_in_order_and_once() -> None:
    waiting = Waiting()
    assert not waiting
    assert waiting.add((0, 256), one(b"a", 1))
    assert waiting.add((0, 257), one(b"b", 2))
    assert waiting.add((0, 256), one(b"c", 3))
    assert [w.row for w in waiting.take((0, 256))] == [1, 3]
    assert waiting.take((0, 256)) == []
    assert waiting.wanted() == ((0, 257),)
    assert [(key, w.row) for key, w in waiting.take_all()] == [((0, 257), 2)]
    assert not waiting


def test_beyond_its_bounds_a_set_is_given_up_and_room_comes_back() -> None:
    waiting = Waiting(bytes_limit=10, sets_limit=2)
    assert waiting.add((0, 256), one(b"12345678"))
    assert not waiting.add((0, 256), one(b"123"))
    assert waiting.add((0, 256), one(b"12"))
    assert not waiting.add((0, 256), one(b""))
    waiting.take((0, 256))
    assert waiting.add((0, 256), one(b"1234567890"))


def test_one_template_that_never_comes_leaves_room_for_others() -> None:
    waiting = Waiting(each_limit=10)
    assert waiting.add((0, 256), one(b"12345678"))
    assert not waiting.add((0, 256), one(b"123"))
    assert waiting.add((1, 256), one(b"123"))
    assert [held.body for held in waiting.of((0, 256))] == [b"12345678"]
    waiting.take((0, 256))
    assert waiting.of((0, 256)) == []
    assert waiting.add((0, 256), one(b"123"))


def test_one_owner_leaves_room_for_others() -> None:
    waiting = Waiting(bytes_limit=8, sets_limit=4, owners=2)
    assert waiting.add((0, 256), one(b"12"), "a")
    assert waiting.add((1, 256), one(b"34"), "a")
    assert not waiting.add((2, 256), one(b""), "a")
    assert not waiting.add((2, 256), one(b"5"), "a")
    assert not waiting.add((3, 256), one(b"12345"), "b")
    assert waiting.add((3, 256), one(b"1234"), "b")
    waiting.take((0, 256))
    assert waiting.add((2, 256), one(b"56"), "a")
