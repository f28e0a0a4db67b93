from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fleet.checks.test_indicators import known

from sekisho.fleet.checks.indicators import Indicators
from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.service.judging import judge
from sekisho.model.addresses import key, parse_address
from sekisho.model.nodes import Letter, Node
from sekisho.model.terminals import SERVED, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
NODE = Node(7, Sighting("pc1"), "pc1", "5.12", "S-1", AT, AT, 1, AT, "10.1.0.5")
ALL = tuple(CHECKS.values())
BAD = {"name": "evil", "path": "C:\\Users\\Public\\x.exe"}


def letter(number: int, content: bytes, kind: Any = "answers", minutes: float = 0) -> Letter:
    at = AT + timedelta(minutes=minutes)
    return Letter(7, kind, str(number), zlib.compress(content), number, at)


def answered(
    number: int, minutes: float = 0, status: int = 0, message: str = "", **tables: Any
) -> Letter:
    questions = {
        name: {"status": status, "message": message, "rows": rows} for name, rows in tables.items()
    }
    return letter(number, json.dumps({"campaign": 3, "questions": questions}).encode(), minutes=minutes)


def judged(*letters: Letter, held: tuple[Letter, ...] = ()) -> Any:
    return judge(letters, held, {7: NODE}, 3, ALL)


def test_an_answer_is_judged_and_its_rows_are_kept() -> None:
    found = judged(answered(1, t_services=[BAD, {"name": "ok", "path": "C:\\Windows\\x.exe"}]))
    (answer,) = found.answers
    assert (answer.check, answer.outcome, answer.intake, answer.at) == (
        "services",
        "findings",
        SERVED,
        AT,
    )
    assert "evil" in answer.findings[0]
    assert [(r.name, r.row, r.campaign, r.source) for r in found.results] == [
        ("services", 0, 3, "distributed"),
        ("services", 1, 3, "distributed"),
    ]
    assert (found.done, found.held, found.broken) == ([1], [], [])


def test_a_failure_is_a_failure_with_its_reason() -> None:
    found = judged(answered(1, status=1, message="distributed query is denylisted", t_services=[]))
    (answer,) = found.answers
    assert (answer.outcome, answer.reason) == ("failed", "distributed query is denylisted")
    (row,) = found.results
    assert (row.columns, row.status) == (None, 1)


def test_the_same_answer_again_is_the_same_and_newer() -> None:
    first, second = judged(answered(1, t_services=[BAD])), judged(answered(2, 5, t_services=[BAD]))
    assert first.answers[0].id == second.answers[0].id
    assert second.answers[0].at > first.answers[0].at
    assert judged(answered(3, t_services=[])).answers[0].id != first.answers[0].id


def test_a_check_waits_for_all_of_its_tables() -> None:
    name, check = next((n, c) for n, c in CHECKS.items() if len(c.tables) > 1)
    one, two = (f"t_{table}" for table in check.tables[:2])
    rest = {f"t_{table}": [] for table in check.tables[2:]}
    part = answered(1, **{one: []})
    waits = judged(part)
    assert (waits.done, waits.held) == ([], [1])
    assert name not in {a.check for a in waits.answers}
    whole = judged(answered(2, **{two: []} | rest), held=(part,))
    assert name in {a.check for a in whole.answers}
    assert (sorted(whole.done), whole.held) == ([1, 2], [])
    # Rows of the first letter were kept when it came.
    assert {r.name for r in whole.results} == {two[2:], *(t[2:] for t in rest)}


def test_ones_own_question_is_judged_by_nobody_and_kept() -> None:
    found = judged(answered(1, q_usb=[{"serial": "1"}]))
    assert (found.answers, found.done) == ([], [1])
    assert [(r.name, r.columns) for r in found.results] == [("q_usb", {"serial": "1"})]


def test_a_scheduled_result_is_taken_like_an_imported_one_and_is_this_nodes() -> None:
    line = {
        "name": "services",
        "hostIdentifier": "another",
        "unixTime": int(AT.timestamp()) - 60,
        "snapshot": [BAD],
    }
    found = judged(letter(1, json.dumps(line).encode(), "result"))
    (answer,) = found.answers
    assert (answer.who.hostname, answer.outcome) == ("pc1", "findings")
    assert answer.at == AT - timedelta(minutes=1)
    assert [(r.source, r.name) for r in found.results] == [("scheduled", "services")]


def test_status_lines_are_kept() -> None:
    found = judged(letter(1, b'{"severity":"0","message":"a\\u0000b"}\n{"message":"c"}', "status"))
    assert [r.columns["message"] for r in found.results] == ["a\ufffdb", "c"]
    assert found.done == [1]


