"""The store's values: compared by what they hold, and never changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sekisho.store.base import AddressRange, ClockOffset, SensorTraits


def test_traits_are_equal_by_what_they_hold_and_a_home_is_unknown_until_stated() -> None:
    home = AddressRange("", 1, 2, 1, 9)
    assert SensorTraits("jp-hq", (home,)) == SensorTraits("jp-hq", (AddressRange("", 1, 2, 1, 9),))
    assert SensorTraits("jp-hq", (home,)) != SensorTraits("jp-hq", (AddressRange("acq", 1, 2, 1, 9),))
    assert SensorTraits() == SensorTraits(site=None, home=())
    assert len({home, AddressRange("", 1, 2, 1, 9)}) == 1


@pytest.mark.parametrize(
    "value", [AddressRange("", 0, 0, 0, 0), SensorTraits(), ClockOffset("a", 1, 2, 3)]
)
def test_values_do_not_change(value: object) -> None:
    name = next(iter(type(value).__dataclass_fields__))  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, "other")
