"""Take in registers of terminals, and what was collected from them. A file counts once, by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sekisho.app.checking.asked import checks_of, look_of
from sekisho.app.checking.keeping import LakeKeeper
from sekisho.app.checking.reading import Reader, Taken, unknown
from sekisho.app.checking.standing import MOST_STRANGERS, strangers
from sekisho.app.checking.units import Unit, units_of
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.terminals import resolved
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError
from sekisho.fleet.checks.registry import answers
from sekisho.fleet.collections.base import MOST_ASIDE, Collection
from sekisho.fleet.identity import is_name
from sekisho.model.fleet import ImportDocument, IntakeItem
from sekisho.model.terminals import Aside, CheckAnswer, Intake

_NOT_KEPT = ("unknown", "refused")

Step = Callable[[str, int, int | None], None]


def take_in(
    workspace: Workspace,
    places: Sequence[Path],
    *,
    now: datetime,
    by: str,
    columns: Mapping[str, str] | None = None,
    host: str = "",
    again: bool = False,
    step: Step | None = None,
) -> ImportDocument:
    """Take in files and folders. What cannot be read is set aside with its place; the rest counts.

    `host` names the machine that all of it was copied from, where a person knows. `again` reads files anew
    that were taken in before, by the columns, rules, lists and indicators of now: what they said before stays.
    Raises FileProblems for a register without hostnames or rules that are wrong, RequestError for a file that
    is not there.
    """
    if host and not is_name(host):
        raise RequestError(f"{host[:60]!r} is no name of a machine", "--host NAME")
    inventory = read_inventory(workspace)
    checks = checks_of(workspace, now)
    look = look_of(workspace)
    units = list(units_of(places, host))
    if any(unit.holds_files for unit in units) or host:
        look.prepare()

    def judge(collection: Collection, sha256: str) -> list[CheckAnswer]:
        return list(answers(collection, sha256, now, checks))

    named = set(places)
    items: list[IntakeItem] = []
    passed_over = 0
    with open_decisions(workspace) as decisions, open_lake(workspace) as lake:
        keeper = LakeKeeper(lake.events.intake)
        reader = Reader(columns or {}, replace(look, keeper=keeper), host, judge, keeper)
        before = len(resolved(decisions, inventory, now).terminals)
        for n, unit in enumerate(units):
            if step is not None:
                step("files", n, len(units))
            by_name = unit.path in named
            one = _one(decisions, unit, reader, now, by, named=by_name, again=again)
            # A folder that was collected holds much that is nobody's list and nobody's answer.
            if one.kind == "unknown" and not by_name:
                passed_over += 1
            else:
                items.append(one)
        keeper.drop()
        after = resolved(decisions, inventory, now)
        unknown = strangers(decisions.state.fleet().answers(), after)
    return ImportDocument(
        files=tuple(items),
        passed_over=passed_over,
        terminals=len(after.terminals),
        new=len(after.terminals) - before,
        merged=sum(len(t.joined) for t in after.terminals),
        strangers=unknown[:MOST_STRANGERS],
        strangers_in_all=len(unknown),
    )


def _one(
    decisions: Decisions,
    unit: Unit,
    reader: Reader,
    now: datetime,
    by: str,
    *,
    named: bool,
    again: bool,
) -> IntakeItem:
    path = unit.path
    sha256 = unit.sha256(reader.host)
    store = decisions.state.fleet()
    known = store.known(sha256)
    if known and not again:
        return IntakeItem(file=str(path), kind="known", sha256=sha256, read=0, aside=0, again=True)
    try:
        taken = reader.read(unit, sha256)
    except RequestError as error:
        if named:
            raise
        # A folder that was collected may hold tables that are no list; a list that is meant is named.
        problems = error.problems if isinstance(error, FileProblems) else ()
        aside = [Aside(p.line, p.message) for p in problems] or [Aside(0, str(error))]
        taken = Taken("refused", aside=aside)
    except OSError as error:
        taken = unknown(f"cannot be read: {error.strerror}")
    read = len(taken.sightings) + len(taken.answers)
    if taken.kind not in _NOT_KEPT:
        if reader.keeper is not None:
            # Events first: a file that is known is not read again, and they would be missing for good.
            reader.keeper.commit()
        body = {
            "sha256": sha256,
            "file": path.name,
            "kind": taken.kind,
            "read": read,
            "aside": taken.aside_count,
        }
        body |= {"again": True} if known else {}
        # The entry first: what counts is in the ledger, and an entry without its rows is made whole by
        # importing the file again.
        with decisions.exclusive():
            decisions.decide("fleet.import", body, at=now, by=by)
            kept = Intake(
                sha256,
                path.name,
                taken.kind,
                now,
                by,
                read,
                taken.aside_count,
                tuple(taken.aside[:MOST_ASIDE]),
            )
            if known:
                store.add(taken.answers, sha256, taken.sightings)
            else:
                store.take_in(kept, taken.sightings, taken.answers)
    return IntakeItem(
        file=str(path),
        kind=taken.kind,
        sha256=sha256,
        read=read,
        aside=taken.aside_count,
        again=known,
        problems=tuple(
            f"{path}:{a.row}: {a.why}" if a.row else f"{path}: {a.why}" for a in taken.aside
        )[:MOST_ASIDE],
        notes=tuple(taken.notes),
    )
