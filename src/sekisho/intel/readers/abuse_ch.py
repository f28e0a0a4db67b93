"""The tables of abuse.ch: Feodo Tracker, URLhaus, ThreatFox, SSLBL. Their head is the last comment before
the rows, and says which table it is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sekisho.intel.base import LARGEST_LINES, Aside, Columns, FeedError, Given, Item
from sekisho.intel.lines import lines
from sekisho.intel.values import confidence_of, time_of, words
from sekisho.model.indicators import IndicatorKind

Row = Mapping[str, str]
_TYPES = {
    "ip:port": IndicatorKind.ADDRESS,
    "domain": IndicatorKind.DOMAIN,
    "url": IndicatorKind.URL,
    "md5_hash": IndicatorKind.MD5,
    "sha1_hash": IndicatorKind.SHA1,
    "sha256_hash": IndicatorKind.SHA256,
}


def _feodo(row: Row) -> Item:
    return Given(
        row["dst_ip"],
        IndicatorKind.ADDRESS,
        valid_from=time_of(row.get("first_seen_utc")),
        seen=time_of(row.get("last_online")),
        says=words(row.get("malware"), row.get("c2_status")),
    )


def _urlhaus(row: Row) -> Item:
    return Given(
        row["url"],
        IndicatorKind.URL,
        valid_from=time_of(row.get("dateadded")),
        seen=time_of(row.get("last_online")),
        source=words(row.get("id")),
        says=words(row.get("threat"), row.get("tags")),
    )


def _threatfox(row: Row) -> Item:
    kind = _TYPES.get(row.get("ioc_type", ""))
    if kind is None:
        return Aside("not_usable", words(row.get("ioc_type"), row.get("ioc_value")))
    return Given(
        row["ioc_value"],
        kind,
        valid_from=time_of(row.get("first_seen_utc")),
        seen=time_of(row.get("last_seen_utc")),
        confidence=confidence_of(row.get("confidence_level")),
        source=words(row.get("ioc_id")),
        says=words(row.get("malware_printable"), row.get("threat_type")),
    )


def _certificates(row: Row) -> Item:
    return Given(
        row["sha1"],
        IndicatorKind.CERTIFICATE_SHA1,
        valid_from=time_of(row.get("listingdate")),
        says=words(row.get("listingreason")),
    )


def _fingerprints(row: Row) -> Item:
    return Given(
        row["ja3_md5"],
        IndicatorKind.JA3,
        valid_from=time_of(row.get("firstseen")),
        seen=time_of(row.get("lastseen")),
        says=words(row.get("listingreason")),
    )


def _sslbl_addresses(row: Row) -> Item:
    return Given(row["dstip"], IndicatorKind.ADDRESS, valid_from=time_of(row.get("firstseen")))


TABLES: Mapping[str, Callable[[Row], Item]] = {
    "dst_ip": _feodo,
    "url": _urlhaus,
    "ioc_value": _threatfox,
    "sha1": _certificates,
    "ja3_md5": _fingerprints,
    "dstip": _sslbl_addresses,
}
"""By the column that only this table has."""


class AbuseCh:
    """Reads all of them."""

    largest = LARGEST_LINES

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """An indicator of each row. Raises FeedError where no head names a table that is known."""
        head: list[str] = []
        of: Callable[[Row], Item] | None = None
        for line in lines(path):
            text = line.strip()
            if not text:
                continue
            if text.startswith("#") or of is None:
                names = [one.strip().lower() for one in _cells(text.lstrip("# "))]
                found = next((TABLES[one] for one in TABLES if one in names), None)
                if found is not None:
                    head, of = names, found
                elif not text.startswith("#"):
                    raise FeedError(
                        "no head that abuse.ch writes stands above the rows", "use the kind csv"
                    )
                continue
            row = dict(zip(head, (one.strip() for one in _cells(text)), strict=False))
            if len(row) < len(head):
                yield Aside("malformed", text[:200])
                continue
            yield of(row)


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        return []
