"""Azure flow logs of network security groups, versions 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.protocols import TCP, UDP
from sekisho.sources import azure_flows
from sekisho.sources.azure_flows import ALONE, BEGIN, DENIED, END, GOES_ON, Shape
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.cells import Separated

_TOLD = re.compile(rb'"[0-9]{9,11},[^,"]+,[^,"]+,[0-9]*,[0-9]*,[TU],[IO],[AD][,"]')
_LETTERS = {"T": TCP, "U": UDP}


class AzureNsg:
    """NSG flow logs."""

    name = "azure-nsg"
    family = "azure"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a flow tuple with a protocol's letter and a decision."""
        return 92 if b'"flowTuples"' in head and _TOLD.search(head) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Records of one flow are one flow."""
        return azure_flows.read(stream, context, _SHAPE)


def _protocol(column: Any) -> npt.NDArray[np.int64]:
    place = pc.index_in(column, pa.array(list(_LETTERS), pa.string()))
    found = pa.array(list(_LETTERS.values()), pa.int64()).take(place)
    numbers: npt.NDArray[np.int64] = pc.fill_null(found, -1).to_numpy(zero_copy_only=False)
    return numbers


def _states(cells: Separated) -> Any:
    """A denial denies whatever state it has; a permit of version 1 has none."""
    decision = azure_flows.one_of(cells.column(7), {"A": ALONE, "D": DENIED})
    told = azure_flows.one_of(cells.column(8), {word: word for word in (BEGIN, GOES_ON, END)})
    allowed = pc.if_else(pa.array(cells.counts == min(_SHAPE.sizes)), decision, told)
    return pc.if_else(pc.equal(decision, DENIED), decision, allowed)


_SHAPE = Shape(6, _protocol, _states, (8, 13))
