"""What people decide about campaigns: an entry of the ledger each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from sekisho.app.checking.asked import SET_UP, ready
from sekisho.app.checking.packing import pack_of
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.showing import show
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.campaigns.course import course, first_of
from sekisho.fleet.campaigns.questions import LONGEST_SQL, MOST_OWN, OWN
from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.identity import name_key
from sekisho.fleet.packs.reading import Pack
from sekisho.fleet.platforms import PLATFORMS, of_words
from sekisho.model.campaigns import NONE, RAMP, CampaignAction, Limits
from sekisho.model.findings import rfc3339
from sekisho.model.incidents import ScopeAsset
from sekisho.model.terminals import Campaign

MAX_WHY = 4000
LASTS = timedelta(days=14)
"""A campaign whose end is not said."""
LONGEST = timedelta(days=365)
MOST_FIRST = 10_000
_POSSIBLE: Mapping[CampaignAction, tuple[str, ...]] = {
    "pause": ("running",),
    "resume": ("paused",),
    "widen": ("running",),
    "end": ("running", "paused"),
    "scope": ("running", "paused"),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What a campaign asks besides its checks, whom, how long and how wide. `platforms` are those of which a
    query is asked, as packs of osquery name them; where none is named, those that have its tables."""

    queries: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    sites: Sequence[str] = ()
    incident: str | None = None
    ramp: Sequence[float] = RAMP
    limits: Limits = field(default_factory=Limits)
    pack: str | None = None
    platforms: Mapping[str, str] = field(default_factory=dict)


def begin(
    workspace: Workspace,
    name: str,
    checks: Sequence[str],
    asking: Asking,
    *,
    now: datetime,
    by: str,
    why: str,
) -> tuple[str, ...]:
    """Begin a campaign of some checks and those of a pack, or of all that are set up where nothing is named.

    With an incident, its scope as it is now says whom to check first. What was collected before does not
    answer. Returns what must be known of its checks. Raises RequestError, FileProblems.
    """
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise RequestError("a campaign has a name of 1 to 100 characters")
    _says_why(why)
    for check in checks:
        if check not in CHECKS:
            raise RequestError(f"there is no check {check!r}", f"there are {', '.join(CHECKS)}")
    can = ready(workspace)
    for check in checks:
        if check not in can:
            raise RequestError(f"nothing is set up for the check {check}", SET_UP[check])
    pack = pack_of(asking.pack) if asking.pack is not None else None
    chosen = tuple(dict.fromkeys((*(pack.asked(can) if pack else ()), *checks)))
    _possible(asking, now)
    sites = read_inventory(workspace).sites
    for site in asking.sites:
        if site not in sites:
            raise RequestError(f"there is no site {site}", f"there are {', '.join(sorted(sites))}")
    body: dict[str, object] = {
        "name": name,
        "checks": list(chosen or (() if asking.queries else can)),
        "why": why.strip(),
        "until": rfc3339(asking.until or now + LASTS),
        "ramp": list(asking.ramp),
        "limits": asdict(asking.limits),
    }
    body |= {"pack": pack.name} if pack else {}
    body |= {"queries": dict(asking.queries)} if asking.queries else {}
    body |= {"platforms": dict(asking.platforms)} if asking.platforms else {}
    body |= {"sites": list(dict.fromkeys(asking.sites))} if asking.sites else {}
    if asking.incident is not None:
        body |= dict(_scope(workspace, asking.incident, now, by))
    with open_decisions(workspace) as decisions, decisions.exclusive():
        if any(c.name == name for c in decisions.state.fleet().asking()):
            raise RequestError(f"there is a campaign {name!r} already", "choose another name")
        decisions.decide("fleet.campaign", body, at=now, by=by)
    return tuple(_to_know(pack, chosen or (() if asking.queries else can), can))


def turn(
    workspace: Workspace, name: str, action: CampaignAction, *, now: datetime, by: str, why: str
) -> None:
    """Pause a campaign, go on with it, widen it by a stage before its rules do, or end it. Raises RequestError.

    Going on keeps what is seen of failures now: the limits count from there.
    """
    _says_why(why)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        campaign = find(decisions, name)
        store = decisions.state.campaigns()
        stands = course(campaign, store.events(), now)
        if stands.state not in _POSSIBLE[action]:
            raise RequestError(f"the campaign {campaign.name} is {stands.state}", f"it cannot {action}")
        if action == "widen" and stands.stage + 1 >= len(campaign.ramp):
            raise RequestError(f"the campaign {campaign.name} reaches everybody already")
        body: dict[str, object] = {"campaign": campaign.seq, "name": campaign.name, "why": why.strip()}
        if action == "resume":
            body["seen"] = asdict(sum(store.tallies(campaign.seq, homed=True).values(), NONE))
        decisions.decide(f"fleet.campaign_{action}", body, at=now, by=by)


