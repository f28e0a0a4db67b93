"""Zeek's smb_mapping.log: which shares were opened.

Source: Zeek's documentation of SMB::TreeInfo.
"""

from __future__ import annotations

import pyarrow as pa

from sekisho.model.logons import LogonKind
from sekisho.sources.logon_draft import LogonDraft
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: LogonDraft, columns: Columns) -> None:
    draft.kind(LogonKind.SHARE)
    draft.text("target", columns["path"])
    draft.text("detail", columns["service"])


ZEEK_SMB_MAPPING = NameLog(
    path="smb_mapping",
    marks={"path": pa.string(), "share_type": pa.string()},
    columns=("path", "share_type"),
    texts=("path", "share_type", "service"),
    lists=(),
    fill_logons=_fill,
)

ZEEK_SMB_MAPPING_TSV = TsvNames(ZEEK_SMB_MAPPING)
ZEEK_SMB_MAPPING_JSON = JsonNames(ZEEK_SMB_MAPPING)
