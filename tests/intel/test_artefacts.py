from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.intel.artefacts import Artefacts
from sekisho.intel.loading import LOADED, Loaded
from sekisho.intel.values import read_value
from sekisho.model.addresses import key, number, parse_address

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def artefacts(*texts: str, keeps: Any = lambda _: True, **more: Any) -> Artefacts:
    """Indicators as a feed `f` keeps them."""
    rows = []
    for text in texts:
        value = read_value(text)
        hi, lo, length = None, None, None
        if value.network is not None:
            hi, lo = key(value.network.network_address)
            length = value.network.prefixlen + (96 if value.network.version == 4 else 0)
        rows.append(
            {
                "kind": value.kind.value,
                "value": value.text,
                "hi": hi,
                "lo": lo,
                "length": length,
                "host": value.host,
                "confidence": 80,
                "tlp": "amber",
                "source": "s",
                "says": "",
                "feed": "f",
                "expired": False,
                **more,
            }
        )
    return Artefacts(Loaded(pa.Table.from_pylist(rows, LOADED), ()), keeps)


def test_addresses_by_themselves_and_in_prefixes() -> None:
    known = artefacts("203.0.113.9", "203.0.113.0/24", "2001:db8::/32", "http://198.51.100.7/x")
    assert known.address("203.0.113.9") == (0, 1)
    assert known.address("::ffff:203.0.113.8") == (1,)
    assert known.address("[2001:db8::1]") == (2,)
    assert known.address("198.51.100.7") == (3,)
    for text in ("198.51.100.8", "", "0.0.0.0", "x'; DROP TABLE", "::"):
        assert known.address(text) == ()
    own = number(parse_address("203.0.113.9"))
    assert artefacts("203.0.113.0/24", keeps=lambda n: n != own).address("203.0.113.9") == ()


def test_names_below_a_domain_and_hosts_of_urls() -> None:
    known = artefacts("bad.example", "https://c2.example.org/a", "\u00e4rger.example")
    assert known.name("WWW.Bad.Example.") == (0,)
    assert known.name("c2.example.org") == (1,)
    assert known.name("xn--rger-koa.example") == (2,)
    assert known.name("\u00e4rger.example") == (2,)
    for text in ("notbad.example", "example", "x.c2.example.org", "<b>", "a" * 5000):
        assert known.name(text) == ()


def test_hashes_whatever_the_case() -> None:
    known = artefacts("ab" * 32, "cd" * 16)
    assert known.hash("AB" * 32) == (0,)
    assert known.hash("cd" * 16) == (1,)
    assert known.hash("cd" * 20) == ()


def test_expired_ones_are_left_out_and_the_rest_is_told_whole() -> None:
    assert artefacts("ab" * 32, expired=True).hash("ab" * 32) == ()
    known = artefacts("bad.example", valid_until=NOW + timedelta(days=1), says="C2 of X")
    assert known.told(0) == "bad.example (f, TLP:AMBER, until 2026-03-02, confidence 80): C2 of X"
    assert ", without an end," in artefacts("bad.example").told(0)
