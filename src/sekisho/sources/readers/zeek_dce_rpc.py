"""Zeek's dce_rpc.log: which procedure was called over which pipe.

Source: Zeek's documentation of DCE_RPC::Info.
"""

from __future__ import annotations

import pyarrow.compute as pc

from sekisho.model.logons import LogonKind
from sekisho.sources.logon_draft import LogonDraft
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: LogonDraft, columns: Columns) -> None:
    draft.kind(LogonKind.RPC)
    endpoint, operation = columns["endpoint"], columns["operation"]
    called = pc.binary_join_element_wise(endpoint, operation, "::")
    draft.text("target", pc.coalesce(called, operation, endpoint))
    draft.text("detail", columns["named_pipe"])


ZEEK_DCE_RPC = NameLog(
    path="dce_rpc",
    marks={},
    columns=("endpoint", "operation", "named_pipe"),
    texts=("endpoint", "operation", "named_pipe"),
    lists=(),
    either=("endpoint", "operation"),
    fill_logons=_fill,
)

ZEEK_DCE_RPC_TSV = TsvNames(ZEEK_DCE_RPC)
ZEEK_DCE_RPC_JSON = JsonNames(ZEEK_DCE_RPC)
