"""What a MISP server has: a feed of events by their manifest, or `restSearch` with a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from sekisho.intel.base import LARGEST_DOCUMENT, LARGEST_LINES, FeedError, Item
from sekisho.intel.documents import document, maps
from sekisho.intel.fetching import Fetcher
from sekisho.intel.readers.misp import KINDS, items

PAGE = 5000
PAGES = 10_000
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Misp:
    """Speaks with one server. `scratch` is a file that may be overwritten."""

    def __init__(self, fetcher: Fetcher, scratch: Path, page: int = PAGE) -> None:
        self._fetcher, self._scratch, self._page = fetcher, scratch, page
        self._read = 0

    def items(self, url: str) -> Iterator[Item]:
        """What is meant for detection: of all events where the URL is of a `manifest.json`, of one event
        where it is of another JSON file, else of the server's whole search. Raises FeedError."""
        path = urlsplit(url).path
        if path.endswith("/manifest.json"):
            manifest = self._ask(url)
            if not isinstance(manifest, dict):
                raise FeedError("the manifest is no JSON object")
            for name in manifest:
                if not _UUID.fullmatch(name):
                    raise FeedError(f"{name[:60]!r} in the manifest is no event")
                yield from items(self._ask(urljoin(url, f"{name}.json")))
        elif path.endswith(".json"):
            yield from items(self._ask(url))
        else:
            yield from self._search(url)

    def _search(self, url: str) -> Iterator[Item]:
        place = urljoin(url if url.endswith("/") else url + "/", "attributes/restSearch")
        for page in range(1, PAGES + 1):
            asked = {
                "returnFormat": "json",
                "to_ids": 1,
                "deleted": 0,
                "type": list(KINDS),
                "includeEventTags": 1,
                "page": page,
                "limit": self._page,
            }
            body = self._ask(place, json.dumps(asked).encode())
            response = body.get("response") if isinstance(body, dict) else None
            found = maps(response.get("Attribute")) if isinstance(response, dict) else []
            if not isinstance(response, dict) or "Attribute" not in response:
                raise FeedError(
                    "it does not answer a search as MISP does", "look at `url:` and `secret:`"
                )
            yield from items({"Attribute": found})
            if len(found) < self._page:
                return
        raise FeedError(f"it gives more than {PAGES:,} pages")

    def _ask(self, url: str, body: bytes | None = None) -> Any:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self._fetcher.into(self._scratch, url, LARGEST_DOCUMENT, headers, body)
        self._read += answer.size
        if self._read > LARGEST_LINES:
            raise FeedError(f"over {LARGEST_LINES:,} bytes in all", "take a part of it")
        return document(self._scratch, LARGEST_DOCUMENT)
