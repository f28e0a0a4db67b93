"""What fabricated investigations are made of: hops, work on an incident, accounts, what left, an inquiry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.inquiries import local
from sekisho.model.findings import Bytes, Onset
from sekisho.model.hops import AccountSwitch, Evidence, Factor, HopDocument
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
    Collected,
    Exfiltration,
    Holdings,
    LeavingState,
    Place,
    TimelineItem,
    TracesRemoved,
)
from sekisho.model.techniques import technique_name

AT = datetime(2020, 6, 4, 10, 0, 0, 250_000, UTC)
HOUR = timedelta(hours=1)
HOSTILE = "</script><script>alert(1)</script>\x1b[31m\u202e=cmd|'/C calc'!A0"
"""Markup, a terminal's command, a reversal of text and a formula."""
SERVICES = {"smb": ("T1021.002", 445), "rdp": ("T1021.001", 3389), "ssh": ("T1021.004", 22)}
ZONES = {"jp-hq": "Asia/Tokyo", "th-plant": "Asia/Bangkok", "us-plant": "America/Chicago"}
PLACES = tuple(
    Place(site=site, title=title, country=country, timezone=zone, sensors=(f"{site[:2]}-edge",))
    for site, title, country, zone in (
        ("jp-hq", "Head office", "JP", "Asia/Tokyo"),
        ("ph-office", "Manila office", "PH", "Asia/Manila"),
        ("th-plant", "Rayong plant", "TH", "Asia/Bangkok"),
        ("us-plant", "Lincoln plant", "US", "America/Chicago"),
    )
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


def travelled() -> AccountDocument:
    """The account that went over the second step."""
    return AccountDocument(
        account="CORP\\anong",
        since=AT + 2 * HOUR,
        until=AT + 2 * HOUR,
        hops=(
            AccountHop(src="10.40.9.9", dst="10.1.10.96", port=445, service="smb", at=AT + 2 * HOUR),
        ),
        switched=(
            AccountSwitch(host="10.1.10.96", came="CORP\\anong", left="CORP\\backup", at=AT + 9 * HOUR),
        ),
    )


def removed() -> TracesRemoved:
    """What the third step should have left."""
    return TracesRemoved(
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
    )


def left() -> Exfiltration:
    """What went to a file service."""
    return Exfiltration(
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
        collected=(Collected(address="10.1.10.5", bytes=Bytes(low=2_000_000_000, high=2_000_000_000)),),
        bytes=Bytes(low=4_100_000_000, high=4_600_000_000),
        why=(Factor(id="new", weight=1.0, text="the first that ever went there"),),
        **spanning(AT + 20 * HOUR, AT + 22 * HOUR),
    )


def inquiry() -> InquiryDocument:
    """Four offices, of which one has not answered in time."""
    due = AT + 48 * HOUR
    answer = Answer(
        entry=11, at=AT + 35 * HOUR, by="aiko", result="affected", text="Yes, in proxy logs"
    )

    def site(name: str, state: Any, zone: str, contact: str | None = None, **more: Any) -> SiteInquiry:
        asked = {"asked": AT + 25 * HOUR, "due": due, "due_local": local(due, zone)} if contact else {}
        return SiteInquiry.model_validate(
            {"site": name, "state": state, "timezone": zone, "contact": contact} | asked | more
        )

    return InquiryDocument(
        incident="INC-1",
        question="Did anybody see 203.0.113.9?",
        started=AT + 25 * HOUR,
        due=due,
        total=4,
        states=STATES,
        sites=(
            site("jp-hq", "affected", "Asia/Tokyo", "it-jp", answers=(answer,)),
            site("ph-office", "not_asked", "Asia/Manila"),
            site("th-plant", "overdue", "Asia/Bangkok", "it-th"),
            site("us-plant", "asked", "America/Chicago", "it-us"),
        ),
    )
