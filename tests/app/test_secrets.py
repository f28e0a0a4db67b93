from __future__ import annotations

import copy
from pathlib import Path

import pytest

from sekisho.app.secrets import MASK, Secret, SecretReference, permission_problem
from sekisho.errors import RequestError


def from_file(root: Path) -> str:
    return SecretReference(file="key").read(root, {}).reveal()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    return path


def test_a_secret_is_shown_nowhere() -> None:
    secret = Secret("hunter2")
    assert {str(secret), f"{secret}", f"{secret:>20}", "%s" % secret} == {MASK}  # noqa: UP031
    assert "hunter2" not in repr([secret])
    assert secret == Secret("hunter2") != Secret("x")
    assert secret != "hunter2"
    with pytest.raises(TypeError, match="not pickled or copied"):
        copy.copy(secret)
    assert secret.reveal() == "hunter2"


def test_one_place_and_one_only() -> None:
    for wrong in ({}, {"env": "A", "file": "b"}, {"env": "A B"}, {"file": ""}, {"text": "x"}):
        with pytest.raises(ValueError, match="validation error"):
            SecretReference.model_validate(wrong)
    assert str(SecretReference(env="DB")) == "env DB"
    assert str(SecretReference(file="db.txt")) == "file db.txt"


def test_from_the_environment(tmp_path: Path) -> None:
    assert SecretReference(env="DB").read(tmp_path, {"DB": "x"}).reveal() == "x"
    for environ in ({}, {"DB": ""}):
        with pytest.raises(RequestError, match="no DB"):
            SecretReference(env="DB").read(tmp_path, environ)


@pytest.mark.parametrize(("text", "value"), [("x\n", "x"), ("x\r\n", "x"), (" x \n\n", " x \n")])
def test_one_end_of_line_is_dropped(key: Path, text: str, value: str) -> None:
    key.write_bytes(text.encode())
    assert from_file(key.parent) == value


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644])
def test_a_file_that_others_may_read_or_change(key: Path, mode: int) -> None:
    key.write_text("hunter2")
    key.chmod(mode)
    with pytest.raises(RequestError, match=f"mode {mode:o}") as error:
        from_file(key.parent)
    assert error.value.mend == f"chmod 600 {key}"
    key.chmod(0o640)
    assert permission_problem(key) is None, "a group may be meant"


def test_files_that_hold_none(key: Path) -> None:
    for content, message in (
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"x" * 70_000, "larger"),
        (b"hunter2\xff", "not UTF-8"),
    ):
        key.write_bytes(content)
        with pytest.raises(RequestError, match=message) as error:
            from_file(key.parent)
        assert "hunter2" not in str(error.value)
        assert error.value.__cause__ is None
    key.unlink()
    with pytest.raises(RequestError, match="cannot read"):
        from_file(key.parent)
    key.mkdir()
    with pytest.raises(RequestError, match="is not a file"):
        from_file(key.parent)
