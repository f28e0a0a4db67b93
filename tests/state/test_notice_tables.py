from __future__ import annotations

from sekisho.state.notice_tables import events
from sekisho.state.tables import metadata


def test_it_is_among_the_tables_that_steps_make() -> None:
    assert metadata.tables["notice_events"] is events
