from __future__ import annotations

from sekisho.fleet.words import legible


def test_what_does_not_print_is_a_sign_of_its_own() -> None:
    assert (
        legible("no table\x1b[2J\u202e\ud800\n日本", 300) == "no table\ufffd[2J\ufffd\ufffd\ufffd日本"
    )


def test_no_more_than_was_asked_for() -> None:
    assert legible("a" * 10, 3) == "aaa"
