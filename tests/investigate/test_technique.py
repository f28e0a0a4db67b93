"""Techniques have an id that is known, and a reason."""

import pytest

from sekisho.investigate.factors.base import Kind
from sekisho.investigate.technique import technique
from sekisho.model.protocols import TCP, UDP
from sekisho.model.techniques import TECHNIQUES


@pytest.mark.parametrize(
    ("kind", "protocol", "port", "outside", "factors", "expected"),
    [
        ("connect", TCP, 3389, False, [], "T1021.001"),
        ("connect", TCP, 445, False, [], "T1021.002"),
        ("connect", TCP, 22, False, [], "T1021.004"),
        ("connect", TCP, 5985, False, [], "T1021.006"),
        ("connect", TCP, 135, False, [], "T1047"),
        ("connect", TCP, 9999, False, [], "T1021"),
        ("connect", TCP, 22, False, ["relay"], "T1090"),
        ("connect", TCP, 3389, True, [], "T1133"),
        ("connect", TCP, 8080, True, [], "T1190"),
        ("reverse", TCP, 443, True, [], "T1071.001"),
        ("reverse", UDP, 53, True, [], "T1071.004"),
        ("reverse", TCP, 5938, True, [], "T1219"),
        ("reverse", TCP, 22, True, [], "T1572"),
        ("reverse", TCP, 8443, True, [], "T1571"),
        ("reverse", TCP, 4444, False, [], "T1090.001"),
    ],
)
def test_by_service_and_direction(
    kind: Kind, protocol: int, port: int, outside: bool, factors: list[str], expected: str
) -> None:
    name, why = technique(kind, protocol, port, from_outside=outside, factors=factors)
    assert name == expected
    assert name in TECHNIQUES
    assert why
