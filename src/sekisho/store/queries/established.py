"""Whether a flow was established, as SQL over one raw row."""

from __future__ import annotations

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, State
from sekisho.model.protocols import TCP

# Doubles, because hostile counts times 40 do not fit in 64 bits and must not stop a day.
HEADERS = f"(CASE WHEN src_hi = {V4_HI} THEN 40 ELSE 60 END)"
"""IP and TCP headers without options (RFC 791, RFC 8200, RFC 9293): a reset is no longer than this."""

_ANSWERED_TCP = f"""CASE
    WHEN payload_in IS NOT NULL OR payload_out IS NOT NULL
    THEN coalesce(payload_in, 0) > 0 OR (coalesce(payload_out, 0) > 0 AND packets_in > 0)
    ELSE bytes_out > 0 AND bytes_in > 0
        AND bytes_in::DOUBLE + bytes_in_spread > {HEADERS} * packets_in::DOUBLE END"""

ESTABLISHED = f"""(state = {State.ESTABLISHED} OR (state = {State.UNKNOWN}
    AND CASE WHEN protocol = {TCP} THEN {_ANSWERED_TCP} ELSE packets_in > 0 OR bytes_in > 0 END))"""
"""A two-way row. Where the source does not say: TCP, data came back, or data was sent and acknowledged
(a row of resets alone has nothing but headers); others, an answer was seen."""

BLOCKED = f"(state IN ({State.REJECTED}, {State.DENIED}) OR flags & {int(Flag.RESET)} <> 0)"
"""Volume one way does not make such a row established."""
