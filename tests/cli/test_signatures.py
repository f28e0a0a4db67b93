from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.cli.session import Session
from sekisho.cli.signatures import signed
from sekisho.errors import RequestError

ARMOUR = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"


def text() -> bytes:
    return b"sekisho [bold]plan P-1\n"


def test_what_is_to_be_signed_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert signed(Session(), text, None, None, message=True) is None
    assert capsys.readouterr().out == text().decode()


def test_what_was_signed_elsewhere_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.sig"
    file.write_text(ARMOUR)
    assert signed(Session(), text, None, file, message=False) == ARMOUR


@pytest.mark.parametrize(
    ("key", "signature", "message"),
    [(None, None, False), (Path("k"), Path("s"), False), (Path("k"), None, True)],
)
def test_it_is_said_in_one_way_how(key: Path | None, signature: Path | None, message: bool) -> None:
    asked: list[None] = []

    def never() -> bytes:
        asked.append(None)
        return b""

    with pytest.raises(RequestError) as caught:
        signed(Session(), never, key, signature, message=message)
    assert "--signature FILE" in caught.value.mend
    assert not asked, "nothing is looked up for a question that is wrong"
