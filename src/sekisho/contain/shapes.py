"""What stands in gateways.yaml, as shapes: they check it, and the editor's JSON Schema is made of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sekisho.contain.platforms import PLATFORMS, Delivery
from sekisho.contain.windows import read_window
from sekisho.inventory.located import Shape, did_you_mean, wrong
from sekisho.inventory.shapes import Dated, Texts
from sekisho.inventory.values import Address, Name, Realm

_SENTENCE = {"type": "string", "examples": ["jp-hq/ops -> 10.40.0.1 : tcp/22"]}
Sentence = Annotated[str, WithJsonSchema(_SENTENCE)]


def _known(value: str) -> str:
    if value not in PLATFORMS:
        raise wrong(
            "gateway/platform",
            f"`{value[:60]}` is no platform that can be told anything",
            did_you_mean(value, PLATFORMS),
        )
    return value


def _windows(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            read_window(text)
        except ValueError as error:
            raise wrong(
                "gateway/window", str(error), "write `Sat 01:00-05:00` or `Mon-Fri 20:00-06:00`"
            ) from None
    return texts


class GatewayShape(Dated):
    """One enforcement point."""

    platform: Annotated[
        str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(PLATFORMS)})
    ] = Field(description="What it is")
    address: Address = Field(description="Where it is managed")
    links: Texts = Field(description="The links it carries, such as `th-plant <-> *`")
    realm: Realm = Field(default="", description="Address space of what passes it")
    deliver: Delivery | None = Field(
        default=None, description="ssh or napalm where we tell it, render where somebody else does"
    )
    user: str = Field(default="root", description="Whom to log in as")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=22, description="Its SSH port")
    host_keys: Texts = Field(default=(), description="Its public keys, as in known_hosts")
    management: Texts = Field(default=(), description="From where it is managed: FROM -> TO : SERVICES")
    logs: Texts = Field(default=(), description="Where its logs go: FROM -> TO : SERVICES")
    owner: str = Field(default="", description="Who changes it where we do not")
    windows: Annotated[Texts, AfterValidator(_windows)] = Field(
        default=(),
        description="When it may be changed, in its site's time, such as `Sat 01:00-05:00`; always if left out",
    )
    interfaces: Texts = Field(default=(), description="Interfaces that platforms bind filters to")

    @model_validator(mode="after")
    def _can_be_told(self) -> GatewayShape:
        ways = PLATFORMS[self.platform].ways
        if self.deliver is not None and self.deliver not in (*ways, "render"):
            raise wrong(
                "gateway/deliver",
                f"{self.platform} cannot be told by {self.deliver}",
                f"write one of: {', '.join(dict.fromkeys((*ways, 'render')))}",
            )
        return self


def _nothing_is_empty(value: object) -> object:
    return {} if value is None else value


Sentences = Annotated[dict[Name, Sentence], BeforeValidator(_nothing_is_empty)]


class GatewaysFile(Shape):
    """gateways.yaml."""

    gateways: Annotated[dict[Name, GatewayShape], BeforeValidator(_nothing_is_empty)] = Field(
        default={}, description="Enforcement points by name"
    )
    never_cut: Sentences = Field(
        default={}, description="Services that a plan may cut only where it is told to by their names"
    )
    lifelines: Sentences = Field(
        default={},
        description="What a severed site still needs to be watched and checked; kept open by every plan",
    )
