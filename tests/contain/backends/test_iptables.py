from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contain.backends.iptables_text import reads
from tests.contain.backends.packets import agrees, back, opens, plan

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.iptables import Iptables
from sekisho.model.restrictions import Restriction

DIRECTIONS = ("both", "in", "out")


def test_what_begins_passes_where_the_model_says_so() -> None:
    agrees("iptables", reads, opens, DIRECTIONS)


def test_answers_pass_where_what_they_answer_does() -> None:
    agrees(
        "iptables",
        lambda text: reads(text, "REPLY"),
        lambda order, packet: opens(order, back(packet)),
        DIRECTIONS,
    )


def test_it_never_accepts() -> None:
    proposal, order = plan("iptables", [Restriction(("site:th",), allow=("REMOTE", "EDI"))])
    rendered = proposal.told[0].rendered
    assert rendered is not None
    assert "ACCEPT" not in rendered.text
    assert "-P " not in rendered.text
    assert "-F" not in rendered.text
    empty = Iptables().render(replace(order, held=())).text
    assert "\n-A" not in empty
    assert ":sekisho - [0:0]" in empty


def test_ports_are_said_fifteen_at_a_time() -> None:
    _, order = plan("iptables", [Restriction(("site:th",), allow=("EDI",))])
    severed = order.held[0].severed
    spans = tuple((6 << 16 | port, 6 << 16 | port + 1) for port in range(10, 110, 5))
    kept = replace(severed.kept[0], spans=spans)
    order = replace(order, held=(replace(order.held[0], severed=replace(severed, kept=(kept,))),))
    text = Iptables().render(order).text
    lines = [line for line in text.splitlines() if "--dports" in line]
    assert len(lines) == 6
    assert all(line.split("--dports ")[1].split()[0].count(":") <= 7 for line in lines)
    sctp = replace(kept, spans=((33 << 16 | 5, 33 << 16 | 5), (200 << 16 | 5, 200 << 16 | 5)))
    order = replace(order, held=(replace(order.held[0], severed=replace(severed, kept=(sctp,))),))
    assert "-p 33 -m multiport" in Iptables().render(order).text


def test_sessions_cannot_run_out() -> None:
    with pytest.raises(CannotExpress, match="cannot let the open sessions"):
        Iptables().render(plan("iptables", [Restriction(("site:th",), existing="drain")])[1])
