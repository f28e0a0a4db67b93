"""What Zeek's conn log means, whatever notation it was written in.

Sources: Zeek's documentation of the Conn::Info record and of conn_state and history.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import protocols
from sekisho.model.addresses import V4_HI, V4_LO_FIRST, V4_LO_LAST
from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.times import micros_of_text
from sekisho.sources.volume import header_bytes, scaled, volume

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TIMES = ("ts", "duration")
COUNTS = (
    "id.orig_p",
    "id.resp_p",
    "orig_bytes",
    "resp_bytes",
    "missed_bytes",
    "orig_pkts",
    "orig_ip_bytes",
    "resp_pkts",
    "resp_ip_bytes",
    "ip_proto",
)
ADDRESSES = ("id.orig_h", "id.resp_h")
WORDS = ("proto", "service", "conn_state", "history")
TEXTS = ("uid",)
COLUMNS = (*TIMES, *COUNTS, *ADDRESSES, *WORDS, *TEXTS)
NEEDED = ("ts", "id.orig_h", "id.resp_h", "proto")
CONN_ONLY = ("conn_state", "history", "missed_bytes", "orig_pkts", "orig_ip_bytes", "resp_ip_bytes")
"""Fields that no other Zeek log has."""
_COUNT = re.compile(r"\s*-?[0-9]{1,18}\s*")
PATHS = ("conn", "conn_long")
"""Logs whose records are connections; conn_long holds connections that are still open."""
OF_NAMES = ("dns", "files", "http", "ssl", "kerberos", "ntlm", "smb_mapping", "smb_files", "dce_rpc")
"""Logs whose records give names or logons, where they have files of their own."""

# What a history tells, as bits. Upper case is the originator, lower case the responder.
_SYN, _SYN_ACK, _ORIG_SENT, _RESP_SENT, _RESET = 1, 2, 4, 8, 16
_FLIPPED, _ANY_SYN, _ORIG_DATA, _RESP_DATA, _RESP_RESET = 32, 64, 128, 256, 512
_LETTERS = {
    "S": _SYN | _ANY_SYN,
    "s": _ANY_SYN,
    "h": _SYN_ACK | _ANY_SYN,
    "H": _ANY_SYN,
    "A": _ORIG_SENT,
    "a": _RESP_SENT,
    "D": _ORIG_SENT | _ORIG_DATA,
    "d": _RESP_SENT | _RESP_DATA,
    "R": _RESET,
    "r": _RESET | _RESP_RESET,
    "^": _FLIPPED,
}
_SAYS, _SAYS_RESET, _SAYS_NONE, _SAYS_REJECTED = range(4)
_JUDGE, _JUDGE_RESET, _JUDGE_NONE, _JUDGE_NONE_RESET = range(4, 8)
_STATES = {
    "SF": _SAYS,
    "S1": _SAYS,
    "S2": _SAYS,
    "S3": _SAYS,
    "RSTO": _SAYS_RESET,
    "RSTR": _SAYS_RESET,
    "S0": _SAYS_NONE,
    "REJ": _SAYS_REJECTED,
    "RSTOS0": _JUDGE_NONE_RESET,
    "SH": _JUDGE_NONE,
    "RSTRH": _JUDGE_RESET,
    "SHR": _JUDGE,
    "OTH": _JUDGE,
}


def passed_over(path: str) -> str:
    """What a person must know of records of another log that were met among connections."""
    return f"records of {path} among connections were passed over: give each log a file of its own"


def draft_flows(
    columns: dict[str, Any],
    times: dict[str, tuple[Ints, Bools]],
    rows: Ints,
    context: ReadContext,
    *,
    still_open: Bools | bool = False,
) -> Draft:
    """Flows of conn records.

    `times` has ts and duration in microseconds and where they were unset; `columns` has Arrow columns
    (null where unset), COUNTS as int64 and the others as strings, plain or dictionary-encoded; a missing
    column is unset throughout. `still_open` marks interim records.
    """
    draft = Draft(rows, context)
    count = len(rows)
    start, no_start = times["ts"]
    duration = times["duration"][0] if "duration" in times else np.zeros(count, dtype=np.int64)
    draft.times(start, no_start, start + np.clip(duration, -(1 << 60), 1 << 60))
    draft.address("src", _words(columns, "id.orig_h", count), "id.orig_h")
    draft.address("dst", _words(columns, "id.resp_h", count), "id.resp_h")
    is_v4 = _v4(draft)

    number = {name: _counts(columns, name, count) for name in COUNTS}
    draft.protocol(_protocol(columns, number["ip_proto"], is_v4, count), "proto")
    orig_p, resp_p = number["id.orig_p"], number["id.resp_p"]
    draft.ports(orig_p, resp_p, ("id.orig_p", "id.resp_p"))
    draft.icmp(orig_p, resp_p)

    tcp = draft.columns["protocol"] == protocols.TCP
    history = _by_word(columns, "history", count, _history_bits, 0)
    says = _by_word(columns, "conn_state", count, lambda word: _STATES.get(word, _JUDGE), _JUDGE)
    answered = (number["resp_pkts"] > 0) | (number["resp_bytes"] > 0) | (number["resp_ip_bytes"] > 0)
    counted = (number["resp_pkts"] >= 0) | (number["resp_bytes"] >= 0)
    both = (number["orig_bytes"] > 0) & (number["resp_bytes"] > 0)
    _states(draft, tcp, says, history, answered, both, counted)
    _beginning(draft, tcp, says, history, number)

    _volumes(draft, number, is_v4, context.sampling)
    draft.columns["service"] = _services(columns, count)
    uid = columns.get("uid")
    if uid is not None:
        draft.columns["uid"] = uid.combine_chunks() if isinstance(uid, pa.ChunkedArray) else uid
    draft.flag(np.broadcast_to(still_open, count), Flag.OPEN)
    return draft


def _states(
    draft: Draft, tcp: Bools, says: Ints, history: Ints, answered: Bools, both: Bools, counted: Bools
) -> None:
    """Which flows were established, from conn_state where it tells and from history where it does not."""
    shaken = _all(history, _SYN | _SYN_ACK | _ORIG_SENT)
    # Both ends send and nobody saw a SYN: the handshake lies before the first packet seen.
    going_on = ~_any(history, _ANY_SYN) & _all(history, _ORIG_SENT | _RESP_SENT)
    judged = shaken | going_on | both | _all(history, _ORIG_DATA | _RESP_DATA)
    judge = says >= _JUDGE
    none_seen = (says >= _JUDGE_NONE) & ~_any(history, _ORIG_SENT)
    of_tcp = np.select(
        [says <= _SAYS_RESET, says == _SAYS_NONE, says == _SAYS_REJECTED, judged,
         _any(history, _RESP_RESET), none_seen],
        [int(State.ESTABLISHED), int(State.NO_REPLY), int(State.REJECTED), int(State.ESTABLISHED),
         int(State.REJECTED), int(State.NO_REPLY)],
        int(State.UNKNOWN),
    )  # fmt: skip
    other_answered = answered | _any(history, _RESP_SENT) | (says == _SAYS)
    silent = (says != _JUDGE) | counted
    of_others = np.select(
        [other_answered, silent], [int(State.ESTABLISHED), int(State.NO_REPLY)], int(State.UNKNOWN)
    )
    state = np.where(tcp, of_tcp, of_others)
    draft.columns["state"] = state
    told = (says == _SAYS_RESET) | (says == _JUDGE_RESET) | (says == _JUDGE_NONE_RESET)
    draft.flag(tcp & (told | (judge & _any(history, _RESET))), Flag.RESET)


def _beginning(draft: Draft, tcp: Bools, says: Ints, history: Ints, number: dict[str, Ints]) -> None:
    """Whether the first packet was seen, and how sure the initiator is."""
    no_syn = np.where(history != 0, ~_any(history, _ANY_SYN), np.isin(says, (_JUDGE, _JUDGE_RESET)))
    no_request = (number["orig_pkts"] == 0) & (number["resp_pkts"] > 0)
    midstream = np.where(tcp, no_syn, no_request)
    flipped = _any(history, _FLIPPED)
    draft.flag(midstream, Flag.MIDSTREAM)
    draft.flag(flipped, Flag.REVERSED)
    draft.columns["orientation"] = np.select(
        [midstream & flipped, midstream, flipped & tcp, flipped],
        [int(Orientation.KNOWN_SERVICE), int(Orientation.GUESS), int(Orientation.HANDSHAKE),
         int(Orientation.KNOWN_SERVICE)],
        int(Orientation.STATED),
    )  # fmt: skip


def _volumes(draft: Draft, number: dict[str, Ints], is_v4: Bools, sampling: int) -> None:
    header = header_bytes(draft.columns["protocol"], is_v4)
    for end, way in (("orig", "out"), ("resp", "in")):
        packets = number[f"{end}_pkts"]
        payload = number[f"{end}_bytes"]
        found = volume(payload, number[f"{end}_ip_bytes"], packets, number["missed_bytes"], header)
        draft.flag(found.loss, Flag.LOSS)
        draft.flag(found.unknown, Flag.BYTES_UNKNOWN)
        low, spread, packets = found.low, found.spread, np.maximum(packets, 0)
        if sampling > 1:
            low, spread = scaled(low, spread, packets, sampling)
            packets = packets * sampling
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
        draft.columns[f"packets_{way}"] = packets
        draft.columns[f"payload_{way}"] = pa.array(payload, mask=payload < 0)
    if sampling > 1:
        draft.flags |= int(Flag.SAMPLED)


def _protocol(columns: dict[str, Any], ip_proto: Ints, is_v4: Bools, count: int) -> Ints:
    """Zeek calls both ICMPs `icmp` and what it does not analyse `unknown_transport`."""
    numbers = _by_word(columns, "proto", count, _protocol_number, -1)
    numbers = np.where(numbers < 0, ip_proto, numbers)
    return np.where((numbers == protocols.ICMP) & ~is_v4, protocols.ICMP6, numbers)


def _protocol_number(word: str) -> int:
    try:
        return protocols.number(word)
    except ValueError:
        return -1


def _history_bits(word: str) -> int:
    bits = 0
    for letter in set(word):
        bits |= _LETTERS.get(letter, 0)
    # A history of letters that say nothing here is still a history: keep it apart from none.
    return bits | 1 << 20


def _services(columns: dict[str, Any], count: int) -> Any:
    """The comma list in alphabetical order, once for each different list."""
    encoded = _encoded(_words(columns, "service", count))
    texts = [
        ",".join(sorted({part for part in text.split(",") if part})) or None
        for text in encoded.dictionary.to_pylist()
    ]
    if not texts:
        return pa.nulls(count, pa.string())
    return pa.array(texts, pa.string()).take(encoded.indices)


def _by_word(columns: dict[str, Any], name: str, count: int, meaning: Any, unset: int) -> Ints:
    """A number for each row, worked out once for each different word."""
    encoded = _encoded(_words(columns, name, count))
    table = np.array(
        [meaning(word) for word in encoded.dictionary.to_pylist()] + [unset], dtype=np.int64
    )
    result: Ints = table[pc.fill_null(encoded.indices, len(table) - 1).to_numpy(zero_copy_only=False)]
    return result


def _encoded(column: Any) -> Any:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    return column


def _words(columns: dict[str, Any], name: str, count: int) -> Any:
    column = columns.get(name)
    return pa.nulls(count, pa.string()) if column is None else column


def _counts(columns: dict[str, Any], name: str, count: int) -> Ints:
    """A column of counts, -1 where unset or negative."""
    column = columns.get(name)
    if column is None:
        return np.full(count, -1, dtype=np.int64)
    if column.null_count:
        column = pc.fill_null(column, -1)
    values = (
        column.to_numpy()
        if isinstance(column, pa.ChunkedArray)
        else column.to_numpy(zero_copy_only=False)
    )
    counts: Ints = np.maximum(values, -1)
    return counts


def _v4(draft: Draft) -> Bools:
    columns = draft.columns
    lo = columns["src_lo"]
    v4: Bools = (columns["src_hi"] == V4_HI) & (lo >= V4_LO_FIRST) & (lo <= V4_LO_LAST)
    return v4


def _all(bits: Ints, wanted: int) -> Bools:
    found: Bools = (bits & wanted) == wanted
    return found


def _any(bits: Ints, wanted: int) -> Bools:
    found: Bools = (bits & wanted) != 0
    return found


def time_value(name: str, text: str) -> int:
    """ts or duration in seconds as microseconds. Raises ValueError with the reason."""
    try:
        value = micros_of_text(text)
    except ValueError as error:
        raise ValueError(f"{name} is no number of seconds") from error
    return max(min(value, 1 << 62), -(1 << 62))


def count_value(name: str, text: str) -> int:
    """A port or count. Raises ValueError with the reason."""
    if not _COUNT.fullmatch(text):
        raise ValueError(f"{name} is no whole number")
    return int(text)
