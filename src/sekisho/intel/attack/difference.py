"""What a version of ATT&CK has that an earlier one had not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sekisho.errors import RequestError
from sekisho.intel.attack.catalogue import Catalogue, Technique
from sekisho.model.methods import Change

ChangeKind = Literal["added", "renamed", "revoked", "deprecated", "returned", "removed", "tactics"]


def difference(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """All changes from one version to another, by technique. Raises RequestError for two domains."""
    if old.domain != new.domain:
        raise RequestError(
            f"{old.label} and {new.label} are of two domains", "compare two versions of one domain"
        )
    found: list[Change] = []
    for name in sorted(old.techniques.keys() | new.techniques.keys()):
        found += _changes(old, new, name)
    return tuple(found)


def _changes(old: Catalogue, new: Catalogue, name: str) -> Iterator[Change]:
    before, after = old.techniques.get(name), new.techniques.get(name)
    if after is None:
        yield Change(
            technique=name,
            name=old.named(name),
            kind="removed",
            text="is not in the catalogue any more",
        )
        return
    told = new.named(name)
    if before is None:
        if after.status == "active":
            yield Change(
                technique=name,
                name=told,
                kind="added",
                text=f"is new, for {_and(after.tactics)}",
                tactics=after.tactics,
            )
        return
    if before.status != after.status:
        yield _standing(new, after, told)
        return
    if after.status != "active":
        return
    if before.name != after.name:
        yield Change(
            technique=name,
            name=told,
            kind="renamed",
            text=f"was called {before.name}",
            tactics=after.tactics,
        )
    if set(before.tactics) != set(after.tactics):
        gone = [one for one in before.tactics if one not in after.tactics]
        come = [one for one in after.tactics if one not in before.tactics]
        said = [
            f"{word} {_and(tuple(some))}"
            for word, some in (("also for", come), ("not any more for", gone))
            if some
        ]
        yield Change(
            technique=name, name=told, kind="tactics", text="; ".join(said), tactics=after.tactics
        )


def _standing(new: Catalogue, after: Technique, told: str) -> Change:
    if after.status == "active":
        kind: ChangeKind = "returned"
        text = "counts again"
    else:
        kind = after.status
        text = "does not count any more"
        if after.replaced_by:
            text = f"became {after.replaced_by} {new.named(after.replaced_by)}"
    return Change(
        technique=after.id,
        name=told,
        kind=kind,
        text=text,
        tactics=after.tactics,
        replaced_by=after.replaced_by or None,
    )


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(one.replace("-", " ") for one in names) or "no tactic"
