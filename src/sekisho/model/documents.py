"""What every published document is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A frozen piece of a published contract."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
