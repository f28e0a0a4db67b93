"""A real service in a process of its own, and clients that speak osquery's API to it over TLS."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import trustme
from tests.fleet.service.conftest import AT

from sekisho.app import workspace as workspaces
from sekisho.app.checking.enrolling import new_secret
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.fleet.service.wire import PATHS
from sekisho.model.nodes import ServiceCounts

PATIENCE = 90.0


class Company:
    """A workspace with a certificate and a secret."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.root = workspaces.init(folder / "acme").workspace.root
        self.workspace = Workspace(self.root)
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1")
        (self.root / "tls").mkdir()
        issued.private_key_pem.write_to_path(self.root / "tls" / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.root / "tls" / "certificate.pem")
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        (self.root / "sekisho.toml").write_text(
            '[fleet.service]\nlisten = "127.0.0.1:0"\ncertificate = "tls/certificate.pem"\n'
            f'key = "tls/key.pem"\nnode_rate = 1000\n{more}'
        )
        self.secret = new_secret(self.workspace, now=AT, by="ken").secret

    def counts(self) -> ServiceCounts:
        with open_decisions(self.workspace) as decisions:
            return decisions.state.nodes().counts(AT)

    def judged(self) -> None:
        """Wait until nothing is left to be judged."""
        until = time.monotonic() + PATIENCE
        while self.counts().waiting:
            assert time.monotonic() < until, "nobody judges"
            time.sleep(0.2)

    def rows(self) -> list[dict[str, Any]]:
        """Every row of results that counts."""
        with open_decisions(self.workspace) as decisions:
            lots = decisions.state.nodes().lots()
        folder = self.workspace.lake / "results"
        found = [row for lot in lots for row in pq.read_table(folder / lot.path).to_pylist()]
        assert len(found) == sum(lot.rows for lot in lots)
        return found


class Server:
    """The process. `port` stays the same over a restart."""

    def __init__(self, company: Company, port: int = 0) -> None:
        words = ["-c", "from sekisho.cli.main import main; main()", "--workspace", str(company.root)]
        self.process = subprocess.Popen(
            [sys.executable, *words, "fleet", "serve", "--listen", f"127.0.0.1:{port}"],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        match = re.search(r"port (\d+)", line)
        assert match, line + self.process.stderr.read()
        self.port = int(match[1])

    def kill(self) -> None:
        """As a power cut would: nothing of it runs on."""
        self.process.kill()
        self._end()

    def stop(self) -> str:
        """As a person would; what it said."""
        self.process.terminate()
        return self._end()

    def _end(self) -> str:
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        self.process.wait(PATIENCE)
        self.process.stderr.close()
        return said


class Agent:
    """One osquery. What it was told is taken is in `taken`; what it could not send it sends again."""

    def __init__(self, company: Company, port: int, name: str) -> None:
        self.company, self.name = company, name
        self.client = httpx.Client(
            base_url=f"https://127.0.0.1:{port}", verify=company.trust, trust_env=False, timeout=30
        )
        self.key = ""
        self.taken: Counter[str] = Counter()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None where none came, or one that says to come later."""
        try:
            answer = self.client.post(PATHS[path], json=body)
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError):
            return None
        return None if "error" in found else found

    def insist(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The same until it is taken."""
        until = time.monotonic() + PATIENCE
        while (found := self.post(path, body)) is None:
            assert time.monotonic() < until, f"{path} is not taken"
            time.sleep(0.05)
        return found

    def enrol(self) -> None:
        details = {"system_info": {"hostname": self.name}}
        body = {
            "enroll_secret": self.company.secret,
            "host_identifier": self.name,
            "host_details": details,
        }
        self.key = self.insist("enroll", body)["node_key"]

    def log(self, marker: str) -> None:
        line = {
            "hostIdentifier": self.name,
            "name": "services",
            "unixTime": int(time.time()),
            "snapshot": [{"name": marker, "path": "C:\\Windows\\x.exe"}],
        }
        self.insist("log", {"node_key": self.key, "log_type": "result", "data": [line]})
        self.taken[marker] += 1

    def answer(self) -> int:
        """Take what is asked and answer it; how many questions that were."""
        queries = self.insist("read", {"node_key": self.key})["queries"]
        if queries:
            rows = {q: [{"name": f"{self.name} {q}", "path": "C:\\Windows\\x.exe"}] for q in queries}
            body = {"node_key": self.key, "queries": rows, "statuses": dict.fromkeys(queries, 0)}
            self.insist("write", body)
            self.taken.update(f"{self.name} {q}" for q in queries)
        return len(queries)


def together(agents: list[Agent], work: Any) -> threading.Thread:
    """Do the work with each agent at the same time; join what is returned."""
    failures: list[BaseException] = []

    def one(agent: Agent) -> None:
        try:
            work(agent)
        except BaseException as error:  # noqa: BLE001 - told by the thread that joins
            failures.append(error)

    def everything() -> None:
        threads = [threading.Thread(target=one, args=(agent,)) for agent in agents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    class Joined(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            super().join(timeout)
            if failures:
                raise failures[0]

    thread = Joined(target=everything)
    thread.start()
    return thread


def close(agents: list[Agent]) -> None:
    for agent in agents:
        with contextlib.suppress(httpx.HTTPError):
            agent.client.close()
