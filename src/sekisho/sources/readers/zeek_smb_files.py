"""Zeek's smb_files.log: what was done with which file of a share.

Source: Zeek's documentation of SMB::FileInfo.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.logons import LogonKind
from sekisho.sources.logon_draft import LogonDraft, joined
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: LogonDraft, columns: Columns) -> None:
    draft.kind(LogonKind.FILE)
    # A share's path ends with or without a backslash.
    share = pc.utf8_rtrim(columns["path"], "\\")
    draft.text("target", pc.coalesce(joined(share, columns["name"]), share))
    draft.text("detail", columns["action"])


ZEEK_SMB_FILES = NameLog(
    path="smb_files",
    marks={"action": pa.string()},
    columns=("action", "path", "name"),
    texts=("action", "path", "name"),
    lists=(),
    either=("path", "name"),
    fill_logons=_fill,
)

ZEEK_SMB_FILES_TSV = TsvNames(ZEEK_SMB_FILES)
ZEEK_SMB_FILES_JSON = JsonNames(ZEEK_SMB_FILES)
