from __future__ import annotations

from sekisho.app.checking.keeping import LakeKeeper
from sekisho.fleet.collections.keeping import Keeper
from sekisho.fleet.collections.looking import Look


def test_what_keeps_events_in_the_lake_is_a_keeper() -> None:
    # Held by the type checker; a look without one keeps nothing.
    kind: type[Keeper] = LakeKeeper
    assert callable(kind.log)
    assert Look().log("a.evtx") is None
