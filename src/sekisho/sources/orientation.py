"""Who opened a conversation, where a record holds one direction only.

Both halves of any conversation get the same initiator, responder and port, so that the rule can be
applied to each half alone and pairing finds them under one key.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sekisho.model.flows import Flag, Orientation
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.services import KNOWN_PORTS
from sekisho.sources.draft import Draft

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_KNOWN = np.array(sorted(protocol << 16 | port for protocol, port in KNOWN_PORTS), dtype=np.int64)
_HAS_PORTS = np.isin(np.arange(256), sorted(WITH_PORTS))

_End = tuple[int, int, int]


def orient(draft: Draft, where: Bools | None = None, answers: Bools | None = None) -> None:
    """Turn one-way records so that `src` is the initiator; replies are flagged REVERSED.

    `where` marks the records of which that is not known; the others stay as they are.
    `answers` are records whose sender is known to have answered a SYN: it is the responder.

    In this order: the sender of a SYN without ACK is the initiator; a known service's port on exactly
    one end is the server's; the lower port is the server's; with equal ports the lower address is the
    responder. Where a SYN contradicts the ports, the other records of that conversation in the draft
    follow the SYN; where SYNs contradict each other the ports decide.
    """
    columns = draft.columns
    src_port, dst_port = columns["src_port"], columns["dst_port"]
    ports = _HAS_PORTS[columns["protocol"]]
    src_known = ports & np.isin(columns["protocol"] << 16 | src_port, _KNOWN)
    dst_known = ports & np.isin(columns["protocol"] << 16 | dst_port, _KNOWN)
    one_known = src_known != dst_known
    differ = ports & (src_port != dst_port)
    lower_source = (columns["src_hi"] < columns["dst_hi"]) | (
        (columns["src_hi"] == columns["dst_hi"]) & (columns["src_lo"] < columns["dst_lo"])
    )
    from_server = np.select([one_known, differ], [src_known, src_port < dst_port], lower_source)
    certainty = np.select(
        [one_known, differ],
        [int(Orientation.KNOWN_SERVICE), int(Orientation.LOWER_PORT)],
        int(Orientation.GUESS),
    )
    syn = (draft.flags & int(Flag.SYN_ONLY)) != 0
    answers = np.zeros(len(draft), dtype=np.bool_) if answers is None else answers & ~syn
    certainty[syn | answers] = int(Orientation.HANDSHAKE)
    contradicted = (syn & from_server) | (answers & ~from_server)
    if contradicted.any():
        _follow_syn(draft, syn, answers, contradicted, from_server, certainty)
    if where is not None:
        from_server = from_server & where
        certainty = np.where(where, certainty, columns["orientation"])
    draft.exchange(from_server)
    columns["orientation"] = certainty


def _follow_syn(
    draft: Draft,
    syn: Bools,
    answers: Bools,
    contradicted: Bools,
    from_server: Bools,
    certainty: Ints,
) -> None:
    """Let the SYN, or its answer, decide for all records of conversations whose ports say otherwise."""
    marks = _unordered_hash(draft)
    members = np.flatnonzero(np.isin(marks, marks[contradicted]))
    conversations: dict[tuple[int, _End, _End], list[int]] = {}
    for index in members.tolist():
        sender, receiver = _end(draft, "src", index), _end(draft, "dst", index)
        protocol = int(draft.columns["protocol"][index])
        pair = (protocol, *sorted((sender, receiver)))
        conversations.setdefault(pair, []).append(index)  # type: ignore[arg-type]
    for records in conversations.values():
        openers = {_end(draft, "src", index) for index in records if syn[index]}
        openers |= {_end(draft, "dst", index) for index in records if answers[index]}
        if len(openers) != 1:
            certainty[records] = int(Orientation.GUESS)
            continue
        opener = openers.pop()
        for index in records:
            from_server[index] = _end(draft, "src", index) != opener
            certainty[index] = int(Orientation.HANDSHAKE)


def _end(draft: Draft, side: str, index: int) -> _End:
    columns = draft.columns
    return (
        int(columns[f"{side}_hi"][index]),
        int(columns[f"{side}_lo"][index]),
        int(columns[f"{side}_port"][index]),
    )


def _unordered_hash(draft: Draft) -> npt.NDArray[np.uint64]:
    """The same number for both directions of a conversation; others may share it."""
    total: npt.NDArray[np.uint64] = draft.columns["protocol"].astype(np.uint64)
    for side in ("src", "dst"):
        end = np.zeros(len(draft), dtype=np.uint64)
        for name in ("hi", "lo", "port"):
            end ^= draft.columns[f"{side}_{name}"].astype(np.int64).view(np.uint64)
            end *= np.uint64(0x9E3779B97F4A7C15)
            end ^= end >> np.uint64(29)
        total = total + end
    return total
