"""Read back with a parser of XML and with networkx, which shares no code with what writes it."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest
from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import HOSTILE

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.base import Options
from sekisho.reports.registry import render


def text(document: InvestigationDocument, encoding: str = "utf-8") -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    render(document, "graphml", stream, Options())
    stream.flush()
    return raw.getvalue()


def read(document: InvestigationDocument) -> Any:
    return networkx.read_graphml(io.BytesIO(text(document)), force_multigraph=True)


def test_hosts_and_steps_with_what_is_known_of_them() -> None:
    graph = read(ordinary())
    assert graph.is_directed()
    assert graph.graph["incident"] == "INC-1"
    host = graph.nodes["10.40.9.9"]
    assert (host["label"], host["site"], host["country"], host["role"]) == (
        *("th-app02", "th-plant", "TH"),
        "confirmed",
    )
    assert (host["entry_rank"], host["external"], host["since_kind"]) == (1, False, "on_or_before")
    assert graph.nodes["203.0.113.9"]["external"] is True
    edges = sorted(graph.edges(data=True), key=lambda edge: edge[2].get("order", 99))
    assert [edge[:2] for edge in edges] == [
        ("203.0.113.9", "10.40.9.9"),
        ("10.40.9.9", "10.1.10.96"),
        ("10.1.10.96", "10.1.10.5"),
        ("10.1.10.5", "10.60.1.7"),
        ("10.1.10.96", "198.51.100.77"),
    ]
    first = edges[0][2]
    assert (first["control"], first["initiator"], first["paths"]) == ("reverse", "10.40.9.9", "1,2")
    assert (edges[1][2]["port"], edges[1][2]["likelihood"]) == (445, 0.97)
    assert (edges[1][2]["account"], edges[1][2]["logons"]) == ("CORP\\anong", "seen")
    assert edges[1][2]["at_kind"] == "observed"
    assert (edges[1][2]["at"], edges[1][2]["onset_kind"]) == ("2020-06-04T12:00:00.250000Z", "observed")
    assert edges[3][2]["unobservable"].startswith("jp-edge")
    left = edges[4][2]
    assert (left["type"], left["bytes_out_low"]) == ("exfiltration", 4_100_000_000)
    assert (left["party"], left["service"]) == ("a file service", "https")


def test_keys_have_names_of_their_own() -> None:
    root = ElementTree.fromstring(text(ordinary()))
    names = [key.get("id") for key in root.iter("{http://graphml.graphdrawing.org/xmlns}key")]
    assert len(names) == len(set(names)) > 30


def test_hostile_names_are_text() -> None:
    document = large()
    asset = document.scope.assets[0].model_copy(update={"asset": "\ufffe\x00]]>&<"})
    odd = document.scope.model_copy(update={"assets": (asset, *document.scope.assets[1:])})
    document = document.model_copy(update={"scope": odd})
    raw = text(document)
    assert b"<script" not in raw
    assert b"\x1b" not in raw
    graph = networkx.read_graphml(io.BytesIO(raw), force_multigraph=True)
    labels = {data["label"] for _, data in graph.nodes(data=True)}
    assert "\\ufffe\\x00]]>&<" in labels
    assert any(label.startswith(HOSTILE[:20]) for label in labels)


@pytest.mark.parametrize("document", [nothing(), ordinary(), large()])
def test_the_same_document_gives_the_same_bytes(document: InvestigationDocument) -> None:
    assert text(document) == text(document)
    assert ElementTree.fromstring(text(document, "ascii")) is not None
    assert text(document, "ascii").isascii()


def test_relays_are_told_of_their_edges() -> None:
    edges = {data["order"]: data for *_, data in read(relayed()).edges(data=True) if "order" in data}
    assert (edges[1]["hidden_behind"], "through" in edges[1]) == ("proxy-1", False)
    assert edges[2]["through"] == "jump-1 (10.1.0.9)"
