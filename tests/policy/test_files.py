from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.errors import FileProblems, RequestError
from sekisho.inventory.register import Inventory
from sekisho.policy.files import load_policy, parse_policy, policy_files

RULE = "connections: [{id: %s, allow: 'th/* -> jp/* : https'}]\n"


def test_one_file_and_a_folder_make_one_register(tmp_path: Path, world: Inventory) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy.yaml").write_text(RULE % "A")
    (tmp_path / "policy" / "b.yml").write_text(RULE % "B")
    (tmp_path / "policy" / "a.yaml").write_text(RULE % "C")
    (tmp_path / "policy" / ".draft.yaml").write_text("nonsense: [")
    (tmp_path / "policy" / "notes.txt").write_text("not a rule")
    found = load_policy(tmp_path, world)
    assert [(rule.id, rule.file, rule.line) for rule in found.rules] == [
        ("A", "policy.yaml", 1),
        ("C", "policy/a.yaml", 1),
        ("B", "policy/b.yml", 1),
    ]
    again = load_policy(tmp_path, world)
    assert again.sha256 == found.sha256
    (tmp_path / "policy" / "b.yml").write_text(RULE % "D")
    assert load_policy(tmp_path, world).sha256 != found.sha256


def test_without_a_file_the_register_is_empty(tmp_path: Path, world: Inventory) -> None:
    assert load_policy(tmp_path, world).rules == ()
    assert load_policy(tmp_path, world).sha256


def test_a_folder_named_policy_yaml_is_said(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").mkdir()
    with pytest.raises(RequestError, match="is not a file"):
        policy_files(tmp_path)


def test_everything_that_is_wrong_in_any_file_is_said_at_once(world: Inventory) -> None:
    files = {
        "policy.yaml": b"connections: [{id: A, allow: 'nowhere/* -> jp/* : https'}]",
        "policy/a.yaml": b"connections:\n\t- id: B",
        "policy/b.yaml": b"connections: [{id: A, allow: 'th/* -> jp/* : 70000'}]",
        "policy/c.yaml": b"\xff\xfe\x00",
    }
    with pytest.raises(FileProblems) as caught:
        parse_policy(files, world)
    found = {(p.file, p.code) for p in caught.value.problems}
    assert {file for file, _ in found} == set(files)
    assert ("policy.yaml", "rule/unknown-site") in found
    assert ("policy/b.yaml", "rule/id-twice") in found


def test_services_may_be_named_in_any_file(world: Inventory) -> None:
    found = parse_policy(
        {
            "policy/a.yaml": b"connections: [{id: A, allow: 'th/* -> jp/* : MES'}]",
            "policy/z.yaml": b"services: {mes: [tcp/9000, udp/9000-9001]}",
        },
        world,
    )
    assert found.services == {"mes": found.rules[0].services}
    assert [str(part) for part in found.rules[0].services] == ["tcp/9000", "udp/9000-9001"]


@pytest.mark.parametrize("text", [b"", b"# nothing yet\n", b"---\n", b"connections:\n", b"{}"])
def test_an_empty_file_is_no_mistake(world: Inventory, text: bytes) -> None:
    assert parse_policy({"policy.yaml": text}, world).rules == ()


def test_a_file_of_another_shape(wrongs: Callable[..., list[tuple[int, int, str, str]]]) -> None:
    assert [code for *_, code, _ in wrongs("- a\n- b\n")] == ["file/type"]
    assert [code for *_, code, _ in wrongs("connections: {a: b}\n")] == ["file/type"]
