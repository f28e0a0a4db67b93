from __future__ import annotations

from sekisho.app.checking.sites import Sites
from sekisho.app.workspace import Workspace


def test_the_site_of_an_address_follows_the_register(workspace: Workspace) -> None:
    sites = Sites(workspace)
    assert sites.site_of("10.40.0.5") is None
    sites.look()
    assert sites.site_of("10.40.0.5") == "th-plant"
    assert sites.site_of("192.0.2.1") is None
    assert sites.site_of("no address") is None
    path = workspace.root / "sites.yaml"
    path.write_text(
        "sites:\n  elsewhere: {country: JP, timezone: UTC, owner: x, prefixes: [10.40.0.0/16]}\n"
    )
    (workspace.root / "assets.csv").unlink(missing_ok=True)
    assert sites.site_of("10.40.0.5") == "th-plant"
    sites.look()
    assert sites.site_of("10.40.0.5") == "elsewhere"
