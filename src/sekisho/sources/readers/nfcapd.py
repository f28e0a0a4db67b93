"""Files of nfcapd, nfpcapd and sfcapd, read by nfdump itself: its format has no other description.

nfdump (Debian package `nfdump`) runs as a process of its own over a copy of the file; nothing of the file
reaches its arguments. A row is a line of its output; the first is the header that is put before it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, BinaryIO, cast

from sekisho.sources import delimited
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject, no_flows
from sekisho.sources.lines import Damaged
from sekisho.sources.nfdump import NfdumpForm

MAGICS = (b"\x0c\xa5\x01\x00", b"\x0c\xa5\x02\x00")
"""Of layout 1 (nfdump 1.6) and 2 (1.7), as machines with the low byte first write them."""
COLUMNS = {
    "ts": "tsr",
    "td": "td",
    "pr": "pr",
    "sa": "sa",
    "da": "da",
    "sp": "sp",
    "dp": "dp",
    "flg": "flg",
    "fwd": "fwd",
    "ipkt": "ipkt",
    "ibyt": "ibyt",
    "opkt": "opkt",
    "obyt": "obyt",
    "ra": "ra",
}
"""Names of the CSV, and the tags that print them; unlike the CSV's, these times have milliseconds."""
_HEADER = (",".join(COLUMNS) + "\n").encode()
_FORMAT = "fmt:" + ",".join(f"%{tag}" for tag in COLUMNS.values())
_BLOCK = 1 << 20
_SAID = 2000
"""Bytes of what nfdump complained of that are looked at."""


class Nfcapd:
    """nfdump's own binary files."""

    name = "nfcapd"
    family = "netflow"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the magic number and the version of the layout."""
        return 90 if head[:4] in MAGICS else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Raises FileNotFoundError where nfdump is not installed: the file waits."""
        program = shutil.which("nfdump")
        if program is None:
            raise FileNotFoundError(
                "nfdump is not installed, which reads nfcapd files; install the package `nfdump`"
                " and ingest the file again"
            )
        with tempfile.NamedTemporaryFile(prefix="sekisho-nfcapd-") as copy:
            damage = _copied(stream, copy)
            yield from _records(program, copy.name, context, damage)


def _copied(stream: BinaryIO, copy: IO[bytes]) -> str:
    """Write the content out, since nfdump goes back and forth in it; why it is not whole."""
    try:
        shutil.copyfileobj(stream, copy, _BLOCK)
    except Damaged as damage:
        return str(damage)
    finally:
        copy.flush()
    return ""


def _records(program: str, path: str, context: ReadContext, damage: str) -> Iterator[Batch]:
    command = [program, "-r", path, "-q", "-N", "-6", "-o", _FORMAT]
    surroundings = {"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "LC_ALL": "C"}
    row = 0
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=surroundings,
        ) as process,
    ):
        try:
            output = cast("BinaryIO", _Plain(cast("IO[bytes]", process.stdout)))
            for batch in delimited.read(output, replace(context, timezone="UTC"), NfdumpForm()):
                row = max(row, batch.last_row)
                yield batch
            status = process.wait()
        finally:
            # Whoever stops reading half way leaves nobody writing into a pipe.
            process.kill()
        complaints.seek(0)
        said = complaints.read(_SAID).decode("utf-8", "backslashreplace").replace(path, "the file")
    reason = damage or (f"nfdump: {' '.join(said.split())}" if said.strip() or status else "")
    if reason:
        why = f"{reason}; what it could read was kept"
        yield Batch(no_flows(), (Reject.of(row + 1, why, b""),), row + 1)


class _Plain(io.RawIOBase):
    """nfdump's table as CSV: a header before it, and without the spaces that align its columns."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._first = True

    def read(self, size: int = -1) -> bytes:
        if self._first:
            self._first = False
            return _HEADER
        while data := self._output.read(size):
            if plain := data.replace(b" ", b""):
                return plain
        return b""
