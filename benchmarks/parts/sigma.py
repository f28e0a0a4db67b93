"""Sigma rules over the events of terminals' logs.

300 made-up rules of the shape of real ones, and a folder of real ones where there is one (SEKISHO_SIGMA_RULES,
else ../shared/data/intel/sigma/rules). Half of all command lines stand once, the others end as many do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.ground import Ground, sekisho
from benchmarks.measure import run
from sekisho.model.events import COLUMNS, SOURCE_EVENTS
from sekisho.model.flows import TIME
from sekisho.store.event_staging import EventFile
from sekisho.store.lake import Lake

RULES = 300
A_LOG = 500_000
"""Events taken in at once: the logs of some fifty terminals, which have come to lie in one file."""
SYSMON = "Microsoft-Windows-Sysmon/Operational"
BEGIN = 1_772_323_200_000_000
_SHARES = (
    (SYSMON, 1, 0.40),
    ("Security", 4688, 0.12),
    (SYSMON, 3, 0.20),
    ("Security", 4624, 0.10),
    ("Security", 5145, 0.06),
    (SYSMON, 22, 0.05),
    (SYSMON, 11, 0.04),
    ("System", 7045, 0.01),
    ("Microsoft-Windows-PowerShell/Operational", 4104, 0.02),
)
_PROGRAMS = (
    *(
        "cmd",
        "powershell",
        "svchost",
        "rundll32",
        "certutil",
        "bitsadmin",
        "curl",
        "wmic",
        "net",
        "schtasks",
    ),
    *(
        "chrome",
        "msedge",
        "outlook",
        "excel",
        "teams",
        "explorer",
        "conhost",
        "tasklist",
        "whoami",
        "ssh",
    ),
    *(f"app{number}" for number in range(380)),
)
_WORDS = (
    *(
        "-enc",
        "/transfer",
        "-urlcache",
        "http://",
        "https://",
        "\\\\10.",
        "/c",
        "-NoProfile",
        "Invoke-",
    ),
    *(
        "DownloadString",
        "\\AppData\\",
        "\\Temp\\",
        ".dll",
        ".exe",
        ".ps1",
        "process call create",
        "/add",
    ),
    *("--headless", "ADMIN$", "-ExecutionPolicy", "hidden", "bypass", "IEX", "FromBase64String"),
    *(f"--option{number}" for number in range(200)),
)


def measure(ground: Ground) -> None:
    """Time `fleet sigma run`, whole processes."""
    company = _company(ground)
    made = _made(company.parent / "rules-made")
    folders = {f"{RULES} made-up rules": made}
    real = Path(os.environ.get("SEKISHO_SIGMA_RULES", "../shared/data/intel/sigma/rules"))
    if real.is_dir():
        folders["real rules"] = real.absolute()
    else:
        print(f"no folder of real rules at {real}: SEKISHO_SIGMA_RULES names one", file=sys.stderr)
    print(f"\n### Sigma rules, {ground.rows:,} events\n")
    print(
        "| Rules | Asked | Findings | Wall, median | CPU | Peak memory |\n|---|---:|---:|---:|---:|---:|"
    )
    for what, folder in folders.items():
        words = ("fleet", "sigma", "run", "--rules", folder, "--level", "informational", "--look")
        out = company / "found.json"
        command = sekisho(company, *words, "--format", "json", "--output", out)
        runs = [run(command) for _ in range(ground.runs)]
        found = json.loads(out.read_text())
        wall, cpu, peak = (
            statistics.median(getattr(one, name) for one in runs) for name in ("wall", "cpu", "peak")
        )
        print(
            f"| {what} | {found['asked']} | {len(found['findings']):,} | {wall:.1f} s | {cpu:.1f} s |"
            f" {peak / 2**20:,.0f} MiB |",
            flush=True,
        )


def _company(ground: Ground) -> Path:
    place = ground.scratch / f"events-{ground.rows}" / "company"
    if (place / "written").exists():
        return place
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    print(f"writing {ground.rows:,} events to {place} ...", file=sys.stderr)
    command = [str(word) for word in (*sekisho(place)[:1], "-q", "init", place)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with Lake.open(place / "data" / "lake", create=True) as lake:
        for number, begin in enumerate(range(0, ground.rows, A_LOG)):
            count = min(A_LOG, ground.rows - begin)
            name = f"logs-{number}.evtx"
            file = EventFile(hashlib.sha256(name.encode()).hexdigest(), name)
            lake.events.intake.take(file, [_events(count, number)])
    (place / "written").touch()
    return place


def _events(count: int, seed: int) -> pa.Table:
    random = np.random.default_rng(seed)
    kind = random.choice(len(_SHARES), count, p=[share for _, _, share in _SHARES])
    images = pa.array([f"C:\\Windows\\System32\\{name}.exe" for name in _PROGRAMS])
    skew = 1 / (np.arange(len(_PROGRAMS)) + 5)
    image = images.take(pa.array(random.choice(len(_PROGRAMS), count, p=skew / skew.sum())))
    parent = images.take(pa.array(random.integers(0, 60, count)))
    channels = pa.array([channel for channel, _, _ in _SHARES]).take(pa.array(kind))
    ids = pa.array([number for _, number, _ in _SHARES], pa.int32()).take(pa.array(kind))
    process, audited, network = (pa.array(kind == at) for at in (0, 1, 2))
    lines = _lines(image, random, count)
    addresses = pa.array(
        [f"{a}.{b}.7.{c}" for a in (10, 52, 185) for b in range(40) for c in range(25)]
    )
    ports = pa.array([str(port) for port in (80, 443, 445, 135, 3389, 8443, 8080, 5985)])
    users = pa.array([f"CORP\\user{number}" for number in range(3000)])
    hosts = pa.array([f"pc-{seed:03}-{number:03}" for number in range(50)])

    def pick(values: pa.Array) -> pa.Array:
        return values.take(pa.array(random.integers(0, len(values), count)))

    def only(mask: pa.Array, values: pa.Array) -> pa.Array:
        return pc.if_else(mask, values, pa.scalar(None, pa.string()))

    either = pc.or_(process, network)
    known: dict[str, pa.Array] = {
        "Image": only(either, image),
        "NewProcessName": only(audited, image),
        "ParentImage": only(process, parent),
        "ParentProcessName": only(audited, parent),
        "CommandLine": only(pc.or_(process, audited), lines),
        "OriginalFileName": only(process, pc.replace_substring(image, "C:\\Windows\\System32\\", "")),
        "User": only(either, pick(users)),
        "DestinationIp": only(network, pick(addresses)),
        "DestinationPort": only(network, pick(ports)),
        "DestinationHostname": only(network, pick(hosts)),
        "Initiated": only(network, pick(pa.array(["true", "false"]))),
        "TargetUserName": only(pa.array(kind == 3), pick(users)),
        "LogonType": only(pa.array(kind == 3), pick(pa.array(["2", "3", "10"]))),
        "IpAddress": only(pa.array(kind == 3), pick(addresses)),
        "RelativeTargetName": only(pa.array(kind == 4), pick(images)),
        "ShareName": only(pa.array(kind == 4), pick(pa.array(["\\\\*\\IPC$", "\\\\*\\ADMIN$"]))),
        "QueryName": only(pa.array(kind == 5), pick(hosts)),
        "TargetFilename": only(pa.array(kind == 6), pick(images)),
        "ServiceName": only(pa.array(kind == 7), pick(hosts)),
        "ImagePath": only(pa.array(kind == 7), pick(images)),
        "ScriptBlockText": only(pa.array(kind == 8), lines),
    }
    columns: dict[str, Any] = {
        "host": pick(hosts),
        "channel": channels,
        "provider": channels,
        "event_id": ids,
        "record": pa.array(np.arange(count) + 1),
        "time": pa.array(BEGIN + random.integers(0, 86_400_000_000, count)).cast(TIME),
        "row": pa.array(np.arange(count) + 1),
        "cut": pa.array(np.zeros(count, np.bool_)),
        "more": pa.MapArray.from_arrays(
            pa.array(np.arange(count + 1, dtype=np.int32)),
            pa.array(["IntegrityLevel2"]).take(pa.array(np.zeros(count, np.int64))),
            pick(pa.array(["Medium", "High", "System"])),
        ),
    }
    columns |= {COLUMNS[name]: values for name, values in known.items()}
    nothing = pa.nulls(count, pa.string())
    return pa.table(
        [columns.get(field.name, nothing).cast(field.type) for field in SOURCE_EVENTS],
        schema=SOURCE_EVENTS,
    )


def _lines(image: pa.Array, random: np.random.Generator, count: int) -> pa.Array:
    words = pa.array([f" {word}" for word in _WORDS])
    skew = 1 / (np.arange(len(_WORDS))[::-1] + 3)
    some = [
        words.take(pa.array(random.choice(len(words), 5000, p=skew / skew.sum()))) for _ in range(4)
    ]
    common = pc.binary_join_element_wise(*some, "")
    chosen = common.take(pa.array(random.integers(0, len(common), count)))
    once = pa.array([f" C:\\Users\\u{n:x}\\work" for n in random.integers(0, 2**48, count)])
    tail = pc.if_else(pa.array(random.random(count) < 0.5), once, pa.scalar(" --quiet"))
    return pc.binary_join_element_wise(image, chosen, tail, "")


def _made(folder: Path) -> Path:
    """As many of each kind as there are among 295 real ones, with the same modifiers."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    random = Random(7)
    for number in range(RULES):
        place = number * 100 // RULES
        if place < 55:
            source, search = "category: process_creation", _process(random)
        elif place < 73:
            source, search = "category: network_connection", _connection(random)
        elif place < 85:
            source, search = "service: security", _logon(random)
        elif place < 92:
            source = "service: system"
            search = {"s1": {"EventID": 7045, "ImagePath|contains": _some(random, _WORDS, 3)}}
        else:
            source = "category: ps_script"
            search = {"s1": {"ScriptBlockText|contains|all": _some(random, _WORDS, 3)}}
        condition = "all of s* and not 1 of f*" if "f1" in search else "all of s*"
        detection = json.dumps({**search, "condition": condition})
        (folder / f"{number:03}.yml").write_text(
            f"title: Made {number}\nlevel: medium\nlogsource: {{product: windows, {source}}}\n"
            f"detection: {detection}\n"
        )
    return folder


