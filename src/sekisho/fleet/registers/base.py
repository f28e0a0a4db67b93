"""A register read: rows as sightings, with their places, and what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from sekisho.errors import RequestError
from sekisho.fleet.identity import is_name, uuid_of
from sekisho.model.terminals import Aside, Sighting

MAX_ROWS = 2_000_000
MAX_CELL = 1024
FIELDS = ("hostname", "uuid", "serial", "guid", "address", "site", "os")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "hostname": (
        "hostname",
        "dnshostname",
        "fqdn",
        "computername",
        "devicename",
        "assetname",
        "ciname",
        "host",
        "computer",
        "device",
        "name",
        "cn",
        "samaccountname",
    ),
    "uuid": (
        "uuid",
        "hardwareuuid",
        "smbiosuuid",
        "biosuuid",
        "systemuuid",
        "machineuuid",
        "netbootguid",
    ),
    "serial": ("serial", "serialnumber", "serialno", "servicetag", "hardwareserial", "biosserial"),
    "guid": ("guid", "objectguid"),
    "address": (
        "address",
        "ip",
        "ipaddress",
        "ipv4address",
        "ipv4",
        "primaryip",
        "primaryipaddress",
        "ipv6address",
    ),
    "site": ("site", "location", "sitename", "office", "physicaldeliveryofficename"),
    "os": ("os", "operatingsystem", "osname", "platform"),
}
"""Names of columns and attributes, best first, in lower case and without anything but letters and digits."""


@dataclass(slots=True)
class Register:
    """`rows` are (row, sighting), rows counted from 1 as the file's lines are; `others` entries of other kinds
    (people, groups), which are no fault; `notes` what a person should know of the file."""

    rows: list[tuple[int, Sighting]] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    others: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, row: int, values: Mapping[str, str]) -> None:
        """Take one row in, or set it aside. Raises RequestError beyond the most rows."""
        try:
            found = sighting_of(values)
        except ValueError as error:
            self.leave(row, str(error))
            return
        self._check_room()
        self.rows.append((row, found))

    def leave(self, row: int, why: str) -> None:
        """Set one row aside. Raises RequestError beyond the most rows."""
        self._check_room()
        self.aside.append(Aside(row, why))

    def _check_room(self) -> None:
        if len(self.rows) + len(self.aside) >= MAX_ROWS:
            raise RequestError(f"a register has at most {MAX_ROWS:,} rows", "import it in parts")


def plain(header: str) -> str:
    """A header as `ALIASES` has it."""
    return "".join(c for c in header.casefold() if c.isalnum())


def sighting_of(values: Mapping[str, str]) -> Sighting:
    """A row's values by `FIELDS`, checked. Raises ValueError that names the column and the mend."""
    clean = {name: " ".join(values.get(name, "").split(" ")).strip() for name in FIELDS}
    for name, value in clean.items():
        if len(value) > MAX_CELL:
            raise ValueError(f"{name} is longer than {MAX_CELL} characters")
        if not value.isprintable() or "\ufffd" in value:
            raise ValueError(f"{name} holds characters that are no text: save the file as UTF-8")
    hostname = clean["hostname"].rstrip(".").removesuffix("$")
    if not hostname:
        raise ValueError("hostname is empty")
    if not is_name(hostname):
        raise ValueError("hostname is no name of a machine: letters, digits, dots, - and _")
    for name in ("uuid", "guid"):
        try:
            clean[name] = uuid_of(clean[name])
        except ValueError as error:
            raise ValueError(
                f"{name} {error}: 8-4-4-4-12 hexadecimal digits, or leave it empty"
            ) from error
    if clean["address"]:
        try:
            clean["address"] = str(ip_address(clean["address"].split(",")[0].split(";")[0].strip()))
        except ValueError as error:
            raise ValueError("address is no IP address: correct it, or leave it empty") from error
    return Sighting(**{**clean, "hostname": hostname})
