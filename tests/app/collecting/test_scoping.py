from __future__ import annotations

from sekisho.app.collecting.scoping import prefixed, scoped
from sekisho.store.streams import Collected, Kept, StreamKey, Streams

KEY = StreamKey("10.0.0.1", 9, 0)
SFLOW = StreamKey("10.0.0.1 2001:db8::1", 105, 4)


def kept(key: StreamKey, file: int) -> Kept:
    return Kept(key, 256, file, 1, 0, 0, b"x")


def test_one_address_of_two_scopes_is_two_streams() -> None:
    merged: dict[StreamKey, str] = {}
    waiting: list[Kept] = []
    for place, scope in enumerate(("", "th-plant", "th-plant2")):
        news = Collected(
            bodies={KEY: scope, SFLOW: scope}, settled=[(KEY, 1)], waiting=[kept(KEY, place)]
        )
        full = prefixed(news, scope)
        assert full.settled == [(next(iter(full.bodies)), 1)]
        merged |= full.bodies
        waiting += full.waiting
    assert len(merged) == 6
    origins = [(place, "path", "sha", 1) for place in range(3)]
    for place, scope in enumerate(("", "th-plant", "th-plant2")):
        own = scoped(Streams(merged, waiting, origins), scope)
        assert own.bodies == {KEY: scope, SFLOW: scope}
        assert own.waiting == [kept(KEY, place)]
        assert [origin[0] for origin in own.origins] == [place]
    assert scoped(Streams(merged, waiting, origins), "th") == Streams({}, [], [])
