"""Folders of advisories: which techniques and vulnerabilities each is about.

Read are CSAF 2.0 (OASIS: `document.tracking`, `vulnerabilities`), STIX 2.1 bundles with a report or with
techniques, and plain text, whose first line that is not empty is its title. Of a text every id counts that is
written out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sekisho.intel.base import Aside
from sekisho.intel.documents import maps
from sekisho.intel.entries import Entry
from sekisho.intel.folders.files import LARGEST_FILE, File, files
from sekisho.intel.values import time_of, words

SUFFIXES = (".json", ".txt", ".md")
MOST = 500
"""Techniques, vulnerabilities or products of one advisory that are kept."""
_TECHNIQUE = re.compile(r"\bT[01]\d{3}(?:\.\d{3})?\b")
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,10}\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_HEADING = re.compile(r"^[#*=\s]+|[#*=\s]+$")


class AdvisoryFolder:
    """Reads advisories."""

    suffixes = SUFFIXES

    def read(self, path: Path) -> Iterator[Entry | Aside]:
        """An entry an advisory; what says of no technique and no vulnerability is set aside. Raises
        FeedError."""
        for one in files(path, SUFFIXES):
            yield _advisory(one)


def _advisory(file: File) -> Entry | Aside:
    if file.content is None:
        return Aside("malformed", f"{file.name}: over {LARGEST_FILE:,} bytes")
    if file.name.lower().endswith(".json"):
        try:
            body = json.loads(file.content)
        except (ValueError, RecursionError) as error:
            return Aside("malformed", f"{file.name}: it is no JSON: {words(str(error))[:100]}")
        found = _of_json(file, body)
    else:
        found = _of_text(file)
    if found is None:
        return Aside("not_usable", f"{file.name}: neither CSAF nor a bundle of STIX")
    if not found.techniques and not found.vulnerabilities:
        return Aside("not_usable", f"{file.name}: it names no technique and no vulnerability")
    return found


def _of_json(file: File, body: Any) -> Entry | None:
    if isinstance(body, dict) and isinstance(body.get("document"), dict):
        return _csaf(file, body)
    if isinstance(body, dict) and body.get("type") == "bundle":
        return _stix(file, maps(body.get("objects")))
    return None


def _csaf(file: File, body: Mapping[str, Any]) -> Entry:
    document = body["document"]
    tracking = document.get("tracking") if isinstance(document.get("tracking"), dict) else {}
    publisher = document.get("publisher") if isinstance(document.get("publisher"), dict) else {}
    found = maps(body.get("vulnerabilities"))
    notes = [words(note.get("text")) for note in maps(document.get("notes"))]
    tree = body.get("product_tree") if isinstance(body.get("product_tree"), dict) else {}
    return Entry(
        id=words(tracking.get("id")) or file.name,
        title=words(document.get("title")) or file.name,
        at=time_of(tracking.get("current_release_date") or tracking.get("initial_release_date")),
        techniques=_ids(_TECHNIQUE, notes),
        vulnerabilities=_ids(_CVE, (words(one.get("cve")) for one in found)),
        products=tuple(dict.fromkeys(_products(tree, 0)))[:MOST],
        about=words(publisher.get("name")),
        place=file.name,
    )


def _products(branch: Any, depth: int) -> Iterator[str]:
    """Names of products below a branch (CSAF 2.0, 3.1.2), those of a vendor with its name before."""
    if not isinstance(branch, dict) or depth > 20:
        return
    vendor = words(branch.get("name")) if branch.get("category") == "vendor" else ""
    if branch.get("category") == "product_name":
        yield words(branch.get("name"))
    for one in maps(branch.get("branches")):
        for name in _products(one, depth + 1):
            yield f"{vendor} {name}".strip()


def _stix(file: File, objects: list[dict[str, Any]]) -> Entry:
    report = next((one for one in objects if one.get("type") == "report"), {})
    techniques = [
        words(reference.get("external_id"))
        for one in objects
        if one.get("type") == "attack-pattern"
        for reference in maps(one.get("external_references"))
    ]
    vulnerabilities = [words(one.get("name")) for one in objects if one.get("type") == "vulnerability"]
    return Entry(
        id=words(report.get("id")) or file.name,
        title=words(report.get("name")) or file.name,
        at=time_of(report.get("published") or report.get("modified")),
        techniques=_ids(_TECHNIQUE, (*techniques, words(report.get("description")))),
        vulnerabilities=_ids(_CVE, vulnerabilities),
        about="",
        place=file.name,
    )


def _of_text(file: File) -> Entry:
    text = file.text
    lines = (_HEADING.sub("", line) for line in text.splitlines())
    title = next((line for line in lines if line), file.name)
    date = _DATE.search(text)
    return Entry(
        id=file.name,
        title=words(title),
        at=time_of(date[0]) if date else file.written,
        techniques=_ids(_TECHNIQUE, [text]),
        vulnerabilities=_ids(_CVE, [text]),
        place=file.name,
    )


def _ids(pattern: re.Pattern[str], texts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(match.upper() for text in texts for match in pattern.findall(text))
    return tuple(found)[:MOST]
