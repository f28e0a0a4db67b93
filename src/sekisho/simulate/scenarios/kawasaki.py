"""A server in Thailand reaches servers in Japan, long before anybody looks; then other countries.

The course follows the reference incident: found on one link, then more from the same Thai server, then
paths from the Philippines and Indonesia, last from the United States, with pauses of hours to days.
"""

from __future__ import annotations

from sekisho.simulate.attack import Script
from sekisho.simulate.base import DAY, HOUR, MINUTE
from sekisho.simulate.calendar import moment
from sekisho.simulate.flows import RSTO, SF


def play(script: Script) -> None:
    """Entry, control, hops in Japan, staging, exfiltration, and the later paths."""
    company, calendar, rng = script.company, script.calendar, script.rng
    days = calendar.days
    hostile = company.of("hostile")
    control, drop, second, third = (int(row) for row in rng.choice(hostile, 4, replace=False))
    entry = company.host("th-plant-app2".replace("app2", "app02"))
    files, kobe, app = (
        company.host("jp-hq-files01"),
        company.host("jp-kobe-files02"),
        company.host("jp-dc-app02"),
    )
    finance = company.host("jp-hq-finance01")

    onset = calendar.at(0.12 * days + 0.3 * float(rng.random()), 0)
    onset = max(onset, calendar.at(1, 2))
    end = calendar.end - 2 * HOUR
    script.hop(entry, control, 443, onset, "T1071.001", reverse=True)
    script.beacon(
        "control from outside", entry, control, 443, onset, end, max(12 * MINUTE, days * MINUTE)
    )

    def gap() -> int:
        return int(script.gap() * min(1.0, days / 31))

    at = onset + HOUR + gap() // 2
    near = [
        row
        for row in company.of("jp-hq/files", "jp-hq/app", "jp-hq/edi", "jp-kobe/files")
        if row != files
    ]
    script.probe("looking for a way", entry, [int(r) for r in near], 445, at, 40_000_000)
    at += 2 * HOUR + gap() // 4
    steps = [
        (files, 445, 0.9e6, 2e6),
        (kobe, 3389, 3e6, 30e6),
        (app, 5985, 4e5, 9e5),
        (finance, 22, 2e5, 6e5),
    ]
    first_in_japan = at
    for target, port, out, back in steps:
        script.hop(entry, target, port, at)
        visits = [at, *(at + gap() + k * 8 * HOUR for k in range(max(3, days // 4)))]
        script.sessions(
            "Thai server into Japan",
            entry,
            target,
            port,
            [t for t in visits if t < end],
            420,
            out,
            back,
            (SF, RSTO),
        )
        # The operator types while this goes on: a long session with the control server overlaps it.
        script.sessions(
            "control from outside", entry, control, 443, [at - 6 * MINUTE], 2400, 90e3, 400e3
        )
        at += gap() + HOUR
    # An edge that the register allows is used as well.
    controller = company.host("jp-dc-dc01")
    script.hop(entry, controller, 445, at, "T1021.002")
    script.sessions(
        "misuse of a permitted connection", entry, controller, 445, [at, at + HOUR], 200, 3e5, 9e5
    )

    staging = script.nights(company.site("jp-hq"), at, end, 1)
    script.transfer("staging in Thailand", entry, files, 445, staging, 3e6, 40e6 * days)
    script.transfer("staging in Thailand", entry, kobe, 445, staging[::2], 1e6, 22e6 * days)
    leaving = script.nights(company.site("th-plant"), at + 6 * HOUR, end, 2)
    script.transfer("exfiltration", entry, drop, 443, leaving, 55e6 * days, 1e6)

    later = [
        ("ph-plant-app01", "jp-hq-app01", 3389, 0.55, second),
        ("id-plant-files02", "jp-kobe-app02", 445, 0.62, second),
        ("us-plant-app01", "jp-dc-app03", 445, 0.80, third),
    ]
    for source, onto, service, part, outside in later:
        src, dst = company.host(source), company.host(onto)
        start = max(calendar.at(part * days) + gap() // 3, at + HOUR)
        script.hop(entry, src, 3389, start)
        script.sessions(
            "Thai server to other plants", entry, src, 3389, [start, start + 20 * HOUR], 900, 8e5, 9e6
        )
        home = start + 30 * MINUTE
        script.hop(src, outside, 443, home, "T1071.001", reverse=True)
        script.beacon("control from outside", src, outside, 443, home, end, 30 * MINUTE)
        onward = home + 2 * HOUR + gap() // 2
        script.hop(src, dst, service, onward)
        visits = [onward + k * 26 * HOUR for k in range(max(2, days // 6))]
        script.sessions(
            f"path from {source.split('-')[0].upper()}",
            src,
            dst,
            service,
            [t for t in visits if t < end],
            300,
            6e5,
            5e6,
            (SF, RSTO),
        )
    script.facts |= {
        "entry": company.hosts[entry].address,
        "onset": moment(onset).isoformat(),
        "first_unauthorised_established": moment(first_in_japan).isoformat(),
        "discovery": moment(calendar.begin + int(days * 0.42) * DAY).isoformat(),
        "exfiltration_to": company.hosts[drop].address,
        "notes": "Control runs over sessions that the Thai server opens.",
    }
