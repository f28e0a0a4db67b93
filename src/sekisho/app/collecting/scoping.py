"""Streams of several collectors in one manifest: private addresses come again, a collector's name does not."""

from __future__ import annotations

from dataclasses import replace

from sekisho.store.streams import Collected, StreamKey, Streams

_SEPARATOR = "/"
"""In no address, and in no name of a collector."""


def scoped(streams: Streams, scope: str) -> Streams:
    """Those of one scope, by the names that its decoder has for them; '' is this host's own journal."""
    waiting = [
        replace(one, key=key) for one in streams.waiting if (key := _within(one.key, scope)) is not None
    ]
    files = {one.file for one in waiting}
    return Streams(
        {
            key: body
            for full, body in streams.bodies.items()
            if (key := _within(full, scope)) is not None
        },
        waiting,
        [origin for origin in streams.origins if origin[0] in files],
    )


def prefixed(news: Collected, scope: str) -> Collected:
    """A commit's news with the names that the manifest has for them."""
    if not scope:
        return news
    return replace(
        news,
        bodies={_full(key, scope): body for key, body in news.bodies.items()},
        settled=[(_full(key, scope), template) for key, template in news.settled],
        waiting=[replace(one, key=_full(one.key, scope)) for one in news.waiting],
        gone=[_full(key, scope) for key in news.gone],
    )


def _full(key: StreamKey, scope: str) -> StreamKey:
    return replace(key, exporter=f"{scope}{_SEPARATOR}{key.exporter}")


def _within(key: StreamKey, scope: str) -> StreamKey | None:
    own, separator, exporter = key.exporter.partition(_SEPARATOR)
    if not separator:
        return None if scope else key
    return replace(key, exporter=exporter) if own == scope else None
