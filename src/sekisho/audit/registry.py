"""All severity checks, in the order in which a finding shows them, and all markers."""

from __future__ import annotations

from sekisho.audit.base import SeverityCheck
from sekisho.audit.changed import ChangedMarker
from sekisho.audit.checks.beacon import BeaconCheck
from sekisho.audit.checks.countries import CountriesCheck
from sekisho.audit.checks.criticality import CriticalityCheck
from sekisho.audit.checks.fetched import FetchedCheck
from sekisho.audit.checks.long import LongCheck
from sekisho.audit.checks.novelty import NoveltyCheck
from sekisho.audit.checks.outside import OutsideCheck
from sekisho.audit.checks.prevalence import PrevalenceCheck
from sekisho.audit.checks.role import RoleCheck
from sekisho.audit.checks.sent import SentCheck
from sekisho.audit.checks.single import SingleCheck
from sekisho.audit.checks.strobe import StrobeCheck
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
    BeaconCheck(),
    LongCheck(),
    StrobeCheck(),
    PrevalenceCheck(),
)

OF_AUTOMATION: tuple[SeverityCheck, ...] = (
    BeaconCheck(),
    LongCheck(),
    StrobeCheck(),
    PrevalenceCheck(),
    SentCheck(),
    CriticalityCheck(),
    CountriesCheck(),
    OutsideCheck(),
    NoveltyCheck(),
)
"""Of a connection that is a finding for its automation alone: a rule permits it or nobody judges it, so that
neither its verdict nor its service speaks against it."""

MARKERS: tuple[Marker, ...] = (ChangedMarker(),)
"""What is said of connections besides their verdict."""
