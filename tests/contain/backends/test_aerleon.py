from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from sekisho.contain.backends.access_lists import IOS
from sekisho.contain.backends.aerleon import generate
from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.lines import Line

A, B = (ip_network("10.0.0.0/8"),), (ip_network("192.0.2.0/24"),)
LINE = Line("drop-1", "P-1 site:th", accept=False, sources=A, destinations=B)
HEADER = "sekisho-4 extended"


def test_a_line_is_said_and_the_rest_passes() -> None:
    text = generate(IOS.target, HEADER, 4, [LINE])
    assert " deny ip 10.0.0.0 0.255.255.255 192.0.2.0 0.0.0.255 log\n" in text
    assert text.rstrip().endswith("exit")
    assert "permit ip any any" in text
    assert "$" not in text
    assert "permit" not in generate(IOS.target, HEADER, 4, [LINE], rest=False)


def test_sets_are_never_empty_nor_of_the_other_family() -> None:
    for wrong in (
        replace(LINE, sources=()),
        replace(LINE, destinations=(ip_network("2001:db8::/32"),)),
    ):
        with pytest.raises(AssertionError, match="drop-1 names no address of IPv4"):
            generate(IOS.target, HEADER, 4, [wrong])


def test_what_is_left_out_is_a_refusal() -> None:
    with pytest.raises(CannotExpress, match=r"what Aerleon says of drop-1 .* is not all of it"):
        generate(replace(IOS.target, whole=lambda section, line: False), HEADER, 4, [LINE])
    with pytest.raises(CannotExpress, match="left out or moved drop-1, rest"):
        generate(replace(IOS.target, begins=r"^never (\S+)$"), HEADER, 4, [LINE])
    with pytest.raises(CannotExpress, match="Aerleon left the list out"):
        generate(replace(IOS.target, suffix=".other"), HEADER, 4, [LINE])
    with pytest.raises(CannotExpress, match="has no words for it"):
        generate(IOS.target, "sekisho-4 nonsense", 4, [LINE])


def test_a_warning_is_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    # Aerleon knows no target of that name: it warns and writes nothing.
    with pytest.raises(CannotExpress):
        generate(replace(IOS.target, aerleon="nothing"), HEADER, 4, [LINE])
    icmp6 = replace(LINE, protocol=58)
    with pytest.raises(CannotExpress):
        generate(IOS.target, HEADER, 4, [icmp6])
    assert "WARNING" not in capsys.readouterr().err


def test_ports_of_other_protocols_are_refused() -> None:
    with pytest.raises(CannotExpress, match="ports of protocol 132"):
        generate(IOS.target, HEADER, 4, [replace(LINE, protocol=132, destination_ports=((5, 5),))])
