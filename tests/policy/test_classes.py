from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

import pyarrow as pa

from sekisho.model.addresses import key
from sekisho.policy.compile import CompiledPolicy

MAY, JUNE = datetime(2020, 5, 31, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC)
RULES = "connections: [{id: A, allow: 'th/edi, asset:th-app02 -> jp/db, 203.0.113.7 : tcp/1433'}]"


def test_addresses_that_no_rule_tells_apart_share_a_class(
    register: Callable[[str], CompiledPolicy],
) -> None:
    labels = register(RULES).labels
    of = {
        text: labels.of("", ip_address(text), JUNE)
        for text in (
            "10.1.0.1", "10.1.255.255", "2001:db8:1::5", "10.1.20.3", "10.1.30.3", "10.1.30.16",
            "10.40.2.10", "10.40.9.9", "10.40.9.8", "10.41.0.1",
        )
    }  # fmt: skip
    assert of["10.1.0.1"] == of["10.1.255.255"] == of["2001:db8:1::5"] == of["10.1.30.16"]
    assert of["10.1.20.3"] == of["10.1.0.1"], "no rule names jp/edi, so its addresses are like others"
    assert len({of[text] for text in ("10.1.0.1", "10.1.30.3", "10.40.2.10", "10.40.9.9")}) == 4
    assert of["10.40.9.8"] == of["10.41.0.1"]
    found = labels.list[of["10.1.30.3"]]
    assert (found.scope, found.site, found.country, found.groups) == ("site", "jp", "JP", ("jp/db",))


def test_a_prefix_is_of_its_site_from_its_day_on_and_of_its_realm_only(
    register: Callable[[str], CompiledPolicy],
) -> None:
    labels = register(RULES).labels

    def site(realm: str, text: str, at: datetime) -> tuple[str, str | None]:
        found = labels.list[labels.of(realm, ip_address(text), at)]
        return found.scope, found.site

    assert site("", "10.41.0.1", MAY) == ("private", None)
    assert site("", "10.41.0.1", JUNE) == ("site", "th")
    assert site("acq", "10.1.20.3", JUNE) == ("site", "lab")
    assert site("acq", "10.40.2.10", JUNE) == ("private", None)
    assert site("nowhere", "10.40.2.10", JUNE) == ("private", None)
    assert site("", "203.0.113.7", JUNE) == ("zone", None)
    assert site("acq", "8.8.8.8", JUNE) == ("global", None)
    assert site("", "ff02::1", JUNE) == ("local", None)


def test_whole_columns_are_labelled_as_single_addresses_are(
    register: Callable[[str], CompiledPolicy],
) -> None:
    labels = register(RULES).labels
    asked = [
        (epoch, realm, text)
        for epoch in range(len(labels.inventory.change_points) + 1)
        for realm in ("", "acq", "nowhere")
        for text in ("10.1.30.3", "10.41.0.1", "8.8.8.8", "2001:db8:1::", "::", "255.255.255.255")
    ]
    keys = [key(ip_address(text)) for *_, text in asked]
    table = pa.table(
        {
            "epoch": pa.array([epoch for epoch, *_ in asked], pa.int32()),
            "realm": [realm for _, realm, _ in asked],
            "hi": [hi for hi, _ in keys],
            "lo": [lo for _, lo in keys],
        }
    )
    before = [datetime(2000, 1, 1, tzinfo=UTC), *labels.inventory.change_points]
    assert labels.label(table)["class"].to_pylist() == [
        labels.of(realm, ip_address(text), before[epoch]) for epoch, realm, text in asked
    ]
    assert labels.label(table.slice(0, 0)).num_rows == 0
