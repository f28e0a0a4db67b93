"""Terminals report over the wire: each ends in one state, and a hostile one costs nobody else anything.

osqueryd is in no package that could be installed here: the terminals speak its documented protocol.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks.osqueryd import ENROLL, LOG, READ, WRITE, Osqueryd, enroll_body, keyed_body
from tests.journeys.fleet import Served, rows, serving

from sekisho.app.checking.campaigning import turn
from sekisho.app.checking.campaigns import shown as campaign_shown
from sekisho.fleet.campaigns.taking import DENYLISTED
from sekisho.model.fleet import CampaignDocument

NAMES = [(f"jp-pc-{n:02}", f"127.1.0.{n + 1}") for n in range(20)]
NAMES += [(f"th-pc-{n:02}", f"127.40.0.{n + 1}") for n in range(20)]
EVIL = {"name": "evil", "path": r"C:\Users\Public\evil.exe"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Forty terminals of two sites that have enrolled."""
    with serving(tmp_path_factory.mktemp("fleet") / "acme", NAMES) as found:
        with ThreadPoolExecutor(8) as pool:
            made = pool.map(lambda n: found.enrolled(*n), NAMES)
            found.terminals = {one.hostname: one for one in made}
        yield found
        for one in found.terminals.values():
            one.close()


def test_every_terminal_ends_in_one_state(served: Served) -> None:
    served.campaign("march", "services", "startup")
    one = served.terminals["jp-pc-01"]
    asked = one.read()
    assert len(asked) == 2
    services = next(q for q in asked if q.endswith("_services"))
    startup = next(q for q in asked if q.endswith("_startup_items"))
    one.write({services: rows(EVIL), startup: rows()})
    two = served.terminals["jp-pc-02"]
    two.read()
    two.write({startup: rows()}, {services: DENYLISTED})
    for name, other in served.terminals.items():
        if name not in ("jp-pc-01", "jp-pc-02", "jp-pc-03"):
            other.answer(other.read())
    assert served.terminals["jp-pc-03"].read()
    served.judged(lambda d: d.counts.get("answers", 0) >= 78)
    found = served.status()
    assert found.states["checked_clean"] == 37
    assert found.states["checked_findings"] == 1
    assert found.states["check_failed"] == 1
    assert sum(found.states.values()) == found.terminals == 40
    document = _campaign(served, "march")
    stages = document.campaign.stages
    assert (stages[0].asked, stages[0].done, stages[0].denylisted) == (40, 39, 1)
    assert [t.hostname for t in document.troubled] == ["jp-pc-02"]
    # What is settled is asked of nobody again, the one that has not answered waits for its turn.
    assert not any(other.read() for other in served.terminals.values())


def test_a_key_that_nobody_was_given_and_one_that_was_taken_away(served: Served) -> None:
    thief = served.terminal("jp-pc-04", "127.40.9.9")
    for key in ("A" * 43, "", "x", "\0", "' OR 1=1 --"):
        thief.key = key
        assert thief.send(READ, keyed_body(key)).get("node_invalid") or thief.last >= 400
    one = served.terminals["jp-pc-04"]
    old = one.key
    one.enroll(served.secret)
    thief.key = old
    assert thief.send(READ, keyed_body(old))["node_invalid"] is True
    assert served.refused("jp-pc-04")["late_key"] >= 1
    one.read()
    assert one.last == 200
    thief.close()


def test_nobody_answers_for_another_nor_what_it_was_not_asked(served: Served) -> None:
    served.campaign("thai", "services", sites=("th-plant",))
    victim, other = served.terminals["th-pc-05"], served.terminals["jp-pc-05"]
    (query,) = victim.read()
    assert not other.read()
    other.write({query: rows(EVIL), "'; DROP TABLE fleet_asks; --": rows(), "../../etc/passwd": rows()})
    line = {"name": "services", "hostIdentifier": "th-pc-05", "snapshot": [EVIL], "unixTime": 1}
    body = {"node_key": other.key, "log_type": "result", "data": [line]}
    other.send(LOG, json.dumps(body).encode())
    victim.write({query: rows({"name": "a", "path": r"C:\Windows\a.exe"})})
    served.judged()
    assert served.shown("th-pc-05").terminal.state == "checked_clean"
    refused = served.refused("jp-pc-05")
    assert refused["not_handed"] == 3
    assert refused["foreign_log"] == 1


def test_an_answer_counts_once_however_often_it_is_sent(served: Served) -> None:
    served.campaign("twice", queries={"uptime": "SELECT * FROM uptime"})
    one = served.terminals["th-pc-06"]
    query = next(q for q in one.read() if q.endswith("_q_uptime"))
    for _ in range(3):
        assert one.write({query: rows({"days": "3"})})["node_invalid"] is False
    one.write({query: rows({"days": "9"})})
    served.judged()
    kept = [
        row for row in served.results() if row["hostname"] == "th-pc-06" and row["name"] == "q_uptime"
    ]
    assert [dict(row["columns"]) for row in kept] == [{"days": "3"}]


def test_a_campaign_that_does_harm_pauses_and_a_person_resumes_it(served: Served) -> None:
    served.campaign("harm", queries={"heavy": "SELECT * FROM file"})
    for name in ("jp-pc-13", "jp-pc-14", "jp-pc-15", "jp-pc-16"):
        one = served.terminals[name]
        one.write({}, {_harm(one): DENYLISTED})
    deadline = time.monotonic() + 60
    while (found := _campaign(served, "harm")).campaign.state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert found.campaign.state == "paused"
    assert found.campaign.turned == "4 terminals failed, 4 of them denylisted: more than 0.05 of 4 done"
    assert {t.fate for t in found.troubled} == {"denylisted"}
    time.sleep(2.1)
    other = served.terminals["jp-pc-17"]
    assert not _harm(other)
    now = datetime.now(UTC)
    turn(served.workspace, "harm", "resume", now=now, by="aya", why="one old image")
    time.sleep(2.1)
    assert _harm(other)
    assert not _harm(served.terminals["jp-pc-13"])


