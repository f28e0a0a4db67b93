from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from tests.sources.forwarding.conftest import MICROS, NOW, OWN, Centre, content, segment, sha

from sekisho.sources.forwarding import wire
from sekisho.sources.forwarding.delivery import SMALL, Delivery, NotNow, Unwanted
from sekisho.sources.forwarding.pacing import Pace
from sekisho.sources.forwarding.peer import client_context
from sekisho.sources.journal.segments import pack


def test_a_segment_arrives_once(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN, OWN)
    delivery = centre.delivery()
    first = delivery.deliver(one, "live", apart=False, asking=False)
    assert (first.state, first.records) == ("stored", 2)
    for asking in (False, True):
        assert delivery.deliver(one, "live", apart=False, asking=asking).state == "known"
    assert centre.names("live") == [MICROS]
    (path,) = (centre.received.root / "th-plant" / "live").glob("*.journal")
    assert path.read_bytes() == one.path.read_bytes()


def test_the_same_content_of_two_sites_is_two_segments(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN, "10.1.0.1")
    kinds = [
        centre.delivery(name).deliver(one, "live", apart=False, asking=True).state
        for name in ("th-plant", "jp-hq")
    ]
    assert kinds == ["stored", "stored"]


def test_packed_or_not_is_the_same_segment(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN)
    delivery = centre.delivery()
    assert delivery.deliver(one, "live", apart=False, asking=False).state == "stored"
    assert delivery.deliver(pack(one), "live", apart=False, asking=False).state == "known"
    two = pack(segment(tmp_path / "spool", MICROS + 1, OWN))
    assert delivery.deliver(two, "live", apart=False, asking=False).records == 1
    assert (centre.received.root / "th-plant" / "live" / two.path.name).is_file()


def test_goes_on_where_the_line_was_cut(centre: Centre, tmp_path: Path) -> None:
    data = content(*[OWN] * 20_000)
    assert len(data) > 3 * SMALL
    one = segment(tmp_path / "spool", MICROS, data=data)
    sent: list[int] = []

    class Cut(Exception):
        pass

    def cut(_seconds: float) -> None:
        raise Cut

    # The line breaks once 300 kB are on their way: the pace is asked before each piece.
    clock = iter([0.0, *[0.0] * 5, *[-1e9] * 100])
    broken = Delivery(centre.client("th-plant"), Pace(10**9, lambda: next(clock)), cut)
    with pytest.raises(Cut):
        broken.deliver(one, "late", apart=False, asking=True)
    broken.client.close()
    whole = centre.delivery()
    held = whole._held(f"{wire.SEGMENTS}/{sha(one)}", "late")
    for _ in range(500):
        if held.offset == 5 * 65536:
            break
        time.sleep(0.01)
        held = whole._held(f"{wire.SEGMENTS}/{sha(one)}")
    assert (held.state, held.offset) == ("partial", 5 * 65536)
    whole.client.event_hooks = {
        "request": [lambda r: sent.append(int(r.headers.get("content-length", 0)))]
    }
    assert whole.deliver(one, "late", apart=False, asking=True).records == 20_000
    assert sent[-1] == len(data) - held.offset


def test_all_of_it_there_but_never_looked_at(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN)
    centre.received.part("th-plant", sha(one)).write_bytes(one.path.read_bytes())
    assert centre.delivery().deliver(one, "late", apart=True, asking=True).state == "stored"
    assert centre.names("late") == [MICROS]


def test_a_part_of_something_else_is_sent_again_from_its_start(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN, OWN)
    for wrong in (b"x" * 10, b"x" * (one.size + 1), b"x" * one.size):
        centre.received.part("th-plant", sha(one)).write_bytes(wrong)
        assert centre.delivery().deliver(one, "live", apart=False, asking=True).state != "unknown"
        assert centre.names("live") == [MICROS]
        for path in (centre.received.root / "th-plant" / "live").iterdir():
            path.unlink()
        centre.received._db.execute("DELETE FROM segment")


def test_what_is_no_segment_is_never_taken(centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(Unwanted, match="no record"):
        centre.delivery().deliver(
            segment(tmp_path, 5, data=b"garbage"), "live", apart=False, asking=False
        )
    assert centre.names("live") == []
    cut = pack(segment(tmp_path, 6, OWN))
    cut.path.write_bytes(cut.path.read_bytes()[:-4])
    with pytest.raises(Unwanted):
        centre.delivery().deliver(cut, "live", apart=False, asking=False)


def test_nobody_answers(centre: Centre, tmp_path: Path, pki: Path) -> None:
    one = segment(tmp_path / "spool", MICROS, OWN)
    context = client_context(pki / "ca.pem", pki / "th-plant.pem", pki / "th-plant.key")
    client = httpx.Client(base_url="https://localhost:1", verify=context, trust_env=False)
    with pytest.raises(NotNow, match="Connect"):
        Delivery(client, Pace(None, lambda: 0.0), lambda _s: None).greet(wire.Hello(now=NOW))
    with pytest.raises(NotNow, match="belongs to no collector"):
        centre.delivery("nobody").deliver(one, "live", apart=False, asking=False)


@pytest.mark.parametrize("body", [b"no json", b"[]", b"x" * (2 << 20)])
def test_an_answer_that_is_none_of_the_centres(tmp_path: Path, body: bytes) -> None:
    one = segment(tmp_path, MICROS, OWN)
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=iter([body])))
    client = httpx.Client(base_url="https://centre", transport=transport)
    with pytest.raises(NotNow):
        Delivery(client, Pace(None, lambda: 0.0), lambda _s: None).deliver(
            one, "live", apart=False, asking=False
        )


def test_what_the_centre_asks_to_wait(tmp_path: Path) -> None:
    for given, seconds in (("7", 7.0), ("soon", 0.0), ("9" * 400, 0.0)):
        answer = httpx.Response(507, headers={"retry-after": given}, content=iter([b""]))
        transport = httpx.MockTransport(lambda _request, answer=answer: answer)
        client = httpx.Client(base_url="https://centre", transport=transport)
        with pytest.raises(NotNow) as error:
            Delivery(client, Pace(None, lambda: 0.0), lambda _s: None).greet(wire.Hello(now=NOW))
        assert error.value.after == seconds
