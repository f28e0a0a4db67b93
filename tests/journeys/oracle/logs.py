"""A world as the files of a workspace: what people write, and what the sensors' logs say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

from tests.journeys.oracle.world import (
    GRE,
    ICMP,
    ICMP6,
    MINUTE,
    TCP,
    UDP,
    Member,
    Sensor,
    Span,
    Talk,
    View,
    World,
    moment,
)

NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", GRE: "gre", ICMP6: "icmp6"}
Seen = tuple[Talk, View]


def write_workspace(world: World, root: Path) -> None:
    """The files that a person writes. JSON is YAML."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "sekisho.toml").write_text("")
    sites = {
        site.name: {
            "country": "JP",
            "prefixes": [_member(member) for member in site.prefixes],
            **({"realm": site.realm} if site.realm else {}),
            **({"external": site.external} if site.external else {}),
            **_span(site.span, "until"),
        }
        for site in world.sites.values()
    }
    sensors = {
        sensor.name: {
            "site": sensor.site,
            "kind": sensor.kind,
            "sees": ["edge", "internet", "inside"],
            **({"realm": sensor.realm} if sensor.realm else {}),
        }
        for sensor in world.sensors.values()
    }
    in_csv = [
        (f"{a.site}/{g}", Member(ip_network(a.address), a.span)) for a in world.assets for g in a.groups
    ]
    groups = {
        label: [_member(m) for m in members if (label, m) not in in_csv]
        for label, members in world.groups.items()
    }
    document = {
        "external": world.external,
        "sites": sites,
        "groups": {label: members for label, members in groups.items() if members},
        "zones": {name: [_member(m) for m in members] for name, members in world.zones.items()},
        "sensors": sensors,
    }
    (root / "sites.yaml").write_text(json.dumps(document, indent=1))
    rows = [
        ",".join(
            [a.address, a.hostname, a.site, ";".join(a.groups), "", "", a.realm]
            + [part or "" for part in a.span.written]
        )
        for a in world.assets
    ]
    header = "address,hostname,site,groups,owner,criticality,realm,from,until"
    (root / "assets.csv").write_text("\n".join([header, *rows]) + "\n")
    policy = {
        "services": {name: list(ranges) for name, ranges in world.services.items()},
        "connections": [
            {
                "id": rule.id,
                "allow": f"{', '.join(rule.sources)} -> {', '.join(rule.destinations)}"
                f" : {', '.join(rule.services)}",
                "owner": "it",
                "ticket": "CHG-1",
                "why": "Work",
                **_span(rule.span, "expires"),
                **({"state": "proposed"} if rule.proposed else {}),
            }
            for rule in world.rules
        ],
        **({"intra_site": world.intra_site} if world.intra_site else {}),
    }
    (root / "policy.yaml").write_text(json.dumps(policy, indent=1))


def _member(member: Member) -> object:
    if member.span.begin is None and member.span.end is None:
        return str(member.prefix)
    return {"prefix": str(member.prefix), **_span(member.span, "until")}


def _span(span: Span, last: str) -> dict[str, str]:
    begin, end = span.written
    return ({"from": begin} if begin else {}) | ({last: end} if end else {})


def log_files(world: World) -> dict[str, str]:
    """Path below the workspace and text of every log, cut where files rotate and sensors were out."""
    rng = random.Random(world.seed + 1)
    files: dict[str, str] = {}
    for sensor in world.sensors.values():
        seen = sorted(
            ((talk, view) for talk in world.talks for view in talk.views if view.sensor == sensor.name),
            key=lambda found: found[1].start,
        )
        cuts = (
            {rng.randrange(1, len(seen)) for _ in range(rng.randint(0, 3))} if len(seen) > 1 else set()
        )
        pieces: list[list[Seen]] = [[]]
        for position, found in enumerate(seen):
            before = seen[position - 1][1].start if position else found[1].start
            if position in cuts or (sensor.outage and found[1].start - before > 4 * 60 * MINUTE):
                pieces.append([])
            pieces[-1].append(found)
        for number, piece in enumerate(pieces):
            if piece:
                text = _text(sensor, piece, rng)
                files[f"logs/{sensor.name}/{number}.log"] = text
    return files


