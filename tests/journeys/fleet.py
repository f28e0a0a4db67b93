"""The service for osquery as people run it: a process of its own, TLS, and terminals on loopback addresses."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import trustme
from benchmarks.osqueryd import Osqueryd

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.enrolling import new_secret
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.service_status import service_status
from sekisho.app.checking.standing import shown, status
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.workspace import Workspace
from sekisho.model.fleet import FleetDocument, ServiceDocument, TerminalDocument
from sekisho.state.state import State
from sekisho.store.layout import Layout

SITES = """
sites:
  jp-hq: {country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [127.1.0.0/16]}
  th-plant: {country: TH, timezone: Asia/Bangkok, owner: it, prefixes: [127.40.0.0/16]}
"""
SERVE = "from sekisho.cli.main import main; main()"


@dataclass
class Served:
    """A workspace, its service at `port`, and what terminals need to enrol."""

    workspace: Workspace
    port: int
    secret: str
    context: ssl.SSLContext
    process: subprocess.Popen[bytes] | None = None
    terminals: dict[str, Osqueryd] = field(default_factory=dict)

    def terminal(self, name: str, address: str, uuid: str = "") -> Osqueryd:
        """One that has not enrolled yet."""
        return Osqueryd(self.port, self.context, name, uuid or uuid_of(name), address)

    def enrolled(self, name: str, address: str) -> Osqueryd:
        """One that has."""
        one = self.terminal(name, address)
        assert one.enroll(self.secret)["node_invalid"] is False
        return one

    def campaign(self, name: str, *checks: str, **asking: Any) -> None:
        """Begin one that reaches everybody at once, unless it says otherwise."""
        asked = Asking(**{"ramp": (1.0,), **asking})
        begin(self.workspace, name, checks, asked, now=datetime.now(UTC), by="ken", why="INC-3")
        # The service reads what was decided every two seconds.
        time.sleep(2.1)

    def judged(self, holds: Callable[[ServiceDocument], bool] = lambda _d: True) -> ServiceDocument:
        """How the service stands once nothing waits to be judged."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            found = service_status(self.workspace, ServiceSettings(), now=datetime.now(UTC))
            if not found.unjudged and holds(found):
                return found
            time.sleep(0.3)
        raise AssertionError("letters wait for ever")

    def status(self) -> FleetDocument:
        """Where the fleet stands."""
        return status(self.workspace, now=datetime.now(UTC))

    def shown(self, name: str) -> TerminalDocument:
        """One terminal's page."""
        return shown(self.workspace, name, now=datetime.now(UTC))

    def refused(self, name: str) -> dict[str, int]:
        """What was refused of a terminal, by reason."""
        found: dict[str, int] = {}
        for node in self.shown(name).nodes:
            for one in node.refused:
                found[one.reason] = found.get(one.reason, 0) + one.count
        return found

    def results(self) -> list[dict[str, Any]]:
        """Rows in the lake, of files that count."""
        with State.open(self.workspace.state) as state:
            lots = state.nodes().lots()
        folder = Layout(self.workspace.lake).results
        return [row for lot in lots for row in pq.read_table(folder / lot.path).to_pylist()]

    def start(self) -> None:
        """Run the service, until it answers."""
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SERVE,
                "-q",
                "--workspace",
                str(self.workspace.root),
                "fleet",
                "serve",
            ]
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the service ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the service does not answer")


def uuid_of(name: str) -> str:
    """A hardware UUID that is the same for the same name."""
    return f"4c4c4544-0042-3510-8052-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


@contextmanager
def serving(root: Path, names: list[tuple[str, str]], settings: str = "") -> Iterator[Served]:
    """A service with these terminals (name, address) in its inventory."""
    root.mkdir()
    (root / "sites.yaml").write_text(SITES)
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(root / "fleet.key")
    issued.cert_chain_pems[0].write_to_path(root / "fleet.pem")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (root / "sekisho.toml").write_text(
        '[fleet.service]\ncertificate = "fleet.pem"\nkey = "fleet.key"\n'
        f'listen = "127.0.0.1:{port}"\n{settings}'
    )
    workspace = Workspace(root)
    listed = root / "terminals.csv"
    lines = [f"{name},{uuid_of(name)},{address}\n" for name, address in names]
    listed.write_text("hostname,uuid,address\n" + "".join(lines))
    now = datetime.now(UTC)
    take_in(workspace, [listed], now=now, by="ken")
    made = new_secret(workspace, why="tests", now=now, by="ken")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    served = Served(workspace, port, made.secret, context)
    served.start()
    try:
        yield served
    finally:
        if served.process is not None:
            served.process.terminate()
            served.process.wait(60)


def rows(*given: dict[str, object]) -> bytes:
    """Rows as they stand on the wire."""
    return json.dumps(given).encode()
