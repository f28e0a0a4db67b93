"""The sites of the simulated company, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["hq", "works", "dc", "plant", "office", "aero", "mill"]


@dataclass(frozen=True, slots=True)
class Place:
    """One site: its key and title, where it is, who owns it, its address space and its size.

    `v4` are the first two numbers of its /16, `v6` the first three words of its /48 or ''. `clients`
    is its share of a full-sized site's clients.
    """

    name: str
    title: str
    country: str
    timezone: str
    owner: str
    v4: str
    kind: Kind
    clients: float = 1.0
    v6: str = ""
    realm: str = ""


PLACES: tuple[Place, ...] = (
    Place("jp-hq", "Head office", "JP", "Asia/Tokyo", "it-jp", "10.1", "hq", 2.0, "2001:db8:1"),
    Place("jp-kobe", "Kobe works", "JP", "Asia/Tokyo", "it-jp", "10.2", "works", 1.5, "2001:db8:2"),
    Place("jp-dc", "Data centre Tokyo", "JP", "Asia/Tokyo", "it-jp", "10.3", "dc", 0.0, "2001:db8:3"),
    Place("th-plant", "Rayong plant", "TH", "Asia/Bangkok", "it-th", "10.40", "plant"),
    Place("ph-plant", "Batangas plant", "PH", "Asia/Manila", "it-ph", "10.41", "plant"),
    Place("id-plant", "Cikarang plant", "ID", "Asia/Jakarta", "it-id", "10.42", "plant"),
    Place("cn-plant", "Wuhan plant", "CN", "Asia/Shanghai", "it-cn", "10.43", "plant"),
    Place("in-eng", "Pune engineering", "IN", "Asia/Kolkata", "it-in", "10.44", "office", 1.2),
    Place("us-plant", "Lincoln plant", "US", "America/Chicago", "it-us", "10.60", "plant", 1.2),
    Place("us-sales", "New York sales", "US", "America/New_York", "it-us", "10.61", "office", 0.6),
    Place(
        "de-office",
        "Munich office",
        "DE",
        "Europe/Berlin",
        "it-eu",
        "10.70",
        "office",
        0.8,
        "2001:db8:70",
    ),
    Place("uk-office", "London office", "GB", "Europe/London", "it-eu", "10.71", "office", 0.6),
    Place("br-sales", "Sao Paulo sales", "BR", "America/Sao_Paulo", "it-us", "10.80", "office", 0.4),
    Place(
        "us-aero",
        "Aerospace, company link",
        "US",
        "America/Los_Angeles",
        "it-aero",
        "10.96",
        "aero",
        0.3,
    ),
    Place(
        "us-aero-mill",
        "Aerospace mill",
        "US",
        "America/Los_Angeles",
        "it-aero",
        "10.1",
        "mill",
        1.0,
        "",
        "aero",
    ),
    Place(
        "ca-aero",
        "Aerospace Toronto",
        "CA",
        "America/Toronto",
        "it-aero",
        "10.2",
        "mill",
        0.7,
        "",
        "aero",
    ),
)
"""The aerospace subsidiary was acquired: its own realm has 10.1.0.0/16 and 10.2.0.0/16, which are also
the head office's and the Kobe works'. `us-aero` is the renumbered part that reaches the company."""

ROLES: dict[str, tuple[int, int]] = {
    "dns": (10, 2),
    "dc": (20, 2),
    "edi": (32, 2),
    "backup": (48, 1),
    "monitoring": (64, 2),
    "patch": (72, 1),
    "scanners": (80, 2),
    "jump": (88, 2),
    "files": (96, 2),
    "erp": (112, 6),
    "mail": (128, 2),
    "voice": (136, 2),
    "print": (144, 2),
    "app": (160, 3),
    "historian": (176, 1),
    "finance": (192, 1),
}
"""Server groups: last number of the first address in the site's .10 subnet, and how many there are."""

SERVERS: dict[Kind, tuple[str, ...]] = {
    "hq": ("dns", "dc", "edi", "backup", "files", "jump", "print", "app", "finance"),
    "works": ("dns", "dc", "edi", "backup", "files", "print", "app", "historian"),
    "dc": (
        "dns",
        "dc",
        "backup",
        "monitoring",
        "patch",
        "scanners",
        "jump",
        "files",
        "erp",
        "mail",
        "voice",
        "app",
    ),
    "plant": ("dns", "dc", "edi", "backup", "patch", "jump", "files", "print", "app", "historian"),
    "office": ("files", "print", "app"),
    "aero": ("dns", "edi", "jump", "files", "app"),
    "mill": ("dns", "dc", "files", "print", "app", "patch"),
}
