"""Folders of Sigma rules: which techniques each says that it looks for. Nothing is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sekisho.intel.base import Aside
from sekisho.intel.detections import LARGEST, DetectionRule, rules_of
from sekisho.intel.entries import Entry
from sekisho.intel.folders.files import File, files
from sekisho.intel.values import time_of, words

SUFFIXES = (".yml", ".yaml")
_CVE = re.compile(r"cve[.-](\d{4})[.-](\d{4,10})", re.IGNORECASE)
_NOT_USED = frozenset({"deprecated", "unsupported"})


class SigmaFolder:
    """Reads rules."""

    suffixes = SUFFIXES

    def read(self, path: Path) -> Iterator[Entry | Aside]:
        """An entry a rule; what is no rule, or not used any more, is set aside. Raises FeedError."""
        for one in files(path, SUFFIXES):
            yield from _rules(one)


def _rules(file: File) -> Iterator[Entry | Aside]:
    if file.content is None or len(file.content) > LARGEST:
        yield Aside("malformed", f"{file.name}: over {LARGEST:,} bytes")
        return
    found = rules_of(file.name, file.content)
    for problem in found.problems:
        if problem.level == "error":
            yield Aside("malformed", f"{file.name}:{problem.line}: {problem.message}")
    for rule in found.rules:
        if rule.kind == "filter":
            continue
        if rule.status in _NOT_USED:
            yield Aside("revoked", f"{file.name}: {rule.status}")
        else:
            yield _entry(rule)


def _entry(rule: DetectionRule) -> Entry:
    source = str(rule.logsource)
    return Entry(
        id=words(rule.id) or f"{rule.path}:{rule.line}",
        title=words(rule.title),
        at=time_of(_day(rule.body.get("modified")) or _day(rule.body.get("date"))),
        techniques=tuple(dict.fromkeys(rule.techniques)),
        vulnerabilities=tuple(
            dict.fromkeys(
                f"CVE-{match[1]}-{match[2]}" for tag in rule.tags if (match := _CVE.fullmatch(tag))
            )
        ),
        level=rule.level,
        about="" if source == "any" else words(source),
        author=words(rule.author),
        licence=words(rule.license),
        place=rule.path,
    )


def _day(given: Any) -> str:
    return words(given).replace("/", "-")
