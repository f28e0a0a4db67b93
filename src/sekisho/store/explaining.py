"""What explains that an end lacks flows, as far as roll-ups tell; decided by the embedded engine."""

from __future__ import annotations

from sekisho.store.engines.base import Engine
from sekisho.store.queries import reconciling
from sekisho.store.reconciled import Compared, Ends


def explained(engine: Engine, ends: Ends, limit: int) -> Compared:
    """What comes of the table `sided` (SIDED), with at most `limit` candidates."""
    for name, table in ends.tables().items():
        engine.register(name, table)
    engine.run(reconciling.compared())
    asked = (reconciling.WHOLE, reconciling.UNEVEN, reconciling.SPREAD)
    whole, uneven, spread = (engine.fetch(question) for question in asked)
    return Compared(whole, uneven, spread, engine.fetch(reconciling.CANDIDATES, [limit]))
