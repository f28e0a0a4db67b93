"""Feeds over HTTP from servers on this machine, and from files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from tests.intel.conftest import served

from sekisho.app.hunting.refreshing import Clockwork, refresh
from sekisho.app.hunting.registry import keeper_of, loaded
from sekisho.app.workspace import Workspace
from sekisho.model.hunts import FeedDocument

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


class Site:
    def __init__(self) -> None:
        self.text = "45.9.148.3\n"
        self.headers: dict[str, str] = {"ETag": '"1"'}
        self.status = 200
        self.asked: list[dict[str, str]] = []
        self.objects: list[dict[str, Any]] = []
        self.app = Starlette(
            routes=[
                Route("/list", self.list),
                Route("/taxii/", lambda _: JSONResponse({"versions": []})),
                Route(
                    "/taxii/collections/", lambda _: JSONResponse({"collections": [{"id": COLLECTION}]})
                ),
                Route(f"/taxii/collections/{COLLECTION}/objects/", self.page),
                Route("/attributes/restSearch", self.search, methods=["POST"]),
            ]
        )

    def list(self, request: Request) -> Response:
        self.asked.append(dict(request.headers))
        if self.status != 200:
            return PlainTextResponse("no", self.status, headers=self.headers)
        if request.headers.get("If-None-Match") == self.headers.get("ETag"):
            return Response(status_code=304)
        return PlainTextResponse(self.text, headers=self.headers)

    def page(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params) | dict(request.headers))
        after = request.query_params.get("added_after", "")
        found = [one for one in self.objects if one["modified"] > after]
        headers = {"X-TAXII-Date-Added-Last": found[-1]["modified"]} if found else {}
        body = json.dumps({"objects": found, "more": False})
        return Response(body, media_type="application/taxii+json;version=2.1", headers=headers)

    def search(self, request: Request) -> Response:
        self.asked.append(dict(request.headers))
        one = {"type": "ip-dst", "value": "45.9.148.9", "to_ids": True}
        return JSONResponse({"response": {"Attribute": [one]}})


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    with served(site.app) as url:
        yield url


def write(workspace: Workspace, **feeds: str) -> None:
    lines = "".join(f"  {name}: {{licence: CC0, {said}}}\n" for name, said in feeds.items())
    (workspace.root / "intel.yaml").write_text("feeds:\n" + lines)


def run(workspace: Workspace, now: datetime, *names: str) -> tuple[FeedDocument, ...]:
    return refresh(workspace, names, now=now, clockwork=Clockwork(lambda _: None, lambda: 0.5)).feeds


def values(workspace: Workspace, now: datetime) -> list[str]:
    found: list[str] = loaded(workspace, now).rows["value"].to_pylist()
    return found


def test_asked_again_only_what_is_new_comes_and_a_feed_that_fails_keeps_what_it_had(
    raw: Workspace, site: Site, url: str, now: datetime
) -> None:
    write(raw, one=f"kind: list, url: '{url}/list'")
    (first,) = run(raw, now)
    assert (first.standing, first.indicators, values(raw, now)) == ("current", 1, ["45.9.148.3"])
    (same,) = run(raw, now + timedelta(days=1))
    assert site.asked[-1]["if-none-match"] == '"1"'
    assert (same.checked, same.changed) == (now + timedelta(days=1), now)
    site.text, site.headers = "45.9.148.4\n", {"ETag": '"2"'}
    run(raw, now + timedelta(days=2))
    assert values(raw, now) == ["45.9.148.4"]
    site.status = 404
    (failed,) = run(raw, now + timedelta(days=3))
    assert (failed.standing, failed.indicators, failed.age_seconds) == ("failing", 1, 86_400)
    assert "404" in (failed.error or "")
    (stale,) = run(raw, now + timedelta(days=30))
    assert stale.standing == "stale"


def test_a_server_that_says_when_is_not_asked_before(
    raw: Workspace, site: Site, url: str, now: datetime
) -> None:
    write(raw, one=f"kind: list, url: '{url}/list'")
    site.status, site.headers = 429, {"Retry-After": "7200"}
    (first,) = run(raw, now)
    assert "it wants not to be asked again before 2020-06-08 02:00 UTC" in (first.error or "")
    run(raw, now + timedelta(hours=1))
    assert len(site.asked) == 1
    site.status, site.headers = 200, {}
    assert run(raw, now + timedelta(hours=3))[0].standing == "current"


def test_a_collection_is_taken_up_where_it_was_left_with_what_was_taken_back(
    raw: Workspace, site: Site, url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def indicator(number: int, at: str, **changes: Any) -> dict[str, Any]:
        return {
            "type": "indicator",
            "id": f"indicator--{number}",
            "modified": f"2020-06-{at}T00:00:00Z",
            "pattern": f"[ipv4-addr:value = '45.9.148.{number}']",
        } | changes

    monkeypatch.setenv("TAXII_PASSWORD", "secret")
    write(raw, t=f"kind: taxii, url: '{url}/taxii/', collection: {COLLECTION}, user: me,"
          " secret: {env: TAXII_PASSWORD}")  # fmt: skip
    site.objects = [indicator(1, "01"), indicator(2, "02")]
    run(raw, now)
    assert sorted(values(raw, now)) == ["45.9.148.1", "45.9.148.2"]
    assert site.asked[-1]["authorization"].startswith("Basic ")
    site.objects += [indicator(1, "03", revoked=True), indicator(3, "04")]
    (feed,) = run(raw, now + timedelta(days=1))
    assert site.asked[-1]["added_after"] == "2020-06-02T00:00:00Z"
    assert sorted(values(raw, now)) == ["45.9.148.2", "45.9.148.3"]
    assert feed.aside == {"revoked": 1}
    (still,) = run(raw, now + timedelta(days=2))
    assert (still.indicators, still.aside) == (2, {"revoked": 1})
    # From another collection nothing of the first stays.
    write(raw, t=f"kind: taxii, url: '{url}/taxii/', collection: {COLLECTION[:-1]}7")
    (other,) = run(raw, now + timedelta(days=3))
    assert (other.standing, other.indicators) == ("never", 0)


def test_a_misp_server_is_given_its_key(
    raw: Workspace, site: Site, url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(raw, m=f"kind: misp, url: '{url}', secret: {{env: MISP_KEY}}")
    assert "MISP_KEY" in (run(raw, now)[0].error or "")
    monkeypatch.setenv("MISP_KEY", "key")
    run(raw, now)
    assert (values(raw, now), site.asked[-1]["authorization"]) == (["45.9.148.9"], "key")


def test_a_file_is_as_old_as_it_is_whenever_it_is_read(
    raw: Workspace, now: datetime, aged: Callable[..., None]
) -> None:
    write(raw, f="kind: stix, path: bundle.json, stale_after: 7d")
    bundle = raw.root / "bundle.json"
    assert "cannot read" in (run(raw, now)[0].error or "")
    bundle.write_text('{"type": "bundle", "objects": [')
    assert "no JSON" in (run(raw, now)[0].error or "")
    bundle.write_text('{"type": "bundle", "objects": []}')
    aged(bundle, now - timedelta(days=8))
    (feed,) = run(raw, now)
    assert (feed.standing, feed.age_seconds, feed.error) == ("stale", 8 * 86_400, None)
    with bundle.open("r+b") as file:
        file.truncate(300 << 20)
    assert "refused" in (run(raw, now)[0].error or "")


def test_one_that_fails_does_not_stop_the_others_and_scratch_is_gone(
    raw: Workspace, url: str, now: datetime
) -> None:
    write(raw, a=f"kind: kev, url: '{url}/none'", b=f"kind: list, url: '{url}/list'")
    assert [one.standing for one in run(raw, now)] == ["never", "current"]
    left = [path.name for path in keeper_of(raw).root.rglob(".answer*")]
    assert not left


@pytest.mark.parametrize(
    "kind", ["list", "csv", "stix", "kev", "misp", "attack", "advisories", "sigma"]
)
def test_a_feed_of_two_gigabytes_is_refused_before_it_is_read(
    raw: Workspace, now: datetime, kind: str
) -> None:
    write(raw, mine=f"kind: {kind}, path: feed.json")
    with (raw.root / "feed.json").open("wb") as file:
        file.truncate((2 << 30) + 1)
    (found,) = run(raw, now)
    if kind in ("advisories", "sigma"):
        # Of a folder the one file is set aside, the others count.
        assert (found.entries, found.aside) == (0, {"malformed": 1})
    else:
        assert any(word in (found.error or "") for word in ("refused", "at most"))
    assert found.indicators == 0


def test_an_error_page_in_the_place_of_a_list_does_not_take_the_place_of_what_was_had(
    raw: Workspace, now: datetime
) -> None:
    write(raw, mine="kind: list, path: feed.txt")
    (raw.root / "feed.txt").write_text("45.9.148.3\n")
    assert run(raw, now)[0].indicators == 1
    (raw.root / "feed.txt").write_text("<html>\n<body>502 Bad gateway</body></html>\n")
    (found,) = run(raw, now)
    assert (found.indicators, found.standing) == (1, "failing")
    assert "nothing of it can be read: <html>" in (found.error or "")
    # A list that is empty now, or holds nothing that may raise an alarm, is one.
    for text in ("# nothing today\n", "10.1.0.5\nnot<readable\n"):
        (raw.root / "feed.txt").write_text(text)
        (found,) = run(raw, now)
        assert (found.indicators, found.standing) == (0, "current")


def test_malformed_stix_leaves_what_was_and_of_a_bundle_what_is_wrong_is_told(
    raw: Workspace, now: datetime
) -> None:
    def indicator(name: str, pattern: object) -> dict[str, object]:
        return {
            "type": "indicator",
            "id": f"indicator--{name}",
            "pattern_type": "stix",
            "pattern": pattern,
        }

    write(raw, mine="kind: stix, path: feed.json")
    good = indicator("1", "[ipv4-addr:value = '45.9.148.3']")
    wide = indicator("2", "[ipv4-addr:value = '0.0.0.0/0']")
    broken = [
        indicator(str(n), one)
        for n, one in enumerate(("[ipv4-addr:value = ", "]" * 9, 7, "[" * 9_000), 3)
    ]
    objects = [good, wide, *broken, "text", None, {"type": "indicator"}]
    (raw.root / "feed.json").write_text(json.dumps({"type": "bundle", "objects": objects}))
    (found,) = run(raw, now)
    assert (found.indicators, found.error) == (1, None)
    assert found.aside == {"malformed": 7, "too_wide": 1}
    assert any("it is no pattern: 1:19: " in text for text in found.examples["malformed"])
    for text in (
        '{"type": "bundle", "objects": [',
        "[" * 100_000,
        '{"type": "report"}',
        '{"type": "bundle", "objects": {}}',
    ):
        (raw.root / "feed.json").write_text(text)
        (found,) = run(raw, now)
        assert found.error
        assert found.indicators == 1
