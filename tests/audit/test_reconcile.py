"""Both ends compared over six days at two sensors: nothing is one-sided until records are taken away."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument, Finding
from sekisho.model.reconciliation import PairReconciliation

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)
HOUR = 3600
Keep = Callable[[float, str], bool]


def changed(path: Path, keep: Keep) -> None:
    """Leave only the records that `keep` says of (seconds from 1 June, line)."""
    lines = path.read_text().splitlines(keepends=True)
    begin = JUNE_1.timestamp()
    path.write_text(
        "".join(
            line
            for line in lines
            if line.startswith("#") or keep(float(line.split("\t", 1)[0]) - begin, line)
        )
    )


@pytest.fixture
def judged(raw_company: Path) -> Callable[..., AuditDocument]:
    """Take the logs in, less what is dropped from one of them, and audit them."""

    def run(
        sensor: str = "jp-edge", keep: Keep = lambda _at, _line: True, **window: datetime
    ) -> AuditDocument:
        changed(raw_company / "logs" / sensor / "conn.log", keep)
        workspace = Workspace(raw_company)
        ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=NOW)
        begin, end = window.get("begin"), window.get("end")
        return run_audit(workspace, begin=begin, end=end, now=NOW, by="anong").document

    return run


def marked(document: AuditDocument) -> list[Finding]:
    return [f for f in document.findings if "one_sided" in (f.kind, *f.also)]


def pair(document: AuditDocument) -> PairReconciliation:
    assert document.reconciliation is not None
    (found,) = document.reconciliation.pairs
    alone = found.source_only + found.destination_only + found.neither
    assert found.both + found.partly + alone == found.connection_days
    return found


def said(finding: Finding) -> str:
    (text,) = (check.text for check in finding.checks if check.id == "one_sided")
    return text


def test_what_both_ends_recorded_is_not_one_sided(judged: Callable[..., AuditDocument]) -> None:
    document = judged()
    found = pair(document)
    assert (found.src_site, found.dst_site) == ("th-plant", "jp-hq")
    assert found.both == found.connection_days > 6
    assert marked(document) == []
    assert document.reconciliation is not None
    clocks = {clock.sensor: clock for clock in document.reconciliation.clocks}
    apart = clocks["jp-edge"].offset - clocks["th-edge"].offset  # type: ignore[operator]
    assert apart == pytest.approx(0.0135, abs=1e-4)


def test_a_connection_that_one_log_lacks_is_found(judged: Callable[..., AuditDocument]) -> None:
    document = judged(keep=lambda _at, line: "\t445\t" not in line or "10.1.10.96" not in line)
    (one,) = marked(document)
    assert (one.kind, one.also, one.verdict) == ("verdict", ("one_sided",), "unauthorized")
    assert one.seen_at == "source_only"
    text = said(one)
    assert "recorded at th-plant only: jp-edge at jp-hq" in text
    assert "3 flows on 2 days, 2020-06-04 10:00 to 2020-06-05 02:00 UTC" in text
    assert pair(document).source_only == pair(document).one_sided == 2


def test_one_day_of_a_connection_that_is_recorded_otherwise(
    judged: Callable[..., AuditDocument],
) -> None:
    document = judged(
        "th-edge", lambda at, line: "\t8443\t" not in line or not 48 * HOUR <= at < 72 * HOUR
    )
    (one,) = marked(document)
    assert (one.kind, one.verdict, one.severity) == ("one_sided", "authorized", "medium")
    assert one.onset.at == JUNE_1 + timedelta(days=2, minutes=1, microseconds=263_500), (
        "by the clock that has it"
    )
    assert one.flows == 144, "all of the connection's"
    assert "24 flows" in said(one)
    assert pair(document).destination_only == 1


def test_one_flow_among_others_weighs_less(judged: Callable[..., AuditDocument]) -> None:
    document = judged(keep=lambda at, line: "\t8443\t" not in line or not 50 * HOUR < at < 51 * HOUR)
    (one,) = marked(document)
    assert one.severity == "low"
    assert "1 flow, 2020-06-03 02:01 UTC, although it has others" in said(one)
    assert pair(document).partly == 1


def test_hours_without_any_record_in_a_file_that_spans_them(
    judged: Callable[..., AuditDocument],
) -> None:
    document = judged(keep=lambda at, _line: not 50 * HOUR <= at < 54 * HOUR)
    (one,) = marked(document)
    assert "4 flows" in said(one)


def test_a_log_that_ends_is_an_outage(judged: Callable[..., AuditDocument]) -> None:
    document = judged(keep=lambda at, _line: at < 60 * HOUR)
    assert marked(document) == []
    assert pair(document).explained["outage"] > 0
    assert pair(document).one_sided == 0


def test_a_prefix_that_one_sensor_never_sees_is_one_cause(
    raw_company: Path, judged: Callable[..., AuditDocument], zeek_conn: Callable[..., str]
) -> None:
    """Twenty hosts' connections of four days go around jp-edge, which records everything else."""
    policy = raw_company / "policy.yaml"
    rule = '  - {id: DNS, allow: "* -> jp-hq/* : tcp/53", owner: it, ticket: CHG-3, why: Names}\n'
    policy.write_text(policy.read_text().replace("tests:\n", f"{rule}tests:\n"))
    with (raw_company / "logs" / "th-edge" / "conn.log").open("a") as log:
        for client in range(20):
            for day in range(1, 5):
                at = JUNE_1.timestamp() + (day * 24 + 9) * HOUR + client
                source = f"10.40.7.{client + 10}"
                log.write(zeek_conn(at, f"R{client}-{day}", source, 30_000 + client, "10.1.7.7", 53))
    document = judged()
    lacking = [f.lacking for f in document.findings if f.lacking is not None]
    assert {(one.site, one.recorded_at, one.flows, len(one.days), one.whole) for one in lacking} == {
        ("jp-hq", "th-plant", 4, 4, True)
    }
    (cause,) = (one for one in document.causes if one.kind == "missing_records")
    alone = [f for f in document.findings if f.kind == "one_sided"]
    assert cause.findings == len([f for f in alone if f.cause == cause.id]) == 20
    assert "jp-edge at jp-hq has nothing of 20 connections (80 flows) with th-plant" in cause.text


