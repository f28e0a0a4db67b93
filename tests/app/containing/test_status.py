from __future__ import annotations

from datetime import datetime

from tests.app.containing.terminals import answer, tls
from tests.app.containing.test_forcing import told
from tests.app.containing.test_probing import DAY, EDI, MINUTE, NEAR, ORDERS, seen

from sekisho.app.containing.gathering import collected
from sekisho.app.containing.probing import ask
from sekisho.app.containing.status import NOT_ASKED, status
from sekisho.app.workspace import Workspace

__all__ = ["seen"]


def test_what_cannot_be_asked_is_not_known(contained: Workspace, now: datetime) -> None:
    text = (contained.root / "gateways.yaml").read_text()
    (contained.root / "gateways.yaml").write_text(text + "    deliver: render\n")
    document = status(contained, now=now, by="aiko")
    asked, told = document.gateways
    assert (asked.reached, asked.as_told, asked.drift) == (False, None, None)
    assert "no host key" in (asked.why or "")
    assert told.why == NOT_ASKED
    assert document.in_force == ()


def test_what_terminals_tried_stands_beside_what_gateways_hold(seen: Workspace) -> None:
    told(seen, DAY, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")
    assert status(seen, now=DAY, by="aiko").probed == ()
    ask(seen, "1", (ORDERS, NEAR), now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(ORDERS, NEAR))
    collected(seen, "1", now=DAY + 3 * MINUTE, by="aiko")
    (plan,) = status(seen, now=DAY + 4 * MINUTE, by="aiko").probed
    assert [(one.begin, one.outcome) for one in plan.probed] == [
        ("jp-hq", "not_known"),
        ("th-plant", "reached"),
    ]
