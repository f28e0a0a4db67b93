from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.watch.conftest import alert, hostile, member

from sekisho.model.findings import End
from sekisho.watch.cef import in_extension, in_header, line

PAIR = re.compile(r"(?:^| )([A-Za-z0-9]+)=((?:[^=\\]|\\.)*?)(?= [A-Za-z0-9]+=|$)", re.DOTALL)


def parsed(text: str) -> tuple[list[str], dict[str, str]]:
    """As a receiver reads it: prefix fields at pipes that are not escaped, then key=value."""
    assert "\n" not in text
    assert "\r" not in text
    head = re.match(r"((?:[^|\\]|\\.)*\|){7}", text)
    assert head
    fields = [*re.findall(r"((?:[^|\\]|\\.)*)\|", head[0]), text[head.end() :]]
    pairs = {}
    for key, value in PAIR.findall(fields[7]):
        assert key not in pairs
        pairs[key] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), value)
    return [re.sub(r"\\(.)", r"\1", field) for field in fields[:7]], pairs


def test_a_connection_in_cefs_own_keys() -> None:
    head, pairs = parsed(line(alert(), 8000))
    assert head[:2] == ["CEF:0", "Sekisho"]
    assert head[4:] == ["connection", "th-plant reaches jp-hq on smb without a rule", "8"]
    assert (pairs["src"], pairs["dst"], pairs["dpt"], pairs["proto"]) == (
        "10.40.2.5",
        "10.1.0.3",
        "445",
        "TCP",
    )
    assert (pairs["out"], pairs["in"], pairs["cnt"]) == ("48211", "3100", "12")
    assert (pairs["rt"], pairs["externalId"]) == ("1591844645000", "A-0123456789ab-2")
    assert pairs["msg"] == "Nobody authorised it.\nTH-HQ-EDI comes closest."


def test_several_connections_share_what_they_share() -> None:
    _, pairs = parsed(line(alert(3), 8000))
    assert "src" not in pairs
    assert (pairs["dst"], pairs["cn1"]) == ("10.1.0.3", "3")
    # Twenty of four hundred do not speak for the rest.
    assert "dst" not in parsed(line(alert(400), 8000))[1]


def test_ipv6_has_keys_of_its_own() -> None:
    six = member(src=End(address="2001:db8::5"))
    _, pairs = parsed(line(alert(members=(six,)), 8000))
    assert (pairs["c6a2"], pairs["c6a2Label"]) == ("2001:db8::5", "Source IPv6 Address")
    assert "src" not in pairs


def test_no_value_poses_as_another_key() -> None:
    bad = "x src=1.2.3.4 | act=allowed \\ "
    head, pairs = parsed(line(alert(title=bad, text=f"{bad}\nsecond line", labels={"rule": bad}), 8000))
    assert head[5] == bad.strip()
    assert (pairs["src"], pairs["act"], pairs["cs4"]) == ("10.40.2.5", "grown", bad.strip())
    assert pairs["msg"] == f"{bad.strip()}\nsecond line"


def test_escapes() -> None:
    assert in_header("a|b\\c\nd=e") == "a\\|b\\\\c d=e"
    assert in_extension("a|b\\c\nd=e\r") == "a|b\\\\c\\nd\\=e\\r"


@given(st.text(max_size=600), st.integers(900, 4000))
def test_the_limit_holds_and_no_escape_is_halved(text: str, limit: int) -> None:
    made = line(alert(text=text + "\\=\n" * 50), limit)
    assert len(made.encode()) <= limit
    assert not re.search(r"(?<!\\)(?:\\\\)*\\$", made)
    parsed(made)


def test_hostile_text_at_length() -> None:
    made = line(hostile(200), 8000)
    assert len(made.encode()) <= 8000
    parsed(made)
