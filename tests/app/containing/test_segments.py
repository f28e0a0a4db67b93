from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.containing.segments import render_policy
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError


def test_the_register_for_one_gateway(contained: Workspace, now: datetime, tmp_path: Path) -> None:
    text = (contained.root / "gateways.yaml").read_text()
    (contained.root / "gateways.yaml").write_text(
        text.replace('    management: "th-plant/* -> 10.40.0.1 : tcp/22"\n', "")
    )
    written = render_policy(contained, "th-gw", None, tmp_path / "out", now=now, by="aiko")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["th-gw.sekisho-policy.nft"]
    rules = written.files["th-gw"].read_text()
    assert "table inet sekisho_policy {" in rules
    assert "10.40.2.10 . 10.1.20.0/28 . 6 . 8443" in rules
    assert "render it again" in written.notes[-1]


def test_a_register_that_would_lock_out_is_refused(
    contained: Workspace, now: datetime, tmp_path: Path
) -> None:
    path = contained.root / "gateways.yaml"
    path.write_text(path.read_text().replace("th-plant/* -> 10.40", "jp-hq/* -> 10.40"))
    with pytest.raises(Refused, match="would cut how th-gw is managed"):
        render_policy(contained, "th-gw", None, tmp_path / "out", now=now, by="aiko")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("gateway", "platform"), [("nobody", None), ("th-gw", "nothing")])
def test_names_that_nobody_knows(
    contained: Workspace, now: datetime, tmp_path: Path, gateway: str, platform: str | None
) -> None:
    with pytest.raises(RequestError, match=gateway if platform is None else "no platform"):
        render_policy(contained, gateway, platform, tmp_path, now=now, by="aiko")
