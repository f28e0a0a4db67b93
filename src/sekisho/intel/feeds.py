"""intel.yaml: which feeds there are, on which terms, and how far each is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.intel.base import Columns
from sekisho.intel.shapes import FeedsFile, FeedShape, WarningListsShape
from sekisho.inventory.documents import read_document
from sekisho.inventory.located import Problems, shaped
from sekisho.inventory.schema import file_schema

FILE = "intel.yaml"


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as the file says it. `sha256` is of what decides what it holds: from elsewhere it is another."""

    name: str
    said: FeedShape
    sha256: str

    @property
    def columns(self) -> Columns:
        """How its table is laid out."""
        said = self.said
        return Columns(said.value, said.kind_column, said.all_are, said.says)


@dataclass(frozen=True, slots=True)
class Feeds:
    """All of intel.yaml, in its order."""

    feeds: Mapping[str, Feed] = field(default_factory=dict)
    lists: WarningListsShape = field(default_factory=WarningListsShape)

    @property
    def enabled(self) -> tuple[Feed, ...]:
        """Those that are fetched and hunted for."""
        return tuple(one for one in self.feeds.values() if one.said.enabled)


def parse_feeds(content: bytes) -> Feeds:
    """What the file says. Raises FileProblems with everything that is wrong in it."""
    problems = Problems()
    document, found = read_document(FILE, content)
    problems.extend(found)
    data = document.root.plain() if document.root is not None else None
    shape = shaped(FeedsFile, document, (), data or {}, FILE, problems)
    problems.check()
    if shape is None:
        raise AssertionError("a shape that could not be read has a problem")
    feeds = {name: Feed(name, said, _sha256(said)) for name, said in shape.feeds.items()}
    return Feeds(feeds, shape.warning_lists)


def _sha256(said: FeedShape) -> str:
    place = said.model_dump_json(
        include={"kind", "url", "path", "collection", "value", "kind_column", "all_are", "says"}
        | ({"package"} if said.package else set())
    )
    return hashlib.sha256(place.encode()).hexdigest()


def feeds_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of intel.yaml, for editors."""
    return file_schema(FeedsFile, FILE, "Which feeds of indicators a Sekisho workspace hunts for")
