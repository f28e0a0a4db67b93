"""What a witness is: something outside this system that is given signed heads."""

from __future__ import annotations

from typing import Protocol

from sekisho.ledger.checkpoints import SignedHead


class NotPublished(Exception):
    """The witness did not take the head; the message says why."""


class Witness(Protocol):
    """Takes signed heads. It may be given one that it has."""

    @property
    def name(self) -> str:
        """Unique among the witnesses of a workspace."""
        ...

    def publish(self, head: SignedHead) -> str:
        """Hand a head over; when this returns the other end has it. Says what is known of that.

        Bounded in time. Raises NotPublished.
        """
        ...
