from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import PartlyRead
from sekisho.sources import files
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, Grown, Known, New

ALL_KEYS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol")

CHILD = """
import json, os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3
from sekisho.app.ingest import Ingest
from sekisho.model.sites import Sensor
from sekisho.store.lake import Lake

root, logs, how, number = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
seen = []

def reached(name):
    seen.append(name)
    if len(seen) - 1 == number:
        os.kill(os.getpid(), signal.SIGKILL)

def counted(module, name):
    real = getattr(module, name)
    def hooked(*arguments, **named):
        if how == "before":
            reached(name)
        found = real(*arguments, **named)
        if how == "after":
            reached(name)
        return found
    setattr(module, name, hooked)

if how == "steps":
    steps = reached
else:
    steps = lambda _name: None
    for name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir"):
        counted(os, name)
with Lake.open(root, create=True, steps=steps, threads=1) as lake:
    sensors = {"edge": Sensor("edge", "site", kind="any")}
    work = Ingest(lake, root, sensors, now=datetime(2020, 6, 8, tzinfo=UTC))
    work.run([logs], sensor="edge", reader=None)
    lake.refresh()
print(json.dumps(seen))
"""
