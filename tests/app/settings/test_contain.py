from __future__ import annotations

import pytest

from sekisho.app.settings.contain import people_of
from sekisho.app.settings.loading import parse
from sekisho.errors import FileProblems

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl aiko"


def test_people_with_their_keys() -> None:
    text = f'[people.aiko]\nkeys = ["{KEY}"]\nroles = ["approver"]\n[contain]\napprovals = 2\n'
    settings = parse(text, "sekisho.toml", {}).settings
    assert settings.contain.approvals == 2
    person = people_of(settings.people)["aiko"]
    assert person.roles == {"approver"}
    assert person.keys[0].fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[people.aiko]\nkeys = ["hello"]\n', "is no public key"),
        ('[people.aiko]\nroles = ["king"]\n', "people.aiko.roles"),
        ("[contain]\napprovals = 0\n", "contain.approvals"),
    ],
)
def test_what_is_wrong_has_its_line(text: str, message: str) -> None:
    with pytest.raises(FileProblems, match=message) as caught:
        parse(text, "sekisho.toml", {})
    assert caught.value.problems[0].line == 2