def test_every_result_of_a_table_is_kept_and_the_last_is_judged() -> None:
    lines = [
        {"name": "services", "unixTime": int(AT.timestamp()) - 60 * n, "snapshot": rows}
        for n, rows in ((2, [BAD]), (1, [{"name": "fine", "path": "C:\\x.exe"}]))
    ]
    lines += [
        {"name": "pack/theirs/usb", "action": "added", "columns": {"serial": "1"}},
        {"name": "pack/theirs/none", "snapshot": []},
        {"name": "services", "snapshot": 7},
    ]
    found = judged(letter(1, b"\n".join(json.dumps(line).encode() for line in lines), "result"))
    kept = [(r.name, r.message, r.status, r.columns and next(iter(r.columns))) for r in found.results]
    assert kept == [
        ("services", "snapshot", 0, "name"),
        ("services", "snapshot", 0, "name"),
        ("pack/theirs/usb", "added", 0, "serial"),
        ("pack/theirs/none", "", 0, None),
        ("services", "a snapshot is no list", 1, None),
    ]
    (answer,) = found.answers
    # What lacks a row is not clean.
    assert answer.outcome == "failed"
    assert found.broken == [(7, "1 of 5 rows of a log: a snapshot is no list")]


def test_clocks_that_are_years_off_make_nothing_newer() -> None:
    for year, outcome in ((2099, AT), (1999, datetime(1999, 1, 1, tzinfo=UTC))):
        at = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        line = json.dumps({"name": "services", "unixTime": at, "snapshot": []}).encode()
        (answer,) = judged(letter(1, line, "result")).answers
        assert answer.at == outcome


def test_a_letter_that_cannot_be_read_costs_nobody_else_anything() -> None:
    broken = Letter(7, "answers", "b", b"no zlib", 1, AT)
    bomb = letter(2, b"\0" * (65 << 20))
    found = judged(broken, bomb, answered(3, t_services=[]))
    assert [node for node, _ in found.broken] == [7, 7]
    assert sorted(found.done) == [1, 2, 3]
    assert len(found.answers) == 1


def test_a_node_that_is_gone_leaves_nothing() -> None:
    found = judge([answered(1, t_services=[])], (), {}, 3, ALL)
    assert (found.done, found.answers, found.results) == ([1], [], [])


def test_a_table_that_its_platform_has_not_is_neither_failed_nor_clean() -> None:
    (answer,) = judged(answered(1, status=1, message="no such table: services", t_services=[])).answers
    assert (answer.outcome, answer.platform) == ("not_applicable", "")
    assert answer.reason == "its osquery says: no such table: services"
    # That nothing is set is no finding of a machine on which nothing could be looked up.
    (answer,) = judged(
        answered(1, status=1, message="no such table: registry", t_laps_settings=[])
    ).answers
    assert (answer.outcome, answer.findings) == ("not_applicable", ())
    (answer,) = judged(answered(1, status=1, message="disk I/O error", t_laps_settings=[])).answers
    assert (answer.outcome, answer.findings) == ("failed", ())


def test_a_machine_that_has_the_table_and_denies_it_has_failed() -> None:
    told = answered(1, status=1, message="no such table: services", t_services=[])
    (answer,) = judge((told,), (), {7: replace(NODE, platform="windows")}, 3, ALL).answers
    assert answer.outcome == "failed"


SEEN = {"remote_address": "203.0.113.9", "remote_port": "443", "path": "x"}


def asked_of_indicators(*letters: Letter, platform: str = "") -> Any:
    hi, lo = key(parse_address("203.0.113.77"))
    checks = (Indicators(known({"kind": "address", "value": "v", "hi": hi, "lo": lo, "length": 128})),)
    return judge(letters, (), {7: replace(NODE, platform=platform)}, 3, checks).answers


def test_indicators_are_clean_only_where_all_came_that_was_asked() -> None:
    sockets, names = {"t_process_open_sockets": [SEEN]}, {"t_dns_cache": [{"name": "a.example"}]}
    programs = {"t_process_files": [{"path": "x", "md5": ""}]}
    assert asked_of_indicators(answered(1, **sockets)) == []
    assert asked_of_indicators(answered(1, **sockets, **programs)) == []
    (whole,) = asked_of_indicators(answered(1, **sockets, **programs, **names))
    assert (whole.outcome, whole.looked) == ("clean", ("sockets", "DNS names", "processes"))
    assert whole.reason == "looked at sockets, DNS names, processes; not at files"
    # Linux has no such table as dns_cache, and is not asked for it.
    (linux,) = asked_of_indicators(answered(1, **sockets, **programs), platform="linux")
    assert linux.outcome == "clean"
    assert linux.reason == "looked at sockets, processes; not at DNS names, files"


def test_what_is_found_in_a_part_counts_at_once() -> None:
    bad = SEEN | {"remote_address": "203.0.113.77"}
    (answer,) = asked_of_indicators(answered(1, t_process_open_sockets=[bad]))
    assert (answer.outcome, answer.looked) == ("findings", ("sockets",))


def test_a_log_answers_for_the_table_that_it_has() -> None:
    line = {"name": "process_open_sockets", "hostIdentifier": "pc1", "snapshot": [SEEN], "unixTime": 1}
    (answer,) = asked_of_indicators(letter(1, json.dumps(line).encode(), "result"))
    assert answer.reason == "looked at sockets; not at DNS names, processes, files"
