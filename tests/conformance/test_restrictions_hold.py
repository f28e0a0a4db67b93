"""What holds for every restriction: it only removes, lifting it leaves nothing, order and repetition
do not matter, and the preview lists exactly what would end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import HEADER, JUNE_1, conn
from tests.contain.oracle.asking import files, ground, restriction
from tests.contain.oracle.nft import Packet, read
from tests.contain.oracle.world import End, Plan, World, a_plan, a_world, addresses

from sekisho.app.containing.planning import plan
from sekisho.app.containing.previewing import preview
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.contain.proposal import Ground, Proposal, Told, propose, tell
from sekisho.errors import RequestError

SEED = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)


def a_proposal(name: str, one: Plan, on: Ground) -> Proposal | None:
    """None where nothing would be cut, or nobody can cut it."""
    try:
        found = propose(name, restriction(one), on)
    except RequestError:
        return None
    return found if found.told else None


def some_packets(world: World, realm: str, random: Random) -> list[Packet]:
    found = []
    for src in addresses(world, random, 60):
        dst = random.choice(addresses(world, random, 5))
        if (":" in src[1]) == (":" in dst[1]):
            state = random.choice(("new", "established", "invalid"))
            way = "original" if state == "new" else random.choice(("original", "reply"))
            protocol = random.choice((1, 6, 6, 17))
            ports = random.choice((53, 443, 8443)), random.choice((443, 500, 60_000))
            found.append(Packet(src[1], dst[1], protocol, *ports, state, way))  # type: ignore[arg-type]
    return found


def text(told: Told) -> str:
    assert told.rendered is not None
    return told.rendered.text


@FEW
@given(SEED)
def test_a_restriction_only_removes(seed: int) -> None:
    random = Random(seed)
    world = a_world(random)
    on = ground(world)
    first, second = a_plan(world, random), a_plan(world, random)
    if a_proposal("P-1", first, on) is None:
        return
    beside = replace(on, in_force={"P-1": restriction(first)})
    both = a_proposal("P-2", second, beside)
    if both is None:
        return
    before = {one.gateway.name: one for one in tell([t.gateway.name for t in both.told], beside)}
    for told in both.told:
        after, ere = read(text(told)), read(text(before[told.gateway.name]))
        for packet in some_packets(world, told.gateway.realm, random):
            if ere.walk(packet)[0] == "drop":
                assert after.walk(packet)[0] == "drop", (packet, first, second)


@FEW
@given(SEED)
def test_to_contain_and_lift_is_to_do_nothing(seed: int) -> None:
    random = Random(seed)
    world = a_world(random)
    on = ground(world)
    one, other = restriction(a_plan(world, random)), a_plan(world, random)
    on = replace(on, in_force={"P-1": one} if a_proposal("P-1", a_plan(world, random), on) else {})
    everywhere = list(world.gateways)
    try:
        before = [text(told) for told in tell(everywhere, on)]
    except RequestError:
        return
    added = a_proposal("P-2", other, on)
    if added is None:
        return
    held = replace(on, in_force={**on.in_force, "P-2": restriction(other)})
    changed = {told.gateway.name: text(told) for told in tell(everywhere, held)}
    assert {told.gateway.name: text(told) for told in added.told}.items() <= changed.items()
    lifted = replace(held, in_force={k: v for k, v in held.in_force.items() if k != "P-2"})
    assert [text(told) for told in tell(everywhere, lifted)] == before
    assert any(a != b for a, b in zip(before, changed.values(), strict=True))


def shuffled(world: World, random: Random) -> World:
    """The same company: written in another order, some rules written twice."""
    rules = [
        replace(
            rule,
            sources=tuple(random.sample(rule.sources, len(rule.sources))),
            destinations=tuple(random.sample(rule.destinations, len(rule.destinations))),
            services=tuple(random.sample(rule.services, len(rule.services))),
        )
        for rule in world.rules
    ]
    rules += [replace(rule, id=f"{rule.id}-again") for rule in rules if rule.essential]
    random.shuffle(rules)
    return replace(
        world,
        rules=rules,
        sites=dict(random.sample(sorted(world.sites.items()), len(world.sites))),
        groups=dict(random.sample(sorted(world.groups.items()), len(world.groups))),
        gateways={
            name: (realm, random.sample(links, len(links)))
            for name, (realm, links) in world.gateways.items()
        },
    )


@FEW
@given(SEED)
def test_order_and_repetition_do_not_matter(seed: int) -> None:
    random = Random(seed)
    world = a_world(random)
    one, other = a_plan(world, random), a_plan(world, random)
    on = ground(world)
    first = a_proposal("P-2", one, on)
    if first is None:
        return
    again = ground(shuffled(world, random))
    told = a_proposal("P-2", one, again)
    assert told is not None
    assert {t.gateway.name: text(t) for t in told.told} == {t.gateway.name: text(t) for t in first.told}
    # What a person names twice, or in another order, is the same plan.
    asked = restriction(one)
    twice = replace(
        asked,
        sever=(*reversed(asked.sever), asked.sever[0]),
        allow=(*reversed(asked.allow), *asked.allow),
        existing_at=dict(reversed(asked.existing_at.items())),
    )
    assert propose("P-2", twice, on).hash == first.hash
    # Nor does it matter which of two plans was applied first.
    if a_proposal("P-10", other, on) is None:
        return
    sooner = propose("P-2", asked, replace(on, in_force={"P-10": restriction(other)}))
    later = propose("P-10", restriction(other), replace(on, in_force={"P-2": asked}))
    texts = {t.gateway.name: text(t) for t in later.told}
    assert all(texts.get(t.gateway.name, text(t)) == text(t) for t in sooner.told)


def written(world: World, root: Path, flows: list[tuple[str, str, int]]) -> Workspace:
    """A workspace with one sensor's log of TCP connections."""
    root.mkdir()
    (root / "sekisho.toml").write_text("")
    for name, content in files(world).items():
        if name == "sites.yaml":
            sensor = {"probe": {"site": next(iter(world.sites)), "kind": "zeek"}}
            content = json.dumps({**json.loads(content), "sensors": sensor}).encode()
        (root / name).write_bytes(content)
    (root / "logs" / "probe").mkdir(parents=True)
    lines = [
        conn(JUNE_1 + 60.0 * n, f"C{n:06d}", src, 40_000 + n, dst, port)
        for n, (src, dst, port) in enumerate(flows)
    ]
    (root / "logs" / "probe" / "conn.log").write_text(HEADER + "".join(lines))
    workspace = Workspace(root)
    ingest(workspace, [root / "logs"], sensor=None, reader=None, now=NOW)
    return workspace


