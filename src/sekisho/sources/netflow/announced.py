"""Which templates are in force, and which was when a set came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.sources.netflow.templates import Announced, Template, Withdrawal

SESSION_LIMIT = 4096
"""Templates of one exporter and domain."""
FIELDS_LIMIT = 500_000
"""Fields of all templates together."""

Key = tuple[int, int]
_OF_ALL = {2: False, 3: True}


@dataclass(slots=True)
class Announcements:
    """Templates by session and id. Within one batch of datagrams older ones are still known by place."""

    fields_limit: int = FIELDS_LIMIT
    session_limit: int = SESSION_LIMIT
    each_limit: int = FIELDS_LIMIT
    """Fields of one exporter's templates, in all its domains: a flood leaves room for others."""
    _current: dict[Key, Template] = field(default_factory=dict)
    _changes: dict[Key, list[tuple[int, Template | None]]] = field(default_factory=dict)
    _of_session: dict[int, dict[int, Template]] = field(default_factory=dict)
    _fields: int = 0
    _fields_of: Counter[str] = field(default_factory=Counter)
    _owners: dict[int, str] = field(default_factory=dict)

    def begin(self) -> None:
        """A new batch: what changed in the last one is settled."""
        self._changes.clear()

    def take(self, session: int, place: int, announced: Announced, owner: str = "") -> str:
        """A template that stood at `place` of the batch; why it was not kept, or an empty text.

        `owner` is whose session it is, always the same for one session.
        """
        if isinstance(announced, Withdrawal):
            self._withdraw(session, place, announced.id)
            return ""
        key = (session, announced.id)
        before = self._current.get(key)
        if before is not None and (before.fields, before.scopes) == (
            announced.fields,
            announced.scopes,
        ):
            return ""
        more = len(announced.fields) - (len(before.fields) if before else 0)
        if self._fields + more > self.fields_limit:
            return f"template {announced.id} is not kept: all templates have {self.fields_limit} fields"
        if self._fields_of[owner] + more > self.each_limit:
            return f"template {announced.id} is not kept: its exporter's have {self.each_limit} fields in all"
        own = self._of_session.setdefault(session, {})
        if before is None and len(own) >= self.session_limit:
            return f"template {announced.id} is not kept: its exporter has {self.session_limit}"
        own[announced.id] = announced
        self._fields += more
        self._fields_of[owner] += more
        self._owners[session] = owner
        self._change(key, place, before, announced)
        self._current[key] = announced
        return ""

    def _withdraw(self, session: int, place: int, number: int) -> None:
        if number in _OF_ALL:
            options = _OF_ALL[number]
            gone = [
                key
                for key, template in self._current.items()
                if key[0] == session and (template.scopes > 0) == options
            ]
        else:
            gone = [(session, number)] if (session, number) in self._current else []
        for key in gone:
            template = self._current.pop(key)
            del self._of_session[session][key[1]]
            self._fields -= len(template.fields)
            self._fields_of[self._owners[session]] -= len(template.fields)
            self._change(key, place, template, None)

    def _change(self, key: Key, place: int, before: Template | None, after: Template | None) -> None:
        changes = self._changes.setdefault(key, [(-1, before)] if before is not None else [])
        changes.append((place, after))

    def knows(self, key: Key) -> bool:
        """Whether a template is in force now."""
        return key in self._current

    def current(self, key: Key) -> Template | None:
        """The template in force now."""
        return self._current.get(key)

    def of(self, session: int) -> Mapping[int, Template]:
        """The templates of a session in force now, by id."""
        return self._of_session.get(session, {})

    def changed(self) -> tuple[Key, ...]:
        """What this batch announced, in order."""
        return tuple(self._changes)

    def versions(self, key: Key) -> list[tuple[int, Template | None]]:
        """The templates of this batch by the place from which each holds, in order.

        What came before the first of them is read by it: a template may come after its data.
        """
        if key in self._changes:
            return self._changes[key]
        current = self._current.get(key)
        return [] if current is None else [(-1, current)]
