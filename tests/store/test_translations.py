from __future__ import annotations

from sekisho.store.base import SensorTraits, Translated
from sekisho.store.translations import TRANSLATIONS, translations


def test_every_sensor_has_its_rows() -> None:
    one = Translated("", 0, 9, 0, 1, 1024, 2047)
    found = translations({"b": SensorTraits(translated=(one,)), "a": SensorTraits()})
    assert found.schema == TRANSLATIONS
    (row,) = found.to_pylist()
    assert (row["sensor"], row["lo"], row["original_lo"], row["high_port"]) == ("b", 9, 1, 2047)
    assert row["begin"] < 0 < row["end"]
    assert translations({}).num_rows == 0
