from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.model.addresses import text_of
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

T0 = 1_590_969_600
DAY = 86_400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_roll_ups_equal_a_plain_count(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
    seed: int,
) -> None:
    dice = random.Random(seed)
    lines, plain = [], defaultdict(lambda: [0, 0, 0])
    for n in range(400):
        at = T0 + dice.randrange(3 * DAY) + 0.5
        src = dice.choice(["10.1.0.1", "10.1.0.2", "2001:db8::1"])
        dst = "2001:db8::9" if ":" in src else dice.choice(["10.2.0.1", "10.2.0.2"])
        port, state, size = dice.choice([22, 443]), dice.choice(["SF", "S0"]), dice.randrange(1, 5000)
        lines.append((at, zeek_conn(at, f"C{n}", src, 1024 + n, dst, port, state=state, size=size)))
        entry = plain[int(at) // DAY, src, dst, port]
        entry[0] += 1
        entry[1] += state == "SF"
        entry[2] += size + 400 if state == "SF" else 60
    lake = lake_of({"edge": "".join(text for _, text in sorted(lines))})
    found = defaultdict(lambda: [0, 0, 0])
    for row in rollup(lake):
        ends = [text_of(row[f"{end}_hi"], row[f"{end}_lo"]) for end in ("src", "dst")]
        entry = found[(row["day"] - date(1970, 1, 1)).days, *ends, row["port"]]
        entry[0] += row["flows"]
        entry[1] += row["established"]
        entry[2] += row["bytes_out"]
    assert {k: tuple(v) for k, v in found.items()} == {k: tuple(v) for k, v in plain.items()}


def test_no_lake_and_a_newer_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        Lake.open(tmp_path / "none")
    lake = Lake.open(tmp_path / "lake", create=True)
    lake.close()
    (tmp_path / "lake" / "VERSION").write_text("99\n")
    with pytest.raises(RequestError, match="has version 99"):
        Lake.open(tmp_path / "lake")


def test_a_lake_whose_making_was_killed_is_made_and_one_that_lost_its_version_is_not(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], tmp_path: Path
) -> None:
    Lake.open(tmp_path / "lake", create=True).close()
    (tmp_path / "lake" / "VERSION").unlink()
    with lake_of({"edge": zeek_conn(T0 + 1.5, "C1", "10.1.0.1", 1, "10.2.0.1", 22)}) as lake:
        assert lake.stats().flows == 1
    (tmp_path / "lake" / "VERSION").unlink()
    with pytest.raises(IntegrityError, match="no VERSION file"):
        Lake.open(tmp_path / "lake", create=True)


def test_every_step_is_told_once_in_order(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str]
) -> None:
    told: list[str] = []
    lake_of({"edge": zeek_conn(T0 + 1.5, "C1", "10.1.0.1", 1, "10.2.0.1", 22)}, steps=told.append)
    assert [told.index(s) for s in ("staged", "synced", "renamed", "placed", "recorded")] == sorted(
        told.index(s) for s in ("staged", "synced", "renamed", "placed", "recorded")
    )


def test_a_clock_that_jumps_back_takes_nothing_away(
    tmp_path: Path, take: Callable[..., bool], flow: Callable[..., Any], always: Callable[..., Any]
) -> None:
    """Of what was replaced, nothing goes before its time; what comes later counts all the same."""
    times = iter([9_000_000_000_000, 8_000_000_000_000, 7_000_000_000_000])
    now = [10_000_000_000_000]

    def clock() -> int:
        now[0] = next(times, now[0] - 3_600_000_000)
        return now[0]

    with Lake.open(tmp_path / "lake", create=True, threads=1, clock=clock) as lake:
        for number in range(4):
            take(lake, "edge", [flow(sport=number + 1, at=60 * number)], f"{number}.log")
            lake.refresh()
        with lake.stage(None, None) as stage:
            assert stage.judge(always(Rank.UNAUTHORIZED)).violations["flows"].to_pylist() == [4]
        assert lake.verify() == []
        replaced = [path for (path,) in lake._connection.execute("SELECT path FROM garbage")]
        assert len(replaced) == 3
        assert all((tmp_path / "lake" / path).exists() for path in replaced)
