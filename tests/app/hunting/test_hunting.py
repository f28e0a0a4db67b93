"""From a feed to findings: on the company's own evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.explain import explain
from sekisho.app.hunting.hunting import markers_and_notes, run_hunt
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.ingest import ingest
from sekisho.app.investigating.opening import Asked, open_incident
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.hunts import HuntDocument
from sekisho.model.verdicts import VERDICTS

Feed = Callable[..., None]


def hunt(workspace: Workspace, now: datetime, **more: Any) -> HuntDocument:
    refresh(workspace, (), now=now)
    return run_hunt(workspace, feeds=(), begin=more.get("begin"), end=more.get("end"), now=now)


def test_hits_with_what_they_are_and_when_they_began(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    feed(
        hunted,
        "45.9.148.3",
        "45.9.148.0/24",
        "2a0b:f4c0::/29",
        "8.8.8.0/24",
        "0.0.0.0/0",
        "10.40.0.0/16",
    )
    found = hunt(hunted, now)
    told = {(one.src.address, one.dst.address): one for one in found.hits}
    assert set(told) == {("10.40.9.9", "45.9.148.3"), ("2001:db8:40::9", "2a0b:f4c2::9")}
    one = told["10.40.9.9", "45.9.148.3"]
    assert (one.src.asset, one.src.site, one.flows, one.sensors) == (
        "th-app02",
        "th-plant",
        2,
        ("th-edge",),
    )
    assert [(m.kind.value, m.value, m.found) for m in one.indicators] == [
        ("address", "45.9.148.3", "45.9.148.3"),
        ("prefix", "45.9.148.0/24", "45.9.148.3"),
    ]
    assert (one.raised, one.severity, one.onset.kind) == (True, "high", "observed")
    assert one.onset.at == one.first_seen
    assert found.feeds[0].aside == {"company": 1, "too_wide": 1}
    assert any("common or our own" in note for note in found.notes)
    # 8.8.8.8 is in a prefix that is indicated, and raises nothing.
    assert "8.8.8.8" not in {one.dst.address for one in found.hits}


def test_names_lead_to_their_connections_and_those_without_are_told_with_their_line(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    feed(hunted, "evil.example", "gone.example")
    found = hunt(hunted, now)
    (one,) = found.hits
    assert (one.src.address, one.dst.address, one.port) == ("10.40.3.3", "10.40.0.53", 53)
    assert (one.indicators[0].via, one.indicators[0].found) == ("dns_query", "c2.evil.example")
    (name,) = found.names
    assert (name.indicator.value, name.path.rpartition("/")[2], name.times) == (
        "gone.example",
        "dns.log",
        1,
    )


ANSWERED = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tanswers\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tvector[string]\n"
)


def asked(workspace: Workspace, now: datetime, *lines: tuple[float, str, str, str]) -> None:
    """Lookups on 5 June: seconds after midnight, who, name, answers; no flow of them is on record."""
    path = workspace.root / "logs" / "th-edge" / "dns-answered.log"
    path.write_text(
        ANSWERED
        + "".join(
            f"{1_590_969_600 + 4 * 86_400 + at}\tC{n}\t{who}\t55003\t10.40.0.54\t53\tudp\t{name}\t{given}\n"
            for n, (at, who, name, given) in enumerate(lines)
        )
    )
    ingest(workspace, [path], sensor="th-edge", reader=None, now=now)


def test_a_lookup_without_a_flow_is_a_finding_that_says_what_came_after(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    # 45.9.148.3 is what 10.40.9.9 talked with on 4 June; on the 5th nobody did.
    asked(
        hunted,
        now,
        (40, "2001:db8:40::9", "a.gone.example", "2a0b:f4c2::9"),
        (70, "10.40.9.9", "b.gone.example", "cname.example,45.9.148.3"),
        (80, "10.40.9.9", "b.gone.example", "45.9.148.4"),
        (90, "10.40.9.9", "c.gone.example", "-"),
    )
    feed(hunted, "gone.example")
    found = hunt(hunted, now)
    told = {one.indicator.found: one for one in found.names}
    lookups = {name: one.lookup for name, one in told.items() if one.lookup is not None}
    assert {name: (one.followed, one.times, one.answers) for name, one in lookups.items()} == {
        "gone.example": ("no_answer", 1, ()),
        "a.gone.example": ("followed", 1, ("2a0b:f4c2::9",)),
        "b.gone.example": ("none_followed", 2, ("45.9.148.3", "45.9.148.4", "cname.example")),
        "c.gone.example": ("no_answer", 1, ()),
    }
    one = told["b.gone.example"]
    assert one.src is not None
    assert one.dst is not None
    assert one.onset is not None
    assert (one.src.asset, one.dst.address, one.protocol, one.port) == (
        "th-app02",
        "10.40.0.54",
        "udp",
        53,
    )
    assert (one.onset.at, one.onset.kind, one.severity) == (one.first_seen, "observed", "high")
    audited = run_audit(hunted, begin=None, end=None, now=now, by="aiko").document
    findings = {one.id: one for one in audited.findings if "indicator" in (one.kind, *one.also)}
    assert set(findings) == {one.finding for one in found.names}
    finding = findings[one.finding or ""]
    assert (finding.kind, finding.flows, finding.established, finding.severity) == (
        "indicator",
        0,
        0,
        "high",
    )
    assert (finding.first_seen, finding.onset.kind) == (one.first_seen, "observed")
    assert finding.sensors == ("th-edge",)
    (check,) = finding.checks
    assert "looked up twice" not in check.text
    assert (
        "b.gone.example was looked up 2 times, from 2020-06-05 00:01 to 2020-06-05 00:01 UTC"
        in check.text
    )
    assert "no connection of th-app02 to 45.9.148.3 or 1 more followed (th-edge recorded" in check.text
    assert "1 other such name was looked up" in check.text
    assert sum(audited.totals.model_dump()[v] for v in VERDICTS) == audited.totals.connections
    told_of = explain(hunted, finding.id, now=now, by="aiko", limit=50)
    assert (told_of.records, told_of.flows) == (0, ())
    assert {name.value for name in told_of.names} >= {"b.gone.example", "45.9.148.3", "cname.example"}
    assert {name.file.rpartition("/")[2] for name in told_of.names} == {"dns-answered.log"}
    opened = open_incident(hunted, Asked(findings=(finding.id,)), now=now, by="aiko")
    assert (opened.findings, [one.path.rpartition("/")[2] for one in opened.evidence]) == (
        (finding.id,),
        ["dns-answered.log"],
    )
    by_name = open_incident(hunted, Asked(indicators=("b.gone.example",)), now=now, by="aiko")
    assert by_name.findings == (finding.id,)
    # In another window it is not on record, and among other sites' findings it is not told.
    later = run_audit(
        hunted, begin=finding.first_seen + timedelta(hours=1), end=None, now=now, by="aiko"
    ).document
    assert finding.id not in {one.id for one in later.findings}
    elsewhere = run_audit(hunted, begin=None, end=None, now=now, by="aiko", sites=("jp-hq",)).document
    assert finding.id not in {one.id for one in elsewhere.findings}


def test_where_nobody_recorded_the_connection_that_is_not_said_to_be_missing(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    # 10.60.3.3 is of us-plant, where nothing watches what goes to the internet.
    asked(hunted, now, (40, "10.60.3.3", "gone.example", "45.9.148.3"))
    feed(hunted, "gone.example")
    found = {one.src.address: one.lookup for one in hunt(hunted, now).names if one.src}
    assert found["10.60.3.3"] is not None
    assert found["10.60.3.3"].followed == "not_recorded"
    assert "no sensor that could have seen it was recording" in found["10.60.3.3"].text


def test_a_name_in_an_old_connection_is_as_old_as_its_first_lookup(
    hunted: Workspace, feed: Feed, now: datetime, zeek_header: str, zeek_conn: Callable[..., str]
) -> None:
    path = hunted.root / "logs" / "th-edge" / "more.log"
    at = 1_590_969_600 + 2 * 86_400
    path.write_text(zeek_header + zeek_conn(at, "Cold01", "10.40.3.3", 55_003, "10.40.0.53", 53))
    ingest(hunted, [path], sensor="th-edge", reader=None, now=now)
    feed(hunted, "evil.example")
    (one,) = hunt(hunted, now).hits
    assert (one.first_seen.day, one.onset.at.day, one.onset.kind) == (3, 5, "observed")
    audited = run_audit(hunted, begin=None, end=None, now=now, by="aiko").document
    (finding,) = [one for one in audited.findings if "indicator" in (one.kind, *one.also)]
    assert (finding.id, finding.onset.at, finding.first_seen.day) == (one.finding, one.onset.at, 3)


def test_audit_shows_hits_under_the_same_ids_and_an_incident_opens_from_them(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    feed(hunted, "45.9.148.3", "2a0b:f4c2::9", "evil.example")
    found = hunt(hunted, now)
    audited = run_audit(hunted, begin=None, end=None, now=now, by="aiko").document
    marked = {one.id: one for one in audited.findings if "indicator" in (one.kind, *one.also)}
    assert set(marked) == {one.finding for one in found.hits}
    assert len(marked) == 3
    by_hit = {one.finding: one for one in found.hits}
    for name, finding in marked.items():
        hit = by_hit[name]
        assert (finding.flows, finding.onset.at, finding.onset.kind) == (
            hit.flows,
            hit.onset.at,
            hit.onset.kind,
        )
        assert "in the feed mine" in next(c.text for c in finding.checks if c.id == "indicator")
    incident = open_incident(hunted, Asked(indicators=("45.9.148.3",)), now=now, by="aiko")
    assert incident.connections == 1
    assert (
        next(one.finding for one in found.hits if one.dst.address == "45.9.148.3") in incident.findings
    )


def test_an_audit_of_a_window_marks_what_lies_in_it(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    feed(hunted, "45.9.148.3")
    refresh(hunted, (), now=now)
    at = datetime(2020, 6, 4, tzinfo=now.tzinfo)

    def marked(begin: datetime) -> int:
        audited = run_audit(hunted, begin=begin, end=None, now=now, by="aiko").document
        return sum("indicator" in (one.kind, *one.also) for one in audited.findings)

    assert marked(at + timedelta(seconds=100)) == 1
    # The day's roll-up still shows it, the window does not.
    assert marked(at + timedelta(seconds=1000)) == 0


def test_what_has_expired_is_shown_and_raises_nothing(
    hunted: Workspace, feed: Feed, aged: Callable[..., None], now: datetime
) -> None:
    feed(hunted, "45.9.148.3", more=", expires_after: 5d, stale_after: 2d")
    aged(hunted.root / "values.txt", now - timedelta(days=10))
    found = hunt(hunted, now)
    (one,) = found.hits
    assert (one.raised, one.severity, one.indicators[0].expired) == (False, None, True)
    assert found.feeds[0].standing == "stale"
    assert any("10 days old" in note for note in found.notes)
    audited = run_audit(hunted, begin=None, end=None, now=now, by="aiko").document
    assert not [one for one in audited.findings if "indicator" in (one.kind, *one.also)]
    assert any("10 days old" in note for note in audited.notes)


def test_nothing_recorded_is_not_nothing_found(hunted: Workspace, feed: Feed, now: datetime) -> None:
    feed(hunted, "45.9.148.3", "nowhere.example")
    found = hunt(hunted, now, begin=datetime(2020, 7, 1, tzinfo=now.tzinfo))
    assert (found.hits, found.recorded, found.named) == ((), False, False)
    assert any("no flows are on record" in note for note in found.notes)
    assert any("no names are on record" in note for note in found.notes)


def test_without_feeds_there_is_nothing_to_hunt_by_and_an_audit_is_as_it_was(
    hunted: Workspace, now: datetime
) -> None:
    assert markers_and_notes(hunted, now) == ((), ())
    with pytest.raises(RequestError, match="no feeds") as caught:
        run_hunt(hunted, feeds=(), begin=None, end=None, now=now)
    assert "--licence" in caught.value.mend, "what it says to do is whole"


def test_what_a_warning_list_kept_from_raising_an_alarm_is_told_with_the_lists_name(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    feed(hunted, "45.9.148.0/24", "c2.evil.example", "2a0b:f4c2::9")
    text = (hunted.root / "intel.yaml").read_text()
    (hunted.root / "intel.yaml").write_text(
        text + "warning_lists: {folder: lists, use: [ours, names]}\n"
    )
    for name, kind, attribute, entry in (
        ("ours", "cidr", "ip-dst", "45.9.148.3/32"),
        ("names", "hostname", "domain", "c2.evil.example"),
    ):
        body = {
            "name": f"List {name}",
            "type": kind,
            "matching_attributes": [attribute],
            "list": [entry],
        }
        (hunted.root / "lists").mkdir(exist_ok=True)
        (hunted.root / "lists" / f"{name}.json").write_text(json.dumps(body))
    found = hunt(hunted, now)
    assert {one.dst.address for one in found.hits} == {"2a0b:f4c2::9"}
    assert found.feeds[0].aside == {"on the warning list List names": 1}
    assert "of these 1 on the warning list List ours" in found.notes
    (marker,), _ = markers_and_notes(hunted, now)
    assert marker is not None
    (hunted.root / "intel.yaml").write_text(text + "warning_lists: {folder: nowhere}\n")
    with pytest.raises(RequestError, match="no folder of warning lists"):
        hunt(hunted, now)


def head(path: str, *fields: str) -> str:
    return (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
        f"#path\t{path}\n#fields\tts\t"
        + "\t".join(fields)
        + "\n#types\ttime"
        + "\tstring" * len(fields)
        + "\n"
    )


def test_hashes_fingerprints_and_certificates_become_findings_with_their_onset(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    ends = ("uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
    who = "Cevil01\t10.40.9.9\t55000\t45.9.148.3\t443"
    at = 1_590_969_600 + 3 * 86_400 + 51
    ja3, ja4 = "a" * 32, "t13d1516h2_8daaf6152771_b186095e22b6"
    folder = hunted.root / "logs" / "th-edge"
    (folder / "ssl.log").write_text(
        head("ssl", *ends, "server_name", "ja3", "ja4") + f"{at}\t{who}\tx.example\t{ja3}\t{ja4}\n"
    )
    (folder / "files.log").write_text(
        head("files", "fuid", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "sha256")
        + f"{at}\tF1\tCevil01\t10.40.9.9\t55000\t45.9.148.3\t443\t{'b' * 64}\n"
    )
    ingest(hunted, [folder / "ssl.log", folder / "files.log"], sensor="th-edge", reader=None, now=now)
    for value, via in ((ja4, "ja4"), ("b" * 64, "sha256"), (ja3, "ja3")):
        feed(hunted, value, more=", all_are: ja3" if via == "ja3" else "")
        found = hunt(hunted, now)
        (one,) = found.hits
        assert (one.indicators[0].via, one.dst.address, one.port) == (via, "45.9.148.3", 443)
        assert (one.onset.at, one.onset.kind) == (one.first_seen, "observed")
        audited = run_audit(hunted, begin=None, end=None, now=now, by="aiko").document
        (finding,) = [f for f in audited.findings if "indicator" in (f.kind, *f.also)]
        assert (finding.id, finding.onset.at) == (one.finding, one.onset.at)


def test_a_file_between_known_ends_by_no_port_is_told_with_its_ends_and_is_no_finding(
    hunted: Workspace, feed: Feed, now: datetime
) -> None:
    path = hunted.root / "logs" / "th-edge" / "files.log"
    path.write_text(
        head("files", "fuid", "tx_hosts", "rx_hosts", "conn_uids", "sha256")
        + f"{1_590_969_600}\tF1\t10.40.9.9\t45.9.148.9\tC1\t{'c' * 64}\n"
    )
    ingest(hunted, [path], sensor="th-edge", reader=None, now=now)
    feed(hunted, "c" * 64)
    (one,) = hunt(hunted, now).names
    assert one.src is not None
    assert one.dst is not None
    assert (one.finding, one.raised, one.src.asset, one.dst.address) == (
        None,
        False,
        "th-app02",
        "45.9.148.9",
    )
