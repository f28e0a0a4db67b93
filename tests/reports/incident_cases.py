"""Fabricated investigations to render: an ordinary one, a large one with odd names, and one of nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.inquiries import local
from sekisho.model.findings import Bytes, Onset, Span
from sekisho.model.incident_state import (
    Action,
    Answer,
    EvidenceFile,
    IncidentDocument,
    InquiryDocument,
    InquiryState,
    Note,
    NoteVersion,
    Seed,
    SiteInquiry,
    Task,
)
from sekisho.model.incidents import (
    AccountDocument,
    AccountHop,
    AccountSwitch,
    Candidate,
    Client,
    Collected,
    Custody,
    Entry,
    Evidence,
    Exfiltration,
    Factor,
    HiddenBehind,
    Holdings,
    HopDocument,
    HopLogons,
    InvestigationDocument,
    Leaving,
    LeavingState,
    LogonTally,
    OtherUse,
    Path,
    Place,
    Scope,
    ScopeAsset,
    Through,
    TimelineItem,
    TracesRemoved,
    Unobservable,
)
from sekisho.model.techniques import technique_name

AT = datetime(2020, 6, 4, 10, 0, 0, 250_000, UTC)
HOUR = timedelta(hours=1)
HOSTILE = "</script><script>alert(1)</script>\x1b[31m\u202e=cmd|'/C calc'!A0"
"""Markup, a terminal's command, a reversal of text and a formula."""
SERVICES = {"smb": ("T1021.002", 445), "rdp": ("T1021.001", 3389), "ssh": ("T1021.004", 22)}
ZONES = {"jp-hq": "Asia/Tokyo", "th-plant": "Asia/Bangkok", "us-plant": "America/Chicago"}
PLACES = (
    Place(site="jp-hq", title="Head office", country="JP", timezone="Asia/Tokyo", sensors=("jp-edge",)),
    Place(
        site="ph-office",
        title="Manila office",
        country="PH",
        timezone="Asia/Manila",
        sensors=("ph-edge",),
    ),
    Place(
        site="th-plant",
        title="Rayong plant",
        country="TH",
        timezone="Asia/Bangkok",
        sensors=("th-edge",),
    ),
    Place(
        site="us-plant",
        title="Lincoln plant",
        country="US",
        timezone="America/Chicago",
        sensors=("us-edge",),
    ),
)


LEFT: tuple[tuple[str, str, LeavingState], ...] = (
    ("10.1.10.96", "jp-hq", "left"),
    ("10.40.9.9", "th-plant", "no_evidence"),
    ("10.60.1.7", "us-plant", "no_coverage"),
)


STATES: dict[InquiryState, int] = {
    "not_asked": 1,
    "asked": 1,
    "answered": 0,
    "overdue": 1,
    "cleared": 0,
    "affected": 1,
}
"""How many sites of the ordinary inquiry are in each."""


def spanning(begin: datetime, end: datetime) -> Any:
    return {"from": begin, "to": end}


def hop(
    src: tuple[str, str | None],
    dst: tuple[str, str | None],
    service: str = "smb",
    *,
    at: datetime = AT,
    kind: Any = "connect",
    **more: Any,
) -> HopDocument:
    technique, port = SERVICES.get(service, ("T1071.001", 443))
    fields: dict[str, Any] = {
        "verdict": "unauthorized" if src[1] and dst[1] else "external",
        "likelihood": 0.97,
        "role": "confirmed",
        "sessions": 12,
        "onset": Onset(at=at, kind="observed"),
        "bytes_out": Bytes(low=90_000, high=95_000),
        "bytes_in": Bytes(low=4_000_000, high=4_100_000),
        "why": (
            Factor(id="policy", weight=1.5, text="no rule allows it"),
            Factor(id="service", weight=0.7, text=f"{service} is a service of administration"),
            Factor(id="explained", weight=-0.7, text="control of the host is explained already"),
        ),
        "evidence": (
            Evidence(path="logs/th-edge/conn.log", sha256="a" * 64, row=412, sensor="th-edge", at=at),
        ),
    }
    return HopDocument(
        src=src[0],
        src_site=src[1],
        dst=dst[0],
        dst_site=dst[1],
        port=port,
        protocol="tcp",
        service=service,
        at=at,
        kind=kind,
        technique=technique,
        technique_name=technique_name(technique),
        technique_why=f"{service} into a host of another site",
        **(fields | more),
    )


