"""Windows Defender Firewall: rules of one host that block, in and out.

A rule that blocks goes before every rule that allows, in whatever order: so nothing that is cut can be kept
open. Rules of one name are taken away together, so all of ours bear one, which Aerleon cannot give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.orders import Order
from sekisho.model.addresses import IPNetwork

_RULE = "netsh advfirewall firewall"
_MANY = 100
"""Addresses of one rule; a command may be 8,191 letters long."""
_HOST = "its rules hold for the host that they are on, not for what it forwards"


class Windows:
    """The `windows` platform."""

    def render(self, order: Order) -> Rendered:
        """A batch file. The new rules come before the old ones go; without restrictions none come."""
        found = every_line(order, "windows", "kept")
        every = [line for one in found.values() for line in one]
        kept = dict.fromkeys(line.comment for line in every if line.accept)
        if kept:
            raise CannotExpress(
                f"windows cannot keep anything open of what it blocks ({', '.join(kept)[:200]})",
                "sever without keeping rules there, or put another gateway on the link",
            )
        fresh = f"{order.name}-next"
        text = [
            "@echo off",
            f"rem sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}.",
            f'{_RULE} delete rule name="{fresh}" >nul 2>&1',
            *(f'{_RULE} add rule name="{fresh}" {rule} || exit /b 1' for rule in _rules(every)),
            f'{_RULE} delete rule name="{order.name}" >nul 2>&1',
        ]
        if every:
            text.append(f'{_RULE} set rule name="{fresh}" new name="{order.name}"')
        notes = (_HOST,) if order.held else ()
        return Rendered(order.gateway.name, "\n".join(text) + "\n", ".bat", notes)


def _rules(every: Iterable[Line]) -> Iterator[str]:
    for line in every:
        for direction, local, remote in (
            ("out", line.sources, line.destinations),
            ("in", line.destinations, line.sources),
        ):
            for here in _some(local):
                for there in _some(remote):
                    yield f"dir={direction} action=block localip={here} remoteip={there} protocol=any"


def _some(networks: Sequence[IPNetwork]) -> Iterator[str]:
    for first in range(0, len(networks), _MANY):
        yield ",".join(map(_said, networks[first : first + _MANY]))


def _said(network: IPNetwork) -> str:
    """Every address there is as a range: not all versions take a prefix of length 0."""
    return f"{network[0]}-{network[-1]}" if network.prefixlen == 0 else str(network)
