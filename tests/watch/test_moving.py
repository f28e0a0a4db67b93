"""A gateway's log that comes after what a sensor beyond it saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.store.conftest import _identity, _name, _names_table, _table
from tests.watch.watched import Watched

from sekisho.model.findings import finding_id
from sekisho.watch.alerts import Alert

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]
POOL, HOST, SERVER = "172.31.0.9", "10.40.9.9", "10.1.10.96"


@pytest.fixture
def told() -> Callable[..., list[Alert]]:
    """The gateway's file comes: what it says of translations, beside flows of its own."""

    def take(
        watch: Watched, names: Sequence[tuple[str, int, str, int]], rows: Sequence[dict[str, Any]]
    ) -> list[Alert]:
        values = [
            f"tcp {host}:50000 > {server}:{port} as {POOL}:{mapped} > {server}:{port} for 2 s"
            for host, mapped, server, port in names
        ]
        watch.number += 1
        name = f"{watch.number}.log"
        with watch.lake.writer() as writer:
            writer.begin(_identity("gw", name.encode() + b"\n", name))
            writer.add(_table(rows, "gw"))
            told_of = [_name(value, "nat", row=number) for number, value in enumerate(values, 1)]
            writer.add_names(_names_table(told_of, "gw"))
            writer.finish(len(values) + len(rows))
            writer.commit()
        return watch.judge()

    return take


def quiet(flow: Flow) -> list[dict[str, Any]]:
    """What the gateway logs of its own that is nobody's business."""
    return [flow("10.40.9.8", "10.40.9.7", row=99)]


def test_the_alert_is_amended_and_keeps_its_id(watched: Watch, flow: Flow, told: Any) -> None:
    watch = watched()
    seen = flow(POOL, SERVER, sport=1024)
    (first,) = watch.take(seen, sensor="jp-edge")
    assert (first.members[0].src.address, first.members[0].verdict) == (POOL, "unmapped")
    (after,) = told(watch, [(HOST, 1024, SERVER, 445)], [flow(HOST, SERVER)])
    assert (after.id, after.change, after.connections) == (first.id, "amended", 1)
    (member,) = after.members
    assert (member.finding, member.verdict) == (finding_id(HOST, SERVER, "tcp", 445), "unauthorized")
    assert (member.flows, member.sensors) == (1, ("gw", "jp-edge"))
    assert "another host's" in after.text


def test_what_may_is_withdrawn_and_what_comes_again_is_told(
    watched: Watch, flow: Flow, told: Any
) -> None:
    watch = watched()
    edi = flow(POOL, "10.1.20.5", 8443, sport=1024)
    (first,) = watch.take(edi, sensor="jp-edge")
    (gone,) = told(watch, [("10.40.2.10", 1024, "10.1.20.5", 8443)], quiet(flow))
    assert (gone.id, gone.change) == (first.id, "withdrawn")
    # By another port: nobody logged whose that is.
    (again,) = watch.take(edi | {"src_port": 1025}, sensor="jp-edge")
    (check,) = again.members[0].checks
    assert check.id == "nat_unresolved"
    assert check.text.startswith(f"{POOL} stands for 10.40.2.10: no entry of `nat:`")
    assert check.text in again.text
    assert (again.id, again.members[0].src.address, again.members[0].flows) == (first.id, POOL, 1)


def test_what_is_left_stays(watched: Watch, flow: Flow, told: Any) -> None:
    watch = watched()
    seen = [flow(POOL, SERVER, sport=1024 + number) for number in range(3)]
    (first,) = watch.take(*seen, sensor="jp-edge")
    assert first.members[0].flows == 3
    told(watch, [(HOST, 1024, SERVER, 445)], quiet(flow))
    alerts = {m.src.address: (a.id, m.flows) for a in watch.alerts() for m in a.members}
    assert alerts[POOL] == (first.id, 2)
    assert alerts[HOST][1] == 1
    # In the same round as more of it.
    told(watch, [(HOST, 1025, SERVER, 445)], [flow(POOL, SERVER, sport=2000, row=98)])
    alerts = {m.src.address: (a.id, m.flows) for a in watch.alerts() for m in a.members}
    # The gateway saw one flow of it and jp-edge one: connections count what one sensor saw at most.
    assert alerts[POOL] == (first.id, 1)
    assert alerts[HOST][1] == 2


def test_what_nobody_was_told_of_is_told_when_it_is_known(
    watched: Watch, flow: Flow, told: Any
) -> None:
    """Nothing but the translation comes: whoever it is may not, whom it stood for might."""
    watch = watched()
    other = flow("10.40.2.10", "10.1.20.5", 8443, sport=1024)
    assert watch.take(other, sensor="jp-edge") == []
    watch.lake.refresh()
    value = "tcp 10.40.9.9:50000 > 10.1.20.5:8443 as 10.40.2.10:1024 > 10.1.20.5:8443 for 2 s"
    watch.number += 1
    with watch.lake.writer() as writer:
        writer.begin(_identity("gw", b"z\n", "z.log"))
        writer.add(_table(quiet(flow), "gw"))
        writer.add_names(_names_table([_name(value, "nat")], "gw"))
        writer.finish(99)
        writer.commit()
    (alert,) = watch.judge()
    assert alert.members[0].src.address == HOST
    assert alert.members[0].verdict == "unauthorized"
