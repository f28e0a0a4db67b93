"""The register as people work on it: why it judges so, what an edit changes, rules to sign."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.recertifying import with_words
from sekisho.app.register import Register, load_register, read_register
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import KEYS
from sekisho.errors import FileProblems, IntegrityError, Problem, RequestError
from sekisho.inventory.files import read_bytes
from sekisho.model.addresses import address_of
from sekisho.model.verdicts import Rank
from sekisho.policy import diff, permissions
from sekisho.policy import explain as policy_explain
from sekisho.policy import suggest as policy_suggest
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.differences import PolicyDiff
from sekisho.policy.ends import Limits
from sekisho.policy.explain import PolicyExplanation
from sekisho.policy.files import parse_policy, policy_files
from sekisho.policy.importer import import_csv
from sekisho.policy.lints.registry import lint
from sekisho.policy.observed import Observed
from sekisho.policy.proposals import Proposal, render, write_proposals
from sekisho.policy.suggestions import SuggestionsDocument
from sekisho.policy.testing import TestsDocument, run_tests
from sekisho.policy.usage import Usage, usage
from sekisho.state.records import KeptFile
from sekisho.store.lake import Lake

Step = Callable[[str, int, int | None], None]
Window = tuple[datetime, datetime]
WITNESSES = 5
"""Flows named beside each connection that a suggestion rests on."""
MAX_OBSERVED = 200_000
"""Connections that are suggested from, those with the most flows first."""


@dataclass(frozen=True, slots=True)
class Written:
    """Proposed rules and the file that holds them now."""

    path: Path
    proposals: tuple[Proposal, ...]
    problems: tuple[Problem, ...] = ()


def explain(
    workspace: Workspace, src: str, dst: str, service: str, *, at: datetime, now: datetime, by: str
) -> PolicyExplanation:
    """What the register says of a connection at a time (aware UTC), retroactive rules as such.

    Raises FileProblems, RequestError for what names nothing.
    """
    with open_decisions(workspace) as decisions:
        register = load_register(workspace, decisions, now=now, by=by)
        said = decisions.state.restorations().recertified()
    found = policy_explain.explain(register.compiled, src, dst, service, at)
    return with_words(found, register.policy, said)


def linted(
    workspace: Workspace, *, days: int | None, now: datetime, by: str, step: Step | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the register; where its files cannot be read, all that is wrong with those.

    `days` before a rule expires it is told (None: as the settings say). Which rules are never used is
    said only where the lake holds evidence.
    """
    try:
        with open_decisions(workspace) as decisions:
            register = load_register(workspace, decisions, now=now, by=by)
    except FileProblems as error:
        return tuple(error.problems)
    if days is None:
        days = workspace.settings(os.environ).settings.audit.expires_soon_days
    used = _usage(workspace, register, step)
    found = lint(register.policy, register.compiled, now=now, days=days, usage=used)
    return tuple(sorted([*register.inventory.warnings, *found]))


def _usage(workspace: Workspace, register: Register, step: Step | None) -> Usage | None:
    """What the evidence needed; None where nothing was ever ingested."""
    if not workspace.lake.exists():
        return None
    compiled = register.compiled
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(register.inventory), progress=step)
        spans = lake.spans()
        if not spans.num_rows:
            return None
        begin, end = pc.min(spans["begin"]).as_py(), pc.max(spans["end"]).as_py()
        with lake.stage(None, None, by_month=False) as stage:
            stage.judge(compiled)
            return usage(compiled, stage.usage(), begin, end)


def tested(workspace: Workspace, *, now: datetime) -> TestsDocument:
    """The register's own tests, each at its own time or now (aware UTC). Raises FileProblems."""
    inventory, policy = read_register(workspace)
    return run_tests(policy, inventory, now)


def compared(
    workspace: Workspace, old: str, new: str | None, *, now: datetime, step: Step | None = None
) -> PolicyDiff:
    """Which connections change verdict from one register to another.

    Each is a file, a folder of files, or the beginning of the hash of a kept version; without `new` it
    is the register as it stands. Both are judged over today's inventory and all of the evidence.
    """
    inventory = read_inventory(workspace)
    before = CompiledPolicy(parse_policy(_files(workspace, old), inventory), inventory)
    after_files = policy_files(workspace.root) if new is None else _files(workspace, new)
    after = CompiledPolicy(parse_policy(after_files, inventory), inventory)
    allowed = permissions.permissions(before, after, now)
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory), progress=step)
        was, is_ = _judged(lake, before), _judged(lake, after)
    return diff.changed(was, is_, before, after, permissions=allowed)


def _judged(lake: Lake, compiled: CompiledPolicy) -> pa.Table:
    with lake.stage(None, None) as stage:
        stage.judge(compiled)
        return stage.judged()


