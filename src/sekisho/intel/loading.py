"""The indicators of all feeds as they are hunted for: each with an end, a confidence and a label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.errors import IntegrityError
from sekisho.intel.entries import ENTRIES
from sekisho.intel.feeds import Feed, Feeds
from sekisho.intel.keeping import Keeper, Kept
from sekisho.intel.shapes import KNOWLEDGE
from sekisho.intel.warning_lists import NONE, WarningLists
from sekisho.model.flows import TIME
from sekisho.model.hunts import FeedDocument, FeedStanding
from sekisho.model.indicators import INDICATORS, IndicatorKind
from sekisho.store.hunting import ASKED_ADDRESSES, ASKED_NAMES, ASKED_PREFIXES, Asked
from sekisho.store.queries.hunting import BELOW, HOST

LOADED = pa.schema([*INDICATORS, ("feed", pa.string()), ("expired", pa.bool_())])
_FAMILIES = {
    IndicatorKind.DOMAIN: (BELOW,),
    IndicatorKind.JA3: ("ja3", "ja3s"),
    **{
        kind: (kind.value,)
        for kind in (
            IndicatorKind.MD5,
            IndicatorKind.SHA1,
            IndicatorKind.SHA256,
            IndicatorKind.CERTIFICATE_SHA1,
            IndicatorKind.CERTIFICATE_SHA256,
            IndicatorKind.JA4,
        )
    },
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """`rows` are LOADED; the place of a row is the indicator's number. `feeds` is how each feed stands, `lists`
    what raises nothing."""

    rows: pa.Table
    feeds: tuple[FeedDocument, ...]
    lists: WarningLists = NONE

    def feed(self, name: str) -> FeedDocument:
        """How a feed stands."""
        return next(one for one in self.feeds if one.name == name)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of feeds before believing that nothing else is indicated."""
        said = []
        for one in self.feeds:
            if one.standing == "never" and one.error:
                said.append(f"the feed {one.name} could never be fetched: {one.error}")
            elif one.standing == "never":
                said.append(f"the feed {one.name} was never fetched: `sekisho intel refresh`")
            elif one.standing == "stale":
                said.append(
                    f"the feed {one.name} is {age(one.age_seconds)} old: what is newer was not looked for"
                )
            if one.standing == "failing":
                said.append(f"the feed {one.name} could not be refreshed: {one.error}")
        return tuple(said)


def age(seconds: int | None) -> str:
    """How old, in words."""
    if seconds is None:
        return "of unknown age"
    hours = seconds // 3600
    if hours < 48:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{hours // 24} days"


def load(
    keeper: Keeper,
    feeds: Feeds,
    now: datetime,
    only: tuple[str, ...] = (),
    lists: WarningLists = NONE,
) -> Loaded:
    """The indicators of the feeds that are enabled, or of some of these. A feed that cannot be read has none,
    and says so."""
    tables = [LOADED.empty_table()]
    documents = []
    for feed in feeds.feeds.values():
        if only and feed.name not in only:
            continue
        if feed.said.kind in KNOWLEDGE:
            documents.append(_knowing(keeper, feed, now))
            continue
        kept, rows, error = _read(keeper, feed)
        loaded = _loaded(feed, kept, rows, now)
        if feed.said.enabled:
            tables.append(loaded)
        documents.append(_document(feed, kept, loaded, now, error))
    return Loaded(pa.concat_tables(tables).combine_chunks(), tuple(documents), lists)


def entries(keeper: Keeper, feed: Feed, now: datetime) -> tuple[pa.Table, pa.Table]:
    """The entries (ENTRIES) of a feed that count, and those that are expired. Raises IntegrityError."""
    kept = keeper.state(feed.name)
    rows = keeper.rows(feed.name, kept if kept.of == feed.sha256 else Kept(), ENTRIES)
    span = feed.said.expires_after
    if span is None:
        return rows, rows.slice(0, 0)
    old = pc.fill_null(pc.less_equal(_later(rows["at"], span), pa.scalar(now, TIME)), fill_value=False)
    return rows.filter(pc.invert(old)), rows.filter(old)


def _knowing(keeper: Keeper, feed: Feed, now: datetime) -> FeedDocument:
    """How a feed stands that holds no indicators."""
    empty, error, expired = LOADED.empty_table(), "", 0
    kept = Kept()
    try:
        kept = keeper.state(feed.name)
        if kept.of != feed.sha256:
            kept = Kept(tried=kept.tried, error=kept.error)
        if feed.said.kind != "attack":
            expired = entries(keeper, feed, now)[1].num_rows
    except IntegrityError as damage:
        error = f"{damage}: {damage.mend}"
    document = _document(feed, kept, empty, now, error)
    return document.model_copy(update={"entries": kept.indicators, "expired": expired})


def _read(keeper: Keeper, feed: Feed) -> tuple[Kept, pa.Table, str]:
    empty = INDICATORS.empty_table()
    try:
        kept = keeper.state(feed.name)
        if kept.of != feed.sha256:
            return Kept(tried=kept.tried, error=kept.error), empty, ""
        return kept, keeper.rows(feed.name, kept), ""
    except IntegrityError as error:
        return Kept(), empty, f"{error}: {error.mend}"


def _loaded(feed: Feed, kept: Kept, rows: pa.Table, now: datetime) -> pa.Table:
    said = feed.said
    until = rows["valid_until"]
    if said.expires_after is not None:
        since = rows["seen"]
        if kept.checked is not None:
            since = pc.coalesce(since, pa.scalar(kept.checked, TIME))
        until = pc.coalesce(until, _later(since, said.expires_after))
    most = pa.scalar(said.confidence, pa.int16())
    columns = {
        "valid_until": until,
        "confidence": pc.min_element_wise(pc.coalesce(rows["confidence"], most), most),
        "tlp": pc.coalesce(rows["tlp"], pa.scalar(said.tlp)),
    }
    for name, column in columns.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, INDICATORS.field(name), column.cast(INDICATORS.field(name).type))
    expired = pc.fill_null(pc.less_equal(until, pa.scalar(now, TIME)), fill_value=False)
    names = pa.array([feed.name], pa.string()).take(pa.array([0] * rows.num_rows, pa.int64()))
    return rows.append_column("feed", names).append_column("expired", expired).cast(LOADED)


