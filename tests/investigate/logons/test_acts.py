"""What was done on a host while a session into it was open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.logons.acts import EACH, Act, acts
from sekisho.investigate.logons.base import Clocks, Seen, Source, Step
from sekisho.investigate.logons.corroborate import Ordered
from sekisho.model.logons import LogonKind

NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAMES = frozenset({"pc1"}), frozenset({"srv2.corp.example"})
STEP = Step("10.0.0.1", "10.0.0.2", 445, "tcp", NOON, NOON + 3 * MINUTE, *NAMES)


def event(kind: LogonKind, after: float = 1, row: int = 1, **more: Any) -> Seen:
    told = {"host": "SRV2"} | more
    return Seen(NOON + after * MINUTE, kind=kind, source=Source("hosts", "a", "0" * 64, row), **told)


def done(*events: Seen, step: Step = STEP) -> tuple[Act, ...]:
    return acts(step, Ordered(events, Clocks()))


def test_a_service_with_its_program() -> None:
    detail = "ImagePath=C:\\x; y.exe; StartType=demand start"
    (act,) = done(event(LogonKind.SERVICE_INSTALLED, target="PSEXESVC", detail=detail))
    assert act.text == "service PSEXESVC was installed on SRV2, which runs C:\\x; y.exe"
    assert act.runs


def test_processes_of_programs_that_serve_the_network_alone() -> None:
    detail = "CommandLine=cmd.exe /c whoami; ParentImage=C:\\Windows\\System32\\wbem\\WmiPrvSE.exe"
    remote = event(LogonKind.PROCESS, account="CORP\\anna", target="C:\\cmd.exe", detail=detail)
    local = event(LogonKind.PROCESS, row=2, detail="CommandLine=x; ParentImage=C:\\explorer.exe")
    own = event(LogonKind.PROCESS, row=3, account="NT AUTHORITY\\SYSTEM", detail=detail)
    (act,) = done(remote, local, own)
    assert act.text == "WmiPrvSE.exe on SRV2 started as CORP\\anna: cmd.exe /c whoami"


def test_only_meanwhile_and_only_there() -> None:
    kind = LogonKind.SERVICE_INSTALLED
    assert done(event(kind, -30), event(kind, 30), event(kind, host="SRV3")) == ()
    later = (NOON, NOON + MINUTE), (NOON + 29 * MINUTE, NOON + 40 * MINUTE)
    step = Step("10.0.0.1", "10.0.0.2", 445, "tcp", NOON, NOON + MINUTE, *NAMES, sessions=later)
    found = done(event(kind, 15), event(kind, 30), step=step)
    assert [act.at for act in found] == [NOON + 30 * MINUTE]


def test_a_log_that_is_cleared_afterwards_runs_nothing() -> None:
    (act,) = done(event(LogonKind.LOG_CLEARED, 40, account="CORP\\anna"))
    assert (act.text, act.runs) == ("the log of SRV2 was cleared by CORP\\anna", False)


def test_calls_that_make_a_host_run_something() -> None:
    call = {"host": "10.0.0.2", "dst": "10.0.0.2"}
    found = done(
        event(LogonKind.RPC, target="svcctl::CreateServiceW", src="10.0.0.1", **call),
        event(LogonKind.RPC, target="svcctl::CreateServiceW", src="10.0.0.9", row=2, **call),
        event(LogonKind.RPC, target="samr::SamrOpenUser", src="10.0.0.1", row=3, **call),
    )
    assert [act.text for act in found] == [
        "svcctl::CreateServiceW was called on 10.0.0.2 from 10.0.0.1"
    ]


def test_bounds() -> None:
    many = [event(LogonKind.SERVICE_INSTALLED, row=n, target="x" * 900) for n in range(3 * EACH)]
    found = done(*many)
    assert len(found) == EACH
    assert max(len(act.text) for act in found) <= 200
