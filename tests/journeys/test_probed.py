"""Terminals of both ends try what a plan cuts, with real packets, over the real service: before, after, and
when somebody opened it again."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.journeys.severed import MAIN, SITES, World

HERE = Path(__file__).parents[2]
POLICY = """\
connections:
  - {id: EDI, allow: "plant/* -> hq/* : tcp/9443", tier: essential, owner: edi, ticket: C-1, why: Orders}
  - {id: WEB, allow: "plant/* -> hq/* : tcp/443, tcp/80", owner: it, ticket: C-2, why: Pages}
  - {id: BACK, allow: "hq/* -> plant/* : tcp/443", owner: it, ticket: C-4, why: Machines}
  - {id: OPS, allow: "soc/* -> plant/* : tcp/22", owner: soc, ticket: C-3, why: Gateways}
"""
SENSORS = """\
sensors:
  plant-edge: {site: plant, kind: generic, sees: [edge]}
  hq-edge: {site: hq, kind: generic, sees: [edge]}
"""
FLOWS = (
    ("10.40.2.10", "10.1.20.5", 443),
    ("10.40.2.10", "10.1.20.5", 80),
    ("10.40.2.10", "10.1.20.5", 9443),
    ("10.1.20.5", "10.40.2.10", 443),
)


@pytest.fixture
def served(world: World) -> World:
    """The world with a service at the console, a terminal at each end, web services, and a day of evidence."""
    folder, root = world.folder, world.workspace
    authority = trustme.CA()
    issued = authority.issue_cert("192.0.2.2")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    for place in (root / "fleet", folder / "service"):
        issued.private_key_pem.write_to_path(place.with_suffix(".key"))
        issued.cert_chain_pems[0].write_to_path(place.with_suffix(".pem"))
    with (root / "sekisho.toml").open("a") as settings:
        settings.write(
            '[fleet.service]\nlisten = "192.0.2.2:8443"\ncertificate = "fleet.pem"\nkey = "fleet.key"\n'
        )
    (root / "policy.yaml").write_text(POLICY)
    (root / "sites.yaml").write_text(SITES + SENSORS)
    now = datetime.now(UTC)
    record(world, "before", *((now - timedelta(hours=5), *flow) for flow in FLOWS))
    secret = world.sekisho("fleet", "secret", "new").stdout.split()[-1]
    run(world, "console", "-c", MAIN, "--workspace", root, "fleet", "serve", said="port")
    module = ("-m", "tests.journeys.probed")
    run(world, "hq", *module, "serve", folder,
        "tls:10.1.20.5:443", "http:10.1.20.5:80", "tls:10.1.20.5:9443")  # fmt: skip
    run(world, "plant", *module, "serve", folder, "tls:10.40.2.10:443")
    for host, address in (("plant", "10.40.2.10"), ("hq", "10.1.20.5")):
        run(
            world, host, *module, "terminal", folder, f"{host}-pc", address, "192.0.2.2", "8443", secret
        )
    return world


def run(world: World, host: str, *words: object, said: str = "ready") -> None:
    """Begin something at a host, and wait until it says that it runs."""
    begun = world.start(
        sys.executable, *words, host=world.hosts[host], cwd=HERE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert begun.stdout is not None
    line = begun.stdout.readline()
    assert said in line, line + begun.stdout.read()


def record(world: World, name: str, *seen: tuple[datetime, str, str, int]) -> None:
    """Have the sensors of both ends say that these were answered."""
    head = (
        "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,packets_out,packets_in,state"
    )
    lines = [
        f"{at.isoformat()},{at.isoformat()},{src},{40_000 + n},{dst},{port},tcp,900,900,9,9,established"
        for n, (at, src, dst, port) in enumerate(seen)
    ]
    path = world.folder / f"{name}.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    world.sekisho("ingest", path, "--sensor", "plant-edge")


def probe(world: World, plan: str, *words: object) -> dict[str, Any]:
    said = world.sekisho("contain", "probe", plan, "--wait", "60", "-f", "json", *words)
    return dict(json.loads(said.stdout))


def outcomes(document: dict[str, Any], key: str = "directions") -> dict[tuple[str, str], str]:
    return {(one["from"], one["to"]): one["outcome"] for one in document[key]}


def test_before_after_and_when_somebody_opened_it_again(served: World) -> None:
    login = ("--key", served.folder / "login")
    plan = served.plan("--sever", "link:plant <-> hq", "--keep-tier", "essential")
    before = probe(served, plan)
    assert set(outcomes(before).values()) == {"not_known"}, "nothing is cut yet"
    came = {(one["terminal"], one["service"]): one["came"] for one in before["tried"]}
    assert came["plant-pc", "http://10.1.20.5:80/"] == "HTTP 404"
    assert came["plant-pc", "10.1.20.5:443"].startswith("a certificate")
    assert came["hq-pc", "10.40.2.10:443"].startswith("a certificate")
    controls = {(o["terminal"], o["service"]) for o in before["tried"] if o["control"]}
    assert controls == {
        ("plant-pc", "10.1.20.5:9443"),
        ("plant-pc", "192.0.2.2:8443"),
        ("hq-pc", "192.0.2.2:8443"),
    }

    served.apply(plan)
    served.sekisho("contain", "confirm", plan, *login)
    after = probe(served, plan)
    assert outcomes(after) == {("hq", "plant"): "not_reached", ("plant", "hq"): "not_reached"}
    latest = {(o["terminal"], o["service"]): o["came"] for o in after["tried"] if o["probe"] == 2}
    assert latest["plant-pc", "10.1.20.5:443"] is None
    assert latest["plant-pc", "10.1.20.5:9443"] is not None
    said = json.loads(served.sekisho("contain", "verify", plan, *login, "-f", "json").stdout)
    assert set(outcomes(said, "probed").values()) == {"not_reached"}
    assert said["contained"] == "not_known", (
        "no sensor recorded anything since: a probe alone is no witness"
    )

    inside = ["ip", "netns", "exec", served.hosts["gw"], "nft", "flush", "chain", "inet", "sekisho"]
    subprocess.run([*inside, "judge"], check=True)
    begun = datetime.now(UTC)
    opened = probe(served, plan)
    assert set(outcomes(opened).values()) == {"reached"}
    alerts = json.loads(served.sekisho("alert", "list", "-f", "json").stdout)["alerts"]
    (alert,) = [one for one in alerts if "a probe came across" in one["title"]]
    assert (alert["kind"], alert["severity"]) == ("contain", "critical")
    # What the sensors saw of it is called what it is, and has escaped all the same.
    record(served, "after", (begun + timedelta(minutes=1), "10.40.2.10", "10.1.20.5", 443))
    said = json.loads(served.sekisho("contain", "verify", plan, *login, "-f", "json").stdout)
    assert said["contained"] == "no"
    assert any("a probe came across plant -> hq" in one for one in said["why"])
    (escaped,) = said["escaped"]
    assert escaped["probe"] == "asked for by our probe 3 of P-1 (plant-pc)"
    status = json.loads(served.sekisho("contain", "status", *login, "-f", "json").stdout)
    assert set(outcomes(status["probed"][0], "probed").values()) == {"reached"}
    assert served.sekisho("fleet", "campaign", "list").stdout.count("probe") == 0
    fleet = json.loads(served.sekisho("fleet", "status", "-f", "json").stdout)
    assert fleet["states"]["checked_clean"] == 0
