"""A server on this machine that answers as MISP does, and a folder of events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sekisho.intel.base import FeedError, Given
from sekisho.intel.fetching import Door, Fetcher
from sekisho.intel.misp import Misp

UUID = "5e1c8c1e-0b7c-4a3d-9c5e-3f1a2b4c5d6e"
ATTRIBUTES = [
    {"type": "ip-dst", "value": f"45.9.148.{n}", "to_ids": True, "uuid": f"u-{n}"} for n in range(7)
]


class Server:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.manifest: dict[str, Any] = {UUID: {"info": "x"}}
        self.app = Starlette(
            routes=[
                Route("/attributes/restSearch", self.search, methods=["POST"]),
                Route("/feed/manifest.json", lambda _: JSONResponse(self.manifest)),
                Route(f"/feed/{UUID}.json", self.event),
                Route("/odd/attributes/restSearch", lambda _: JSONResponse({"a": 1}), methods=["POST"]),
            ]
        )

    async def search(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "key":
            return JSONResponse({"message": "Authentication failed"}, 403)
        asked = await request.json()
        self.asked.append(asked)
        start = (asked["page"] - 1) * asked["limit"]
        return JSONResponse({"response": {"Attribute": ATTRIBUTES[start : start + asked["limit"]]}})

    def event(self, _: Request) -> Response:
        return JSONResponse({"Event": {"info": "Phishing", "Attribute": ATTRIBUTES[:2]}})


def read(url: str, scratch: Path, key: str = "key") -> list[str]:
    with Fetcher(Door(headers={"Authorization": key}, timeout=5), lambda _: None) as fetcher:
        found = Misp(fetcher, scratch, page=3).items(url)
        return [one.value for one in found if isinstance(one, Given)]


def test_all_pages_of_a_search(serve: Any, scratch: Path) -> None:
    server = Server()
    with serve(server.app) as url:
        assert read(url, scratch) == [f"45.9.148.{n}" for n in range(7)]
    assert [one["page"] for one in server.asked] == [1, 2, 3]
    assert server.asked[0]["to_ids"] == 1
    assert "ip-dst" in server.asked[0]["type"]


def test_a_feed_of_events_and_one_event(serve: Any, scratch: Path) -> None:
    with serve(Server().app) as url:
        assert read(f"{url}/feed/manifest.json", scratch) == ["45.9.148.0", "45.9.148.1"]
        assert read(f"{url}/feed/{UUID}.json", scratch) == ["45.9.148.0", "45.9.148.1"]


def test_what_is_no_misp(serve: Any, scratch: Path) -> None:
    server = Server()
    with serve(server.app) as url:
        with pytest.raises(FeedError, match="does not let us in"):
            read(url, scratch, "other")
        with pytest.raises(FeedError, match="as MISP does"):
            read(f"{url}/odd", scratch)
        server.manifest = {"../../etc/passwd": {}}
        with pytest.raises(FeedError, match="is no event"):
            read(f"{url}/feed/manifest.json", scratch)
