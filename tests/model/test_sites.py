from __future__ import annotations

from sekisho.model.sites import Group, Sensor


def test_a_group_is_named_with_its_site() -> None:
    assert Group("jp-hq", "edi", ()).label == "jp-hq/edi"


def test_a_sensor_is_unsampled_and_in_utc_unless_it_says_otherwise() -> None:
    sensor = Sensor("jp-zeek", "jp-hq")
    assert (sensor.sampling, sensor.timezone, sensor.kind) == (1, "UTC", "any")
