"""The files a person would have written are ones that the product's own loader takes."""

from __future__ import annotations

from sekisho.contain.points import parse_points
from sekisho.inventory.files import load_inventory
from sekisho.policy.files import load_policy
from sekisho.simulate.register import Permit
from sekisho.simulate.workspace import assets_rows, policy_text, sites_text


def test_the_inventory_loads_whole(world):
    made = world("quiet")
    inventory = load_inventory(made.path)
    assert len(inventory.sites) == made.summary.sites >= 13
    assert len(inventory.assets) == made.summary.assets
    assert set(inventory.sensors) == set(made.sensors())


def test_the_policy_loads_whole(world):
    made = world("quiet")
    policy = load_policy(made.path, load_inventory(made.path))
    assert len(policy.rules) == made.summary.rules
    assert len(policy.tests) == 5
    assert all(rule.owner and rule.ticket and rule.why and rule.approved_by for rule in policy.rules)


def test_a_gateway_stands_at_every_border(world):
    made = world("quiet")
    inventory = load_inventory(made.path)
    points = parse_points((made.path / "gateways.yaml").read_bytes(), inventory, {})
    assert set(points.gateways) == {f"{name}-gw" for name in inventory.sites}
    # Any host that works can be severed: none of them manages a gateway.
    assets = {line.split(",")[0] for line in (made.path / "assets.csv").read_text().splitlines()[1:]}
    managers = {
        path.text.split(" -> ")[0] for one in points.gateways.values() for path in one.management
    }
    assert len(managers) == len(points.gateways)
    assert not managers & assets


def test_nothing_in_the_workspace_points_at_the_truth(world):
    made = world("kawasaki")
    for name in ("sekisho.toml", "sites.yaml", "assets.csv", "policy.yaml", "gateways.yaml"):
        assert "truth" not in (made.path / name).read_text()


def test_a_permit_is_written_with_all_it_has():
    from datetime import date

    text = policy_text(
        [
            Permit(
                "A",
                ("x/*",),
                ("y/g",),
                ("smb",),
                "o",
                "T-1",
                "Why: so",
                (("x", "me"),),
                date(2020, 1, 2),
                date(2021, 1, 2),
                "essential",
            )
        ],
        (),
    )
    assert text.splitlines()[1:] == [
        "connections:",
        "  - id: A",
        '    allow: "x/* -> y/g : smb"',
        "    owner: o",
        "    ticket: T-1",
        '    why: "Why: so"',
        "    approved_by: {x: me}",
        "    from: 2020-01-02",
        "    expires: 2021-01-02",
        "    tier: essential",
        "tests: []",
    ]


def test_assets_leave_out_what_is_not_the_companys(company):
    rows = assets_rows(company)
    assert not any(row.startswith(("0.0.0.0", "fe80", "192.168.")) for row in rows)
    assert "10.1.10.10,jp-hq-dns01,jp-hq,,it-jp," in rows


def test_ipv6_is_quoted(company):
    assert '"2001:db8:1::/48"' in sites_text(company, [])