def told(one: HopDocument) -> TimelineItem:
    """As the investigation tells a step."""
    tail, head = (one.src, one.dst) if one.kind == "connect" else (one.dst, one.src)
    site = one.src_site or one.dst_site
    return TimelineItem(
        at=one.at,
        kind="hop",
        text=f"{tail} took control of {head} by {one.service} ({one.role}, {one.technique})",
        evidence=one.evidence,
        site=site,
        local=local(one.at, ZONES.get(site or "", "Asia/Tokyo")),
        source="flows",
    )


def incident(**more: Any) -> IncidentDocument:
    note = Note(
        id="N-1",
        text="Rebuilt in June",
        at=AT + 30 * HOUR,
        by="ken",
        versions=(
            NoteVersion(entry=9, at=AT + 30 * HOUR, by="ken", text="Rebuilt in May"),
            NoteVersion(entry=12, at=AT + 40 * HOUR, by="aiko", text="Rebuilt in June"),
        ),
    )
    fields: dict[str, Any] = {
        "id": "INC-1",
        "title": "Rayong file server",
        "status": "open",
        "opened": AT + 24 * HOUR,
        "opened_by": "aiko",
        "assignee": "ken",
        "seeds": (Seed(kind="finding", value="F-65b418d0d8e6", connections=1),),
        "findings": ("F-65b418d0d8e6",),
        "connections": 1,
        "days": 3,
        "tasks": (
            Task(
                id="T-1",
                text="Image the disk",
                assignee="ken",
                added=AT + 31 * HOUR,
                by="aiko",
                done=AT + 36 * HOUR,
                done_by="ken",
                outcome="Imaged, hash in CASE-77",
            ),
            Task(
                id="T-2",
                text="Call Manila",
                due=AT + 60 * HOUR,
                added=AT + 31 * HOUR,
                by="aiko",
                overdue=True,
            ),
        ),
        "actions": (
            Action(
                entry=7, at=AT + 24 * HOUR, by="aiko", kind="open", text="opened: Rayong file server"
            ),
            Action(entry=9, at=AT + 30 * HOUR, by="ken", kind="note", text="noted: Rebuilt in May"),
            Action(
                entry=12,
                at=AT + 40 * HOUR,
                by="aiko",
                kind="note_edit",
                text="changed N-1: Rebuilt in June",
            ),
        ),
        "evidence": (
            EvidenceFile(
                path="logs/th-edge/conn.log",
                sensor="th-edge",
                content_sha256="a" * 64,
                state="preserved",
                sha256="b" * 64,
                size=812_345,
                at=AT + 24 * HOUR,
            ),
            EvidenceFile(
                path="logs/jp-edge/conn.log",
                sensor="jp-edge",
                content_sha256="c" * 64,
                state="gone",
                at=AT + 24 * HOUR,
                why="no file is where it was",
            ),
        ),
        "inquiry": STATES,
        "notebook": (note,),
    }
    return IncidentDocument(**(fields | more))


