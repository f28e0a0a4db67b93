"""Name service, directory, time: what every site asks of the data centre all day."""

from __future__ import annotations

import numpy as np

from sekisho.model.protocols import TCP, UDP
from sekisho.simulate.base import HOUR, SECOND
from sekisho.simulate.benign.base import Activity, Calls, Polls, Service, one_each, pairs
from sekisho.simulate.company import Company
from sekisho.simulate.register import Permit

DNS = (Service(UDP, 53, "dns", 42, 130, 0.012, 0.4), Service(TCP, 53, "dns", 60, 2400, 0.05, 0.4, 0.01))
DIRECTORY = (
    Service(TCP, 88, "krb_tcp", 1500, 1600, 0.01, 0.3, 0.3),
    Service(TCP, 389, "ldap_tcp", 2200, 4200, 0.6, 0.7, 0.25),
    Service(UDP, 389, "-", 205, 175, 0.002, 0.1, 0.1),
    Service(TCP, 445, "gssapi,smb,krb", 4100, 6000, 11, 0.9, 0.2),
    Service(TCP, 135, "dce_rpc", 330, 280, 12, 0.2, 0.08),
    Service(TCP, 49667, "dce_rpc", 2700, 1600, 30, 0.6, 0.07),
)
REPLICATION = (
    Service(TCP, 135, "dce_rpc", 330, 280, 8, 0.2, 0.2),
    Service(TCP, 49668, "dce_rpc", 9000, 60000, 25, 1.2, 0.5),
    Service(TCP, 445, "smb,ntlm,gssapi", 9000, 30000, 15, 1.0, 0.3),
)
DIRECTORY_TEXT = (
    "kerberos",
    "ldap",
    "ldaps",
    "global-catalog",
    "kpasswd",
    "smb",
    "rpc",
    "tcp/49152-65535",
)


def theme(company: Company) -> tuple[list[Activity], list[Permit]]:
    """The activities and the permits that allow them."""
    sites = [s for s in company.having("dns") if s != "jp-dc"]
    resolvers = company.of(*(f"{s}/dns" for s in sites))
    resolvers6 = company.of(*(f"{s}/dns" for s in sites), v6=True)
    controllers = company.of(*(f"{s}/dc" for s in company.having("dc") if s != "jp-dc"))
    head = company.of("jp-dc/dc")
    offices = [p.name for p in company.places if p.kind in ("office", "aero")]
    people = company.of(*(f"{s}/clients" for s in offices))
    people6 = company.of(*(f"{s}/clients" for s in offices), v6=True)
    heads6 = company.of("jp-dc/dc", v6=True)
    mill = company.of("us-aero-mill/clients", "ca-aero/clients")
    mill_dc = company.of("us-aero-mill/dc", "ca-aero/dc")
    activities: list[Activity] = [
        Calls("dns-forward", 0.15, *pairs(resolvers, company.of("jp-dc/dns")), DNS, "shifts"),
        Calls(
            "dns-forward6", 0.03, *pairs(resolvers6, company.of("jp-dc/dns", v6=True)), DNS, "shifts"
        ),
        Calls("dns-office", 0.05, *pairs(people, company.of("jp-dc/dns")), DNS, "office"),
        Calls(
            "dns-internet",
            0.04,
            company.of("jp-dc/dns"),
            company.of("internet"),
            DNS,
            "always",
            cross=True,
        ),
        Calls("directory", 0.09, *one_each(people, head), DIRECTORY, "office"),
        Calls("directory6", 0.02, *one_each(people6, heads6), DIRECTORY, "office"),
        Calls("replication", 0.03, *pairs(controllers, head), REPLICATION, "always"),
        Calls("replication-out", 0.02, *pairs(head, controllers), REPLICATION, "always"),
        Calls("mill-directory", 0.05, *pairs(mill, mill_dc), DIRECTORY, "shifts"),
        Polls(
            "time",
            0.02,
            *pairs(controllers, head),
            (Service(UDP, 123, "ntp", 48, 48, 0.06, 0.0),),
            least=1024 * SECOND,
        ),
        Polls(
            "time-aero",
            0.002,
            *pairs(company.of("us-aero/dns"), head),
            (Service(UDP, 123, "ntp", 48, 48, 0.09, 0.0),),
            least=1024 * SECOND,
        ),
        Polls(
            "logs",
            0.03,
            *one_each(resolvers, company.of("jp-dc/monitoring")),
            (Service(UDP, 514, "syslog", 1800, 0, 40, 0.6),),
            jitter=40 * SECOND,
        ),
        Polls(
            "mill-logs",
            0.004,
            *one_each(company.of("ca-aero/dns"), company.of("us-aero-mill/app")),
            (Service(TCP, 6514, "ssl", 9000, 2500, 200, 0.6),),
            least=HOUR,
        ),
    ]
    permits = [
        Permit(
            "ANY-DNS",
            ("*",),
            ("jp-dc/dns",),
            ("dns",),
            "netops",
            "CHG-7",
            "Name service",
            tier="essential",
        ),
        Permit(
            "ANY-DIRECTORY",
            ("*",),
            ("jp-dc/dc",),
            DIRECTORY_TEXT,
            "identity",
            "CHG-9",
            "Logon, group policy and replication",
            tier="essential",
        ),
        Permit(
            "DC-REPLICATION",
            ("jp-dc/dc",),
            tuple(f"{s}/dc" for s in company.having("dc") if s != "jp-dc"),
            DIRECTORY_TEXT,
            "identity",
            "CHG-9",
            "Replication from the data centre",
            tier="essential",
        ),
        Permit(
            "ANY-TIME", ("*",), ("jp-dc/dc",), ("ntp",), "netops", "CHG-8", "Time", tier="essential"
        ),
        Permit(
            "ANY-SYSLOG",
            ("*",),
            ("jp-dc/monitoring",),
            ("syslog", "snmp-trap"),
            "secops",
            "CHG-11",
            "Logs and traps",
        ),
        Permit(
            "AERO-DIRECTORY",
            ("us-aero-mill/*", "ca-aero/*"),
            ("us-aero-mill/dc", "ca-aero/dc"),
            (*DIRECTORY_TEXT, "dns", "ntp"),
            "it-aero",
            "AERO-3",
            "Directory of the subsidiary",
            tier="essential",
        ),
        Permit(
            "AERO-SYSLOG",
            ("ca-aero/*",),
            ("us-aero-mill/app",),
            ("syslog",),
            "it-aero",
            "AERO-8",
            "Logs of the subsidiary",
        ),
    ]
    return [a for a in activities if np.size(getattr(a, "src", ()))], permits
