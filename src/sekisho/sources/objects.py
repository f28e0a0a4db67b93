"""Objects of a store (S3, Google Cloud Storage, Azure), listed and fetched through Arrow's filesystems.

An address is `scheme://bucket/path`; options of the store may follow as a query (`?region=…`,
`?endpoint_override=host:port&scheme=http`). Keys come from the store's own environment variables, files
and instance roles; names that are kept have neither query nor login.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs

from sekisho.errors import RequestError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_CHUNK = 1 << 20
SPARE = 256 << 20
"""Bytes of disk that fetching leaves free."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing shows it. `stamp` tells one writing of it from the next; `changed` is UTC."""

    name: str
    size: int
    stamp: str
    changed: datetime
    place: str
    """Where it is in its filesystem."""
    filesystem: Any


def is_address(text: str) -> bool:
    """Whether a text is the address of a store, not a path."""
    return _ADDRESS.match(text) is not None


def listing(address: str) -> list[StoredObject]:
    """The object of that address or all below it, in the order of their names; hidden ones are left out.

    Raises RequestError where the store or the place cannot be reached or does not exist.
    """
    shown = _shown(address)
    try:
        filesystem, place = pyarrow.fs.FileSystem.from_uri(address)
        (root,) = filesystem.get_file_info([place])
        if root.type == pyarrow.fs.FileType.NotFound:
            raise RequestError(f"{shown}: there is no such object or folder")
        if root.is_file:
            found = [root]
        else:
            found = filesystem.get_file_info(pyarrow.fs.FileSelector(place, recursive=True))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RequestError(
            f"{shown} cannot be listed: {_reason(error)}",
            "see the address, and that this account may list it",
        ) from error
    parts = urlsplit(address)
    # An S3 place begins with its bucket, which in the address is the host.
    prefix = f"{parts.scheme}://" if parts.hostname else f"{parts.scheme}:///"
    objects = [
        StoredObject(
            name=prefix + info.path.lstrip("/"),
            size=info.size,
            stamp=str(info.mtime_ns),
            changed=info.mtime or datetime.fromtimestamp(0, UTC),
            place=info.path,
            filesystem=filesystem,
        )
        for info in found
        if info.is_file and not _hidden(info.path, place)
    ]
    return sorted(objects, key=lambda one: one.name)


@contextmanager
def fetched(stored: StoredObject) -> Iterator[Path]:
    """A copy of an object on disk, which is gone afterwards.

    Raises OSError where it cannot be read, is not what the listing said, or there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="sekisho-object-") as folder:
        if shutil.disk_usage(folder).free < stored.size + SPARE:
            raise OSError(f"there is no room below {folder} for its {stored.size:,} bytes")
        path = Path(folder) / "object"
        with path.open("wb") as copy:
            for data in _content(stored):
                if copy.tell() + len(data) > stored.size:
                    raise OSError("it has changed since it was listed")
                copy.write(data)
            if copy.tell() != stored.size:
                raise OSError("it has changed since it was listed")
        yield path


def _content(stored: StoredObject) -> Iterator[bytes]:
    try:
        # Packed content is told and unpacked later, as that of files is.
        with stored.filesystem.open_input_stream(stored.place, compression=None) as stream:
            while data := stream.read(_CHUNK):
                yield data
    except pa.ArrowException as error:
        raise OSError(_reason(error)) from error


def _hidden(path: str, below: str) -> bool:
    try:
        parts = PurePosixPath(path).relative_to(below).parts
    except ValueError:
        parts = PurePosixPath(path).parts[-1:]
    return any(part.startswith(".") for part in parts)


def _shown(address: str) -> str:
    """An address without login and options."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.split('?', 1)[0].rsplit('@', 1)[-1]}"


def _reason(error: Exception) -> str:
    """An error in one line, without the login that an address in it may hold."""
    line = " ".join(str(error).split())
    return re.sub(r"(://)[^/\s@]+@", r"\1", line)[:300]
