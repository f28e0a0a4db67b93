from __future__ import annotations

import pyarrow as pa

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.indicators import Indicators
from sekisho.intel.artefacts import Artefacts
from sekisho.intel.loading import LOADED, Loaded
from sekisho.model.addresses import key, parse_address

HASH = "ab" * 32


def known(*rows: dict[str, object]) -> Artefacts:
    every = {"confidence": 70, "tlp": "green", "source": "s", "says": "", "feed": "f", "expired": False}
    return Artefacts(
        Loaded(pa.Table.from_pylist([every | r for r in rows], LOADED), ()), lambda _: True
    )


def test_each_artefact_with_which_feed_says_so() -> None:
    hi, lo = key(parse_address("203.0.113.9"))
    check = Indicators(
        known(
            {"kind": "address", "value": "203.0.113.9", "hi": hi, "lo": lo, "length": 128},
            {"kind": "domain", "value": "bad.example"},
            {"kind": "sha256", "value": HASH},
        )
    )
    found = list(
        check.judge(
            {
                "process_open_sockets": [
                    {"path": r"C:\x.exe", "remote_address": "203.0.113.9", "remote_port": "443"},
                    {"path": r"C:\y.exe", "remote_address": "10.1.1.1"},
                ],
                "dns_cache": [{"name": "www.bad.example"}, {"name": "good.example"}, {}],
                "process_files": [{"path": r"C:\x.exe", "sha256": HASH, "md5": ""}],
                "file_hashes": [{"path": "y", "sha1": "cd" * 20}],
                "collected_files": [{"path": "C/x.exe", "sha256": HASH.upper()}],
            }
        )
    )
    tail = "(f, TLP:GREEN, without an end, confidence 70)"
    assert found == [
        rf"C:\x.exe talks with 203.0.113.9 port 443: 203.0.113.9 {tail}",
        f"the name www.bad.example was asked for: bad.example {tail}",
        rf"C:\x.exe runs: {HASH} {tail}",
        f"C/x.exe was collected: {HASH} {tail}",
    ]


def test_without_indicators_it_cannot_say() -> None:
    for check in (Indicators(), Indicators(known())):
        (found,) = check.judge({"dns_cache": [{"name": "x.example"}]})
        assert isinstance(found, Failed)
