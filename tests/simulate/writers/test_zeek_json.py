"""JSON with the keys of Zeek's own writer; what is unset is absent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("SEKISHO_SHARED_DATA", Path(__file__).parents[3] / "../shared/data"))


def objects(world, sensor):
    files = world("quiet").files(sensor)
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_keys_in_the_order_of_a_real_log(world):
    path = DATA / "formats/zeek-conn-json.log"
    if not path.exists():
        pytest.skip(f"no sample data at {DATA}")
    real = list(json.loads(path.read_text().splitlines()[0]))
    full = [list(o) for o in objects(world, "jp-kobe-edge") if "service" in o and "duration" in o]
    assert full
    assert all(keys == real for keys in full)


def test_a_lone_packet_has_no_duration_and_no_payload_counts(world):
    lone = [o for o in objects(world, "jp-kobe-edge") if o["orig_pkts"] + o["resp_pkts"] == 1]
    assert lone
    assert not any({"duration", "orig_bytes", "resp_bytes"} & set(o) for o in lone)


def test_one_sensor_spells_its_keys_with_underscores(world):
    assert all("id_orig_h" in o and "id.orig_h" not in o for o in objects(world, "cn-plant-edge"))