def inner_sensor(company: Path, *only: str) -> None:
    """A sensor inside jp-hq that has all that jp-edge has, and some lines of its own."""
    sites = company / "sites.yaml"
    inner = "  jp-inner: {site: jp-hq, kind: zeek, sees: [inside]}\n"
    sites.write_text(sites.read_text().replace("sensors:\n", f"sensors:\n{inner}"))
    log = company / "logs" / "jp-inner" / "conn.log"
    log.parent.mkdir()
    log.write_text((company / "logs" / "jp-edge" / "conn.log").read_text() + "".join(only))


def test_what_an_inside_sensor_sees_besides_is_lacking_at_no_edge(
    raw_company: Path, judged: Callable[..., AuditDocument], zeek_conn: Callable[..., str]
) -> None:
    """A flow more of a connection that both edges have otherwise, and a connection that neither has."""
    at = JUNE_1.timestamp() + 50 * HOUR
    more = zeek_conn(at + 9, "I1", "10.40.2.10", 61_000, "10.1.20.5", 8443)
    alone = zeek_conn(at, "I2", "10.40.7.7", 61_001, "10.1.20.6", 8443)
    inner_sensor(raw_company, more, alone)
    document = judged()
    found = pair(document)
    assert (found.both, found.neither) == (found.connection_days - 1, 1)
    assert found.partly == found.one_sided == sum(found.explained.values()) == 0
    (unseen,) = (f for f in document.findings if f.src.address == "10.40.7.7")
    assert (unseen.also, unseen.seen_at) == ((), "single")


