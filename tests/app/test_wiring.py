from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

import pyarrow as pa
import pytest

from sekisho.app.wiring import open_engine, open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError
from sekisho.model.addresses import key


def test_the_lake_is_opened_with_the_settings(raw: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError):
        open_lake(raw, create=False)
    with open_lake(raw) as lake:
        assert lake.stats().flows == 0
    monkeypatch.setenv("SEKISHO_STORE_THREADS", "none")
    with pytest.raises(FileProblems):
        open_lake(raw)


def test_a_sensor_is_at_home_in_its_sites_prefixes(raw: Workspace, now: datetime) -> None:
    sites = raw.root / "sites.yaml"
    sites.write_text(sites.read_text().replace("country: TH,", "country: TH, realm: acquired,"))
    traits = traits_of(read_inventory(raw))
    assert set(traits) == {"jp-edge", "th-edge"}
    assert traits["th-edge"].site == "th-plant"
    first, last = (key(ip_address(f"10.40.{end}")) for end in ("0.0", "255.255"))
    home = {(r.realm, r.first_hi, r.first_lo, r.last_hi, r.last_lo) for r in traits["th-edge"].home}
    assert ("acquired", *first, *last) in home
    assert len(home) == 2, "both families"


def test_what_a_longer_prefix_gives_to_another_site_is_not_home(raw: Workspace) -> None:
    sites = raw.root / "sites.yaml"
    text = sites.read_text().replace(
        "groups:",
        "  lab: {country: JP, prefixes: [10.1.64.0/20, 10.9.0.0/16], until: 2020-06-02}\ngroups:",
        1,
    )
    sites.write_text(text)
    home = traits_of(read_inventory(raw))["jp-edge"].home
    (other,) = [one for one in home if not one.own]
    first, last = (key(ip_address(f"10.1.{end}")) for end in ("64.0", "79.255"))
    assert (other.first_hi, other.first_lo, other.last_hi, other.last_lo) == (*first, *last)
    assert (other.begin, other.end) == (None, 1_591_142_400_000_000)
    assert home[-1] == other, "the longest prefix comes last"


def test_the_engine_is_opened_with_the_settings(
    raw: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_lake(raw), open_engine(raw) as engine:
        rows = engine.table("rows", pa.table({"x": [1, 2]}))
        assert engine.fetch(rows.agg(n=rows.x.sum()))["n"].to_pylist() == [3]
    monkeypatch.setenv("SEKISHO_ENGINE_KIND", "clickhouse")
    monkeypatch.setenv("SEKISHO_ENGINE_URL", "ftp://flows")
    with pytest.raises(RequestError, match="ftp://flows is no ClickHouse server"):
        open_engine(raw)