NOW = datetime(2020, 6, 2, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(6))
def test_the_preview_lists_exactly_what_would_end(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    world = replace(a_world(random))
    while len({site.realm for site in world.sites.values()}) > 1:
        world = a_world(random)
    ends = [address for _, address in addresses(world, random, 400)]
    pairs = [(a, random.choice(ends), random.choice((53, 443, 8443))) for a in ends]
    flows = sorted({one for one in pairs if (":" in one[0]) == (":" in one[1]) and one[0] != one[1]})
    workspace = written(world, tmp_path / "company", flows)
    seen: Counter[str] = Counter()
    for n in range(1, 5):
        while a_proposal("P-1", asked := a_plan(world, random), ground(world)) is None:
            pass
        plan(workspace, restriction(asked), now=NOW, by="aiko")
        document = preview(workspace, str(n), now=NOW, by="aiko")
        expected: dict[tuple[str, str, int], tuple[str, ...]] = {}
        for src, dst, port in flows:
            a, b = ("", src), ("", dst)
            gateways = tuple(
                name
                for name in world.gateways
                if world.severs(asked, name, a, b) and world.carries(name, a, b)
            )
            if severed_anywhere(world, asked, a, b) and not world.kept_by(asked, a, b, 6, port):
                expected[src, dst, port] = gateways
        listed = {(c.src.address, c.dst.address, c.port): c.gateways for c in document.cut}
        beyond = {
            (c.src.address, c.dst.address, c.port): c.gateways
            for pair in document.unenforceable
            for c in pair.connections
        }
        assert listed == {key: names for key, names in expected.items() if names}, asked
        assert beyond == {key: () for key, names in expected.items() if not names}, asked
        seen["cut"] += len(listed)
        seen["beyond"] += len(beyond)
        seen["goes on"] += len(flows) - len(expected)
    assert seen["cut"]
    assert seen["goes on"]


def severed_anywhere(world: World, asked: Plan, src: End, dst: End) -> bool:
    """Whether the plan's words sever it, wherever that could be enforced: at a gateway on every way."""
    ends = [*world.sites, "internet", *(f"zone:{name}" for name in world.zones)]
    everywhere = [(a, b) for a in ends for b in ends if a != b] + [(a, "*") for a in ends]
    ideal = replace(world, gateways={"ideal": ("", everywhere)})
    return ideal.severs(asked, "ideal", src, dst)