def test_an_inside_sensor_hides_nothing_that_one_edge_lacks(
    raw_company: Path, judged: Callable[..., AuditDocument]
) -> None:
    """Of one day each log has lost a flow of its own; what is inside saw both."""
    inner_sensor(raw_company)
    other = raw_company / "logs" / "th-edge" / "conn.log"
    changed(other, lambda at, line: "\t8443\t" not in line or not 52 * HOUR < at < 53 * HOUR)
    document = judged(keep=lambda at, line: "\t8443\t" not in line or not 50 * HOUR < at < 51 * HOUR)
    (one,) = marked(document)
    assert one.lacking is not None
    assert one.lacking.flows == 1
    assert (pair(document).partly, pair(document).one_sided) == (1, 2)


def test_a_window_without_the_days_has_none(judged: Callable[..., AuditDocument]) -> None:
    begin, end = JUNE_1 + timedelta(days=4), JUNE_1 + timedelta(days=5)
    document = judged(keep=lambda at, _line: not 50 * HOUR <= at < 54 * HOUR, begin=begin, end=end)
    assert marked(document) == []
    assert pair(document).both == pair(document).connection_days > 0


def test_an_attempt_that_never_arrived_was_stopped_between(
    judged: Callable[..., AuditDocument],
) -> None:
    document = judged(keep=lambda _at, line: "\tS0\t" not in line)
    assert marked(document) == []
    assert pair(document).explained["blocked"] == 1


def test_a_clock_that_jumped_for_a_day_is_said_to_have(raw_company: Path) -> None:
    log = raw_company / "logs" / "jp-edge" / "conn.log"
    lines = []
    begin = JUNE_1.timestamp()
    for line in log.read_text().splitlines(keepends=True):
        if not line.startswith("#"):
            at, rest = line.split("\t", 1)
            if 76 * HOUR <= float(at) - begin < 80 * HOUR and "\t8443\t" in rest:
                line = f"{float(at) + 600:.6f}\t{rest}"
        lines.append(line)
    log.write_text("".join(lines))
    workspace = Workspace(raw_company)
    ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=NOW)
    document = run_audit(workspace, begin=None, end=None, now=NOW, by="anong").document
    assert marked(document) == []
    assert pair(document).explained["clock"] > 0


def test_a_sampled_sensor_may_miss_what_is_small(
    raw_company: Path, judged: Callable[..., AuditDocument]
) -> None:
    sites = raw_company / "sites.yaml"
    text = sites.read_text()
    sampled = re.sub(r"(jp-edge: \{site: jp-hq, kind: zeek)", r"\1, sampling: 512", text)
    assert sampled != text
    sites.write_text(sampled)
    document = judged(keep=lambda _at, line: "\t445\t" not in line)
    assert marked(document) == []
    assert pair(document).explained["sampling"] == 3


def test_a_sensor_that_always_loses_some_is_not_suspected(
    raw_company: Path, judged: Callable[..., AuditDocument], zeek_conn: Callable[..., str]
) -> None:
    """One in twenty, at all hours, of all connections; a connection that is wholly gone stands out."""
    flows = [
        (client, at) for client in range(10, 30) for at in range(120 + client, 6 * 24 * HOUR, 2 * HOUR)
    ]
    chance = random.Random(7)
    for sensor in ("th-edge", "jp-edge"):
        with (raw_company / "logs" / sensor / "conn.log").open("a") as log:
            for number, (client, at) in enumerate(flows):
                lost = sensor == "jp-edge" and (client == 29 or chance.random() < 0.05)
                if not lost:
                    source, start = f"10.40.7.{client}", JUNE_1.timestamp() + at
                    log.write(zeek_conn(start, f"C{number}", source, 20_000 + number, "10.1.7.7", 53))
    document = judged()
    assert {f.src.address for f in marked(document)} == {"10.40.7.29"}
    found = pair(document)
    assert found.explained["loss"] > 30
    assert found.one_sided == 6
