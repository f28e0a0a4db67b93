from __future__ import annotations

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.errors import EXIT_REFUSED


def test_what_cannot_be_said_is_refused() -> None:
    assert CannotExpress("no words").exit_status == EXIT_REFUSED
    assert Rendered("g", "", ".nft").notes == ()
