"""Every scenario by name."""

from __future__ import annotations

from collections.abc import Callable

from sekisho.simulate.attack import Script
from sekisho.simulate.scenarios import insider_backdoor, kawasaki, quiet, ransomware_subsidiary

SCENARIOS: dict[str, Callable[[Script], None]] = {
    "kawasaki": kawasaki.play,
    "insider-backdoor": insider_backdoor.play,
    "ransomware-subsidiary": ransomware_subsidiary.play,
    "quiet": quiet.play,
}
