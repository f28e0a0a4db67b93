"""The contract of a backend: an order becomes text, or is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sekisho.contain.orders import Order
from sekisho.errors import Refused


class CannotExpress(Refused):
    """The platform has no words for the order. Nothing is rendered: what is left out would stay open,
    and what is widened would cut more than was decided."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text for one gateway. `suffix` is that of its file; `notes` say what a person must know of it;
    `others` are the same for other tools, as suffix and text."""

    gateway: str
    text: str
    suffix: str
    notes: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


class Backend(Protocol):
    """One platform. Rendering is pure: the same order gives the same bytes."""

    def render(self, order: Order) -> Rendered:
        """The whole text; raises CannotExpress."""
        ...
