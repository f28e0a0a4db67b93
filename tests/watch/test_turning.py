"""One-way records whose halves come in different files, and what they turn out to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.watch.watched import Watched

from sekisho.model.flows import Flag, Orientation, State
from sekisho.watch.alerts import Alert

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]


def half(flow: Flow, src: str, dst: str, *, reply: bool = False, **changes: Any) -> dict[str, Any]:
    """One direction of a flow as a one-way source has it; `src` is who opened it, as ports say."""
    flags = Flag.ONE_WAY | (Flag.REVERSED if reply else 0)
    way = {"bytes_out": 0, "packets_out": 0} if reply else {"bytes_in": 0, "packets_in": 0}
    row = flow(src, dst, state=State.UNKNOWN, flags=int(flags), **way)
    return row | {"orientation": int(Orientation.KNOWN_SERVICE)} | changes


def test_a_reply_in_a_later_file_establishes_the_same_alert(watched: Watch, flow: Flow) -> None:
    watch = watched()
    (tried,) = watch.take(half(flow, "10.40.9.9", "10.1.0.5"))
    assert (tried.members[0].verdict, tried.provisional) == ("attempted", True)
    assert "no record shows yet who opened it" in tried.text
    (worse,) = watch.take(half(flow, "10.40.9.9", "10.1.0.5", reply=True))
    assert (worse.id, worse.change) == (tried.id, "escalated")
    assert (worse.members[0].flows, worse.members[0].established) == (1, 1)


def test_another_conversation_s_reply_establishes_nothing(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.take(half(flow, "10.40.9.9", "10.1.0.5"))
    assert watch.take(half(flow, "10.40.9.9", "10.1.0.5", reply=True, src_port=50_001)) == []


def test_what_the_other_end_opened_is_amended_and_not_told_twice(watched: Watch, flow: Flow) -> None:
    watch = watched()
    lower = int(Orientation.LOWER_PORT)
    guessed = half(
        flow, "10.40.9.9", "10.1.0.5", reply=True, src_port=60_000, dst_port=40_000, orientation=lower
    )
    (first,) = watch.take(guessed)
    assert (first.provisional, first.members[0].src.address) == (True, "10.40.9.9")
    syn = half(
        flow,
        "10.1.0.5",
        "10.40.9.9",
        src_port=40_000,
        dst_port=60_000,
        orientation=int(Orientation.HANDSHAKE),
    )
    (amended,) = watch.take(syn)
    assert (amended.id, amended.change, amended.connections) == (first.id, "amended", 1)
    assert (amended.members[0].src.address, amended.provisional) == ("10.1.0.5", False)
    # What ports still take for the first connection is known to be the second.
    assert watch.take(guessed | {"start": guessed["end"]}) == []
    assert [a.connections for a in watch.alerts()] == [1]


def test_what_turns_out_to_be_authorised_is_withdrawn(watched: Watch, flow: Flow) -> None:
    watch = watched()
    lower = int(Orientation.LOWER_PORT)
    ends = {"src_port": 8443, "dst_port": 5000}
    (first,) = watch.take(half(flow, "10.1.20.5", "10.40.2.10", reply=True, orientation=lower, **ends))
    assert first.change == "raised"
    (gone,) = watch.take(
        half(
            flow,
            "10.40.2.10",
            "10.1.20.5",
            src_port=5000,
            dst_port=8443,
            orientation=int(Orientation.HANDSHAKE),
        )
    )
    assert (gone.id, gone.change, gone.status) == (first.id, "withdrawn", "withdrawn")
    assert gone.connections == 0


def test_a_guess_that_contradicts_a_surer_connection_is_its_reply(watched: Watch, flow: Flow) -> None:
    watch = watched()
    syn = int(Orientation.HANDSHAKE)
    ends = {"src_port": 40_000, "dst_port": 60_000}
    watch.take(half(flow, "10.1.0.5", "10.40.9.9", orientation=syn, **ends))
    lower = int(Orientation.LOWER_PORT)
    ends = {"src_port": 60_000, "dst_port": 40_000}
    assert watch.take(half(flow, "10.40.9.9", "10.1.0.5", reply=True, orientation=lower, **ends)) == []
    assert len(watch.alerts()) == 1


def test_a_reply_without_ports_to_what_is_authorised_is_nothing(watched: Watch, flow: Flow) -> None:
    watch = watched()
    plain = {"protocol": 50, "orientation": int(Orientation.GUESS), "src_port": 0, "dst_port": 0}
    watch.take(half(flow, "10.60.0.5", "10.1.0.5", **plain))
    before = watch.alerts()
    watch.take(half(flow, "10.1.0.5", "10.60.0.5", **plain | {"start": before[0].last_seen}))
    assert [isinstance(alert, Alert) for alert in watch.alerts()] == [True]
