"""Every gate there is, in the order in which they are shown."""

from __future__ import annotations

from sekisho.restore.base import Gate
from sekisho.restore.gates.escaped import EscapedGate
from sekisho.restore.gates.findings import FindingsGate
from sekisho.restore.gates.fleet import FleetGate
from sekisho.restore.gates.quiet import QuietGate
from sekisho.restore.gates.recertified import RecertifiedGate

GATES: tuple[Gate, ...] = (
    QuietGate(),
    FleetGate(),
    FindingsGate(),
    RecertifiedGate(),
    EscapedGate(),
)
