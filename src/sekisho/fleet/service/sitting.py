"""What is decided in one transaction: who may come in, what is handed, what is taken, what is refused."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw

from sekisho.fleet.service import hops
from sekisho.fleet.service.asking import (
    FINE,
    Asked,
    Config,
    Enrol,
    Log,
    Read,
    Reply,
    Write,
    json_reply,
    refusal,
)
from sekisho.fleet.service.dispatch import Dispatcher, Given, Handing, Verdict
from sekisho.fleet.words import legible
from sekisho.model.nodes import Caller, Kind, Letter, RefusalReason
from sekisho.state.node_batches import Batch

MOST_WORDS = 200
UNDER_WAY = timedelta(seconds=5)
"""So long after a key's end requests with it may be under way."""
Notes = Mapping[tuple[str, str, RefusalReason], tuple[int, str]]
_encode = msgspec.json.Encoder().encode
_NOTHING = json_reply({"queries": {}, "node_invalid": False})


@dataclass(frozen=True, slots=True)
class Terms:
    """What the service promises: the configuration that nodes get, and how often one may enrol in an hour.
    `hops` False believes that keys are used from several addresses for good reasons."""

    config: Callable[[], bytes]
    enrolments: int = 10
    hops: bool = True


class Sitting:
    """One batch of requests."""

    def __init__(self, batch: Batch, dispatcher: Dispatcher, terms: Terms, now: datetime) -> None:
        self._batch = batch
        self._dispatcher = dispatcher
        self._terms = terms
        self._now = now
        self._refused: dict[tuple[int, RefusalReason], tuple[int, str, str]] = {}
        self._counts: Counter[str] = Counter()
        self._letters: list[Letter] = []

    def answer(self, asked: Sequence[Asked], notes: Notes) -> list[Reply]:
        """A reply to each, in their order."""
        replies: list[Reply] = [FINE] * len(asked)
        keyed = [(n, a) for n, a in enumerate(asked) if not isinstance(a, Enrol)]
        enrols = [(n, a) for n, a in enumerate(asked) if isinstance(a, Enrol)]
        hashes = list(dict.fromkeys([a.key for _, a in keyed] + [key for key, _, _ in notes if key]))
        identities = list(dict.fromkeys(a.enrolling.identity for _, a in enrols))
        callers, known = self._batch.callers(hashes, identities)
        came: list[tuple[int, Asked, Caller]] = []
        heard: dict[int, Caller] = {}
        shared: list[int] = []
        for n, one in keyed:
            caller = callers.get(one.key)
            if caller is None:
                self._refuse(0, "unknown_key", one.address, "a key that nobody was given")
                replies[n] = refusal("unknown_key", "enrol again", invalid=True)
            elif caller.ended:
                replies[n] = refusal(self._old(caller, one.address), "enrol again", invalid=True)
            elif not hops.heard(caller, one.address, self._now) and self._terms.hops:
                words = f"used from {one.address} and {caller.before} in turn"
                self._refuse(caller.node, "two_hosts", one.address, words)
                replies[n] = refusal("two_hosts", "enrol again", invalid=True)
                caller.ended = "two_hosts"
                shared.append(caller.node)
            else:
                came.append((n, one, caller))
                heard[caller.node] = caller
        self._batch.end_keys(shared, "two_hosts", self._now)
        self._read([(n, c) for n, a, c in came if isinstance(a, Read)], replies)
        self._write([(n, a, c) for n, a, c in came if isinstance(a, Write)], replies)
        for n, came_for, caller in came:
            if isinstance(came_for, Config):
                replies[n] = Reply(200, self._terms.config())
            elif isinstance(came_for, Log):
                replies[n] = self._log(came_for, caller)
        self._enrol(enrols, known, replies)
        self._batch.seen(heard.values())
        fresh = self._batch.post(self._letters, self._now)
        self._counts["letters"] += fresh
        self._counts["repeated"] += len(self._letters) - fresh
        self._counts.update(type(a).__name__.lower() for _, a, _ in came)
        self._note(notes, callers)
        self._batch.refuse(self._refused, self._now)
        self._batch.count({name: n for name, n in self._counts.items() if n})
        return replies

    def _read(self, reads: Sequence[tuple[int, Caller]], replies: list[Reply]) -> None:
        if not reads:
            return
        handed = self._dispatcher.hand(self._batch, [c for _, c in reads], self._now)
        told: set[int] = set()
        for n, caller in reads:
            handing = handed.get(caller.node, Handing())
            # Who asks twice at once is told once.
            if not handing.queries or caller.node in told:
                replies[n] = _NOTHING
                continue
            told.add(caller.node)
            self._counts["handed"] += len(handing.queries)
            body: dict[str, object] = {"queries": handing.queries, "node_invalid": False}
            if handing.accelerate:
                body["accelerate"] = handing.accelerate
            replies[n] = json_reply(body)

    def _write(self, writes: Sequence[tuple[int, Write, Caller]], replies: list[Reply]) -> None:
        if not writes:
            return
        given = [Given(c, {q: a.outcome for q, a in w.answers.items()}) for _, w, c in writes]
        verdicts = self._dispatcher.take(self._batch, given, self._now)
        for (n, one, caller), verdict in zip(writes, verdicts, strict=True):
            replies[n] = FINE
            for query, words in one.refused.items():
                self._refuse(caller.node, "wrong_shape", one.address, f"{query}: {words}")
            for query, words in verdict.refused.items():
                self._refuse(caller.node, "not_handed", one.address, f"{words}: {query}")
            self._counts["answers"] += len(verdict.taken)
            self._counts["repeated"] += len(verdict.again)
            self._letters += _answers(caller, one, verdict)

    def _log(self, one: Log, caller: Caller) -> Reply:
        own = [raw for host, raw in one.lines if host in ("", caller.identifier)]
        if one.refused:
            words = f"{one.refused} lines of a log that cannot be read"
            self._refuse(caller.node, "wrong_shape", one.address, words, one.refused)
        foreign = len(one.lines) - len(own)
        if own:
            self._letters.append(letter(caller.node, one.kind, own))
            self._counts["lines"] += len(own)
        if foreign:
            host = next(host for host, _ in one.lines if host not in ("", caller.identifier))
            words = f"lines of a log of {host!r}, and it enrolled as {caller.identifier!r}"
            self._refuse(caller.node, "foreign_log", one.address, words, foreign)
            # A machine that was renamed enrols under its new name and sends them again.
            if not own:
                return refusal("foreign_log", "enrol again", invalid=True)
        return FINE

    def _enrol(
        self, enrols: Sequence[tuple[int, Enrol]], known: Mapping[str, int], replies: list[Reply]
    ) -> None:
        if not enrols:
            return
        secrets = self._batch.secrets()
        admitted: list[tuple[int, Enrol, str]] = []
        for n, one in enrols:
            who = one.enrolling
            node = known.get(who.identity, 0)
            secret = secrets.get(who.secret)
            if secret is None or secret.retired is not None:
                kind = "unknown" if secret is None else f"retired ({secret.id})"
                words = f"{who.identifier!r} enrols with a secret that is {kind}"
                self._refuse(node, "bad_secret", who.address, words)
                replies[n] = refusal("bad_secret", "the enrolment secret is not valid", invalid=True)
            elif secret.site and secret.site != one.site:
                words = f"{who.identifier!r} enrols with a secret of {secret.site} from {one.site}"
                self._refuse(node, "wrong_site", who.address, words)
                replies[n] = refusal("wrong_site", "the secret is another site's", invalid=True)
            else:
                admitted.append((n, one, secret.id))
        asking = [(one.enrolling, secret) for _, one, secret in admitted]
        given = self._batch.enrol(asking, known, self._now, self._terms.enrolments)
        for n, one, _ in admitted:
            node, fine = given[one.enrolling.key]
            if fine:
                self._counts["enrol"] += 1
                replies[n] = json_reply({"node_key": one.key, "node_invalid": False})
            else:
                words = f"more than {self._terms.enrolments} enrolments in an hour"
                self._refuse(node, "enrols_too_often", one.enrolling.address, words)
                replies[n] = refusal("enrols_too_often", words, 429)

    def _old(self, caller: Caller, address: str) -> RefusalReason:
        words = f"a key that was ended ({caller.ended}), from {address}"
        # osquery asks by several threads: what was under way when the key ended tells of no second machine.
        ended = self._now if caller.until is None else caller.until
        reason: RefusalReason = "late_key" if self._now - ended < UNDER_WAY else "old_key"
        self._refuse(caller.node, reason, address, words)
        return reason

    def _note(self, notes: Notes, callers: Mapping[str, Caller]) -> None:
        unkeyed = {address for key, address, _ in notes if key not in callers and address}
        alone = self._batch.alone_at(sorted(unkeyed)[:500])
        for (key, address, reason), (count, words) in notes.items():
            caller = callers.get(key)
            node = caller.node if caller is not None else alone.get(address, 0)
            self._refuse(node, reason, address, words, count)

    def _refuse(
        self, node: int, reason: RefusalReason, address: str, words: str, count: int = 1
    ) -> None:
        before, _, _ = self._refused.get((node, reason), (0, "", ""))
        text = legible(words, MOST_WORDS)
        self._refused[node, reason] = (before + count, address[:64], text)


def letter(node: int, kind: Kind, lines: Sequence[Raw]) -> Letter:
    """Lines of a log as they are kept until they are judged."""
    content = b"\n".join(_encode(line) for line in lines)
    digest = hashlib.sha256(kind.encode() + b"\n" + content).hexdigest()
    return Letter(node, kind, digest, zlib.compress(content, 1))


def _answers(caller: Caller, one: Write, verdict: Verdict) -> Iterator[Letter]:
    by_campaign: dict[int, dict[str, dict[str, object]]] = {}
    digests: dict[int, list[str]] = {}
    for query, (campaign, question) in sorted(verdict.taken.items()):
        answer = one.answers[query]
        digests.setdefault(campaign, []).append(f"{query} {answer.outcome.digest}")
        by_campaign.setdefault(campaign, {})[question] = {
            "status": answer.outcome.status,
            "message": answer.outcome.message,
            "rows": answer.rows,
        }
    for campaign, given in by_campaign.items():
        content = _encode({"campaign": campaign, "questions": given})
        words = "\n".join(digests[campaign]).encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(words).hexdigest()
        yield Letter(caller.node, "answers", digest, zlib.compress(content, 1))
