"""The text for a gateway does to packets what the plan says, judged by an evaluator that knows neither.

Three answers for every packet: of the text, walked as nft(8) says; of `Severed`, the product's own
model; and of the plan's words, worked out address by address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from random import Random

from tests.contain.oracle.asking import NOW, ground, restriction
from tests.contain.oracle.nft import Packet, Ruleset, State, read
from tests.contain.oracle.world import WITH_PORTS, End, Plan, World, a_plan, a_world, addresses

from sekisho.contain.backends.nftables import exempted
from sekisho.contain.orders import Exempt, Held
from sekisho.contain.proposal import Proposal, propose
from sekisho.contain.regions import Region
from sekisho.errors import RequestError
from sekisho.model.addresses import number

EPHEMERAL = 50_000
SEEDS = 30
LARGEST = {
    "ipv4_addr": 2**32 - 1, "ipv6_addr": 2**128 - 1, "inet_proto": 255, "inet_service": 65_535,
}  # fmt: skip
STATES: tuple[State, ...] = (
    "new", "new", "new", "established", "established", "related", "invalid", "untracked",
)  # fmt: skip
ENDS = {"drop": "cut", "drain": "drained", "dropped": "dropped in spite of drain"}
Session = tuple[End, End, int, int]
"""Who begins it, with whom, protocol, port."""


def boundaries(rules: Ruleset, realm: str, random: Random) -> Iterator[Session]:
    """Sessions on and around every edge of the elements of every set, one edge at a time."""
    for one in rules.sets.values():
        family = 4 if one.types[0] == "ipv4_addr" else 6
        for element in random.sample(one.elements, min(len(one.elements), 12)):
            inside = [random.randint(low, high) for low, high in element]
            for axis, (low, high) in enumerate(element):
                for edge in {low - 1, low, high, high + 1}:
                    if 0 <= edge <= LARGEST[one.types[axis]]:
                        point = [*inside[:axis], edge, *inside[axis + 1 :]]
                        yield _session(point, one.types, family, realm, random)


def _session(point: list[int], types: list[str], family: int, realm: str, random: Random) -> Session:
    kind = IPv4Address if family == 4 else IPv6Address
    if len(types) == 1:
        v4, v6 = (
            0x0A000000 + random.randrange(4 << 16),
            (0x20010DB8 << 32 | random.randrange(4) << 16) << 64,
        )
        other = v4 if family == 4 else v6
        point = random.sample([point[0], other], 2)
    protocol = point[2] if len(point) > 2 else random.choice((1, 6, 17, 58, 132, 47))
    port = point[3] if len(point) > 3 else random.choice((53, 443, 8443, 0, 65_535))
    if protocol not in WITH_PORTS:
        port = 0
    return (realm, str(kind(point[0]))), (realm, str(kind(point[1]))), protocol, port


def packets(session: Session, state: State, random: Random) -> Iterator[tuple[Packet, bool]]:
    """The packets of a session both ways, with whether the begin is the one who sends."""
    (_, src), (_, dst), protocol, port = session
    far = EPHEMERAL + random.randrange(9)
    if protocol not in WITH_PORTS:
        far, port = random.randrange(65_536), random.randrange(65_536)
    yield Packet(src, dst, protocol, far, port, state, "original"), True
    if state != "new":
        yield Packet(dst, src, protocol, port, far, state, "reply"), False


def said(
    world: World, plans: dict[str, Plan], gateway: str, session: Session, state: State
) -> tuple[bool, list[str]]:
    """Whether the plans' words end the packet, and what became of it by each plan."""
    src, dst, protocol, port = session
    became = []
    for plan in plans.values():
        if state in ("invalid", "untracked"):
            ends = world.severs(plan, gateway, src, dst) or world.severs(plan, gateway, dst, src)
            became.append("cut, of no session" if ends else "untouched")
        elif not world.severs(plan, gateway, src, dst):
            other = world.severs(plan, gateway, dst, src)
            became.append("untouched, begun the other way" if other else "untouched")
        elif why := world.kept_by(plan, src, dst, protocol, port):
            became.append(f"kept by {why}")
        else:
            how = world.runs_out(plan, src, dst) if state in ("established", "related") else "drop"
            became.append(ENDS[how])
    return any(one.startswith(("cut", "dropped")) for one in became), became


