"""What logons make of a step: who was let in, what was then run, or that it should be on record and is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sekisho.investigate.factors.base import Weight
from sekisho.investigate.logons.acts import Act
from sekisho.investigate.logons.base import Answer, Corroboration
from sekisho.investigate.logons.corroborate import NAMING, nobody

ID = "logon"
REMOVED, RAN, CHANGED, CARRIED = 0.8, 1.3, 0.9, 0.6
"""A logon that is not in a log that covers it; a service or a process that was started meanwhile; another
account's credentials used for it; the account that control had come with. A logon alone says nothing: every
session of such a service has one. What was run and by whom add up."""
MOST = RAN + CHANGED
REFUSED, MACHINE = -0.8, -0.5
"""Nobody was let in; a machine's own account, with which machines do what they do by themselves."""
TELLING = 0.5
"""From here it is evidence of its own."""


def weigh(said: Corroboration, done: Sequence[Act]) -> Weight | None:
    """What speaks for the step or against it; None where logons say nothing."""
    if said.answer is Answer.TRACES_REMOVED:
        return Weight(ID, REMOVED, said.why)
    if said.answer is Answer.REFUSED:
        return Weight(ID, REFUSED, said.why)
    if said.answer not in NAMING:
        return None
    reasons = [*_ran(done), *_who(said)]
    if not reasons:
        return None
    return Weight(ID, sum(value for value, _ in reasons), "; ".join(text for _, text in reasons))


def _ran(done: Sequence[Act]) -> Iterator[tuple[float, str]]:
    ran = [act for act in done if act.runs]
    if ran:
        yield RAN, ran[0].text


def _who(said: Corroboration) -> Iterator[tuple[float, str]]:
    changed = [switch for switch in said.switched if switch.evidence]
    if changed:
        yield CHANGED, f"{changed[0].came} used the credentials of {changed[0].left} for it"
    elif said.carried is not None and not nobody(said.carried):
        yield CARRIED, f"{said.carried}, who had come to its source, went on over it"
    elif said.accounts and all(map(nobody, said.accounts)):
        yield MACHINE, f"only {said.accounts[0]}, the account of a machine, came over it"
