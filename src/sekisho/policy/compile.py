"""A policy made ready to judge: classes of addresses, and a verdict for each pair of them.

Millions of flows reduce to a few thousand (class, class, protocol, port), and each distinct set of
rules is worked out once, so the number of rules hardly matters.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sekisho.policy.decide import Decider
from sekisho.policy.judge import End, Judge
from sekisho.policy.nearest import Closest, closest, nearest


class CompiledPolicy(Judge):
    """What an audit asks of a policy: labels, verdicts, and the rule that came closest."""

    def label(self, addresses: Any) -> Any:
        """Append `class` (int32) to a table of `epoch` (int32), `realm`, `hi`, `lo`.

        Epoch is the number of `epochs` at or before the time in question.
        """
        return self.labels.label(addresses)

    def decide(self, combinations: Any) -> Any:
        """Verdicts for a table of `src_class`, `dst_class`, `protocol`, `port`.

        The same columns with `begin` and `end` (timestamp, null is unbounded; begin included) and
        `rank` (int8, the verdict of an established flow): one row for each time with one verdict; the
        rows of one combination are disjoint and cover all time.
        """
        return Decider(self).decide(combinations)

    def nearest(
        self, src: End, dst: End, protocol: int, port: int, at: datetime
    ) -> tuple[str, str] | None:
        """The rule (its id) that came closest to permitting a connection, and the one thing that kept
        it from it. The text names the addresses."""
        return nearest(self, src, dst, protocol, port, at)

    def closest(self, src: End, dst: End, protocol: int, port: int, at: datetime) -> Closest | None:
        """The same, to be worked out once for all connections of the same classes."""
        return closest(self, src, dst, protocol, port, at)