def ordinary() -> InvestigationDocument:
    """From a party outside through Rayong to the head office and on to Lincoln; four steps."""
    outside, app, files, dc, us = (
        ("203.0.113.9", None),
        ("10.40.9.9", "th-plant"),
        ("10.1.10.96", "jp-hq"),
        ("10.1.10.5", "jp-hq"),
        ("10.60.1.7", "us-plant"),
    )
    hops = (
        hop(app, outside, "https", kind="reverse", at=AT, onset=Onset(at=AT, kind="on_or_before")),
        hop(
            app,
            files,
            at=AT + 2 * HOUR,
            account="CORP\\anong",
            logons=HopLogons(answer="seen", why="CORP\\anong came in", accounts=("CORP\\anong",)),
            also=(
                OtherUse(
                    port=3389,
                    protocol="tcp",
                    service="rdp",
                    at=AT + 3 * HOUR,
                    kind="connect",
                    technique="T1021.001",
                    verdict="unauthorized",
                    likelihood=0.8,
                    sessions=2,
                ),
            ),
        ),
        hop(
            files, dc, "rdp", at=AT + 9 * HOUR, verdict="intra_site", role="suspected", likelihood=0.61
        ),
        hop(
            dc,
            us,
            "ssh",
            at=AT + 33 * HOUR,
            verdict="authorized",
            role="suspected",
            likelihood=0.72,
            changed=AT,
            changed_why="40 times the bytes of its ordinary days",
            unobservable="jp-edge recorded nothing for 5 h before it",
        ),
    )
    document = incident()
    leaving = TimelineItem(
        at=AT + 20 * HOUR,
        kind="leaving",
        text="4.1 GB began to go from 10.1.10.96 to 198.51.100.77",
        site="jp-hq",
        source="flows",
    )
    items = [*map(told, hops), leaving] + [
        TimelineItem(
            at=action.at,
            kind=action.kind,
            text=f"{action.by} {action.text}",
            source="ledger",
            evidence=(Evidence(at=action.at, text=f"ledger entry {action.entry}"),),
        )
        for action in document.actions
    ]
    scope = (
        ("10.40.9.9", "th-app02", "th-plant", "confirmed", AT, "on_or_before"),
        ("10.1.10.96", "jp-files01", "jp-hq", "confirmed", AT + 2 * HOUR, "observed"),
        ("10.1.10.5", "jp-dc01", "jp-hq", "suspected", AT + 9 * HOUR, "observed"),
        ("10.60.1.7", None, "us-plant", "suspected", AT + 33 * HOUR, "observed"),
    )
    assets: list[Any] = [
        {
            "address": a,
            "asset": n,
            "site": s,
            "role": r,
            "since": t,
            "since_kind": k,
            "why": "controlled",
        }
        for a, n, s, r, t, k in scope
    ]
    due = AT + 48 * HOUR
    return InvestigationDocument(
        id="INC-1",
        window=Span(**spanning(AT - 72 * HOUR, AT + 60 * HOUR)),
        seeds=(Seed(kind="finding", value="F-65b418d0d8e6", connections=1),),
        entry=Entry(
            address="10.40.9.9",
            site="th-plant",
            share=0.83,
            since=AT,
            through="203.0.113.9",
            why=(Factor(id="party", weight=1.2, text="a party outside steered it"),),
            candidates=(
                Candidate(address="10.40.9.9", site="th-plant", rank=1, share=0.83),
                Candidate(address="10.1.10.96", site="jp-hq", rank=2, share=0.17),
            ),
        ),
        onset=Onset(at=AT, kind="on_or_before", why="th-edge has no data before 4 June"),
        paths=(
            Path(score=0.72, hops=hops, why=("its weakest step is the last",)),
            Path(score=0.97, hops=hops[:2]),
        ),
        scope=Scope(
            sites=("th-plant", "jp-hq", "us-plant"), assets=tuple(ScopeAsset(**a) for a in assets)
        ),
        accounts=(
            AccountDocument(
                account="CORP\\anong",
                since=AT + 2 * HOUR,
                until=AT + 2 * HOUR,
                hops=(
                    AccountHop(
                        src="10.40.9.9", dst="10.1.10.96", port=445, service="smb", at=AT + 2 * HOUR
                    ),
                ),
                switched=(
                    AccountSwitch(
                        host="10.1.10.96", came="CORP\\anong", left="CORP\\backup", at=AT + 9 * HOUR
                    ),
                ),
            ),
        ),
        traces_removed=(
            TracesRemoved(
                kind="logon_missing",
                address="10.1.10.5",
                site="jp-hq",
                at=AT + 9 * HOUR,
                src="10.1.10.96",
                port=3389,
                protocol="tcp",
                service="rdp",
                technique="T1070.001",
                why="its log covers the hour and has no logon from there",
            ),
        ),
        logons=LogonTally(connections=4, asked=3, checked=2, no_log=1),
        exfiltration=(
            Exfiltration(
                src="10.1.10.96",
                src_site="jp-hq",
                dst="198.51.100.77",
                external=True,
                technique="T1567.002",
                technique_name=technique_name("T1567.002"),
                party="a file service",
                services=("https",),
                likelihood=0.9,
                holds=Holdings(division="aerospace", data=("designs", "customers"), people=30_000),
                collected=(
                    Collected(address="10.1.10.5", bytes=Bytes(low=2_000_000_000, high=2_000_000_000)),
                ),
                bytes=Bytes(low=4_100_000_000, high=4_600_000_000),
                why=(Factor(id="new", weight=1.0, text="the first that ever went there"),),
                **spanning(AT + 20 * HOUR, AT + 22 * HOUR),
            ),
        ),
        leaving=tuple(
            Leaving(
                address=address,
                site=site,
                state=state,
                since=AT,
                watched=60,
                unwatched=5,
                why="see there",
            )
            for address, site, state in LEFT
        ),
        timeline=tuple(sorted(items, key=lambda item: item.at)),
        unobservable=(
            Unobservable(
                sensor="jp-edge",
                why="it recorded nothing: what crossed the border is not known",
                **spanning(AT + 28 * HOUR, AT + 33 * HOUR),
            ),
        ),
        notes=("raw flows of 1 June were pruned",),
        incident=document,
        inquiry=InquiryDocument(
            incident="INC-1",
            question="Did anybody see 203.0.113.9?",
            started=AT + 25 * HOUR,
            due=due,
            total=4,
            states=STATES,
            sites=(
                SiteInquiry(
                    site="jp-hq",
                    state="affected",
                    contact="it-jp",
                    timezone="Asia/Tokyo",
                    asked=AT + 25 * HOUR,
                    due=due,
                    due_local=local(due, "Asia/Tokyo"),
                    answers=(
                        Answer(
                            entry=11,
                            at=AT + 35 * HOUR,
                            by="aiko",
                            result="affected",
                            text="Yes, in proxy logs",
                        ),
                    ),
                ),
                SiteInquiry(site="ph-office", state="not_asked", timezone="Asia/Manila"),
                SiteInquiry(
                    site="th-plant",
                    state="overdue",
                    contact="it-th",
                    timezone="Asia/Bangkok",
                    asked=AT + 25 * HOUR,
                    due=due,
                    due_local=local(due, "Asia/Bangkok"),
                ),
                SiteInquiry(
                    site="us-plant",
                    state="asked",
                    contact="it-us",
                    timezone="America/Chicago",
                    asked=AT + 25 * HOUR,
                    due=due,
                    due_local=local(due, "America/Chicago"),
                ),
            ),
        ),
        places=PLACES,
        custody=Custody(entries=14, head="d" * 64, root="e" * 64, own=6, signed=10),
    )


