"""Zeek's ntlm.log: who was checked with NTLM, from which computer.

Source: Zeek's documentation of NTLM::Info.
"""

from __future__ import annotations

import pyarrow.compute as pc

from sekisho.model.logons import LogonKind
from sekisho.sources.logon_draft import LogonDraft, joined
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames

_OWN = ("username", "server_nb_computer_name", "server_dns_computer_name")


def _fill(draft: LogonDraft, columns: Columns) -> None:
    draft.kind(LogonKind.NTLM)
    draft.text("account", joined(columns["domainname"], columns["username"]))
    draft.text("src_name", columns["hostname"])
    server = pc.coalesce(columns["server_dns_computer_name"], columns["server_nb_computer_name"])
    draft.text("target", server)
    draft.success(columns["success"])


ZEEK_NTLM = NameLog(
    path="ntlm",
    marks={},
    columns=("domainname", "username", "server_nb_computer_name"),
    texts=("hostname", "domainname", *_OWN),
    lists=(),
    flags=("success",),
    either=_OWN,
    fill_logons=_fill,
)

ZEEK_NTLM_TSV = TsvNames(ZEEK_NTLM)
ZEEK_NTLM_JSON = JsonNames(ZEEK_NTLM)
