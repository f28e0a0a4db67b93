from __future__ import annotations

from datetime import datetime

from sekisho.app.containing.status import NOT_ASKED, status
from sekisho.app.workspace import Workspace


def test_what_cannot_be_asked_is_not_known(contained: Workspace, now: datetime) -> None:
    text = (contained.root / "gateways.yaml").read_text()
    (contained.root / "gateways.yaml").write_text(text + "    deliver: render\n")
    document = status(contained, now=now, by="aiko")
    asked, told = document.gateways
    assert (asked.reached, asked.as_told, asked.drift) == (False, None, None)
    assert "no host key" in (asked.why or "")
    assert told.why == NOT_ASKED
    assert document.in_force == ()
