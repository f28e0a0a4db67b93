"""Names, further addresses and sessions of the steps that are asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.inventory.register import Inventory
from sekisho.investigate.factors.base import Step as Taken
from sekisho.investigate.logbook.stepping import Standing, Stepping, stretch
from sekisho.investigate.moments import moment
from sekisho.investigate.steps import Scored
from sekisho.investigate.talks import Talk, Talks
from sekisho.model.names import NAME_SCHEMA
from sekisho.model.sites import Asset, DatedPrefix, Site, Translation
from sekisho.model.validity import Validity
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity

PC, SRV, OTHER, NAT = (ip_address(f"10.{n}.0.5") for n in (1, 2, 3, 9))
MINUTE = 60_000_000
NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
def make(woven: Callable[..., Any], at_hour: Callable[[float], int]) -> Callable[..., Stepping]:
    def built(*translations: Translation, standing: Standing | None = None, **talks: Any) -> Stepping:
        inventory = Inventory(
            sites={
                name: Site(name, name, "JP", "UTC", "it", (DatedPrefix(ip_network(prefix)),))
                for name, prefix in (("a", "10.1.0.0/16"), ("b", "10.2.0.0/16"), ("c", "10.3.0.0/16"))
            },
            assets=(
                Asset(PC, "pc.corp.example", "a"),
                Asset(OTHER, "pc.corp.example", "c"),
                Asset(SRV, "old", "b", validity=Validity(end=moment(at_hour(40)))),
                Asset(SRV, "new", "b", validity=Validity(begin=moment(at_hour(40)))),
            ),
            translations=translations,
        )
        of = talks.get("talks") or {0: (talk(at_hour(50)),), 1: (talk(at_hour(50)),)}
        rows = [
            (str(PC), str(SRV), 445, Rank.UNAUTHORIZED, 50, 1),
            (str(PC), "198.51.100.9", 445, Rank.EXTERNAL, 50, 1),
        ]
        standing = standing or Standing(inventory)
        return Stepping(inventory, woven(rows), Talks(of), replace(standing, inventory=inventory))

    return built


def talk(start: int, sent: int = 9_000, received: int = 9_000) -> Talk:
    return Talk(start, start + MINUTE, sent, received, "a-edge")


def scored(stepping: Stepping, at: int, row: int = 0, kind: Any = "connect") -> Scored:
    fabric = stepping.fabric
    ends = int(fabric.src[row]), int(fabric.dst[row])
    return Scored(Taken(row, kind, *(ends if kind == "connect" else ends[::-1])), at, ())


def test_names_and_further_addresses_of_that_time(make: Any, at_hour: Callable[[float], int]) -> None:
    made = make()
    (step,) = made.steps([(scored(made, at_hour(50)), True)]).values()
    assert (step.src, step.dst, step.port) == (str(PC), str(SRV), 445)
    assert (step.src_names, step.src_also) == ({"pc.corp.example"}, {str(OTHER)})
    assert (step.dst_names, step.dst_also) == ({"new"}, frozenset())
    assert (step.begin, step.end) == (moment(at_hour(50)), moment(at_hour(50) + MINUTE))


def test_what_others_see_in_its_place(make: Any, at_hour: Callable[[float], int]) -> None:
    alone = Translation("n1", original=PC, translated=NAT)
    made = make(alone)
    (step,) = made.steps([(scored(made, at_hour(50)), True)]).values()
    assert (step.src_also, step.shared) == ({str(OTHER), str(NAT)}, frozenset())
    made = make(alone, Translation("n2", original=ip_address("10.1.0.6"), translated=NAT))
    (step,) = made.steps([(scored(made, at_hour(50)), True)]).values()
    assert step.shared == {str(NAT)}
    logged = Standing(Inventory(), {("", str(PC)): frozenset({"10.9.0.7"})}, {("", "10.9.0.7"): 2})
    made = make(standing=logged)
    (step,) = made.steps([(scored(made, at_hour(50)), True)]).values()
    assert (step.src_also, step.shared) == ({str(OTHER), "10.9.0.7"}, {"10.9.0.7"})


def test_the_session_is_the_first_that_can_hold_a_logon(
    make: Any, at_hour: Callable[[float], int]
) -> None:
    begin = at_hour(50)
    small, large = talk(begin, 200, 100), talk(begin + MINUTE)
    made = make(talks={0: (small, large, talk(begin + 2 * MINUTE))})
    (step,) = made.steps([(scored(made, begin), True)]).values()
    assert step.begin == moment(begin + MINUTE)
    assert len(step.sessions) == 2
    made = make(talks={0: (small,)})
    (step,) = made.steps([(scored(made, begin), False)]).values()
    assert (step.sent, step.taken) == (200, False)


def test_nothing_is_asked_of_what_cannot_answer(make: Any, at_hour: Callable[[float], int]) -> None:
    made = make()
    assert made.steps([(scored(made, at_hour(70)), True)]) == {}, "its session is not on record"
    assert made.steps([(scored(made, at_hour(50), kind="reverse", row=1), False)]) == {}
    assert made.steps([(scored(made, at_hour(50), row=1), True)]) == {}, "its responder is outside"


def test_stretch(make: Any, at_hour: Callable[[float], int]) -> None:
    made = make()
    span = stretch([scored(made, at_hour(50)), scored(made, at_hour(60))])
    assert span is not None
    assert span[1] - span[0] == timedelta(hours=58)
    assert stretch([]) is None


def test_what_gateways_logged_is_read_from_the_lake(tmp_path: Path) -> None:
    own, other, seen = str(PC), "10.1.0.6", "10.9.0.7"
    values = [
        f"tcp {who}:{port} > {SRV}:445 as {seen}:{port + 9} > {SRV}:445 for 12 s"
        for who, port in ((own, 50_000), (other, 50_001))
    ]
    values.append(f"tcp {other}:50002 > {SRV}:445 as 10.9.0.8:1030 > {SRV}:445 for 3 s")
    plain = {"kind": "nat", "sensor": "fw", "src_realm": "", "dst_realm": ""}
    rows = [plain | {"time": NOON, "value": value, "row": n} for n, value in enumerate(values, 1)]
    schema = pa.schema([field for field in NAME_SCHEMA if field.name != "file"])
    sha = "0" * 64
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        with lake.writer() as writer:
            writer.begin(FileIdentity("fw.log", "fw", "x", sha, 1, sha, 1, unterminated=False))
            writer.add_names(pa.Table.from_pylist(rows, schema=schema))
            writer.finish(len(rows))
            writer.commit()
        day = timedelta(days=1)
        standing = Standing.of(lake, Inventory(), NOON - day, NOON + day)
        assert standing.others("", own, NOON) == ({seen}, {seen})
        assert standing.others("", other, NOON) == ({seen, "10.9.0.8"}, {seen})
        assert standing.others("", str(SRV), NOON) == (frozenset(), frozenset())
        past = Standing.of(lake, Inventory(), NOON - 30 * day, NOON - 20 * day)
        assert past.others("", own, NOON) == (frozenset(), frozenset())
