"""Which technique a step is an instance of, and why it is called so."""

from __future__ import annotations

from collections.abc import Collection

from sekisho.investigate.factors.base import Kind
from sekisho.model.protocols import TCP, UDP
from sekisho.model.services import service_label

_BY_PORT = {
    (TCP, 22): ("T1021.004", "an SSH session"),
    (TCP, 23): ("T1021", "a Telnet session"),
    (TCP, 135): ("T1047", "remote procedure calls begin at this port, as WMI does"),
    (TCP, 139): ("T1021.002", "an SMB session"),
    (TCP, 445): ("T1021.002", "an SMB session"),
    (TCP, 3389): ("T1021.001", "a remote desktop session"),
    (TCP, 5985): ("T1021.006", "a WinRM session"),
    (TCP, 5986): ("T1021.006", "a WinRM session"),
    **{(TCP, port): ("T1021.005", "a VNC session") for port in range(5900, 5904)},
}
_REMOTE_SUPPORT = {5938: "TeamViewer", 7070: "AnyDesk", 6568: "AnyDesk", 5650: "Remote Utilities"}
_WEB = {(TCP, port) for port in (80, 443, 8080)} | {(UDP, 443)}


def technique(
    kind: Kind, protocol: int, port: int, *, from_outside: bool, factors: Collection[str]
) -> tuple[str, str]:
    """Id and reason. `from_outside`: the controlling end is no host of the company; `factors` are the ids of
    what spoke for the step."""
    label = service_label(protocol, port)
    if "relay" in factors:
        return "T1090", "as many bytes came in as went on: its source relays"
    if kind == "reverse":
        return _reverse(protocol, port, label, from_outside=from_outside)
    if from_outside:
        if (protocol, port) in _BY_PORT:
            return "T1133", f"{label} that an outside party opened"
        return "T1190", f"{label} that an outside party opened"
    if (protocol, port) in _BY_PORT:
        name, why = _BY_PORT[protocol, port]
        return name, f"{why} ({label})"
    return "T1021", f"a session to {label}; flows do not say what it carried"


def _reverse(protocol: int, port: int, label: str, *, from_outside: bool) -> tuple[str, str]:
    if not from_outside:
        return "T1090.001", f"commands came back over {label}, which the controlled host opened"
    if port in _REMOTE_SUPPORT:
        return "T1219", f"port {port} is that of {_REMOTE_SUPPORT[port]}"
    if port == 53:
        return "T1071.004", "commands came back over the port of name service"
    if (protocol, port) in _WEB:
        return "T1071.001", f"commands came back over {label}, a session that looks like the web's"
    if port in (22, 3389):
        return "T1572", f"{label} to the outside can carry any other session"
    return "T1571", f"commands came back over port {port}, which no common service has"
