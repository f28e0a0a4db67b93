"""Versions of what was drafted for an incident, and the reviews of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sekisho.app.containing.approving import people
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.findings import rfc3339
from sekisho.model.notices import DraftDocument, DraftsDocument, ReviewDocument
from sekisho.notify.papers import Draft
from sekisho.notify.reviews import Review, holds
from sekisho.state.notices import NoticeStore


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document. `files` are SHA-256 by format, `as_of` when it was known, as it says."""

    document: str
    number: int
    digest: str
    as_of: str
    at: datetime
    by: str
    by_people: bool
    files: Mapping[str, str] = field(default_factory=dict)


def document_name(obligation: str, stage: str) -> str:
    """What a stage of an obligation, or a document of no obligation (''), is called."""
    return "/".join(part for part in (obligation, stage) if part)


def versions(store: NoticeStore, incident: str) -> dict[str, tuple[Version, ...]]:
    """Every version of every document of an incident, oldest first."""
    found: dict[str, dict[int, Version]] = {}
    for event in store.events(incident):
        if event.action != "draft":
            continue
        body = event.body
        name, number = document_name(body["obligation"], body["stage"]), int(body["version"])
        known = found.setdefault(name, {}).get(number)
        one = known or Version(
            document=name,
            number=number,
            digest=body.get("digest", body["sha256"]),
            as_of=body.get("as_of", ""),
            at=event.at,
            by=event.by,
            by_people=bool(body.get("by_people")),
        )
        files = {**one.files, body.get("format", ""): body["sha256"]}
        found[name][number] = replace(one, files=files)
    return {name: tuple(of[n] for n in sorted(of)) for name, of in found.items()}


def reviews(store: NoticeStore, incident: str) -> tuple[Review, ...]:
    """Every review that was ever taken, in order."""
    return tuple(
        Review(
            e.body["person"],
            e.body["document"],
            int(e.body["version"]),
            e.body["digest"],
            e.body["key"],
            e.at,
        )
        for e in store.events(incident)
        if e.action == "approval"
    )


def numbered(store: NoticeStore, incident: str, document: str, draft: Draft) -> Draft:
    """The draft with its version: that of the last one where it says the same, and its time; else the next."""
    last = next(iter(versions(store, incident).get(document, ())[-1:]), None)
    if last is not None and last.digest == draft.digest:
        return replace(draft, version=last.number, at=last.as_of)
    return replace(draft, version=last.number + 1 if last else 1)


def keep(
    decisions: Decisions, incident: str, obligation: str, stage: str, version: Version, content: bytes
) -> None:
    """Keep a file of a version; one that is kept already is not kept again."""
    ((format_, sha256),) = version.files.items()
    document = document_name(obligation, stage)
    before = versions(decisions.state.notices(), incident).get(document, ())
    if any(one.number == version.number and one.files.get(format_) == sha256 for one in before):
        return
    body = {
        "incident": incident,
        "obligation": obligation,
        "stage": stage,
        "at": rfc3339(version.at),
        "as_of": version.as_of,
        "sha256": sha256,
        "digest": version.digest,
        "format": format_,
        "version": version.number,
        "by_people": version.by_people,
    }
    decisions.decide("notify.draft", body, at=version.at, by=version.by, contents=[content])


def asked_version(store: NoticeStore, incident: str, asked: str) -> Version:
    """`jp-appi/preliminary`, its last version, or `jp-appi/preliminary@2`. Raises RequestError."""
    name, _, number = asked.partition("@")
    every = versions(store, incident)
    if name not in every:
        mend = did_you_mean(name, every, f"sekisho notify drafts {incident} lists them")
        raise RequestError(f"{incident} has no draft {name[:120]}", mend)
    if not number:
        return every[name][-1]
    for one in every[name]:
        if number == str(one.number):
            return one
    raise RequestError(
        f"{name} has no version {number[:20]}", f"there are 1 to {every[name][-1].number}"
    )


def listed(workspace: Workspace, asked: str) -> DraftsDocument:
    """Every version of everything drafted for an incident. Raises RequestError."""
    known = people(workspace)
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        every, given = versions(store, incident), reviews(store, incident)
        sent = {
            (document_name(e.body["obligation"], e.body["stage"]), e.body.get("draft")): e.body["at"]
            for e in store.events(incident)
            if e.action == "delivery"
        }
    return DraftsDocument(
        incident=incident,
        drafts=tuple(
            DraftDocument(
                document=one.document,
                version=one.number,
                digest=one.digest,
                at=one.at,
                by=one.by,
                written_by="people" if one.by_people else "facts",
                files=dict(one.files),
                reviews=tuple(
                    ReviewDocument(by=r.person, key=r.key, at=r.at, holds=holds(r, known))
                    for r in given
                    if (r.document, r.version, r.digest) == (one.document, one.number, one.digest)
                ),
                delivered=sent.get((one.document, one.number)),
            )
            for name in sorted(every)
            for one in every[name]
        ),
    )
