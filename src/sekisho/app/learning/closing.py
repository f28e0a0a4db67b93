"""Close an action with evidence: it must be there, hold, and be newer than the action itself."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.learning.acting import learned
from sekisho.app.learning.records import actions
from sekisho.app.notifying.drafting import read_file
from sekisho.app.policy import tested
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.learning import ActionDocument, ClosingKind, LearningDocument
from sekisho.policy.testing import TestsDocument

_KINDS = "audit:NAME, campaign:NAME, test:'deny: a/* -> b/* : tcp/445' or file:PATH"


@dataclass(frozen=True, slots=True)
class _Evidence:
    kind: ClosingKind
    ref: str
    says: str
    content: bytes | None = None


def close(
    workspace: Workspace, asked: str, action: str, evidence: str, *, now: datetime, by: str
) -> LearningDocument:
    """Close an action. `evidence` is a recorded audit (`audit:NAME`), a campaign of the fleet
    (`campaign:NAME`), a test of the policy (`test:TEXT`) or a file that is kept (`file:PATH`).

    Raises RequestError for evidence that is not there, does not hold, or is older than the action.
    """
    kind, mark, ref = (part.strip() for part in evidence.partition(":"))
    if not mark or not ref or kind not in ("audit", "campaign", "test", "file"):
        raise RequestError(f"`{evidence[:60]}` is no evidence", f"write {_KINDS}")
    settings = workspace.settings(os.environ).settings
    tests = tested(workspace, now=now) if kind == "test" else None
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        known = actions(decisions.state.notices().events(incident), now, settings.timezone)
        one = next((one for one in known if one.id == action.upper()), None)
        if one is None:
            names = [one.id for one in known]
            raise RequestError(f"there is no action {action[:20]}", did_you_mean(action, names))
        if one.state == "closed":
            raise RequestError(f"{one.id} is closed already, by {one.evidence[-1].by}")
        found = _found(decisions, one, kind, ref, tests)
        body: dict[str, str] = {
            "incident": incident,
            "action": one.id,
            "kind": found.kind,
            "ref": found.ref,
            "says": found.says,
        }
        if found.content is not None:
            body["sha256"] = hashlib.sha256(found.content).hexdigest()
        contents = [] if found.content is None else [found.content]
        decisions.decide("notify.closing", body, at=now, by=by, contents=contents)
    return learned(workspace, incident, now=now)


def _found(
    decisions: Decisions, action: ActionDocument, kind: str, ref: str, tests: TestsDocument | None
) -> _Evidence:
    if kind == "audit":
        return _audit(decisions, action, ref)
    if kind == "campaign":
        return _campaign(decisions, action, ref)
    if kind == "file":
        return _file(decisions, action, Path(ref))
    return _test(decisions, action, ref, tests)


def _audit(decisions: Decisions, action: ActionDocument, name: str) -> _Evidence:
    known = {one.name: one for one in decisions.state.audits()}
    if name not in known:
        raise RequestError(
            f"no audit {name[:60]} is recorded",
            did_you_mean(name, known, "sekisho audit list; sekisho audit record NAME"),
        )
    one = known[name]
    _newer(action, one.seq, f"the audit {name}", f"it was recorded {one.at:%Y-%m-%d %H:%M} UTC")
    return _Evidence("audit", name, f"recorded by {one.by} {one.at:%Y-%m-%d %H:%M} UTC, {one.document}")


def _campaign(decisions: Decisions, action: ActionDocument, name: str) -> _Evidence:
    known = {one.name: one for one in decisions.state.fleet().campaigns()}
    if name not in known:
        raise RequestError(
            f"there is no campaign {name[:60]}",
            did_you_mean(name, known, "sekisho fleet campaign list"),
        )
    one = known[name]
    _newer(action, one.seq, f"the campaign {name}", "it was begun before")
    told = {
        answer.who
        for answer in decisions.state.fleet().answers()
        if answer.check in one.checks and one.begin is not None and answer.received >= one.begin
    }
    asked = decisions.state.campaigns().tallies(one.seq).values()
    answers = max(len(told), sum(tally.done for tally in asked))
    if not answers:
        raise RequestError(
            f"no terminal has answered the campaign {name}", "close the action once it was answered"
        )
    checks = ", ".join(one.checks[:8])
    return _Evidence("campaign", name, f"{answers} terminals answered; checks: {checks}")


def _file(decisions: Decisions, action: ActionDocument, path: Path) -> _Evidence:
    content = read_file(path)
    digest = hashlib.sha256(content).hexdigest()
    if decisions.state.content(digest) is not None:
        for entry in decisions.ledger.entries():
            if entry.seq >= action.seq:
                break
            if digest in json.dumps(entry.body):
                _newer(action, entry.seq, str(path), f"ledger entry {entry.seq} has it already")
    return _Evidence("file", path.name[:200], f"{len(content):,} bytes, SHA-256 {digest}", content)


def _test(
    decisions: Decisions, action: ActionDocument, text: str, tests: TestsDocument | None
) -> _Evidence:
    known = {_plain(one.test): one for one in (tests.tests if tests else ())}
    wanted = _plain(text)
    if wanted not in known:
        raise RequestError(f"the policy has no test `{text[:120]}`", did_you_mean(wanted, known))
    one = known[wanted]
    if not one.holds:
        raise RequestError(
            f"the test `{one.test}` does not hold: {one.witness}", "mend the policy first"
        )
    claim = wanted.partition(":")[2]
    for version in decisions.state.versions("policy"):
        if version.seq >= action.seq:
            break
        for file in version.files:
            content = decisions.state.content(file.sha256)
            if content is not None and claim in _plain(content.decode("utf-8", "replace")):
                when = f"{version.seen_at:%Y-%m-%d %H:%M} UTC"
                _newer(action, version.seq, "the test", f"{file.path} of {when} has it already")
    return _Evidence("test", one.test, f"holds; {one.file}:{one.line}")


def _newer(action: ActionDocument, seq: int, what: str, because: str) -> None:
    if seq <= action.seq:
        raise RequestError(
            f"{what} is older than {action.id} and cannot be its evidence: {because}",
            "evidence comes after the action that it closes",
        )


def _plain(text: str) -> str:
    """Without spaces and quotes: the same claim however it is written."""
    return "".join(c for c in text if not c.isspace() and c not in "\"'")
