"""How causes name ends, places and numbers."""

from __future__ import annotations

from sekisho.model.findings import End


def address_key(end: End) -> tuple[str, str]:
    """(realm, address) of an end."""
    return end.realm or "", end.address


def name(end: End) -> str:
    """An end as a person knows it: `10.1.2.3 (erp01)`."""
    return f"{end.address} ({end.asset})" if end.asset else end.address


def place(end: End) -> str:
    """The narrowest named place an end belongs to, as selectors write it.

    The first of its groups in the alphabet, else its site, else its address.
    """
    if end.groups:
        return end.groups[0]
    return f"{end.site}/*" if end.site else end.address


def plural(count: int, word: str) -> str:
    """`1 host`, `2,000 hosts`."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")
