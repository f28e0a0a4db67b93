"""What osquery is told to do by itself: the tables of all checks, as snapshots, and how often to come."""

from __future__ import annotations

import msgspec

from sekisho.fleet.checks.registry import pack


def configuration(*, interval: int, check_in: int) -> bytes:
    """The answer to `config`. `interval` is seconds between two results of most tables, `check_in` between two
    questions for distributed queries.

    Snapshots, because what a differential log leaves out is not clean. The splay that osquery adds by itself
    keeps a fleet from answering in one moment.
    """
    options = {
        "disable_distributed": False,
        "distributed_interval": check_in,
        "logger_snapshot_event_type": False,
        "schedule_splay_percent": 10,
    }
    return msgspec.json.encode(
        {"schedule": pack(interval)["queries"], "options": options, "node_invalid": False}
    )
