"""Secrets that osquery enrols with: made, shown once, listed without themselves, retired."""

from __future__ import annotations

import secrets as random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole_new
from sekisho.errors import IntegrityError, RequestError
from sekisho.fleet.service import keys
from sekisho.model.fleet import SecretItem, SecretsDocument
from sekisho.model.nodes import EnrolSecret

PEPPER = 32
MAX_WHY = 4000


@dataclass(frozen=True, slots=True)
class Made:
    """A new secret. `secret` is shown this once and kept nowhere."""

    id: str
    secret: str
    site: str


def pepper(workspace: Workspace) -> bytes:
    """The key of this workspace's hashes, made when it is first needed; its owner's alone.

    Raises IntegrityError where the file is not what was written.
    """
    path = workspace.fleet / "pepper"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        try:
            with whole_new(path) as part:
                part.write_bytes(random.token_bytes(PEPPER))
        except RequestError:
            # Whoever is second takes the first one's.
            if not path.exists():
                raise
    content = path.read_bytes()
    if len(content) != PEPPER:
        raise IntegrityError(
            f"{path} has {len(content)} bytes, not {PEPPER}",
            "Restore it from a backup, or remove it: secrets are made anew then, and osquery enrols again.",
        )
    return content


def new_secret(workspace: Workspace, *, site: str = "", why: str = "", now: datetime, by: str) -> Made:
    """Make a secret; those before it stay valid until they are retired. Raises RequestError."""
    if site and site not in (known := read_inventory(workspace).sites):
        raise RequestError(f"there is no site {site}", f"there are {', '.join(sorted(known))}")
    if len(why) > MAX_WHY:
        raise RequestError(f"a reason has at most {MAX_WHY} characters")
    secret, name = keys.new(), f"S-{random.token_hex(4)}"
    body = {"id": name, "hash": keys.hashed(secret, pepper(workspace), "enrol"), "why": why.strip()}
    if site:
        body["site"] = site
    with open_decisions(workspace) as decisions, decisions.exclusive():
        decisions.decide("fleet.secret", body, at=now, by=by)
    return Made(name, secret, site)


def retire_secret(workspace: Workspace, asked: str, *, now: datetime, by: str) -> EnrolSecret:
    """Nobody enrols with it any more; keys that were given stay. Raises RequestError."""
    with open_decisions(workspace) as decisions, decisions.exclusive():
        known = {one.id: one for one in decisions.state.nodes().secrets()}
        one = known.get(asked)
        if one is None:
            raise RequestError(f"there is no secret {asked}", "`sekisho fleet secret list` names them")
        if one.retired is not None:
            raise RequestError(f"{asked} was retired by {one.retired_by} on {one.retired:%Y-%m-%d}")
        decisions.decide("fleet.secret_retire", {"id": asked}, at=now, by=by)
        return {s.id: s for s in decisions.state.nodes().secrets()}[asked]


def list_secrets(workspace: Workspace) -> SecretsDocument:
    """Every secret with how many nodes enrolled with it last."""
    with open_decisions(workspace) as decisions:
        store = decisions.state.nodes()
        used = Counter(node.secret for node in store.nodes())
        return SecretsDocument(
            secrets=tuple(
                SecretItem(
                    id=one.id,
                    site=one.site or None,
                    made=one.made,
                    by=one.by,
                    why=one.why or None,
                    nodes=used[one.id],
                    retired=one.retired,
                    retired_by=one.retired_by or None,
                )
                for one in store.secrets()
            )
        )
