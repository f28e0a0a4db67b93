from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sekisho.app.explain import explain
from sekisho.app.ingest import ingest
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


def test_names_that_were_seen_in_its_flows(workspace: Workspace, now: datetime) -> None:
    folder = workspace.root / "logs" / "th-edge"
    conn = [line.split("\t") for line in (folder / "conn.log").read_text().splitlines()]
    of_it = [
        cells for cells in conn if len(cells) > 5 and cells[2] == "10.40.9.9" and cells[5] == "445"
    ]
    uids = [cells[1] for cells in of_it if cells[4] == "10.1.10.96"]
    assert len(uids) == 3

    def record(uid: str, **more: Any) -> str:
        base = {"ts": 1_591_264_800.5, "uid": uid, "id.orig_h": "10.40.9.9", "id.resp_h": "10.1.10.96"}
        return (
            json.dumps(base | {"id.resp_p": 445, "established": True, "resumed": False} | more) + "\n"
        )

    evil = "\x1b[2jevil\u202e"
    names = [record(uid, server_name="files.example", ja3="ab") for uid in uids]
    names += [record("Cother", server_name="not.its.own"), record(uids[0], server_name=evil)]
    (folder / "ssl.log").write_text("".join(names))
    ingest(workspace, [folder / "ssl.log"], sensor=None, reader=None, now=now)

    found = explain(workspace, SMB, now=now, by="aiko", limit=20)
    assert [(name.kind, name.value, name.times) for name in found.names] == [
        ("sni", "files.example", 3),
        ("sni", evil, 1),
        ("ja3", "ab", 3),
    ]
    first = found.names[0]
    assert (first.file.endswith("th-edge/ssl.log"), first.row, len(first.sha256)) == (True, 1, 64)
    assert (first.sensors, found.names_total) == (("th-edge",), 3)
    few = explain(workspace, SMB, now=now, by="aiko", limit=2)
    assert [name.kind for name in few.names] == ["sni", "ja3"]
    assert "2 of 3 names are shown; --limit shows more" in few.notes
