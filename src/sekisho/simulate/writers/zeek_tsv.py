"""Zeek's conn.log as its ASCII writer writes it, rotated into an archive as zeekctl names it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.model.protocols import ICMP6
from sekisho.simulate.flows import APPS, STATES, Array
from sekisho.simulate.sensors import Probe
from sekisho.simulate.text import blank_where, constant, lines, micros, table, uids, whole
from sekisho.simulate.writers import zeek
from sekisho.simulate.writers.base import clock

FIELDS = (
    "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\t"
    "orig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\t"
    "orig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents"
)
TYPES = (
    "time\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\t"
    "count\tcount\tstring\tbool\tbool\tcount\tstring\t"
    "count\tcount\tcount\tcount\tset[string]"
)


def header(opened: int) -> bytes:
    """The lines before the records."""
    return "\n".join(
        (
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            "#path\tconn",
            f"#open\t{clock(opened):%Y-%m-%d-%H-%M-%S}",
            f"#fields\t{FIELDS}",
            f"#types\t{TYPES}",
            "",
        )
    ).encode()


def footer(closed: int | None) -> bytes:
    """The line after the records; nothing where the program died."""
    return b"" if closed is None else f"#close\t{clock(closed):%Y-%m-%d-%H-%M-%S}\n".encode()


@dataclass(slots=True)
class ZeekTsv:
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
        tab = constant("\t", n)
        return lines(
            micros(records["start"]),
            uids(self.rng, n, "\t"),
            tab,
            self.addresses[records["src"]],
            tab,
            whole(records["sport"]),
            tab,
            self.addresses[records["dst"]],
            tab,
            whole(records["dport"]),
            _PROTOCOLS[(records["proto"] == 17) + 2 * np.isin(records["proto"], (1, ICMP6))],
            _APPS[records["app"]],
            blank_where(micros(records["duration"], 2), records["unset"], "-"),
            tab,
            blank_where(whole(records["out"], 4), records["unset"], "-"),
            tab,
            blank_where(whole(records["in"], 4), records["unset"], "-"),
            _STATES[records["state"]],
            whole(records["missed"], 3),
            _HISTORIES[records["history"]],
            whole(records["pout"]),
            tab,
            whole(records["oip"], 4),
            tab,
            whole(records["pin"]),
            tab,
            whole(records["iip"], 4),
            constant("\t-\n", n),
        )

    def header(self, opened: int) -> bytes:
        """See writers.base.Writer."""
        return header(opened)

    def footer(self, closed: int | None, records: int, octets: int, packets: int) -> bytes:
        """See writers.base.Writer."""
        return footer(closed)

    def volume(self, records: Array) -> tuple[int, int]:
        """Not needed here."""
        return 0, 0

    def filename(self, opened: int, closed: int) -> str:
        """See writers.base.Writer."""
        return f"{clock(opened):%Y-%m-%d}/conn.{clock(opened):%H:%M:%S}-{clock(closed):%H:%M:%S}.log"


_PROTOCOLS = table(["\ttcp\t", "\tudp\t", "\ticmp\t"])
_APPS = table([f"{app}\t" for app in APPS])
_STATES = table([f"\t{state}\t-\t-\t" for state in STATES])
_HISTORIES = table([f"\t{history}\t" for history in zeek.HISTORIES])
