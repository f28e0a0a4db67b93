"""The same flows in nfdump's own files: NetFlow v5 sent to nfcapd over loopback."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds

PORT = 29955
_HEADER = np.dtype(
    [("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("secs", ">u4"), ("nsecs", ">u4"),
     ("sequence", ">u4"), ("engine", ">u2"), ("sampling", ">u2")]
)  # fmt: skip
_RECORD = np.dtype(
    [("src", ">u4"), ("dst", ">u4"), ("hop", ">u4"), ("in", ">u2"), ("out", ">u2"), ("packets", ">u4"),
     ("bytes", ">u4"), ("first", ">u4"), ("last", ">u4"), ("sport", ">u2"), ("dport", ">u2"), ("pad", "u1"),
     ("flags", "u1"), ("protocol", "u1"), ("tos", "u1"), ("sas", ">u2"), ("das", ">u2"), ("mask", ">u2"),
     ("pad2", ">u2")]
)  # fmt: skip
_EACH = 30


def write(lake: Path, out: Path) -> int:
    """Send every IPv4 flow of a lake to nfcapd; the number of records that nfdump then counts."""
    out.mkdir(parents=True, exist_ok=True)
    collector = subprocess.Popen(
        ["nfcapd", "-p", str(PORT), "-b", "127.0.0.1", "-w", str(out), "-t", "86400", "-B", "8388608"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1.5)
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", PORT))
        columns = ["start", "end", "src_lo", "dst_lo", "src_port", "dst_port", "protocol", "bytes_out",
                   "packets_out"]  # fmt: skip
        flows = ds.dataset(lake / "flows", format="parquet")
        for batch in flows.to_batches(columns=columns, batch_size=300_000):
            sent += _send(sender, {name: batch.column(name) for name in columns}, sent)
    time.sleep(3)
    collector.terminate()
    collector.wait(30)
    shown = subprocess.run(["nfdump", "-R", str(out), "-I"], capture_output=True, text=True, check=True)
    found = re.search(r"^Flows:\s+(\d+)", shown.stdout, re.M)
    return int(found[1]) if found else 0


def _send(sender: socket.socket, batch: dict[str, object], sequence: int) -> int:
    arrays = {name: np.asarray(column) for name, column in batch.items()}
    start = arrays["start"].astype("datetime64[ms]").astype(np.int64)
    end = arrays["end"].astype("datetime64[ms]").astype(np.int64)
    base = int(start.min()) - 1000
    records = np.zeros(len(start), dtype=_RECORD)
    for name, column in (("src", "src_lo"), ("dst", "dst_lo")):
        records[name] = (arrays[column] & 0xFFFFFFFF).astype(np.uint32)
    records["sport"], records["dport"] = arrays["src_port"], arrays["dst_port"]
    records["protocol"] = arrays["protocol"]
    records["bytes"] = np.minimum(arrays["bytes_out"], 2**32 - 1)
    records["packets"] = np.minimum(np.maximum(arrays["packets_out"], 1), 2**32 - 1)
    span = 2**32 - 1
    records["first"], records["last"] = np.minimum(start - base, span), np.minimum(end - base, span)
    header = np.zeros(1, dtype=_HEADER)
    header["version"] = 5
    header["secs"] = base // 1000
    for number, at in enumerate(range(0, len(records), _EACH)):
        some = records[at : at + _EACH]
        header["count"], header["sequence"] = len(some), sequence + at
        sender.send(header.tobytes() + some.tobytes())
        if number % 64 == 63:
            time.sleep(0.001)
    return len(records)
