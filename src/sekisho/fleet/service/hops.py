"""A key that two hosts use: it comes from one address, from another, from the first again, and so on.

A machine that moves comes from a new address and stays there. Nobody can tell a thief from the owner by that;
so the key is ended for both, and who has an enrolment secret gets a new one. Source addresses behind one
translator or balancer look alike: there the sign does not show.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.model.nodes import Caller

WITHIN = timedelta(minutes=10)
"""Back at the address that was just left within so long is a hop."""
MOST = 4
"""Hops in a row that a machine with two interfaces may make."""


def heard(caller: Caller, address: str, now: datetime) -> bool:
    """Note that a node was heard; False where its key is used from two hosts."""
    caller.seen = max(caller.seen, now)
    if address == caller.address:
        return True
    recent = caller.swapped is not None and now - caller.swapped < WITHIN
    caller.hops = (caller.hops + 1 if address == caller.before else caller.hops) if recent else 0
    caller.before, caller.address, caller.swapped = caller.address, address, now
    return caller.hops < MOST
