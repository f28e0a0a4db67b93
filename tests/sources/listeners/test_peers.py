from __future__ import annotations

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import peer_bytes
from sekisho.sources.listeners.peers import STRANGERS, Peers

ALLOWED = parse_address("10.40.0.1")


def test_an_allowed_peer_is_known_however_the_system_writes_it() -> None:
    peers = Peers(frozenset({ALLOWED, parse_address("fe80::1")}))
    assert peers.of("10.40.0.1") == peers.of("::ffff:10.40.0.1") == peer_bytes(ALLOWED)
    assert peers.of("fe80::1%eth0") == peer_bytes(parse_address("fe80::1"))
    assert (peers.strangers, peers.others) == ({}, 0)


def test_strangers_are_counted_by_address() -> None:
    peers = Peers(frozenset({ALLOWED}))
    for host in ("10.40.0.2", "10.40.0.2", "::ffff:10.40.0.2", "2001:db8::1", "2001:db8::1%weird"):
        assert peers.of(host) is None
    assert peers.strangers == {"10.40.0.2": 3, "2001:db8::1": 1, "2001:db8::1%weird": 1}


def test_a_flood_of_forged_senders_grows_nothing() -> None:
    peers = Peers(frozenset({ALLOWED}))
    for number in range(STRANGERS + 500):
        peers.of(f"10.{number >> 8}.{number & 255}.9")
    assert len(peers.strangers) == STRANGERS
    assert peers.others == 500
    peers.of("10.0.0.9")
    assert peers.strangers["10.0.0.9"] == 2


def test_without_a_list_anybody_may_and_what_is_remembered_is_bounded() -> None:
    peers = Peers(None)
    for number in range(70_000):
        assert peers.of(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}") is not None
    assert len(peers._known) <= 65_536
    assert peers.strangers == {}
