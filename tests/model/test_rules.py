from __future__ import annotations

from ipaddress import ip_network

import pytest

from sekisho.model.protocols import TCP
from sekisho.model.rules import Rule, Selector
from sekisho.model.services import PortRange


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (Selector("any"), "*"),
        (Selector("internet"), "internet"),
        (Selector("site", "jp-hq"), "jp-hq/*"),
        (Selector("group", "jp-hq/edi"), "jp-hq/edi"),
        (Selector("zone", "carrier"), "zone:carrier"),
        (Selector("asset", "nas-1"), "asset:nas-1"),
        (Selector("prefix", "10.1.0.0/16", ip_network("10.1.0.0/16")), "10.1.0.0/16"),
    ],
)
def test_a_selector_reads_as_it_is_written(selector: Selector, text: str) -> None:
    assert str(selector) == text


def test_a_rule_reads_as_it_is_written() -> None:
    rule = Rule(
        "TH-HQ-EDI",
        (Selector("group", "th-plant/edi"), Selector("any")),
        (Selector("group", "jp-hq/edi"),),
        (PortRange(TCP, 8443, 8443),),
        "tcp/8443",
    )
    assert rule.allow == "th-plant/edi, * -> jp-hq/edi : tcp/8443"
