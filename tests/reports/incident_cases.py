"""Fabricated investigations to render: an ordinary one, a large one with odd names, and one of nothing."""

from __future__ import annotations

from tests.reports.incident_parts import (
    AT,
    HOSTILE,
    HOUR,
    LEFT,
    PLACES,
    hop,
    incident,
    inquiry,
    left,
    removed,
    spanning,
    told,
    travelled,
)

from sekisho.model.findings import Onset, Span
from sekisho.model.hops import (
    Client,
    Evidence,
    Factor,
    HiddenBehind,
    HopLogons,
    OtherUse,
    Path,
    Through,
)
from sekisho.model.incident_state import (
    Seed,
)
from sekisho.model.incidents import (
    Candidate,
    Custody,
    Entry,
    InvestigationDocument,
    Leaving,
    LogonTally,
    Place,
    Scope,
    ScopeAsset,
    TimelineItem,
    Unobservable,
)


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
    names = ("address", "asset", "site", "role", "since", "since_kind")
    assets = tuple(
        ScopeAsset.model_validate(dict(zip(names, row, strict=True)) | {"why": "controlled"})
        for row in scope
    )
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
        scope=Scope(sites=("th-plant", "jp-hq", "us-plant"), assets=assets),
        accounts=(travelled(),),
        traces_removed=(removed(),),
        logons=LogonTally(connections=4, asked=3, checked=2, no_log=1),
        exfiltration=(left(),),
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
        inquiry=inquiry(),
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
