"""Every backend there is, by platform. A new platform is one file here, one row, and one in `platforms`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.contain.backends.base import Backend
from sekisho.contain.backends.nftables import Nftables

BACKENDS: Mapping[str, Backend] = MappingProxyType({"nftables": Nftables()})
