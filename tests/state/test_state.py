"""The state follows the ledger: each entry once, in order, whole or not at all."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.model.entries import Entry
from sekisho.state.records import Cursor, Event, KeptFile
from sekisho.state.state import State

AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


def entry(seq: int, kind: str, body: dict[str, Any], by: str = "anong") -> Entry:
    at = AT + timedelta(minutes=seq)
    return Entry(
        seq, at, by, kind, body, f"h{seq - 1}" if seq > 1 else "0" * 64, f"h{seq}", seq, seq + 1
    )


def accept(seq: int, finding: str = "F-1") -> Entry:
    return entry(
        seq, "finding.accept", {"finding": finding, "why": "w", "until": "2026-04-01T00:00:00Z"}
    )


def version(seq: int, sha: str, *rules: str, by: str = "anong") -> Entry:
    body = {
        "sha256": sha,
        "files": [{"path": "policy.yaml", "sha256": sha, "size": 3}],
        "rules": [{"hash": rule, "id": rule.upper()} for rule in rules],
    }
    return entry(seq, "policy.version", body, by)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


def test_entries_count_once_whatever_is_offered_again(where: str | Path) -> None:
    with State.open(where) as state:
        assert state.follow([accept(1), accept(2)]) == 2
        assert state.follow([accept(1), accept(2), accept(3)]) == 1
        assert state.cursor() == Cursor(3, "h3", 4)
    with State.open(where) as state:
        assert [event.seq for event in state.events()] == [1, 2, 3]
        assert state.events("F-1")[0] == Event(
            1,
            "F-1",
            "accept",
            "anong",
            AT + timedelta(minutes=1),
            "w",
            datetime(2026, 4, 1, tzinfo=UTC),
        )
        assert state.events("F-2") == ()


def test_a_gap_or_another_past_is_refused_and_leaves_nothing(where: str | Path) -> None:
    with State.open(where) as state:
        state.follow([accept(1)])
        with pytest.raises(IntegrityError, match="does not follow"):
            state.follow([accept(2), accept(4)])
        other = Entry(1, AT, "x", "finding.note", {"finding": "F-1"}, "0" * 64, "other", 0, 1)
        with pytest.raises(IntegrityError, match="not the one"):
            state.follow([other])
        unlinked = Entry(2, AT, "x", "finding.note", {"finding": "F-1"}, "other", "h2", 0, 1)
        with pytest.raises(IntegrityError, match="does not follow"):
            state.follow([unlinked])
        assert len(state.events()) == 1
        assert state.cursor().seq == 1


def test_an_entry_that_is_not_what_its_kind_says_is_named(where: str | Path) -> None:
    with State.open(where) as state:
        with pytest.raises(IntegrityError, match="entry 1"):
            state.follow([entry(1, "finding.accept", {"why": "no finding named"})])
        with pytest.raises(IntegrityError, match="contradicts"):
            state.follow([entry(1, "rule.accept_retroactive", {"rule": "never recorded"})])
        assert state.cursor() == Cursor()


def test_other_kinds_only_move_the_cursor(where: str | Path) -> None:
    with State.open(where) as state:
        assert state.follow([entry(1, "ingest.committed", {"files": 3})]) == 1
        assert state.cursor().seq == 1
        assert state.events() == ()


def test_only_the_first_register_with_rules_is_the_baseline(where: str | Path) -> None:
    with State.open(where) as state:
        state.follow([version(1, "a" * 64), version(2, "b" * 64, "r1", "r2")])
        state.follow([version(3, "c" * 64, "r2", "r3", by="tanaka"), version(4, "a" * 64)])
        records = {record.rule_hash: record for record in state.rules()}
        assert {name: record.baseline for name, record in records.items()} == {
            "r1": True,
            "r2": True,
            "r3": False,
        }
        assert records["r3"].by == "tanaka"
        assert records["r3"].recorded_at == AT + timedelta(minutes=3)
        assert [v.sha256[0] for v in state.versions("policy")] == ["a", "b", "c", "a"]
        assert state.versions("policy")[1].files == (KeptFile("policy.yaml", "b" * 64, 3),)
        assert state.versions("inventory") == ()
        state.follow([entry(5, "rule.accept_retroactive", {"rule": "r3", "why": "seen"}, "mori")])
        assert [(a.rule_hash, a.by, a.why) for a in state.acceptances()] == [("r3", "mori", "seen")]


def test_an_audit_record_and_its_document(where: str | Path) -> None:
    with State.open(where) as state:
        state.keep([b"{}", b"{}", b"other"])
        name = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        state.follow(
            [entry(1, "audit.record", {"name": "q1", "document": name, "hashes": {"policy": "p"}})]
        )
        (record,) = state.audits()
        assert (record.name, record.hashes) == ("q1", {"policy": "p"})
        assert state.content(record.document) == b"{}"
        assert state.content("0" * 64) is None


def test_changed_contents_are_noticed(path: Path) -> None:
    with State.open(path) as state:
        state.keep([b"evidence"])
        assert state.damage() == ()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE contents SET bytes = ?", (b"edited",))
    connection.close()
    with State.open(path) as state:
        assert len(state.damage()) == 1


def test_times_come_back_in_utc_and_naive_ones_are_refused(where: str | Path) -> None:
    tokyo = timezone(timedelta(hours=9))
    with State.open(where) as state:
        body = {"finding": "F-1", "until": "2026-04-01T09:00:00+09:00"}
        at = AT.astimezone(tokyo)
        state.follow([Entry(1, at, "x", "finding.accept", body, "0" * 64, "h1", 0, 1)])
        (event,) = state.events()
        assert event.at == AT
        assert event.at.tzinfo is UTC
        assert event.until == datetime(2026, 4, 1, tzinfo=UTC)


def test_a_copy_is_whole_while_the_original_is_in_use(path: Path, tmp_path: Path) -> None:
    with State.open(path) as state:
        state.follow([accept(1)])
        state.copy_to(tmp_path / "copy.db")
        state.follow([accept(2)])
    with State.open(tmp_path / "copy.db") as copy:
        assert copy.cursor().seq == 1


def test_two_followers_at_once_take_each_entry_once(path: Path) -> None:
    State.open(path).close()
    entries = [accept(seq) for seq in range(1, 21)]
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with State.open(path) as state:
                for count in range(1, 21):
                    state.follow(entries[:count])
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with State.open(path) as state:
        assert [event.seq for event in state.events()] == list(range(1, 21))


def test_what_is_not_a_database_is_damage_not_a_traceback(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, whatever it is called" * 100)
    with pytest.raises(IntegrityError, match="damaged"):
        State.open(path)


def test_a_database_url_that_cannot_be_used_does_not_show_its_password() -> None:
    with pytest.raises(RequestError) as refused:
        State.open("nosuch://user:hunter2@host/db")
    assert "hunter2" not in str(refused.value) + refused.value.mend
