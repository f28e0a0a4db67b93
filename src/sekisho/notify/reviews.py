"""Legal review of a draft as an approval: a signature over the incident, the document, its version and hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.contain.approvals import Person

LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Review:
    """One signature that was accepted, and for what. `at` is when it was taken (aware UTC)."""

    person: str
    document: str
    version: int
    digest: str
    key: str
    at: datetime


def message(incident: str, document: str, version: int, digest: str) -> bytes:
    """What is signed: one line that a person can read."""
    return f"sekisho notice {incident} {document} version {version} sha256 {digest}\n".encode()


def holding(
    reviews: Iterable[Review], document: str, version: int, digest: str, people: Mapping[str, Person]
) -> tuple[Review, ...]:
    """Those that count for this version and hash: by people who review still, with that key; the first of
    each."""
    found: dict[str, Review] = {}
    for one in reviews:
        if (one.document, one.version, one.digest) == (document, version, digest) and holds(
            one, people
        ):
            found.setdefault(one.person, one)
    return tuple(found.values())


def holds(review: Review, people: Mapping[str, Person]) -> bool:
    """Whether whoever gave it may still, with the key that signed."""
    person = people.get(review.person)
    return (
        person is not None
        and LEGAL in person.roles
        and any(key.fingerprint == review.key for key in person.keys)
    )
