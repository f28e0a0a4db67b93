from __future__ import annotations

import pytest

from sekisho.model.services import PortRange
from sekisho.policy.language import read_words
from sekisho.policy.services import read_services

OWN = {"mes": (PortRange(6, 9000, 9001),)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tcp/443", ["tcp/443"]),
        ("TCP/443, udp/500-510", ["tcp/443", "udp/500-510"]),
        ("tcp/20:22", ["tcp/20-22"]),
        ("tcp/20–22", ["tcp/20-22"]),
        ("tcp", ["tcp"]),
        ("any", ["any"]),
        ("icmp", ["icmp", "icmp6"]),
        ("gre", ["gre"]),
        ("47, ip/50", ["gre", "esp"]),
        ("MES", ["tcp/9000-9001"]),
        ("https, https", ["tcp/443"]),
        ("smb", ["tcp/445"]),
    ],
)
def test_services(text: str, found: list[str]) -> None:
    ranges, slips = read_services(read_words(text)[0], OWN)
    assert slips == ()
    assert [str(part) for part in ranges] == found


@pytest.mark.parametrize(
    ("text", "code", "mend"),
    [
        ("tcp/65536", "service/ports", "ports end at 65535"),
        ("tcp/99999999", "service/ports", "write tcp/443 or tcp/500-510"),
        ("tcp/22-20", "service/ports", "write tcp/20-22"),
        ("tcp/*", "service/ports", "write `tcp` for all ports"),
        ("tcp/", "service/ports", "write `tcp` for all ports"),
        ("tcp/https", "service/ports", "write `https`"),
        ("443/tcp", "service/unknown", "write tcp/443"),
        ("tpc/443", "service/unknown", "did you mean `tcp`?"),
        ("gre/5", "service/no-ports", "write `gre`"),
        ("ip/256", "service/unknown", "write tcp/443 for a port"),
        ("443", "service/bare-number", "write tcp/443"),
        ("udp/53, 47", "service/bare-number", "write udp/47; ip/47 is the protocol"),
        ("8000-8010", "service/bare-number", "write tcp/8000-8010"),
        ("htps", "service/unknown", "did you mean `http"),
        ("mse", "service/unknown", "did you mean `mes`?"),
    ],
)
def test_what_is_no_service(text: str, code: str, mend: str) -> None:
    words, _ = read_words(text)
    _, slips = read_services(words, OWN)
    (slip,) = slips
    assert slip.code == code
    assert mend in slip.mend
    assert words[-1].offset <= slip.offset < len(text) + 1
