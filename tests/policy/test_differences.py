from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.findings import PolicyVersion
from sekisho.policy.differences import PermissionChange, Permissions, PolicyDiff


def test_document_keeps_its_names_and_its_times() -> None:
    version = PolicyVersion(sha256="0" * 64, rules=1)
    change = PermissionChange(
        change="ceased", sources=("th/*",), destinations=("jp/*",), services="tcp/445"
    )
    permissions = Permissions(at=datetime(2024, 3, 1, tzinfo=UTC), changes=(change,), total=1)
    diff = PolicyDiff(
        old=version,
        new=version,
        connections=0,
        changed=0,
        groups=(),
        changes=(),
        permissions=permissions,
    )
    text = diff.model_dump_json(by_alias=True)
    assert '"schema":"sekisho.policy-diff/1"' in text
    assert '"at":"2024-03-01T00:00:00.000000Z"' in text
    assert PolicyDiff.model_validate_json(text) == diff


def test_a_change_is_one_of_two_things() -> None:
    with pytest.raises(ValidationError):
        PermissionChange(change="widened", sources=(), destinations=(), services="any")  # type: ignore[arg-type]
