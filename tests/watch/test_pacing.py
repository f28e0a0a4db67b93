from __future__ import annotations

from sekisho.watch.pacing import REST, Pace


def test_what_took_long_is_not_asked_again_soon() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.ready()
    with pace.asking():
        now[0] += 3
    assert not pace.ready(urgent=True)
    now[0] += REST
    assert pace.ready(urgent=True)
    assert not pace.ready()
    now[0] += 2 * REST
    assert pace.ready()