def _process(random: Random) -> dict[str, Any]:
    names = [f"\\{name}.exe" for name in _some(random, _PROGRAMS, random.randint(1, 3))]
    image: Any = [{"Image|endswith": names}, {"OriginalFileName": [one[1:] for one in names]}]
    found: dict[str, Any] = {"s1": image} if random.random() < 0.8 else {}
    way = random.choice(
        ("CommandLine|contains", "CommandLine|contains|all", "CommandLine|contains|windash")
    )
    words = _some(random, _WORDS, random.randint(2, 8))
    # What rules look for is rare: most of them find nothing on most days.
    found["s2"] = {
        way: [one if random.random() < 0.1 else f"{one}{random.randrange(99)}x" for one in words]
    }
    if random.random() < 0.3:
        found["s3"] = {"CommandLine|endswith": [".dll", ".txt", ".tmp", ".png"]}
    if random.random() < 0.1:
        found["s4"] = {"CommandLine|re": "https?://[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}"}
    if random.random() < 0.4:
        found["f1"] = {"ParentImage|startswith": "C:\\Program Files", "CommandLine|contains": "--quiet"}
    return found


def _connection(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {"s1": {"Initiated": "true"}}
    found["s1"]["Image|endswith"] = [f"\\{name}.exe" for name in _some(random, _PROGRAMS, 4)]
    if random.random() < 0.5:
        found["s2"] = {"DestinationPort": random.choice((445, 3389, 135, 5985))}
    else:
        found["s2"] = {"DestinationHostname|endswith": [f"-{n:03}" for n in range(5)]}
    near = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "52.0.0.0/8", "185.0.0.0/9", "::1/128"]
    found["f1"] = {"DestinationIp|cidr": near}
    return found


def _logon(random: Random) -> dict[str, Any]:
    if random.random() < 0.5:
        found: dict[str, Any] = {"s1": {"EventID": 4624, "LogonType": 3}}
        found["s1"]["TargetUserName|startswith"] = f"CORP\\svc{random.randrange(99)}"
        found["f1"] = {"IpAddress|cidr": "10.0.0.0/8"}
        return found
    names = _some(random, _PROGRAMS, 3)
    share = {"EventID": 5145, "ShareName|endswith": "IPC$"}
    return {"s1": {**share, "RelativeTargetName|contains": list(names)}}


def _some(random: Random, values: tuple[str, ...], count: int) -> list[str]:
    # The first ones are those that real rules look for, and are rarer among events.
    return random.sample(values[:24] if random.random() < 0.7 else values, min(count, 24))
