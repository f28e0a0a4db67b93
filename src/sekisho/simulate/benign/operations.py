"""What keeps it running: backup, monitoring, patching, authorised scanners, jump hosts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.model.protocols import ICMP, TCP, UDP
from sekisho.simulate.base import MINUTE, SECOND
from sekisho.simulate.benign.base import (
    TROUBLE,
    Activity,
    Calls,
    Polls,
    Rounds,
    Service,
    Stretch,
    dress,
    one_each,
    pairs,
)
from sekisho.simulate.company import Company
from sekisho.simulate.flows import APP, EMPTY, REJ, RSTO, S0, Array, blank
from sekisho.simulate.register import Permit

BACKUP = (Service(TCP, 8400, "-", 420_000_000, 2_600_000, 2400, 0.8),)
POLL = (
    Service(ICMP, 0, "-", 168, 168, 2.0, 0.0, 0.4),
    Service(UDP, 161, "snmp", 420, 1900, 0.3, 0.3, 0.4),
    Service(TCP, 5666, "ssl", 900, 1500, 0.4, 0.3, 0.2),
)
UPDATES = (Service(TCP, 8530, "http", 9000, 2_400_000, 40, 1.6),)
ADMIN = (
    Service(TCP, 22, "ssh", 42_000, 160_000, 900, 0.9, 0.4),
    Service(TCP, 3389, "rdp", 420_000, 6_000_000, 1400, 0.8, 0.35),
    Service(TCP, 5986, "ssl", 24_000, 18_000, 30, 0.8, 0.25),
)
TO_JUMP = (Service(TCP, 3389, "rdp", 900_000, 16_000_000, 4200, 0.5),)
SCANNED = (21, 22, 23, 80, 135, 139, 443, 445, 1433, 3306, 3389, 5432, 5900, 5985, 8080, 8443)


@dataclass(slots=True)
class JumpSessions:
    """An administrator's desktop to a jump host, then from it to servers while that session lasts: the
    stepping stones that are meant to be there."""

    name: str
    share: float
    admins: Array
    jump: Array
    targets: Array

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See benign.base.Activity."""
        first = Calls(
            self.name, self.share, *pairs(self.admins, self.jump), TO_JUMP, "office", trouble={0: 1.0}
        ).draw(rng, stretch, total / 4)
        count = rng.integers(1, 6, len(first))
        second = blank(int(count.sum()))
        if not len(second):
            return first
        whence = np.repeat(np.arange(len(first)), count)
        second["src"] = first["dst"][whence]
        second["dst"] = self.targets[rng.integers(0, len(self.targets), len(second))]
        lead = (0.05 + 0.8 * rng.random(len(second))) * first["duration"][whence]
        second["start"] = first["start"][whence] + lead.astype(np.int64) + 4 * SECOND
        dress(rng, second, ADMIN, TROUBLE)
        room = first["start"][whence] + first["duration"][whence] - second["start"]
        second["duration"] = np.minimum(second["duration"], np.maximum(room, SECOND))
        return np.concatenate([first, second])


