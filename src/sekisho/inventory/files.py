"""Reading the workspace's inventory: sites.yaml and assets.csv."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.inventory.assets import read_assets
from sekisho.inventory.documents import read_document
from sekisho.inventory.located import Problems
from sekisho.inventory.overlaps import check_prefixes
from sekisho.inventory.register import Inventory
from sekisho.inventory.sites import read_sites

SITES, ASSETS = "sites.yaml", "assets.csv"
MAX_READ = 65 << 20
"""Bytes read of any one file; what is longer is refused by the reader of that file."""


def load_inventory(root: Path) -> Inventory:
    """Read the inventory of the workspace at `root`.

    Raises RequestError where sites.yaml is missing, FileProblems with every problem if one is an error.
    """
    return parse_inventory(inventory_files(root))


def inventory_files(root: Path) -> dict[str, bytes]:
    """The bytes of the files that make the inventory, by name; assets.csv may be absent."""
    files = {}
    for name in (SITES, ASSETS):
        path = root / name
        if path.is_file():
            files[name] = read_bytes(path)
        elif path.exists():
            raise RequestError(f"{path} is not a file", f"move it away and write {name} in its place")
    if SITES not in files:
        raise RequestError(
            f"there is no {SITES} in {root}",
            "run `sekisho init` there, or name the workspace with `--workspace DIR` before the verb",
        )
    return files


def read_bytes(path: Path) -> bytes:
    """The file's first `MAX_READ` bytes. Raises RequestError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_READ)
    except OSError as error:
        mend = "check its permissions" if isinstance(error, PermissionError) else "check its name"
        raise RequestError(f"{path} cannot be read: {error.strerror}", mend) from error


def parse_inventory(files: Mapping[str, bytes]) -> Inventory:
    """The inventory that those files make. Raises FileProblems with everything that is wrong."""
    problems = Problems()
    document, found = read_document(SITES, files.get(SITES, b""))
    problems.extend(found)
    if any(problem.level == "error" for problem in found) and document.root is None:
        # Without sites every asset would be an error of its own that says nothing.
        problems.check()
    sites = read_sites(document, problems)
    check_prefixes(document, sites, problems)
    assets = read_assets(ASSETS, files[ASSETS], sites, problems) if ASSETS in files else ()
    warnings = problems.check()
    return Inventory(
        sites=sites.sites,
        groups=sites.groups,
        zones=sites.zones,
        sensors=sites.sensors,
        translations=sites.translations,
        relays=sites.relays,
        assets=assets,
        realms=sites.realms,
        sha256=files_sha256(files),
        warnings=warnings,
    )


def files_sha256(files: Mapping[str, bytes]) -> str:
    """One hash over a set of files: names, sizes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name]
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
