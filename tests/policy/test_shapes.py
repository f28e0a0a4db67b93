from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.model.validity import ALWAYS
from sekisho.policy.shapes import ConnectionShape, PolicyFile
from sekisho.policy.shapes import TestShape as ClaimShape


def test_what_may_be_left_out() -> None:
    found = ConnectionShape.model_validate({"id": 7, "allow": "a -> b : any"})
    assert (found.id, found.owner, found.tier, found.state) == ("7", "", "normal", "active")
    assert found.validity == ALWAYS
    empty = ConnectionShape.model_validate(
        {"id": "A", "allow": "x", "owner": None, "approved_by": None, "from": None}
    )
    assert (empty.owner, empty.approved_by, empty.begin) == ("", {}, None)


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 129, None, "a\n", "é!"])
def test_ids_are_words(name: object) -> None:
    with pytest.raises(ValidationError):
        ConnectionShape.model_validate({"id": name, "allow": "a -> b : any"})


@pytest.mark.parametrize("name", ["TH-HQ-EDI", "x" * 128, "a.b/c:d_e-f", "港-1"])
def test_ids_of_any_script(name: str) -> None:
    assert ConnectionShape.model_validate({"id": name, "allow": "a"}).id == name


@pytest.mark.parametrize("data", [{}, {"allow": "a", "deny": "b"}])
def test_a_test_says_one_thing(data: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either"):
        ClaimShape.model_validate(data)


def test_a_file_in_short() -> None:
    found = PolicyFile.model_validate({"services": {"mes": "tcp/1"}, "intra_site": None})
    assert found.services == {"mes": ("tcp/1",)}
    assert found.intra_site == ()
    assert PolicyFile.model_validate({"intra_site": "audit"}).intra_site == "audit"
    with pytest.raises(ValidationError, match="no answer"):
        PolicyFile.model_validate({"intra_site": True})
