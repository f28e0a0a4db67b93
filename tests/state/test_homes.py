from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.state.engine import Locked, connect, reading, writing
from sekisho.state.homes import sites_of
from sekisho.state.state import State


@pytest.fixture
def state(where: str | Path) -> Iterator[State]:
    with State.open(where) as opened:
        yield opened


def test_what_is_kept_last_is_all_there_is(state: State, where: str | Path) -> None:
    store = state.homes()
    assert store.all() == {}
    store.keep(dict.fromkeys(range(1200), "jp-hq") | {1200: ""})
    store.keep({1: "jp-hq", 2: "th-plant", 3: ""})
    assert store.all() == {1: "jp-hq", 2: "th-plant", 3: ""}
    engine = connect(where, 5)
    with reading(engine) as connection:
        assert sites_of(connection, range(2000)) == {1: "jp-hq", 2: "th-plant"}
        assert sites_of(connection, []) == {}
    engine.dispose()
    store.keep({})
    assert store.all() == {}


def test_where_nothing_differs_whoever_writes_is_not_kept_waiting(tmp_path: Path) -> None:
    with State.open(tmp_path / "state.db", timeout=0.05) as state:
        store = state.homes()
        store.keep({1: "jp-hq"})
        engine = connect(tmp_path / "state.db", 5)
        with writing(engine):
            store.keep({1: "jp-hq"})
            with pytest.raises(Locked):
                store.keep({1: "th-plant"})
        engine.dispose()
