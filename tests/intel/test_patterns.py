from __future__ import annotations

import pytest

from sekisho.intel.patterns import LONGEST, NotUsable, values_of
from sekisho.model.indicators import IndicatorKind as K


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[ipv4-addr:value = '203.0.113.9']", [(K.ADDRESS, "203.0.113.9")]),
        ("[ipv6-addr:value ISSUBSET '2001:db8::/32']", [(K.ADDRESS, "2001:db8::/32")]),
        (
            "[ipv4-addr:value = '203.0.113.9' OR domain-name:value = 'evil.example']",
            [(K.ADDRESS, "203.0.113.9"), (K.DOMAIN, "evil.example")],
        ),
        (
            "[file:hashes.'SHA-256' = 'aa'] OR [file:hashes.MD5 = 'bb']",
            [(K.SHA256, "aa"), (K.MD5, "bb")],
        ),
        ("[url:value IN ('http://a.example/', 'http://b.example/')]",
         [(K.URL, "http://a.example/"), (K.URL, "http://b.example/")]),
        ("[x509-certificate:hashes.'SHA-1' = 'cc']", [(K.CERTIFICATE_SHA1, "cc")]),
        ("[network-traffic:dst_ref.value = '203.0.113.9']", [(K.ADDRESS, "203.0.113.9")]),
        (r"[url:value = 'http://a.example/it\'s']", [(K.URL, "http://a.example/it's")]),
    ],
)  # fmt: skip
def test_values_that_are_enough_by_themselves(pattern: str, values: list[tuple[K, str]]) -> None:
    assert values_of(pattern) == values


@pytest.mark.parametrize(
    "pattern",
    [
        "[ipv4-addr:value = '203.0.113.9' AND network-traffic:dst_port = 443]",
        "[url:value = 'x'] AND [url:value = 'y']",
        "[url:value = 'x'] FOLLOWEDBY [url:value = 'y']",
        "[url:value = 'x'] WITHIN 5 SECONDS",
        "[url:value LIKE 'http://%']",
        "[url:value MATCHES '.*']",
        "[ipv4-addr:value != '203.0.113.9']",
        "[ipv4-addr:value NOT = '203.0.113.9']",
        "[windows-registry-key:key = 'x']",
        "[file:name = 'x']",
        "[[",
        "",
        "alert tcp any any -> any any",
        "[" * 5000,
        "[url:value = '" + "x" * LONGEST + "']",
    ],
)
def test_what_no_single_value_answers(pattern: str) -> None:
    with pytest.raises(NotUsable):
        values_of(pattern)
