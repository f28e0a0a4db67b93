"""How intruders go about it, and what here would show it, as documents: `sekisho.methods/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.documents import Document
from sekisho.model.findings import Time

Standing = Literal["seen", "lapsed", "nothing_recorded"]
"""`lapsed`: it was recorded once, and not within the last days."""
Where = Literal["audit", "fleet", "intel", "investigation", "sigma"]
ExerciseKind = Literal["finding", "alert", "hunt", "check", "match", "incident"]
ChangeKind = Literal["added", "renamed", "revoked", "deprecated", "returned", "removed", "tactics"]


class Version(Document):
    """A version of ATT&CK. `notice` is to be shown with what is taken from it."""

    domain: str
    version: str
    date: Time | None
    source: str
    notice: str


class Recorded(Document):
    """What is on record of one source at one site. `of` is what it is counted in: hours, rows, terminals;
    `amount` how many of `out_of` where there is a whole."""

    source: str
    site: str
    standing: Standing
    first: Time | None = None
    last: Time | None = None
    amount: int = 0
    out_of: int | None = None
    of: str = ""


class SourceItem(Document):
    """A source that could show a technique, and why it could."""

    id: str
    title: str
    why: str
    by: Literal["attack", "sekisho"]


class Exercise(Document):
    """When something last showed that the looking works for a technique: what it was, and where."""

    at: Time
    kind: ExerciseKind
    text: str
    sites: tuple[str, ...] = ()


class LooksItem(Document):
    """What looks for a technique: a check of ours, or somebody's rule. `where` says of which kind it is; of
    the sources in `needs` it reads one; where it does not run (`runs`), it is only known of, or `why` says what
    keeps it from being asked."""

    id: str
    title: str
    where: Where
    why: str
    needs: tuple[str, ...] = ()
    runs: bool = True
    exercised: Exercise | None = None


class SiteStanding(Document):
    """One technique at one site. `missing` are sources that could show it and have nothing on record there."""

    site: str
    standing: Standing
    seen_by: tuple[str, ...] = ()
    last: Time | None = None
    missing: tuple[str, ...] = ()
    looked_for: bool = False


class TechniqueItem(Document):
    """One technique: what could show it, what looks for it, where, when last, and what is missing. `not_here`
    are logs of ATT&CK's in which it shows and that nothing here reads; `rules` counts Sigma rules, also those
    beyond the ones that are told."""

    id: str
    name: str
    tactics: tuple[str, ...]
    text: str = ""
    sources: tuple[SourceItem, ...] = ()
    not_here: tuple[str, ...] = ()
    looked_for_by: tuple[LooksItem, ...] = ()
    rules: int = 0
    sites: tuple[SiteStanding, ...] = ()
    exercised: Exercise | None = None
    missing: tuple[str, ...] = ()


class MethodsDocument(Document):
    """`sekisho intel techniques` and `gaps`. `recorded` is what is on record of every source at every site;
    `whole` how many techniques were looked at, of which `techniques` are those that were asked for."""

    schema_: Literal["sekisho.methods/1"] = Field(default="sekisho.methods/1", alias="schema")
    made: Time
    attack: Version
    gaps_only: bool
    sites: tuple[str, ...]
    whole: int
    techniques: tuple[TechniqueItem, ...]
    recorded: tuple[Recorded, ...]
    notes: tuple[str, ...] = ()


class Change(Document):
    """What is other about a technique in a newer version. `concerns` are the sites at which nothing would show
    it, or nothing looks for it; empty where all is well."""

    technique: str
    name: str
    kind: ChangeKind
    text: str
    tactics: tuple[str, ...] = ()
    replaced_by: str | None = None
    in_scope: bool = False
    concerns: tuple[str, ...] = ()
    todo: str = ""
