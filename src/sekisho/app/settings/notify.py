"""`[notify]` of sekisho.toml: what a notification needs before it goes out."""

from __future__ import annotations

from pydantic import Field

from sekisho.app.settings.values import Section


class NotifySettings(Section):
    """Telling those who must be told."""

    review: bool = Field(
        default=False,
        description="Refuse a delivery whose draft nobody with the role `legal` approved; without it"
        " such a delivery is recorded, and told loudly.",
    )
