"""What terminals answered before, held against the indicators of now.

Feeds name today what ran a month ago. Rows that the service took are in the lake and need not be asked for
again; what was imported is judged again by `import --again`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sekisho.app.checking.asked import checks_of
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.terminals import resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.checks.indicators import COLLECTED, NAME, Indicators
from sekisho.fleet.collections.base import MOST_ROWS, Row
from sekisho.fleet.collections.osquery import named
from sekisho.fleet.resolve import ID_LENGTH, Resolved
from sekisho.model.fleet import AgainItem, FleetHuntDocument
from sekisho.model.terminals import CheckAnswer, Sighting
from sekisho.store.layout import Layout

AGAIN = "looked again"
"""Stands where an answer names the file that it came in."""
MOST = 10_000
"""Findings that are told."""
_COLUMNS = ["received", "hostname", "uuid", "name", "columns"]


@dataclass(frozen=True, slots=True)
class _Found:
    who: Sighting
    at: datetime
    text: str


def rehunt(workspace: Workspace, *, now: datetime, begin: datetime | None = None) -> FleetHuntDocument:
    """Look through everything that the service took since `begin` (None: all of it).

    What is new becomes an answer of its terminal, given now, where it came since the latest campaign began.
    Raises RequestError where there are no indicators, FileProblems.
    """
    check = next((c for c in checks_of(workspace, now) if isinstance(c, Indicators)), None)
    if check is None or check.known is None or not check.known.rows.num_rows:
        raise RequestError(
            "there are no indicators", "`sekisho intel add`, then `sekisho intel refresh`"
        )
    layout = Layout(workspace.lake)
    found: dict[tuple[str, str], _Found] = {}
    notes: list[str] = list(check.known.notes)
    files = rows = 0
    with open_decisions(workspace) as decisions:
        for lot in decisions.state.nodes().lots():
            if begin is not None and lot.at < begin:
                continue
            path = layout.results / lot.path
            if not path.is_file():
                notes.append(f"{lot.path} is not there any more: what it held was not looked through")
                continue
            files += 1
            for who, at, tables, count in _machines(path, check.also, begin):
                rows += count
                for text in check.judge(tables):
                    one = _Found(who, at, text[:500])
                    before = found.get((who.id, one.text))
                    if before is None or at < before.at:
                        found[who.id, one.text] = one
        known = resolved(decisions, read_inventory(workspace), now)
        items = _kept(decisions, known, list(found.values()), now)
    if not files:
        notes.append("the service took nothing in this time: nothing found says nothing")
    if len(items) > MOST:
        notes.append(f"of {len(items):,} findings {MOST:,} are told")
    return FleetHuntDocument.model_validate(
        {
            "made": now,
            "from": begin,
            "files": files,
            "rows": rows,
            "found": items[:MOST],
            "new": sum(item.new for item in items),
            "notes": notes,
        }
    )


def _machines(
    path: Path, wanted: tuple[str, ...], begin: datetime | None
) -> Iterator[tuple[Sighting, datetime, Mapping[str, list[Row]], int]]:
    """Machines of one file with the rows that matter; each with when the first of them came."""
    table = pq.read_table(path, columns=_COLUMNS)
    tables = sorted((one for one in wanted if one != COLLECTED), key=len, reverse=True)
    # A person's own question that is called like a table may hold what is looked for as well.
    asked = pc.unique(table["name"]).to_pylist()
    names = {n: t for n in asked if (t := named(n.removeprefix("q_"), tables)) is not None}
    chosen = pc.and_(
        pc.is_in(table["name"], value_set=pa.array(sorted(names), pa.string())),
        pc.is_valid(table["columns"]),
    )
    if begin is not None:
        chosen = pc.and_(chosen, pc.greater_equal(table["received"], pa.scalar(begin)))
    machines: dict[tuple[str, str], tuple[datetime, dict[str, list[Row]]]] = {}
    for row in table.filter(chosen).to_pylist():
        who = row["hostname"], row["uuid"]
        at, held = machines.get(who, (row["received"], {}))
        rows = held.setdefault(names[row["name"]], [])
        if len(rows) < MOST_ROWS:
            rows.append(dict(row["columns"]))
        machines[who] = min(at, row["received"]), held
    for (hostname, uuid), (at, held) in machines.items():
        yield Sighting(hostname, uuid=uuid), at, held, sum(map(len, held.values()))


def _kept(decisions: Decisions, known: Resolved, found: list[_Found], now: datetime) -> list[AgainItem]:
    store = decisions.state.fleet()
    said: set[tuple[str, str]] = set()
    for answer in store.found((NAME,)):
        home = known.match(answer.who)
        if home is not None:
            said |= {(home.id, _same(text)) for text in answer.findings}
    campaigns = [c for c in store.campaigns() if c.checks]
    since = campaigns[-1].begin if campaigns else None
    items: list[AgainItem] = []
    fresh: dict[str, tuple[Sighting, list[str]]] = {}
    for one in sorted(found, key=lambda f: (f.at, f.who.hostname, f.text)):
        home = known.match(one.who)
        new = home is not None and (home.id, _same(one.text)) not in said
        items.append(
            AgainItem(
                terminal=f"T-{home.id[:ID_LENGTH]}" if home else None,
                hostname=one.who.hostname or one.who.uuid,
                site=home.site if home else None,
                at=one.at,
                finding=one.text,
                new=new,
            )
        )
        if new and home is not None and (since is None or one.at >= since):
            fresh.setdefault(home.id, (one.who, []))[1].append(one.text)
    store.add([_answer(who, texts, now) for who, texts in fresh.values()])
    return items


def _same(text: str) -> str:
    """What stays of a finding when its feed believes it more, or for longer."""
    return text.partition(", TLP:")[0]


def _answer(who: Sighting, texts: list[str], now: datetime) -> CheckAnswer:
    words = "\x1f".join((AGAIN, who.id, *texts))
    return CheckAnswer(
        id=hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),
        intake=AGAIN,
        who=who,
        check=NAME,
        outcome="findings",
        received=now,
        findings=tuple(texts[:100]),
    )
