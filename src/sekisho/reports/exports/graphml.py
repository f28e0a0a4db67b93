"""Hosts and steps as a graph for Gephi, yEd, Cytoscape and the like (GraphML).

Edges run the way control went, whoever opened the session; what left runs the way the bytes went.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, TextIO

import rustworkx
from rich.console import Console

from sekisho.model.findings import rfc3339
from sekisho.model.incidents import Exfiltration, InvestigationDocument
from sekisho.reports.base import Options
from sekisho.reports.formats.stream import stream_of, xml_text
from sekisho.reports.naming import Names, holdings
from sekisho.reports.steps import Step, service_of, steps
from sekisho.reports.text import printable

_library: Any = rustworkx
"""Its type stubs lack the keys of GraphML."""
_TEXT, _WHOLE = _library.GraphMLType.String, _library.GraphMLType.Long
_REAL, _FLAG = _library.GraphMLType.Double, _library.GraphMLType.Boolean
_GRAPH = {"incident": _TEXT, "title": _TEXT, "begin": _TEXT, "end": _TEXT}
_NODE = {
    "label": _TEXT, "address": _TEXT, "realm": _TEXT, "asset": _TEXT, "site": _TEXT, "country": _TEXT,
    "role": _TEXT, "since": _TEXT, "since_kind": _TEXT, "entry_rank": _WHOLE, "entry_share": _REAL,
    "external": _FLAG, "keeps": _TEXT,
}  # fmt: skip
_EDGE = {
    "order": _WHOLE, "type": _TEXT, "at": _TEXT, "at_kind": _TEXT, "control": _TEXT, "initiator": _TEXT,
    "protocol": _TEXT, "port": _WHOLE, "service": _TEXT, "technique": _TEXT, "technique_name": _TEXT,
    "verdict": _TEXT, "role": _TEXT, "likelihood": _REAL, "onset": _TEXT, "onset_kind": _TEXT, "paths": _TEXT,
    "sessions": _WHOLE, "bytes_out_low": _WHOLE, "bytes_out_high": _WHOLE, "bytes_in_low": _WHOLE,
    "bytes_in_high": _WHOLE, "account": _TEXT, "logons": _TEXT, "party": _TEXT,
    "through": _TEXT, "hidden_behind": _TEXT,
    "evidence": _TEXT, "why": _TEXT, "unobservable": _TEXT,
}  # fmt: skip
_KEYS = tuple(
    _library.GraphMLKey(f"{prefix}_{name}", domain, name, kind, None)
    for prefix, domain, table in (
        ("g", _library.GraphMLDomain.Graph, _GRAPH),
        ("n", _library.GraphMLDomain.Node, _NODE),
        ("e", _library.GraphMLDomain.Edge, _EDGE),
    )
    for name, kind in table.items()
)
End = tuple[str, str]


def write(document: InvestigationDocument, out: Console | TextIO, options: Options) -> None:
    """Write the graph."""
    with tempfile.TemporaryDirectory(prefix="sekisho-") as folder:
        path = Path(folder) / "graph"
        _library.write_graphml(graph(document, options), str(path), list(_KEYS))
        text = path.read_text(encoding="utf-8")
    stream = stream_of(out)
    stream.write(xml_text(text, stream) + "\n")


def graph(document: InvestigationDocument, options: Options) -> rustworkx.PyDiGraph[Any, Any]:
    """The graph: hosts by `[REALM:]ADDRESS`, steps in order of time, then what left."""
    title = document.incident.title if document.incident else None
    window = document.window
    attributes = {
        "incident": document.id,
        "title": title,
        "begin": rfc3339(window.begin) if window and window.begin else None,
        "end": rfc3339(window.end) if window and window.end else None,
    }
    made: rustworkx.PyDiGraph[Any, Any] = rustworkx.PyDiGraph(attrs=_clean(attributes))
    hosts = _Hosts(document, Names(document, options.times), made)
    for step in steps(document):
        origin = hosts.place(step.origin, step.origin_site)
        made.add_edge(
            origin, hosts.place(step.target, step.target_site), _clean(_step(step, hosts.names))
        )
    for one in document.exfiltration:
        origin = hosts.place((one.src_realm or "", one.src), one.src_site)
        target = hosts.place((one.dst_realm or "", one.dst), one.dst_site)
        made.add_edge(origin, target, _clean(_left(one)))
    return made


class _Hosts:
    """The nodes of a graph, each host once."""

    def __init__(
        self, document: InvestigationDocument, names: Names, made: rustworkx.PyDiGraph[Any, Any]
    ) -> None:
        self.names = names
        self._made = made
        self._at: dict[End, int] = {}
        self._scope = {(one.realm or "", one.address): one for one in document.scope.assets}
        self._countries = {place.site: place.country for place in document.places}
        self._entry = {
            (one.realm or "", one.address): one
            for one in (document.entry.candidates if document.entry else ())
        }

    def place(self, end: End, site: str | None) -> int:
        """The node of a host."""
        if end not in self._at:
            self._at[end] = self._made.add_node(_clean(self._node(end, site)))
        return self._at[end]

    def _node(self, end: End, site: str | None) -> dict[str, Any]:
        known, entry = self._scope.get(end), self._entry.get(end)
        site = (known.site if known else None) or site
        return {
            "id": self.names.address(end[1], end[0]),
            "label": self.names.end(end),
            "address": end[1],
            "realm": end[0] or None,
            "asset": known.asset if known else None,
            "site": site,
            "country": self._countries.get(site or ""),
            "role": known.role if known else None,
            "since": rfc3339(known.since) if known else None,
            "since_kind": known.since_kind if known else None,
            "entry_rank": entry.rank if entry else None,
            "entry_share": entry.share if entry else None,
            "external": known is None and site is None,
            "keeps": holdings(known.holds) or None if known else None,
        }


def _step(step: Step, names: Names) -> dict[str, Any]:
    hop = step.hop
    return {
        "order": step.number,
        "type": "hop",
        "at": rfc3339(hop.at),
        "at_kind": hop.at_kind,
        "control": hop.kind,
        "initiator": names.address(hop.src, hop.src_realm),
        "protocol": hop.protocol,
        "port": hop.port,
        "service": service_of(hop),
        "technique": hop.technique,
        "technique_name": hop.technique_name,
        "verdict": hop.verdict,
        "through": step.through or None,
        "hidden_behind": hop.hidden_behind.relay if hop.hidden_behind else None,
        "account": hop.account,
        "logons": hop.logons.answer if hop.logons else None,
        "role": hop.role,
        "likelihood": hop.likelihood,
        "onset": rfc3339(hop.onset.at) if hop.onset else None,
        "onset_kind": hop.onset.kind if hop.onset else None,
        "paths": ",".join(map(str, step.paths)),
        "sessions": hop.sessions,
        "bytes_out_low": hop.bytes_out.low if hop.bytes_out else None,
        "bytes_out_high": hop.bytes_out.high if hop.bytes_out else None,
        "bytes_in_low": hop.bytes_in.low if hop.bytes_in else None,
        "bytes_in_high": hop.bytes_in.high if hop.bytes_in else None,
        "evidence": "; ".join(f"{e.path}:{e.row}" for e in hop.evidence if e.path) or None,
        "why": "; ".join(factor.text for factor in hop.why) or None,
        "unobservable": hop.unobservable,
    }


def _left(one: Exfiltration) -> dict[str, Any]:
    return {
        "type": "exfiltration",
        "at": rfc3339(one.begin),
        "technique": one.technique,
        "technique_name": one.technique_name,
        "service": ", ".join(one.services) or None,
        "party": one.party,
        "likelihood": one.likelihood,
        "bytes_out_low": one.bytes.low,
        "bytes_out_high": one.bytes.high,
        "why": "; ".join(factor.text for factor in one.why) or None,
    }


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known, and in characters that XML 1.0 has."""
    return {k: _xml(v) if isinstance(v, str) else v for k, v in values.items() if v is not None}


def _xml(text: str) -> str:
    return printable(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
