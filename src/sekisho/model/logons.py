"""Who proved to be whom where, and what hosts say was done there, as columns.

`SOURCE_LOGONS` is what a reader gives; `LOGON_SCHEMA` adds what ingest knows and is what the lake holds.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

from sekisho.model.flows import TIME

NAME_LIMIT = 256
"""Bytes of a host's, an account's or a source's name (UTF-8) that are kept."""
TEXT_LIMIT = 1024
"""Bytes of a target or a detail that are kept."""


class LogonKind(StrEnum):
    """What a record says."""

    LOGON = "logon"
    """An account was let in (4624)."""
    LOGON_FAILED = "logon_failed"
    """It was not (4625)."""
    EXPLICIT_CREDENTIALS = "explicit_credentials"
    """One account used another's credentials: `actor` is the one, `account` the other (4648)."""
    SPECIAL_PRIVILEGES = "special_privileges"
    """An administrator was let in (4672)."""
    TICKET = "ticket"
    """A Kerberos ticket to get others with was asked for (4768, Zeek's AS)."""
    SERVICE_TICKET = "service_ticket"
    """One for a service (4769, Zeek's TGS)."""
    TICKET_SHOWN = "ticket_shown"
    """A service was shown one; whose is not told (Zeek's AP within another protocol)."""
    NTLM = "ntlm"
    """Credentials were checked with NTLM (4776, Zeek's ntlm)."""
    SHARE = "share"
    """A share was opened (5140, Zeek's smb_mapping)."""
    FILE = "file"
    """A file or pipe of a share (5145, Zeek's smb_files)."""
    RPC = "rpc"
    """A remote procedure was called (Zeek's dce_rpc)."""
    SERVICE_INSTALLED = "service_installed"
    """7045."""
    PROCESS = "process"
    """Sysmon 1."""
    NETWORK = "network"
    """Sysmon 3: a process connected, or was connected to."""
    FILE_CREATED = "file_created"
    """Sysmon 11."""
    LOG_CLEARED = "log_cleared"
    """1102: the log is empty before."""
    RECORDS_MISSING = "records_missing"
    """The numbers of a log's records leave some out."""


def cut(text: str, limit: int) -> str:
    """Text of at most `limit` bytes of UTF-8, no character halved."""
    if len(text) * 4 <= limit:
        return text
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


SOURCE_LOGONS = pa.schema(
    [
        pa.field("time", TIME, nullable=False),
        pa.field("uid", pa.string()),
        pa.field("host", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("success", pa.bool_()),
        pa.field("account", pa.string()),
        pa.field("actor", pa.string()),
        pa.field("logon_type", pa.int32()),
        pa.field("src_hi", pa.int64()),
        pa.field("src_lo", pa.int64()),
        pa.field("src_name", pa.string()),
        pa.field("dst_hi", pa.int64()),
        pa.field("dst_lo", pa.int64()),
        pa.field("dst_port", pa.int32()),
        pa.field("target", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("event", pa.int32()),
        pa.field("record", pa.int64()),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""`host` is where it happened, as the record names it: the computer that wrote it, short or in full, or the
responder's address where a sensor on the network did. `account` is DOMAIN\\user or what the record has of it,
`actor` who acted where that is another. `success` is null where the record does not tell. `src` is where the
one who logged on came from, `src_name` its name, `dst` the responder or where a process connected to; null
where the record does not tell. `logon_type` is Windows' own (3 network, 10 remote interactive …). `event` is
the number of a Windows event and `record` its place in that host's log; `uid` the connection's name of a
sensor on the network. `row` is the line or record of the file, from 1."""

LOGON_SCHEMA = pa.schema(
    [
        *SOURCE_LOGONS,
        pa.field("sensor", pa.string(), nullable=False),
        pa.field("src_realm", pa.string(), nullable=False),
        pa.field("dst_realm", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
    ]
)
"""`file` is the manifest's number of the file that `row` counts in; '' is the default realm."""
