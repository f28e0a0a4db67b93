"""All severity checks, in the order in which a finding shows them, and all markers."""

from __future__ import annotations

from sekisho.audit.base import SeverityCheck
from sekisho.audit.checks.countries import CountriesCheck
from sekisho.audit.checks.criticality import CriticalityCheck
from sekisho.audit.checks.fetched import FetchedCheck
from sekisho.audit.checks.novelty import NoveltyCheck
from sekisho.audit.checks.outside import OutsideCheck
from sekisho.audit.checks.role import RoleCheck
from sekisho.audit.checks.sent import SentCheck
from sekisho.audit.checks.single import SingleCheck
from sekisho.audit.checks.verdict import VerdictCheck
from sekisho.audit.marks import Marker

CHECKS: tuple[SeverityCheck, ...] = (
    VerdictCheck(),
    RoleCheck(),
    SentCheck(),
    FetchedCheck(),
    CriticalityCheck(),
    CountriesCheck(),
    OutsideCheck(),
    NoveltyCheck(),
    SingleCheck(),
)

MARKERS: tuple[Marker, ...] = ()
"""What is said of connections besides their verdict."""
