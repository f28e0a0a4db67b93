"""Get the ledger's signed head out of this system, to every witness that the settings name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from socket import gethostname
from typing import Literal

from sekisho.app.ledger_proofs import sign_whole
from sekisho.app.logging import info
from sekisho.app.settings import sinks as kinds
from sekisho.app.sinks import Surroundings, relay_of, submission_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.ledger.checkpoints import SignedHead, keep_token
from sekisho.ledger.ledger import Ledger, NotWritten
from sekisho.ledger.publish.base import NotPublished, Witness
from sekisho.ledger.publish.email import EmailWitness
from sekisho.ledger.publish.file import FileWitness
from sekisho.ledger.publish.record import Published, read_record, write_record
from sekisho.ledger.publish.rfc3161 import HEADERS, LARGEST, TimestampWitness
from sekisho.ledger.publish.syslog import SyslogWitness
from sekisho.watch.base import Misconfigured, NotDelivered, Undeliverable
from sekisho.watch.posting import Endpoint, ask
from sekisho.watch.sinks.syslog import FACILITIES

_NOWHERE = "Set file, sinks or timestamp in [ledger] of sekisho.toml."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a witness did with the head: `had` it from before, took it now, or did not."""

    witness: str
    state: Literal["had", "published", "failed"]
    text: str


@dataclass(frozen=True, slots=True)
class Publication:
    """The head, and what became of it at each witness."""

    head: SignedHead
    outcomes: tuple[Outcome, ...]

    @property
    def done(self) -> bool:
        """Whether every witness has it."""
        return all(outcome.state != "failed" for outcome in self.outcomes)


def witnesses(workspace: Workspace, around: Surroundings) -> tuple[Witness, ...]:
    """Every witness of the settings. Raises RequestError where none is named, or one cannot be used."""
    settings = workspace.settings(around.environ).settings
    own, found = settings.ledger, list[Witness]()
    if own.file:
        found.append(FileWitness(workspace.root / own.file))
    for name in own.sinks:
        sink = settings.watch.sinks.get(name)
        try:
            found.append(_sink(name, sink, around))
        except Misconfigured as error:
            raise RequestError(f"{name}: {error}", f"Mend [watch.sinks.{name}].") from error
    if own.timestamp:
        ca_file = str(workspace.root / own.timestamp_ca) if own.timestamp_ca else None
        endpoint = Endpoint(own.timestamp, 30.0, ca_file)
        found.append(
            TimestampWitness(
                partial(_asked, endpoint),
                partial(secrets.randbelow, 1 << 63),
                partial(keep_token, workspace.ledger),
            )
        )
    return tuple(found)


def publish(workspace: Workspace, around: Surroundings, *, by: str, again: bool = False) -> Publication:
    """Verify, sign and hand the head to every witness that lacks it; `again` to all.

    What fails at one keeps nothing from the others. Raises IntegrityError where the ledger is not whole,
    RequestError where no witness is named.
    """
    given = witnesses(workspace, around)
    if not given:
        raise RequestError("the ledger's head is published nowhere", _NOWHERE)
    head = sign_whole(workspace, around.clock(), by, around.environ).head
    size, root = head.checkpoint.size, head.checkpoint.root.hex()
    outcomes = []
    record = dict(read_record(workspace.ledger))
    for witness in given:
        last = record.get(witness.name)
        if last is not None and (last.size, last.root) == (size, root) and not again:
            text = f"since {last.at:%Y-%m-%d %H:%M} UTC"
            outcomes.append(Outcome(witness.name, "had", text))
            continue
        try:
            said = witness.publish(head)
        except NotPublished as error:
            outcomes.append(Outcome(witness.name, "failed", str(error)))
            continue
        record[witness.name] = Published(size, root, around.clock())
        try:
            write_record(workspace.ledger, record)
        except OSError as error:
            raise NotWritten(f"cannot note what was published: {error.strerror}") from error
        info("published", witness=witness.name, size=size)
        outcomes.append(Outcome(witness.name, "published", said))
    return Publication(head, tuple(outcomes))


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a witness is behind: the newest size it has, and when the first entry it lacks was made
    (aware UTC; None where it lacks none)."""

    witness: str
    size: int
    since: datetime | None


def lags(workspace: Workspace, around: Surroundings) -> Sequence[Lag]:
    """Of each witness of the settings. Raises IntegrityError and RequestError."""
    record = read_record(workspace.ledger)
    sizes = {
        one.name: record[one.name].size if one.name in record else 0
        for one in witnesses(workspace, around)
    }
    ledger = Ledger(workspace.ledger)
    wanted = {size + 1 for size in sizes.values() if size < ledger.head().seq}
    times: dict[int, datetime] = {}
    for entry in ledger.entries() if wanted else ():
        if entry.seq in wanted:
            times[entry.seq] = entry.at
    return [Lag(name, size, times.get(size + 1)) for name, size in sizes.items()]


def late(lag: Lag, now: datetime, hours: float) -> bool:
    """Whether a witness lacks an entry that is older than so many hours."""
    return lag.since is not None and lag.since < now - timedelta(hours=hours)


def _sink(name: str, own: kinds.SinkSettings | None, around: Surroundings) -> Witness:
    if isinstance(own, kinds.SyslogSink):
        relay = relay_of(own, around)
        send = partial(_sent, relay.send)
        return SyslogWitness(name, send, FACILITIES[own.facility], gethostname(), around.clock)
    if isinstance(own, kinds.EmailSink):
        server = submission_of(own, around)
        send = partial(_sent, partial(server.send, own.sender, own.recipients))
        return EmailWitness(name, send, own.sender, own.recipients, around.clock)
    if own is None:
        raise RequestError(f"[ledger] names no sink of [watch.sinks]: {name!r}")
    raise RequestError(
        f"heads do not go to {name}, which is of kind {own.kind}", "Name one of kind syslog or email."
    )


def _sent(send: Callable[[bytes], None], message: bytes) -> None:
    with _told():
        send(message)


def _asked(endpoint: Endpoint, query: bytes) -> bytes:
    with _told():
        return ask(endpoint, query, HEADERS, LARGEST)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (NotDelivered, Undeliverable) as error:
        raise NotPublished(str(error)) from error
