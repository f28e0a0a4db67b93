import json
from datetime import UTC, datetime

from sekisho.watch.alerts import Alert, alert_id, delivery_id

AT = datetime(2020, 6, 11, 3, 4, 5, 6, tzinfo=UTC)


def made(**fields: object) -> Alert:
    name = alert_id("rule|th-plant/*|jp-hq/*|tcp/445")
    values = {
        "id": name,
        "revision": 1,
        "delivery": delivery_id(name, 1),
        "change": "raised",
        "at": AT,
        "status": "open",
        "kind": "connection",
        "severity": "high",
        "title": "th-plant reaches jp-hq on smb",
        "text": "Nobody authorised it.",
        "first_seen": AT,
        "last_seen": AT,
        "raised_at": AT,
    }
    return Alert.model_validate(values | fields)


def test_its_json_carries_the_schema_and_utc_times_to_the_microsecond() -> None:
    found = json.loads(made().model_dump_json(by_alias=True))
    assert found["schema"] == "sekisho.alert/1"
    assert found["at"] == "2020-06-11T03:04:05.000006Z"


def test_an_id_names_the_thing_and_a_delivery_one_message_about_it() -> None:
    assert alert_id("a") == alert_id("a") != alert_id("b")
    assert len({delivery_id(alert_id("a"), 1), delivery_id(alert_id("a"), 2)}) == 2


def test_it_reads_back_as_what_was_written() -> None:
    alert = made(labels={"src_site": "th-plant"}, late=3.5)
    assert Alert.model_validate_json(alert.model_dump_json(by_alias=True)) == alert
