"""Reading the register: policy.yaml and policy/*.yaml, merged, every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.inventory.documents import Document, read_document
from sekisho.inventory.files import files_sha256, read_bytes
from sekisho.inventory.located import Problems
from sekisho.inventory.register import Inventory
from sekisho.model.rules import Policy
from sekisho.policy.reading import Reading

MAX_FILES = 2_000
SENTENCES = ("allow", "deny")


def load_policy(root: Path, inventory: Inventory) -> Policy:
    """Read the register of the workspace at `root`; without any file it is empty.

    Raises FileProblems with every problem where one is an error.
    """
    return parse_policy(policy_files(root), inventory)


def policy_files(root: Path) -> dict[str, bytes]:
    """The bytes of policy.yaml and policy/*.yaml (or .yml), by path relative to `root`."""
    single = root / "policy.yaml"
    if single.exists() and not single.is_file():
        raise RequestError(f"{single} is not a file", "write several files into the folder policy/")
    paths = [single] if single.is_file() else []
    folder = root / "policy"
    if folder.is_dir():
        paths += sorted(
            path
            for path in folder.iterdir()
            if path.suffix in (".yaml", ".yml") and path.is_file() and not path.name.startswith(".")
        )
    if len(paths) > MAX_FILES:
        raise RequestError(f"{folder} holds {len(paths)} files", f"at most {MAX_FILES} are read")
    return {path.relative_to(root).as_posix(): read_bytes(path) for path in paths}


def parse_policy(files: Mapping[str, bytes], inventory: Inventory) -> Policy:
    """The register that those files make. Raises FileProblems with everything that is wrong."""
    problems = Problems()
    documents: list[Document] = []
    for name in sorted(files):
        document, found = read_document(name, files[name], SENTENCES)
        problems.extend(found)
        documents.append(document)
    reading = Reading(inventory, problems)
    for document in documents:
        reading.services_of(document)
    for document in documents:
        reading.rules_of(document)
    problems.check()
    return Policy(
        rules=tuple(reading.rules),
        tests=tuple(reading.tests),
        intra_site=reading.intra_site(),
        services=reading.services,
        sha256=files_sha256(files),
    )
