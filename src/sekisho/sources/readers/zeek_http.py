"""Zeek http.log: the host that was asked for, and what asked."""

from __future__ import annotations

import pyarrow as pa

from sekisho.model.names import NameKind
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.zeek_names import LIST, Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: NameDraft, columns: Columns) -> None:
    draft.value(NameKind.HTTP_HOST, columns["host"])
    draft.value(NameKind.USER_AGENT, columns["user_agent"])


_LOG = NameLog(
    path="http",
    marks={"trans_depth": pa.int64(), "tags": LIST},
    columns=("host", "user_agent", "trans_depth"),
    texts=("host", "user_agent"),
    lists=(),
    fill=_fill,
)
ZEEK_HTTP_TSV = TsvNames(_LOG)
ZEEK_HTTP_JSON = JsonNames(_LOG)
