"""What logons say of steps: who travelled, where the account was changed, where a logon should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.investigate.logons.base import Answer, Clocks, Corroboration, LogHour, Seen, Source, Step
from sekisho.investigate.logons.corroborate import corroborate, people
from sekisho.model.logons import LogonKind

NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = {"10.0.0.1": "pc1", "10.0.0.2": "srv2", "10.0.0.3": "srv3"}


def step(src: str = "10.0.0.1", dst: str = "10.0.0.2", port: int = 445, at: datetime = NOON) -> Step:
    names = (frozenset({f"{NAMES[end]}.corp.example"}) for end in (src, dst))
    return Step(src, dst, port, "tcp", at, at + timedelta(minutes=3), *names)


def seen(at: datetime = NOON, kind: LogonKind = LogonKind.LOGON, **more: Any) -> Seen:
    plain: dict[str, Any] = {
        "host": "SRV2",
        "src": "10.0.0.1",
        "account": "CORP\\anna",
        "success": True,
    }
    return Seen(at, kind=kind, source=Source("hosts", "a.evtx", "0" * 64, 7), **(plain | more))


def hour(at: datetime = NOON, *, logons: int = 5, missing: int = 0, host: str = "srv2") -> LogHour:
    return LogHour(host, "hosts", at.replace(minute=0), logons, missing)


def judge(*logons: Seen, hours: list[LogHour] | None = None, of: Step | None = None) -> Corroboration:
    (found,) = corroborate([of or step()], logons, [hour()] if hours is None else hours, Clocks())
    return found


def test_an_account_that_was_let_in_travelled() -> None:
    found = judge(seen(), seen(kind=LogonKind.FILE), seen(account="CORP\\SRV2$"))
    assert (found.answer, found.accounts) == (Answer.SEEN, ("CORP\\anna",))
    assert len(found.evidence) == 3


def test_a_logon_at_the_begin_goes_before_one_in_the_midst_of_a_long_session() -> None:
    long = replace(step(), end=NOON + timedelta(minutes=50))
    late = seen(NOON + timedelta(minutes=20), account="CORP\\root")
    assert judge(seen(), late, of=long).accounts == ("CORP\\anna",)
    assert judge(late, of=long).accounts == ("CORP\\root",)


def test_a_network_sensors_logon_counts_where_the_host_has_no_log() -> None:
    found = judge(seen(kind=LogonKind.NTLM, host="10.0.0.2", dst="10.0.0.2"), hours=[])
    assert found.answer is Answer.SEEN


@pytest.mark.parametrize("port", [139, 445, 3389, 5985, 5986])
def test_a_covered_hour_without_the_logon_is_a_finding(port: int) -> None:
    elsewhere = [seen(src="10.0.0.9"), seen(host="srv3"), seen(at=NOON - 2 * HOUR)]
    found = judge(*elsewhere, of=step(port=port))
    assert found.answer is Answer.TRACES_REMOVED
    assert "traces removed" in found.why
    assert found.accounts == ()


def test_services_and_jobs_that_have_no_source_excuse_nothing_and_remote_ones_do() -> None:
    assert judge(seen(src=None, logon_type=5)).answer is Answer.TRACES_REMOVED
    found = judge(seen(src=None, logon_type=3))
    assert (found.answer, found.accounts) == (Answer.UNCLEAR, ("CORP\\anna",))


@pytest.mark.parametrize(
    ("hours", "answer"),
    [
        ([], Answer.NO_LOG),
        ([hour(host="srv3")], Answer.NO_LOG),
        ([hour(logons=0)], Answer.NO_LOG),
        ([hour(NOON - HOUR)], Answer.NO_LOG),
        ([hour(missing=1)], Answer.INCOMPLETE),
        ([hour(logons=0, missing=1)], Answer.INCOMPLETE),
    ],
)
def test_what_is_less_than_coverage_accuses_nobody(hours: list[LogHour], answer: Answer) -> None:
    assert judge(hours=hours).answer is answer


@pytest.mark.parametrize(
    ("first", "last", "beside", "answer"),
    [
        (-20, 20, 0, Answer.TRACES_REMOVED),
        (5, 20, 0, Answer.NO_LOG),  # the log begins after it
        (-20, -5, 0, Answer.NO_LOG),  # the log ends before it
        (5, 20, -1, Answer.TRACES_REMOVED),  # it speaks of the hour before
        (-20, -5, 1, Answer.TRACES_REMOVED),
    ],
)
def test_a_log_that_begins_or_ends_within_the_hour_covers_what_it_spans(
    first: int, last: int, beside: int, answer: Answer
) -> None:
    minute = timedelta(minutes=1)
    own = replace(hour(), first=NOON + first * minute, last=NOON + last * minute)
    more = [hour(NOON + beside * HOUR)] if beside else []
    assert judge(hours=[own, *more]).answer is answer


def test_a_session_over_two_hours_needs_both() -> None:
    late = step(at=NOON.replace(minute=59))
    assert judge(of=late).answer is Answer.NO_LOG
    both = [hour(), hour(NOON + HOUR)]
    assert judge(of=late, hours=both).answer is Answer.TRACES_REMOVED


def test_a_log_cleared_in_the_session_is_named_with_its_place() -> None:
    found = judge(seen(kind=LogonKind.LOG_CLEARED, src=None))
    assert (found.answer, len(found.evidence)) == (Answer.INCOMPLETE, 1)


def test_a_service_that_writes_nothing_down_is_not_asked() -> None:
    assert judge(of=step(port=22)).answer is Answer.NOT_ASKED
    assert judge(of=replace(step(), protocol="udp")).answer is Answer.NOT_ASKED
    assert judge(seen(), of=step(port=22)).answer is Answer.SEEN, "what is on record counts"


def test_a_refusal_is_no_logon_and_no_trace_removed() -> None:
    found = judge(seen(kind=LogonKind.LOGON_FAILED, success=False))
    assert (found.answer, found.accounts) == (Answer.REFUSED, ("CORP\\anna",))
    assert judge(seen(kind=LogonKind.NTLM, success=False)).answer is Answer.REFUSED


def test_a_name_that_a_client_gives_itself_does_not_outweigh_its_address() -> None:
    assert judge(seen(src="10.0.0.9", src_name="PC1")).answer is Answer.TRACES_REMOVED
    assert judge(seen(src=None, src_name="PC1")).answer is Answer.SEEN


def test_clocks_that_differ_are_reckoned_with() -> None:
    ahead = timedelta(hours=5)
    logon, spoken = seen(NOON + ahead), hour(NOON + ahead)
    (apart,) = corroborate([step()], [logon], [spoken], Clocks())
    assert apart.answer is Answer.NO_LOG
    (found,) = corroborate([step()], [logon], [spoken], Clocks({"hosts": ahead}))
    assert found.answer is Answer.SEEN
    (without,) = corroborate([step()], [], [spoken], Clocks({"hosts": ahead}))
    assert without.answer is Answer.TRACES_REMOVED


def test_other_credentials_used_for_the_next_host_are_a_switch() -> None:
    steps = [step(), step("10.0.0.2", "10.0.0.3", at=NOON + HOUR)]
    later = NOON + HOUR
    came = seen()
    used = seen(
        later,
        LogonKind.EXPLICIT_CREDENTIALS,
        host="srv2",
        src=None,
        actor="CORP\\anna",
        account="CORP\\root",
        target="srv3.corp.example",
    )
    left = seen(later, host="srv3", src="10.0.0.2", account="CORP\\root")
    first, second = corroborate(steps, [came, used, left], [], Clocks())
    assert first.switched == ()
    (switch,) = second.switched
    assert (switch.host, switch.came, switch.left) == ("10.0.0.2", "CORP\\anna", "CORP\\root")
    assert switch.evidence == (used.source,)
    _, compared = corroborate(steps, [came, left], [], Clocks())
    (switch,) = compared.switched
    assert (switch.came, switch.left, switch.evidence) == ("CORP\\anna", "CORP\\root", ())
    machine = replace(left, account="CORP\\SRV2$")
    assert corroborate(steps, [came, machine], [], Clocks())[1].switched == (), "it is its own"
    _, kept = corroborate(steps, [came, replace(left, account="anna@CORP.EXAMPLE")], [], Clocks())
    assert kept.switched == ()


def test_an_account_is_named_once_however_it_is_written_and_machines_only_alone() -> None:
    met = ["CORP\\anna", "CORP\\SRV2$", None, "CORP\\bob", "corp\\ANNA"]
    assert people(met) == ("CORP\\anna", "CORP\\bob")
    assert people(["CORP\\SRV2$", "corp\\srv2$", None]) == ("CORP\\SRV2$",)
