"""What a decoder knows of its exporters' streams as text, and back: a collector that starts again goes on
where it was, with the templates that were announced to the one before it and without a gap in its
accounts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sekisho.sources.netflow.chunks import Session
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.exporters import Exporters
from sekisho.sources.netflow.sampling import Sampling
from sekisho.sources.netflow.sequence import Sequence
from sekisho.sources.netflow.templates import FieldSpec, Template
from sekisho.sources.netflow.waiting import WaitingSet

Stream = tuple[str, int, int]
"""Exporter, version and domain."""


@dataclass(frozen=True, slots=True)
class StoredSet:
    """A set that waits for a template of a stream."""

    stream: Stream
    template: int
    held: WaitingSet


class Stored:
    """Tells what changed in a decoder since it was last asked."""

    def __init__(self, decoder: Decoder) -> None:
        self._known = decoder.exporters
        self._texts: dict[int, str] = {}
        self._templates: dict[tuple[int, int], tuple[Template, list[Any]]] = {}
        self._waiting: dict[tuple[int, int], tuple[WaitingSet, int]] = {}

    def changed(self) -> dict[Stream, str]:
        """The text of every stream that is not as it was told of last."""
        found = {}
        for number in sorted(self._known.touched):
            texts = []
            for template in self._known.templates.of(number).values():
                key = number, template.id
                kept = self._templates.get(key)
                if kept is None or kept[0] is not template:
                    kept = self._templates[key] = template, _template(template)
                texts.append(kept[1])
            session = self._known.sessions[number]
            text = _body(session, texts)
            if self._texts.get(number) != text:
                self._texts[number] = text
                found[session.exporter, session.version, session.domain] = text
        self._known.touched.clear()
        return found

    def waiting(self) -> tuple[list[tuple[Stream, int]], list[StoredSet]]:
        """Streams and templates for which nothing waits that did, and the sets that wait since."""
        settled: list[tuple[Stream, int]] = []
        fresh: list[StoredSet] = []
        now = {key: self._known.waiting.of(key) for key in self._known.waiting.wanted()}
        for key, (first, _) in list(self._waiting.items()):
            if key not in now or now[key][0] is not first:
                settled.append((self._stream(key[0]), key[1]))
                del self._waiting[key]
        for key, sets in now.items():
            told = self._waiting[key][1] if key in self._waiting else 0
            fresh += [StoredSet(self._stream(key[0]), key[1], one) for one in sets[told:]]
            self._waiting[key] = sets[0], len(sets)
        return settled, fresh

    def _stream(self, number: int) -> Stream:
        session = self._known.sessions[number]
        return session.exporter, session.version, session.domain


def restored(
    streams: Iterable[tuple[Stream, str]], waiting: Iterable[StoredSet], decoder: Decoder
) -> Stored:
    """Put into a fresh decoder what another had told. Raises ValueError where a text is none of ours."""
    known = decoder.exporters
    numbers: dict[Stream, int] = {}
    known.templates.begin()
    for stream, text in streams:
        number = known.session(*stream)
        if number < 0:
            continue
        numbers[stream] = number
        known.touched.add(number)
        for template in _put_back(known.sessions[number], text):
            known.templates.take(number, -1, template, stream[0])
    known.templates.begin()
    for one in waiting:
        if one.stream in numbers:
            key = numbers[one.stream], one.template
            known.waiting.add(key, one.held, one.stream[0])
    stored = Stored(decoder)
    # What was read is what was told.
    stored.changed()
    stored.waiting()
    return stored


def sequence_text(sequence: Sequence) -> str:
    """The accounts of one stream that has no templates."""
    return json.dumps(_numbers(sequence))


def sequence_of(text: str) -> Sequence:
    """The accounts that `sequence_text` wrote. Raises ValueError."""
    return _sequence(json.loads(text))


def _numbers(sequence: Sequence) -> list[int | None]:
    own = None if sequence.own is None else int(sequence.own)
    of_all = [sequence.expected, sequence.received, sequence.lost, sequence.late, sequence.restarts]
    return [*of_all, own, sequence.last]


def _template(template: Template) -> list[Any]:
    fields = [[one.enterprise, one.element, one.size] for one in template.fields]
    return [template.id, template.scopes, fields]


def _body(session: Session, templates: list[Any]) -> str:
    sampling = session.sampling
    return json.dumps(
        {
            "sequence": _numbers(session.sequence),
            "boot": [session.boot, session.boot_estimate],
            "heard": session.heard,
            "sampling": [
                list(sampling.samplers.items()),
                list(sampling.interfaces.items()),
                sampling.general,
            ],
            "templates": templates,
        },
        separators=(",", ":"),
    )


def _put_back(session: Session, text: str) -> Iterator[Template]:
    try:
        body = json.loads(text)
        session.sequence = _sequence(body["sequence"])
        session.boot, session.boot_estimate = body["boot"]
        session.heard = body["heard"]
        samplers, interfaces, general = body["sampling"]
        session.sampling = Sampling(dict(samplers), dict(interfaces), general)
        for number, scopes, fields in body["templates"]:
            yield Template.of(number, tuple(FieldSpec(*one) for one in fields), scopes)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not what a collector keeps of a stream: {error}") from error


def _sequence(numbers: Any) -> Sequence:
    expected, received, lost, late, restarts, own, last = _whole(numbers, 7)
    own = None if own is None else bool(own)
    return Sequence(expected, received, lost, late, restarts, own, last)


def _whole(values: Any, count: int) -> list[Any]:
    if not isinstance(values, list) or len(values) != count:
        raise ValueError("not what a collector keeps of a stream")
    return values


def heard(text: str) -> int:
    """When a stream's last datagram came, microseconds. Raises ValueError."""
    try:
        return int(json.loads(text)["heard"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not what a collector keeps of a stream: {error}") from error


def streams_of(
    known: Exporters, numbers: Iterable[int] | None = None
) -> Iterator[tuple[Stream, Sequence, int]]:
    """Streams with their accounts and how many templates each has announced; all, or those numbered."""
    for number in range(len(known.sessions)) if numbers is None else numbers:
        one = known.sessions[number]
        yield (one.exporter, one.version, one.domain), one.sequence, len(known.templates.of(number))
