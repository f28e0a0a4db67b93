"""Contacts to test with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sekisho.audit.automation.contacts import Contacts

Make = Callable[..., Contacts]


@pytest.fixture
def contacts() -> Make:
    """Contacts of one connection, or of several by number; times and lengths in seconds."""

    def make(
        *series: Sequence[float], sent: int | Sequence[int] = 500, lasted: float = 1.0
    ) -> Contacts:
        number = np.repeat(np.arange(len(series)), [len(one) for one in series])
        start = (np.concatenate([np.asarray(one, dtype=float) for one in series]) * 1e6).astype(
            np.int64
        )
        return Contacts.of(
            {
                "number": number,
                "start": start,
                "lasted": np.full(len(start), int(lasted * 1e6)),
                "sent": np.full(len(start), sent) if isinstance(sent, int) else np.asarray(sent),
            }
        )

    return make
