"""Every reader, by the kind of feed that it is for."""

from __future__ import annotations

from collections.abc import Mapping

from sekisho.intel.base import Reader
from sekisho.intel.readers.abuse_ch import AbuseCh
from sekisho.intel.readers.kev import KnownExploited
from sekisho.intel.readers.misp import MispEvents
from sekisho.intel.readers.plain import PlainList
from sekisho.intel.readers.stix import Bundle
from sekisho.intel.readers.table import Table

READERS: Mapping[str, Reader] = {
    "list": PlainList(),
    "csv": Table(),
    "abuse_ch": AbuseCh(),
    "stix": Bundle(),
    "taxii": Bundle(),
    "misp": MispEvents(),
    "kev": KnownExploited(),
}
"""What a server of the kind `taxii` or `misp` answers is read by the same; a file of these kinds is a bundle
or an event."""
