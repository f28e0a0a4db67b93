"""Which value of an event is the account, the source, the target."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.sources.blocks import Piece
from sekisho.sources.windows_logons import FORMS, LogonRows, form_of
from sekisho.sources.windows_records import WindowsEvent


def event(number: int, channel: str = "Security", **data: str) -> WindowsEvent:
    return WindowsEvent(number, 1_000_000, "PC1", channel, "", 3, data)


def row_of(one: WindowsEvent) -> dict[str, Any]:
    rows, piece = LogonRows(()), Piece()
    assert rows.add(5, one)
    rows.finish(piece)
    (row,) = piece.logons[0].to_pylist()
    return {key: value for key, value in row.items() if value is not None}


def test_every_event_that_is_kept_is_known_by_its_channel_whatever_its_case() -> None:
    names = {
        "security": "SECURITY",
        "system": "System",
        "sysmon": "Microsoft-Windows-Sysmon/Operational",
    }
    assert {number for _, number in FORMS} == {
        *(4624, 4625, 4648, 4672, 4768, 4769, 4776, 5140, 5145, 7045, 1102, 1, 3, 11)
    }
    for (log, number), form in FORMS.items():
        assert form_of(event(number, names[log])) is form
        assert form_of(event(number, "Application")) is None


def test_one_account_that_uses_anothers_credentials_is_the_actor() -> None:
    row = row_of(
        event(
            4648,
            SubjectUserName="anna",
            SubjectDomainName="CORP",
            TargetUserName="root",
            TargetDomainName="ADMIN",
            TargetServerName="srv2.corp.example",
            IpAddress="-",
        )
    )
    assert row["kind"] == "explicit_credentials"
    assert (row["actor"], row["account"], row["target"]) == (
        "CORP\\anna",
        "ADMIN\\root",
        "srv2.corp.example",
    )
    assert not row.keys() & {"src_hi", "src_name", "success"}


@pytest.mark.parametrize(("status", "granted"), [("0x0", True), ("0xC000006A", False)])
def test_a_status_says_whether_it_was_granted(status: str, granted: bool) -> None:
    row = row_of(event(4776, TargetUserName="anna", Workstation="PC7", Status=status))
    assert (row["success"], row["account"], row["src_name"]) == (granted, "anna", "PC7")


def test_a_name_with_its_realm_has_no_domain_before_it() -> None:
    row = row_of(event(4769, TargetUserName="anna@CORP.EXAMPLE", TargetDomainName="CORP.EXAMPLE"))
    assert row["account"] == "anna@CORP.EXAMPLE"


def test_a_source_that_is_no_address_is_a_name() -> None:
    row = row_of(event(4625, TargetUserName="a", IpAddress="PC9", Status="0xC000006D"))
    assert (row["src_name"], row["success"]) == ("PC9", False)
    assert "src_hi" not in row
    assert "src_name" not in row_of(event(4624, TargetUserName="a", IpAddress="LOCAL"))


def test_a_connection_of_a_process_has_both_ends() -> None:
    row = row_of(
        event(
            3,
            "Microsoft-Windows-Sysmon/Operational",
            User="CORP\\anna",
            Image="C:\\a.exe",
            SourceIp="10.0.0.1",
            DestinationIp="10.0.0.2",
            DestinationPort="445",
            Initiated="true",
        )
    )
    assert (row["kind"], row["dst_port"], row["target"]) == ("network", 445, "C:\\a.exe")
    assert row.keys() >= {"src_hi", "src_lo", "dst_hi", "dst_lo"}
    assert row["detail"] == "Initiated=true"


def test_a_share_and_the_file_on_it_are_one_target() -> None:
    row = row_of(event(5145, ShareName="\\\\*\\C$", RelativeTargetName="a\\b", IpAddress="fe80::1%5"))
    assert row["target"] == "\\\\*\\C$\\a\\b"
    assert "src_hi" in row


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999", "x", ""])
def test_a_port_that_is_none_is_left_out(port: str) -> None:
    one = event(3, "Microsoft-Windows-Sysmon/Operational", DestinationPort=port)
    assert "dst_port" not in row_of(one)
