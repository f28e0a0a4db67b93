"""When two ways of writing mean one host or one account."""

from __future__ import annotations

import pytest

from sekisho.investigate.logons.base import same_account, same_host


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SRV2", "srv2.corp.example", True),
        ("srv2.corp.example", "SRV2.CORP.EXAMPLE", True),
        ("srv2.corp.example", "srv2.other.example", False),
        ("srv2", "srv20", False),
        ("10.0.0.2", "10.0.0.3", False),
    ],
)
def test_hosts(one: str, other: str, same: bool) -> None:
    assert same_host(one, frozenset({other})) is same
    assert same_host(other, frozenset({one})) is same


def test_accounts() -> None:
    ways = ["CORP\\Anna", "anna@CORP.EXAMPLE", "anna/CORP", "ANNA"]
    assert all(same_account(one, other) for one in ways for other in ways)
    assert not same_account("anna", "joanna")
