from __future__ import annotations

from typing import get_args

from sekisho.intel.attack.catalogue import Catalogue, LogSource, Technique
from sekisho.intel.attack.package import read_package
from sekisho.intel.methods.known import known
from sekisho.model.logons import LogonKind
from sekisho.model.methods import Where
from sekisho.model.names import NameKind
from sekisho.model.sites import Sees
from sekisho.store.queries.network import RELATIONS

LISTS = known()


def test_every_source_is_something_that_is_recorded_here() -> None:
    for one in LISTS.sources.values():
        assert one.title
        assert all(event.rpartition(":")[2].isdecimal() for event in one.events)
        match one.origin:
            case "flows":
                assert one.sees <= set(get_args(Sees))
                assert one.sees
            case "names":
                assert one.kinds <= set(NameKind)
                assert one.kinds
            case "logons":
                assert one.kinds <= set(LogonKind)
                assert one.kinds
            case "events":
                assert one.events
            case "terminals":
                assert one.check


def test_every_look_reads_something_and_says_why() -> None:
    assert len({one.id for one in LISTS.looks}) == len(LISTS.looks)
    for one in LISTS.looks:
        assert one.needs
        assert set(one.needs) <= set(LISTS.sources)
        assert one.why
        assert one.where in get_args(Where)
    assert {one.source for one in LISTS.shows} <= set(LISTS.sources)


def test_every_technique_that_is_named_counts_in_attack_and_is_in_scope() -> None:
    catalogue = read_package()
    named = {name for one in (*LISTS.looks, *LISTS.shows) for name in one.techniques}
    for name in sorted(one for one in named | LISTS.techniques if not one.startswith("T0")):
        assert LISTS.in_scope(catalogue.techniques[name]), name


def test_the_scope_is_of_tactics_and_of_single_ways_in() -> None:
    catalogue = Catalogue(
        domain="enterprise-attack",
        version="1",
        techniques={
            one.id: one
            for one in (
                Technique(id="T1", name="a", tactics=("lateral-movement",)),
                Technique(id="T2", name="b", tactics=("impact",)),
                Technique(id="T3", name="c", tactics=("exfiltration",), status="revoked"),
                Technique(id="T1078.002", name="d", tactics=("persistence",)),
            )
        },
    )
    assert {one.id for one in LISTS.scope(catalogue)} == {"T1", "T1078.002"}


def test_a_component_is_of_a_log_that_is_read_here_and_of_its_tactics() -> None:
    flow = LISTS.sources["flow"].components[0]
    moving = Technique(id="T1", name="a", tactics=("lateral-movement",))
    leaving = Technique(id="T2", name="a", tactics=("exfiltration",))
    assert flow.is_of(LogSource(component="Network Traffic Flow", log="NSM:Flow"), moving)
    assert flow.is_of(LogSource(component="Network Traffic Flow"), moving)
    assert not flow.is_of(LogSource(component="Network Traffic Flow", log="auditd:SYSCALL"), moving)
    assert not flow.is_of(LogSource(component="Network Traffic Flow", log="NSM:Flow"), leaving)
    assert not flow.is_of(LogSource(component="Process Creation"), moving)


def test_what_sigma_calls_what_is_recorded_here() -> None:
    assert LISTS.read_by("zeek/dce_rpc") == ("rpc",)
    assert LISTS.read_by("windows/process_creation") == ("processes",)
    assert LISTS.read_by("windows/security") == ("logons",)
    assert LISTS.read_by("windows/image_load") == ("module-loads",)
    assert LISTS.read_by("aws/cloudtrail") == ()
    assert LISTS.read_by("") == ()
    assert LISTS.read_by("dns") == ("dns", "process-dns")
    assert LISTS.read_by("proxy") == ("http",)
    assert LISTS.read_by("zeek/conn") == ("flow", "flow-internet")
    # Of these nothing is kept that rules could be asked of.
    assert LISTS.read_by("cisco/aaa") == LISTS.read_by("webserver") == LISTS.read_by("zeek/x509") == ()


def test_every_kind_of_sensors_records_is_of_a_source() -> None:
    assert {name for one in LISTS.sources.values() for name in one.relations} == set(RELATIONS)
