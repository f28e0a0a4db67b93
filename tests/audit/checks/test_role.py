from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.role import RoleCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = RoleCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("administration", 20),
        ("file", 20),
        ("directory", 15),
        ("database", 15),
        ("infrastructure", -10),
        ("web", None),
        ("other", None),
    ],
)
def test_points_by_role(subject: Make, role: str, expected: int | None) -> None:
    assert points(subject(role=role)) == expected