def rescope(workspace: Workspace, name: str, *, now: datetime, by: str, why: str) -> int:
    """Read the scope of a campaign's incident anew; who joined it comes first from now on, and who left it
    stays where it was. How many addresses and names are new. Raises RequestError, FileProblems."""
    _says_why(why)
    with open_decisions(workspace) as decisions:
        campaign = find(decisions, name)
    if not campaign.incident:
        raise RequestError(
            f"the campaign {campaign.name} was begun for no incident", "`fleet campaign new --incident`"
        )
    read = _scope(workspace, campaign.incident, now, by)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        events = decisions.state.campaigns().events()
        stands = course(campaign, events, now)
        if stands.state not in _POSSIBLE["scope"]:
            raise RequestError(f"the campaign {campaign.name} is {stands.state}", "begin another one")
        before = first_of(campaign, events)
        fresh = [one for one in read["first"] if one not in before]
        if fresh:
            body = {"campaign": campaign.seq, "name": campaign.name, "why": why.strip(), "first": fresh}
            decisions.decide("fleet.campaign_scope", body, at=now, by=by)
    return len(fresh)


def find(decisions: Decisions, name: str) -> Campaign:
    """The campaign of that name. Raises RequestError."""
    campaigns = decisions.state.fleet().asking()
    for one in campaigns:
        if one.name == name:
            return one
    some = ", ".join(c.name for c in campaigns[-5:])
    raise RequestError(
        f"there is no campaign {name}",
        f"the latest are {some}" if some else "none was begun: `sekisho fleet campaign new`",
    )


def _to_know(pack: Pack | None, chosen: Sequence[str], can: Sequence[str]) -> Iterator[str]:
    for step in pack.steps if pack else ():
        if step.check not in can:
            yield f"{step.check} is left out: {SET_UP[step.check]}"
    if waits := [name for name in chosen if not CHECKS[name].queries]:
        yield f"osquery cannot be asked {', '.join(waits)}: import collections of the terminals"


def _says_why(why: str) -> None:
    if not why.strip() or len(why) > MAX_WHY:
        raise RequestError("a campaign says why", "--why 'in words an auditor can use'")


def _possible(asking: Asking, now: datetime) -> None:
    for name, sql in asking.queries.items():
        if not OWN.fullmatch(name):
            raise RequestError(
                f"a query cannot be called {name!r}", "lower-case letters, digits and _, 60 at most"
            )
        if not sql.strip() or len(sql) > LONGEST_SQL or "\0" in sql:
            raise RequestError(f"the query {name} is empty, or longer than {LONGEST_SQL:,} characters")
    for name, words in asking.platforms.items():
        if name not in asking.queries:
            raise RequestError(f"there is no query {name!r} of which platforms could be named")
        try:
            some = of_words(words)
        except ValueError as error:
            raise RequestError(
                f"the query {name} names a platform {str(error)[:60]!r}",
                f"there are {', '.join(PLATFORMS)}",
            ) from error
        if not some:
            raise RequestError(f"the query {name} would be asked of no platform")
    if len(asking.queries) > MOST_OWN:
        raise RequestError(f"more than {MOST_OWN} queries", "begin several campaigns")
    if asking.until is not None and not now < asking.until <= now + LONGEST:
        raise RequestError("a campaign ends in the future, within a year", "--until DAY, or 14d")
    shares = list(asking.ramp)
    grows = all(0 < share <= 1 for share in shares) and shares == sorted(set(shares))
    if not shares or not grows or shares[-1] != 1:
        raise RequestError(
            "the stages of a campaign grow, and the last is everybody", "--ramp 1,10,100 (in per cent)"
        )
    if not 0 <= asking.limits.share <= 1 or asking.limits.at_least < 1:
        raise RequestError("the share that may fail lies between 0 and 100 per cent")


class _Scope(TypedDict):
    incident: str
    first: list[str]


def _scope(workspace: Workspace, asked: str, now: datetime, by: str) -> _Scope:
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
    assets = show(workspace, incident, now=now, by=by).scope.assets
    names = [name for asset in sorted(assets, key=_confirmed) for name in _names(asset)]
    return {"incident": incident, "first": list(dict.fromkeys(names))[:MOST_FIRST]}


def _confirmed(asset: ScopeAsset) -> bool:
    return asset.role != "confirmed"


def _names(asset: ScopeAsset) -> tuple[str, ...]:
    # An address of another realm may be a terminal's of this one.
    host = name_key(asset.asset or "")[0]
    return (*(() if asset.realm else (asset.address,)), *((host,) if host else ()))