def relayed() -> InvestigationDocument:
    """One step through a jump host, one by somebody behind a proxy."""
    jump = Through(
        relay="jump-1",
        kind="jump",
        address="10.1.0.9",
        site="jp-hq",
        port=22,
        protocol="tcp",
        at=AT,
        share=0.9,
        why="its session was the only one open",
    )
    hidden = HiddenBehind(
        relay="proxy-1",
        kind="proxy",
        address="10.40.0.8",
        site="th-plant",
        why="its log is not here",
        candidates=tuple(
            Client(
                address=f"10.40.9.{n}",
                site="th-plant",
                rank=n,
                share=0.4 / n,
                sessions=3,
                why="it was open",
            )
            for n in range(1, 8)
        ),
    )
    hops = (
        hop(("10.40.0.8", "th-plant"), ("10.1.10.96", "jp-hq"), at=AT, hidden_behind=hidden),
        hop(("10.1.10.96", "jp-hq"), ("10.60.1.7", "us-plant"), at=AT + HOUR, through=(jump,)),
    )
    first = told(hops[0]).model_copy(
        update={"text": "somebody behind proxy-1 took control of 10.1.10.96 by smb"}
    )
    return ordinary().model_copy(
        update={"paths": (Path(score=0.9, hops=hops),), "timeline": (first, told(hops[1]))}
    )


