"""What a step through a relay is told with: its own sessions and records, the relay, and who may be hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.volume import byte_range
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import moment
from sekisho.investigate.relays.base import TOLD, Stitch
from sekisho.investigate.relays.relaying import WORDS
from sekisho.investigate.talks import Talk
from sekisho.model import protocols
from sekisho.model.findings import Bytes
from sekisho.model.hops import Client, Evidence, HiddenBehind, Through
from sekisho.store.lake import Lake

NEAR = timedelta(seconds=5)
"""Around a session's own uncorrected beginning: others of its connection may begin any moment."""
EACH, LOOKED = 4, 200
"""Records of a leg, and steps whose legs are looked up."""
Legs = tuple[tuple[Evidence, ...], tuple[Evidence, ...]]


@dataclass(slots=True)
class Passed:
    """Steps that stand for a relay's client: `stitches` by row, sessions (`talks`) by row on one clock,
    `offsets` the seconds by which sensors are ahead; `records` of both legs of each, see `gather`."""

    fabric: Fabric
    stitches: Mapping[int, Stitch]
    talks: Mapping[int, tuple[Talk, ...]]
    offsets: Mapping[str, float] = field(default_factory=dict)
    records: Mapping[int, Legs] = field(default_factory=dict)

    def gather(self, lake: Lake, steps: Iterable[tuple[int, int]]) -> dict[int, Legs]:
        """Records of the relay's side and of the client's, at the time of each step (row, microseconds)."""
        found: dict[int, Legs] = {}
        for row, at in steps:
            stitch = self.stitches.get(row)
            if stitch is None or len(found) >= LOOKED:
                continue
            place = self._place(row, at)
            if place is None:
                continue
            out = self._records(lake, stitch.out, self.talks[row][place])
            leg = stitch.legs[place] if stitch.legs else None
            found[row] = out, self._records(lake, leg.row, leg.talk) if leg else ()
        return found

    def _place(self, row: int, at: int) -> int | None:
        """Which session of the row began at the time of the step, or next after it."""
        talks = self.talks.get(row, ())
        return min(range(len(talks)), key=lambda n: abs(talks[n].start - at), default=None)

    def _began(self, talk: Talk) -> datetime:
        ahead = timedelta(seconds=self.offsets.get(talk.sensor, 0.0))
        return moment(talk.start) + ahead

    def _records(self, lake: Lake, row: int, talk: Talk) -> tuple[Evidence, ...]:
        at = self._began(talk)
        answer = lake.flows_of(self.fabric.table([row]), at - NEAR, at + NEAR, limit=EACH)
        return tuple(
            Evidence(
                path=one["path"],
                sha256=one["sha256"],
                row=one["row"],
                sensor=one["sensor"],
                at=one["start"],
            )
            for one in answer.flows.to_pylist()
        )

    def began(self, row: int) -> datetime | None:
        """When the first session of a stitched connection began, uncorrected; None for other rows."""
        talks = self.talks.get(row, ()) if row in self.stitches else ()
        return self._began(talks[0]) if talks else None

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """Records of both legs, the relay's first."""
        out, leg = self.records.get(row, ((), ()))
        return (*out, *leg)

    def bytes_of(self, row: int, measured: Mapping[str, Any], way: str) -> Bytes:
        """What its own sessions carried; `measured` is of the relay's whole connection, whose spread they
        share."""
        talks = self.talks.get(row, ())
        own = sum(talk.sent if way == "out" else talk.received for talk in talks)
        low, spread = int(measured[f"bytes_{way}"]), int(measured[f"bytes_{way}_spread"])
        part = round(spread * own / low) if low else spread
        return byte_range(own, part, int(measured["flags"]))

    def through(self, row: int, at: int) -> tuple[Through, ...]:
        """The relay by which a step came."""
        stitch = self.stitches.get(row)
        place = self._place(row, at)
        if stitch is None or stitch.hidden or place is None:
            return ()
        leg = stitch.legs[place]
        fabric = self.fabric
        return (
            Through(
                relay=stitch.relay.name,
                kind=stitch.relay.kind,
                **_end(fabric, fabric.ends(leg.row)[1]),
                port=int(fabric.port[leg.row]),
                protocol=protocols.name(int(fabric.protocol[leg.row])),
                at=moment(leg.talk.start),
                share=round(leg.share if stitch.share >= TOLD else stitch.share, 4),
                why=leg.text,
                evidence=self.records.get(row, ((), ()))[1],
            ),
        )

    def hidden_behind(self, row: int) -> HiddenBehind | None:
        """The relay that hides who took a step."""
        stitch = self.stitches.get(row)
        if stitch is None or not stitch.hidden:
            return None
        candidates = [
            Client(
                **_end(self.fabric, one.host),
                rank=number + 1,
                share=round(one.share, 4),
                sessions=one.sessions,
                why=one.text,
            )
            for number, one in enumerate(stitch.behind)
        ]
        return HiddenBehind(
            relay=stitch.relay.name,
            kind=stitch.relay.kind,
            **_end(self.fabric, stitch.host),
            why=stitch.why,
            candidates=tuple(candidates),
        )

    def label(self, host: int, row: int) -> str:
        """A host as sentences name it."""
        if not self.fabric.hidden(host):
            return self.fabric.address(host)
        stitch = self.stitches[row]
        return f"somebody behind the {WORDS[stitch.relay.kind]} {stitch.relay.name}"

    def notes(self, rows: Iterable[int]) -> Iterator[str]:
        """Of each step that nobody can be told of: what hides them, and who it may be."""
        for row in rows:
            told = self.hidden_behind(row)
            if told is None:
                continue
            _, dst = self.fabric.ends(row)
            could = ", ".join(f"{one.address} ({one.share:.0%})" for one in told.candidates)
            yield (
                f"who stood behind {told.relay} ({told.address}) towards {self.fabric.address(dst)} is"
                f" hidden: {told.why}; " + (f"it may be {could}" if could else "nobody is known")
            )


def _end(fabric: Fabric, host: int) -> dict[str, Any]:
    return {
        "address": fabric.address(host),
        "realm": fabric.realm(host) or None,
        "site": fabric.site(host),
    }
