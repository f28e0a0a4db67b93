"""What the watch has told of, whatever came first, is what an audit finds: gateways log late or never."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.store.conftest import _flow, _identity, _name, _names_table, _table
from tests.watch.watched import MONDAY

from sekisho.app.register import read_register
from sekisho.app.wiring import traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.run import audit
from sekisho.model.flows import Flag, Orientation
from sekisho.model.flows import State as FlowState
from sekisho.policy.compile import CompiledPolicy
from sekisho.state.state import State
from sekisho.store.lake import Lake
from sekisho.watch.alerts import Member
from sekisho.watch.describing import Describer
from sekisho.watch.people import People
from sekisho.watch.run import Rounds

NOW = MONDAY + timedelta(days=1)
POOL, STATIC = "172.31.0.9", "172.31.1.9"
NAT = f"nat:\n  static: {{sensor: jp-edge, original: 10.40.9.11, translated: {STATIC}}}\n"
SERVICES = (("10.1.20.5", 8443), ("10.1.10.96", 445))


class Session(NamedTuple):
    """One connection through the gateway: whose, to which service, its port beyond, whether it is logged."""

    host: int
    service: int
    mapped: int
    logged: bool
    answered: bool
    one_way: bool


class Judge(NamedTuple):
    """What judges, in the watch and in the audit."""

    describer: Describer
    traits: Any


@pytest.fixture(scope="module")
def judge(_raw_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    root = tmp_path_factory.mktemp("nat")
    for name in ("sekisho.toml", "assets.csv", "policy.yaml"):
        (root / name).write_text((_raw_company / name).read_text())
    (root / "sites.yaml").write_text((_raw_company / "sites.yaml").read_text() + NAT)
    inventory, policy = read_register(Workspace(root))
    traits = traits_of(inventory)
    return Judge(Describer(inventory, CompiledPolicy(policy, inventory), traits), traits)


HOSTS = ("10.40.2.10", "10.40.9.9", "10.40.9.10")
SESSIONS = st.lists(
    st.builds(
        Session,
        host=st.integers(0, 3),
        service=st.integers(0, 1),
        mapped=st.integers(1024, 1028),
        logged=st.booleans(),
        answered=st.booleans(),
        one_way=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def put(lake: Lake, sensor: str, number: int, flows: list[Any], names: list[Any]) -> None:
    """A file of a sensor."""
    content = f"{sensor} {number}\n".encode()
    with lake.writer() as writer:
        writer.begin(_identity(sensor, content, f"{number}.log"))
        writer.add(_table(flows, sensor))
        if names:
            writer.add_names(_names_table(names, sensor))
        writer.finish(99)
        writer.commit()


def halves(one: Session, row: Any) -> list[Any]:
    """The records of a flow: one, or one for each way."""
    if not one.one_way:
        return [row]
    row |= {"state": int(FlowState.UNKNOWN), "orientation": int(Orientation.KNOWN_SERVICE)}
    out = row | {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0}
    back = row | {"flags": int(Flag.ONE_WAY | Flag.REVERSED), "bytes_out": 0, "packets_out": 0}
    return [out, back] if one.answered else [out]


def records(number: int, one: Session) -> dict[str, tuple[list[Any], list[Any]]]:
    """(flows, names) of a session as each sensor has them."""
    at, (server, port) = 36_000 + 90 * number, SERVICES[one.service]
    state = {} if one.answered else {"state": 0, "bytes_in": 0, "packets_in": 0}
    if one.host == len(HOSTS):
        static = halves(one, _flow(STATIC, server, port, at, sport=one.mapped, **state))
        return {"jp-edge": (static, [])}
    host = HOSTS[one.host]
    beyond = _flow(POOL, server, port, at + 0.5, sport=one.mapped, **state)
    found = {"jp-edge": (halves(one, beyond), [])}
    if one.logged:
        there = f"{server}:{port}"
        told = f"tcp {host}:{50_000 + number} > {there} as {POOL}:{one.mapped} > {there} for 2 s"
        own = _flow(host, server, port, at, sport=50_000 + number, row=50, **state)
        found["th-edge"] = ([own], [_name(told, "nat", at=at, row=50)])
    return found


# Each example is a lake of its own: to shrink one would take minutes.
@given(sessions=SESSIONS, order=st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_the_watch_and_the_audit_agree(judge: Judge, sessions: list[Session], order: Any) -> None:
    files = [(sensor, *of) for n, one in enumerate(sessions) for sensor, of in records(n, one).items()]
    order.shuffle(files)
    describer = judge.describer
    with TemporaryDirectory() as folder:
        state = State.open(Path(folder) / "s.db")
        with state as opened, Lake.open(Path(folder) / "lake", create=True, threads=1) as lake:
            store = opened.alerts()
            rounds = Rounds(lake, store, {"sink": "info"}, ())
            rounds.begin(NOW)
            for number, (sensor, flows, names) in enumerate(files):
                put(lake, sensor, number, flows, names)
                if order.random() < 0.6 or number == len(files) - 1:
                    while rounds.judge(describer, People(), NOW) is not None:
                        pass
            told = [
                Member.model_validate_json(m) for a in store.alerts() for m in store.members(a, 100)
            ]
            lake.refresh(judge.traits)
            document = audit(lake, describer.inventory, describer.policy, begin=None, end=None, now=NOW)
    found = {(f.id, f.src.address, f.verdict) for f in document.findings if f.kind == "verdict"}
    assert {(m.finding, m.src.address, m.verdict) for m in told} == found
