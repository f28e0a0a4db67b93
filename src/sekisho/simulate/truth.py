"""What truly happened, kept while the logs are written; the product never reads it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sekisho.model.protocols import name as protocol_name
from sekisho.simulate.attack import Script
from sekisho.simulate.base import DAY, SECOND
from sekisho.simulate.calendar import moment
from sekisho.simulate.company import LOCAL, NOWHERE, Company
from sekisho.simulate.flows import ANSWERED, Array, ip_bytes
from sekisho.simulate.register import Register
from sekisho.simulate.sensors import Probe

_RANK = ("unmapped", "attempted", "lapsed", "unauthorized")
ONE_WAY = 4096
"""Bytes one way in a day from which an unanswered connection counts as established."""


@dataclass(slots=True)
class Found:
    """A connection that an audit must find: its flows that no permit covered."""

    labels: list[str] = field(default_factory=list)
    outcome: str = "unmapped"
    first: int = 0
    last: int = 0
    flows: int = 0
    established: int = 0
    out: int = 0
    back: int = 0
    unrecorded: int = 0
    silent: dict[int, int] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=dict)
    """Per sensor: first time as it wrote it, number of flows."""

    @property
    def verdict(self) -> str:
        """The worst of its flows."""
        loud = self.established or any(octets >= ONE_WAY for octets in self.silent.values())
        return self.outcome if loud or self.outcome == "unmapped" else "attempted"


class Truth:
    """Gathers the labelled flows of each stretch."""

    def __init__(self, company: Company, register: Register, labels: Sequence[str]) -> None:
        self.company, self.register, self.labels = company, register, labels
        self.v6 = company.v6()
        self.sites = company.sites()
        self.found: dict[tuple[int, int, int, int], Found] = {}
        self.logged: set[tuple[int, int, int, int]] = set()
        """Connections of labelled flows that a sensor wrote down."""

    def take(
        self, flows: Array, seen: Mapping[str, tuple[Array, Array]], probes: Iterable[Probe]
    ) -> None:
        """Judge the labelled flows of a stretch and note which sensors recorded them, and when."""
        labelled = np.flatnonzero(flows["label"] > 0)
        if not len(labelled):
            return
        times: dict[int, list[tuple[str, int]]] = {}
        for probe in probes:
            rows, begin = seen[probe.name]
            if probe.format == "nfdump-csv":
                begin = begin // SECOND * SECOND
            keep = flows["label"][rows] > 0
            for row, at in zip(rows[keep].tolist(), begin[keep].tolist(), strict=True):
                times.setdefault(row, []).append((probe.name, at))
        out, back = ip_bytes(flows[labelled], self.v6)
        for position, row in enumerate(labelled.tolist()):
            self._one(flows[row], int(out[position]), int(back[position]), times.get(row, []))

    def _one(self, flow: np.void, out: int, back: int, times: list[tuple[str, int]]) -> None:
        src, dst, proto, port = (int(flow[name]) for name in ("src", "dst", "proto", "dport"))
        start = int(flow["start"])
        if times:
            self.logged.add((src, dst, proto, port))
        outcome = self._outcome(src, dst, proto, port, start)
        if outcome is None:
            return
        key = (src, dst, proto, port)
        found = self.found.setdefault(key, Found())
        label = self.labels[int(flow["label"])]
        if label not in found.labels:
            found.labels.append(label)
        if not times:
            found.unrecorded += 1
            return
        found.outcome = max(found.outcome, outcome, key=_RANK.index)
        found.first = min(found.first or start, start)
        found.last = max(found.last, start)
        found.flows += 1
        found.out += out
        found.back += back
        if int(flow["state"]) in ANSWERED:
            found.established += 1
        else:
            found.silent[start // DAY] = found.silent.get(start // DAY, 0) + out
        for name, at in times:
            entry = found.seen.setdefault(name, [at, 0])
            entry[0] = min(entry[0], at)
            entry[1] += 1

    def _outcome(self, src: int, dst: int, proto: int, port: int, start: int) -> str | None:
        sites = int(self.sites[src]), int(self.sites[dst])
        for row, site in zip((src, dst), sites, strict=True):
            if site == LOCAL or (site == NOWHERE and "stray" not in self.company.hosts[row].groups):
                return None
        if NOWHERE in sites:
            return "unmapped"
        if sites[0] == sites[1]:
            return None
        outcome = self.register.judge(src, dst, proto, port, start)
        return None if outcome == "authorized" else outcome

    def recorded(self) -> list[tuple[tuple[int, int, int, int], Found]]:
        """The connections that at least one sensor recorded, in order of their beginning."""
        some = [(key, found) for key, found in self.found.items() if found.flows]
        return sorted(some, key=lambda item: (item[1].first, item[0]))

    def write(
        self, folder: Path, script: Script, probes: Sequence[Probe], about: Mapping[str, object]
    ) -> None:
        """Write the files of truth/."""
        folder.mkdir(parents=True, exist_ok=True)
        _table(
            folder / "connections.csv",
            (
                "src_realm",
                "src",
                "src_site",
                "dst_realm",
                "dst",
                "dst_site",
                "protocol",
                "port",
                "verdict",
                "label",
                "first",
                "last",
                "flows",
                "established",
                "bytes_out",
                "bytes_in",
                "first_seen",
                "flows_seen",
                "unrecorded_flows",
            ),
            (self._row(key, found) for key, found in self.recorded()),
        )
        hops = sorted(script.hops, key=lambda hop: hop.at)
        _table(
            folder / "hops.csv",
            (
                "order",
                "src_realm",
                "src",
                "src_site",
                "dst_realm",
                "dst",
                "dst_site",
                "protocol",
                "port",
                "at",
                "technique",
                "kind",
                "permitted",
                "recorded",
            ),
            (
                (
                    n + 1,
                    *self._end(h.src),
                    *self._end(h.dst),
                    protocol_name(h.protocol),
                    h.port,
                    _time(h.at),
                    h.technique,
                    h.kind,
                    self._permitted(h.src, h.dst, h.protocol, h.port, h.at),
                    int((h.src, h.dst, h.protocol, h.port) in self.logged),
                )
                for n, h in enumerate(hops)
            ),
        )
        _table(
            folder / "outages.csv",
            ("sensor", "from", "to", "crash"),
            (
                (probe.name, _time(o.begin), _time(o.end), int(o.crash))
                for probe in probes
                for o in probe.outages
            ),
        )
        _table(
            folder / "clock_offsets.csv",
            ("sensor", "offset_seconds"),
            ((probe.name, f"{probe.offset / SECOND:.6f}") for probe in probes),
        )
        lost = sum(1 for found in self.found.values() if not found.flows)
        document = {
            **about,
            **script.facts,
            "unrecorded_connections": lost,
            "exfiltration_bytes": self._exfiltration(script),
        }
        (folder / "scenario.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    def _exfiltration(self, script: Script) -> int:
        """True IP-layer bytes of what was scripted as exfiltration."""
        wanted = [n for n, name in enumerate(self.labels) if name in ("exfiltration", "implant")]
        flows = script.flows()
        flows = flows[np.isin(flows["label"], wanted)]
        return int(ip_bytes(flows, self.v6)[0].sum()) if len(flows) else 0

    def _permitted(self, src: int, dst: int, proto: int, port: int, at: int) -> str:
        sites = int(self.sites[src]), int(self.sites[dst])
        if NOWHERE in sites:
            return "external"
        if sites[0] == sites[1]:
            return "intra_site"
        return self.register.judge(src, dst, proto, port, at)

    def _end(self, row: int) -> tuple[str, str, str]:
        host = self.company.hosts[row]
        if host.site < 0:
            return "", host.address, ""
        place = self.company.places[host.site]
        return place.realm, host.address, place.name

    def _row(self, key: tuple[int, int, int, int], found: Found) -> tuple[object, ...]:
        seen = sorted(found.seen.items())
        return (
            *self._end(key[0]),
            *self._end(key[1]),
            protocol_name(key[2]),
            key[3],
            found.verdict,
            "; ".join(found.labels),
            _time(found.first),
            _time(found.last),
            found.flows,
            found.established,
            found.out,
            found.back,
            ";".join(f"{name}={_time(at)}" for name, (at, _) in seen),
            ";".join(f"{name}={count}" for name, (_, count) in seen),
            found.unrecorded,
        )


def _time(at: int) -> str:
    return moment(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
