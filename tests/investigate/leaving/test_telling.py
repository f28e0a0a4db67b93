"""The line of what left in the story; documents whole are in test_look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.investigate.leaving.telling import timeline
from sekisho.model.findings import Bytes
from sekisho.model.incidents import Exfiltration, Holdings

SPAN: dict[str, Any] = {
    "from": datetime(2024, 3, 4, tzinfo=UTC), "to": datetime(2024, 3, 6, 12, tzinfo=UTC),
}  # fmt: skip


def test_who_sent_what_to_whom_and_how_long() -> None:
    one = Exfiltration(
        src="10.1.0.1", src_site="jp", dst="162.125.1.2", external=True, party="Dropbox",
        bytes=Bytes(low=5_000_000, high=9_000_000), technique="T1567.002",
        holds=Holdings(data=("drawings",)), **SPAN,
    )  # fmt: skip
    inner = one.model_copy(
        update={"external": False, "party": None, "holds": None, "bytes": Bytes(low=5, high=5)}
    )
    first, second = timeline([one, inner])
    assert first.text == (
        "5.0 MB to 9.0 MB began to go from 10.1.0.1, which keeps drawings, to 162.125.1.2 (Dropbox), outside,"
        " until 2024-03-06 12:00 UTC (T1567.002)"
    )
    assert (first.at, first.kind, first.site) == (one.begin, "leaving", "jp")
    assert second.text.startswith("5 B began to go from 10.1.0.1 to 162.125.1.2, inside,")
