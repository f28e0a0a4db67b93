from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.intel import step_log
from sekisho.intel.step_log import FILE, note, worked
from sekisho.model.incidents import InvestigationDocument

AT = datetime(2020, 6, 5, 10, tzinfo=UTC)


def hop(at: datetime = AT, **more: Any) -> dict[str, Any]:
    return {
        "src": "10.40.9.9", "src_site": "th-plant", "dst": "10.1.10.96", "dst_site": "jp-hq", "port": 445,
        "protocol": "tcp", "at": at, "kind": "connect", "technique": "T1021.002",
    } | more  # fmt: skip


def shown(*hops: dict[str, Any], incident: str | None = "INC-1", **more: Any) -> InvestigationDocument:
    paths = [{"score": 1.0, "hops": hops}]
    body = {"id": incident, "seeds": (), "entry": None, "onset": None, "paths": paths}
    return InvestigationDocument.model_validate(body | more)


def test_each_incident_has_the_steps_that_were_worked_out_last(tmp_path: Path) -> None:
    root = tmp_path / "intel"
    assert worked(root) == ()
    note(root, shown(hop()), AT)
    note(root, shown(hop(), incident="INC-2"), AT)
    later = AT + timedelta(days=1)
    note(root, shown(hop(later, technique="T1021.001", port=3389), hop(later)), later)
    second, first = worked(root)
    assert (second.incident, first.incident, first.made) == ("INC-2", "INC-1", later)
    assert [(one.technique, one.at, one.text, one.sites) for one in first.steps] == [
        (
            "T1021.001",
            later,
            "step of INC-1: 10.40.9.9 -> 10.1.10.96 tcp/3389",
            ("jp-hq", "th-plant"),
        ),
        (
            "T1021.002",
            later,
            "step of INC-1: 10.40.9.9 -> 10.1.10.96 tcp/445",
            ("jp-hq", "th-plant"),
        ),
    ]


def test_what_left_by_a_technique_is_a_step_and_other_uses_are(tmp_path: Path) -> None:
    also = {
        "port": 5985, "protocol": "tcp", "service": "winrm", "at": AT, "kind": "connect",
        "technique": "T1021.006", "verdict": "unauthorized", "likelihood": 0.5, "sessions": 1,
    }  # fmt: skip
    left = {
        "src": "10.1.10.96", "src_site": "jp-hq", "dst": "45.9.148.3", "external": True,
        "bytes": {"low": 1, "high": 1}, "from": AT, "to": AT, "technique": "T1041",
    }  # fmt: skip
    unknown = left | {"technique": None}
    note(tmp_path, shown(hop(also=[also]), exfiltration=[left, unknown]), AT)
    (one,) = worked(tmp_path)
    assert [step.technique for step in one.steps] == ["T1021.002", "T1021.006", "T1041"]


def test_of_many_steps_the_latest_are_kept_and_of_no_incident_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_log, "MOST_STEPS", 2)
    note(tmp_path, shown(*(hop(AT + timedelta(days=n)) for n in range(4))), AT)
    (one,) = worked(tmp_path)
    assert [step.at.day for step in one.steps] == [7, 8]
    note(tmp_path, shown(hop(), incident=None), AT)
    assert len(worked(tmp_path)) == 1


def test_a_damaged_log_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[{}]")
    assert worked(tmp_path) == ()
    note(tmp_path, shown(hop()), AT)
    assert len(worked(tmp_path)) == 1
