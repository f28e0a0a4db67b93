from __future__ import annotations

from sekisho.model.indicators import INDICATORS, TLPS, IndicatorKind
from sekisho.model.names import NameKind


def test_kinds_that_are_on_record_are_called_as_names_are() -> None:
    hashes = {one.value for one in IndicatorKind if "sha" in one or one in ("md5", "ja3", "ja4")}
    assert hashes <= {one.value for one in NameKind}


def test_the_strictest_label_is_last_and_texts_are_never_null() -> None:
    assert TLPS[0] == "clear"
    assert TLPS[-1] == "red"
    assert not any(INDICATORS.field(name).nullable for name in ("kind", "value", "source", "says"))
