"""Insiders planted a session in an engineering server that sends data out for weeks, slowly.

The server keeps one long connection outside and opens it again when it ends. The insiders reach it at
night from an engineering office, and use a permitted connection far beyond its purpose.
"""

from __future__ import annotations

from sekisho.simulate.attack import Script
from sekisho.simulate.base import HOUR, MINUTE
from sekisho.simulate.calendar import moment
from sekisho.simulate.flows import RSTO, SF


def play(script: Script) -> None:
    """The implant, the insiders' visits, the misuse and the leak."""
    company, calendar, rng = script.company, script.calendar, script.rng
    hostile = company.of("hostile")
    outside, cloud = (int(row) for row in rng.choice(hostile, 2, replace=False))
    server = company.host("jp-kobe-app01")
    files = company.host("jp-kobe-files01")
    desk = int(company.of("in-eng/eng")[1])
    munich = company.host("de-office-files01")
    helper = int(company.of("de-office/eng")[0])
    onset = max(calendar.at(1, 3), calendar.at(0.15 * calendar.days, 5 * float(rng.random())))
    end = calendar.end - 2 * HOUR

    visits = script.nights(company.site("in-eng"), onset, end, 1)
    first = visits[0]
    script.hop(desk, server, 3389, first)
    script.sessions("insiders' visits", desk, server, 3389, visits[::2], 1500, 9e5, 12e6, (SF, RSTO))
    implanted = first + 25 * MINUTE
    script.hop(server, outside, 8443, implanted, "T1571", reverse=True)
    at = implanted
    leaked = 0
    while at < end:
        length = int((8 + 12 * rng.random()) * HOUR)
        size = int(length / HOUR * (0.8e6 + 1.2e6 * rng.random()))
        length = min(length, end - at)
        script.sessions("implant", server, outside, 8443, [at], length / 1e6, size, size / 40)
        leaked += size
        at += int(length * 1.6) + int(rng.integers(5, 90)) * MINUTE
    # The drawings that Munich may read, copied at night at ten times the usual volume.
    nights = script.nights(company.site("de-office"), first + 20 * HOUR, end, 2)
    script.hop(helper, files, 445, nights[0] if nights else first, "T1039")
    script.transfer(
        "misuse of a permitted connection", helper, files, 445, nights, 4e6, 26e6 * calendar.days
    )
    script.hop(helper, munich, 445, (nights or [first])[0] + HOUR, "T1074.002")
    script.transfer(
        "exfiltration", helper, cloud, 443, [t + 2 * HOUR for t in nights], 20e6 * calendar.days, 2e6
    )
    back = [t + 70 * MINUTE for t in visits[1::3]]
    if back:
        script.hop(server, company.host("us-plant-files01"), 445, back[0])
        script.sessions(
            "server looks further", server, company.host("us-plant-files01"), 445, back, 240, 4e5, 8e6
        )
    script.transfer(
        "staging in Munich", helper, munich, 445, [t + HOUR for t in nights], 24e6 * calendar.days, 2e6
    )
    script.facts |= {
        "entry": company.hosts[server].address,
        "onset": moment(first).isoformat(),
        "exfiltration_to": company.hosts[outside].address,
        "notes": "The implant's session is the server's own; Munich's copies run over a permit.",
    }
