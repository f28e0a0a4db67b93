from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sekisho.intel.shapes import FeedShape

BASE = {"kind": "list", "url": "https://feeds.example/x", "licence": "CC0"}


def codes(**changes: Any) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        FeedShape.model_validate({k: v for k, v in (BASE | changes).items() if v is not None})
    return {e["ctx"]["code"] if e["type"] == "sekisho" else e["type"] for e in caught.value.errors()}


def test_a_feed() -> None:
    feed = FeedShape.model_validate(BASE | {"expires_after": "30d", "confidence": "70"})
    assert (feed.expires_after, feed.confidence, feed.stale) == (
        timedelta(days=30),
        70,
        timedelta(days=7),
    )


def test_what_is_wrong() -> None:
    assert codes(url=None) == codes(path="x") == {"intel/place"}
    assert codes(licence=None) == {"missing"}
    assert codes(kind="rss") == {"literal_error"}
    assert codes(kind="taxii") == {"intel/collection"}
    assert codes(url="http://feeds.example/x") == {"intel/plain-http"}
    assert codes(url="https://me:pass@feeds.example/x") == {"intel/url"}
    assert codes(url="file:///etc/passwd") == codes(url="https://[x") == {"intel/url"}
    assert codes(expires_after="soon") == {"intel/span"}
    assert codes(confidence=101) == {"intel/confidence"}
    assert codes(secret={"env": "A", "file": "B"}) == {"intel/secret"}


def test_what_comes_in_a_package() -> None:
    attack = {"kind": "attack", "url": None}
    feed = FeedShape.model_validate({"kind": "attack", "package": True, "licence": "ATT&CK"})
    assert feed.stale == timedelta(days=200)
    assert codes(package=True) == {"intel/package"}
    assert codes(**attack) == codes(**attack, package=True, path="x") == {"intel/place"}


def test_http_where_somebody_said_so_and_to_this_machine() -> None:
    FeedShape.model_validate(BASE | {"url": "http://feeds.example/x", "plain_http": "true"})
    FeedShape.model_validate(BASE | {"url": "http://127.0.0.1:9/x"})
