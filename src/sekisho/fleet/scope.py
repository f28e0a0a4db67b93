"""Terminals on which traces were found, as part of an incident's scope.

Only checks that look for what an intruder leaves behind count. That remote desktop is open, or a patch is
missing, says how one could have come, and is true of thousands of terminals that nobody ever reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.identity import name_key
from sekisho.fleet.resolve import ID_LENGTH, Terminal
from sekisho.model.hops import Evidence
from sekisho.model.incidents import Scope, ScopeAsset
from sekisho.model.terminals import CheckAnswer

CIRCUMSTANCES = frozenset(
    {
        "remote-access",
        "local-admins",
        "logging",
        "audit-policy",
        "firewall",
        "smb-signing",
        "rdp",
        "patch-age",
        "laps",
    }
)
TRACES = frozenset(CHECKS) - CIRCUMSTANCES
MOST = 1000
"""Terminals that are added to one scope."""
_EACH = 20
"""Findings of one terminal that are told as evidence."""


@dataclass(slots=True)
class Reached:
    """A terminal with the answers that found something. `address` is '' where none is known, `realm` that of
    its site."""

    terminal: Terminal
    address: str
    realm: str = ""
    answers: list[CheckAnswer] = field(default_factory=list)


def joined(
    scope: Scope, reached: Iterable[Reached], files: Mapping[str, str]
) -> tuple[Scope, tuple[str, ...]]:
    """A scope with the terminals of its own sites, and those that are its assets; and what must be known of
    the others. `files` names what was imported, by hash.

    What is in scope already keeps its role and its time, and gains evidence; the others are suspected, since
    the first finding at the latest.
    """
    sites = set(scope.sites)
    by_address = {(one.realm or "", one.address): n for n, one in enumerate(scope.assets)}
    by_name = {short(one.asset): n for n, one in enumerate(scope.assets) if one.asset}
    assets = list(scope.assets)
    added: list[ScopeAsset] = []
    nowhere, more = 0, 0
    for one in sorted(reached, key=lambda r: (min(a.at for a in r.answers), r.terminal.id)):
        evidence = _evidence(one, files)
        place = by_address.get((one.realm, one.address)) if one.address else None
        if place is None:
            place = next((by_name[n] for n in map(short, one.terminal.names) if n in by_name), None)
        if place is not None:
            known = assets[place]
            why = f"{known.why}; {_why(one)}" if known.why else _why(one)
            assets[place] = known.model_copy(
                update={"evidence": (*known.evidence, *evidence), "why": why}
            )
        elif one.terminal.site not in sites:
            continue
        elif not one.address:
            nowhere += 1
        elif len(added) >= MOST:
            more += 1
        else:
            added.append(_asset(one, evidence))
    whole = sorted((*assets, *added), key=lambda asset: asset.since) if added else assets
    return scope.model_copy(update={"assets": tuple(whole)}), tuple(_notes(len(added), nowhere, more))


def _asset(one: Reached, evidence: tuple[Evidence, ...]) -> ScopeAsset:
    return ScopeAsset(
        address=one.address,
        realm=one.realm or None,
        asset=one.terminal.hostname or None,
        site=one.terminal.site,
        role="suspected",
        since=min(a.at for a in one.answers),
        since_kind="on_or_before",
        why=_why(one),
        evidence=evidence,
    )


def _why(one: Reached) -> str:
    names = ", ".join(sorted({a.check for a in one.answers}))
    return f"found on it by {names}"


def _evidence(one: Reached, files: Mapping[str, str]) -> tuple[Evidence, ...]:
    told = [
        Evidence(
            path=files.get(answer.intake),
            sha256=answer.intake if answer.intake in files else None,
            at=answer.at,
            text=f"T-{one.terminal.id[:ID_LENGTH]} {answer.check}: {text}",
        )
        for answer in sorted(one.answers, key=lambda a: (a.at, a.check, a.id))
        for text in answer.findings
    ]
    return tuple({item.text: item for item in reversed(told)}.values())[::-1][:_EACH]


def short(name: str | None) -> str:
    """A machine's name without its domain, as names are compared."""
    return name_key(name or "")[0]


def _notes(added: int, nowhere: int, more: int) -> Iterable[str]:
    if added:
        who = "1 terminal is" if added == 1 else f"{added:,} terminals are"
        yield f"{who} in scope by what checks found there: `sekisho fleet report`"
    if nowhere:
        who = (
            "1 terminal with findings has"
            if nowhere == 1
            else f"{nowhere:,} terminals with findings have"
        )
        yield f"{who} no address on record, and cannot be in scope"
    if more:
        yield f"{more:,} more terminals at sites in scope have findings: the first {MOST:,} are in it"