def _files(workspace: Workspace, asked: str) -> dict[str, bytes]:
    """The bytes of a register that a person names."""
    path = Path(asked)
    if not path.exists():
        path = workspace.root / asked
    if path.is_dir():
        found = policy_files(path) or {
            one.name: read_bytes(one) for one in sorted(path.glob("*.y*ml")) if one.is_file()
        }
        if not found:
            raise RequestError(f"{asked} holds no policy files", "name a file, or a folder with *.yaml")
        return found
    if path.is_file():
        return {path.name: read_bytes(path)}
    with open_decisions(workspace) as decisions:
        versions = decisions.state.versions("policy")
        kept = {v.sha256: v for v in versions if asked and v.sha256.startswith(asked)}
        if len(kept) != 1:
            some = ", ".join(v.sha256[:12] for v in versions[-5:]) or "none"
            raise RequestError(
                f"{asked!r} is no file, no folder and no kept version", f"latest versions: {some}"
            )
        version = next(iter(kept.values()))
        return {f.path: _kept(decisions, f) for f in version.files}


def _kept(decisions: Decisions, file: KeptFile) -> bytes:
    content = decisions.state.content(file.sha256)
    if content is None:
        raise IntegrityError(
            f"the kept text of {file.path} ({file.sha256[:12]}) is gone",
            "restore the state from a backup",
        )
    return content


def imported(
    workspace: Workspace,
    path: Path,
    *,
    output: Path | None,
    limits: Limits = Limits(),  # noqa: B008
) -> Written:
    """Proposed rules from a CSV, written into the register's folder.

    Raises FileProblems with every row that is wrong; then nothing is written.
    """
    inventory, policy = read_register(workspace)
    taken = [rule.id for rule in policy.rules]
    found = import_csv(path, inventory, taken=taken, own=policy.services, limits=limits)
    if found.errors:
        raise FileProblems(found.problems)
    target = output or _target(workspace, "imported")
    write_proposals(target, render(found.proposals))
    return Written(target, found.proposals, found.problems)


def suggested(
    workspace: Workspace,
    *,
    begin: datetime | None,
    end: datetime | None,
    excluded: Sequence[Window],
    limits: Limits,
    output: Path | None,
    step: Step | None = None,
) -> tuple[SuggestionsDocument, Path | None]:
    """Rules to sign for what was observed and no rule permits; written only where there are any.

    Nothing is suggested from the `excluded` windows. Raises FileProblems, RequestError.
    """
    inventory, policy = read_register(workspace)
    compiled = CompiledPolicy(policy, inventory)
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory), progress=step)
        windows = _around(begin, end, excluded)
        observed = [one for window in windows for one in _observed(lake, compiled, *window)]
    found = policy_suggest.suggest(
        observed, compiled, excluded=excluded, limits=limits, own=policy.services
    )
    if not found.proposals:
        return found.document(), None
    target = output or _target(workspace, "suggested")
    write_proposals(target, render(found.proposals))
    return found.document(), target


def _around(
    begin: datetime | None, end: datetime | None, excluded: Sequence[Window]
) -> list[tuple[datetime | None, datetime | None]]:
    """The window in pieces that touch none of the excluded ones, and those themselves, so that what
    is left out is counted."""
    cuts = sorted({at for window in excluded for at in window})
    inside = [at for at in cuts if (begin is None or at > begin) and (end is None or at < end)]
    edges = [begin, *inside, end]
    return list(pairwise(edges))


def _observed(
    lake: Lake, compiled: CompiledPolicy, begin: datetime | None, end: datetime | None
) -> list[Observed]:
    with ExitStack() as stack:
        verdicts = stack.enter_context(lake.stage(begin, end)).judge(compiled)
    rows = verdicts.violations
    rows = rows.filter(pc.greater_equal(rows["rank"], int(Rank.ATTEMPTED)))
    rows = rows.sort_by([("flows", "descending")]).slice(0, MAX_OBSERVED)
    seen = _witnesses(lake, rows, begin, end)
    return [
        Observed(
            src_realm=row["src_realm"],
            src=address_of(row["src_hi"], row["src_lo"]),
            dst_realm=row["dst_realm"],
            dst=address_of(row["dst_hi"], row["dst_lo"]),
            protocol=row["protocol"],
            port=row["port"],
            flows=row["flows"],
            established=row["established"],
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            days_active=row["days_active"],
            witness=tuple(seen.get(tuple(row[name] for name in KEYS), ())),
        )
        for row in rows.to_pylist()
    ]


def _witnesses(
    lake: Lake, rows: pa.Table, begin: datetime | None, end: datetime | None
) -> dict[tuple[Any, ...], list[str]]:
    """Where the first few records of each connection stand: `file:row`."""
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    evidence = lake.flows_of(
        rows.select(KEYS), begin, end, limit=WITNESSES * rows.num_rows, each=WITNESSES
    )
    for row in evidence.flows.to_pylist():
        src = (row["src_realm"], row["src_hi"], row["src_lo"])
        dst = (row["dst_realm"], row["dst_hi"], row["dst_lo"])
        for key in (
            (*src, *dst, row["protocol"], row["dst_port"]),
            (*dst, *src, row["protocol"], row["src_port"]),
        ):
            found[key].append(f"{row['path']}:{row['row']}")
    return found


def _target(workspace: Workspace, word: str) -> Path:
    """A file of the register that does not exist yet."""
    folder = workspace.root / "policy"
    number = 1
    while (target := folder / f"proposed-{word}-{number}.yaml").exists():
        number += 1
    return target
