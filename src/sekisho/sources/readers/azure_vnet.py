"""Azure flow logs of virtual networks, version 4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from sekisho.sources import azure_flows
from sekisho.sources.azure_flows import BEGIN, DENIED, END, GOES_ON, Shape
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.cells import Separated
from sekisho.sources.columns import protocol_numbers

_TOLD = re.compile(rb'"[0-9]{12,14},[^,"]+,[^,"]+,[0-9]*,[0-9]*,[0-9]{1,3},[IO],[BCED],')


class AzureVnet:
    """VNet flow logs."""

    name = "azure-vnet"
    family = "azure"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a flow tuple with milliseconds and a protocol's number."""
        return 92 if b'"flowTuples"' in head and _TOLD.search(head) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Records of one flow are one flow."""
        return azure_flows.read(stream, context, _SHAPE)


def _states(cells: Separated) -> Any:
    words = (BEGIN, GOES_ON, END, DENIED)
    return azure_flows.one_of(cells.column(7), {word: word for word in words})


_SHAPE = Shape(3, protocol_numbers, _states, (13,))
