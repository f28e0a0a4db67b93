"""Prevalence: how many of the company's hosts talk to a peer.

What many hosts do is how the company works (updates, telemetry, time); a program of one's own calls home
from one host or a few. Distinct internal hosts that talked to the peer, of all internal hosts seen
(RITA 5; it weighs 2 % and less against, 50 % and more in favour).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Ints

RARE = 0.02
COMMON = 0.5
FEW, MANY = 3, 10
"""In a company of few hosts shares say little: a peer of up to so many hosts is rare, one that so many
talk to is not."""


@dataclass(frozen=True, slots=True)
class Prevalence:
    """`hosts` of the company that talked to one peer, of `of` in all."""

    hosts: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.hosts / self.of if self.of else 0.0

    @property
    def rare(self) -> bool:
        """Hardly anybody else talks to it."""
        return self.hosts <= FEW and (self.share <= RARE or self.of < FEW / RARE)

    @property
    def common(self) -> bool:
        """Talking to it is what the company's hosts do."""
        return self.share >= COMMON or (self.hosts >= MANY and self.share > RARE)


def hosts_of(initiators: Ints, peers: Ints, internal: NDArray[np.bool_]) -> Ints:
    """For each peer (numbers from 0) how many internal hosts (numbers) talked to it. Row by row one
    connection; `internal` says whether its initiator is the company's.
    """
    pairs = np.unique(np.stack([peers[internal], initiators[internal]]), axis=1)
    return np.bincount(pairs[0], minlength=int(peers.max()) + 1 if len(peers) else 0).astype(np.int64)
