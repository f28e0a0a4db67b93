from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown
from sekisho.app.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_was_refused_of_its_collection_is_seen_at_the_terminal(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "Collection-th-plc.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("client_info.json", '{"Hostname": "th-plc"}')
        made.writestr("results/Windows.Sys.Programs.json", "")
        made.writestr("uploads/../../../etc/cron.d/x", "evil")
        made.writestr("results/Windows.System.Services.json", "0" * 5_000_000)
    log = tmp_path / "edr.ndjson"
    log.write_text('{"hostname": "th-plc", "table": "startup_items", "rows": []}\n{torn\n')
    take_in(workspace, [listed, packed, log], now=NOW, by="ken")
    document = shown(workspace, "th-plc", now=NOW)
    (one,) = document.set_aside
    assert (one.file, one.at, one.parts) == ("Collection-th-plc.zip", NOW, 2)
    assert one.first[0] == "part 3: has a name that leads out of the collection"
    assert "bomb" in one.first[1]
    assert {a.check: a.outcome for a in document.answers}["services"] == "failed"
    # Another's collection is another's.
    assert shown(workspace, "jp-pc1", now=NOW).set_aside == ()
