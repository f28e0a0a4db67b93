"""The register judges as the policy language says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sekisho.simulate.calendar import microseconds
from sekisho.simulate.register import Permit, Register, day_of, ranges, selects


def permit(allow, **more):
    ends, services = allow.split(" : ")
    left, right = ends.split(" -> ")
    parts = (tuple(t.split(", ")) for t in (left, right, services))
    return Permit("X", *parts, "o", "t", "w", **more)


def at(day, hour=12):
    return microseconds(datetime(2020, 5, day, hour, tzinfo=UTC))


def test_a_permit_reads_as_the_policy_language():
    text = "th-plant/edi, th-plant/app -> jp-hq/edi : tcp/8443, ssh"
    assert permit(text).allow == text


@pytest.mark.parametrize(
    ("service", "protocol", "port", "covered"),
    [
        ("any", 47, 0, True),
        ("icmp", 58, 0, True),
        ("dns", 17, 53, True),
        ("tcp/10-20", 6, 20, True),
        ("tcp/10-20", 6, 21, False),
        ("udp/53", 6, 53, False),
        ("smb", 6, 139, False),
    ],
)
def test_services(service, protocol, port, covered):
    assert any(span.covers(protocol, port) for span in ranges(service)) is covered


@pytest.mark.parametrize(
    ("selector", "host", "meant"),
    [
        ("*", "jp-hq-dns01", True),
        ("*", "internet0", False),
        ("jp-hq/*", "jp-hq-dns01", True),
        ("jp-kobe/*", "jp-hq-dns01", False),
        ("jp-hq/dns", "jp-hq-dns01", True),
        ("jp-hq/dc", "jp-hq-dns01", False),
        ("asset:jp-hq-dns01", "jp-hq-dns01", True),
        ("10.1.0.0/16", "jp-hq-dns01", True),
        ("jp-hq/dns", "us-aero-mill-dns01", False),
    ],
)
def test_selectors(company, selector, host, meant):
    assert selects(company, selector, company.host(host)) is meant


def test_judging_by_time(company):
    register = Register(
        company,
        [
            permit("th-plant/* -> jp-hq/* : tcp/22", begin=date(2020, 5, 3), expires=date(2020, 5, 9)),
        ],
    )
    src, dst = company.host("th-plant-app01"), company.host("jp-hq-app01")
    outcome = [
        register.judge(src, dst, 6, 22, at(day, hour))
        for day, hour in ((2, 23), (3, 0), (9, 23), (10, 0))
    ]
    assert outcome == ["lapsed", "authorized", "authorized", "lapsed"]
    assert register.judge(src, dst, 6, 23, at(5)) == "unauthorized"
    assert register.judge(dst, src, 6, 22, at(5)) == "unauthorized"
    assert day_of(at(5)) == date(2020, 5, 5)
