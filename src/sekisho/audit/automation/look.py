"""Looks for automation in a judged window: asks the store for what the indicators need, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit.among import member
from sekisho.audit.automation import words
from sekisho.audit.automation.candidates import Chosen, candidates, within
from sekisho.audit.automation.contacts import Contacts, Ints
from sekisho.audit.automation.ends import Ends, ends
from sekisho.audit.automation.prevalence import Prevalence as Figure
from sekisho.audit.automation.signs import Signs, signs
from sekisho.audit.evidence import KEYS, Key, days_text
from sekisho.audit.marks import Judged, Mark
from sekisho.audit.onset import FRESH
from sekisho.audit.sight import Sight
from sekisho.model.addresses import text_of
from sekisho.model.findings import Automation, Check, PairFirstSeen, Prevalence
from sekisho.model.verdicts import OnsetKind, Rank
from sekisho.store.base import microseconds

FLOWS = 2_000_000
"""Flows that are read at most unless asked otherwise."""
GONE_THROUGH = 20_000_000
"""Flows of a lake in which few connections are searched at once: of more it takes longer than who waits for
an answer about them has."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = Signs()


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, by connection: the columns of findings, and marks of what is remarkable."""

    columns: Mapping[Key, Automation] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    notes: tuple[str, ...] = ()


def look(judged: Judged, limit: int = FLOWS, of: pa.Table | None = None) -> Look:
    """Automation on connections between sites and to the outside, or on those in `of` (keys) alone; raw flows
    of at most `limit` are read, none where it is 0. What was not read is named in the notes."""
    if not limit:
        return Look(notes=("automation was not looked for: audit.automation_flows is 0",))
    table = judged.stage.judged()
    table = table.filter(pa.array(table["rank"].to_numpy() > Rank.INTRA_SITE))
    flows = int(table["flows"].to_numpy().sum())
    if of is not None and flows > GONE_THROUGH:
        why = f"{flows:,} flows would be gone through for it"
        return Look(notes=(f"automation was not looked for here: {why}; `sekisho audit` does",))
    begin, end = judged.coverage.extent()
    if not table.num_rows or begin is None or end is None:
        return Look()
    hosts = ends(table, judged.compiled, judged.end or end)
    rank = table["rank"].to_numpy().astype(np.int64)
    pair_first = _pair_first(judged, table, hosts)
    wanted = candidates(
        rank,
        table["protocol"].to_numpy().astype(np.int64),
        table["port"].to_numpy().astype(np.int64),
        pair_first,
        hosts,
        microseconds(begin),
    )
    if of is not None:
        wanted &= member(table, of)
    chosen = within(wanted, rank, table["flows"].to_numpy().astype(np.int64), hosts, limit)
    asked = table.take(pa.array(chosen.places)).select(KEYS)
    found = judged.lake.uses.contacts(asked, judged.begin, judged.end)
    contacts = Contacts.of({name: found.rows[name].to_numpy() for name in found.rows.column_names})
    of_raw = signs(contacts, *found.window)
    columns, marks = _told(judged, asked, chosen, hosts, rank, pair_first, of_raw)
    return Look(columns, marks, tuple(_notes(chosen, found.pruned, limit)))


def _pair_first(judged: Judged, table: Any, hosts: Ends) -> Ints:
    """Microseconds. A window that begins later than evidence must ask what was before it."""
    first = table["first"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    if judged.begin is not None:
        first = np.minimum(first, judged.lake.pairs_first(table.select(KEYS)).to_numpy())
    return hosts.pair_first(first)


def _told(
    judged: Judged,
    asked: Any,
    chosen: Chosen,
    hosts: Ends,
    rank: Ints,
    pair_first: Ints,
    found: Mapping[int, Signs],
) -> tuple[dict[Key, Automation], list[Mark]]:
    sight = Sight(judged.inventory.sensors)
    columns: dict[Key, Automation] = {}
    marks: list[Mark] = []
    rows = zip(*(asked[name].to_pylist() for name in KEYS), strict=True)
    for number, (key, place) in enumerate(zip(rows, chosen.places.tolist(), strict=True)):
        said = found.get(number, _NOTHING)
        if rank[place] < Rank.UNMAPPED and not said.strong:
            continue
        columns[key] = Automation(
            beacon=said.beacon,
            long=said.long,
            strobe=said.strobe,
            prevalence=_prevalence(hosts, place, key),
            pair_first_seen=_first_seen(judged, sight, hosts, place, int(pair_first[place])),
            strong=said.strong,
        )
        if said.strong:
            marks.append(Mark(key, "automation", "info", Check(id="automation", text=_headline(said))))
    return columns, marks


def _headline(said: Signs) -> str:
    if said.strobe:
        return "contacts once a second and more, as no person makes them"
    if said.beacon and said.beacon.regular:
        return f"keeps a beat of {words.span(said.beacon.interval_seconds)}, as a program does"
    return "is held open for most of a day, as a program does"


def _prevalence(hosts: Ends, place: int, key: Key) -> Prevalence:
    peer = int(hosts.peer[place])
    figure = Figure(int(hosts.talked_to_by[peer]), hosts.hosts)
    hi, lo = (key[4], key[5]) if peer == hosts.dst[place] else (key[1], key[2])
    return Prevalence(
        hosts=figure.hosts,
        of=figure.of,
        share=round(figure.share, 6),
        rare=figure.rare,
        common=figure.common,
        text=words.prevalence_text(figure.hosts, figure.of, text_of(hi, lo)),
    )


def _first_seen(judged: Judged, sight: Sight, hosts: Ends, place: int, first: int) -> PairFirstSeen:
    at = _EPOCH + timedelta(microseconds=first)
    src, dst = (hosts.sites[int(hosts.site[side[place]])] for side in (hosts.src, hosts.dst))
    since = judged.coverage.since(sight.able(src, dst, src is None or dst is None), at)
    kind: OnsetKind = "on_or_before" if since is None or at - since <= FRESH else "observed"
    return PairFirstSeen(at=at, kind=kind, text=words.first_seen_text(at, kind))


def _notes(chosen: Chosen, pruned: Sequence[int], limit: int) -> Iterable[str]:
    if chosen.left_out:
        yield (
            f"automation was not looked for on {chosen.left_out} connections, those to the commonest peers:"
            f" more than {limit} flows would have been read (audit.automation_flows)"
        )
    if pruned:
        yield f"automation could not be seen on {days_text(pruned)}, whose raw flows were pruned"
