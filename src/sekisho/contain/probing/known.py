"""Which recorded connections terminals were asked for: sensors see a probe too, and nobody shall wonder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sekisho.model.probes import Probe

CLOCKS = timedelta(minutes=1)
"""What a sensor's clock may be off."""


class Known:
    """What probes asked for, by both ends and the port."""

    def __init__(self, probes: Iterable[Probe] = ()) -> None:
        self._asked: dict[tuple[str, str, int], list[tuple[datetime, datetime, str]]] = defaultdict(
            list
        )
        for probe in probes:
            for asking in probe.asking:
                said = probe.said.get(asking.node)
                until = max(said.at if said else probe.until, probe.at)
                text = f"probe {probe.number} of {probe.plan} ({asking.hostname})"
                for trial in asking.trials:
                    where = asking.address, trial.address, trial.port
                    self._asked[where].append((probe.at - CLOCKS, until + CLOCKS, text))

    def __bool__(self) -> bool:
        return bool(self._asked)

    def of(self, src: str, dst: str, port: int, first: datetime, last: datetime) -> str | None:
        """Which probe asked for a TCP connection that was seen from `first` to `last` (aware UTC), in words;
        None where none did at the time. Where more may have been than probes asked for, the words say so."""
        asked = self._asked.get((src, dst, port), ())
        met = sorted(one for one in asked if first <= one[1] and last >= one[0])
        if not met:
            return None
        names = ", ".join(dict.fromkeys(text for _, _, text in met))
        reached = first
        for begin, end, _ in met:
            # Between two probes somebody else may have connected too.
            if begin <= reached:
                reached = max(reached, end)
        return f"{'' if reached >= last else 'partly '}asked for by our {names}"
