"""The kinds of intrusions, each drawn anew: who, by what, how long between the steps."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.chains.plot import ODD, Intrusion, Plot
from benchmarks.chains.truth import Kind
from sekisho.simulate.base import DAY, HOUR, MINUTE

Pause = Callable[[Plot], int]


def play(plot: Plot, kind: Kind, dark: tuple[str, int, int]) -> None:
    """Write one chain. `dark` is a site whose border nobody watched between two times."""
    match kind:
        case Kind.TUNNEL:
            _tunnel(plot)
        case Kind.REVERSE:
            _reverse(plot)
        case Kind.CREDENTIALS:
            _credentials(plot)
        case Kind.PERMITTED:
            _permitted(plot)
        case Kind.MISSING:
            _missing(plot, dark)
        case Kind.LONG:
            _staged(plot, kind, _long)
        case _:
            _staged(plot, kind, _within_a_day)


def _within_a_day(plot: Plot) -> int:
    """Median 10.1 h, as in recorded campaigns, from 1 to 24 h."""
    hours = 10.1 * float(plot.rng.lognormal(0.0, 1.0))
    return int(min(max(hours, 1.0), 24.0) * HOUR)


def _long(plot: Plot) -> int:
    return int(plot.rng.uniform(24.0, 72.0) * HOUR)


def _start(plot: Plot, needed: int) -> int:
    """A beginning from the fourth day on that leaves the time that is needed."""
    calendar = plot.script.calendar
    last = max(calendar.begin + 4 * DAY, calendar.end - needed - 2 * DAY)
    return int(plot.rng.integers(calendar.begin + 3 * DAY, last))


def _entry(plot: Plot, kind: Kind, at: int) -> tuple[Intrusion, int, int | None]:
    """The first host, and the party that steers it in most cases; the others had it another way."""
    entry = plot.anywhere()
    intrusion = Intrusion.begin(plot, kind, entry)
    outsider = intrusion.control(entry, at) if plot.rng.random() < 0.8 else None
    return intrusion, entry, outsider


def _on(intrusion: Intrusion, src: int, dst: int, at: int) -> None:
    """One step by a service that no rule allows, now and then after a look around."""
    plot = intrusion.plot
    rng, script = plot.rng, plot.script
    port = plot.service(src, dst, at)
    if rng.random() < 0.3:
        company = script.company
        near = [
            r for r, h in enumerate(company.hosts) if h.site == company.hosts[dst].site and h.listed
        ]
        picked = [int(r) for r in rng.choice(near, min(len(near), int(rng.integers(4, 30))))]
        script.probe(
            f"chain {intrusion.chain.number}",
            src,
            [r for r in picked if r != dst],
            port,
            at - int(rng.integers(20, 300)) * MINUTE,
            30_000_000,
        )
    size = float(rng.lognormal(13.0, 1.2))
    intrusion.step(src, dst, port, intrusion.visits(at), float(rng.lognormal(5.5, 1.0)), size, size * 4)


def _staged(plot: Plot, kind: Kind, pause: Pause) -> None:
    rng = plot.rng
    count = int(rng.integers(3, 7))
    longest = 72 * HOUR if kind is Kind.LONG else 24 * HOUR
    at = _start(plot, min(count * longest, 20 * DAY))
    intrusion, entry, outsider = _entry(plot, kind, at)
    held = [entry]
    for _ in range(count):
        at += pause(plot)
        if at > intrusion.end - 3 * HOUR:
            break
        src = held[-1] if rng.random() < 0.7 else held[int(rng.integers(len(held)))]
        dst = plot.anywhere(away=src)
        if src == entry and outsider is not None and rng.random() < 0.6:
            intrusion.keyboard(entry, outsider, at)
        _on(intrusion, src, dst, at)
        if rng.random() < 0.2:
            intrusion.control(dst, at + int(rng.integers(5, 200)) * MINUTE)
        held.append(dst)
    if kind is Kind.EXFILTRATION:
        _leave(intrusion, held, at + HOUR)


def _leave(intrusion: Intrusion, held: list[int], at: int) -> None:
    """What was found is gathered at one host and sent out over some nights."""
    plot = intrusion.plot
    rng = plot.rng
    collector = held[int(rng.integers(len(held)))]
    total = float(rng.lognormal(20.5, 1.2))
    for other in held:
        if other == collector:
            continue
        name, src = (plot.script.company.hosts[row].name for row in (other, collector))
        known = [s for s in intrusion.chain.steps if (s.src, s.dst) == (src, name)]
        if known:
            times = [at + int(rng.integers(0, 600)) * MINUTE for _ in range(3)]
            times = [t for t in times if t < intrusion.end - HOUR] or [intrusion.end - 2 * HOUR]
            plot.script.transfer(
                f"chain {intrusion.chain.number}",
                collector,
                other,
                known[0].port,
                times,
                3e6,
                total / 2,
            )
    nights = [at + int((n + rng.random()) * DAY) for n in range(int(rng.integers(1, 6)))]
    intrusion.leave(collector, plot.outsider(), nights, total)


def _tunnel(plot: Plot) -> None:
    rng = plot.rng
    at = _start(plot, 5 * DAY)
    intrusion, entry, outsider = _entry(plot, Kind.TUNNEL, at)
    hosts = [entry]
    for _ in range(int(rng.integers(3, 6))):
        hosts.append(plot.anywhere(away=hosts[-1]))
    begin = at + int(rng.uniform(0.5, 20) * HOUR)
    evenings = [
        begin + n * DAY + int(rng.integers(0, 120)) * MINUTE for n in range(int(rng.integers(1, 4)))
    ]
    pauses = [int(rng.uniform(1, 25) * MINUTE) for _ in hosts[1:]]
    if outsider is not None:
        intrusion.keyboard(entry, outsider, begin)
    length = float(rng.uniform(1.0, 5.0)) * 3600
    size = float(rng.lognormal(14.5, 1.0))
    late = 0
    for src, dst, pause in zip(hosts, hosts[1:], pauses, strict=False):
        late += pause
        port = plot.service(src, dst, begin)
        times = [t + late for t in evenings]
        intrusion.step(src, dst, port, times, max(900.0, length - late / 1e6), size, size * 5)


def _reverse(plot: Plot) -> None:
    """Some hosts open the sessions by which others steer them; a few got the program over a share."""
    rng = plot.rng
    count = int(rng.integers(3, 6))
    at = _start(plot, count * DAY)
    intrusion, entry, _ = _entry(plot, Kind.REVERSE, at)
    src = entry
    for number in range(count):
        at += _within_a_day(plot)
        if at > intrusion.end - 6 * HOUR:
            break
        dst = plot.anywhere(away=src)
        if number and rng.random() < 0.4:
            _on(intrusion, src, dst, at)
        else:
            if rng.random() < 0.5:
                _on(intrusion, src, dst, at)
                at += int(rng.integers(3, 90)) * MINUTE
            port = next(p for p in rng.permutation(ODD).tolist() if not plot.permitted(dst, src, p, at))
            hours = float(rng.uniform(2, 30))
            times = [at, at + int((hours + 1) * HOUR)][: int(rng.integers(1, 3))]
            intrusion.step(dst, src, int(port), times, hours * 3600, 9e5, 2e5, reverse=True)
        src = dst


def _edge(plot: Plot, number: int, away: int | None) -> tuple[int, int, int, int]:
    """A permitted edge of those numbered from 0, its source in another site than `away`'s: the number, source,
    destination, port."""
    plants = [p.name for p in plot.script.company.places if p.kind == "plant"]
    edges = (
        (("in-eng/eng", "de-office/eng"), ("jp-kobe/files",), 445),
        (("jp-kobe/clients",), ("jp-hq/files",), 445),
        (tuple(f"{p}/files" for p in plants), ("jp-hq/finance",), 22),
        (tuple(f"{p}/app" for p in plants), ("jp-dc/dc",), 445),
        (("jp-hq/admins",), ("jp-dc/jump",), 3389),
    )
    for turn in range(len(edges)):
        which = (number + turn) % len(edges)
        sources, onto, port = edges[which]
        try:
            one = plot.host(*sources, away=away, share=True)
        except LookupError:
            continue
        return which, one, plot.host(*onto, share=True), port
    raise LookupError("no permitted edge is left")


def _permitted_step(intrusion: Intrusion, src: int, dst: int, port: int, at: int) -> None:
    """Over a permitted edge: in a third of the cases as it is used by its owners, else for much more."""
    rng = intrusion.plot.rng
    size = 3e5 if rng.random() < 0.35 else float(rng.lognormal(17.5, 1.0))
    intrusion.step(src, dst, port, intrusion.visits(at), max(60.0, size / 2e6), size / 9, size)


def _credentials(plot: Plot) -> None:
    """Into a host that may reach others, over what it may, and on."""
    rng = plot.rng
    at = _start(plot, 6 * DAY)
    intrusion, entry, _ = _entry(plot, Kind.CREDENTIALS, at)
    at += _within_a_day(plot)
    which, src, dst, port = _edge(plot, int(rng.integers(5)), entry)
    _on(intrusion, entry, src, at)
    at += _within_a_day(plot)
    _permitted_step(intrusion, src, dst, port, at)
    if which == 4:
        at += int(rng.uniform(0.05, 3) * HOUR)
        server = plot.anywhere(away=dst)
        _permitted_step(intrusion, dst, server, int(rng.choice((22, 3389, 5985))), at)
        dst = server
    for _ in range(int(rng.integers(1, 3))):
        at += _within_a_day(plot)
        onto = plot.anywhere(away=dst)
        try:
            _on(intrusion, dst, onto, at)
        except LookupError:
            break
        dst = onto


def _permitted(plot: Plot) -> None:
    """No step that a rule does not allow."""
    rng = plot.rng
    at = _start(plot, 3 * DAY)
    which, src, dst, port = _edge(plot, int(rng.integers(5)), None)
    intrusion = Intrusion.begin(plot, Kind.PERMITTED, src)
    intrusion.control(src, at)
    at += _within_a_day(plot)
    _permitted_step(intrusion, src, dst, port, at)
    if which == 4:
        server = plot.anywhere(away=dst)
        at += int(rng.uniform(0.05, 3) * HOUR)
        _permitted_step(intrusion, dst, server, int(rng.choice((22, 3389, 5985))), at)


def _missing(plot: Plot, dark: tuple[str, int, int]) -> None:
    """Through a site whose own sensor recorded nothing meanwhile."""
    rng = plot.rng
    site, begin, end = dark
    count = int(rng.integers(2, 4))
    at = begin + int(rng.uniform(0.2, 0.6) * (end - begin))
    roles = ("files", "app", "print", "historian", "clients")
    middle = plot.host(*(f"{site}/{role}" for role in roles))
    entry = plot.anywhere(away=middle)
    intrusion = Intrusion.begin(plot, Kind.MISSING, entry)
    intrusion.control(entry, at - _within_a_day(plot))
    _on(intrusion, entry, middle, at)
    src = middle
    for _ in range(count):
        at += _within_a_day(plot)
        dst = plot.anywhere(away=src)
        _on(intrusion, src, dst, at)
        src = dst