def modelled(held: tuple[Held, ...], session: Session, state: State) -> bool:
    """The same of the product's model."""
    src, dst, protocol, port = session
    a, b = ((realm, ip_address(address)) for realm, address in (src, dst))
    for one in held:
        severed = replace(one.severed, cuts=one.cuts)
        if state in ("invalid", "untracked"):
            bare = replace(severed, kept=())
            if bare.cut_of(a, b, protocol, port) or bare.cut_of(b, a, protocol, port):
                return True
        elif severed.cut_of(a, b, protocol, port) and not (
            state in ("established", "related") and severed.drains(a, b)
        ):
            return True
    return False


def left_open(world: World, random: Random) -> list[tuple[End, End, int, int]]:
    """Sometimes a few connections that stay open for a while: ends, first and last TCP port."""
    if random.random() < 0.6:
        return []
    pairs = list(zip(addresses(world, random, 8), addresses(world, random, 8), strict=True))
    named = [
        (world.sites[name.split("/")[0]].realm, str(ip_network(one).network_address))
        for name, members in world.groups.items()
        for one in members
    ]
    pairs = [*pairs, *(random.sample(named, 2) for _ in range(12))]
    found = [(a, b, 443, random.choice((443, 8443))) for a, b in pairs if a[0] == b[0]]
    return [one for one in found if (":" in one[0][1]) == (":" in one[1][1])]


def exemption(one: tuple[End, End, int, int]) -> Exempt:
    src, dst, low, high = one
    begin, end = (Region({realm: ((number(ip_address(a)),) * 2,)}) for realm, a in (src, dst))
    return Exempt("X", begin, end, ((6 << 16 | low, 6 << 16 | high),), NOW + timedelta(hours=1))


def proposals(
    seed: int,
) -> Iterator[tuple[World, dict[str, Plan], list[tuple[End, End, int, int]], Proposal, Random]]:
    """Worlds with one to three plans in force at once."""
    random = Random(seed)
    world = a_world(random)
    plans: dict[str, Plan] = {}
    exempt = left_open(world, random)
    on = ground(world)
    for n in range(random.choice((1, 2, 3))):
        plan = a_plan(world, random)
        try:
            others = {name: restriction(one) for name, one in plans.items()}
            proposal = propose(f"P-{n}", restriction(plan), replace(on, in_force=others))
        except RequestError:
            continue
        plans[f"P-{n}"] = plan
        yield world, dict(plans), exempt, proposal, random


def examined(seed: int, outcomes: Counter[str]) -> None:
    for world, plans, exempt, proposal, random in proposals(seed):
        for told in proposal.told:
            assert told.rendered is not None, told.why
            rules = read(told.rendered.text)
            rules.fill(exempted(map(exemption, exempt), told.gateway.realm, NOW))
            realm = told.gateway.realm
            sessions = list(boundaries(rules, realm, random))
            ends = [(realm, address) for _, address in addresses(world, random, 60)]
            for src in ends[:30]:
                dst = random.choice(ends)
                if (":" in src[1]) == (":" in dst[1]):
                    protocol = random.choice((1, 6, 17, 58))
                    port = random.choice((53, 443, 8443)) if protocol in WITH_PORTS else 0
                    sessions.append((src, dst, protocol, port))
            sessions += [(a, b, 6, port) for a, b, low, high in exempt if a[0] == realm
                         for port in (low - 1, low, high, high + 1)]  # fmt: skip
            for session in sessions:
                state = random.choice(STATES)
                ends_it, became = said(world, plans, told.gateway.name, session, state)
                where = (seed, told.gateway.name, session, state, plans, became, told.rendered.text)
                assert modelled(told.order.held, session, state) == ends_it, where
                if state not in ("invalid", "untracked") and any(
                    session[:3] == (a, b, 6) and low <= session[3] <= high for a, b, low, high in exempt
                ):
                    became = ["exempt from a cut" if ends_it else "exempt"]
                    ends_it = False
                for packet, forth in packets(session, state, random):
                    hook = random.choice(("forward", "forward", "input", "output"))
                    verdict, counted = rules.walk(packet, hook)
                    assert (verdict == "drop") == ends_it, (packet, where)
                    for one in became:
                        outcomes[f"{one}, {'begin' if forth else 'reply'}"] += 1
                        outcomes[f"{one}, IPv{packet.family}"] += 1
                    if ends_it and len({"cut" in one or "dropped" in one for one in became}) > 1:
                        outcomes["one plan cuts what another leaves"] += 1
                    outcomes["counted as cut"] += any(name.endswith("_cut") for name in counted)
                    assert any(name.endswith("_cut") for name in counted) == ends_it


