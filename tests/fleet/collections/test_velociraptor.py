from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from tests.sources.event_logs import CHUNK, HEADER, event, event_log

from sekisho.fleet.collections import members
from sekisho.fleet.collections.base import Collection
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.velociraptor import is_collection, read

INFO = json.dumps({"Hostname": "pc1", "Fqdn": "pc1.corp.example", "OS": "windows"})
ODD = {"Name": "updater", "PathName": r"C:\Users\Public\u.exe", "StartMode": "Auto"}


def archive(**members: Any) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    out.seek(0)
    return out


def collection(**members: Any) -> Collection:
    return read(archive(**{"client_info.json": INFO, **members}))


def test_services_of_the_machine_that_it_is_of() -> None:
    found = collection(
        **{
            "collection_context.json": json.dumps({"start_time": 1_772_323_200_000_000_000}),
            "results/Windows.System.Services.json": json.dumps(ODD) + "\n",
            "results/Windows.Sys.StartupItems.json": "",
            "results/Unknown.json": "{",
        }
    )
    ((who, tables),) = found.machines.values()
    assert (who.hostname, who.os) == ("pc1.corp.example", "windows")
    assert tables["services"].rows[0]["path"] == r"C:\Users\Public\u.exe"
    assert tables["services"].collected is not None
    assert tables["startup_items"].rows == []
    assert found.aside == []


def test_an_artifact_with_a_source_in_its_name() -> None:
    row = json.dumps([{"Name": "t", "Command": "x.exe", "Arguments": "-a"}])
    found = collection(**{"results/Windows.System.TaskScheduler%2FAnalysis.json": row})
    ((_, tables),) = found.machines.values()
    assert tables["scheduled_tasks"].rows[0]["action"] == "x.exe"


def test_names_that_lead_out_and_bombs_cost_only_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_FREE", 1000)
    found = collection(
        **{
            "results/../../etc/passwd.json": "{}",
            "/results/x.json": "{}",
            r"C:\results\Windows.System.Services.json": "{}",
            "results/Windows.Sys.Programs.json": b'{"a":"' + b"0" * 5_000_000 + b'"}',
            "results/Windows.System.Pslist.json": '{"a":' * 50_000,
            "results/Windows.System.Services.json": json.dumps(ODD),
        }
    )
    ((_, tables),) = found.machines.values()
    assert len(tables["services"].rows) == 1
    assert [a.row for a in found.aside] == [2, 3, 4, 5, 6]
    assert "bomb" in found.aside[3].why


def test_who_cannot_be_told_and_what_is_no_zip() -> None:
    assert "machine" in read(archive(**{"client_info.json": "{}"})).aside[0].why
    assert "machine" in read(archive(**{"client_info.json": '{"Hostname": "<b>"}'})).aside[-1].why
    assert "no whole ZIP" in read(io.BytesIO(b"PK\x03\x04 broken")).aside[0].why


def test_it_is_known_by_its_members() -> None:
    assert is_collection(archive(**{"a/client_info.json": "{}"}))
    assert not is_collection(archive(**{"docx/document.xml": ""}))
    assert not is_collection(io.BytesIO(b"PK broken"))


def test_a_list_of_members_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = archive(**{"client_info.json": INFO, **{f"x{n}": "" for n in range(50)}})
    monkeypatch.setattr(members, "MAX_DIRECTORY", 1000)
    assert read(made).aside[0].why == "has a list of members that is too long"
    assert not is_collection(made)


def test_what_lacks_a_row_is_not_whole() -> None:
    found = collection(**{"results/Windows.Sys.StartupItems.json": '{"Name": "a"}\n{broken\n'})
    ((_, tables),) = found.machines.values()
    assert not tables["startup_items"].whole


