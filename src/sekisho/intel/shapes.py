"""What intel.yaml may hold, as shapes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from sekisho.inventory.located import Shape, wrong
from sekisho.model.indicators import IndicatorKind, Tlp

Kind = Literal[
    "list", "csv", "abuse_ch", "stix", "taxii", "misp", "kev", "attack", "sigma", "advisories"
]
KNOWLEDGE: frozenset[Kind] = frozenset(("attack", "sigma", "advisories"))
"""Kinds that hold no indicators: how intruders go about it, and what looks for that."""
_STALE = {"attack": timedelta(days=200)}
"""MITRE publishes a version of ATT&CK twice a year."""
_SPAN = re.compile(r"([1-9]\d{0,4})\s*([hdw])")
_UNIT = {"h": "hours", "d": "days", "w": "weeks"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _span(value: object) -> object:
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if not isinstance(value, timedelta) and found is None:
        raise wrong("intel/span", f"`{str(value)[:40]}` is no span of time", "write 12h, 30d or 8w")
    return value if found is None else timedelta(**{_UNIT[found[2]]: int(found[1])})


def _percent(value: object) -> object:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or not 0 <= value <= 100:
        raise wrong(
            "intel/confidence", f"`{str(value)[:40]}` is no confidence", "write a number from 0 to 100"
        )
    return value


def _feed_name(value: object) -> object:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise wrong(
            "intel/name",
            f"`{str(value)[:60]}` is no name of a feed",
            "lower-case letters, digits, _ and -, at most 40 of them",
        )
    return value


Span = Annotated[timedelta, BeforeValidator(_span, json_schema_input_type=str)]
Percent = Annotated[int, BeforeValidator(_percent, json_schema_input_type=int | str)]
FeedName = Annotated[str, BeforeValidator(_feed_name, json_schema_input_type=str)]
Text = Annotated[str, Field(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SecretShape(Shape):
    """Where a secret is kept."""

    env: Text | None = Field(default=None, description="The environment variable that holds it")
    file: Text | None = Field(default=None, description="The file that holds it, for its owner alone")

    @model_validator(mode="after")
    def _one(self) -> SecretShape:
        if (self.env is None) == (self.file is None):
            raise wrong("intel/secret", "a secret is in one place", "write {env: NAME} or {file: PATH}")
        return self


class FeedShape(Shape):
    """One feed."""

    kind: Kind = Field(description="What it is written in, or the server it comes from")
    url: Text | None = Field(default=None, description="Where it is fetched from")
    path: Text | None = Field(
        default=None,
        description="A file in or beside the workspace, for networks without a way out;"
        " for sigma and advisories also a folder",
    )
    package: bool = Field(
        default=False, description="attack: taken from the package of the extra `attack`"
    )
    licence: Text = Field(description="On which terms it may be used; shown with every hit")
    tlp: Tlp = Field(default="clear", description="With whom it may be shared, where it does not say")
    confidence: Percent = Field(
        default=50, description="How far it is believed, 0 to 100; no indicator of it is believed more"
    )
    expires_after: Span | None = Field(
        default=None, description="How long an indicator counts after the feed last stood by it"
    )
    stale_after: Span | None = Field(
        default=None,
        description="How old it may be before it counts as stale: 7d, for attack 200d",
    )
    collection: Text | None = Field(
        default=None, description="taxii: id, alias or title of a collection"
    )
    user: Text | None = Field(
        default=None, description="Who signs in; without one, the secret is a token"
    )
    secret: SecretShape | None = Field(default=None, description="Password, token or key")
    ca: Text | None = Field(
        default=None, description="File of an authority that certificates may be of"
    )
    proxy: Text | None = Field(default=None, description="The proxy that it is fetched through")
    value: Text = Field(default="", description="csv: the column that holds the value")
    kind_column: Text = Field(default="", description="csv: the column that says what the value is")
    says: Text = Field(default="", description="csv: the column of words about it")
    all_are: IndicatorKind | None = Field(
        default=None, description="list, csv: what all values are; else what each looks like"
    )
    plain_http: bool = Field(
        default=False, description="It may come over http, where anybody on the way can change it"
    )
    enabled: bool = Field(default=True, description="It is fetched and hunted for")

    @model_validator(mode="after")
    def _hangs_together(self) -> FeedShape:
        if self.package and self.kind != "attack":
            raise wrong("intel/package", "only ATT&CK comes in a package", "name a `url:` or a `path:`")
        places = (self.url is not None) + (self.path is not None) + self.package
        if not places:
            raise wrong("intel/place", "a feed has a url or a path, and this has neither", "name one")
        if places > 1:
            raise wrong("intel/place", "a feed has either a url or a path", "keep one of them")
        if self.kind == "taxii" and self.url is not None and self.collection is None:
            raise wrong(
                "intel/collection",
                "a TAXII server hands out one collection at a time",
                "name it: `collection:` with its id, alias or title",
            )
        if self.url is not None:
            self._check_url(self.url)
        return self

    @property
    def stale(self) -> timedelta:
        """How old it may be before it counts as stale."""
        return self.stale_after or _STALE.get(self.kind, timedelta(days=7))

    def _check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise wrong("intel/url", "the url is none", "write https://HOST/PATH") from None
        if parts.scheme not in ("https", "http") or not host:
            raise wrong("intel/url", "the url is none that is fetched", "write https://HOST/PATH")
        if parts.username is not None or parts.password is not None:
            raise wrong(
                "intel/url", "the url holds a login", "write `user:` and `secret: {env: NAME}` instead"
            )
        if parts.scheme == "http" and not self.plain_http and host not in _LOOPBACK:
            raise wrong(
                "intel/plain-http",
                "anybody on the way can change what comes over http",
                "write https, or `plain_http: true` where there is no other way",
            )


class WarningListsShape(Shape):
    """Warning lists of MISP's, whose members raise nothing."""

    package: bool = Field(default=False, description="Those of the package of the extra `warninglists`")
    folder: Text | None = Field(
        default=None, description="A folder of lists, as NAME/list.json or NAME.json"
    )
    use: list[Text] = Field(default=[], description="Lists besides those that everybody uses")
    leave_out: list[Text] = Field(default=[], description="Lists that are not used here")


class FeedsFile(Shape):
    """intel.yaml."""

    warning_lists: WarningListsShape = Field(
        default=WarningListsShape(), description="What raises nothing, by MISP's warning lists"
    )
    feeds: dict[FeedName, FeedShape] = Field(default={}, description="Feeds of indicators by name")
