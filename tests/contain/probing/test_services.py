from __future__ import annotations

import pytest
from tests.contain.conftest import ground_of

from sekisho.contain.probing.services import KINDS, named
from sekisho.errors import RequestError
from sekisho.model.probes import Trial

INVENTORY = ground_of().inventory


@pytest.mark.parametrize(
    ("text", "trial"),
    [
        ("10.1.20.5:8443", Trial("tls", "10.1.20.5", 8443)),
        ("10.1.20.5:1234", Trial("tls", "10.1.20.5", 1234)),
        ("10.1.20.5:8080", Trial("http", "10.1.20.5", 8080)),
        ("http://10.1.20.5", Trial("http", "10.1.20.5", 80)),
        ("http://10.1.20.5:81/a/b", Trial("http", "10.1.20.5", 81, "/a/b")),
        ("https://10.1.20.5/login", Trial("tls", "10.1.20.5", 443)),
        ("edi-th:443", Trial("tls", "10.40.2.10", 443)),
        ("https://EDI-TH:9443", Trial("tls", "10.40.2.10", 9443)),
    ],
)
def test_what_a_person_names(text: str, trial: Trial) -> None:
    assert named(text, INVENTORY) == trial


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10.1.20.5", "names no service"),
        ("", "names no service"),
        ("ftp://10.1.20.5:21", "names no service"),
        ("10.1.20.5:443/x", "names no service"),
        ("10.1.20.5:0", "there is no port 0"),
        ("10.1.20.5:70000", "there is no port 70000"),
        ("2001:db8::5:443", "no IPv6 address"),
        ("http://10.1.20.5/' OR 1=1 --", "names no service"),
        ("http://10.1.20.5/\u0000", "names no service"),
        ("http://user:pw@10.1.20.5/", "names no service"),
        ("nobody:443", "is no name of assets.csv"),
        ("x" * 700 + ":443", "names no service"),
    ],
)
def test_what_cannot_be_tried(text: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        named(text, INVENTORY)


def test_well_known_ports_are_tried_as_what_they_are() -> None:
    assert [KINDS.get(port) for port in (443, 80, 445)] == ["tls", "http", None]
