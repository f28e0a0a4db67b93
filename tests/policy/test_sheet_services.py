from __future__ import annotations

import pytest

from sekisho.model.services import PortRange
from sekisho.policy.sheet_services import protocol_words, service_words

OWN = {"mes": (PortRange(6, 9_000, 9_001),)}


@pytest.mark.parametrize(
    ("text", "protocol", "found"),
    [
        ("tcp/443, smb; udp/53", "", "tcp/443, smb, udp/53"),
        ("443/TCP|TCP 8443\nTCP-22", "", "tcp/443, tcp/8443, tcp/22"),
        ("tcp8080", "", "tcp/8080"),
        ("80, 8000 - 8010, 443:445", "6", "tcp/80, tcp/8000-8010, tcp/443-445"),
        ("53", "tcp/udp", "tcp/53, udp/53"),
        ("HTTPS", "tcp", "HTTPS"),
        ("any", "", "any"),
        ("IP", "", "any"),
        ("mes", "", "mes"),
        ("500-510/udp", "", "udp/500-510"),
    ],
)
def test_what_cells_mean(text: str, protocol: str, found: str) -> None:
    words, ranges, slips = service_words(text, protocol, OWN)
    assert (words, slips) == (found, ())
    assert ranges


@pytest.mark.parametrize(
    ("text", "offset", "code"),
    [
        ("tcp/443, 8080", 9, "service/bare-number"),
        ("tcp/443, tcp/99999", 13, "service/ports"),
        ("tcp/510-500", 4, "service/ports"),
        ("smbb", 0, "service/unknown"),
        ("echo request", 0, "service/unknown"),
        ("=1+1", 0, "service/unknown"),
    ],
)
def test_what_is_wrong_and_where(text: str, offset: int, code: str) -> None:
    _, _, slips = service_words(text, "", OWN)
    assert [(slip.offset, slip.code) for slip in slips] == [(offset, code)]


def test_whole_protocols() -> None:
    assert protocol_words("tcp/udp")[0] == "tcp, udp"
    assert protocol_words("50")[:2] == ("ip/50", (PortRange(50, 0, 0),))
    assert protocol_words("ICMP")[1] == (PortRange(1, 0, 0), PortRange(58, 0, 0))
    assert [slip.code for slip in protocol_words("quux")[2]] == ["service/unknown"]
