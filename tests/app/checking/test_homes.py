from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.app.checking.conftest import UUID
from tests.app.checking.test_contacts import enrolling

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.homes import EVERY, Homes
from sekisho.app.checking.intake import take_in
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_who_is_in_no_inventory_does_not_count_and_each_is_where_the_register_has_it(
    workspace: Workspace, listed: Path
) -> None:
    at = [0.0]
    with open_decisions(workspace) as decisions:
        homes = Homes(workspace, decisions, lambda: at[0])
        with decisions.state.nodes().batch() as batch:
            asking = [enrolling("jp-pc1", UUID), enrolling("th-plc"), enrolling("evil")]
            batch.enrol([(one, "S-1") for one in asking], {}, NOW, 9)
        homes.look(NOW)
        # Nobody is of an inventory that is not there: all count, where their address is.
        assert [(n, site) for n, _, site, _ in homes.nodes()] == [(str(n), "jp-hq") for n in (1, 2, 3)]
        take_in(workspace, [listed], now=NOW, by="ken")
        at[0] = EVERY
        # Nothing runs for which it would matter.
        homes.look(NOW)
        assert decisions.state.homes().all() == {}
        begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
        homes.look(NOW)
        numbers = {n.who.hostname: n.id for n in decisions.state.nodes().nodes()}
        assert decisions.state.homes().all() == {
            numbers["jp-pc1"]: "jp-hq",
            numbers["th-plc"]: "th-plant",
        }
        assert [(n, names, site) for n, names, site, _ in homes.nodes()] == [
            (str(numbers["jp-pc1"]), ("10.1.0.5", "jp-pc1"), "jp-hq"),
            (str(numbers["th-plc"]), ("10.1.0.5", "th-plc"), "th-plant"),
        ]
        # Not again at once: it costs as much as looking at the whole fleet.
        decisions.state.homes().keep({})
        homes.look(NOW)
        assert decisions.state.homes().all() == {}


def test_a_register_that_cannot_be_read_leaves_what_was_known(workspace: Workspace) -> None:
    with open_decisions(workspace) as decisions:
        homes = Homes(workspace, decisions)
        with decisions.state.nodes().batch() as batch:
            batch.enrol([(enrolling("jp-pc1", UUID), "S-1")], {}, NOW, 9)
        homes.look(NOW)
        (workspace.root / "sites.yaml").write_text("sites: [\n")
        homes.look(NOW)
        assert [site for _, _, site, _ in homes.nodes()] == ["jp-hq"]
