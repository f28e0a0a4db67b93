"""Files that are new or have grown since they were last looked at, in the folders that sensors write to."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

from sekisho.app.ingest import Ingest, IngestSummary
from sekisho.app.logging import logger
from sekisho.app.sharing import sensors_of
from sekisho.errors import RequestError
from sekisho.model.sites import Sensor
from sekisho.sources.files import find_files
from sekisho.store.lake import Lake

REST = 10
"""A file is read again no sooner than this many times as long as reading it took: what grows is hashed
whole each time."""


class Follower:
    """Reads what is new in `logs/SENSOR/` and in the sensors' `paths` into the lake."""

    def __init__(self, lake: Lake, root: Path) -> None:
        self._lake = lake
        self._root = root
        self._seen: dict[Path, tuple[int, int]] = {}
        self._rest: dict[Path, float] = {}
        self._taken = self._known()

    def _known(self) -> dict[str, tuple[int, datetime]]:
        """Size and time of taking of each file of the lake, by its path: so a start reads nothing anew."""
        files = self._lake.files()
        columns = (files[name].to_pylist() for name in ("path", "raw_size", "taken_at"))
        return {path: (size, at) for path, size, at in zip(*columns, strict=True)}

    def changed(self, sensors: Mapping[str, Sensor]) -> list[Path]:
        """Files that are new or changed, in order of their paths; empty ones have nothing to say yet."""
        found = []
        for path in self._files(sensors):
            try:
                status = path.stat()
            except OSError:
                continue
            mark = status.st_size, status.st_mtime_ns
            if self._seen.get(path) == mark or not status.st_size:
                continue
            if time.monotonic() < self._rest.get(path, 0.0):
                continue
            known = self._taken.get(str(path))
            if known and known[0] == status.st_size and known[1].timestamp() > status.st_mtime:
                self._seen[path] = mark
                continue
            found.append(path)
        return found

    def _files(self, sensors: Mapping[str, Sensor]) -> list[Path]:
        folders = {self._root / "logs" / name for name in sensors}
        globs = {pattern for sensor in sensors.values() for pattern in sensor.paths}
        named = find_files(folder for folder in sorted(folders) if folder.is_dir())
        found = set(named.files)
        for pattern in globs:
            base = self._root / _fixed(pattern)
            if not base.exists():
                continue
            for path in find_files([base]):
                relative = os.path.relpath(path, self._root)
                if fnmatch(relative, pattern):
                    found.add(path)
        return sorted(found)

    def take(self, sensors: Mapping[str, Sensor], now: datetime) -> IngestSummary | None:
        """Read what changed; None where nothing did. What cannot be read is logged and set aside."""
        changed = [path for path in self.changed(sensors) if self._owned(path, sensors)]
        if not changed:
            return None
        marks = {path: self._mark(path) for path in changed}
        begun = time.monotonic()
        summary = Ingest(self._lake, self._root, sensors, now=now).run(changed)
        over = time.monotonic()
        for path, mark in marks.items():
            if mark is not None:
                self._seen[path] = mark
            self._rest[path] = over + REST * (over - begun) / len(changed)
        for one in summary.unread:
            logger().warning("unread", path=one.path, sensor=one.sensor, notes=list(one.notes))
        return summary

    def _owned(self, path: Path, sensors: Mapping[str, Sensor]) -> bool:
        try:
            return bool(sensors_of(path, self._root, sensors, None))
        except RequestError as error:
            logger().warning("not taken", path=str(path), reason=str(error))
            self._seen[path] = self._mark(path) or (0, 0)
            return False

    @staticmethod
    def _mark(path: Path) -> tuple[int, int] | None:
        try:
            status = path.stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns


def _fixed(pattern: str) -> str:
    """The folder of a glob down to its first wildcard."""
    parts = []
    for part in pattern.split("/"):
        if any(sign in part for sign in "*?["):
            break
        parts.append(part)
    return "/".join(parts) or "."
