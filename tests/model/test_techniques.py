"""Technique ids are well formed, and each sub-technique's name begins with its technique's."""

import re

from sekisho.model.techniques import TECHNIQUES, technique_name, url_of


def test_ids_are_those_of_attack() -> None:
    for identity in TECHNIQUES:
        assert re.fullmatch(r"T\d{4}(\.\d{3})?", identity)
    assert technique_name("T1021.001") == "Remote Services: Remote Desktop Protocol"
    assert technique_name("T9999") == "T9999"


def test_a_sub_technique_is_named_after_its_technique() -> None:
    for identity, name in TECHNIQUES.items():
        parent = TECHNIQUES.get(identity.partition(".")[0])
        if "." in identity and parent:
            assert name.startswith(f"{parent}: ")


def test_where_mitre_describes_it() -> None:
    assert url_of("T1021.002") == "https://attack.mitre.org/techniques/T1021/002"
    assert url_of("T1133") == "https://attack.mitre.org/techniques/T1133"
