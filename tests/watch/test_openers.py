from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.store.arrivals import ARRIVED
from sekisho.watch.openers import KEPT, Openers, opposite

KEY = ("", 1, 2, "", 1, 3, 1, 0)
AT = datetime(2024, 3, 4, 10, tzinfo=UTC)


def arrived(key: Any, at: datetime, orientation: int = 50) -> pa.Table:
    row = dict.fromkeys(ARRIVED.names)
    row |= dict(zip(ARRIVED.names[3:11], key, strict=True))
    row |= {"first": at, "provisional": True, "orientation": orientation}
    return pa.Table.from_pylist([row], schema=ARRIVED)


def test_what_comes_after_its_opposite_is_a_reply_for_a_while() -> None:
    openers = Openers()
    openers.note(arrived(KEY, AT))
    back = opposite(KEY)
    assert openers.answers(back, AT + timedelta(seconds=1))
    assert not openers.answers(back, AT)
    assert not openers.answers(KEY, AT + timedelta(seconds=1))
    assert not openers.answers(back, AT + KEPT + timedelta(seconds=1))


def test_a_reply_does_not_become_an_opening() -> None:
    openers = Openers()
    openers.note(arrived(KEY, AT))
    openers.note(arrived(opposite(KEY), AT + timedelta(seconds=5)))
    assert not openers.answers(KEY, AT + timedelta(seconds=9))


def test_what_ports_tell_is_not_remembered() -> None:
    openers = Openers()
    openers.note(arrived(KEY, AT, orientation=85))
    assert not openers.answers(opposite(KEY), AT + timedelta(seconds=1))


def test_a_port_may_be_named_for_the_other_end() -> None:
    assert opposite(KEY, 7) == ("", 1, 3, "", 1, 2, 1, 7)
