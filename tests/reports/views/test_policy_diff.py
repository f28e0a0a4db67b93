from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.model.findings import AuditDocument, End, NearestRule, PolicyVersion
from sekisho.policy.differences import (
    Change,
    ChangeGroup,
    Judged,
    PermissionChange,
    Permissions,
    PolicyDiff,
)
from sekisho.reports.base import Options
from sekisho.reports.registry import render

AT = datetime(2020, 6, 8, tzinfo=UTC)
Make = Callable[..., PolicyDiff]


@pytest.fixture
def make(audit: AuditDocument) -> Make:
    finding = audit.findings[0]
    change = Change(
        src=End(address="10.40.9.9", site="th-plant"),
        dst=End(address="192.168.7.1"),
        protocol="tcp",
        port=445,
        service="smb",
        flows=3,
        first_seen=finding.first_seen,
        last_seen=finding.last_seen,
        before=Judged(verdict="authorized", rule="OLD"),
        after=Judged(
            verdict="lapsed", nearest_rule=NearestRule(id="OLD", why_not="expired 2020-06-02")
        ),
    )
    group = ChangeGroup(
        src_site="th-plant",
        dst_site=None,
        service="smb",
        before="authorized",
        after="lapsed",
        connections=1,
        flows=3,
    )

    def build(**changes: Any) -> PolicyDiff:
        values: dict[str, Any] = {
            "old": PolicyVersion(sha256="ab" * 32, rules=1),
            "new": PolicyVersion(sha256="cd" * 32, rules=1),
            "connections": 12,
            "changed": 1,
            "groups": (group,),
            "changes": (change,),
            "permissions": None,
        }
        return PolicyDiff(**(values | changes))

    return build


def text(document: PolicyDiff, to: str = "table") -> str:
    stream = io.StringIO()
    render(document, to, stream, Options())
    return stream.getvalue()


def permissions(*changes: PermissionChange, complete: bool = True) -> Permissions:
    return Permissions(at=AT, changes=changes, total=len(changes), complete=complete)


def test_how_many_connections_change(make: Make) -> None:
    shown = text(make())
    assert shown.startswith("1 of 12 connections change verdict.\n")
    assert "th-plant" in shown
    assert "lapsed" in shown


def test_nothing_recorded_is_another_answer_than_nothing_changed(make: Make) -> None:
    none: dict[str, Any] = {"changed": 0, "groups": (), "changes": ()}
    assert text(make(**none)).startswith("0 of 12 connections change verdict.")
    assert "No verdict changes." in text(make(**none))
    assert text(make(connections=0, **none)).startswith(
        "No connection was recorded that either register could judge."
    )


def test_permissions_whatever_was_seen(make: Make) -> None:
    ceased = PermissionChange(
        change="ceased", sources=("th-plant/*",), destinations=("jp-hq/db",), services="mssql"
    )
    shown = text(make(permissions=permissions(ceased)))
    assert "1 permission changed by the text alone." in shown
    assert "ceased" in shown
    assert "given up" not in shown
    assert "given up for its size" in text(make(permissions=permissions(complete=False)))


def test_csv_has_every_connection_and_both_verdicts(make: Make) -> None:
    (head, row) = csv.reader(io.StringIO(text(make(), "csv")))
    found = dict(zip(head, row, strict=True))
    assert (found["src"], found["dst_site"]) == ("10.40.9.9", "")
    assert (found["before"], found["before_rule"]) == ("authorized", "OLD")
    assert (found["after"], found["after_rule"]) == ("lapsed", "OLD")
