from __future__ import annotations

import pytest

from sekisho.app.settings.keys import sink_keys
from sekisho.app.settings.loading import parse
from sekisho.app.settings.sinks import SINKS, EmailSink, SyslogSink, WebhookSink
from sekisho.errors import FileProblems, Problem

GOOD = """
[watch]
metrics = ""
[watch.sinks.soar]
kind = "webhook"
url = "https://soar.example.org/hook"
secret = {env = "KEY"}
severity = "high"
[watch.sinks.chat]
kind = "slack"
url = {file = "secrets/slack"}
proxy = "http://proxy.example.org:3128"
[watch.sinks.siem]
kind = "syslog"
host = "siem.example.org"
[watch.sinks.mail]
kind = "email"
host = "2001:db8::25"
sender = "sekisho@example.org"
recipients = ["soc@example.org"]
[watch.sinks.out]
kind = "jsonl"
"""


def wrong(text: str) -> list[Problem]:
    with pytest.raises(FileProblems) as error:
        parse(text, "sekisho.toml", {})
    return list(error.value.problems)


def test_each_kind_with_its_defaults() -> None:
    watch = parse(GOOD, "sekisho.toml", {}).settings.watch
    assert watch.metrics == ""
    kinds = {name: type(sink) for name, sink in watch.sinks.items()}
    assert kinds["soar"] is WebhookSink
    assert kinds["siem"] is SyslogSink
    assert isinstance(watch.sinks["siem"], SyslogSink)
    assert watch.sinks["siem"].transport == "tls"
    assert isinstance(watch.sinks["mail"], EmailSink)
    assert watch.sinks["mail"].security == "starttls"


def test_they_are_shown_with_their_origin_and_without_secrets() -> None:
    shown = {
        row.key.label: (row.value, row.origin)
        for row in parse(GOOD, "s.toml", {"KEY": "k" * 30}).show()
    }
    assert shown["watch.sinks.soar.secret"] == ("env KEY", "s.toml:7")
    assert shown["watch.sinks.soar.timeout"] == (10.0, "default")
    assert shown["watch.sinks.chat.url"] == ("file secrets/slack", "s.toml:11")
    assert shown["watch.sinks.mail.recipients"] == ("soc@example.org", "s.toml:20")
    assert "k" * 30 not in repr(shown)


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ('kind = "webhook"\nurl = "http://soar.example.org/"', 3, "https"),
        ('kind = "webhook"\nurl = "https://u:p@soar.example.org/"', 3, "login"),
        ('kind = "slack"\nurl = "https://hooks.slack.com/services/T/B/X"', 3, "secret"),
        ('kind = "syslog"\nhost = "a b"', 3, "host"),
        ('kind = "syslog"\nhost = "a"\ntransport = "sctp"', 4, "transport"),
        ('kind = "syslog"\nhost = "a"\nport = 0', 4, "port"),
        ('kind = "email"\nhost = "a"\nsender = "A <a@b>"\nrecipients = ["a@b"]', 4, "name@example.org"),
        (
            'kind = "email"\nhost = "a"\nsender = "a@b"\nrecipients = ["a@b\\nBcc: c@d"]',
            5,
            "recipients",
        ),
        ('kind = "email"\nhost = "a"\nsender = "a@b"\nrecipients = []', 5, "recipients"),
        ('kind = "email"\nhost = "a"\nsender = "a@b"\nrecipients = ["a@b"]\nuser = "x"', 1, "together"),
        ('kind = "slak"\nurl = "https://a"', 1, "slak"),
        ('url = "https://a"', 1, "kind"),
        ('kind = "jsonl"\nseverity = "loud"', 3, "severity"),
        ('kind = "slack"\nurl = {env = "A"}\nproxy = "socks5://x:1"', 4, "proxy"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(table: str, line: int, words: str) -> None:
    found = [p for p in wrong(f"[watch.sinks.x]\n{table}\n") if p.line == line]
    assert any(words in problem.message for problem in found)


def test_a_login_without_tls_is_refused_where_it_is_written() -> None:
    text = (
        '[watch.sinks.x]\nkind = "email"\nhost = "a"\nsender = "a@b"\nrecipients = ["a@b"]\n'
        'security = "none"\nuser = "u"\npassword = {env = "P"}\n'
    )
    assert "TLS" in wrong(text)[0].message


def test_an_unknown_key_and_a_name_that_is_none() -> None:
    (unknown,) = wrong('[watch.sinks.x]\nkind = "webhook"\nurl = "https://a.example/"\nsecrett = 1\n')
    assert (unknown.line, unknown.code, unknown.mend) == (
        4,
        "settings/unknown",
        "Did you mean 'secret'?",
    )
    assert [p.line for p in wrong('[watch.sinks."A b"]\nkind = "jsonl"\n')] == [1]


@pytest.mark.parametrize("address", ["9464", ":9464", "127.0.0.1:0", "127.0.0.1:70000", "a b:1", "x"])
def test_addresses_to_listen_at(address: str) -> None:
    assert [p.line for p in wrong(f'[watch]\nmetrics = "{address}"\n')] == [2]


def test_every_key_of_every_kind_says_what_it_means() -> None:
    for kind in SINKS:
        assert all(key.description for key in sink_keys(kind))
