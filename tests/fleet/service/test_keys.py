from __future__ import annotations

import re

from sekisho.fleet.service.keys import LENGTH, hashed, new


def test_keys_are_new_each_time_and_have_their_form() -> None:
    made = {new() for _ in range(100)}
    assert len(made) == 100
    assert LENGTH == 43
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", key) for key in made)


def test_a_hash_depends_on_the_pepper_and_on_what_it_is_of() -> None:
    found = {
        hashed("a", b"p" * 32, "node"),
        hashed("a", b"q" * 32, "node"),
        hashed("a", b"p" * 32, "enrol"),
        hashed("b", b"p" * 32, "node"),
    }
    assert len(found) == 4
    assert hashed("a", b"p" * 32, "node") in found
