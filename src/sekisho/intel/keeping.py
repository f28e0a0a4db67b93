"""What was fetched of each feed, below data/intel: a folder a feed, its indicators as one Parquet file.

`feed.json` names the file that counts and takes its place last, so that a killed run leaves the feed as it
was. It is evidence of others, not a decision of people, and can be fetched again: it is in no backup.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from sekisho.errors import IntegrityError
from sekisho.model.indicators import INDICATORS
from sekisho.store.layout import sync_file
from sekisho.store.locks import exclusive

STATE = "feed.json"
MOST_DAYS = 800


class Kept(BaseModel):
    """How a feed stands. Times are aware UTC: `checked` is when its source last answered, `changed` when
    what it holds last became other, `tried` when it was last asked; `error` is what the last try met.

    `of` is the feed's definition that this was fetched by; `etag`, `modified`, `added` are what its server
    is asked with the next time, `again` is before when it does not want to be asked. `days` are UTC days on
    which its source answered, the last `MOST_DAYS` of them: what was not asked then cannot have been new.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    of: str = ""
    checked: datetime | None = None
    changed: datetime | None = None
    tried: datetime | None = None
    again: datetime | None = None
    error: str = ""
    etag: str = ""
    modified: str = ""
    added: str = ""
    file: str = ""
    indicators: int = 0
    aside: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    days: list[str] = []


class Keeper:
    """One workspace's feeds. `root` is made when something is kept."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def writing(self, timeout: float = 30.0) -> Iterator[None]:
        """One process at a time. Raises RequestError where another is refreshing."""
        self.root.mkdir(parents=True, exist_ok=True)
        with exclusive(self.root / "refresh.lock", "refreshing the feeds of", timeout):
            yield

    def folder(self, feed: str) -> Path:
        """Where a feed lies; made."""
        folder = self.root / feed
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def state(self, feed: str) -> Kept:
        """How a feed stands; an empty one where it was never fetched. Raises IntegrityError."""
        path = self.root / feed / STATE
        try:
            return Kept.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Kept()
        except (OSError, ValidationError) as error:
            raise IntegrityError(
                f"{path} cannot be read: {type(error).__name__}",
                "delete the feed's folder and run `sekisho intel refresh`",
            ) from error

    def rows(self, feed: str, kept: Kept, schema: pa.Schema = INDICATORS) -> pa.Table:
        """The indicators of a feed, or what else it holds. Raises IntegrityError."""
        if not kept.file:
            return schema.empty_table()
        path = self.root / feed / kept.file
        try:
            return pq.read_table(path).cast(schema)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise IntegrityError(
                f"{path} cannot be read: {type(error).__name__}",
                "delete the feed's folder and run `sekisho intel refresh`",
            ) from error

    def put(self, feed: str, kept: Kept, rows: pa.Table | None = None) -> Kept:
        """Keep how a feed stands, with new indicators where there are any. What it kept before goes."""
        folder = self.folder(feed)
        if kept.checked is not None and (day := f"{kept.checked:%Y-%m-%d}") not in kept.days:
            kept = kept.model_copy(update={"days": sorted((*kept.days, day))[-MOST_DAYS:]})
        if rows is not None:
            number = int(kept.file.removesuffix(".parquet") or 0) + 1 if kept.file else 1
            kept = kept.model_copy(update={"file": f"{number}.parquet", "indicators": rows.num_rows})
            pq.write_table(rows, folder / kept.file, compression="zstd")
            sync_file(folder / kept.file)
        part = folder / f".{STATE}.{os.getpid()}"
        part.write_text(kept.model_dump_json(indent=1), encoding="utf-8")
        sync_file(part)
        part.replace(folder / STATE)
        sync_file(folder)
        for path in folder.glob("*.parquet"):
            if path.name != kept.file:
                path.unlink()
        return kept
