"""What Zeek's two log formats share: records with loss, histories and connection states."""

from __future__ import annotations

import numpy as np

from sekisho.model.protocols import ICMP, ICMP6, TCP, UDP
from sekisho.simulate.flows import FLOW, REJ, RSTO, RSTR, S0, S1, SF, Array, header_bytes, ip_bytes

RECORD = np.dtype(
    [
        *((name, FLOW[name]) for name in FLOW.names or ()),
        ("log", "i8"),
        ("missed", "i8"),
        ("oip", "i8"),
        ("iip", "i8"),
        ("history", "i2"),
        ("unset", "?"),
    ]
)
PROTOCOLS = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMP6: "icmp"}
_HISTORIES: dict[int, tuple[str, ...]] = {
    SF: ("ShADadFf", "ShADadfF", "ShADdaFf", "ShADadtFf"),
    S0: ("S",),
    REJ: ("Sr",),
    RSTO: ("ShADadR", "ShADdaR", "ShADdaTtR", "ShADadfR"),
    RSTR: ("ShADadr", "ShADdaFr", "ShADadFr", "ShADdFar"),
    S1: ("ShADad", "ShADda"),
}
HISTORIES: list[str] = ["-", "D", "Dd", "^d"]
_FIRST: dict[int, int] = {}
for _state, _texts in _HISTORIES.items():
    _FIRST[_state] = len(HISTORIES)
    HISTORIES += _texts
_GAPS = len(HISTORIES)
HISTORIES += [f"{text[:6]}g{text[6:]}" for text in HISTORIES]
_FALSE_JUMP = 1_607_310_063
"""Zeek can count a jump in sequence numbers as payload that it missed."""


def records(flows: Array, begin: Array, v6: Array, rng: np.random.Generator) -> Array:
    """Zeek's view: what it missed is in the payload (sequence numbers), not in the IP bytes."""
    out = np.zeros(len(flows), dtype=RECORD)
    for name in FLOW.names or ():
        out[name] = flows[name]
    out["start"] = begin
    out["log"] = begin + flows["duration"]
    out["oip"], out["iip"] = ip_bytes(flows, v6)
    out["unset"] = flows["pout"] + flows["pin"] == 1
    proto, state = flows["proto"], flows["state"]
    first = np.zeros(7, dtype=np.int64)
    kinds = np.ones(7, dtype=np.int64)
    for number, row in _FIRST.items():
        first[number], kinds[number] = row, len(_HISTORIES[number])
    history = first[state] + flows["sport"] % kinds[state]
    history = np.where(proto == UDP, np.where(flows["pin"] > 0, 2, 1), history)
    out["history"] = np.where((proto == ICMP) | (proto == ICMP6), 0, history)
    _lose(out, header_bytes(proto, v6[flows["src"]]), rng)
    return out


def _lose(out: Array, header: Array, rng: np.random.Generator) -> None:
    large = (
        (out["proto"] == TCP) & ~np.isin(out["state"], (S0, REJ)) & (out["out"] + out["in"] > 30_000)
    )
    luck = rng.random(len(out))
    rows = np.flatnonzero(large & (luck < 0.006))
    part = 0.02 + 0.3 * rng.random(len(rows))
    for way, packets, octets in (("out", "pout", "oip"), ("in", "pin", "iip")):
        lost = np.minimum((out[packets][rows] * part).astype(np.int64), out[way][rows] // 1448)
        out["missed"][rows] += lost * 1448
        out[octets][rows] -= lost * (1448 + header[rows])
        out[packets][rows] -= lost
    out["history"][rows] += _GAPS
    wild = np.flatnonzero(large & (luck > 0.99997))
    out["out"][wild] += _FALSE_JUMP
    out["missed"][wild] += _FALSE_JUMP
    out["history"][wild] += _GAPS