def _later(since: Any, span: timedelta) -> Any:
    """Times and a span; beyond what a calendar holds there is no end."""
    micros = since.cast(pa.int64())
    latest = (1 << 62) - 1
    added = pc.add(
        pc.min_element_wise(micros, pa.scalar(latest, pa.int64())), span // timedelta(microseconds=1)
    )
    return (
        pc.if_else(pc.greater(added, 253_402_300_799_000_000), None, added).cast(pa.int64()).cast(TIME)
    )


def _document(feed: Feed, kept: Kept, loaded: pa.Table, now: datetime, error: str) -> FeedDocument:
    said = feed.said
    seconds = None if kept.checked is None else max(int((now - kept.checked).total_seconds()), 0)
    standing: FeedStanding = "current"
    if not said.enabled:
        standing = "off"
    elif seconds is None:
        standing = "never"
    elif seconds > said.stale.total_seconds():
        standing = "stale"
    elif kept.error or error:
        standing = "failing"
    expired = pc.sum(loaded["expired"]).as_py() or 0
    return FeedDocument(
        name=feed.name,
        kind=said.kind,
        place=said.path or (said.url or "").split("?")[0] or "the package of the extra `attack`",
        licence=said.licence,
        tlp=said.tlp,
        confidence=said.confidence,
        standing=standing,
        checked=kept.checked,
        changed=kept.changed,
        age_seconds=seconds,
        error=error or kept.error or None,
        indicators=loaded.num_rows,
        expired=expired,
        aside=dict(sorted(kept.aside.items())),
        examples={why: tuple(some) for why, some in sorted(kept.examples.items())},
    )


def asked_of(rows: pa.Table) -> Asked:
    """The indicators (LOADED) as the lake is asked for them, numbered by their place."""
    numbered = rows.append_column("number", pa.array(range(rows.num_rows), pa.int64()))
    networks = numbered.filter(pc.is_valid(numbered["hi"]))
    single = pc.equal(networks["length"], 128)
    names = [ASKED_NAMES.empty_table()]
    for kind, families in _FAMILIES.items():
        some = numbered.filter(pc.equal(numbered["kind"], kind.value))
        names += [_named(some, "value", family) for family in families if some.num_rows]
    hosts = numbered.filter(pc.is_valid(numbered["host"]))
    if hosts.num_rows:
        names.append(_named(hosts, "host", HOST))
    return Asked(
        networks.filter(single).select(ASKED_ADDRESSES.names).cast(ASKED_ADDRESSES),
        networks.filter(pc.invert(single)).select(ASKED_PREFIXES.names).cast(ASKED_PREFIXES),
        pa.concat_tables(names),
    )


def _named(rows: pa.Table, column: str, family: str) -> pa.Table:
    families = pa.array([family], pa.string()).take(pa.array([0] * rows.num_rows, pa.int64()))
    return pa.table(
        {"number": rows["number"], "family": families, "value": rows[column]}, schema=ASKED_NAMES
    )
