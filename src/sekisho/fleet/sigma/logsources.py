"""Where rules look: which logs and numbers of events a log source of Sigma means.

Sources: the Sigma rules specification's list of Windows log sources, Sysmon's event schema 4.90, Microsoft's
"Audit events" reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.intel.detections import Logsource
from sekisho.model.predicates import Like, Predicate, Wild
from sekisho.store.queries.events import EventSource

SYSMON = "Microsoft-Windows-Sysmon/Operational"
SECURITY = "Security"
POWERSHELL = ("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational")
CLASSIC = ("Windows PowerShell",)
DEFENDER = "Microsoft-Windows-Windows Defender/Operational"

SERVICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "security": (SECURITY,),
        "system": ("System",),
        "application": ("Application",),
        "sysmon": (SYSMON,),
        "powershell": POWERSHELL,
        "powershell-classic": CLASSIC,
        "taskscheduler": ("Microsoft-Windows-TaskScheduler/Operational",),
        "wmi": ("Microsoft-Windows-WMI-Activity/Operational",),
        "ntlm": ("Microsoft-Windows-NTLM/Operational",),
        "dns-client": ("Microsoft-Windows-DNS Client Events/Operational",),
        "dns-server": ("DNS Server",),
        "dns-server-analytic": ("Microsoft-Windows-DNS-Server/Analytical",),
        "dhcp": ("Microsoft-Windows-DHCP-Server/Operational",),
        "windefend": (DEFENDER,),
        "openssh": ("OpenSSH/Operational",),
        "terminalservices-localsessionmanager": (
            "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        ),
        "smbclient-security": ("Microsoft-Windows-SmbClient/Security",),
        "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
        "smbserver-connectivity": ("Microsoft-Windows-SmbServer/Connectivity",),
        "bits-client": ("Microsoft-Windows-Bits-Client/Operational",),
        "firewall-as": ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",),
        "printservice-admin": ("Microsoft-Windows-PrintService/Admin",),
        "printservice-operational": ("Microsoft-Windows-PrintService/Operational",),
        "codeintegrity-operational": ("Microsoft-Windows-CodeIntegrity/Operational",),
        "security-mitigations": (
            "Microsoft-Windows-Security-Mitigations/KernelMode",
            "Microsoft-Windows-Security-Mitigations/UserMode",
        ),
        "applocker": (
            "Microsoft-Windows-AppLocker/EXE and DLL",
            "Microsoft-Windows-AppLocker/MSI and Script",
            "Microsoft-Windows-AppLocker/Packaged app-Deployment",
            "Microsoft-Windows-AppLocker/Packaged app-Execution",
        ),
        "appxdeployment-server": ("Microsoft-Windows-AppXDeploymentServer/Operational",),
        "appxpackaging-om": ("Microsoft-Windows-AppxPackaging/Operational",),
        "appmodel-runtime": ("Microsoft-Windows-AppModel-Runtime/Admin",),
        "driver-framework": ("Microsoft-Windows-DriverFrameworks-UserMode/Operational",),
        "lsa-server": ("Microsoft-Windows-LSA/Operational",),
        "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
        "capi2": ("Microsoft-Windows-CAPI2/Operational",),
        "certificateservicesclient-lifecycle-system": (
            "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
        ),
        "diagnosis-scripted": ("Microsoft-Windows-Diagnosis-Scripted/Operational",),
        "shell-core": ("Microsoft-Windows-Shell-Core/Operational",),
        "vhdmp": ("Microsoft-Windows-VHDMP/Operational",),
        "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
        "kernel-shimengine": (
            "Microsoft-Windows-Kernel-ShimEngine/Operational",
            "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
        ),
        "kernel-event-tracing": ("Microsoft-Windows-Kernel-EventTracing",),
        "hyper-v-worker": ("Microsoft-Windows-Hyper-V-Worker",),
        "msexchange-management": ("MSExchange Management",),
        "microsoft-servicebus-client": ("Microsoft-ServiceBus-Client",),
        "sense": ("Microsoft-Windows-SENSE/Operational",),
    }
)
"""Services of Windows by the name that rules have for them: the channels they write to."""


def _sysmon(*ids: int) -> EventSource:
    return EventSource(SYSMON, frozenset(ids))


_PROCESS = EventSource(
    SECURITY,
    frozenset({4688}),
    names=(
        ("Image", "NewProcessName"),
        ("ParentImage", "ParentProcessName"),
        ("User", "SubjectUserName"),
    ),
)
_CONNECTION = EventSource(
    SECURITY,
    frozenset({5156}),
    names=(
        ("Image", "Application"),
        ("SourceIp", "SourceAddress"),
        ("DestinationIp", "DestAddress"),
        ("DestinationPort", "DestPort"),
        ("Initiated", "Direction"),
    ),
    values=(("Initiated", (("%%14592", "false"), ("%%14593", "true"))),),
)
_ANTIVIRUS = EventSource(
    DEFENDER,
    frozenset({1006, 1007, 1008, 1009, 1015, 1116, 1117, 1118, 1119}),
    names=(("Signature", "Threat Name"), ("Filename", "Path"), ("User", "Detection User")),
)
_LOOKUP = EventSource(
    SYSMON,
    frozenset({22}),
    names=(("query", "QueryName"), ("answer", "QueryResults")),
)
CATEGORIES: Mapping[str, tuple[EventSource, ...]] = MappingProxyType(
    {
        "process_creation": (_sysmon(1), _PROCESS),
        "file_change": (_sysmon(2),),
        "network_connection": (_sysmon(3), _CONNECTION),
        "sysmon_status": (_sysmon(4, 16),),
        "process_termination": (_sysmon(5), EventSource(SECURITY, frozenset({4689}))),
        "driver_load": (_sysmon(6),),
        "image_load": (_sysmon(7),),
        "create_remote_thread": (_sysmon(8),),
        "raw_access_thread": (_sysmon(9),),
        "process_access": (_sysmon(10),),
        "file_event": (_sysmon(11),),
        "registry_event": (_sysmon(12, 13, 14),),
        "registry_add": (_sysmon(12),),
        "registry_delete": (_sysmon(12),),
        "registry_set": (_sysmon(13),),
        "registry_rename": (_sysmon(14),),
        "create_stream_hash": (_sysmon(15),),
        "pipe_created": (_sysmon(17, 18),),
        "wmi_event": (_sysmon(19, 20, 21),),
        "dns_query": (_sysmon(22),),
        "file_delete": (_sysmon(23, 26),),
        "clipboard_capture": (_sysmon(24),),
        "process_tampering": (_sysmon(25),),
        "file_block_executable": (_sysmon(27),),
        "file_block_shredding": (_sysmon(28),),
        "file_executable_detected": (_sysmon(29),),
        "sysmon_error": (_sysmon(255),),
        "ps_module": tuple(EventSource(one, frozenset({4103})) for one in POWERSHELL),
        "ps_script": tuple(EventSource(one, frozenset({4104})) for one in POWERSHELL),
        "ps_classic_start": tuple(EventSource(one, frozenset({400})) for one in CLASSIC),
        "ps_classic_provider_start": tuple(EventSource(one, frozenset({600})) for one in CLASSIC),
        "ps_classic_script": tuple(EventSource(one, frozenset({800})) for one in CLASSIC),
    }
)
"""Categories of Windows, and where each is recorded."""
ANYWHERE: Mapping[str, tuple[EventSource, ...]] = MappingProxyType(
    {"antivirus": (_ANTIVIRUS,), "dns": (_LOOKUP,)}
)
"""Categories of no product, of which terminals record something."""
_KINDS: Mapping[str, Predicate] = MappingProxyType(
    {
        "registry_add": Like("EventType", ("CreateKey",)),
        "registry_delete": Like("EventType", ("Delete", Wild.MANY)),
    }
)
"""What tells a category from another whose events have the same number."""


class Unrecorded(ValueError):
    """No terminal's log is of that source."""


