import duckdb
import pytest

from sekisho.model.addresses import key, parse_address, text_of
from sekisho.store.queries.sightings import NETWORK

ONE = f"SELECT {NETWORK} FROM (SELECT $1::BIGINT AS hi, $2::BIGINT AS lo)"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.0", "10.0.0.0"),
        ("10.0.0.255", "10.0.0.0"),
        ("255.255.255.255", "255.255.255.0"),
        ("0.0.0.1", "0.0.0.0"),
    ],
)
def test_the_24_of_an_ipv4_address(address: str, network: str) -> None:
    hi, lo = key(parse_address(address))
    ((found,),) = duckdb.execute(
        f"SELECT {NETWORK} FROM (SELECT $1::BIGINT AS hi, $2::BIGINT AS lo)", [hi, lo]
    ).fetchall()
    assert text_of(hi, found) == network


@pytest.mark.parametrize("address", ["::1", "fd00::1", "fd00::ffff:ffff", "ffff::"])
def test_an_ipv6_address_is_known_by_its_64(address: str) -> None:
    hi, lo = key(parse_address(address))
    assert duckdb.execute(
        f"SELECT {NETWORK} FROM (SELECT $1::BIGINT AS hi, $2::BIGINT AS lo)", [hi, lo]
    ).fetchall() == [(0,)]
