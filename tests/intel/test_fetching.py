"""A real client and a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sekisho.intel.base import FeedError
from sekisho.intel.fetching import TRIES, Door, Fetcher, retry_after


class Site:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.busy = 0
        self.status = 503
        self.headers: dict[str, str] = {}
        self.app = Starlette(
            routes=[
                Route("/feed", self.feed, methods=["GET", "POST"]),
                Route("/huge", self.huge),
                Route("/moved", self.moved),
                Route("/round", lambda _: RedirectResponse("/round")),
                Route("/inside", lambda _: RedirectResponse("http://169.254.169.254/latest")),
                Route("/down", lambda _: RedirectResponse("ftp://127.0.0.1/x")),
                Route("/no-url", lambda _: Response(None, 302, {"Location": "https://[x"})),
                Route("/no-port", lambda _: Response(None, 302, {"Location": "https://x:99999/"})),
            ]
        )

    async def feed(self, request: Request) -> Response:
        self.asked.append(request)
        if self.busy:
            self.busy -= 1
            return PlainTextResponse("busy", self.status, headers=self.headers)
        if request.headers.get("If-None-Match") == '"7"':
            return Response(status_code=304)
        said = await request.body()
        return PlainTextResponse(b"45.9.148.3\n" + said, headers={"ETag": '"7"'})

    async def huge(self, _: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            while True:
                yield b"x" * 65_536

        return StreamingResponse(chunks())

    async def moved(self, request: Request) -> Response:
        self.asked.append(request)
        return RedirectResponse("/feed")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def waits() -> list[float]:
    return []


def fetch(url: str, scratch: Path, waits: list[float], door: Door | None = None, **more: Any) -> Any:
    with Fetcher(door or Door(timeout=5), waits.append, lambda: 0.5) as fetcher:
        return fetcher.into(scratch, url, more.pop("most", 1 << 20), **more)


def test_what_came_and_that_nothing_is_new(
    site: Site, serve: Any, scratch: Path, waits: list[float]
) -> None:
    with serve(site.app) as url:
        answer = fetch(f"{url}/feed", scratch, waits)
        assert scratch.read_bytes() == b"45.9.148.3\n"
        assert (answer.status, answer.headers["etag"], answer.size) == (200, '"7"', 11)
        again = fetch(f"{url}/feed", scratch, waits, headers={"If-None-Match": '"7"'})
        assert again.same
        fetch(f"{url}/feed", scratch, waits, body=b"asked")
        assert scratch.read_bytes().endswith(b"asked")
    assert not waits


def test_a_busy_server_is_asked_again_later_and_later(
    site: Site, serve: Any, scratch: Path, waits: list[float]
) -> None:
    site.busy = 2
    with serve(site.app) as url:
        fetch(f"{url}/feed", scratch, waits)
    assert waits == [1.0, 2.0]


def test_a_server_that_stays_busy_and_one_that_says_when(
    site: Site, serve: Any, scratch: Path, waits: list[float]
) -> None:
    site.busy, site.status = 99, 429
    with serve(site.app) as url:
        with pytest.raises(FeedError, match="answered 429"):
            fetch(f"{url}/feed", scratch, waits)
        assert len(site.asked) == TRIES
        assert len(waits) == TRIES - 1
        site.headers = {"Retry-After": "3600"}
        with pytest.raises(FeedError) as caught:
            fetch(f"{url}/feed", scratch, waits)
        assert caught.value.wait == 3600
        assert len(site.asked) == TRIES + 1


def test_what_is_huge_is_refused_underway(
    site: Site, serve: Any, scratch: Path, waits: list[float]
) -> None:
    with serve(site.app) as url, pytest.raises(FeedError, match="more than 200,000 bytes"):
        fetch(f"{url}/huge", scratch, waits, most=200_000)
    assert scratch.stat().st_size <= 200_000


def test_secrets_are_sent_to_the_server_that_they_are_for(
    site: Site, serve: Any, scratch: Path, waits: list[float]
) -> None:
    elsewhere = Site()
    door = Door(headers={"Authorization": "key"}, timeout=5)
    with serve(site.app) as url, serve(elsewhere.app) as other:
        fetch(f"{url}/moved", scratch, waits, door)
        assert [one.headers.get("Authorization") for one in site.asked] == ["key", "key"]
        site.app.router.routes.insert(0, Route("/away", lambda _: RedirectResponse(f"{other}/feed")))
        fetch(f"{url}/away", scratch, waits, door)
    assert [one.headers.get("Authorization") for one in elsewhere.asked] == [None]
    login = Door(login=("me", "secret"), timeout=5)
    assert "secret" not in repr(login)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("inside", "http://169.254.169.254/latest, which is not followed"),
        ("round", "one place to the next"),
        ("down", "not followed"),
        ("no-url", "not followed"),
        ("no-port", "not followed"),
        ("none", "404"),
    ],
)
def test_where_it_does_not_go(
    site: Site, serve: Any, scratch: Path, waits: list[float], path: str, said: str
) -> None:
    with serve(site.app) as url, pytest.raises(FeedError, match=said):
        fetch(f"{url}/{path}", scratch, waits)


def test_a_certificate_that_nobody_vouches_for_is_told_and_not_taken(
    site: Site, serve: Any, scratch: Path, waits: list[float], tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "key.pem")
    with serve(site.app, ssl_certfile=str(tmp_path / "key.pem")) as url:
        with pytest.raises(FeedError, match="certificate does not hold") as caught:
            fetch(f"{url}/feed", scratch, waits)
        assert "ca:" in caught.value.mend
        fetch(f"{url}/feed", scratch, waits, Door(ca=tmp_path / "ca.pem", timeout=5))
    assert scratch.read_bytes() == b"45.9.148.3\n"
    assert not waits
    with pytest.raises(FeedError, match="cannot read certificates"):
        fetch("https://127.0.0.1:9/", scratch, waits, Door(ca=tmp_path / "none.pem"))


def test_nobody_there(scratch: Path, waits: list[float]) -> None:
    with pytest.raises(FeedError, match=r"127\.0\.0\.1:9: "):
        fetch("http://127.0.0.1:9/token-in-path", scratch, waits)
    assert len(waits) == TRIES - 1


def test_retry_after() -> None:
    now = datetime(2020, 6, 11, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after("Thu, 11 Jun 2020 00:01:00 GMT", now) == 60
    assert retry_after("Wed, 10 Jun 2020 00:01:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after("", now) is None
