"""Ransomware at the aerospace subsidiary: scan, spread by SMB and RDP, then over the company's link.

It starts in Toronto in the subsidiary's own address space, spreads to the mill, finds the terminal
server that stands in both address spaces, and from there tries the rest of the company.
"""

from __future__ import annotations

from sekisho.simulate.attack import Script
from sekisho.simulate.base import HOUR, MINUTE, SECOND
from sekisho.simulate.calendar import moment
from sekisho.simulate.flows import RSTO, SF


def play(script: Script) -> None:
    """Entry, scan, spread, the way over the link, exfiltration and the night of encryption."""
    company, calendar, rng = script.company, script.calendar, script.rng
    control, drop = (int(row) for row in rng.choice(company.of("hostile"), 2, replace=False))
    entry = int(company.of("ca-aero/clients")[2])
    onset = max(calendar.at(1, 4), calendar.at(0.35 * calendar.days, 9 * float(rng.random())))
    end = calendar.end - 2 * HOUR
    script.hop(entry, control, 443, onset, "T1071.001", reverse=True)
    script.beacon("control from outside", entry, control, 443, onset, end, 15 * MINUTE)

    mill = [
        int(row) for row in company.of("us-aero-mill/clients", "us-aero-mill/files", "us-aero-mill/app")
    ]
    rng.shuffle(mill)
    scan = onset + int((3 + 9 * rng.random()) * HOUR)
    some = mill[: min(len(mill), 160)]
    for port in (445, 3389):
        script.probe("scan of the mill", entry, some, port, scan, 400_000)
        scan += 20 * MINUTE
    at = scan + int((2 + 6 * rng.random()) * HOUR)
    for number, target in enumerate(some[: max(4, len(some) // 6)]):
        port = 445 if number % 3 else 3389
        script.hop(entry, target, port, at)
        script.sessions(
            "spread in the subsidiary",
            entry,
            target,
            port,
            [at, at + 9 * MINUTE],
            60,
            9e5,
            8e4,
            (SF, RSTO),
        )
        at += int(rng.integers(40, 900)) * SECOND
    inner = company.names["aero-gw01"][1]
    outer = company.names["aero-gw01"][0]
    at += script.gap(20)
    script.hop(entry, inner, 3389, at)
    script.sessions("spread in the subsidiary", entry, inner, 3389, [at, at + 3 * HOUR], 1500, 9e5, 9e6)

    over = at + HOUR
    wanted = company.of(
        "jp-hq/files",
        "jp-hq/app",
        "jp-dc/app",
        "jp-dc/files",
        "us-plant/files",
        "us-plant/app",
        "us-plant/clients",
        "de-office/files",
    )[:60]
    targets = [int(row) for row in wanted]
    script.probe("scan over the company's link", outer, targets, 445, over, 2 * SECOND)
    over += 2 * HOUR
    for name in ("us-plant-files01", "jp-hq-files02", "us-plant-app03"):
        target = company.host(name)
        script.hop(outer, target, 445, over)
        script.sessions(
            "spread over the company's link",
            outer,
            target,
            445,
            [over, over + 35 * MINUTE],
            120,
            2e6,
            3e5,
            (SF, RSTO),
        )
        over += script.gap(12) // 2
    leaving = script.nights(company.site("us-aero-mill"), onset + 12 * HOUR, over, 2) or [at]
    files = company.host("us-aero-mill-files01")
    script.transfer("exfiltration", files, drop, 443, leaving, 3e9 if calendar.days > 20 else 4e8, 3e6)
    script.sessions(
        "encryption", entry, files, 445, [over + k * 2 * MINUTE for k in range(12)], 100, 60e6, 55e6
    )
    script.facts |= {
        "entry": company.hosts[entry].address,
        "entry_realm": "aero",
        "onset": moment(onset).isoformat(),
        "exfiltration_to": company.hosts[drop].address,
        "notes": "aero-gw01 is 10.1.10.200 in realm aero and 10.96.10.200 outside it.",
    }
