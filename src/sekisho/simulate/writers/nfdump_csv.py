"""`nfdump -o csv` (1.7) of what a router exports: one-way, cut at the active timeout, both halves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sekisho.model.protocols import ICMP, ICMP6, TCP, UDP
from sekisho.simulate.base import SECOND
from sekisho.simulate.calendar import moment
from sekisho.simulate.flows import REJ, RSTO, RSTR, S0, S1, Array, ip_bytes
from sekisho.simulate.sensors import Probe
from sekisho.simulate.text import blank_where, constant, lines, millis, stamps, table, whole
from sekisho.simulate.writers.base import clock

COLUMNS = (
    "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,"
    "ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,al,ra,eng,exid,tr"
)
RECORD = np.dtype(
    [
        ("start", "i8"),
        ("last", "i8"),
        ("log", "i8"),
        ("src", "i4"),
        ("dst", "i4"),
        ("sport", "i4"),
        ("dport", "i4"),
        ("proto", "i2"),
        ("flags", "i2"),
        ("packets", "i8"),
        ("octets", "i8"),
        ("way", "?"),
    ]
)
FLAGS = (
    "........",
    "...AP.SF",
    "...AP.S.",
    "...AP...",
    "...AP..F",
    "......S.",
    "...A.R..",
    "...APRS.",
    "...APR..",
)
_NONE, _ALL, _FIRST, _MIDDLE, _LAST, _SYN, _REFUSAL, _ALL_RESET, _LAST_RESET = range(9)
_ROUND_TRIP = 1500
_MACS = ",".join(["00:00:00:00:00:00"] * 4)
_LABELS = ",".join(["0-0-0"] * 10)


@dataclass(slots=True)
class NfdumpCsv:
    """See writers.base.Writer. Times are whole seconds in the sensor's zone."""

    probe: Probe
    v6: Array
    addresses: Array
    rng: np.random.Generator
    _shifts: dict[int, int] = field(default_factory=dict)

    def records(self, flows: Array, begin: Array) -> Array:
        """See writers.base.Writer."""
        out, back = ip_bytes(flows, self.v6)
        ways = [self._way(flows, begin, flows["pout"], out, np.zeros(len(flows), bool))]
        some = flows["pin"] > 0
        ways.append(
            self._way(
                flows[some],
                begin[some] + _ROUND_TRIP,
                flows["pin"][some],
                back[some],
                np.ones(int(some.sum()), bool),
            )
        )
        return np.concatenate(ways)

    def _way(self, flows: Array, begin: Array, packets: Array, octets: Array, reverse: Array) -> Array:
        lasting = np.maximum(flows["duration"] - _ROUND_TRIP * reverse, 0)
        lasting[packets == 1] = 0
        active = self.probe.active
        pieces = np.minimum(lasting // active + 1, packets)
        which = np.repeat(np.arange(len(flows)), pieces)
        piece = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        count = pieces[which]
        some = flows[which]
        out = np.zeros(len(which), dtype=RECORD)
        step = np.maximum(lasting[which] // count, 0)
        out["start"] = begin[which] + piece * step
        out["last"] = np.where(
            piece == count - 1, begin[which] + lasting[which], out["start"] + step - 1
        )
        out["last"] = np.maximum(out["last"], out["start"])
        out["log"] = out["last"]
        share = packets[which] // count
        out["packets"] = np.where(piece == count - 1, packets[which] - share * (count - 1), share)
        weight = octets[which] // np.maximum(packets[which], 1)
        head = weight * share
        out["octets"] = np.where(piece == count - 1, octets[which] - head * (count - 1), head)
        reverse = reverse[which]
        for name, other in (("src", "dst"), ("sport", "dport")):
            out[name] = np.where(reverse, some[other], some[name])
            out[other] = np.where(reverse, some[name], some[other])
        out["proto"] = some["proto"]
        out["flags"] = _flags(some, piece == 0, piece == count - 1, reverse)
        out["way"] = reverse
        return out

    def _local(self, times: Array) -> Array:
        """Times of the sensor's clock in its zone; no zone used here changes in the period."""
        day = int(times[0]) // (86_400 * SECOND) if len(times) else 0
        if day not in self._shifts:
            shift = moment(day * 86_400 * SECOND).astimezone(ZoneInfo(self.probe.timezone)).utcoffset()
            self._shifts[day] = (shift or timedelta()) // timedelta(microseconds=1)
        return times + self._shifts[day]

    def render(self, records: Array) -> bytes:
        """See writers.base.Writer."""
        n = len(records)
        comma = constant(",", n)
        icmp = np.isin(records["proto"], (ICMP, ICMP6))
        kind = np.where(records["way"], np.where(records["proto"] == ICMP, 0, 129), records["sport"])
        kind = np.where(icmp & ~records["way"], records["sport"], kind)
        kind = np.where(icmp, kind, 0)
        port = blank_where(whole(np.where(icmp, kind, records["dport"])), np.zeros(n, bool))
        code = blank_where(constant(".0", n), ~icmp)
        source = np.where(icmp, 0, records["sport"])
        start, last = self._local(records["start"]), self._local(records["last"])
        return lines(
            stamps(start),
            comma,
            stamps(last),
            comma,
            millis(records["last"] - records["start"]),
            comma,
            self.addresses[records["src"]],
            comma,
            self.addresses[records["dst"]],
            comma,
            whole(source),
            comma,
            port,
            code,
            _PROTOCOLS[_protocol(records["proto"])],
            _FLAGS[records["flags"]],
            whole(records["packets"], 3),
            comma,
            whole(records["octets"], 4),
            constant(
                f",0,0,1,2,0,0,0,0,0,0,0.0.0.0,0.0.0.0,0,0,{_MACS},{_LABELS},    0.000,    0.000,"
                f"    0.000,{self.probe.address},0/0,1,",
                n,
            ),
            stamps(last + SECOND),
            constant(".000\n", n),
        )

    def header(self, opened: int) -> bytes:
        """See writers.base.Writer."""
        return COLUMNS.encode() + b"\n"

    def footer(self, closed: int | None, records: int, octets: int, packets: int) -> bytes:
        """The summary block; a collector that died is asked later and has one all the same."""
        each = octets // packets if packets else 0
        return (
            "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n"
            f"{records},{octets},{packets},0,0,{each}\n"
        ).encode()

    def volume(self, records: Array) -> tuple[int, int]:
        """See writers.base.Writer."""
        return int(records["octets"].sum()), int(records["packets"].sum())

    def filename(self, opened: int, closed: int) -> str:
        """See writers.base.Writer."""
        return f"{clock(opened):%Y-%m-%d}/nfcapd.{clock(opened):%Y%m%d%H%M}.csv"


def _flags(flows: Array, first: Array, last: Array, reverse: Array) -> Array:
    state = flows["state"]
    reset = ((state == RSTO) & ~reverse) | ((state == RSTR) & reverse)
    fin = ~np.isin(state, (S1, RSTO, RSTR))
    whole_one = np.where(reset, _ALL_RESET, np.where(fin, _ALL, _FIRST))
    ending = np.where(reset, _LAST_RESET, np.where(fin, _LAST, _MIDDLE))
    flags = np.where(first & last, whole_one, np.where(first, _FIRST, np.where(last, ending, _MIDDLE)))
    flags = np.where(state == S0, _SYN, flags)
    flags = np.where(state == REJ, np.where(reverse, _REFUSAL, _SYN), flags)
    return np.asarray(np.where(flows["proto"] == TCP, flags, _NONE))


def _protocol(proto: Array) -> Array:
    return np.asarray((proto == UDP) * 1 + (proto == ICMP) * 2 + (proto == ICMP6) * 3)


_PROTOCOLS = table([",TCP,", ",UDP,", ",ICMP,", ",ICMP6,"])
_FLAGS = table([f"{flags},0,0," for flags in FLAGS])
