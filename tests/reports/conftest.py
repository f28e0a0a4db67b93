"""A fabricated audit to render, and golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from sekisho.model.findings import (
    AuditDocument,
    Automation,
    Bytes,
    Cause,
    Check,
    CoverageItem,
    End,
    Finding,
    Life,
    Link,
    NearestRule,
    Onset,
    PolicyVersion,
    Span,
    Totals,
    finding_id,
)
from sekisho.model.verdicts import VERDICTS, Severity, Verdict
from sekisho.reports.inventory import InventorySummary, SiteSummary

BEGIN = datetime(2020, 6, 1, tzinfo=UTC)
END = datetime(2020, 6, 29, tzinfo=UTC)
NOW = datetime(2020, 7, 1, 9, 30, tzinfo=UTC)
SITES = {
    "jp-hq": ("Head office", "JP"),
    "th-plant": ("Rayong plant", "TH"),
    "ph-office": ("Manila office", "PH"),
    "id-works": ("Karawang works", "ID"),
    "us-sales": ("Lincoln sales", "US"),
}
PORTS = ((445, "smb"), (3389, "rdp"), (22, "ssh"), (1433, "mssql"), (9999, "tcp/9999"))


def end(site: str | None, number: int, asset: str | None = None) -> End:
    octet = list(SITES).index(site) + 1 if site else 0
    return End(
        address=f"10.{octet}0.{number // 250}.{number % 250 + 1}" if site else f"172.20.9.{number}",
        asset=asset,
        site=site,
        country=SITES[site][1] if site else None,
        groups=(f"{site}/servers",) if asset and site else (),
        criticality="high" if asset else None,
    )


def make(number: int, src: End, dst: End, **changes: object) -> Finding:
    port, service = PORTS[number % len(PORTS)]
    first = BEGIN + timedelta(hours=(number * 37) % 600, minutes=(number * 7) % 60)
    verdict: Verdict = ("unauthorized", "attempted", "unauthorized", "lapsed", "attempted")[number % 5]
    severity: Severity = ("critical", "high", "medium", "low", "info")[min(number % 7, 4)]
    established = 0 if verdict == "attempted" else 10 + number
    values: dict[str, object] = {
        "id": finding_id(src.address, dst.address, "tcp", port),
        "verdict": verdict,
        "severity": severity,
        "src": src,
        "dst": dst,
        "protocol": "tcp",
        "port": port,
        "service": service,
        "first_seen": first,
        "last_seen": min(END, first + timedelta(days=number % 9, hours=3)),
        "days_active": number % 9 + 1,
        "flows": 20 + number * 3,
        "established": established,
        "bytes_out": Bytes(low=established * 48_211, high=established * 51_007),
        "bytes_in": Bytes(low=established * 3_100, high=established * 3_100),
        "onset": Onset(at=first, kind="observed"),
        "sensors": ("jp-zeek", "th-edge"),
        "seen_at": "both",
        "nearest_rule": NearestRule(id="TH-HQ-EDI", why_not=f"service tcp/{port} is not in tcp/8443"),
        "cause": ("C-missing-rule", "C-scan")[number % 2],
        "checks": (
            Check(id="novel", text="The first connection of this service between the two sites"),
        ),
    }
    return Finding.model_validate({**values, **changes})


def build(
    findings: tuple[Finding, ...], coverage: tuple[CoverageItem, ...], **changes: object
) -> AuditDocument:
    verdicts = {v: sum(f.verdict == v for f in findings) for v in VERDICTS}
    verdicts |= {"authorized": 812, "intra_site": 2_310, "external": 431}
    order = ("critical", "high", "medium", "low", "info")
    findings = tuple(sorted(findings, key=lambda f: (order.index(f.severity), f.onset.at)))
    links = []
    for a, b in product(SITES, repeat=2):
        if a == b:
            continue
        mine = [f for f in findings if (f.src.site, f.dst.site) == (a, b)]
        known = 12 if "jp-hq" in (a, b) else 0
        if not mine and not known:
            continue
        links.append(
            Link(
                src_site=a,
                dst_site=b,
                connections=len(mine) + known,
                **{v: sum(f.verdict == v for f in mine) for v in VERDICTS if v != "authorized"},
                authorized=known,
                flows=900,
                bytes_out=Bytes(low=10_000_000, high=11_000_000),
                bytes_in=Bytes(low=90_000_000, high=91_000_000),
            )
        )
    causes = []
    for name, kind, text in (
        ("C-missing-rule", "missing_rule", "No rule covers administration from th-plant to jp-hq"),
        ("C-scan", "scanner", "10.20.0.3 tried 41 hosts in 6 minutes"),
    ):
        mine = [f for f in findings if f.cause == name]
        if mine:
            causes.append(
                Cause(id=name, kind=kind, text=text, findings=len(mine), severity=mine[0].severity)
            )
    values: dict[str, object] = {
        "window": Span(begin=BEGIN, end=END),
        "policy": PolicyVersion(sha256="5e" * 32, rules=41),
        "inventory": "1f" * 32,
        "totals": Totals(flows=1_204_331, connections=sum(verdicts.values()), **verdicts),
        "findings": findings,
        "causes": tuple(causes),
        "links": tuple(links),
        "coverage": coverage,
        "notes": ("3 log files could not be read to their end; see `sekisho store files`.",),
    }
    return AuditDocument.model_validate({**values, **changes})


def item(
    sensor: str, begin: datetime, until: datetime, state: str, why: str = "records"
) -> CoverageItem:
    return CoverageItem.model_validate(
        {"sensor": sensor, "from": begin, "to": until, "state": state, "flows": 900, "why": why}
    )


def coverage_with_gaps() -> tuple[CoverageItem, ...]:
    gap, back = BEGIN + timedelta(days=11, hours=5), BEGIN + timedelta(days=14, hours=2)
    quiet = BEGIN + timedelta(days=20)
    return (
        item("id-edge", BEGIN, END, "no_data", "this sensor has not recorded anything"),
        item("jp-zeek", BEGIN, END, "seen"),
        item("ph-edge", BEGIN, quiet, "seen"),
        item("ph-edge", quiet, quiet + timedelta(days=2), "quiet", "a file spans these hours"),
        item("ph-edge", quiet + timedelta(days=2), END, "seen"),
        item("th-edge", BEGIN, gap, "seen"),
        item("th-edge", gap, back, "no_data", "a silence longer than its ordinary ones"),
        item("th-edge", back, END, "seen"),
    )


def automation() -> Automation:
    """A beat of a quarter of an hour that one host alone keeps."""
    parts = dict.fromkeys(("timestamps", "sizes", "duration", "histogram"), 0.96)
    beat = {
        **parts,
        "score": 0.96,
        "band": 0.6,
        "contacts": 96,
        "interval_seconds": 900.0,
        "size_bytes": 640,
        "from": BEGIN,
        "to": BEGIN + timedelta(days=1),
        "regular": True,
        "text": "beacon score 0.96 (high) on 2020-06-01 UTC: 96 contacts, every 15 min",
    }
    return Automation.model_validate(
        {
            "beacon": beat,
            "prevalence": {
                "hosts": 1,
                "of": 1_204,
                "share": 0.0008,
                "rare": True,
                "common": False,
                "text": "1 of the company's 1,204 hosts that were seen talks with 10.10.0.41 (0.1%)",
            },
            "pair_first_seen": {
                "at": BEGIN,
                "kind": "observed",
                "text": "these two hosts were never seen together before 2020-06-01 00:00 UTC",
            },
            "strong": True,
        }
    )


@pytest.fixture
def full_coverage() -> tuple[CoverageItem, ...]:
    return tuple(item(name, BEGIN, END, "seen") for name in ("jp-zeek", "th-edge"))


@pytest.fixture
def gaps() -> tuple[CoverageItem, ...]:
    return coverage_with_gaps()


@pytest.fixture
def audit() -> AuditDocument:
    """Six findings of every verdict, two causes, four sensors of which one never recorded."""
    hq = end("jp-hq", 3, "dc1")
    findings = (
        make(
            0,
            end("th-plant", 9, "fs01"),
            hq,
            onset=Onset(at=BEGIN, kind="on_or_before", why="evidence starts"),
        ),
        make(
            1,
            end("th-plant", 12),
            end("jp-hq", 40),
            automation=automation(),
        ),
        make(2, end("ph-office", 7, "print-3"), hq),
        make(3, end("us-sales", 5), end("id-works", 8)),
        make(
            4,
            end("id-works", 77),
            End(address="2001:db8:1::14", asset="edi-a.example", site="jp-hq", country="JP"),
            life=Life(status="accepted", who="tanaka", why="CHG-1042 is being renewed", until=END),
        ),
        make(
            5,
            end(None, 1),
            hq,
            verdict="unmapped",
            nearest_rule=None,
            seen_at="single",
            sensors=("jp-zeek",),
        ),
    )
    return build(findings, coverage_with_gaps())


@pytest.fixture
def build_audit() -> Callable[..., AuditDocument]:
    return build


@pytest.fixture
def many() -> Callable[[int], AuditDocument]:
    """An audit of so many findings, between all sites."""

    def of(number: int) -> AuditDocument:
        pairs = [(a, b) for a, b in product(SITES, repeat=2) if a != b]
        findings = tuple(
            make(
                n,
                end(pairs[n % len(pairs)][0], n),
                end(pairs[n % len(pairs)][1], n // 7, f"host-{n // 7}"),
            )
            for n in range(number)
        )
        return build(findings, coverage_with_gaps())

    return of


@pytest.fixture
def inventory_summary() -> InventorySummary:
    return InventorySummary(
        {name: SiteSummary(title, country) for name, (title, country) in SITES.items()},
        {"jp-zeek": "jp-hq", "th-edge": "th-plant", "ph-edge": "ph-office", "id-edge": "id-works"},
    )


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with tests/reports/golden/NAME; `make update-golden` writes it instead."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path.name} is missing; make update-golden writes it"
        assert text == path.read_text(encoding="utf-8"), (
            f"{name} differs; make update-golden, then review"
        )

    return check
