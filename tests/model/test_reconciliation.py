from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.model.reconciliation import EXPLANATIONS, Clock, PairReconciliation


def test_explanations_stand_in_the_order_in_which_they_are_tried() -> None:
    assert EXPLANATIONS == ("sampling", "outage", "clock", "blocked", "nat", "loss")


def test_an_explanation_is_one_of_these() -> None:
    pair = {"src_site": "a", "dst_site": "b", "connection_days": 3, "both": 1, "partly": 1}
    pair |= {"source_only": 1, "destination_only": 0, "one_sided": 1}
    whole = PairReconciliation.model_validate(pair | {"explained": {"outage": 1}})
    assert whole.explained == {"outage": 1}
    with pytest.raises(ValidationError, match="explained"):
        PairReconciliation.model_validate(pair | {"explained": {"weather": 1}})


def test_a_clock_that_was_not_measured_has_no_offset() -> None:
    assert Clock(sensor="a", offset=None, spread=0.0, flows=0).model_dump()["offset"] is None
