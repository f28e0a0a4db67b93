"""What people say of alerts: who has seen one, until when it is to be silent, and when there is maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.register import read_register
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import rfc3339
from sekisho.state.alerts import AlertRow
from sekisho.state.records import AlertAnswer, AnswerAction, Maintenance
from sekisho.watch.alerts import Alert, AlertsDocument
from sekisho.watch.book import Book
from sekisho.watch.composing import status_of
from sekisho.watch.people import people
from sekisho.watch.standing import Standing

MAX_TEXT = 4_000
LONGEST = timedelta(days=31)
"""A maintenance window is no longer than this: what is silent for good is a rule, or an acceptance."""
ANSWERED = ("acknowledged", "snoozed", "muted", "withdrawn", "cleared")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a maintenance window is about; all that is said must hold of a connection."""

    sites: Sequence[str] = ()
    links: Sequence[str] = ()
    hosts: Sequence[str] = ()
    rules: Sequence[str] = ()


def listed(workspace: Workspace, *, now: datetime, every: bool = False) -> AlertsDocument:
    """Alerts, the worst first: those that nobody answered, or every one."""
    with open_decisions(workspace) as decisions:
        store = decisions.state.alerts()
        alerts = [_as_of(row, now) for row in store.alerts().values()]
        watched = store.cursor() is not None
    chosen = tuple(alert for alert in alerts if every or alert.status not in ANSWERED)
    notes = [] if watched else ["nothing was ever watched here: `sekisho watch` judges what comes in"]
    hidden = len(alerts) - len(chosen)
    if hidden:
        notes.append(f"{hidden} more are answered, muted or over: --all shows them")
    return AlertsDocument(alerts=chosen, notes=tuple(notes))


