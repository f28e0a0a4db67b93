"""What an asset keeps, as a document says it."""

from __future__ import annotations

from sekisho.model.incidents import Holdings
from sekisho.model.sites import Asset


def holdings(asset: Asset | None) -> Holdings | None:
    """What assets.csv says that it keeps; None where it says nothing."""
    if asset is None or not (asset.division or asset.data or asset.people is not None):
        return None
    return Holdings(division=asset.division or None, data=asset.data, people=asset.people)