def test_text_model_and_words_agree() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(SEEDS):
        examined(seed, outcomes)
    wanted = [
        f"{what}, {how}"
        for what in (
            "cut", "cut, of no session", "drained", "dropped in spite of drain", "kept by tier",
            "kept by allow", "kept by lifeline", "untouched", "untouched, begun the other way",
            "exempt from a cut",
        )
        for how in ("begin", "reply", "IPv4", "IPv6")
    ]  # fmt: skip
    assert {one: outcomes[one] for one in wanted if outcomes[one] < 10} == {}
    assert outcomes["one plan cuts what another leaves"] > 100


def test_neighbours_and_sizes_of_paths_are_never_cut() -> None:
    """Without these no session that is kept would work; nothing else of ICMP passes with them."""
    seen: Counter[str] = Counter()
    for world, plans, _, proposal, _ in (one for seed in range(4) for one in proposals(seed)):
        for told in proposal.told:
            assert told.rendered is not None
            rules = read(told.rendered.text)
            realm = told.gateway.realm
            for src, dst in (("10.0.0.1", "10.1.0.1"), ("2001:db8::1", "2001:db8:1::1")):
                protocol = 58 if ":" in src else 1
                session = (realm, src), (realm, dst), protocol, 0
                for state in ("new", "related", "invalid"):
                    cut, _became = said(world, plans, told.gateway.name, session, state)
                    for kind, code, hops, passes in (
                        (135, 0, 255, protocol == 58),
                        (135, 0, 254, False),
                        (2, 0, 63, protocol == 58 and state == "related"),
                        (3, 4, 63, protocol == 1 and state == "related"),
                        (3, 1, 63, False),
                        (8, 0, 63, False),
                    ):
                        packet = Packet(src, dst, protocol, state=state, type=kind, code=code)
                        verdict, _ = rules.walk(replace(packet, hoplimit=hops))
                        assert verdict == ("accept" if passes or not cut else "drop"), (packet, plans)
                        seen[f"{cut} {passes}"] += 1
    assert all(seen[f"{cut} {passes}"] for cut in (True, False) for passes in (True, False))


def test_who_began_a_session_that_was_open_before_is_not_known() -> None:
    """Of TCP a packet in the middle of one tells; it ends like one of no session."""
    seen: Counter[str] = Counter()
    for world, plans, exempt, proposal, random in (
        one for seed in range(12) for one in proposals(seed)
    ):
        for told in proposal.told:
            assert told.rendered is not None
            rules = read(told.rendered.text)
            realm = told.gateway.realm
            for session in boundaries(rules, realm, random):
                (_, src), (_, dst), _, port = session
                if exempt or any(world.kept_by(plan, *session) for plan in plans.values()):
                    continue
                for flags in (frozenset({"syn"}), frozenset({"ack"}), frozenset({"syn", "ack"})):
                    packet = Packet(src, dst, 6, EPHEMERAL, port, flags=flags)
                    begun = (*session[:2], 6, port)
                    kept = any(world.kept_by(plan, *begun) for plan in plans.values())
                    state: State = "new" if flags == {"syn"} or kept else "invalid"
                    ends, _ = said(world, plans, told.gateway.name, begun, state)
                    if not kept:
                        assert (rules.walk(packet)[0] == "drop") == ends, (packet, plans)
                        seen[f"{sorted(flags)} {ends}"] += 1
    assert len(seen) == 6
