"""A client of TAXII 2.1 (OASIS, 10 June 2021): discovery, API roots, collections, objects by the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from sekisho.intel.base import LARGEST_DOCUMENT, LARGEST_LINES, FeedError
from sekisho.intel.documents import document, maps, texts
from sekisho.intel.fetching import Answer, Fetcher
from sekisho.intel.values import words

MEDIA = "application/taxii+json;version=2.1"
PAGE = 1000
"""Objects that a page is asked for; servers may give fewer."""
PAGES = 10_000
_LAST = "X-TAXII-Date-Added-Last"


class Taxii:
    """Speaks with one server. `scratch` is a file that may be overwritten."""

    def __init__(self, fetcher: Fetcher, scratch: Path, page: int = PAGE) -> None:
        self._fetcher, self._scratch, self._page = fetcher, scratch, page
        self._read = 0
        self.added = ""
        """When the last object that came was added, by the server's clock and in its own words."""

    def objects(self, url: str, collection: str, added_after: str = "") -> Iterator[Mapping[str, Any]]:
        """The indicators of a collection, those that came after `added_after` where it is given.

        `url` is of the discovery or of an API root. Raises FeedError.
        """
        root = self._root(url)
        place = urljoin(_folder(root), f"collections/{self._collection(root, collection)}/objects/")
        after, following, seen = added_after, "", set[str]()
        for _ in range(PAGES):
            asked = {"limit": str(self._page), "match[type]": "indicator"}
            asked |= {"added_after": after} if after else {}
            asked |= {"next": following} if following else {}
            body, answer = self._ask(f"{place}?{urlencode(asked)}")
            found = maps(body.get("objects"))
            yield from found
            last = _header(answer, _LAST)
            self.added = last or self.added
            if body.get("more") is not True:
                return
            following = words(body.get("next"))
            if not following:
                # A server that says more, and not where, is asked from where it stopped (3.4.1).
                after = last
            mark = following or last
            if not mark or mark in seen:
                raise FeedError(f"{_host(url)} says there is more, and gives the same again")
            seen.add(mark)
        raise FeedError(f"{_host(url)} gives more than {PAGES:,} pages", "take a smaller collection")

    def _root(self, url: str) -> str:
        body, _ = self._ask(url)
        if "versions" in body:
            return url
        roots = texts(body.get("api_roots"))
        if isinstance(body.get("default"), str):
            roots.insert(0, body["default"])
        if not roots:
            raise FeedError(f"{_host(url)} names no API root", "give the URL of one")
        try:
            root = urljoin(url, roots[0])
            elsewhere = urlsplit(root)[:2] != urlsplit(url)[:2]
        except ValueError:
            raise FeedError(f"{_host(url)} names an API root that is no URL") from None
        if elsewhere:
            raise FeedError(
                f"{_host(url)} names an API root on {_host(root)}", "give the URL of that API root"
            )
        return root

    def _collection(self, root: str, wanted: str) -> str:
        body, _ = self._ask(urljoin(_folder(root), "collections/"))
        found = maps(body.get("collections"))
        for key in ("id", "alias", "title"):
            for one in found:
                if one.get(key) == wanted and isinstance(one.get("id"), str):
                    if one.get("can_read") is False:
                        raise FeedError(f"the collection {wanted} may not be read by this user")
                    return _segment(one["id"])
        known = ", ".join(words(one.get("title")) for one in found[:8])
        raise FeedError(f"there is no collection {wanted}", f"there are: {known or 'none'}")

    def _ask(self, url: str) -> tuple[Mapping[str, Any], Answer]:
        answer = self._fetcher.into(self._scratch, url, LARGEST_DOCUMENT, {"Accept": MEDIA})
        self._read += answer.size
        if self._read > LARGEST_LINES:
            raise FeedError(f"over {LARGEST_LINES:,} bytes in all", "take a smaller collection")
        media = _header(answer, "Content-Type").partition(";")[0].strip().lower()
        if media not in ("application/taxii+json", "application/json", "application/stix+json"):
            raise FeedError(
                f"{_host(url)} answers with {words(media) or 'no kind of document'}",
                "look at `url:`: it is of a TAXII 2.1 discovery or API root",
            )
        body = document(self._scratch, LARGEST_DOCUMENT)
        if not isinstance(body, dict):
            raise FeedError(f"{_host(url)} answers with no JSON object")
        return body, answer


def _segment(name: str) -> str:
    if not name or not all(one.isalnum() or one in "-_." for one in name) or name.strip(".") == "":
        raise FeedError(f"{words(json.dumps(name))} is no id of a collection")
    return name


def _header(answer: Answer, name: str) -> str:
    return next((v for k, v in answer.headers.items() if k.lower() == name.lower()), "")


def _folder(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "?"
