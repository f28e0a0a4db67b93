"""Feeds fetched or read anew, one by one: what fails leaves what was, and says so."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.app.hunting.learning import learn
from sekisho.app.hunting.registry import document_of, keeper_of, known, lists_of, read_feeds
from sekisho.app.logging import info
from sekisho.app.secrets import SecretReference
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.intel.base import LARGEST_DOCUMENT, FeedError, Item
from sekisho.intel.entries import arrivals
from sekisho.intel.feeds import Feed
from sekisho.intel.fetching import LONGEST_WAIT, Door, Fetcher
from sekisho.intel.gathering import Gathered, gather
from sekisho.intel.keeping import Keeper, Kept
from sekisho.intel.loading import load
from sekisho.intel.misp import Misp
from sekisho.intel.readers.registry import READERS
from sekisho.intel.readers.stix import items as stix_items
from sekisho.intel.screening import Screen
from sekisho.intel.shapes import KNOWLEDGE
from sekisho.intel.taxii import Taxii
from sekisho.model.hunts import FeedsDocument
from sekisho.model.indicators import MOST_INDICATORS

Step = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Clockwork:
    """How waiting is done, and by what chance."""

    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def refresh(
    workspace: Workspace,
    names: tuple[str, ...],
    *,
    now: datetime,
    clockwork: Clockwork | None = None,
    step: Step | None = None,
) -> FeedsDocument:
    """Fetch some feeds, or all that are enabled, and give how they stand then.

    What could not be had keeps its indicators and its age, with the error beside them. Raises FileProblems,
    RequestError where another process refreshes.
    """
    feeds = read_feeds(workspace)
    wanted = [feeds.feeds[one] for one in known(feeds, names)] or list(feeds.enabled)
    keeper = keeper_of(workspace)
    screen = Screen.of(read_inventory(workspace), lists_of(workspace, feeds))
    with keeper.writing():
        for done, feed in enumerate(wanted):
            if step is not None:
                step(f"feed {feed.name}", done, len(wanted))
            others = sum(
                keeper.state(one.name).indicators
                for one in feeds.feeds.values()
                if one.name != feed.name and one.said.kind not in KNOWLEDGE
            )
            room = MOST_INDICATORS - others
            _refresh(workspace, keeper, feed, screen, room, now, clockwork or Clockwork())
        return document_of(load(keeper, feeds, now, names), now)


def _refresh(
    workspace: Workspace,
    keeper: Keeper,
    feed: Feed,
    screen: Screen,
    room: int,
    now: datetime,
    clockwork: Clockwork,
) -> None:
    kept = keeper.state(feed.name)
    if kept.of != feed.sha256:
        # From elsewhere it is another feed: nothing of what was kept says anything of it.
        kept = Kept(of=feed.sha256, file=kept.file)
        before = keeper.rows(feed.name, Kept())
        rows: pa.Table | None = None if feed.said.kind in KNOWLEDGE else before
    else:
        before = keeper.rows(feed.name, Kept() if feed.said.kind in KNOWLEDGE else kept)
        rows = None
    if kept.again is not None and kept.again > now:
        return
    scratch = keeper.folder(feed.name) / f".answer.{os.getpid()}"
    try:
        update, found = _Source(workspace, keeper, feed, screen, room, now, clockwork, scratch).have(
            kept
        )
    except RequestError as error:
        wait = error.wait if isinstance(error, FeedError) else None
        again = None if wait is None else now + timedelta(seconds=min(wait, 86_400 * 7))
        mend = error.mend
        if wait is not None and wait > LONGEST_WAIT:
            mend = f"it wants not to be asked again before {again:%Y-%m-%d %H:%M} UTC"
        said = f"{error}" + (f" ({mend})" if mend else "")
        failed = kept.model_copy(update={"tried": now, "error": said[:500], "again": again})
        keeper.put(feed.name, failed, rows)
        info("feed failed", feed=feed.name)
        return
    finally:
        scratch.unlink(missing_ok=True)
    update |= {"tried": now, "error": "", "again": None}
    if found is not None and feed.said.kind not in KNOWLEDGE:
        found = arrivals(found, before, now)
    keeper.put(feed.name, kept.model_copy(update=update), rows if found is None else found)
    info("feed refreshed", feed=feed.name)


@dataclass(frozen=True, slots=True)
class _Source:
    workspace: Workspace
    keeper: Keeper
    feed: Feed
    screen: Screen
    room: int
    now: datetime
    clockwork: Clockwork
    scratch: Path

    def have(self, kept: Kept) -> tuple[dict[str, object], pa.Table | None]:
        """What changes of how it stands, and its indicators where these are new."""
        said = self.feed.said
        if said.kind in KNOWLEDGE:
            return self._learned(kept)
        if said.path is not None:
            return self._file(self.workspace.root / said.path, kept)
        url = said.url or ""
        with Fetcher(self._door(), self.clockwork.sleep, self.clockwork.chance) as fetcher:
            if said.kind == "taxii":
                return self._taxii(fetcher, url, kept)
            if said.kind == "misp":
                return self._taken(Misp(fetcher, self.scratch).items(url))
            asked = {"If-None-Match": kept.etag} if kept.etag else {}
            asked |= {"If-Modified-Since": kept.modified} if kept.modified else {}
            reader = READERS[said.kind]
            answer = fetcher.into(self.scratch, url, reader.largest, asked if kept.file else {})
            if answer.same:
                return {"checked": self.now}, None
            headers = {name.lower(): value for name, value in answer.headers.items()}
            update, rows = self._taken(reader.read(self.scratch, self.feed.columns))
            update |= {"etag": headers.get("etag", "")[:1000]}
            return update | {"modified": headers.get("last-modified", "")[:100]}, rows

    def _learned(self, kept: Kept) -> tuple[dict[str, object], pa.Table | None]:
        said = self.feed.said
        if said.url is None:
            return learn(self.workspace, self.keeper, self.feed, kept, None, self.now)
        asked = {"If-None-Match": kept.etag} if kept.etag else {}
        with Fetcher(self._door(), self.clockwork.sleep, self.clockwork.chance) as fetcher:
            answer = fetcher.into(self.scratch, said.url, LARGEST_DOCUMENT, asked)
        if answer.same:
            return {"checked": self.now}, None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        update, rows = learn(self.workspace, self.keeper, self.feed, kept, self.scratch, self.now)
        return update | {"checked": self.now, "etag": headers.get("etag", "")[:1000]}, rows

    def _file(self, path: Path, kept: Kept) -> tuple[dict[str, object], pa.Table | None]:
        """A file is as old as it says itself, whenever it is read."""
        reader = READERS[self.feed.said.kind]
        try:
            state = path.stat()
            if state.st_size > reader.largest:
                raise FeedError(f"{path} has more than {reader.largest:,} bytes: refused")
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FeedError(f"cannot read {path}: {error.strerror}", "look at `path:`") from None
        written = min(datetime.fromtimestamp(state.st_mtime, UTC), self.now)
        if kept.etag == sha256 and kept.file:
            return {"checked": written}, None
        update, rows = self._taken(reader.read(path, self.feed.columns))
        return update | {"checked": written, "etag": sha256}, rows

    def _taxii(
        self, fetcher: Fetcher, url: str, kept: Kept
    ) -> tuple[dict[str, object], pa.Table | None]:
        client = Taxii(fetcher, self.scratch)
        objects = client.objects(url, self.feed.said.collection or "", kept.added)
        new = gather(stix_items(objects), self.screen, self.room)
        if not kept.added:
            added = {"added": client.added}
            return self._said(new) | added, new.rows
        if not new.superseded and not new.aside:
            return {"checked": self.now}, None
        before = self.keeper.rows(self.feed.name, kept)
        gone = pa.array(sorted(new.superseded), pa.string())
        stays = before.filter(pc.invert(pc.is_in(before["source"], value_set=gone)))
        rows = pa.concat_tables([stays, new.rows])
        if rows.num_rows > self.room:
            raise FeedError(f"it holds more than the {self.room:,} indicators that there is room for")
        update = self._said(new) | {"added": client.added or kept.added}
        update["aside"] = dict(Counter(kept.aside) + new.aside)
        update["examples"] = kept.examples | new.examples
        return update, rows

    def _taken(self, items: Iterable[Item]) -> tuple[dict[str, object], pa.Table]:
        found = gather(items, self.screen, self.room)
        if not found.rows.num_rows and set(found.aside) == {"malformed"}:
            # An error page or a portal's login would take the place of all that was had before.
            begins = found.examples["malformed"][0]
            raise FeedError(
                f"nothing of it can be read: {begins}", "look at what it answers; what was had is kept"
            )
        return self._said(found), found.rows

    def _said(self, found: Gathered) -> dict[str, object]:
        return {
            "checked": self.now,
            "changed": self.now,
            "aside": dict(found.aside),
            "examples": found.examples,
        }

    def _door(self) -> Door:
        said = self.feed.said
        headers: dict[str, str] = {}
        login = None
        if said.secret is not None:
            reference = SecretReference(env=said.secret.env, file=said.secret.file)
            secret = reference.read(self.workspace.root, os.environ).reveal()
            if said.user is not None:
                login = (said.user, secret)
            else:
                headers["Authorization"] = secret if said.kind == "misp" else f"Bearer {secret}"
        ca = None if said.ca is None else self.workspace.root / said.ca
        return Door(headers, login, ca, said.proxy)
