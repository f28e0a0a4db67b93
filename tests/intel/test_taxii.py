"""A TAXII 2.1 server on this machine, as the specification has it, and some that are not so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.intel.base import FeedError
from sekisho.intel.fetching import Door, Fetcher
from sekisho.intel.taxii import MEDIA, Taxii

ID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
Asked = list[dict[str, str]]


def answer(body: Any, media: str = MEDIA, **headers: str) -> Response:
    return Response(json.dumps(body), media_type=media, headers=headers)


class Server:
    """One API root with one collection, read with `limit`, `next` and `added_after`."""

    def __init__(self, count: int = 0) -> None:
        self.objects = [
            (f"2020-06-11T00:00:{n:02}.000000Z", {"type": "indicator", "id": f"indicator--{n}"})
            for n in range(count)
        ]
        self.asked: Asked = []
        self.names_next = True
        self.same = False
        self.media = MEDIA
        self.root = "/api/"
        self.app = Starlette(
            routes=[
                Route("/taxii2/", self.discovery),
                Route("/api/", self.of_root),
                Route("/api/collections/", self.collections),
                Route(f"/api/collections/{ID}/objects/", self.page),
            ]
        )

    def discovery(self, request: Request) -> Response:
        if MEDIA not in request.headers["Accept"]:
            return Response(status_code=406)
        return answer({"title": "Some", "api_roots": [self.root]}, self.media)

    def of_root(self, _: Request) -> Response:
        return answer({"title": "Root", "versions": [MEDIA], "max_content_length": 1 << 20}, self.media)

    def collections(self, _: Request) -> Response:
        known = {"id": ID, "title": "Servers", "alias": "c2", "can_read": True, "can_write": False}
        return answer({"collections": [known, {"id": "../x", "title": "bad"}, {"id": "1", "title": "shut",
                       "can_read": False}]})  # fmt: skip

    def page(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        start = int(asked.get("next", 0))
        after = asked.get("added_after", "")
        found = [(at, one) for at, one in self.objects if at > after]
        part = found[start : start + int(asked["limit"])]
        body: dict[str, Any] = {"objects": [one for _, one in part]}
        body["more"] = self.same or start + len(part) < len(found)
        if self.names_next and body["more"]:
            body["next"] = "0" if self.same else str(start + len(part))
        headers = {"X-TAXII-Date-Added-Last": part[-1][0]} if part else {}
        return answer(body, **headers)


def read(url: str, scratch: Path, collection: str = ID, added: str = "") -> tuple[list[str], str]:
    with Fetcher(Door(timeout=5), lambda _: None) as fetcher:
        client = Taxii(fetcher, scratch, page=4)
        return [str(one["id"]) for one in client.objects(url, collection, added)], client.added


@pytest.mark.parametrize("start", ["/taxii2/", "/api/", "/api"])
@pytest.mark.parametrize("collection", [ID, "c2", "Servers"])
def test_from_discovery_or_a_root_to_all_pages(
    serve: Any, scratch: Path, start: str, collection: str
) -> None:
    server = Server(10)
    if start == "/api":
        server.app.router.redirect_slashes = True
    with serve(server.app) as url:
        ids, added = read(url + start, scratch, collection)
    assert ids == [f"indicator--{n}" for n in range(10)]
    assert added == "2020-06-11T00:00:09.000000Z"
    assert [one.get("next") for one in server.asked] == [None, "4", "8"]
    assert {one["match[type]"] for one in server.asked} == {"indicator"}


def test_only_what_came_since(serve: Any, scratch: Path) -> None:
    server = Server(10)
    with serve(server.app) as url:
        ids, added = read(f"{url}/api/", scratch, ID, "2020-06-11T00:00:07.000000Z")
        nothing, still = read(f"{url}/api/", scratch, ID, added)
    assert ids == ["indicator--8", "indicator--9"]
    assert (nothing, still) == ([], "")


def test_a_server_that_says_more_and_not_where(serve: Any, scratch: Path) -> None:
    server = Server(10)
    server.names_next = False
    with serve(server.app) as url:
        ids, _ = read(f"{url}/api/", scratch)
    assert ids == [f"indicator--{n}" for n in range(10)]


def test_one_that_gives_the_same_for_ever(serve: Any, scratch: Path) -> None:
    server = Server(10)
    server.same = True
    with serve(server.app) as url, pytest.raises(FeedError, match="gives the same again"):
        read(f"{url}/api/", scratch)


@pytest.mark.parametrize(
    ("collection", "said"),
    [("none", "no collection none"), ("bad", "no id of a collection"), ("shut", "may not be read")],
)
def test_collections_that_are_not_read(serve: Any, scratch: Path, collection: str, said: str) -> None:
    with serve(Server().app) as url, pytest.raises(FeedError, match=said):
        read(f"{url}/api/", scratch, collection)


def test_a_page_and_a_root_elsewhere_are_not_taken_for_it(serve: Any, scratch: Path) -> None:
    server = Server()
    with serve(server.app) as url:
        server.media = "text/html"
        with pytest.raises(FeedError, match="answers with text/html"):
            read(f"{url}/taxii2/", scratch)
        server.media, server.root = MEDIA, "https://elsewhere.example/api/"
        with pytest.raises(FeedError, match="API root on elsewhere"):
            read(f"{url}/taxii2/", scratch)
        server.root = "https://[x"
        with pytest.raises(FeedError, match="API root that is no URL"):
            read(f"{url}/taxii2/", scratch)


def test_a_server_of_another_version(serve: Any, scratch: Path) -> None:
    app = Starlette(routes=[Route("/taxii2/", lambda _: Response(status_code=406))])
    with serve(app) as url, pytest.raises(FeedError, match="does not speak"):
        read(f"{url}/taxii2/", scratch)
