from __future__ import annotations

import pytest
from tests.contain.conftest import ASSETS, SITES

from sekisho.contain.targets import read_target, read_targets
from sekisho.errors import RequestError
from sekisho.inventory.files import parse_inventory

INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("all", "all"),
        ("site:th", "site:th"),
        ("site:th/*", "site:th"),
        ("group:th/edi", "group:th/edi"),
        ("host:10.40.2.10", "host:10.40.2.10"),
        ("host:203.0.113.9", "host:203.0.113.9"),
        ("host:10.40.2.0/24", "host:10.40.2.0/24"),
        ("host:EDI-TH", "host:asset:edi-th"),
        ("link:th <-> jp", "link:th <-> jp"),
        ("link:th<->jp/edi, us", "link:th <-> jp/edi, us"),
        ("link:* <-> th", "link:* <-> th"),
        ("link:th <-> internet", "link:th <-> internet"),
        ("link:th <-> zone:vendor", "link:th <-> zone:vendor"),
    ],
)
def test_targets(text: str, written: str) -> None:
    assert str(read_target(text, INVENTORY)) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("th", "names nothing"),
        ("all:x", "names nothing"),
        ("site:", "names nothing"),
        ("site:tj", "no site `tj`"),
        ("group:th/ed", "no group"),
        ("host:nobody", "selects nothing"),
        ("link:th", "is no link"),
        ("link:th <-> th", "joins a place with itself"),
        ("link:th <-> tj", "selects nothing"),
    ],
)
def test_what_names_nothing(text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        read_target(text, INVENTORY)
    assert caught.value.mend


def test_each_once_and_not_none() -> None:
    assert len(read_targets(["site:th", "site:th/*", "all"], INVENTORY)) == 2
    with pytest.raises(RequestError, match="nothing is named"):
        read_targets([], INVENTORY)
