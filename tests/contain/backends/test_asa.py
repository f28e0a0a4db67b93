from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.contain.backends import cisco_text
from tests.contain.backends.packets import Packet, agrees, opens, plan

from sekisho.contain.backends.asa import Asa
from sekisho.model.restrictions import Restriction


def reads(text: str) -> Callable[[Packet], bool]:
    """The list as the entries of each family, in which a mask says what counts."""
    lists: dict[int, list[str]] = {4: [" access-list"], 6: [" access-list"]}
    for line in text.splitlines():
        words = line.split()
        if words[2:3] != ["extended"]:
            continue
        entry = words[3:]
        six = any(":" in word or word == "any6" for word in entry)
        masks = {"0.0.0.0", *(word for word in entry if word.startswith("255."))}
        flipped = [
            ".".join(str(255 - int(part)) for part in word.split("."))
            if word in masks and n and entry[n - 1].count(".") == 3
            else word.replace("any6", "any")
            for n, word in enumerate(entry)
        ]
        everybody = entry == ["permit", "ip", "any", "any"]
        for family in (4, 6) if everybody else (6,) if six else (4,):
            lists[family].append(" " + " ".join(flipped))
    return cisco_text.reads(
        "\n".join(["ip access-list x", *lists[4][1:], "ipv6 access-list x", *lists[6][1:]])
    )


def test_what_begins_passes_where_the_model_says_so() -> None:
    agrees("cisco-asa", reads, opens, ("both", "in", "out"))


def test_it_is_bound_again_where_gateways_yaml_says() -> None:
    proposal, order = plan("cisco-asa", [Restriction(("site:th",))])
    rendered = proposal.told[0].rendered
    assert rendered is not None
    assert "access-group" not in rendered.text
    assert any("unbinds" in note for note in rendered.notes)
    assert any("clear conn" in note for note in rendered.notes)
    bound = replace(order, gateway=replace(order.gateway, interfaces=("outside", "inside")))
    text = Asa().render(bound)
    assert text.text.endswith(
        "access-group sekisho out interface outside\naccess-group sekisho out interface inside\n"
    )
    assert not any("unbinds" in note for note in text.notes)


def test_without_restrictions_everything_passes() -> None:
    _, order = plan("cisco-asa", [Restriction(("site:th",))])
    text = Asa().render(replace(order, held=())).text
    assert "deny" not in text
    assert text.count("permit ip any any") == 1
