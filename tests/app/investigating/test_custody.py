from __future__ import annotations

from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.investigating.custody import custody
from sekisho.app.investigating.working import act
from sekisho.app.ledger import entries
from sekisho.app.ledger_proofs import sign_whole
from sekisho.app.workspace import Workspace


def test_the_head_is_that_of_the_ledger(workspace: Workspace, opened: str, now: datetime) -> None:
    with open_decisions(workspace) as decisions:
        before = custody(decisions.ledger, opened)
    last = entries(workspace, 1)[0]
    assert (before.entries, before.head, before.signed) == (last.seq, last.hash, None)
    own = sum(entry.body.get("incident") == opened for entry in entries(workspace, 1_000))
    assert before.own == own > 0
    signed = sign_whole(workspace, now, "aiko").head.checkpoint
    act(workspace, opened, "note", now=now, by="ken", text="rebuilt in May")
    with open_decisions(workspace) as decisions:
        after = custody(decisions.ledger, opened)
    assert (after.own, after.signed) == (before.own + 1, signed.size)
    assert after.root is not None
    assert after.root != signed.root.hex()
    assert after.entries > signed.size