def shown(workspace: Workspace, asked: str, *, now: datetime) -> tuple[Alert, tuple[AlertAnswer, ...]]:
    """One alert, and what people said of it. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        row = _find(decisions, asked)
        said = tuple(one for one in decisions.state.answers() if one.alert == row.id)
        return _as_of(row, now), said


def answer(
    workspace: Workspace,
    asked: str,
    action: AnswerAction,
    *,
    now: datetime,
    by: str,
    why: str,
    until: datetime | None = None,
) -> Alert:
    """Record what somebody says of an alert, and how it stands now. Raises RequestError."""
    _reason(why)
    if action == "snooze" and until is None:
        raise RequestError("a snooze has an end", "--for 2h, or --until DAY")
    if until is not None and until <= now:
        raise RequestError(f"{rfc3339(until)[:16]}Z is past", "it ends in the future")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        row = _find(decisions, asked)
        status = _as_of(row, now).status
        if action == "reopen" and status not in ("acknowledged", "snoozed"):
            raise RequestError(f"{row.id} is {status}: there is no answer to take back")
        body: dict[str, Any] = {"alert": row.id, "why": why.strip()}
        if until is not None:
            body["until"] = rfc3339(until)
        decisions.decide(f"alert.{action}", body, at=now, by=by)
        with decisions.state.alerts().round() as work:
            book = Book(decisions.state.alerts(), work, people(decisions.state, now), {}, now)
            book.answered(row.id)
            book.settle()
        return _as_of(_find(decisions, row.id), now)


def maintenance(workspace: Workspace) -> tuple[Maintenance, ...]:
    """Maintenance windows, oldest first."""
    with open_decisions(workspace) as decisions:
        return decisions.state.maintenance()


def set_maintenance(
    workspace: Workspace,
    scope: Scope,
    *,
    begin: datetime,
    end: datetime,
    now: datetime,
    by: str,
    why: str,
    everything: bool = False,
) -> Maintenance:
    """Keep what lies in a scope silent from `begin` until `end` (aware UTC). Raises RequestError."""
    _reason(why)
    if end <= begin:
        raise RequestError("a window ends after it begins")
    if end <= now:
        raise RequestError(f"{rfc3339(end)[:16]}Z is past", "a window ends in the future")
    if end - begin > LONGEST:
        raise RequestError(
            f"a window is at most {LONGEST.days} days long",
            "what is right for longer is a rule in the register, or `sekisho finding accept`",
        )
    named = [*scope.sites, *scope.links, *scope.hosts, *scope.rules]
    if not named and not everything:
        raise RequestError(
            "say what is maintained", "--site, --link, --host or --rule; --all for everything"
        )
    _check(workspace, scope)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        name = f"M-{len(decisions.state.maintenance()) + 1}"
        body = {
            "name": name,
            "from": rfc3339(begin),
            "until": rfc3339(end),
            "why": why.strip(),
            "sites": list(scope.sites),
            "links": list(scope.links),
            "hosts": list(scope.hosts),
            "rules": list(scope.rules),
        }
        decisions.decide("maintenance.set", body, at=now, by=by)
        return decisions.state.maintenance()[-1]


def end_maintenance(workspace: Workspace, name: str, *, now: datetime, by: str) -> Maintenance:
    """End a window now. Raises RequestError where there is none of that name, or it is over."""
    with open_decisions(workspace) as decisions, decisions.exclusive():
        found = {one.name: one for one in decisions.state.maintenance()}
        if name not in found:
            raise RequestError(f"there is no maintenance window {name!r}", f"there are: {_some(found)}")
        if found[name].end <= now:
            raise RequestError(f"{name} is over")
        decisions.decide("maintenance.end", {"name": name}, at=now, by=by)
        return next(one for one in decisions.state.maintenance() if one.name == name)


def _reason(why: str) -> None:
    if not why.strip():
        raise RequestError("an answer says why", "--why 'in words an auditor can use'")
    if len(why) > MAX_TEXT:
        raise RequestError(f"that is longer than {MAX_TEXT} characters")


def _check(workspace: Workspace, scope: Scope) -> None:
    inventory, policy = read_register(workspace)
    sites = [*scope.sites]
    for link in scope.links:
        a, arrow, b = (part.strip() for part in link.partition("<->"))
        if not (arrow and a and b):
            raise RequestError(f"{link!r} is no link", "write 'th-plant <-> jp-hq', `*` for any site")
        sites += [site for site in (a, b) if site != "*"]
    for site in sites:
        if site not in inventory.sites:
            raise RequestError(f"no site is called {site!r}", f"sites: {_some(inventory.sites)}")
    rules = {rule.id for rule in policy.rules}
    for rule in scope.rules:
        if rule not in rules:
            raise RequestError(f"the register has no rule {rule!r}")
    names = {asset.hostname for asset in inventory.assets}
    for host in scope.hosts:
        if host in names:
            continue
        try:
            ip_network(host)
        except ValueError as error:
            raise RequestError(
                f"{host!r} is no host", "an address, a prefix, or a hostname of assets.csv"
            ) from error


def _some(names: Any) -> str:
    return ", ".join(sorted(names)[:20]) or "none"


def _find(decisions: Decisions, asked: str) -> AlertRow:
    wanted = asked if asked.startswith("A-") else f"A-{asked}"
    rows = decisions.state.alerts().alerts()
    found = [row for name, row in rows.items() if name.startswith(wanted)]
    if wanted in rows or len(found) == 1:
        return rows.get(wanted) or found[0]
    if found:
        some = ", ".join(row.id for row in found[:5])
        raise RequestError(f"{asked} is the beginning of {len(found)} alerts", f"among them {some}")
    raise RequestError(f"there is no alert {asked}", "`sekisho alert list --all` names them")


def _as_of(row: AlertRow, now: datetime) -> Alert:
    """An alert as it stands: a snooze ends by itself."""
    alert = Alert.model_validate_json(row.document)
    if alert.status == "snoozed":
        status = status_of(Standing.from_json(row.standing), now)
        alert = alert.model_copy(update={"status": status})
    return alert
