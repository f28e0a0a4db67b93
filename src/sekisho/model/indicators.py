"""Indicators of a compromise, as columns: what others have seen intruders use."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import pyarrow as pa

from sekisho.model.flows import TIME

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
"""FIRST, Traffic Light Protocol 2.0: with whom it may be shared; the strictest is last."""
TLPS: tuple[Tlp, ...] = ("clear", "green", "amber", "amber+strict", "red")
MOST_INDICATORS = 1_000_000
"""Of all feeds together."""


class IndicatorKind(StrEnum):
    """What an indicator's value is."""

    ADDRESS = "address"
    PREFIX = "prefix"
    DOMAIN = "domain"
    """Itself and every name below it."""
    URL = "url"
    """Only its host is ever on record."""
    MD5 = "md5"
    """Of a file, as the next two."""
    SHA1 = "sha1"
    SHA256 = "sha256"
    CERTIFICATE_SHA1 = "certificate_sha1"
    CERTIFICATE_SHA256 = "certificate_sha256"
    JA3 = "ja3"
    JA4 = "ja4"
    VULNERABILITY = "vulnerability"
    """A CVE that is exploited; no flow can show it."""


INDICATORS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("hi", pa.int64()),
        pa.field("lo", pa.int64()),
        pa.field("length", pa.int16()),
        pa.field("host", pa.string()),
        pa.field("confidence", pa.int16()),
        pa.field("tlp", pa.string()),
        pa.field("valid_from", TIME),
        pa.field("valid_until", TIME),
        pa.field("seen", TIME),
        pa.field("source", pa.string(), nullable=False),
        pa.field("says", pa.string(), nullable=False),
        pa.field("details", pa.string()),
        pa.field("arrived", TIME),
    ]
)
"""`hi`, `lo` are the address, or the first of a prefix whose `length` counts of 128 bits; `host` is a URL's
where it is a name. `confidence` is 0 to 100; `seen` is when the feed last stood by it, `source` the feed's
own name of it, `says` its words; `details` is what else it says, as JSON of texts. `arrived` is when it was
first had here. Null is what the feed does not say."""
