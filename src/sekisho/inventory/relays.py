"""`relays:` in sites.yaml: hosts that open connections for others."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sekisho.inventory.documents import Document
from sekisho.inventory.located import Problems, did_you_mean
from sekisho.inventory.shapes import RelayShape
from sekisho.inventory.values import read_prefix
from sekisho.model.addresses import IPNetwork
from sekisho.model.sites import DatedPrefix, Relay

WIDEST = 256
"""Addresses of a prefix: a relay is a host or a few, never a network of them."""


def read_relays(
    document: Document,
    shapes: Iterable[tuple[str, RelayShape]],
    known: Collection[str],
    problems: Problems,
) -> dict[str, Relay]:
    """The relays by name; `known` are the names of sites and groups.

    Notes one without addresses or with a network for an address, one that serves nobody known, and an
    address of two relays at a time.
    """
    found: dict[str, Relay] = {}
    for name, shape in shapes:
        path = ("relays", name)
        if not shape.addresses:
            problems.add(
                document.file,
                document.place((*path, "addresses")),
                "relay/no-address",
                f"the relay {name} has no address",
                "write its own addresses, those of every side",
            )
        serves = [
            one
            for position, text in enumerate(shape.serves)
            if (one := _served(document, name, position, text, known, problems)) is not None
        ]
        relay = Relay(
            name=name,
            kind=shape.kind,
            addresses=tuple(part.dated for part in shape.addresses),
            serves=tuple(serves),
            realm=shape.realm,
            validity=shape.validity,
        )
        for position, dated in enumerate(relay.addresses):
            at = document.place((*path, "addresses", position))
            if dated.prefix.num_addresses > WIDEST:
                problems.add(
                    document.file,
                    at,
                    "relay/too-wide",
                    f"{dated.prefix} of the relay {name} is more than {WIDEST} addresses",
                    "write the addresses that it has itself; those it gives to clients are theirs",
                )
            other = next((one for one in found.values() if _same(relay, dated, one)), None)
            if other is not None:
                problems.add(
                    document.file,
                    at,
                    "relay/twice",
                    f"{dated.prefix} is of the relays {other.name} and {name} at one time",
                    "keep it in one, or part them with `from` and `until`",
                )
        found[name] = relay
    return found


def _served(
    document: Document,
    name: str,
    position: int,
    text: str,
    known: Collection[str],
    problems: Problems,
) -> str | IPNetwork | None:
    if text in known:
        return text
    try:
        return read_prefix(text)
    except ValueError:
        problems.add(
            document.file,
            document.place(("relays", name, "serves", position)),
            "relay/unknown-client",
            f"the relay {name} serves {text!r}, which is no site, group or prefix",
            did_you_mean(text, known),
        )
        return None


def _same(relay: Relay, dated: DatedPrefix, other: Relay) -> bool:
    """Whether that prefix shares an address and an instant with another relay."""
    mine = dated.validity.meet(relay.validity)
    for theirs in other.addresses:
        held = theirs.validity.meet(other.validity)
        if (
            relay.realm == other.realm
            and dated.prefix.overlaps(theirs.prefix)
            and mine is not None
            and held is not None
            and mine.overlaps(held)
        ):
            return True
    return False