def sources_of(logsource: Logsource) -> tuple[tuple[EventSource, ...], Predicate | None]:
    """Which events a log source means, and what else they must say. Raises Unrecorded, saying why."""
    product, category, service = logsource.product, logsource.category, logsource.service
    if product not in ("", "windows"):
        raise Unrecorded(f"logs of {product} are not kept as events")
    found: tuple[EventSource, ...] = ()
    if category:
        known = CATEGORIES.get(category) or ({} if product else ANYWHERE).get(category)
        if known is None and product:
            known = ANYWHERE.get(category)
        if known is None:
            raise Unrecorded(f"no log of terminals is known to hold the category {category}")
        found = known
    if service:
        channels = SERVICES.get(service)
        if channels is None:
            raise Unrecorded(f"no channel is known for the service {service}")
        if found:
            found = tuple(one for one in found if one.channel in channels)
            if not found:
                raise Unrecorded(f"the service {service} does not record the category {category}")
        else:
            found = tuple(EventSource(channel) for channel in channels)
    if not found:
        if product != "windows":
            raise Unrecorded("it does not say which log it is about")
        found = (EventSource(),)
    return found, _KINDS.get(category)


def holds(source: EventSource, channel: str, event_id: int) -> bool:
    """Whether a source's events have that channel (in any case) and number."""
    return (not source.channel or source.channel.casefold() == channel.casefold()) and (
        not source.ids or event_id in source.ids
    )
