"""`[restore]` of sekisho.toml: what becomes of a link that was given back too early."""

from __future__ import annotations

from pydantic import Field

from sekisho.app.settings.values import Line, Section


class RestoreSettings(Section):
    """Giving communication back."""

    recontain: bool = Field(
        default=False,
        description="Cut a lifted link again, without waiting for anybody, when there is a new finding on"
        " it; never at a site that sites.yaml marks `must_run`.",
    )
    keys: tuple[Line, ...] = Field(
        default=(),
        max_length=20,
        description="Files of SSH keys to log in to gateways with when nobody is there to do it.",
        examples=[["/etc/sekisho/gateways"]],
    )
