from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.explain import explain
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import finding_id

SMB = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)


def test_a_finding_by_the_beginning_of_its_id(read_company: Workspace, now: datetime) -> None:
    found = explain(read_company, SMB[2:7], now=now, by="aiko", limit=4)
    assert found.finding.id == SMB
    assert (found.records, len(found.flows)) == (6, 4)
    assert found.trace.verdict == "unauthorized"
    assert {item.sensor for item in found.coverage} == {"jp-edge", "th-edge"}
    with pytest.raises(RequestError, match="no finding F-0"):
        explain(read_company, "F-0" * 5, now=now, by="aiko", limit=4)