@dataclass(slots=True)
class Sweeps:
    """An authorised scanner going over every host at the weekend: mostly no answer or a refusal."""

    name: str
    share: float
    scanners: Array
    hosts: Array

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See benign.base.Activity."""
        service = (Service(TCP, 0, "-", 180, 900, 0.3, 0.5),)
        flows = Calls(
            self.name, self.share, self.scanners, self.hosts, service, "weekend", cross=True
        ).draw(rng, stretch, total)
        if not len(flows):
            return EMPTY
        # One pass: hosts in turn, ports in turn, in the order of time.
        flows.sort(order="start")
        turn = np.arange(len(flows)) + int(rng.integers(0, len(self.hosts)))
        flows["dst"] = self.hosts[turn % len(self.hosts)]
        flows["dport"] = np.array(SCANNED)[(turn // len(self.hosts) + turn) % len(SCANNED)]
        flows["state"] = np.array([S0, REJ, RSTO])[
            np.searchsorted([0.62, 0.9], rng.random(len(flows)), side="right")
        ]
        flows["app"] = APP["-"]
        return flows


def theme(company: Company) -> tuple[list[Activity], list[Permit]]:
    """The activities and the permits that allow them."""
    backed = [s for s in company.having("backup") if s != "jp-dc"]
    plants = [p.name for p in company.places if p.kind == "plant"]
    servers = [
        g
        for g in company.groups
        if g.split("/")[1]
        in ("dns", "dc", "edi", "backup", "files", "app", "print", "erp", "historian")
        and not company.places[company.site(g.split("/")[0])].realm
    ]
    watched = company.of(*servers)
    every = np.array(
        [
            row
            for row, host in enumerate(company.hosts)
            if host.site >= 0
            and host.listed
            and not company.places[host.site].realm
            and ":" not in host.address
        ],
        dtype=np.int32,
    )
    admins = company.of("jp-hq/admins")
    jump = company.of("jp-dc/jump")
    activities: list[Activity] = [
        Rounds(
            "backup",
            *one_each(company.of(*(f"{s}/backup" for s in backed)), company.of("jp-dc/backup")),
            BACKUP,
            (1.0,),
        ),
        Polls(
            "monitoring",
            0.09,
            *one_each(
                np.repeat(company.of("jp-dc/monitoring"), -(-len(watched) // 2))[: len(watched)],
                watched,
            ),
            POLL,
        ),
        Polls(
            "patch-sync",
            0.004,
            *pairs(company.of(*(f"{s}/patch" for s in plants)), company.of("jp-dc/patch")),
            UPDATES,
            least=60 * MINUTE,
        ),
        Calls(
            "patch-window",
            0.01,
            *pairs(
                company.of(
                    *(
                        f"{s}/clients"
                        for s in ("in-eng", "de-office", "uk-office", "us-sales", "br-sales")
                    )
                ),
                company.of("jp-dc/patch"),
            ),
            UPDATES,
            "patch",
        ),
        Calls(
            "patch-mill",
            0.004,
            *pairs(company.of("ca-aero/clients"), company.of("us-aero-mill/patch")),
            UPDATES,
            "patch",
        ),
        Sweeps("scan", 0.05, company.of("jp-dc/scanners"), every),
        JumpSessions("jump", 0.012, admins, jump, watched),
        *(
            JumpSessions(
                f"jump-{s}",
                0.002,
                company.of(f"{s}/admins"),
                company.of(f"{s}/jump"),
                company.of(f"{s}/files", f"{s}/app"),
            )
            for s in plants
        ),
    ]
    permits = [
        Permit(
            "BACKUP",
            tuple(f"{s}/backup" for s in backed),
            ("jp-dc/backup",),
            ("tcp/8400-8403",),
            "backup-team",
            "CHG-90",
            "Nightly copies to the data centre",
        ),
        Permit(
            "MONITORING",
            ("jp-dc/monitoring",),
            ("*",),
            ("icmp", "snmp", "tcp/5666"),
            "secops",
            "CHG-91",
            "Is it up",
        ),
        Permit(
            "PATCH-SYNC",
            tuple(f"{s}/patch" for s in plants),
            ("jp-dc/patch",),
            ("tcp/8530-8531",),
            "it-jp",
            "CHG-92",
            "Updates for the plants",
        ),
        Permit(
            "PATCH-OFFICES",
            ("in-eng/*", "de-office/*", "uk-office/*", "us-sales/*", "br-sales/*"),
            ("jp-dc/patch",),
            ("tcp/8530-8531",),
            "it-jp",
            "CHG-93",
            "Updates for offices",
        ),
        Permit(
            "AERO-PATCH",
            ("ca-aero/*",),
            ("us-aero-mill/patch",),
            ("tcp/8530-8531",),
            "it-aero",
            "AERO-6",
            "Updates for the subsidiary",
        ),
        Permit(
            "SCANNERS",
            ("jp-dc/scanners",),
            ("*",),
            ("any",),
            "secops",
            "CHG-94",
            "Vulnerability scans, weekends",
        ),
        Permit(
            "ADMIN-JUMP",
            ("jp-hq/admins",),
            ("jp-dc/jump",),
            ("rdp", "ssh"),
            "secops",
            "CHG-95",
            "Administrators reach servers only through jump hosts",
        ),
        Permit(
            "JUMP-ANY",
            ("jp-dc/jump",),
            ("*",),
            ("ssh", "rdp", "winrm"),
            "secops",
            "CHG-96",
            "Administration from the jump hosts",
        ),
    ]
    return activities, permits
