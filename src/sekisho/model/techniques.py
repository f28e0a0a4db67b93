"""Names of attack techniques, as MITRE ATT&CK (Enterprise, v15) numbers them."""

from __future__ import annotations

from types import MappingProxyType

TECHNIQUES: MappingProxyType[str, str] = MappingProxyType(
    {
        "T1018": "Remote System Discovery",
        "T1021": "Remote Services",
        "T1021.001": "Remote Services: Remote Desktop Protocol",
        "T1021.002": "Remote Services: SMB/Windows Admin Shares",
        "T1021.003": "Remote Services: Distributed Component Object Model",
        "T1021.004": "Remote Services: SSH",
        "T1021.005": "Remote Services: VNC",
        "T1021.006": "Remote Services: Windows Remote Management",
        "T1030": "Data Transfer Size Limits",
        "T1039": "Data from Network Shared Drive",
        "T1041": "Exfiltration Over C2 Channel",
        "T1046": "Network Service Discovery",
        "T1047": "Windows Management Instrumentation",
        "T1048": "Exfiltration Over Alternative Protocol",
        "T1071.001": "Application Layer Protocol: Web Protocols",
        "T1071.004": "Application Layer Protocol: DNS",
        "T1074": "Data Staged",
        "T1074.002": "Data Staged: Remote Data Staging",
        "T1078": "Valid Accounts",
        "T1090": "Proxy",
        "T1090.001": "Proxy: Internal Proxy",
        "T1095": "Non-Application Layer Protocol",
        "T1105": "Ingress Tool Transfer",
        "T1133": "External Remote Services",
        "T1190": "Exploit Public-Facing Application",
        "T1210": "Exploitation of Remote Services",
        "T1213": "Data from Information Repositories",
        "T1219": "Remote Access Software",
        "T1486": "Data Encrypted for Impact",
        "T1550.002": "Use Alternate Authentication Material: Pass the Hash",
        "T1550.003": "Use Alternate Authentication Material: Pass the Ticket",
        "T1567": "Exfiltration Over Web Service",
        "T1567.002": "Exfiltration Over Web Service: Exfiltration to Cloud Storage",
        "T1569.002": "System Services: Service Execution",
        "T1570": "Lateral Tool Transfer",
        "T1571": "Non-Standard Port",
        "T1572": "Protocol Tunneling",
        "T1070": "Indicator Removal",
        "T1070.001": "Indicator Removal: Clear Windows Event Logs",
    }
)


def technique_name(identity: str) -> str:
    """The technique's name, or its id where this table does not know it."""
    return TECHNIQUES.get(identity, identity)


def url_of(technique: str) -> str:
    """Where MITRE describes it: `https://attack.mitre.org/techniques/T1021/002` for `T1021.002`."""
    return "https://attack.mitre.org/techniques/" + technique.replace(".", "/")
