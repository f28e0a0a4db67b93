from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.audit.coverage import Coverage, Hours
from sekisho.inventory.files import load_inventory
from sekisho.investigate.relays.sight import Watch

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
SITES = """\
sites:
  a: {name: a, country: JP, owner: it, prefixes: [10.1.0.0/16]}
  b: {name: b, country: TH, owner: it, prefixes: [10.2.0.0/16]}
groups: {a/admins: [10.1.7.0/24]}
sensors: {a-edge: {site: a, kind: zeek, sees: [SEES]}}
relays: {jump: {kind: jump, addresses: 10.1.0.1SERVES}}
"""


def reason(
    folder: Path, *, sees: str = "edge", serves: str = "", clients: tuple[str, ...] = (), at: int = 5
) -> str | None:
    text = SITES.replace("SEES", sees).replace("SERVES", f", serves: [{serves}]" if serves else "")
    (folder / "sites.yaml").write_text(text)
    inventory = load_inventory(folder)
    coverage = Coverage({"a-edge": (Hours(0, 10, "seen", 9, ""),)}, 0, 20)
    watch = Watch(inventory.relays["jump"], "a", clients, inventory, coverage)
    return watch.unseen(EPOCH + timedelta(hours=at))


@pytest.mark.parametrize("serves", ["", "a", "a/admins", "b, 10.1.7.0/24"])
def test_an_edge_does_not_show_clients_of_the_site_itself(tmp_path: Path, serves: str) -> None:
    assert "inside a" in (reason(tmp_path, serves=serves) or "")
    assert reason(tmp_path, serves=serves, sees="edge, inside") is None
    assert reason(tmp_path, serves=serves, clients=("a",)) is None


def test_where_others_alone_are_served_the_edge_is_enough_while_it_is_watched(tmp_path: Path) -> None:
    assert reason(tmp_path, serves="b") is None
    assert "not watched" in (reason(tmp_path, serves="b", at=15) or "")