def _harm(one: Osqueryd) -> str:
    return next((q for q in one.read() if q.endswith("_q_heavy")), "")


def _campaign(served: Served, name: str) -> CampaignDocument:
    return campaign_shown(served.workspace, name, now=datetime.now(UTC))


DEEP = b'{"node_key":"%s","queries":{"q":' + b"[" * 200_000 + b"]" * 200_000 + b"}}"
WRONG = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"\xff\xfe"',
    b'{"node_key": 5}',
    b'{"node_key": null}',
    b'{"node_key": "%s", "queries": []}',
    b'{"node_key": "%s", "queries": {"q": [1, 2]}, "statuses": {"q": {}}}',
    b'{"node_key": "%s", "queries": {"q": "rows"}, "statuses": {"q": 1e999}}',
    b'{"node_key": "%s", "stats": {"q": {"memory": "NaN"}}, "statuses": {"q": -5}}',
    b'{"node_key": "%s", "messages": {"q": "\\u0000\\u001b[2J"}, "statuses": {"q": 99999999999999999999}}',
    DEEP,
]


def test_what_is_no_answer_is_refused_and_costs_nobody_else(served: Served) -> None:
    one, other = served.terminals["jp-pc-07"], served.terminals["jp-pc-08"]
    for body in WRONG:
        for path in (WRITE, READ, LOG, ENROLL):
            one.send(path, body.replace(b"%s", one.key.encode()))
            assert one.last < 500
            one.close()
    assert sum(served.judged().refused.values()) > 20
    other.read()
    assert other.last == 200


def test_a_hundred_megabytes_are_refused_while_they_come(served: Served) -> None:
    one, other = served.terminals["jp-pc-09"], served.terminals["jp-pc-10"]
    before = _peak(served)
    huge = b'{"node_key":"' + one.key.encode() + b'","queries":{"q":"' + b"x" * (100 << 20) + b'"}}'
    try:
        one.send(WRITE, huge)
        assert one.last == 413
    except OSError:
        pass  # it hung up on what was still coming
    one.close()
    other.read()
    assert other.last == 200
    assert _peak(served) - before < 100 << 20
    served.judged(lambda d: d.refused.get("too_large", 0) > 0)
    assert served.refused("jp-pc-09")["too_large"] >= 1


NAMED = [
    "<script>alert(1)</script>",
    "'; DROP TABLE nodes; --",
    "../../../etc/passwd",
    "a\0b",
    "\x1b[2Jgone",
    "pc\u202excod",
    "x" * 100_000,
    "",
]


def test_names_that_are_pages_statements_or_paths(served: Served) -> None:
    strange = served.terminal("strange", "127.1.9.9")
    for name in NAMED:
        strange.send(ENROLL, enroll_body(name, strange.uuid, served.secret))
        assert strange.last < 500
    strange.close()
    found = served.status()
    assert found.terminals == 40
    assert all(one.isprintable() for one in found.strangers)
    assert not any(Path(served.workspace.root).rglob("passwd*"))


def test_many_enrolments_from_one_address_slow_that_address_alone(served: Served) -> None:
    def flood(n: int) -> int:
        one = served.terminal(f"flood-{n}", "127.1.8.8")
        one.enroll(served.secret)
        one.close()
        return one.last

    before = served.judged().refused.get("too_often", 0)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(flood, range(250)))
    quiet = served.terminals["jp-pc-11"]
    quiet.enroll(served.secret)
    assert quiet.last == 200
    assert quiet.key
    assert set(statuses) <= {200, 429}
    assert served.judged().refused.get("too_often", 0) - before == statuses.count(429)


def test_a_clock_that_is_years_off_makes_nothing_newer(served: Served) -> None:
    one = served.terminals["jp-pc-12"]
    for stamp in (1, 4_102_444_800, -5, "tomorrow", 1e300):
        line = {"name": "services", "hostIdentifier": "jp-pc-12", "snapshot": [{"name": "a"}]}
        body = {"node_key": one.key, "log_type": "result", "data": [line | {"unixTime": stamp}]}
        one.send(LOG, json.dumps(body).encode())
        assert one.last == 200
    served.judged()
    found = served.shown("jp-pc-12")
    assert found.answers
    assert all(answer.at <= answer.received for answer in found.answers)


def test_killed_in_the_middle_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    names = NAMES[:30]
    with serving(tmp_path / "acme", names) as served:
        fleet = [served.enrolled(*name) for name in names]
        served.campaign("killed", "services", queries={"uptime": "SELECT * FROM uptime"})
        acknowledged = []
        for number, one in enumerate(fleet):
            asked = one.read()
            if number == 20:
                _kill(served)
                served.start()
            rest = one.read() if number == 20 else asked
            assert not rest or rest == asked
            assert one.answer(asked)["node_invalid"] is False
            acknowledged.append(one.hostname)
        served.judged(lambda d: d.counts.get("answers", 0) >= 60)
        assert served.status().states["checked_clean"] == 30
        kept = [row["hostname"] for row in served.results() if row["name"] == "q_uptime"]
        assert sorted(kept) == sorted(acknowledged)
        for one in fleet:
            one.close()


def _kill(served: Served) -> None:
    assert served.process is not None
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()


def _peak(served: Served) -> int:
    assert served.process is not None
    for line in Path(f"/proc/{served.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    raise AssertionError("no peak")
