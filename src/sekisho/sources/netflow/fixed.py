"""NetFlow v5: one fixed layout (Cisco, NetFlow Services Solutions Guide)."""

from __future__ import annotations

import numpy as np

from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.messages import V5_RECORD, Messages
from sekisho.sources.netflow.templates import FieldSpec, Template

_LAYOUT = (
    (8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2),
    (0, 1), (6, 1), (4, 1), (5, 1), (16, 2), (17, 2), (9, 1), (13, 1), (0, 2),
)  # fmt: skip
V5_TEMPLATE = Template.of(5, tuple(FieldSpec(0, element, size) for element, size in _LAYOUT))
"""The record of v5 in the words of v9."""


def records_in(messages: Messages) -> tuple[Ints, Ints]:
    """Whole records in each message, and how many the header says there are more."""
    fit = (messages.end - messages.begin) // V5_RECORD
    held = np.minimum(messages.count, fit)
    return held, messages.count - held
