"""The script on the gateway, in a network of its own: what two at once, and one after the other, come to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sekisho.contain.gateways.ssh import script

FUNCTIONS = (
    'g() { ./gate "$@"; }; a() { ./gate apply "$1" "$2" "$(sha256sum <"$3" | cut -d " " -f 1)" <"$3"; }'
)
TABLE = "table inet sekisho\ndelete table inet sekisho\ntable inet sekisho {{\n\tcounter {0}_cut {{ }}\n}}\n"


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The script where it lies, with two texts beside it."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.geteuid() != 0 or shutil.which("nft") is None:
        pytest.skip("needs root and nft: scripts/system-packages.sh, as continuous integration does")
    place = tmp_path / "gate"
    place.mkdir()
    (place / "gate").write_text(script())
    (place / "gate").chmod(0o700)
    for plan in ("p1", "p2"):
        (place / plan).write_text(TABLE.format(plan))
    return place


def run(place: Path, commands: str) -> str:
    """Commands on one gateway, `g` being the script and `a PLAN SECS FILE` its apply; what they print."""
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", f"cd {place}; {FUNCTIONS}; {commands}"],
        capture_output=True,
        text=True,
        env={**os.environ, "SEKISHO_GATE": str(place)},
        check=True,
    )
    return done.stdout


def test_a_timer_takes_back_only_what_it_was_started_for(gate: Path) -> None:
    told = run(
        gate,
        "a P-1 3 p1; g rollback P-1; a P-1 60 p1; sleep 4; g status; g rollback P-1",
    )
    assert "waiting P-1 " in told
    assert "expired" not in told, "the timer of the first took back the second"
    assert "expired P-2" in run(gate, "a P-2 1 p2; sleep 2; g status")


@pytest.mark.parametrize("jump", ["+1 day", "-1 day"])
def test_a_clock_that_jumps_makes_the_timer_neither_early_nor_late(gate: Path, jump: str) -> None:
    """The clock of the day as programs ask for it: nobody sets that of the machine that tests."""
    real = shutil.which("date")
    (gate / "bin").mkdir()
    lying = f'#!/bin/sh\n[ -e {gate}/jumped ] && exec {real} -d \'{jump}\' "$@"\nexec {real} "$@"\n'
    (gate / "bin" / "date").write_text(lying)
    (gate / "bin" / "date").chmod(0o700)
    text = script()
    assert "\nPATH=/usr/sbin" in text
    (gate / "gate").write_text(text.replace("\nPATH=", f"\nPATH={gate}/bin:", 1))
    asked = "PATH=$PWD/bin:$PATH; date +%j; a P-1 3 p1; touch jumped; date +%j; "
    told = run(gate, f"{asked} sleep 1; g status; sleep 3; echo later; g status")
    assert len(set(re.findall(r"^\d{3}$", told, re.M))) == 2, "it did not jump"
    before, after = told.split("later")
    assert re.search("^waiting P-1 [12]$", before, re.M), before
    assert "expired P-1" in after
    assert "waiting" not in after


def test_two_at_once_do_not_mix_their_texts(gate: Path) -> None:
    held = "flock lock sleep 1 & sleep 0.2; "
    both = "(a P-1 60 p1 || :) & sleep 0.2; (a P-2 60 p2 || :) & wait; "
    told = run(gate, held + both + "cut -d ' ' -f 1 waiting; nft list table inet sekisho; g status")
    (plan,) = {line for line in told.splitlines() if line in ("P-1", "P-2")}
    name = plan.replace("-", "").lower()
    assert f"counter {name}_cut" in told
    assert (gate / "current.nft").read_text() == TABLE.format(name)
    assert "drift no" in told


def test_a_text_that_did_not_come_whole_changes_nothing(gate: Path) -> None:
    """Its first lines alone are a table that cuts nothing: loaded, they would open what is held."""
    told = run(
        gate,
        "a P-1 60 p1; g confirm P-1; "
        "head -n 2 p2 | g apply P-2 60 $(sha256sum <p2 | cut -d ' ' -f 1) || echo refused $?; "
        "nft list table inet sekisho; g status",
    )
    assert "refused 65" in told
    assert "counter p1_cut" in told
    assert "waiting" not in told


def test_a_sender_that_stalls_does_not_keep_the_timer_from_its_work(gate: Path) -> None:
    told = run(gate, "a P-1 2 p1; sleep 5 | g apply P-2 60 x & sleep 4; g status; wait")
    assert "expired P-1" in told
    assert "waiting" not in told


def test_a_timer_whose_nft_fails_tries_again(gate: Path) -> None:
    """What was before is spoiled, as a full disk or an upgrade might, and mended again."""
    told = run(
        gate,
        "a P-1 1 p1; cp before.nft mended; echo nonsense >before.nft; sleep 2; g status; "
        "cp mended before.nft; sleep 6; g status",
    )
    first, second = told.split("drift", 1)
    assert "waiting P-1" in first
    assert "expired P-1" in second


def test_only_elements_of_its_sets_are_exemptions(gate: Path) -> None:
    for text in ("flush ruleset", "add element inet sekisho exempt4 { 1.1.1.1 } ; flush ruleset"):
        told = run(gate, f"printf '%s\\n' '{text}' | g exempt || echo refused $?")
        assert told == "refused 64\n"
