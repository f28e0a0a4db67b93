"""Zeek's conn.log as its JSON writer writes it, keys dotted or underscored, unset fields absent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.model.protocols import ICMP6
from sekisho.simulate.flows import APPS, STATES, Array
from sekisho.simulate.sensors import Probe
from sekisho.simulate.text import blank_where, constant, lines, micros, table, uids, whole
from sekisho.simulate.writers import zeek
from sekisho.simulate.writers.base import clock


@dataclass(slots=True)
class ZeekJson:
    """See writers.base.Writer."""

    probe: Probe
    v6: Array
    addresses: Array
    rng: np.random.Generator

    def records(self, flows: Array, begin: Array) -> Array:
        """See writers.base.Writer."""
        return zeek.records(flows, begin, self.v6, self.rng)

    def render(self, records: Array) -> bytes:
        """See writers.base.Writer."""
        n = len(records)
        dot = self.probe.keys

        def key(text: str) -> Array:
            return constant(text.replace("id.", f"id{dot}"), n)

        unset = records["unset"]
        return lines(
            key('{"ts":'),
            micros(records["start"]),
            key(',"uid":"'),
            uids(self.rng, n),
            key('","id.orig_h":"'),
            self.addresses[records["src"]],
            key('","id.orig_p":'),
            whole(records["sport"]),
            key(',"id.resp_h":"'),
            self.addresses[records["dst"]],
            key('","id.resp_p":'),
            whole(records["dport"]),
            _PROTOCOLS[(records["proto"] == 17) + 2 * np.isin(records["proto"], (1, ICMP6))],
            _APPS[records["app"]],
            blank_where(key(',"duration":'), unset),
            blank_where(micros(records["duration"], 2), unset),
            blank_where(key(',"orig_bytes":'), unset),
            blank_where(whole(records["out"], 4), unset),
            blank_where(key(',"resp_bytes":'), unset),
            blank_where(whole(records["in"], 4), unset),
            _STATES[records["state"]],
            whole(records["missed"], 3),
            _HISTORIES[records["history"]],
            key(',"orig_pkts":'),
            whole(records["pout"]),
            key(',"orig_ip_bytes":'),
            whole(records["oip"], 4),
            key(',"resp_pkts":'),
            whole(records["pin"]),
            key(',"resp_ip_bytes":'),
            whole(records["iip"], 4),
            key("}\n"),
        )

    def header(self, opened: int) -> bytes:
        """JSON lines have none."""
        return b""

    def footer(self, closed: int | None, records: int, octets: int, packets: int) -> bytes:
        """JSON lines have none."""
        return b""

    def volume(self, records: Array) -> tuple[int, int]:
        """Not needed here."""
        return 0, 0

    def filename(self, opened: int, closed: int) -> str:
        """See writers.base.Writer."""
        return f"{clock(opened):%Y-%m-%d}/conn.{clock(opened):%H:%M:%S}-{clock(closed):%H:%M:%S}.log"


_PROTOCOLS = table([',"proto":"tcp"', ',"proto":"udp"', ',"proto":"icmp"'])
_APPS = table(["" if app == "-" else f',"service":"{app}"' for app in APPS])
_STATES = table([f',"conn_state":"{state}","missed_bytes":' for state in STATES])
_HISTORIES = table(["" if text == "-" else f',"history":"{text}"' for text in zeek.HISTORIES])
