"""Ask the clocks of an incident: what is due to whom by when, and what would change if a fact changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.notifying.facts import pair
from sekisho.app.notifying.obligations import obligations
from sekisho.app.notifying.records import deliveries, sheet
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.notices import NO_ADVICE, Before, ClocksDocument
from sekisho.notify.clocks import clocks
from sekisho.notify.conflicts import too_early
from sekisho.notify.facts import UNKNOWN, Recorded, Sheet
from sekisho.notify.reading import asked as one_of
from sekisho.notify.uncovered import uncovered
from sekisho.notify.vocabulary import in_words, read_value


def ask(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    at: datetime | None = None,
    assumed: Sequence[str] = (),
    only: Sequence[str] = (),
) -> ClocksDocument:
    """Every clock of an incident, or those of the obligations `only`. Raises RequestError, FileProblems.

    `at` (aware UTC, past) asks as of then: with facts known and deliveries made until then. `assumed` are
    `NAME=VALUE` that nobody recorded; each clock they change says what it says without them.
    """
    if at is not None and at > now:
        raise RequestError("that time lies ahead", "ask for now, or for a time that is past")
    when = now if at is None else at
    every = obligations(workspace)
    chosen = tuple(one_of(every, name) for name in only) if only else every
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        known, sent = sheet(store, incident, at), deliveries(store, incident, at)
    found = clocks(chosen, known, sent, when)
    pairs = [pair(text, None) for text in assumed]
    if pairs:
        after = clocks(chosen, _assuming(known, pairs, when), sent, when)
        found = tuple(
            new.model_copy(
                update={
                    "moved": old.moved,
                    "before": None
                    if (old.state, old.due) == (new.state, new.due)
                    else Before(state=old.state, due=old.due),
                }
            )
            for old, new in zip(found, after, strict=True)
        )
    notes = [NO_ADVICE]
    if at is not None:
        notes.append(f"as of {in_words(when)}: with what was known then")
    notes += [
        f"NOT REVIEWED: {one.obligation or 'document'} {one.stage}: {one.unreviewed}"
        for one in sent
        if one.unreviewed and (not only or one.obligation in only)
    ]
    if not only:
        notes += uncovered(every, known.values())
    if not known.recorded:
        notes.append(f"no fact was recorded: sekisho notify facts {incident} --set NAME=VALUE")
    return ClocksDocument(
        incident=incident,
        at=when,
        clocks=found,
        assumed=tuple(f"{name}={value}" for name, value in pairs),
        contradictions=(*known.contradictions(), *too_early(found)),
        notes=tuple(notes),
    )


def _assuming(known: Sheet, pairs: Sequence[tuple[str, str]], when: datetime) -> Sheet:
    after = max((one.seq for one in known.recorded), default=0) + 1
    more = (
        Recorded(
            name,
            None if value == UNKNOWN else read_value(name, value),
            when,
            "assumed",
            "assumed",
            when,
            after + n,
        )
        for n, (name, value) in enumerate(pairs)
    )
    return Sheet.of((*known.recorded, *more))
