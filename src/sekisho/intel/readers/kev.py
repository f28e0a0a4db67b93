"""CISA's Known Exploited Vulnerabilities as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sekisho.intel.base import LARGEST_DOCUMENT, Columns, FeedError, Given, Item
from sekisho.intel.documents import document, maps
from sekisho.intel.values import time_of, words
from sekisho.model.indicators import IndicatorKind

DETAILS = {
    "vendor": "vendorProject",
    "product": "product",
    "name": "vulnerabilityName",
    "due": "dueDate",
    "ransomware": "knownRansomwareCampaignUse",
    "action": "requiredAction",
}
"""What is kept of an entry beside its CVE, and what the catalogue calls it."""


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
                details={key: said for key, name in DETAILS.items() if (said := words(one.get(name)))},
            )
