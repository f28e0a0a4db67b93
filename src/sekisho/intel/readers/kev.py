"""CISA's Known Exploited Vulnerabilities as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sekisho.intel.base import LARGEST_DOCUMENT, Columns, FeedError, Given, Item
from sekisho.intel.documents import document, maps
from sekisho.intel.values import time_of, words
from sekisho.model.indicators import IndicatorKind


class KnownExploited:
    """Reads the catalogue."""

    largest = LARGEST_DOCUMENT

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """A vulnerability of each entry. Raises FeedError for another document."""
        body = document(path, self.largest)
        if not isinstance(body, dict) or not isinstance(body.get("vulnerabilities"), list):
            raise FeedError(
                "it is no catalogue of exploited vulnerabilities: `vulnerabilities` is missing"
            )
        for one in maps(body["vulnerabilities"]):
            yield Given(
                str(one.get("cveID", "")),
                IndicatorKind.VULNERABILITY,
                valid_from=time_of(one.get("dateAdded")),
                says=words(one.get("vendorProject"), one.get("product"), one.get("vulnerabilityName")),
            )
