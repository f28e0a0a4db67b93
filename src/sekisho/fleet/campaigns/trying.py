"""What a probe asks a terminal's osquery, and what its rows say: did a service answer.

Two of osquery's tables connect. `curl_certificate` gives a row for a TLS handshake that ended well, and none
for any other; `curl` gives a row for every URL, with a status only where an answer came. Both take the host up
to the first colon, so that no IPv6 address can be asked for. Source: osquery, curl.cpp and curl_certificate.cpp
(tables/networking); remote/http_client.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sekisho.model.probes import Trial

_TLS = (
    "SELECT 'tls' AS kind, hostname AS asked, sha256_fingerprint AS came"
    " FROM curl_certificate WHERE hostname = {}"
)
_HTTP = (
    "SELECT 'http' AS kind, url AS asked, CAST(response_code AS TEXT) AS came FROM curl WHERE url = {}"
)
_STATUS = re.compile(r"[1-5][0-9]{2}")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def question(trials: Iterable[Trial]) -> str:
    """One statement that tries all of them, in their order."""
    parts = ((_TLS if one.kind == "tls" else _HTTP).format(literal(one.asked)) for one in trials)
    return " UNION ALL ".join(parts)


def literal(text: str) -> str:
    """A text as SQLite takes one. Raises ValueError for what no service is asked by."""
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"{text!r} is no place of a service")
    return "'" + text.replace("'", "''") + "'"


def came(trials: Iterable[Trial], rows: Iterable[Mapping[str, str] | None]) -> dict[Trial, str]:
    """What each service that answered brought, in words. Rows may say anything: only what was asked, and can be
    an answer to it, counts."""
    asked: dict[tuple[str, str], Trial] = {(one.kind, one.asked): one for one in trials}
    found: dict[Trial, str] = {}
    for row in rows:
        if row is None:
            continue
        trial = asked.get((row.get("kind", ""), row.get("asked", "")))
        text = row.get("came", "")
        if trial is None:
            continue
        if trial.kind == "http" and _STATUS.fullmatch(text):
            found.setdefault(trial, f"HTTP {text}")
        elif trial.kind == "tls" and _DIGEST.fullmatch(text):
            found.setdefault(trial, f"a certificate, SHA-256 {text[:16].lower()}…")
    return dict(sorted(found.items()))
