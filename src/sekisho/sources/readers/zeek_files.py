"""Zeek files.log: the hashes of what went over connections.

Up to Zeek 5 a record names who sent (`tx_hosts`) and who received (`rx_hosts`) and all connections
(`conn_uids`), later ones have the connection as other logs do. Of the certificates among the files the
hashes are certificates'.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.names import NameKind
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.zeek_names import LIST, Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames

_CERTIFICATE = "application/x-x509"


def _fill(draft: NameDraft, columns: Columns) -> None:
    sent, received = (_first(columns[name]) for name in ("tx_hosts", "rx_hosts"))
    # What the initiator did not send it received.
    back = pc.fill_null(pc.invert(columns["is_orig"]), fill_value=False)
    ends = {"src": pc.if_else(back, received, sent), "dst": pc.if_else(back, sent, received)}
    for end, name in (("src", "id.orig_h"), ("dst", "id.resp_h")):
        draft.address(end, pc.coalesce(columns[name], ends[end]), name, needed=False)
    # As lists of one, so that both ways of naming connections are one column.
    single = pa.ListArray.from_arrays(
        pa.array(range(len(draft) + 1), pa.int32()), _flat(columns["uid"]), type=LIST
    )
    draft.uids(pc.if_else(pc.is_valid(columns["uid"]), single, columns["conn_uids"]))

    mime = columns["mime_type"]
    certificate = pc.fill_null(pc.starts_with(mime, _CERTIFICATE), fill_value=False)
    nothing = pa.scalar(None, pa.string())
    draft.value(NameKind.MD5, columns["md5"])
    for name, of_file, of_certificate in (
        ("sha1", NameKind.SHA1, NameKind.CERTIFICATE_SHA1),
        ("sha256", NameKind.SHA256, NameKind.CERTIFICATE_SHA256),
    ):
        draft.value(of_file, pc.if_else(certificate, nothing, columns[name]))
        draft.value(of_certificate, pc.if_else(certificate, columns[name], nothing))


def _first(lists: Any) -> Any:
    text = pc.binary_join(pc.list_slice(lists, 0, 1), "")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _flat(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


_LOG = NameLog(
    path="files",
    marks={"fuid": pa.string(), "seen_bytes": pa.int64()},
    columns=("fuid", "seen_bytes", "mime_type"),
    texts=("mime_type", "md5", "sha1", "sha256"),
    lists=("tx_hosts", "rx_hosts", "conn_uids"),
    flags=("is_orig",),
    fill=_fill,
    with_ends=False,
)
ZEEK_FILES_TSV = TsvNames(_LOG)
ZEEK_FILES_JSON = JsonNames(_LOG)
