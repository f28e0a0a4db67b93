from __future__ import annotations

import pytest

from sekisho.model.flows import State
from sekisho.sources.mapping import NEEDED, ROLES, Mapping, check


def test_without_a_mapping_columns_are_called_after_what_they_hold() -> None:
    found = check(None)
    assert [found.column(role) for role in ROLES] == list(ROLES)
    assert found.missing(("start", "src")) == ["dst", "protocol"]
    assert found.missing(NEEDED) == []


def test_everything_that_may_be_said() -> None:
    found = check(
        {
            "columns": {"start": "When"},
            "time": "epoch_ns",
            "timezone": "Asia/Bangkok",
            "one_way": True,
            "states": {"Built ": "established"},
            "delimiter": "tab",
        }
    )
    assert found == Mapping(
        columns={"start": "When"},
        time="epoch_ns",
        timezone="Asia/Bangkok",
        one_way=True,
        states={**check(None).states, "built": State.ESTABLISHED},
        delimiter="\t",
    )
    assert found.missing(("src", "dst", "protocol")) == ["When"]


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), (True, True)])
def test_true_and_false_as_a_file_gives_them(text: object, value: bool) -> None:
    assert check({"one_way": text}).one_way is value
