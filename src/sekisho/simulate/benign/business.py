"""Enterprise planning, daily orders, quarter's end, shop-floor data, engineering files."""

from __future__ import annotations

from sekisho.model.protocols import TCP
from sekisho.simulate.base import SECOND
from sekisho.simulate.benign.base import Activity, Calls, Polls, Rounds, Service, one_each, pairs
from sekisho.simulate.company import Company
from sekisho.simulate.register import Permit

ERP = (
    Service(TCP, 3200, "-", 9000, 42000, 180, 1.0, 0.6),
    Service(TCP, 443, "ssl", 3800, 52000, 12, 1.0, 0.4),
)
SMB = (Service(TCP, 445, "gssapi,smb,krb", 42000, 260000, 240, 1.3),)
ORDERS = (Service(TCP, 8443, "ssl", 180_000, 24_000, 14, 0.7),)
CLOSING = (Service(TCP, 22, "ssh", 48_000_000, 90_000, 420, 0.6),)


def theme(company: Company) -> tuple[list[Activity], list[Permit]]:
    """The activities and the permits that allow them."""
    plants = [p.name for p in company.places if p.kind == "plant"]
    users = company.of(*(f"{p.name}/clients" for p in company.places if not p.realm))
    printers = company.having("print")
    print_hosts = company.of(*(f"{s}/print" for s in printers))
    hubs = [*plants, "jp-kobe", "us-aero"]
    edi = company.of(*(f"{s}/edi" for s in hubs))
    head_edi = company.of("jp-hq/edi")
    engineers = company.of("in-eng/eng", "de-office/eng")
    activities: list[Activity] = [
        Calls("erp", 0.13, *pairs(users, company.of("jp-dc/erp")), ERP, "office"),
        Calls(
            "erp-print",
            0.008,
            *pairs(company.of("jp-dc/erp")[:2], print_hosts),
            (Service(TCP, 9100, "-", 90_000, 300, 3, 0.8),),
            "office",
        ),
        Rounds("orders", *one_each(edi, head_edi), ORDERS, (7.0, 12.1, 17.2), (0, 1, 2, 3, 4, 5)),
        Rounds(
            "order-replies",
            *one_each(head_edi.repeat(len(edi) // 2), edi[::2]),
            ORDERS,
            (19.0,),
            (0, 1, 2, 3, 4),
        ),
        Calls(
            "partner-orders",
            0.004,
            *pairs(company.of("jp-hq/edi"), company.of("partner")),
            ORDERS,
            "office",
        ),
        Rounds(
            "quarter-closing",
            *one_each(company.of(*(f"{s}/files" for s in plants)), company.of("jp-hq/finance")),
            CLOSING,
            (20.0,),
            (0,),
        ),
        Calls("engineering-files", 0.03, *pairs(engineers, company.of("jp-kobe/files")), SMB, "office"),
        Calls(
            "japan-files",
            0.02,
            *pairs(company.of("jp-kobe/clients"), company.of("jp-hq/files")),
            SMB,
            "office",
        ),
        Polls(
            "historian",
            0.03,
            *one_each(company.of(*(f"{s}/historian" for s in plants)), company.of("jp-kobe/historian")),
            (Service(TCP, 4840, "-", 30_000, 4_000, 50, 0.4),),
            jitter=5 * SECOND,
        ),
        Calls(
            "mill-files",
            0.03,
            *pairs(company.of("ca-aero/clients"), company.of("us-aero-mill/files")),
            SMB,
            "office",
        ),
    ]
    permits = [
        Permit(
            "ANY-ERP",
            tuple(f"{p.name}/clients" for p in company.places if not p.realm and p.clients),
            ("jp-dc/erp",),
            ("tcp/3200-3299", "https"),
            "erp-team",
            "CHG-21",
            "Enterprise planning",
        ),
        Permit(
            "ERP-PRINT",
            ("jp-dc/erp",),
            tuple(f"{s}/print" for s in printers),
            ("tcp/9100",),
            "erp-team",
            "CHG-22",
            "Labels and papers",
        ),
        Permit(
            "ENG-KOBE",
            ("in-eng/eng", "de-office/eng"),
            ("jp-kobe/files",),
            ("smb",),
            "engineering",
            "CHG-31",
            "Drawings",
        ),
        Permit(
            "KOBE-HQ-FILES",
            ("jp-kobe/clients",),
            ("jp-hq/files",),
            ("smb",),
            "it-jp",
            "CHG-32",
            "Shared folders in Japan",
        ),
        Permit(
            "QUARTER-CLOSING",
            tuple(f"{s}/files" for s in plants),
            ("jp-hq/finance",),
            ("ssh",),
            "finance",
            "CHG-40",
            "Books of the quarter, four times a year",
        ),
        Permit(
            "AERO-FILES",
            ("ca-aero/clients",),
            ("us-aero-mill/files",),
            ("smb",),
            "it-aero",
            "AERO-5",
            "Shared folders of the subsidiary",
        ),
        *(
            Permit(
                f"{s.split('-')[0].upper()}-KOBE-OPCUA",
                (f"{s}/historian",),
                ("jp-kobe/historian",),
                ("opc-ua",),
                "manufacturing",
                f"CHG-{50 + k}",
                "Production data",
                ((s, "plant-it"), ("jp-kobe", "ot-team")),
            )
            for k, s in enumerate(plants)
        ),
        *(
            Permit(
                f"{s.upper()}-HQ-EDI",
                (f"{s}/edi",),
                ("jp-hq/edi",),
                ("tcp/8443",),
                "logistics-it",
                f"CHG-{60 + k}",
                "Daily parts orders",
                ((s, "plant-it"), ("jp-hq", "tanaka")),
                tier="essential",
            )
            for k, s in enumerate(hubs)
        ),
        Permit(
            "HQ-EDI-REPLY",
            ("jp-hq/edi",),
            tuple(f"{s}/edi" for s in hubs),
            ("tcp/8443",),
            "logistics-it",
            "CHG-70",
            "Answers to orders",
            tier="essential",
        ),
    ]
    return activities, permits