@pytest.mark.parametrize(
    ("packed", "rows"), [(zipfile.ZIP_DEFLATED, [0, 3]), (zipfile.ZIP_LZMA, [1, 3])]
)
def test_a_member_that_is_broken_however_it_is_packed_costs_only_itself(
    packed: int, rows: list[int]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as made:
        made.writestr("collection_context.json", '{"start_time": 1772323200}')
        made.writestr("client_info.json", INFO, zipfile.ZIP_DEFLATED)
        made.writestr("results/Windows.System.Services.json", json.dumps(ODD))
    content = bytearray(out.getvalue())
    for name in (b"collection_context.json", b"Services.json"):
        start = content.index(name) + len(name)
        content[start : start + 8] = b"\xff" * 8
    found = read(io.BytesIO(content))
    assert [a.row for a in found.aside] == rows
    ((who, tables),) = found.machines.values()
    assert who.hostname == "pc1.corp.example"
    assert not any(one.whole for one in tables.values())


def test_what_connections_names_and_programs_are_called_there() -> None:
    found = collection(
        **{
            "results/Windows.Network.Netstat.json": json.dumps(
                {"Pid": 4, "Raddr.IP": "203.0.113.9", "Raddr.Port": 443}
            ),
            "results/Windows.Network.NetstatEnriched%2FNetstat.json": json.dumps(
                {"DestIP": "203.0.113.10", "DestPort": 80, "Path": "x.exe"}
            ),
            "results/Windows.System.DNSCache.json": json.dumps({"Name": "bad.example"}),
            "results/Windows.System.Pslist.json": json.dumps(
                {"Name": "x", "Exe": r"C:\x.exe", "Hash": {"SHA256": "ab" * 32}}
            ),
        }
    )
    ((_, tables),) = found.machines.values()
    assert [r["remote_address"] for r in tables["process_open_sockets"].rows] == [
        "203.0.113.9",
        "203.0.113.10",
    ]
    assert tables["dns_cache"].rows[0]["name"] == "bad.example"
    assert tables["process_files"].rows[0]["sha256"] == "ab" * 32


def test_a_subscription_is_taken_apart_as_osquery_has_it() -> None:
    row = {
        "Namespace": "root/subscription",
        "ConsumerDetails": {"Name": "c", "CommandLineTemplate": "x.exe"},
        "FilterDetails": [{"Name": "f", "Query": "SELECT 1"}],
    }
    found = collection(
        **{"results/Windows.Persistence.PermanentWMIEvents.json": json.dumps(row) + "\n{torn"}
    )
    ((_, tables),) = found.machines.values()
    assert tables["wmi_cli_event_consumers"].rows == [{"name": "c", "command_line_template": "x.exe"}]
    assert tables["wmi_event_filters"].rows == [{"name": "f", "query": "SELECT 1"}]
    assert tables["wmi_script_event_consumers"].rows == []
    assert tables["wmi_filter_consumer_binding"].rows == [{"consumer": "c", "filter": "f"}]
    assert not any(table.whole for table in tables.values())


def test_what_was_uploaded_is_looked_at() -> None:
    uploads = {"uploads/auto/C%3A/Users/Public/a.exe": b"MZ", "results/x.exe": b"MZ"}
    packed = archive(**{"client_info.json": INFO, **uploads})
    ((_, tables),) = read(packed, Look()).machines.values()
    (row,) = tables["collected_files"].rows
    assert (row["path"], row["size"]) == ("uploads/auto/C:/Users/Public/a.exe", "2")


def test_a_log_that_is_damaged_is_not_whole_and_says_which_it_is() -> None:
    raw = event_log([event(4624, n, host="pc1.corp.example") for n in range(1, 200)])
    name = "uploads/auto/C%3A/Windows/System32/winevt/Logs/Security.evtx"
    packed = archive(**{"client_info.json": INFO, name: raw[: HEADER + CHUNK + 1000]})
    found = read(packed, Look())
    ((_, tables),) = found.machines.values()
    assert not tables["security_log"].whole
    assert "could not be read" in tables["security_log"].why
    assert {a.row for a in found.aside} == {2}
    assert all("Security.evtx, record" in a.why for a in found.aside)


def test_a_file_that_the_machine_held_does_not_say_whose_the_collection_is() -> None:
    planted = json.dumps({"Hostname": "victim"})
    found = read(
        archive(
            **{
                "uploads/auto/C%3A/Users/Public/client_info.json": planted,
                "run/client_info.json": INFO,
                "run/deeper/client_info.json": planted,
            }
        )
    )
    ((who, _),) = found.machines.values()
    assert (who.hostname, found.aside) == ("pc1.corp.example", [])


def test_two_members_of_one_name_are_told() -> None:
    out = archive(**{"client_info.json": INFO})
    with zipfile.ZipFile(out, "a") as more, pytest.warns(UserWarning, match="Duplicate"):
        more.writestr("client_info.json", json.dumps({"Hostname": "victim"}))
    out.seek(0)
    found = read(out)
    ((who, _),) = found.machines.values()
    assert who.hostname == "pc1.corp.example"
    assert [(a.row, a.why) for a in found.aside] == [
        (2, "is a second client_info.json: the first counts")
    ]


def test_an_encrypted_member_says_what_to_do() -> None:
    out = archive(**{"client_info.json": INFO, "results/Windows.System.Services.json": json.dumps(ODD)})
    raw = bytearray(out.getvalue())
    # The flag in the local header and in the directory: general purpose bit 0.
    raw[raw.index(b"PK\3\4", 10) + 6] |= 1
    raw[raw.rindex(b"PK\1\2") + 8] |= 1
    found = read(io.BytesIO(raw))
    ((_, tables),) = found.machines.values()
    assert not tables["services"].whole
    (aside,) = found.aside
    assert aside.why.startswith("is encrypted: unpack it")
