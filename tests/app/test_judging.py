from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sekisho.app.judging import judge_evidence
from sekisho.app.workspace import Workspace
from sekisho.audit.marks import Judged, Mark
from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import Check
from sekisho.model.verdicts import FindingKind


class Watched:
    kind: FindingKind = "indicator"

    def marks(self, judged: Judged) -> Iterable[Mark]:
        src, dst = (key(parse_address(one)) for one in ("10.40.2.10", "10.1.20.5"))
        yield Mark(("", *src, "", *dst, 6, 8443), "indicator", "low", Check(id="feed", text="known"))


def test_what_others_say_of_connections_is_in_the_findings(workspace: Workspace, now: datetime) -> None:
    alone = judge_evidence(workspace, begin=None, end=None, now=now, by="aiko").document
    document = judge_evidence(
        workspace,
        begin=None,
        end=None,
        now=now,
        by="aiko",
        more=lambda _decisions: ((Watched(),), ("a note",)),
    ).document
    (found,) = [one for one in document.findings if one.kind == "indicator"]
    assert (found.src.address, found.port) == ("10.40.2.10", 8443)
    assert document.notes == (*alone.notes, "a note")
    assert len(document.findings) == len(alone.findings) + 1
