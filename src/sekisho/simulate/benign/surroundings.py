"""What sensors see beside the business between sites: broadcast, multicast, life inside a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.model.protocols import ICMP, TCP, UDP
from sekisho.simulate.benign.base import Activity, Calls, Service, Stretch, pairs
from sekisho.simulate.benign.business import SMB
from sekisho.simulate.benign.infrastructure import DIRECTORY, DNS
from sekisho.simulate.company import Company
from sekisho.simulate.flows import APP, Array
from sekisho.simulate.register import Permit


@dataclass(slots=True)
class Shouts:
    """Datagrams to everybody near: DHCP, NetBIOS, mDNS, SSDP. Nobody answers."""

    name: str
    share: float
    src: Array
    dst: Array
    port: int
    app: str = "-"
    size: float = 200.0

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See benign.base.Activity."""
        service = (Service(UDP, self.port, self.app, self.size, 0, 0.0, 0.2),)
        flows = Calls(self.name, self.share, self.src, self.dst, service, "shifts").draw(
            rng, stretch, total
        )
        flows["sport"] = self.port if self.port != 67 else 68
        flows["app"] = APP[self.app]
        return flows


def theme(company: Company) -> tuple[list[Activity], list[Permit]]:
    """The activities; nothing of this needs a permit."""
    names = [p.name for p in company.places if p.clients]
    one = [company.of(f"{n}/clients")[:12] for n in names]
    everyone = np.concatenate(one)
    near = np.concatenate(
        [np.repeat(company.of(f"{n}/bc"), len(o)) for n, o in zip(names, one, strict=True)]
    )
    nobody = company.of(*(f"{n}/any" for n in names))
    local6 = company.of(*(f"{n}/link-local" for n in names), v6=True)
    inside = [("jp-hq", 0.06), ("us-aero-mill", 0.04)]
    activities: list[Activity] = [
        Shouts("netbios", 0.006, everyone, near, 138, size=201),
        Shouts("mdns", 0.005, *pairs(everyone, company.of("mdns")), 5353, "dns", 120),
        Shouts("ssdp", 0.004, *pairs(everyone, company.of("ssdp")), 1900, size=173),
        Shouts("dhcp", 0.003, *pairs(nobody, company.of("limited-broadcast")), 67, "dhcp", 300),
        Shouts("mdns6", 0.003, *pairs(local6, company.of("mdns6", v6=True)), 5353, "dns", 120),
        Shouts("dhcp6", 0.002, *pairs(local6, company.of("dhcp6", v6=True)), 547, "dhcp", 110),
    ]
    for name, share in inside:
        people = company.of(f"{name}/clients")
        activities += [
            Calls(
                f"inside-dns-{name}",
                share * 0.4,
                *pairs(people, company.of(f"{name}/dns")),
                DNS,
                "office",
            ),
            Calls(
                f"inside-dc-{name}",
                share * 0.3,
                *pairs(people, company.of(f"{name}/dc")),
                DIRECTORY,
                "office",
            ),
            Calls(
                f"inside-files-{name}",
                share * 0.2,
                *pairs(people, company.of(f"{name}/files")),
                SMB,
                "office",
            ),
            Calls(
                f"inside-print-{name}",
                share * 0.1,
                *pairs(people, company.of(f"{name}/print")),
                (
                    Service(TCP, 9100, "-", 400_000, 400, 4, 1.0, 0.8),
                    Service(ICMP, 0, "-", 56, 56, 0.001, 0, 0.2),
                ),
                "office",
            ),
        ]
    return activities, []
