from __future__ import annotations

from typing import Any

import pytest

from sekisho.fleet.service.enrolment import enrolling
from sekisho.fleet.service.wire import Enroll, Refused, read
from sekisho.model.nodes import Enrolling

UUID = "4c4c4544-0042-3510-8052-b4c04f564433"
OTHER = "4c4c4544-0099-3510-8052-b4c04f564433"


def of(identifier: str, **details: dict[str, Any]) -> Enrolling:
    request = Enroll("s", identifier, details)
    return enrolling(request, address="10.1.0.5", secret="hs", key="hk")


def test_the_machine_is_what_its_tables_say() -> None:
    found = of(
        "whatever",
        system_info={"hostname": "PC1.corp", "uuid": UUID.upper(), "hardware_serial": "ABC123"},
        os_version={"name": "Windows 11", "version": "10.0.26100"},
        osquery_info={"version": "5.12.2"},
    )
    assert (found.who.hostname, found.who.uuid, found.who.serial) == ("PC1.corp", UUID, "ABC123")
    assert (found.who.os, found.version) == ("Windows 11 10.0.26100", "5.12.2")
    assert (found.identifier, found.secret, found.key) == ("whatever", "hs", "hk")


def test_without_tables_the_identifier_is_a_name_or_a_uuid() -> None:
    assert of("pc1").who.hostname == "pc1"
    assert of(UUID).who.uuid == UUID


def test_a_machine_keeps_its_identity_and_clones_have_their_own() -> None:
    def identity(name: str, uuid: str) -> str:
        return of("x", system_info={"hostname": name, "uuid": uuid}).identity

    assert identity("pc1", UUID) == identity("PC1.corp.example.org", UUID.upper())
    assert len({identity("pc1", UUID), identity("pc2", UUID), identity("pc1", OTHER)}) == 3
    # A vendor's UUID identifies nothing: then the name alone does.
    assert identity("pc1", "0" * 8 + "-0000-0000-0000-" + "0" * 12) == identity("pc1", "")


@pytest.mark.parametrize(
    ("identifier", "details"),
    [
        ("", {}),
        ("x" * 301, {}),
        ("pc\0one", {}),
        ("pc\x1b[31m", {}),
        ("../../etc/passwd", {}),
        ("<script>", {}),
        ("'; DROP TABLE fleet_nodes; --", {}),
        ("ok", {"system_info": {"hostname": "<b>name</b>"}}),
        ("ok", {"system_info": {"hostname": "../x"}}),
    ],
)
def test_names_that_are_tricks_are_refused(identifier: str, details: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        of(identifier, **details)
    assert refused.value.reason == "wrong_shape"


def test_what_is_no_text_in_the_tables_is_passed_over() -> None:
    found = of(
        "pc1",
        system_info={"uuid": "no uuid", "hardware_serial": "\0\1"},
        osquery_info={"version": "\n"},
    )
    assert (found.who.uuid, found.who.serial, found.version) == ("", "", "")


def test_the_platform_is_what_it_enrols_as() -> None:
    body = b'{"enroll_secret": "s", "host_identifier": "pc1", "platform_type": %s, "host_details": %s}'

    def platform(kind: bytes, details: bytes = b"{}") -> str:
        request = read(Enroll, body % (kind, details))
        return enrolling(request, address="10.1.0.5", secret="hs", key="hk").platform

    assert platform(b'"9"', b'{"os_version": {"platform": "rhel"}}') == "linux"
    assert platform(b"2") == "windows"
    assert platform(b'"2"', b'{"os_version": {"platform": "rhel"}}') == ""
    # What nobody understands costs the enrolment nothing.
    for odd in (b"null", b'{"a": [1, 2]}', b"[[[]]]", b'"' + b"9" * 9000 + b'"', b"-2", b"2e0"):
        assert platform(odd) == ""
