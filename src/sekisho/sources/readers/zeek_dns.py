"""Zeek dns.log: which names were asked for, and what was answered."""

from __future__ import annotations

import pyarrow as pa

from sekisho.model.names import NameKind
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames


def _fill(draft: NameDraft, columns: Columns) -> None:
    draft.value(NameKind.DNS_QUERY, columns["query"])
    draft.values(NameKind.DNS_ANSWER, columns["answers"])


_LOG = NameLog(
    path="dns",
    marks={"AA": pa.bool_()},
    columns=("query", "qtype_name"),
    texts=("query",),
    lists=("answers",),
    fill=_fill,
)
ZEEK_DNS_TSV = TsvNames(_LOG)
ZEEK_DNS_JSON = JsonNames(_LOG)
