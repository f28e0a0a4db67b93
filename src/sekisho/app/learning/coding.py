"""Code an incident in VERIS: what the incident suggests, and what a person confirms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.showing import Step, show
from sekisho.app.learning.records import coded
from sekisho.app.notifying.records import sheet
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.learning import CodingProposal, VerisDocument
from sekisho.notify.learning.suggested import suggested
from sekisho.notify.learning.veris import lacking, read_field, record, veris
from sekisho.state.notice_records import NoticeEvent


def shown(workspace: Workspace, asked: str) -> VerisDocument:
    """What was confirmed. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        return document_of(incident, decisions.state.notices().events(incident))


def proposed(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> VerisDocument:
    """The same, with what the incident and its facts suggest. Raises RequestError where there is no lake."""
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        events, facts = store.events(incident), sheet(store, incident).values()
    known = coded(events)
    document = show(workspace, incident, now=now, by=by, step=step)
    found = tuple(
        CodingProposal(
            field=field,
            values=tuple(values.split(",")),
            why=why,
            coded=known[field].values if field in known else None,
        )
        for field, values, why in suggested(document, facts)
    )
    note = "proposals count for nothing until they are confirmed: --set FIELD=WORDS, or --take FIELD"
    return document_of(incident, events).model_copy(update={"proposals": found, "notes": (note,)})


def confirm(
    workspace: Workspace, asked: str, texts: Sequence[str], *, now: datetime, by: str
) -> VerisDocument:
    """Code fields as `FIELD=WORD,WORD`; `FIELD=` empties one. All are checked before any counts.

    Raises RequestError.
    """
    pairs = []
    for text in texts:
        name, mark, value = (part.strip() for part in text.partition("="))
        if not mark:
            raise RequestError(f"`{text[:60]}` codes nothing", "write FIELD=WORD,WORD")
        values = read_field(name, value) if value else ()
        if name not in veris().fields:
            raise RequestError(
                f"`{name[:60]}` is no field that is coded", did_you_mean(name, veris().fields)
            )
        pairs.append((name, ",".join(values)))
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        for name, value in pairs:
            known = coded(decisions.state.notices().events(incident)).get(name)
            if value == ",".join(known.values if known else ()):
                continue
            body = {"incident": incident, "field": name, "value": value}
            decisions.decide("notify.coding", body, at=now, by=by)
        return document_of(incident, decisions.state.notices().events(incident))


def take(
    workspace: Workspace,
    asked: str,
    fields: Sequence[str],
    *,
    now: datetime,
    by: str,
    step: Step | None = None,
) -> VerisDocument:
    """Confirm what the incident suggests for these fields, as it suggests it now. Raises RequestError."""
    found = {one.field: one for one in proposed(workspace, asked, now=now, by=by, step=step).proposals}
    for name in fields:
        if name not in found:
            raise RequestError(f"nothing suggests {name[:60]}", did_you_mean(name, found))
    texts = [f"{name}={','.join(found[name].values)}" for name in fields]
    return confirm(workspace, asked, texts, now=now, by=by)


def document_of(incident: str, events: tuple[NoticeEvent, ...]) -> VerisDocument:
    """What was confirmed, as it is told."""
    known = coded(events)
    values = {name: one.values for name, one in known.items()}
    return VerisDocument(
        incident=incident,
        fields=tuple(known[name] for name in veris().fields if name in known),
        missing=lacking(values),
        record=record(incident, values),
    )
