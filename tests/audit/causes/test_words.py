from __future__ import annotations

from sekisho.audit.causes.words import address_key, name, place, plural
from sekisho.model.findings import End


def test_ends_are_named_as_people_know_them() -> None:
    end = End(address="10.1.0.1", asset="erp01", site="jp", groups=("jp/erp", "jp/web"))
    assert name(end) == "10.1.0.1 (erp01)"
    assert place(end) == "jp/erp"
    assert place(End(address="10.1.0.1", site="jp")) == "jp/*"
    assert place(End(address="10.1.0.1")) == name(End(address="10.1.0.1")) == "10.1.0.1"


def test_the_same_address_in_two_realms_is_two() -> None:
    assert address_key(End(address="10.1.0.1")) != address_key(
        End(address="10.1.0.1", realm="acquired")
    )


def test_plurals() -> None:
    assert [plural(1, "host"), plural(2000, "host")] == ["1 host", "2,000 hosts"]
