"""A company with two sensors on nearly every link: what its logs say by themselves, and after records were
taken out of some of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.simulate import simulate
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument

NOW = datetime(2020, 7, 1, tzinfo=UTC)
SERVER, RESOLVER = "10.43.10.11", "10.3.10.10"
"""A name server of cn-plant, and what it asks at jp-dc."""


def audited(root: Path) -> AuditDocument:
    """Everything in a workspace, taken in and judged."""
    workspace = Workspace(root)
    ingest(workspace, [root / "logs"], sensor=None, reader=None, now=NOW)
    return run_audit(workspace, begin=None, end=None, now=NOW, by="anong").document


def ends(document: AuditDocument) -> set[tuple[str, str]]:
    """The ends of what is one-sided."""
    return {
        (f.src.address, f.dst.address) for f in document.findings if "one_sided" in (f.kind, *f.also)
    }


@pytest.mark.parametrize(("scenario", "seed"), [("quiet", 2), ("insider-backdoor", 3)])
def test_what_nobody_touched_is_not_one_sided(tmp_path: Path, scenario: str, seed: int) -> None:
    """Outages, clocks that are minutes off, sensors that write two kinds of log: all of it explained."""
    simulate(scenario, tmp_path / "w", seed=seed, scale="small")
    document = audited(tmp_path / "w")
    assert document.reconciliation is not None
    pairs = document.reconciliation.pairs
    assert sum(pair.connection_days for pair in pairs) > 10_000
    assert sum(pair.explained["outage"] for pair in pairs) > 50
    assert sum(pair.one_sided for pair in pairs) == 0
    assert ends(document) == set()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose logs are to be changed."""
    root = tmp_path_factory.mktemp("quiet") / "w"
    simulate("quiet", root, seed=2, scale="small")
    return root


def without(root: Path, place: str, gone: Callable[[str], bool]) -> int:
    """Take records out of the files of one sensor; how many those were."""
    count = 0
    for path in (root / "logs").glob(place):
        lines = path.read_text().splitlines(keepends=True)
        left = [line for line in lines if line.startswith("#") or not gone(line)]
        count += len(lines) - len(left)
        path.write_text("".join(left))
    return count


def test_records_that_were_deleted_show(quiet: Path, tmp_path: Path) -> None:
    """One connection of one day; one host of another day; one hour of all, in a third."""
    root = Path(shutil.copytree(quiet, tmp_path / "w"))
    nine = datetime(2020, 5, 30, 9, tzinfo=UTC).timestamp()
    hour: set[tuple[str, str]] = set()

    def in_the_hour(line: str) -> bool:
        fields = line.split("\t")
        hit = nine <= float(fields[0]) < nine + 3600
        if hit:
            hour.add((fields[2], fields[4]))
        return hit

    def between(line: str) -> bool:
        return f"\t{SERVER}\t" in line and f"\t{RESOLVER}\t" in line

    assert without(root, "jp-dc-edge/2020-05-27/*", between) > 3
    assert without(root, "jp-dc-edge/2020-05-28/*", lambda line: "\t10.43.64.10\t" in line) > 1
    assert without(root, "jp-dc-edge/2020-05-30/*", in_the_hour) > 50
    document = audited(root)
    found = ends(document)
    assert (SERVER, RESOLVER) in found
    assert any(src == "10.43.64.10" for src, _ in found)
    rest = {pair for pair in found if SERVER not in pair and "10.43.64.10" not in pair}
    assert rest <= hour | {(dst, src) for src, dst in hour}, "nothing that was left alone"
    assert len(rest) > 20


def test_a_file_that_is_gone_is_an_outage(quiet: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(quiet, tmp_path / "w"))
    gone = list((root / "logs" / "jp-kobe-edge" / "2020-05-29").iterdir())
    for path in gone:
        path.unlink()
    assert gone
    assert ends(audited(root)) == set()
