from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit.automation.ends import ends
from sekisho.model.addresses import key, parse_address
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.shapes import CONNECTIONS

AT = datetime(2020, 6, 8, tzinfo=UTC)


def table(*pairs: tuple[str, str], realms: Sequence[str] = ("",)) -> Any:
    rows = []
    for realm, (src, dst) in zip((*realms, *[""] * len(pairs)), pairs, strict=False):
        (src_hi, src_lo), (dst_hi, dst_lo) = key(parse_address(src)), key(parse_address(dst))
        rows.append((realm, src_hi, src_lo, "", dst_hi, dst_lo, 6, 443))
    columns = zip(*rows, strict=True)
    return pa.table(dict(zip(CONNECTIONS.names, map(list, columns), strict=True)), schema=CONNECTIONS)


def test_hosts_are_numbered_once_and_have_their_sites(compiled: CompiledPolicy) -> None:
    found = ends(
        table(("10.40.1.1", "10.1.0.5"), ("10.1.0.5", "9.9.9.9"), ("9.9.9.9", "10.40.1.1")),
        compiled,
        AT,
    )
    assert len(set(found.src.tolist() + found.dst.tolist())) == len(found.site) == 3
    assert [found.sites[found.site[n]] for n in found.src] == ["th-plant", "jp-hq", None]
    assert [found.sites[found.site[n]] for n in found.dst] == ["jp-hq", None, "th-plant"]
    assert found.hosts == 2
    assert found.peer.tolist() == [found.dst[0], found.dst[1], found.src[2]], "the outside is the peer"
    assert found.talked_to_by[found.peer].tolist() == [1, 2, 2], "either way round"


def test_one_address_in_two_realms_is_two_hosts(compiled: CompiledPolicy) -> None:
    both = table(("10.40.1.1", "9.9.9.9"), ("10.40.1.1", "9.9.9.9"), realms=["acquired"])
    found = ends(both, compiled, AT)
    assert found.src[0] != found.src[1]
    assert [found.sites[found.site[n]] for n in found.src] == [None, "th-plant"]


def test_a_pair_is_as_old_as_its_first_connection_either_way(compiled: CompiledPolicy) -> None:
    found = ends(
        table(("10.40.1.1", "9.9.9.9"), ("9.9.9.9", "10.40.1.1"), ("10.40.1.1", "9.9.9.8")),
        compiled,
        AT,
    )
    assert found.pair_first(np.array([50, 20, 90])).tolist() == [20, 20, 90]
