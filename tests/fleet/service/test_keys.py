from __future__ import annotations

from sekisho.fleet.service.keys import LENGTH, has_form, hashed, new


def test_keys_are_new_each_time_and_have_their_form() -> None:
    made = {new() for _ in range(100)}
    assert len(made) == 100
    assert all(has_form(key) and len(key) == LENGTH for key in made)
    assert not has_form("x" * 42)
    assert not has_form("x" * 42 + "\0")


def test_a_hash_depends_on_the_pepper_and_on_what_it_is_of() -> None:
    found = {
        hashed("a", b"p" * 32, "node"),
        hashed("a", b"q" * 32, "node"),
        hashed("a", b"p" * 32, "enrol"),
        hashed("b", b"p" * 32, "node"),
    }
    assert len(found) == 4
    assert hashed("a", b"p" * 32, "node") in found
