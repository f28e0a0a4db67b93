"""Who held an address of the fabric at a time."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import moment
from sekisho.investigate.placing import placed
from sekisho.model.sites import Asset, DatedPrefix, Site
from sekisho.model.validity import Validity
from sekisho.model.verdicts import Rank


def test_a_host_is_who_its_address_was_then(
    woven: Callable[..., Fabric], at_hour: Callable[[float], int]
) -> None:
    passed, address = moment(at_hour(40)), ip_address("10.2.0.1")
    inventory = Inventory(
        sites={"b": Site("b", "b", "TH", "UTC", "it", (DatedPrefix(ip_network("10.2.0.0/16")),))},
        assets=(
            Asset(address, "old", "b", validity=Validity(end=passed)),
            Asset(address, "new", "b", validity=Validity(begin=passed)),
        ),
    )
    made = woven([("203.0.113.1", "10.2.0.1", 22, Rank.EXTERNAL, 50, 1)])
    outside, host = made.ends(0)
    then = [placed(inventory, made, host, at_hour(hour)) for hour in (39, 41)]
    assert [(one.site, one.asset.hostname if one.asset else None) for one in then] == [
        ("b", "old"),
        ("b", "new"),
    ]
    assert placed(inventory, made, outside, at_hour(41)).site is None
