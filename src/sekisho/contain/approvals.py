"""Who may approve what, and whether enough have: signatures over a plan's hash by people of the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sekisho.contain.signatures import PublicKey, signer
from sekisho.errors import Refused, RequestError

Deed = Literal["apply", "lift", "exempt"]
"""What is approved: that a plan is applied, that it is lifted, that a flow is exempt for a while.
One does not stand for another."""
APPROVER = "approver"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the workspace: what they may do, and the keys that are theirs."""

    name: str
    roles: frozenset[str] = frozenset()
    keys: tuple[PublicKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """One signature that was accepted. `at` is when it was taken (aware UTC)."""

    person: str
    deed: Deed
    hash: str
    key: str
    at: datetime


def message(plan: str, deed: Deed, plan_hash: str) -> bytes:
    """What is signed: one line that a person can read."""
    return f"sekisho plan {plan} {deed} {plan_hash}\n".encode()


def signed_by(
    armoured: str, plan: str, deed: Deed, plan_hash: str, people: Mapping[str, Person]
) -> tuple[Person, PublicKey]:
    """Who signed, and with which key. Raises RequestError for no or a foreign signature, Refused for
    somebody who may not approve."""
    return whose(armoured, message(plan, deed, plan_hash), people, APPROVER)


def whose(
    armoured: str, text: bytes, people: Mapping[str, Person], role: str
) -> tuple[Person, PublicKey]:
    """Who signed a text, and with which key. Raises RequestError for no or a foreign signature, Refused for
    somebody without the role."""
    owners = {key.data: person for person in people.values() for key in person.keys}
    if not owners:
        raise RequestError(
            "nobody of this workspace has a key", "write [people.NAME] with keys into sekisho.toml"
        )
    keys = [key for person in people.values() for key in person.keys]
    key = signer(armoured, text, keys)
    person = owners[key.data]
    if role not in person.roles:
        said = "is no approver" if role == APPROVER else f"has not the role {role}"
        raise Refused(f"{person.name} {said}", f'give {person.name} the role "{role}"')
    return person, key


def holding(
    approvals: Iterable[Approval], deed: Deed, plan_hash: str, people: Mapping[str, Person]
) -> tuple[Approval, ...]:
    """Approvals that count: of this deed and hash, by people who are approvers still with that key, the
    first of each person."""
    found: dict[str, Approval] = {}
    for one in approvals:
        person = people.get(one.person)
        if (
            (one.deed, one.hash) == (deed, plan_hash)
            and person is not None
            and APPROVER in person.roles
            and any(key.fingerprint == one.key for key in person.keys)
        ):
            found.setdefault(one.person, one)
    return tuple(found.values())


def missing(held: Sequence[Approval], needed: int) -> str | None:
    """What is missing in words, None where enough people approved."""
    if len(held) >= needed:
        return None
    have = f"; {', '.join(one.person for one in held)} did" if held else ""
    return f"{needed - len(held)} more of {needed} people must approve it{have}"
