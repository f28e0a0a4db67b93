"""The register that judges: inventory and policy as they stand, their versions kept by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.app.decisions import Decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, Problem
from sekisho.inventory.documents import read_document
from sekisho.inventory.files import files_sha256, inventory_files, parse_inventory
from sekisho.inventory.register import Inventory
from sekisho.model.rules import Policy, Rule
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import SENTENCES, parse_policy, policy_files
from sekisho.policy.retroactive import contents, recorded, versions_that_matter
from sekisho.state.records import VersionKind


@dataclass(frozen=True, slots=True)
class Register:
    """What judges. `policy` is as the files say; `compiled` counts retroactive rules as such."""

    inventory: Inventory
    policy: Policy
    compiled: CompiledPolicy


def read_register(workspace: Workspace) -> tuple[Inventory, Policy]:
    """Inventory and policy as the files stand, whatever was kept before.

    Raises FileProblems with what is wrong in all of them.
    """
    return _parsed(inventory_files(workspace.root), policy_files(workspace.root))


def load_register(workspace: Workspace, decisions: Decisions, *, now: datetime, by: str) -> Register:
    """The register as it stands, kept as a version where it is a new one (`by` uses it first).

    Raises FileProblems with what is wrong in all files.
    """
    sites, rules = inventory_files(workspace.root), policy_files(workspace.root)
    inventory, policy = _parsed(sites, rules)
    state = decisions.state
    with decisions.exclusive():
        _keep(decisions, "inventory", sites, {}, now, by)
        active = [{"id": name, "hash": digest} for name, digest in contents(policy)]
        _keep(decisions, "policy", rules, {"rules": active}, now, by)
    known, accepted = state.rules(), state.acceptances()
    earlier = _earlier(decisions, inventory, versions_that_matter(policy, known, accepted, now))
    effective = recorded(policy, inventory, known, accepted, earlier, now)
    return Register(inventory, policy, CompiledPolicy(effective, inventory))


def _parsed(sites: Mapping[str, bytes], rules: Mapping[str, bytes]) -> tuple[Inventory, Policy]:
    try:
        inventory = parse_inventory(sites)
    except FileProblems as error:
        raise FileProblems([*error.problems, *_form(rules)]) from error
    return inventory, parse_policy(rules, inventory)


def _form(rules: Mapping[str, bytes]) -> list[Problem]:
    """What is wrong with policy files in themselves; their names mean nothing without sites."""
    return [p for name in sorted(rules) for p in read_document(name, rules[name], SENTENCES)[1]]


def _keep(
    decisions: Decisions,
    kind: VersionKind,
    files: Mapping[str, bytes],
    more: Mapping[str, Any],
    now: datetime,
    by: str,
) -> None:
    digest = files_sha256(files)
    versions = decisions.state.versions(kind)
    if versions and versions[-1].sha256 == digest:
        return
    listed = [
        {"path": name, "sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
        for name in sorted(files)
    ]
    decisions.decide(
        f"{kind}.version",
        {"sha256": digest, "files": listed, **more},
        at=now,
        by=by,
        contents=files.values(),
    )


def _earlier(decisions: Decisions, inventory: Inventory, wanted: frozenset[str]) -> list[Rule]:
    """The active rules of kept versions, as far as today's inventory can still read them."""
    found: list[Rule] = []
    for version in decisions.state.versions("policy") if wanted else ():
        if version.sha256 not in wanted:
            continue
        files = {file.path: decisions.state.content(file.sha256) or b"" for file in version.files}
        try:
            old = parse_policy(files, inventory)
        except FileProblems:
            # Leaving it out is the stricter answer: what it alone permitted stays retroactive.
            continue
        found += [rule for rule in old.rules if rule.state == "active"]
    return found
