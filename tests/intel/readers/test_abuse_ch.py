"""Heads and rows as the four projects document them, with made-up values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.intel.base import Aside, Columns, FeedError, Given
from sekisho.intel.readers.abuse_ch import AbuseCh
from sekisho.model.indicators import IndicatorKind

RULE = "################################################################\n# Terms Of Use\n#\n"
FEODO = (
    RULE + '# "first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n'
    '"2020-06-10 04:10:11","45.9.148.3","443","online","2020-06-11","Emotet"\n# END 1 entries\n'
)
URLHAUS = (
    RULE + "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
    '"17","2020-06-11 08:00:05","http://45.9.148.3/bins.sh","online","2020-06-11 08:00:05",'
    '"malware_download","elf,mirai","https://urlhaus.example/17/","somebody"\n'
)
THREATFOX = (
    RULE
    + '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias",'
    '"malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous",'
    '"reporter"\n'
    '"2020-06-11 07:00:00", "9", "45.9.148.3:8080", "ip:port", "botnet_cc", "win.x", "None", "X", "", "75",'
    ' "False", "None", "a,b", "0", "somebody"\n'
    '"2020-06-11 07:00:00", "10", "x", "envelope_from", "payload", "", "", "", "", "75", "", "", "", "", ""\n'
    '"2020-06-11 07:00:00", "11"\n'
)
SSLBL = (
    RULE + "# Listingdate,SHA1,Listingreason\r\n"
    "2020-06-11 06:00:00,da39a3ee5e6b4b0d3255bfef95601890afd80709,Dridex C&C\r\n"
)
JA3 = (
    RULE + "# ja3_md5,Firstseen,Lastseen,Listingreason\n"
    "d41d8cd98f00b204e9800998ecf8427e,2019-07-14 18:08:15,2020-06-10 20:42:54,Adware\n"
)
ADDRESSES = RULE + "# Firstseen,DstIP,DstPort\n2020-06-11 05:00:00,45.9.148.3,443\n"


def read(tmp_path: Path, text: str) -> list[object]:
    (tmp_path / "x").write_text(text, newline="")
    return list(AbuseCh().read(tmp_path / "x", Columns()))


def test_feodo(tmp_path: Path) -> None:
    assert read(tmp_path, FEODO) == [
        Given(
            "45.9.148.3",
            IndicatorKind.ADDRESS,
            valid_from=datetime(2020, 6, 10, 4, 10, 11, tzinfo=UTC),
            seen=datetime(2020, 6, 11, tzinfo=UTC),
            says="Emotet online",
        )
    ]


def test_urlhaus(tmp_path: Path) -> None:
    (one,) = read(tmp_path, URLHAUS)
    assert isinstance(one, Given)
    assert (one.kind, one.value) == (IndicatorKind.URL, "http://45.9.148.3/bins.sh")
    assert (one.source, one.says) == ("17", "malware_download elf,mirai")


def test_threatfox(tmp_path: Path) -> None:
    one, other, short = read(tmp_path, THREATFOX)
    assert isinstance(one, Given)
    assert (one.value, one.confidence, one.seen) == ("45.9.148.3:8080", 75, None)
    assert isinstance(other, Aside)
    assert other.why == "not_usable"
    assert isinstance(short, Aside)
    assert short.why == "malformed"


def test_sslbl(tmp_path: Path) -> None:
    kinds = [
        (one.kind, one.value)
        for text in (SSLBL, JA3, ADDRESSES)
        for one in read(tmp_path, text)
        if isinstance(one, Given)
    ]
    assert kinds == [
        (IndicatorKind.CERTIFICATE_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (IndicatorKind.JA3, "d41d8cd98f00b204e9800998ecf8427e"),
        (IndicatorKind.ADDRESS, "45.9.148.3"),
    ]


def test_another_table_is_told_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="no head"):
        read(tmp_path, "name,thing\n1,2\n")
    assert read(tmp_path, RULE) == []
