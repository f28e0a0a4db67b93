"""What is new of intruders' methods, whom it concerns, and what to do: `sekisho.brief/1` and `changes/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.documents import Document
from sekisho.model.exploited import ExploitedItem
from sekisho.model.findings import Time
from sekisho.model.hunts import FeedStanding
from sekisho.model.methods import Change, Version


class NewEntry(Document):
    """A rule or advisory that is new. `altered`: it was here before and says something else now. `reads` are
    sources that a rule reads; `installed` are vulnerabilities of an advisory whose product terminals have.
    `concerns` are sites, `terminals` how many, `todo` what to do there."""

    id: str
    title: str
    feed: str
    at: Time | None
    arrived: Time | None
    altered: bool
    level: str
    about: str
    techniques: tuple[str, ...]
    vulnerabilities: tuple[str, ...]
    reads: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    terminals: int = 0
    todo: str = ""


class ChangesDocument(Document):
    """`sekisho intel changes`. Without an earlier version `before` is null and nothing is compared."""

    schema_: Literal["sekisho.changes/1"] = Field(default="sekisho.changes/1", alias="schema")
    made: Time
    before: Version | None
    attack: Version | None
    changes: tuple[Change, ...]
    advisories: tuple[NewEntry, ...]
    notes: tuple[str, ...] = ()


class BriefFeed(Document):
    """How a feed was followed within the month: on how many `days` its source answered, and when last before
    its end."""

    name: str
    kind: str
    licence: str
    days: int
    last: str | None
    standing: FeedStanding
    new: int


class NewIndicators(Document):
    """Indicators of a feed that are new, by kind; of `found` connections that they name the first `hits` are
    told by finding, and `concerns` are the sites, `assets` the hosts of these."""

    feed: str
    new: int
    kinds: dict[str, int]
    found: int
    hits: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()


class Todo(Document):
    """One thing to do: `who` are sites, `by` a date where there is one; the first are the most urgent."""

    what: str
    why: str
    who: tuple[str, ...] = ()
    by: str | None = None


class BriefDocument(Document):
    """`sekisho intel brief`. `asked` is whether any feed answered within the month: where not, that there is
    nothing new says nothing. `exploited` are entries that are new and installed here, of `new_exploited`."""

    schema_: Literal["sekisho.brief/1"] = Field(default="sekisho.brief/1", alias="schema")
    made: Time
    month: str
    asked: bool
    feeds: tuple[BriefFeed, ...]
    before: Version | None
    attack: Version | None
    changes: tuple[Change, ...]
    indicators: tuple[NewIndicators, ...]
    new_exploited: int
    exploited: tuple[ExploitedItem, ...]
    rules: tuple[NewEntry, ...]
    advisories: tuple[NewEntry, ...]
    todo: tuple[Todo, ...]
    notes: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether anything is new."""
        return bool(
            self.changes or self.indicators or self.new_exploited or self.rules or self.advisories
        )
