"""From a finding to its incident over very many flows: a chain is put into the last day of the logs."""

from __future__ import annotations

import json
import statistics
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from benchmarks.ground import Ground, sekisho
from benchmarks.measure import Run, run
from sekisho.model.findings import finding_id
from sekisho.simulate.volume import FIRST

HEAD = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes"
    "\tresp_bytes\tconn_state\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tcount\tstring"
    "\tcount\tcount\tcount\tcount\n"
)
OUTSIDE, DAYS = "28.255.255.9", 7
HOSTS = ("10.0.5.210", "10.2.7.15", "10.5.1.20", "10.9.3.10")
HOPS = ((0, 1, 3389, 3.0), (1, 2, 445, 8.5), (2, 3, 22, 14.0))
"""From, to, port, hour of the last day."""


def measure(ground: Ground) -> None:
    """Time `investigate open` and `show`, whole processes, from the middle hop's finding."""
    company = ground.ingested(ground.company())
    log = company / "logs" / "volume-a" / "chain.log"
    log.write_text(HEAD + "".join(_lines()), encoding="utf-8")
    run(sekisho(company, "ingest", log, "--sensor", "volume-a"))
    seed = finding_id(HOSTS[1], HOSTS[2], "tcp", 445)
    told(company, seed, ground.rows, ground.runs)


def told(company: Path, seed: str, rows: int, runs: int) -> None:
    """Open the incident of a finding `runs` times, and print what the opening and the showing took."""
    opened: list[Run] = []
    shown: list[Run] = []
    for _ in range(runs):
        opened.append(run(sekisho(company, "investigate", "open", "--finding", seed)))
        name = json.loads(_output(company, "investigate", "list", "--format", "json"))["incidents"][-1][
            "id"
        ]
        shown.append(run(sekisho(company, "investigate", "show", name, "--format", "json")))
    document = json.loads(_output(company, "investigate", "show", name, "--format", "json"))
    hops = {(hop["src"], hop["dst"], hop["port"]) for path in document["paths"] for hop in path["hops"]}
    true = {(HOSTS[src], HOSTS[dst], port) for src, dst, port, _ in HOPS} | {(HOSTS[0], OUTSIDE, 443)}
    print(f"\n### From a finding to its incident, {rows:,} flows\n")
    print("| What | Wall, median | CPU | Peak memory |\n|---|---:|---:|---:|")
    for what, some in (("open", opened), ("show", shown)):
        wall, cpu, peak = (
            statistics.median(getattr(one, name) for one in some) for name in ("wall", "cpu", "peak")
        )
        print(f"| investigate {what} | {wall:.1f} s | {cpu:.1f} s | {peak / 2**20:,.0f} MiB |")
    print(f"\n{len(true & hops)} of {len(true)} hops found, {len(hops)} told.", flush=True)


def _output(company: Path, *words: str) -> bytes:
    command = [str(word) for word in sekisho(company, *words)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _lines() -> list[str]:
    day: date = FIRST + timedelta(days=DAYS - 1)
    begin = datetime.combine(day, time.min, tzinfo=UTC).timestamp()
    rows = [
        (begin + 1800 + beat * 600 + beat % 7, HOSTS[0], OUTSIDE, 443, 1.2, 640, 1100)
        for beat in range(130)
    ]
    rows += [
        (begin + hour * 3600 + again * 2400, HOSTS[src], HOSTS[dst], port, 420.0, 90_000, 900_000)
        for src, dst, port, hour in HOPS
        for again in range(3)
    ]
    return [
        f"{at:.6f}\tCchain{number:06d}\t{src}\t{51_000 + number}\t{dst}\t{port}\ttcp\t-"
        f"\t{lasts:.6f}\t{out}\t{back}\tSF\t0\tShADadfF"
        f"\t{out // 1400 + 4}\t{out + 40 * (out // 1400 + 4)}\t{back // 1400 + 4}"
        f"\t{back + 40 * (back // 1400 + 4)}\n"
        for number, (at, src, dst, port, lasts, out, back) in enumerate(sorted(rows))
    ]
