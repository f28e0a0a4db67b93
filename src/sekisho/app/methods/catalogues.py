"""Which version of ATT&CK counts here, and those before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.app.hunting.learning import domains, versions_of
from sekisho.app.hunting.registry import keeper_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.intel.attack.bundle import read_bundle
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.intel.attack.package import NAME, read_package
from sekisho.inventory.located import did_you_mean

ENTERPRISE = "enterprise-attack"
MEND = (
    "`sekisho intel add attack --kind attack --licence 'ATT&CK terms of use' --path BUNDLE.json`, or"
    " `--package`, then `sekisho intel refresh`"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A catalogue, and what must be known of it."""

    catalogue: Catalogue
    notes: tuple[str, ...] = ()


def current(workspace: Workspace, now: datetime, domain: str | None = None) -> Chosen:
    """The newest version of a domain (None: Enterprise where there is one, else the first). Without a feed the
    package's, where that is installed. Raises RequestError where there is none at all."""
    keeper = keeper_of(workspace)
    known = domains(keeper)
    if domain is None:
        domain = ENTERPRISE if ENTERPRISE in known or not known else known[0]
    versions = versions_of(keeper, domain)
    if kept := versions.known():
        found = versions.load(kept[-1])
        return Chosen(found, tuple(_age(found, now)))
    if domain != ENTERPRISE:
        raise RequestError(
            f"no version of {domain} is here", did_you_mean(domain, known) if known else MEND
        )
    try:
        found = read_package()
    except RequestError:
        raise RequestError("no catalogue of techniques is here", MEND) from None
    said = f"no feed brings ATT&CK: what counts is version {found.version} out of {NAME}"
    return Chosen(found, (said, *_age(found, now)))


def named(workspace: Workspace, asked: str, domain: str | None = None) -> Catalogue:
    """A version by its number, or out of a bundle's file. Raises RequestError, FeedError."""
    if Path(asked).is_file():
        return read_bundle(Path(asked))
    keeper = keeper_of(workspace)
    found = [
        versions.load(asked)
        for one in ([domain] if domain else domains(keeper))
        if asked in (versions := versions_of(keeper, one)).known()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise RequestError(f"{asked} is a version of several domains", "say which with --domain")
    here = sorted({v for one in domains(keeper) for v in versions_of(keeper, one).known()})
    raise RequestError(
        f"{asked[:80]} is neither a file nor a version of ATT&CK that is here",
        f"there are {', '.join(here) or 'none'}; a bundle's file may be named too",
    )


def before(workspace: Workspace, catalogue: Catalogue) -> Catalogue | None:
    """The version that was here before another one of its domain; None where there is none."""
    versions = versions_of(keeper_of(workspace), catalogue.domain)
    known = versions.known()
    place = known.index(catalogue.version) if catalogue.version in known else len(known)
    return versions.load(known[place - 1]) if place > 0 else None


def _age(found: Catalogue, now: datetime) -> list[str]:
    if found.date is None:
        return [f"{found.label} does not say when it was published"]
    days = (now - found.date).days
    if days <= 200:
        return []
    return [
        f"{found.label} is {days} days old, and MITRE publishes twice a year: what is newer is not here"
    ]
