from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.policy.lints.missing_approval import MissingApproval


@pytest.mark.parametrize(
    ("ends", "approved", "missing"),
    [
        ("th/edi -> jp/edi", "{th: anong, jp: tanaka}", False),
        ("th/edi -> jp/edi", "{th: anong}", True),
        ("th/edi -> jp/edi", "{}", True),
        ("th/edi, us/* -> jp/edi", "{th: anong, jp: tanaka}", True),
        ("* -> jp/edi", "{jp: tanaka}", False),
        ("asset:th-app02 -> internet", "{th: anong}", False),
        ("10.40.7.0/24 -> zone:cloud", "{jp: tanaka}", True),
    ],
)
def test_each_site_that_is_opened_agrees(
    lines: Callable[..., list[int]], ends: str, approved: str, missing: bool
) -> None:
    rule = f"id: A, allow: '{ends} : https', approved_by: {approved}"
    assert lines(MissingApproval(), rule) == [1] * missing
