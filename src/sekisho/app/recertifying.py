"""Recertify rules: the owner of a site says that a rule is needed there still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.register import load_register
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.findings import rfc3339
from sekisho.model.rules import Policy
from sekisho.policy.explain import PolicyExplanation
from sekisho.policy.retroactive import content_hash
from sekisho.restore.stages import Register, rule_pairs
from sekisho.state.restore_records import Recertification

MAX_TEXT = 4_000


def recertify(
    workspace: Workspace,
    rules: Sequence[str],
    site: str,
    owner: str,
    *,
    now: datetime,
    by: str,
    why: str = "",
) -> tuple[Recertification, ...]:
    """Write into the ledger that a site's owner confirms rules as they stand; `by` enters it.

    Raises RequestError for a rule or site that is not in the register, for a rule without an end at the
    site, and for somebody who is not its owner. Then nothing is written.
    """
    if len(why) > MAX_TEXT:
        raise RequestError(f"at most {MAX_TEXT} characters of a reason")
    with open_decisions(workspace) as decisions:
        loaded = load_register(workspace, decisions, now=now, by=by)
        sites = loaded.inventory.sites
        if site not in sites:
            raise RequestError(f"there is no site `{site[:60]}`", did_you_mean(site, sites))
        if not sites[site].owner:
            raise RequestError(f"sites.yaml names no owner of {site}", "write `owner:` there")
        if owner.strip().casefold() != sites[site].owner.strip().casefold():
            raise RequestError(
                f"{owner[:60]} is not the owner of {site}", f"that is {sites[site].owner}"
            )
        register = Register(loaded.inventory, loaded.policy, now)
        by_id = {one.id: one for one in loaded.policy.rules if one.state == "active"}
        chosen = []
        for name in dict.fromkeys(rules):
            rule = by_id.get(name)
            if rule is None:
                raise RequestError(f"the register has no rule {name[:80]!r}", did_you_mean(name, by_id))
            if not any(site in pair for pair in rule_pairs(rule, register)):
                raise RequestError(f"{name} has no end at {site}")
            chosen.append(rule)
        if not chosen:
            raise RequestError("say which rules are needed still")
        with decisions.exclusive():
            for rule in chosen:
                body = {
                    "rule": rule.id,
                    "hash": content_hash(rule),
                    "site": site,
                    "owner": sites[site].owner,
                    "why": why.strip(),
                }
                decisions.decide("policy.recertify", body, at=now, by=by)
            return decisions.state.restorations().recertified()[-len(chosen) :]


def recertifications(workspace: Workspace) -> tuple[Recertification, ...]:
    """Every word of an owner, in order."""
    with open_decisions(workspace) as decisions:
        return decisions.state.restorations().recertified()


def with_words(
    explained: PolicyExplanation, policy: Policy, said: Sequence[Recertification]
) -> PolicyExplanation:
    """An explanation whose rules say when owners confirmed them, as far as they are what was confirmed."""
    content = {one.id: content_hash(one) for one in policy.rules}
    words: dict[str, dict[str, str]] = {}
    for one in said:
        if content.get(one.rule) == one.rule_hash:
            words.setdefault(one.rule, {})[one.site] = rfc3339(one.at)
    traces = tuple(
        trace.model_copy(
            update={
                "rules": tuple(
                    rule.model_copy(update={"recertified": words.get(rule.id, {})})
                    for rule in trace.rules
                )
            }
        )
        for trace in explained.traces
    )
    return explained.model_copy(update={"traces": traces})
