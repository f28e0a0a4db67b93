"""Terminals that have enrolled with the service, and answer what it hands them; without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from sekisho.app.checking.judge import Judge
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.fleet.service.asking import Answer, Config, Read, Write
from sekisho.fleet.service.campaigning import Campaigning
from sekisho.fleet.service.dispatch import Outcome
from sekisho.fleet.service.sitting import Sitting, Terms
from sekisho.model.nodes import Enrolling
from sekisho.model.terminals import Sighting

Rows = list[dict[str, str]]
DIGEST = "ab" * 32
TERMS = Terms(lambda: b"{}", hops=False)


def enrol(workspace: Workspace, at: datetime, **places: str) -> None:
    """Terminals by name, each heard from its address at that time, for the first time or again."""
    with open_decisions(workspace) as decisions:
        state = decisions.state
        for name, address in places.items():
            key = f"key-{name}"
            with state.nodes().batch() as batch:
                callers, _ = batch.callers([key])
                if key not in callers:
                    one = Enrolling(name, Sighting(name), name, "5.12", address, "s", key)
                    batch.enrol([(one, "S-1")], {}, at, 99)
                else:
                    dispatcher = Campaigning(state.fleet(), state.campaigns())
                    Sitting(batch, dispatcher, TERMS, at).answer([Config(key, address)], {})


def tls(*places: str) -> Rows:
    """What osquery answers where these shook hands."""
    return [{"kind": "tls", "asked": place, "came": DIGEST} for place in places]


def answer(
    workspace: Workspace, name: str, address: str, at: datetime, rows: Rows | str
) -> Mapping[str, str]:
    """One terminal asks what it is asked, and answers all of it so (a text: that it failed). What it was
    asked, by id."""
    with open_decisions(workspace) as decisions:
        state = decisions.state
        dispatcher = Campaigning(state.fleet(), state.campaigns())

        def sit(one: Read | Write, when: datetime) -> bytes:
            with state.nodes().batch() as batch:
                return Sitting(batch, dispatcher, TERMS, when).answer([one], {})[0].body

        asked = json.loads(sit(Read(f"key-{name}", address), at))["queries"]
        if asked:
            failed = isinstance(rows, str)
            outcome = Outcome(int(failed), rows if isinstance(rows, str) else "", f"{name}{at}")
            given = msgspec.Raw(b"[]" if failed else json.dumps(rows).encode())
            write = Write(f"key-{name}", address, dict.fromkeys(asked, Answer(outcome, given)))
            sit(write, at + timedelta(seconds=1))
        judge = Judge(workspace, state, now=lambda: at + timedelta(seconds=2))
        while judge.turn():
            pass
        return dict(asked)
