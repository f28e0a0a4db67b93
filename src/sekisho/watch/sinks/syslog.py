"""`syslog`: CEF in RFC 5424 messages by UDP (RFC 5426), TCP (RFC 6587, octets counted) or TLS (RFC 5425).

CEF is version 0 of the format, as "ArcSight Common Event Format Implementation Standard" has it.
"""

from __future__ import annotations

from datetime import UTC

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Payload
from sekisho.watch.cef import line
from sekisho.watch.relay import Relay
from sekisho.watch.wording import cut_octets

LARGEST = {"udp": 2048, "tcp": 8192, "tls": 8192}
"""Octets that every receiver should take: RFC 5426 section 3.2, RFC 5425 section 4.3.1."""
FACILITIES = {"user": 1, "auth": 4, "authpriv": 10} | {f"local{n}": 16 + n for n in range(8)}
_SEVERITY = {"critical": 2, "high": 3, "medium": 4, "low": 5, "info": 6}


class Syslog:
    """A receiver of CEF. `host` is what this machine calls itself."""

    def __init__(self, name: str, relay: Relay, facility: str, host: str) -> None:
        self.name = name
        self._relay, self._facility, self._host = relay, FACILITIES[facility], host

    def render(self, alert: Alert) -> Payload:
        """The message without the framing of its transport."""
        limit = LARGEST[self._relay.transport]
        header = head(alert, self._facility, self._host).encode()
        # No byte order mark before CEF: receivers know it by its first letters.
        return Payload(
            header + cut_octets(line(alert, limit - len(header)), limit - len(header)).encode()
        )

    def deliver(self, payload: Payload) -> None:
        """Send it. By UDP nobody confirms anything."""
        self._relay.send(payload.body)

    def close(self) -> None:
        """No connection outlives a delivery."""


def head(alert: Alert, facility: int, host: str) -> str:
    """Priority, version, time, host, application, no process, message id and no structured data."""
    at = alert.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"<{facility * 8 + _SEVERITY[alert.severity]}>1 {at}Z {_token(host, 255)} sekisho - alert - "


def _token(text: str, limit: int) -> str:
    """A header field of RFC 5424: printable US-ASCII without spaces, `-` for nothing."""
    return "".join(c for c in text if "!" <= c <= "~")[:limit] or "-"
