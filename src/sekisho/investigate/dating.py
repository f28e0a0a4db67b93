"""When a connection was used as a step: at once where no rule allows it, else when it was not used as ever."""

from __future__ import annotations

from dataclasses import dataclass, field

from sekisho.investigate.fabric import RESIDUAL
from sekisho.investigate.factors import timing
from sekisho.investigate.factors.base import Step
from sekisho.investigate.moments import DAY
from sekisho.investigate.steps import Known
from sekisho.investigate.talks import Bulk, bulks

BEFORE = 1_000_000
"""Microseconds by which a step comes before what it led to, where no more is known of its time."""


@dataclass
class Dating:
    """Times of steps, by what is known so far."""

    known: Known
    _larger: dict[int, list[Bulk]] = field(default_factory=dict)

    def time(self, step: Step) -> int | None:
        """When it was taken (microseconds UTC); None where no session of it is on record."""
        row, rank = step.row, int(self.known.fabric.rank[step.row])
        talks = self.known.talks.of.get(row, ())
        if rank in RESIDUAL:
            since = self.known.violated.get(row, int(self.known.fabric.first[row]))
            if since <= int(self.known.fabric.first[row]) + 1 and talks:
                return talks[0].start
            found = self.known.talks.after(row, since - timing.SLACK)
            return found.start if found else since
        if not talks:
            return int(self.known.fabric.first[row]) if row in self.known.seeds else None
        if step.kind == "reverse":
            return self._opened(step, talks[0].start)
        acts = self.known.acts(step.tail, row)
        since = self.known.arrival(step.tail, row) or min(acts, default=self._since(step))
        later = [talk.start for talk in talks if talk.start >= since]
        # Clocks may disagree, but of many sessions one after control came is the likelier.
        later = later or [talk.start for talk in talks if talk.start >= since - timing.SLACK]
        did, came = self.known.acts(step.head, row), self.known.arrival(step.head, row)
        unknown = self.known.arrival(step.tail, row) is None and not acts
        if did and (unknown or came is None or came > did[0]):
            # Sought is what led to what its destination did.
            later = [one for one in later if one <= did[0] + timing.SLACK] or later
        unlike = [begin for begin, _ in self.known.changed.get(row, ())]
        larger = {one.at for one in self.bulks(row)}
        odd = [at for at in later if at in larger or any(begin <= at < begin + DAY for begin in unlike)]
        if odd:
            return odd[0]
        beside = [at for at in later if any(abs(at - act) <= timing.BESIDE for act in acts)]
        return min(beside or later, default=talks[0].start)

    def bounded(self, step: Step, at: int) -> bool:
        """Whether a time is before everything that is on record of it: it was taken by then at the latest."""
        talks = self.known.talks.of.get(step.row, ())
        return step.kind == "reverse" and bool(talks) and at < talks[0].start

    def _opened(self, step: Step, first: int) -> int:
        """When the session began by which a host is steered. Where nobody could have recorded its begin, and
        nothing else led to what the host did meanwhile, it came before that."""
        acts = self.known.acts(step.head, step.row)
        if not acts or not self.known.earliest(step.row, first) < acts[0] <= first:
            return first
        arrived = self.known.arrival(step.head, step.row)
        return first if arrived is not None and arrived <= acts[0] else acts[0] - BEFORE

    def bulks(self, row: int) -> list[Bulk]:
        """Sessions of a connection that carried far more than those before them."""
        if row not in self._larger:
            self._larger[row] = bulks(self.known.talks.of.get(row, ()))
        return self._larger[row]

    def _since(self, step: Step) -> int:
        """From when on a permitted connection may have been used of whose source nothing is known: the last
        time that somebody came to it without a rule before its destination acted."""
        begin = self.known.talks.of[step.row][0].start
        acts = self.known.acts(step.head, step.row)
        if not acts:
            return begin
        entered = self.known.violations.entered(step.tail, acts[0])
        before = [t.start for t in self.known.talks.of[step.row] if t.start <= acts[0] + timing.SLACK]
        return entered if entered is not None else max(before, default=begin)
