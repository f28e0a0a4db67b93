"""One small company per scenario, read back by means that share nothing with what wrote it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import ipaddress
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from sekisho.simulate.base import SIZES, Dice, Labels, Summary
from sekisho.simulate.calendar import Calendar
from sekisho.simulate.company import found
from sekisho.simulate.run import simulate

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = {
    "dns": ["udp/53", "tcp/53"],
    "kerberos": ["tcp/88", "udp/88"],
    "ldap": ["tcp/389", "udp/389"],
    "ldaps": ["tcp/636"],
    "global-catalog": ["tcp/3268-3269"],
    "kpasswd": ["tcp/464", "udp/464"],
    "smb": ["tcp/445"],
    "rpc": ["tcp/135"],
    "ntp": ["udp/123"],
    "syslog": ["udp/514", "tcp/514", "tcp/6514"],
    "snmp-trap": ["udp/162"],
    "https": ["tcp/443"],
    "ssh": ["tcp/22"],
    "rdp": ["tcp/3389"],
    "winrm": ["tcp/5985-5986"],
    "snmp": ["udp/161"],
    "opc-ua": ["tcp/4840"],
    "ftp": ["tcp/20-21"],
}


@dataclass(frozen=True)
class Row:
    """A log line: microseconds, ends, what moved."""

    at: int
    src: str
    sport: int
    dst: str
    dport: int
    proto: str
    out: int
    back: int
    state: str
    fields: dict = field(hash=False, compare=False)


class World:
    """A written workspace."""

    def __init__(self, path: Path, summary: Summary | None = None) -> None:
        self.path, self.summary = path, summary
        self.sites = YAML(typ="safe").load((path / "sites.yaml").read_text())
        self.policy = YAML(typ="safe").load((path / "policy.yaml").read_text())
        self._networks = [
            (name, site.get("realm", ""), [ipaddress.ip_network(p) for p in site["prefixes"]])
            for name, site in self.sites["sites"].items()
        ]
        self._rows: dict[str, list[Row]] = {}

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.path / "truth" / f"{name}.csv").open(newline="") as stream:
            return list(csv.DictReader(stream))

    def facts(self) -> dict:
        return json.loads((self.path / "truth/scenario.json").read_text())

    def sensors(self) -> list[str]:
        return sorted(p.name for p in (self.path / "logs").iterdir())

    def files(self, sensor: str) -> list[Path]:
        """Files of a sensor, each content once."""
        seen, out = set(), []
        for path in sorted((self.path / "logs" / sensor).rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(content(path)).hexdigest()
                if digest not in seen:
                    seen.add(digest)
                    out.append(path)
        return out

    def rows(self, sensor: str) -> list[Row]:
        if sensor not in self._rows:
            zone = self.sites["sensors"][sensor].get("timezone", "UTC")
            self._rows[sensor] = [
                r for p in self.files(sensor) for r in parse(content(p).decode(), zone)
            ]
        return self._rows[sensor]

    @cache  # noqa: B019
    def site_of(self, realm: str, address: str) -> str | None:
        ip = ipaddress.ip_address(address)
        for name, own, networks in self._networks:
            if own == realm and any(ip in network for network in networks):
                return name
        return None

    def permitted(self, realm: str, src: str, dst: str, proto: str, port: int, at: datetime) -> bool:
        """An evaluator of the policy language of its own, as plain as can be."""
        for number in self._matching(realm, src, dst, proto, port):
            rule = self.policy["connections"][number]
            if (rule.get("from") or date.min) <= at.date() <= (rule.get("expires") or date.max):
                return True
        return False

    @cache  # noqa: B019
    def _matching(self, realm: str, src: str, dst: str, proto: str, port: int) -> tuple[int, ...]:
        out = []
        for number, rule in enumerate(self.policy["connections"]):
            ends, services = rule["allow"].split(" : ")
            left, right = ends.split(" -> ")
            if (
                any(self._service(s, proto, port) for s in services.split(", "))
                and any(self._means(s, realm, src) for s in left.split(", "))
                and any(self._means(s, realm, dst) for s in right.split(", "))
            ):
                out.append(number)
        return tuple(out)

    @staticmethod
    def _service(text: str, proto: str, port: int) -> bool:
        if text == "any" or (text == "icmp" and proto.startswith("icmp")):
            return True
        for one in NAMED.get(text, [text]):
            kind, _, span = one.partition("/")
            low, _, high = span.partition("-")
            if kind == proto and low and int(low) <= port <= int(high or low):
                return True
        return False

    @cache  # noqa: B019
    def _means(self, text: str, realm: str, address: str) -> bool:
        site = self.site_of(realm, address)
        if text == "*":
            return site is not None
        if text.endswith("/*"):
            return site == text[:-2]
        ip = ipaddress.ip_address(address)
        return site == text.split("/")[0] and any(
            ip in ipaddress.ip_network(member) for member in self.sites["groups"][text]
        )


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def parse(text: str, zone: str) -> list[Row]:
    lines = text.splitlines()
    if lines and lines[0].startswith("ts,te"):
        return [
            _nfdump(dict(zip(lines[0].split(","), line.split(","), strict=True)), zone)
            for line in lines[1 : lines.index("Summary")]
        ]
    if lines and lines[0].startswith("{"):
        return [
            _zeek(
                {
                    k.replace("id_", "id.", 1): v
                    for k, v in json.loads(line, parse_float=Decimal).items()
                }
            )
            for line in lines
        ]
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    return [
        _zeek({k: v for k, v in zip(names, line.split("\t"), strict=True) if v != "-"})
        for line in lines
        if not line.startswith("#")
    ]


def _zeek(f: dict) -> Row:
    port = 0 if f["proto"] == "icmp" else int(f["id.resp_p"])
    return Row(
        int(Decimal(f["ts"]) * 1_000_000),
        f["id.orig_h"],
        int(f["id.orig_p"]),
        f["id.resp_h"],
        port,
        f["proto"],
        int(f["orig_ip_bytes"]),
        int(f["resp_ip_bytes"]),
        f["conn_state"],
        f,
    )


def _nfdump(f: dict, zone: str) -> Row:
    at = datetime.fromisoformat(f["ts"]).replace(tzinfo=ZoneInfo(zone)) - EPOCH
    icmp = f["pr"].startswith("ICMP")
    return Row(
        at // timedelta(microseconds=1),
        f["sa"],
        int(f["sp"]),
        f["da"],
        0 if icmp else int(f["dp"]),
        f["pr"].lower(),
        int(f["ibyt"]),
        0,
        f["flg"],
        f,
    )


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Gives the small company of a scenario, written once."""
    made: dict[str, World] = {}

    def give(scenario: str) -> World:
        if scenario not in made:
            out = tmp_path_factory.mktemp("world") / scenario
            made[scenario] = World(out, simulate(scenario, out, 7, "small", flows=10_000))
        return made[scenario]

    return give


@pytest.fixture(scope="session")
def dice():
    return Dice((1, 2, 3))


@pytest.fixture(scope="session")
def company(dice):
    return found(SIZES["small"], dice)


@pytest.fixture
def calendar(company):
    return Calendar(date(2020, 5, 25), 10, company.places)


@pytest.fixture
def labels():
    return Labels()
