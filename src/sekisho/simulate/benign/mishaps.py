"""Innocent connections that an audit must find all the same, and permits that are no longer good."""

from __future__ import annotations

from datetime import date, timedelta

from sekisho.model.protocols import TCP, UDP
from sekisho.simulate.base import DAY, HOUR, MINUTE, Labels
from sekisho.simulate.benign.base import Activity, Calls, Polls, Service
from sekisho.simulate.calendar import Calendar
from sekisho.simulate.company import Company
from sekisho.simulate.flows import RSTO, S0, SF
from sekisho.simulate.register import Permit, day_of


def theme(company: Company, calendar: Calendar, labels: Labels) -> tuple[list[Activity], list[Permit]]:
    """Activities labelled `benign: …` and the lapsed, expired and unused permits."""
    expired = day_of(calendar.begin + int(calendar.days * 0.45) * DAY)

    after = calendar.begin + int(calendar.days * 0.3) * DAY
    activities: list[Activity] = [
        # The German stock system still reads the Kobe tables although its permit ran out.
        Calls(
            "lapsed-stock",
            0.0012,
            company.of("de-office/app")[:1],
            company.of("jp-kobe/app")[:1],
            (Service(TCP, 1433, "-", 6000, 90_000, 20, 0.8),),
            "office",
            label=labels.number("benign: permit ran out"),
        ),
        # A printer in London was set up with the address of one in Munich.
        Polls(
            "printer",
            0,
            company.of("de-office/print")[:1],
            company.of("uk-office/print")[1:2],
            (Service(TCP, 9100, "-", 30_000, 200, 2, 0.4),),
            every=7 * HOUR,
            jitter=20 * MINUTE,
            least=HOUR,
            trouble={SF: 1.0},
            label=labels.number("benign: printer set up wrongly"),
        ),
        # An engineer tries out a database copy for a few days, without asking.
        Calls(
            "trial",
            0.0008,
            company.of("in-eng/eng")[:1],
            company.of("us-plant/app")[2:3],
            (Service(TCP, 5432, "-", 4000, 160_000, 60, 1.0),),
            "office",
            window=(after, after + 3 * DAY),
            trouble={SF: 0.9, RSTO: 0.1},
            label=labels.number("benign: trial without a permit"),
        ),
        # An agent of the former monitoring still calls a server that was switched off years ago.
        Polls(
            "old-agent",
            0,
            company.of("id-plant/app")[:1],
            company.of("jp-kobe/historian")[:1],
            (Service(TCP, 1984, "-", 0, 0, 3, 0),),
            every=4 * HOUR,
            jitter=5 * MINUTE,
            trouble={S0: 1.0},
            label=labels.number("benign: agent of a retired system"),
        ),
        # Somebody typed a wrong address into a network manager.
        Polls(
            "wrong-address",
            0,
            company.of("ph-plant/app")[1:2],
            company.of("br-sales/app")[:1],
            (Service(UDP, 161, "snmp", 43, 0, 0, 0),),
            every=19 * HOUR,
            jitter=5 * MINUTE,
            label=labels.number("benign: address typed wrongly"),
        ),
        # A vendor's box with its factory address, in no site.
        Polls(
            "stray",
            0,
            company.of("stray"),
            company.of("jp-kobe/historian")[:1],
            (Service(TCP, 4840, "-", 0, 0, 3, 0),),
            every=9 * HOUR,
            jitter=5 * MINUTE,
            trouble={S0: 1.0},
            label=labels.number("benign: vendor's box in no site"),
        ),
    ]
    permits = [
        Permit(
            "DE-KOBE-STOCK",
            ("de-office/app",),
            ("jp-kobe/app",),
            ("tcp/1433",),
            "logistics-it",
            "CHG-77",
            "Stock levels until the new interface",
            expires=expired,
        ),
        Permit(
            "UK-HQ-FTP",
            ("uk-office/app",),
            ("jp-hq/app",),
            ("ftp",),
            "sales-it",
            "CHG-12",
            "Old sales figures",
            expires=date(2019, 12, 31),
        ),
        Permit(
            "US-HQ-REPORTS",
            ("us-sales/app",),
            ("jp-hq/app",),
            ("https",),
            "sales-it",
            "CHG-99",
            "Yearly report, comes in March only",
        ),
        Permit(
            "CN-HQ-PROJECT",
            ("cn-plant/eng",) if "cn-plant/eng" in company.groups else ("cn-plant/app",),
            ("jp-hq/app",),
            ("tcp/8080",),
            "manufacturing",
            "CHG-100",
            "Project that starts later",
            begin=expired + timedelta(days=400),
        ),
    ]
    return activities, permits
