from datetime import timedelta

from tests.watch.conftest import AT, alert, member

from sekisho.model.findings import End
from sekisho.watch.alerts import Muting
from sekisho.watch.facts import SHOWN, end_text, facts, member_line, service


def test_a_connection_on_one_line() -> None:
    assert member_line(member()) == (
        "fs00 10.40.2.5 (th-plant) → dc1 10.1.0.3 (jp-hq), smb (tcp/445): unauthorized, 48.2 kB out, "
        "3.1 kB in; nearest rule TH-HQ-EDI: service tcp/445 is not in tcp/8443 [F-f20cb4d79f72]"
    )
    assert service(member(service="tcp/9999", port=9999)) == "tcp/9999"
    assert service(member(service="icmp", protocol="icmp", port=0)) == "icmp"
    assert end_text(End(address="10.0.0.1", realm="acquired")) == "acquired:10.0.0.1"


def test_connections_beyond_what_is_shown_are_counted() -> None:
    names = [name for name, _ in facts(alert(400))]
    assert names.count("Connection") == SHOWN
    assert dict(facts(alert(400)))["And"] == "390 more connections"
    assert "And" not in dict(facts(alert(SHOWN)))
    assert dict(facts(alert(SHOWN + 1)))["And"] == "1 more connection"


def test_what_is_unknown_is_not_said() -> None:
    bare = alert(0, first_seen=None, last_seen=None)
    assert [name for name, _ in facts(bare)] == ["What is new"]


def test_what_is_known_is() -> None:
    muting = Muting(by="snooze", who="tanaka", why="patching", until=AT + timedelta(hours=1))
    found = dict(facts(alert(baseline="10 MB a day", provisional=True, late=3601.2, muting=muting)))
    assert found["Usual"] == "10 MB a day"
    assert found["Late"] == "the last record came 3,601 s after its end"
    assert found["Muted"] == "snooze by tanaka until 2020-06-11 04:04:05 UTC: patching"
    assert found["Seen"] == "2020-06-11 02:59:05 UTC to 2020-06-11 03:04:05 UTC"
    assert "provisional" in found["Direction"]
