"""Folders of Sigma rules: which techniques each says that it looks for. Nothing is run here.

Source: Sigma specification 2.0, rules and tags (`attack.t1021.004`, `attack.lateral-movement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sekisho.intel.base import Aside
from sekisho.intel.entries import Entry
from sekisho.intel.folders.files import File, files
from sekisho.intel.values import time_of, words
from sekisho.inventory.documents import read_document

SUFFIXES = (".yml", ".yaml")
LARGEST = 1 << 20
_TECHNIQUE = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
_CVE = re.compile(r"cve[.-](\d{4})[.-](\d{4,10})", re.IGNORECASE)
_NOT_USED = frozenset({"deprecated", "unsupported"})


class SigmaFolder:
    """Reads rules."""

    suffixes = SUFFIXES

    def read(self, path: Path) -> Iterator[Entry | Aside]:
        """An entry a rule; what is no rule, or not used any more, is set aside. Raises FeedError."""
        for one in files(path, SUFFIXES):
            yield _rule(one)


def _rule(file: File) -> Entry | Aside:
    if file.content is None or len(file.content) > LARGEST:
        return Aside("malformed", f"{file.name}: over {LARGEST:,} bytes")
    document, problems = read_document(file.name, file.content)
    said = document.root.plain() if document.root is not None else None
    if problems or not isinstance(said, dict):
        why = problems[0].message if problems else "it is no map"
        at = f":{problems[0].line}" if problems else ""
        return Aside("malformed", f"{file.name}{at}: {why}")
    if not isinstance(said.get("detection"), dict) and "correlation" not in said:
        return Aside("not_usable", f"{file.name}: it is no rule: `detection` is missing")
    status = words(said.get("status")).casefold()
    if status in _NOT_USED:
        return Aside("revoked", f"{file.name}: {status}")
    tags = said.get("tags") if isinstance(said.get("tags"), list) else []
    names = [words(tag) for tag in tags or ()]
    return Entry(
        id=words(said.get("id")) or file.name,
        title=words(said.get("title")) or file.name,
        at=time_of(_day(said.get("modified")) or _day(said.get("date"))),
        techniques=tuple(
            dict.fromkeys(match[1].upper() for name in names if (match := _TECHNIQUE.fullmatch(name)))
        ),
        vulnerabilities=tuple(
            dict.fromkeys(
                f"CVE-{match[1]}-{match[2]}" for name in names if (match := _CVE.fullmatch(name))
            )
        ),
        level=words(said.get("level")).casefold(),
        about=_source(said.get("logsource")),
        author=words(said.get("author")),
        licence=words(said.get("license")),
        place=file.name,
    )


def _day(given: Any) -> str:
    return words(given).replace("/", "-")


def _source(given: Any) -> str:
    if not isinstance(given, dict):
        return ""
    return "/".join(words(given[key]) for key in ("product", "category", "service") if given.get(key))
