"""Every log format that a simulated sensor can write, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.simulate.sensors import Format
from sekisho.simulate.writers.base import Writer
from sekisho.simulate.writers.nfdump_csv import NfdumpCsv
from sekisho.simulate.writers.zeek_json import ZeekJson
from sekisho.simulate.writers.zeek_tsv import ZeekTsv

WRITERS: dict[Format, Callable[..., Writer]] = {
    "zeek-tsv": ZeekTsv,
    "zeek-json": ZeekJson,
    "nfdump-csv": NfdumpCsv,
}


def writer_for(form: Format, *parts: Any) -> Writer:
    """The writer of a format: sensor, which hosts are IPv6, their addresses as text words, chance."""
    return WRITERS[form](*parts)
