"""One site after the other, with real packets: killed and gone on with, and halted by what stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.journeys.severed import GATEWAYS, SITES, World

SENSORS = """\
sensors:
  plant-edge: {site: plant, kind: generic, sees: [edge]}
  hq-edge: {site: hq, kind: generic, sees: [edge]}
"""
OTHERS = """\
  soc-gw: {platform: nftables, deliver: render, address: 192.0.2.9, links: ["soc <-> hq"]}
"""
CONSOLE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sekisho.app.containing.staging import Console, apply_staged
from sekisho.app.workspace import Workspace
ahead = 0.0
def pause(seconds):
    global ahead
    print("waits", flush=True)
    if not sys.stdin.readline():
        raise SystemExit("nobody goes on")
    ahead += 1200
console = Console(lambda: datetime.now(UTC) + timedelta(seconds=ahead), pause, "aiko", (sys.argv[2],))
document = apply_staged(Workspace(Path(sys.argv[1])), "1", console)
print(document.model_dump_json(by_alias=True), flush=True)
"""


@pytest.fixture
def staged(world: World) -> World:
    """A plan over two stages that was seen and approved, and an hour of orders before it."""
    (world.workspace / "sites.yaml").write_text(SITES + SENSORS)
    gateways = world.workspace / "gateways.yaml"
    gateways.write_text(GATEWAYS.format(key=(world.folder / "host.pub").read_text().strip()) + OTHERS)
    now = datetime.now(UTC)
    record(world, "before", *(now - timedelta(seconds=600 * n + 300) for n in range(7)))
    plan = world.plan(
        "--sever", "link:plant <-> hq", "--sever", "link:soc <-> hq", "--keep-tier", "essential",
        "--stage", "plant", "--soak", "10m",
    )  # fmt: skip
    assert plan == "P-1"
    return world


def record(world: World, name: str, *at: datetime, port: int = 8443) -> None:
    """Have the plant's sensor say that orders were sent at these times."""
    lines = [
        "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,packets_out,packets_in,state"
    ]
    lines += [
        f"{one.isoformat()},{(one + timedelta(seconds=2)).isoformat()},10.40.2.10,{40_000 + n},10.1.20.5,"
        f"{port},tcp,900,900,9,9,established"
        for n, one in enumerate(at)
    ]
    path = world.folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n")
    world.sekisho("ingest", path, "--sensor", "plant-edge")


def console(world: World) -> subprocess.Popen[str]:
    return world.start(
        sys.executable, "-c", CONSOLE, world.workspace, world.folder / "login",
        host=world.hosts["console"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def line(begun: subprocess.Popen[str]) -> str:
    assert begun.stdout is not None
    return begun.stdout.readline().strip()


def go_on(begun: subprocess.Popen[str]) -> dict[str, Any]:
    """Let time pass until it is through."""
    assert begun.stdin is not None
    while (said := line(begun)) == "waits":
        begun.stdin.write("\n")
        begun.stdin.flush()
    assert begun.wait(60) == 0
    return dict(json.loads(said))


def held(world: World) -> str | None:
    said = world.sekisho(
        "contain", "status", "--key", world.folder / "login", "-f", "json", check=False
    )
    gateway = next(g for g in json.loads(said.stdout)["gateways"] if g["name"] == "gw")
    waiting: str | None = gateway["waiting"]
    return waiting


def test_killed_it_goes_on_and_waits_for_who_tells_the_next(staged: World) -> None:
    first = console(staged)
    assert line(first) == "waits"
    assert not staged.connects("10.1.20.5", 445)
    assert staged.connects("10.1.20.5", 8443)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert held(staged) == "P-1", "the gateway takes it back where nobody goes on"
    told = datetime.now(UTC)
    record(staged, "after", *(told + timedelta(seconds=300 * n) for n in (1, 2, 4)))
    document = go_on(console(staged))
    one, two = document["staging"]["stages"]
    assert (one["state"], one["steady"], one["broken"], one["escaped"]) == ("passed", 1, 0, 0)
    assert held(staged) is None, "it was confirmed"
    assert (two["state"], document["state"]) == ("halted", "partial")
    assert "others tell it" in two["why"]
    assert [a["kind"] for a in document["history"]].count("apply") == 4, "twice begun, each once told"
    shown = staged.sekisho("contain", "status", "--key", staged.folder / "login", check=False).stdout
    assert "P-1, site by site" in shown


def test_what_stops_halts_it_and_its_gateway_is_not_confirmed(staged: World) -> None:
    begun = console(staged)
    assert line(begun) == "waits"
    # Something else is recorded long after: the sensor lives, and the orders are gone.
    record(staged, "after", datetime.now(UTC) + timedelta(minutes=30), port=22)
    assert begun.stdin is not None
    begun.stdin.write("\n")
    begun.stdin.flush()
    document = go_on(begun)
    one, two = document["staging"]["stages"]
    assert (one["state"], one["broken"], two["state"]) == ("halted", 1, "waiting")
    assert one["stopped"] == ["10.40.2.10 -> 10.1.20.5 : tcp/8443"]
    assert held(staged) == "P-1", "nobody confirmed it"
    (alert,) = json.loads(staged.sekisho("alert", "list", "-f", "json").stdout)["alerts"]
    assert "P-1 is halted at stage 1" in alert["title"]
