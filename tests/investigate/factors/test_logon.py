"""What logons weigh."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.investigate.factors.logon import CARRIED, CHANGED, MACHINE, RAN, REFUSED, REMOVED, weigh
from sekisho.investigate.logons.acts import Act
from sekisho.investigate.logons.base import Answer, Corroboration, Source, Step, Switch
from sekisho.model.logons import LogonKind

NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)
STEP = Step("10.0.0.1", "10.0.0.2", 445, "tcp", NOON, NOON + timedelta(minutes=3))
SOURCE = Source("hosts", "a.evtx", "0" * 64, 7)
SEEN = Corroboration(STEP, Answer.SEEN, "anna was let in", ("CORP\\anna",), (SOURCE,))
SWITCH = Switch("10.0.0.1", "CORP\\bob", "CORP\\anna", NOON, (SOURCE,))
SERVICE = Act(NOON, LogonKind.SERVICE_INSTALLED, "srv2", "service x was installed", SOURCE)
CLEARED = Act(NOON, LogonKind.LOG_CLEARED, "srv2", "the log was cleared", SOURCE, runs=False)


@pytest.mark.parametrize(
    ("said", "acts", "value"),
    [
        (SEEN, (), None),
        (SEEN, (CLEARED,), None),
        (SEEN, (SERVICE,), RAN),
        (replace(SEEN, switched=(SWITCH,)), (), CHANGED),
        (replace(SEEN, switched=(replace(SWITCH, evidence=()),)), (), None),
        (replace(SEEN, carried="CORP\\anna"), (), CARRIED),
        (replace(SEEN, carried="CORP\\anna"), (SERVICE, SERVICE), RAN + CARRIED),
        (replace(SEEN, accounts=("CORP\\PC1$",), carried="CORP\\PC1$"), (), MACHINE),
        (replace(SEEN, answer=Answer.REFUSED), (SERVICE,), REFUSED),
        (replace(SEEN, answer=Answer.TRACES_REMOVED), (), REMOVED),
        (replace(SEEN, answer=Answer.NO_LOG), (SERVICE,), None),
        (replace(SEEN, answer=Answer.UNCLEAR), (), None),
    ],
)
def test_a_logon_alone_weighs_nothing(
    said: Corroboration, acts: tuple[Act, ...], value: float | None
) -> None:
    weight = weigh(said, acts)
    assert (weight.value if weight else None) == value
    assert weight is None or (weight.id, bool(weight.text)) == ("logon", True)
