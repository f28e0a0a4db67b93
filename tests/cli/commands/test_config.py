from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_every_value_and_its_origin(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_AUDIT_FAIL_ON", "high")
    monkeypatch.setenv("DB", "postgresql://u:hunter2@h/db")
    (company / "sekisho.toml").write_text(
        'name = "Acme"\n[store]\nthreads = 1\n[state]\nurl = {env = "DB"}\n'
    )
    ran = sekisho("--workspace", company, "config", "show", "-f", "json")
    assert ran.status == 0
    assert "hunter2" not in ran.out + ran.err
    rows = json.dumps(json.loads(ran.out))
    assert "sekisho.toml:1" in rows
    assert "sekisho.toml:3" in rows
    assert "SEKISHO_AUDIT_FAIL_ON" in rows


def test_a_wrong_key_is_located(company: Path, sekisho: Callable[..., Any]) -> None:
    (company / "sekisho.toml").write_text('[audit]\nfail_onn = "high"\n')
    ran = sekisho("--workspace", company, "config", "show")
    assert ran.status == 2
    assert "sekisho.toml:2:1" in ran.err
    assert "fail_on" in ran.err