def _text(sensor: Sensor, seen: list[Seen], rng: random.Random) -> str:
    if sensor.kind == "netflow":
        return (
            NFDUMP + "".join(line for talk, view in seen for line in nfdump_lines(talk, view)) + SUMMARY
        )
    if sensor.kind == "generic":
        epoch = rng.random() < 0.3
        return GENERIC + "".join(generic_line(talk, view, epoch=epoch) for talk, view in seen)
    records = [
        record
        for number, (talk, view) in enumerate(seen)
        for record in zeek_records(talk, view, f"C{sensor.name}{view.start}{number}")
    ]
    if rng.random() < 0.4:
        dots = rng.random() < 0.5
        return "".join(
            json.dumps({k if dots else k.replace(".", "_"): v for k, v in r.items() if v is not None})
            + "\n"
            for r in records
        )
    return ZEEK + "".join(
        "\t".join("-" if r[name] is None else _tsv(r[name]) for name in FIELDS) + "\n" for r in records
    )


FIELDS = (
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration",
    "orig_bytes", "resp_bytes", "conn_state", "missed_bytes", "history", "orig_pkts", "orig_ip_bytes",
    "resp_pkts", "resp_ip_bytes",
)  # fmt: skip
ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\t"
    + "\t".join(FIELDS)
    + "\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval"
    "\tcount\tcount\tstring\tcount\tstring\tcount\tcount\tcount\tcount\n"
)
_TCP_STATES: dict[str, list[tuple[str, str | None]]] = {
    "full": [
        ("SF", "ShADadFf"), ("S1", "ShADad"), ("S2", "ShADadF"), ("S3", "ShADadf"), ("RSTO", "ShADadR"),
        ("RSTR", "ShADadr"), ("OTH", "DadA"), ("SF", None), ("OTH", None), ("OTH", "ShADad"),
    ],
    "silent": [("S0", "S"), ("S0", None), ("SH", "SF")],
    "rejected": [("REJ", "Sr")],
    "half": [("S0", "SAD"), ("OTH", "DA"), ("OTH", "D"), ("SH", "SADF")],
    "cut": [("RSTOS0", "SADR")],
}  # fmt: skip


