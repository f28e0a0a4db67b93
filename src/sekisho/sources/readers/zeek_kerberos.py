"""Zeek's kerberos.log: who asked a domain controller for which ticket.

Source: Zeek's documentation of KRB::Info.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.logons import LogonKind
from sekisho.sources.logon_draft import LogonDraft
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: LogonDraft, columns: Columns) -> None:
    request = columns["request_type"]
    ticket = pc.if_else(pc.equal(request, "TGS"), str(LogonKind.SERVICE_TICKET), str(LogonKind.TICKET))
    draft.kind(pc.fill_null(ticket, str(LogonKind.TICKET_SHOWN)))
    draft.text("account", columns["client"])
    draft.text("target", columns["service"])
    draft.text("detail", columns["error_msg"])
    draft.success(columns["success"])


ZEEK_KERBEROS = NameLog(
    path="kerberos",
    marks={"request_type": pa.string()},
    columns=("request_type", "client", "service", "error_msg"),
    texts=("request_type", "client", "service", "error_msg"),
    lists=(),
    flags=("success",),
    fill_logons=_fill,
)

ZEEK_KERBEROS_TSV = TsvNames(ZEEK_KERBEROS)
ZEEK_KERBEROS_JSON = JsonNames(ZEEK_KERBEROS)
