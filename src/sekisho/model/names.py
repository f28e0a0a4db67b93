"""Names, hashes and fingerprints that a sensor saw in connections, as columns.

They say what a connection's numbers do not: what was asked for, by what, and which files went over it.
`SOURCE_NAMES` is what a reader gives; `NAME_SCHEMA` adds what ingest knows and is what the lake holds.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

from sekisho.model.flows import TIME

VALUE_LIMIT = 1024
"""Bytes of a value (UTF-8) that are kept."""


class NameKind(StrEnum):
    """What a value is."""

    DNS_QUERY = "dns_query"
    DNS_ANSWER = "dns_answer"
    SNI = "sni"
    """The server's name that a TLS client asked for."""
    JA3 = "ja3"
    JA3S = "ja3s"
    JA4 = "ja4"
    CERTIFICATE_SHA1 = "certificate_sha1"
    """Of the certificate that a server showed; those it was signed with are left out."""
    CERTIFICATE_SHA256 = "certificate_sha256"
    HTTP_HOST = "http_host"
    USER_AGENT = "user_agent"
    MD5 = "md5"
    """Of a file, as the next two."""
    SHA1 = "sha1"
    SHA256 = "sha256"
    NAT = "nat"
    """Ends beyond a gateway that translates them, as it logged them: see `sekisho.model.translated`."""


CASED = frozenset({NameKind.USER_AGENT})
"""Kinds in whose values upper and lower case differ; of all others the lower case is kept."""
DOTTED = frozenset({NameKind.DNS_QUERY, NameKind.DNS_ANSWER, NameKind.SNI, NameKind.HTTP_HOST})
"""Kinds whose values are mostly domain names: the root's dot at their end is left out."""


def normal(kind: NameKind, value: str) -> str:
    """The form in which a value is kept and looked for; empty where it is nothing."""
    if kind not in CASED:
        value = value.lower()
    if kind in DOTTED:
        value = value.removesuffix(".")
    if len(value) * 4 <= VALUE_LIMIT:
        return value
    return value.encode("utf-8", "replace")[:VALUE_LIMIT].decode("utf-8", "ignore")


SOURCE_NAMES = pa.schema(
    [
        pa.field("time", TIME, nullable=False),
        pa.field("uid", pa.string()),
        pa.field("src_hi", pa.int64()),
        pa.field("src_lo", pa.int64()),
        pa.field("dst_hi", pa.int64()),
        pa.field("dst_lo", pa.int64()),
        pa.field("dst_port", pa.int32()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""`time` is when the sensor saw it, `src` the initiator of the connection it was seen in and `dst` its
responder; ends and port are null where the source does not tell, `uid` is the sensor's own name of the
connection. `row` is the line, from 1; one line may give several names."""

NAME_SCHEMA = pa.schema(
    [
        *SOURCE_NAMES,
        pa.field("sensor", pa.string(), nullable=False),
        pa.field("src_realm", pa.string(), nullable=False),
        pa.field("dst_realm", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
    ]
)
"""`file` is the manifest's number of the file that `row` counts in; '' is the default realm."""