def zeek_records(talk: Talk, view: View, uid: str) -> Iterator[dict[str, object]]:
    """The record of a conversation; before it, now and then, an interim one of the same uid."""
    style = view.style
    if talk.protocol == TCP:
        states = _TCP_STATES[talk.outcome]
        state, history = states[style % len(states)]
    elif talk.protocol == UDP:
        state, history = ("SF", "Dd") if talk.outcome == "full" else ("S0", "D")
    else:
        state, history = "OTH", None
    orig_p, resp_p = talk.src_port, talk.port
    if talk.protocol in (ICMP, ICMP6):
        orig_p, resp_p = (8, 0) if talk.protocol == ICMP else (128, 129)
    record: dict[str, object] = {
        "ts": _seconds(view.start),
        "uid": uid,
        "id.orig_h": talk.src,
        "id.orig_p": orig_p,
        "id.resp_h": talk.dst,
        "id.resp_p": resp_p,
        "proto": "icmp" if talk.protocol == ICMP6 else NAMES[talk.protocol],
        "service": None,
        "duration": _seconds(talk.duration) if talk.duration else None,
        "orig_bytes": talk.payload[0] if talk.payload[0] or talk.outcome == "full" else None,
        "resp_bytes": talk.payload[1] if talk.payload[1] or talk.outcome == "full" else None,
        "conn_state": state,
        "missed_bytes": 0,
        "history": history,
        "orig_pkts": talk.packets[0],
        "orig_ip_bytes": talk.bytes[0],
        "resp_pkts": talk.packets[1],
        "resp_ip_bytes": talk.bytes[1],
    }
    if talk.protocol == TCP and talk.outcome == "full" and style % 7 == 0:
        yield record | {
            "conn_state": "S1",
            "history": "ShADad",
            "duration": _seconds(talk.duration // 2),
            "orig_bytes": talk.payload[0] // 2,
            "orig_ip_bytes": talk.bytes[0] // 2,
        }
    if talk.protocol == TCP and talk.payload[0] > 100_000 and style % 5 == 0:
        # A capture with segmentation offload sees few packets and counts their IP lengths short.
        record |= {"orig_pkts": talk.payload[0] // 30_000, "orig_ip_bytes": talk.payload[0] // 3}
    elif talk.protocol == TCP and talk.outcome == "full" and style % 11 == 0:
        record |= {"resp_bytes": 1_607_364_734, "missed_bytes": 1_607_310_063}
    yield record


def _seconds(micros: int) -> float:
    return micros / 1_000_000


def _tsv(value: object) -> str:
    return f"{value:.6f}" if isinstance(value, float) else str(value)


GENERIC = (
    "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,packets_out,packets_in,state\n"
)
_GENERIC_STATES = {
    "full": ["established", ""],
    "silent": ["no_reply", ""],
    "rejected": ["rejected"],
    "denied": ["denied"],
    "half": ["no_reply", ""],
    "cut": ["rejected"],
}


def generic_line(talk: Talk, view: View, *, epoch: bool) -> str:
    states = _GENERIC_STATES[talk.outcome]
    times = [f"{at / 1e6:.6f}" if epoch else moment(at).isoformat() for at in (view.start, view.end)]
    src, dst = talk.src, talk.dst
    if view.style % 13 == 0 and ":" not in src:
        src, dst = f"::ffff:{src}", f"::ffff:{dst}"
    cells = [
        *times,
        src,
        talk.src_port,
        dst,
        talk.port,
        NAMES[talk.protocol],
        *talk.bytes,
        *talk.packets,
    ]
    return ",".join(map(str, [*cells, states[view.style % len(states)]])) + "\n"


NFDUMP = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das\n"
SUMMARY = "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n1,1,1,0,0,0\n"
_FLAGS = {
    "full": ("...AP.SF", "...AP.SF"),
    "silent": ("......S.", ""),
    "rejected": ("......S.", "...A.R.."),
    "denied": ("......S.", ""),
    "half": ("...AP...", ""),
    "cut": ("...APR..", ""),
}


def nfdump_lines(talk: Talk, view: View) -> Iterator[str]:
    """A record each way; a long conversation in two pieces a way, as active timeouts cut them."""
    there, back = _FLAGS[talk.outcome] if talk.protocol == TCP else ("........", "........")
    status = 130 if talk.outcome == "denied" else 64
    ports: list[tuple[int, int | str]] = [
        (talk.src_port, talk.port),
        (talk.port, talk.src_port),
    ]
    if talk.protocol in (ICMP, ICMP6):
        ports = [(0, "8.0"), (0, "0.0")] if talk.protocol == ICMP else [(0, "128.0"), (0, "129.0")]
    ways = [(talk.src, talk.dst, there, 0, view.start)]
    if talk.packets[1]:
        ways.append((talk.dst, talk.src, back, 1, min(view.start + 2000, view.end)))
    for sa, da, flags, way, begin in ways:
        packets, size = talk.packets[way], talk.bytes[way]
        pieces = [(begin, view.end, packets, size)]
        if talk.outcome == "full" and talk.duration > 10 * MINUTE and packets >= 4:
            middle = begin + 5 * MINUTE
            first = (begin, middle, packets // 2, size // 2)
            pieces = [first, (middle + 1000, view.end, packets - first[2], size - first[3])]
        for start, end, count, octets in pieces:
            cells = [_nfdump_time(start), _nfdump_time(end), f"{(end - start) / 1e6:.3f}", sa, da]
            cells += [*map(str, ports[way]), NAMES[talk.protocol].upper(), flags, str(status), "0"]
            cells += [str(count), str(octets), "0", "0", "0", "0", "0", "0"]
            yield ",".join(cells) + "\n"


def _nfdump_time(at: int) -> str:
    return moment(at).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
