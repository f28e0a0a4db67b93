"""Nothing seen and nobody looking, told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.sight import Sight
from sekisho.investigate.leaving.watched import Subject, hidden, statements
from sekisho.model.findings import Bytes
from sekisho.model.incidents import Exfiltration, Leaving
from sekisho.model.sites import Sensor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SENSORS = {
    "jp-out": Sensor("jp-out", "jp", sees=frozenset({"internet"})),
    "th-edge": Sensor("th-edge", "th", sees=frozenset({"edge"})),
}


def at(hours: float) -> datetime:
    return EPOCH + timedelta(hours=hours)


def coverage(*dark: tuple[int, int]) -> Coverage:
    rows, begin = [], 0
    for since, until in dark:
        rows += [Hours(begin, since, "seen", 1, ""), Hours(since, until, "no_data", 0, "")]
        begin = until
    rows.append(Hours(begin, 500, "seen", 1, ""))
    return Coverage({"jp-out": tuple(rows)}, 0, 500)


def one(cover: Coverage, *left: Exfiltration, site: str | None = "jp") -> Leaving:
    subject = Subject("10.1.0.1", None, "pc", site, at(100))
    (found,) = statements([subject], left, Sight(SENSORS), cover, at(500))
    return found


def test_the_three_answers() -> None:
    assert one(coverage()).state == "no_evidence"
    assert one(coverage((100, 500))).state == "no_coverage"
    gone: dict[str, Any] = {"from": at(110), "to": at(120)}
    sent = Exfiltration(
        src="10.1.0.1",
        dst="45.77.10.99",
        external=True,
        bytes=Bytes(low=5_000_000, high=9_000_000),
        **gone,
    )
    found = one(coverage((100, 500)), sent)
    assert found.state == "left"
    assert "5.0 MB to 9.0 MB went to a party outside" in found.why
    assert one(coverage(), sent.model_copy(update={"external": False})).state == "no_evidence"


def test_a_short_gap_is_named_and_a_day_is_no_answer() -> None:
    short = one(coverage((200, 205)))
    assert (short.state, short.watched, short.unwatched) == ("no_evidence", 395.0, 5.0)
    assert "5 of 400 h, from 1970-01-09 08:00 UTC, could not be seen" in short.why
    assert one(coverage((200, 224))).state == "no_coverage"


def test_a_site_without_a_sensor_for_the_internet() -> None:
    for site in ("th", None):
        found = one(coverage(), site=site)
        assert (found.state, found.sensors, found.watched) == ("no_coverage", (), 0.0)
        (item,) = hidden([found], [], coverage(), at(500))
        assert (item.sensor, item.begin, item.end) == ("(none)", at(100), at(500))


def test_what_is_told_already_is_not_told_again() -> None:
    cover = coverage((200, 224))
    found = one(cover)
    first = list(hidden([found], [], cover, at(500)))
    assert [(item.sensor, item.begin, item.end) for item in first] == [("jp-out", at(200), at(224))]
    assert list(hidden([found], first, cover, at(500))) == []
