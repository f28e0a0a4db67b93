"""Out of the outbox: each message to its sink until the sink took it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.state.alerts import AlertStore
from sekisho.watch.alerts import Alert
from sekisho.watch.base import NotDelivered, Sink, Undeliverable

FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=10)
AT_ONCE = 100
"""Messages that are fetched together."""


def pause(attempts: int, asked: float | None = None) -> timedelta:
    """How long to wait after so many failed attempts, twice as long each time; longer where the receiver
    asks for that, up to an hour."""
    own = min(LONGEST, FIRST * (1 << min(max(attempts - 1, 0), 20)))
    return max(own, timedelta(seconds=min(asked or 0.0, 3600.0)))


def deliver(store: AlertStore, sink: Sink, now: datetime) -> int:
    """Give a sink what waits for it, in order; how many messages it took.

    The first that it does not take now ends this round: those behind it wait too. One that it refuses
    for good is kept as failed and holds up nothing.
    """
    taken = 0
    while waiting := store.waiting(sink.name, now, AT_ONCE):
        for message in waiting:
            alert = Alert.model_validate_json(message.document)
            try:
                sink.deliver(sink.render(alert))
            except Undeliverable as error:
                store.put_off(message.seq, str(error), None)
            except (NotDelivered, OSError) as error:
                asked = error.after if isinstance(error, NotDelivered) else None
                store.put_off(message.seq, str(error), now + pause(message.attempts + 1, asked))
                return taken
            else:
                store.taken(message.seq)
                taken += 1
    return taken
