"""What an address was called, who asked for a name, where a hash or fingerprint was seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.findings import Span
from sekisho.model.names import VALUE_LIMIT
from sekisho.model.naming import NameEvidence, NamesDocument, NameSighting

_EMPTY = "no names are on record for this time: nothing found says nothing"


def names(
    workspace: Workspace, asked: str, *, begin: datetime | None, end: datetime | None, limit: int
) -> NamesDocument:
    """What is known of an address, a name, a hash or a fingerprint in a window (aware UTC; None: all), at
    most `limit` sightings, the last seen first.

    Raises RequestError for a value that cannot be any of these.
    """
    value = asked.strip()
    if not value or len(value) > VALUE_LIMIT:
        raise RequestError(
            f"a value has from 1 to {VALUE_LIMIT} characters",
            "give an address, a name, a hash or a fingerprint",
        )
    try:
        address = parse_address(value)
    except ValueError:
        ends, value = [], value.lower().removesuffix(".")
    else:
        ends, value = [key(address)], str(address)
    # User agents are kept as they are written, all else in lower case.
    values = {value, asked.strip()}
    with open_lake(workspace) as lake:
        found = lake.called(values, ends, begin, end, limit)
    notes = [] if found.recorded else [_EMPTY]
    if found.damage:
        notes.append(f"{len(found.damage)} damaged files of names could not be asked")
    return NamesDocument(
        asked=value,
        is_address=bool(ends),
        window=Span.model_validate({"from": begin, "to": end}),
        recorded=found.recorded,
        total=found.total,
        sightings=tuple(_sighting(row) for row in found.rows),
        notes=tuple(notes),
    )


def _sighting(row: Mapping[str, Any]) -> NameSighting:
    return NameSighting(
        kind=row["kind"],
        value=row["value"],
        beside=row["other"],
        times=row["times"],
        first_seen=row["first"],
        last_seen=row["last"],
        clients=_ends(row["clients"]),
        client_count=row["client_count"],
        servers=_ends(row["servers"]),
        server_count=row["server_count"],
        sensors=tuple(row["sensors"]),
        evidence=NameEvidence(path=row["path"], sha256=row["sha256"], row=row["row"]),
    )


def _ends(ends: list[Mapping[str, Any]] | None) -> tuple[str, ...]:
    texts = ((end["realm"], text_of(end["hi"], end["lo"])) for end in ends or ())
    return tuple(f"{realm}:{text}" if realm else text for realm, text in texts)
