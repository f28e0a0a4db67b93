from __future__ import annotations

import hashlib
import os
from pathlib import Path

from sekisho.ledger import torn


def test_bytes_are_kept_until_an_entry_names_them(tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    (tmp_path / "file").write_bytes(b"kept" + content)
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    torn.set_aside(tmp_path / "torn", descriptor, 4, 4 + len(content))
    torn.set_aside(tmp_path / "torn", descriptor, 4, 4 + len(content))
    os.close(descriptor)
    (found,) = torn.pending(tmp_path / "torn")
    assert found.body == {
        "file": found.path.with_suffix(".torn").name,
        "offset": 4,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    torn.recorded(found)
    assert list(torn.pending(tmp_path / "torn")) == []
    assert (tmp_path / "torn" / str(found.body["file"])).read_bytes() == content
