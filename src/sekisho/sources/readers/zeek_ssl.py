"""Zeek ssl.log: the server's name that was asked for, both ends' fingerprints, the server's certificate.

Of the certificates that a server shows only its own is taken, the first one: those it is signed with are
many servers'. JA3 and JA4 come from packages that are installed beside Zeek.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.names import NameKind
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.zeek_names import Columns, NameLog
from sekisho.sources.zeek_names_json import JsonNames
from sekisho.sources.zeek_names_tsv import TsvNames

_DIGITS = {NameKind.CERTIFICATE_SHA1: 40, NameKind.CERTIFICATE_SHA256: 64}
"""What a certificate's hash is, by its length: Zeek's hash function may be chosen."""


def _fill(draft: NameDraft, columns: Columns) -> None:
    draft.value(NameKind.SNI, columns["server_name"])
    draft.value(NameKind.JA3, columns["ja3"])
    draft.value(NameKind.JA3S, columns["ja3s"])
    draft.value(NameKind.JA4, columns["ja4"])
    own = pc.list_slice(columns["cert_chain_fps"], 0, 1)
    first = pc.coalesce(columns["resp_certificate_sha1"], pc.binary_join(own, ""))
    for kind, digits in _DIGITS.items():
        fits = pc.equal(pc.utf8_length(first), digits)
        draft.value(kind, pc.if_else(fits, first, pa.scalar(None, pa.string())))


_LOG = NameLog(
    path="ssl",
    marks={"established": pa.bool_(), "resumed": pa.bool_()},
    columns=("server_name", "cipher"),
    texts=("server_name", "ja3", "ja3s", "ja4", "resp_certificate_sha1"),
    lists=("cert_chain_fps",),
    fill=_fill,
)
ZEEK_SSL_TSV = TsvNames(_LOG)
ZEEK_SSL_JSON = JsonNames(_LOG)