def nothing() -> InvestigationDocument:
    """A seed that led nowhere."""
    why = "there is no evidence at all in this time: nothing was recorded, which is not nothing found"
    return InvestigationDocument(
        id="INC-2",
        seeds=(Seed(kind="indicator", value="evil.example", why=why),),
        entry=None,
        onset=None,
        notes=(why,),
        places=PLACES,
    )


def large(sites: int = 40, steps: int = 30) -> InvestigationDocument:
    """Many sites with long and odd names, many steps, hostile text in whatever comes from logs."""
    base = ordinary()
    names = [f"site-with-a-rather-long-name-{n:02}" for n in range(sites)]
    if sites > 3:
        names[3] = HOSTILE
    hosts = [(f"10.{n}.0.{n + 1}", names[n % sites]) for n in range(steps + 1)]
    hops = [
        hop(
            hosts[n],
            hosts[n + 1],
            "smb" if n % 3 else "rdp",
            at=AT + n * 7 * HOUR,
            kind="connect",
            role="confirmed" if n % 4 else "suspected",
            why=(
                Factor(id="policy", weight=1.5, text=HOSTILE),
                Factor(id="gap", weight=0.2, text="7 hours"),
            ),
        )
        for n in range(steps)
    ]
    for n in range(5, steps, 9):
        back = hop(
            hosts[n], ("203.0.113.9", None), "https", at=AT + n * 7 * HOUR + HOUR, kind="reverse"
        )
        hops.append(back)
    hops.sort(key=lambda one: one.at)
    assets = tuple(
        ScopeAsset(
            address=address,
            site=site,
            role="confirmed" if n % 4 else "suspected",
            since=AT + n * 7 * HOUR,
            asset=HOSTILE
            if n == 2
            else f"a-host-with-a-long-name-that-goes-on-{n:02}.plant.example.co.jp",
        )
        for n, (address, site) in enumerate(hosts)
    )
    items = [*map(told, hops)]
    items.append(TimelineItem(at=AT, kind="note", text=HOSTILE, source="ledger"))
    return base.model_copy(
        update={
            "entry": Entry(address=hosts[0][0], site=hosts[0][1], share=0.4),
            "paths": tuple(
                Path(score=0.9 - n / 10, hops=tuple(hops[n : n + 20])) for n in range(0, 12, 4)
            ),
            "scope": Scope(sites=tuple(dict.fromkeys(site for _, site in hosts)), assets=assets),
            "timeline": tuple(items),
            "exfiltration": tuple(
                left.model_copy(update={"src": hosts[0][0], "src_site": hosts[0][1]})
                for left in base.exfiltration
            ),
            "incident": incident(title=HOSTILE),
            "places": tuple(
                Place(
                    site=name,
                    title=f"The works at {name}",
                    country="JP",
                    timezone="Asia/Tokyo",
                    sensors=("x",),
                )
                for name in names
            ),
        }
    )
