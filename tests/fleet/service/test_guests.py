from __future__ import annotations

import random
import socket
from collections import Counter
from contextlib import ExitStack

from sekisho.fleet.service.guests import Guest, Guests


def pair(stack: ExitStack) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    return stack.enter_context(ours), stack.enter_context(theirs)


def test_who_holds_most_gives_way_to_who_holds_less() -> None:
    with ExitStack() as stack:
        guests = Guests(4)
        hostile = [pair(stack) for _ in range(4)]
        held = [guests.let_in(ours, "10.9.9.9")[0] for ours, _ in hostile]
        assert not guests.room_for("10.9.9.9")
        assert guests.room_for("10.1.0.1")
        ours, theirs = pair(stack)
        guest, gone = guests.let_in(ours, "10.1.0.1")
        assert gone == "10.9.9.9"
        # The oldest was ended; whoever serves it sees that, and closing it counts once.
        assert hostile[0][1].recv(1) == b""
        held[0].close()
        assert guests.counts() == {"10.9.9.9": 3, "10.1.0.1": 1}
        guest.sendall(b"x")
        assert theirs.recv(1) == b"x"
        # It takes no more than its share either: 2 and 2, then nobody gives way.
        guests.let_in(pair(stack)[0], "10.1.0.1")
        assert guests.counts() == {"10.9.9.9": 2, "10.1.0.1": 2}
        assert not guests.room_for("10.1.0.1")
        assert not guests.room_for("10.9.9.9")
        assert guests.room_for("10.2.0.2") is True
        held[3].close()
        assert guests.room_for("10.1.0.1")


def test_counts_hold_whatever_comes_and_goes() -> None:
    chance = random.Random(8)
    with ExitStack() as stack:
        guests = Guests(12)
        there: list[Guest] = []
        for _ in range(400):
            if there and chance.random() < 0.45:
                there.pop(chance.randrange(len(there))).close()
                continue
            address = f"10.0.0.{chance.randrange(5)}"
            before = guests.counts()
            largest = max(before.values(), default=0)
            assert guests.room_for(address) == (before.total() < 12 or largest > before[address] + 1)
            if guests.room_for(address):
                guest, gone = guests.let_in(pair(stack)[0], address)
                there.append(guest)
                assert not gone or before[gone] == largest
            assert guests.counts().total() <= 12
        for guest in there:
            guest.close()
        assert guests.counts() == Counter()
