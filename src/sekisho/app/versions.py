"""The registers and inventories that were in use, and rules that were written down too late."""

from __future__ import annotations

from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.register import load_register
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.policy.retroactive import content_hash
from sekisho.state.records import Version


def listed(workspace: Workspace) -> tuple[Version, ...]:
    """Every version of policy and inventory, in the order in which they came into use."""
    with open_decisions(workspace) as decisions:
        both = (*decisions.state.versions("policy"), *decisions.state.versions("inventory"))
    return tuple(sorted(both, key=lambda version: version.seq))


def accept_retroactive(workspace: Workspace, rule_id: str, *, why: str, now: datetime, by: str) -> None:
    """As a second person, let a rule excuse what happened before it was kept.

    Raises Refused where that person is the one who used the rule first, RequestError where the rule
    does not exist, is not retroactive, or was accepted already.
    """
    if not why.strip():
        raise RequestError("an acceptance says why", "--why 'in words an auditor can use'")
    with open_decisions(workspace) as decisions:
        register = load_register(workspace, decisions, now=now, by=by)
        rule = next((r for r in register.policy.rules if r.id == rule_id), None)
        if rule is None:
            raise RequestError(f"the register has no rule {rule_id!r}")
        name = content_hash(rule)
        with decisions.exclusive():
            state = decisions.state
            known = next((one for one in state.rules() if one.rule_hash == name), None)
            late = any(
                one.id == rule_id and one.recorded is not None for one in register.compiled.policy.rules
            )
            if known is None or not late:
                raise RequestError(f"{rule_id} is not retroactive", "it needs nobody's acceptance")
            if known.by.strip().casefold() == by.strip().casefold():
                raise Refused(
                    f"{rule_id} was written down by {known.by}: a second person must accept it",
                    "ask somebody who answers for the connection",
                )
            decisions.decide(
                "rule.accept_retroactive",
                {"rule": name, "id": rule_id, "why": why.strip()},
                at=now,
                by=by,
            )
