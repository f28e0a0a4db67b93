"""Mail, meetings and the web: what people's machines do, and what mail and partners do from outside."""

from __future__ import annotations

from sekisho.model.protocols import TCP, UDP
from sekisho.simulate.benign.base import Activity, Calls, Service, pairs
from sekisho.simulate.company import Company
from sekisho.simulate.register import Permit

MAIL = (
    Service(TCP, 443, "ssl", 5200, 26_000, 30, 1.2, 0.8),
    Service(TCP, 587, "smtp", 60_000, 900, 3, 1.3, 0.2),
)
MEETING = (
    Service(TCP, 5061, "sip,ssl".partition(",")[0], 4000, 5000, 900, 0.8, 0.3),
    Service(UDP, 16384, "-", 21_000_000, 32_000_000, 1500, 0.6, 0.7),
)
WEB = (
    Service(TCP, 443, "ssl", 2600, 21_000, 20, 1.5, 0.72),
    Service(UDP, 443, "-", 3800, 52_000, 15, 1.5, 0.16),
    Service(TCP, 80, "http", 700, 9_000, 2, 1.4, 0.12),
)
RELAY = (Service(TCP, 25, "smtp", 42_000, 700, 3, 1.5),)


def theme(company: Company) -> tuple[list[Activity], list[Permit]]:
    """The activities and the permits that allow them."""
    users = company.of(*(f"{p.name}/clients" for p in company.places if not p.realm))
    users6 = company.of(*(f"{p.name}/clients" for p in company.places), v6=True)
    mills = company.of("us-aero-mill/clients", "ca-aero/clients")
    mail = company.of("jp-dc/mail")
    internet, internet6 = company.of("internet"), company.of("internet", v6=True)
    activities: list[Activity] = [
        Calls("mail", 0.08, *pairs(users, mail), MAIL, "office"),
        Calls("mail-out", 0.01, mail, internet, RELAY, "office", cross=True),
        Calls("mail-in", 0.01, *pairs(internet, mail), RELAY, "always"),
        Calls("meetings", 0.008, *pairs(users, company.of("jp-dc/voice")), MEETING, "office"),
        Calls("web", 0.16, users, internet, WEB, "office", cross=True),
        Calls("web6", 0.03, users6, internet6, WEB, "office", cross=True),
        Calls("web-mill", 0.03, mills, internet, WEB, "office", cross=True),
        Calls(
            "intranet6",
            0.02,
            *pairs(users6, company.of("jp-dc/app", v6=True)),
            (Service(TCP, 443, "ssl", 2600, 31_000, 20, 1.0),),
            "office",
        ),
    ]
    permits = [
        Permit(
            "ANY-MAIL", ("*",), ("jp-dc/mail",), ("https", "tcp/587"), "messaging", "CHG-80", "Mail"
        ),
        Permit(
            "ANY-MEETINGS",
            ("*",),
            ("jp-dc/voice",),
            ("tcp/5061", "udp/16384-32767"),
            "messaging",
            "CHG-81",
            "Voice and video",
        ),
        Permit("ANY-INTRANET", ("*",), ("jp-dc/app",), ("https",), "web-team", "CHG-82", "Intranet"),
    ]
    return activities, permits
