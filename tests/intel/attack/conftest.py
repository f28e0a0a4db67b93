"""A small ATT&CK of our own, in MITRE's shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Object = dict[str, Any]


def pattern(name: str, title: str, *tactics: str, **more: Any) -> Object:
    return {
        "type": "attack-pattern",
        "id": f"attack-pattern--{name}",
        "name": title,
        "external_references": [{"source_name": "mitre-attack", "external_id": name}],
        "kill_chain_phases": [
            {"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in tactics
        ],
        "modified": "2025-04-15T19:58:01.218Z",
        **more,
    }


def collection(version: str = "18.1", name: str = "Enterprise ATT&CK") -> Object:
    return {
        "type": "x-mitre-collection",
        "id": "x-mitre-collection--1",
        "name": name,
        "x_mitre_version": version,
        "modified": "2025-11-13T14:00:00.188Z",
    }


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Path]:
    """A file of these objects, as a bundle."""

    def write(*objects: Object, name: str = "bundle.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}))
        return path

    return write
