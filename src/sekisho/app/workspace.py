"""The folder that a company's register, logs and evidence live in: find it, make it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sekisho.app.settings import keys, loading
from sekisho.app.settings.loading import LoadedSettings
from sekisho.errors import RequestError

SETTINGS_FILE = "sekisho.toml"
_WRITTEN = (SETTINGS_FILE, "sites.yaml", "assets.csv", "policy.yaml", "gateways.yaml", "restore.yaml")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything of one workspace lies. `root` is absolute."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """sekisho.toml."""
        return self.root / SETTINGS_FILE

    @property
    def data(self) -> Path:
        """What no person edits; mode 0700."""
        return self.root / "data"

    @property
    def lake(self) -> Path:
        """The flow lake."""
        return self.data / "lake"

    @property
    def journal(self) -> Path:
        """What `collect` has received and not committed yet."""
        return self.data / "journal"

    @property
    def spool(self) -> Path:
        """What a site has received and forwards."""
        return self.data / "spool"

    @property
    def received(self) -> Path:
        """What sites have forwarded here and is not committed yet."""
        return self.data / "received"

    @property
    def fleet(self) -> Path:
        """What belongs to the service for osquery alone: the key of its hashes, and who judges."""
        return self.data / "fleet"

    @property
    def cases(self) -> Path:
        """Original bytes behind incidents, and what sites answered: a folder an incident."""
        return self.data / "cases"

    @property
    def ledger(self) -> Path:
        """The folder of the ledger."""
        return self.data / "ledger"

    @property
    def state(self) -> Path:
        """The SQLite file of people's decisions, used unless `state.url` is set."""
        return self.data / "state" / "state.db"

    def settings(self, environ: Mapping[str, str]) -> LoadedSettings:
        """The settings with the environment's overrides. Raises FileProblems."""
        return loading.load(self.settings_file, environ)

    def state_url(self, environ: Mapping[str, str]) -> str | Path:
        """Where the state is: the SQLite file, or the database URL that the settings name.

        The URL may hold a password: hand it to the state and to nothing else.
        """
        url = self.settings(environ).settings.state.url
        if url is None:
            return self.state
        return url if isinstance(url, str) else url.read(self.root, environ).reveal()

    def policy_files(self) -> tuple[Path, ...]:
        """The files of the register as they stand: policy.yaml, then policy/*.yaml in order."""
        folder = self.root / "policy"
        several = [p for p in folder.glob("*.y*ml") if p.suffix in (".yaml", ".yml")]
        return tuple(p for p in (self.root / "policy.yaml", *sorted(several)) if p.is_file())

    def inventory_files(self) -> tuple[Path, ...]:
        """The files of the inventory as they stand."""
        return tuple(p for p in (self.root / "sites.yaml", self.root / "assets.csv") if p.is_file())


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` did: names relative to the workspace."""

    workspace: Workspace
    written: tuple[str, ...]
    kept: tuple[str, ...]


def find(start: Path, explicit: Path | None = None) -> Workspace:
    """The workspace named, or the one that `start` stands in. Raises RequestError."""
    if explicit is not None:
        root = explicit.absolute()
        if not (root / SETTINGS_FILE).is_file():
            raise RequestError(
                f"{explicit} is not a workspace: it has no {SETTINGS_FILE}", f"sekisho init {explicit}"
            )
        return Workspace(root)
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return Workspace(folder)
    raise RequestError(
        f"{here} is not inside a workspace: no {SETTINGS_FILE} here or above",
        "Make one with `sekisho init DIR`, or name one with `sekisho --workspace DIR`.",
    )


def init(folder: Path) -> Made:
    """Make a workspace in a folder, which may hold things already; overwrites nothing.

    Raises RequestError when the folder cannot be written.
    """
    workspace = Workspace(folder.absolute())
    try:
        workspace.root.mkdir(parents=True, exist_ok=True)
        written: list[str] = []
        kept: list[str] = []
        # A register in policy/ stands for policy.yaml: a second, empty one would only puzzle.
        skip = {"policy.yaml"} if any((workspace.root / "policy").glob("*.yaml")) else set()
        for name in _WRITTEN:
            made = name not in skip and _write_new(workspace.root / name, _starter(name))
            (written if made else kept).append(name)
        _make_data(workspace, written, kept)
    except OSError as error:
        place = error.filename or folder
        raise RequestError(f"cannot make a workspace: {place}: {error.strerror}") from error
    return Made(workspace, tuple(written), tuple(kept))


def _make_data(workspace: Workspace, written: list[str], kept: list[str]) -> None:
    fresh = not workspace.data.exists()
    workspace.data.mkdir(mode=0o700, exist_ok=True)
    if fresh:
        # The mask may have taken bits away, and mkdir's mode never adds them.
        workspace.data.chmod(0o700)
    (written if fresh else kept).append("data/")
    # Evidence does not belong in the version control that the register is often kept in.
    _write_new(workspace.data / ".gitignore", "*\n")


def _starter(name: str) -> str:
    if name == SETTINGS_FILE:
        return keys.starter()
    return files("sekisho.app").joinpath("starters", name).read_text(encoding="utf-8")


def _write_new(path: Path, text: str) -> bool:
    try:
        # O_EXCL also refuses a dangling symbolic link, so nothing outside the folder is written.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return True
