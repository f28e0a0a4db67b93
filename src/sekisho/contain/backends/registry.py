"""Every backend there is, by platform. A new platform is one file here, one row, and one in `platforms`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.contain.backends.access_lists import ARISTA, IOS, NXOS, XR
from sekisho.contain.backends.asa import Asa
from sekisho.contain.backends.aws_nacl import AwsNacl
from sekisho.contain.backends.azure_nsg import AzureNsg
from sekisho.contain.backends.base import Backend
from sekisho.contain.backends.fortigate import Fortigate
from sekisho.contain.backends.iptables import Iptables
from sekisho.contain.backends.junos import JUNIPER, JUNIPER_EVO, SRX
from sekisho.contain.backends.nftables import Nftables
from sekisho.contain.backends.paloalto import PaloAlto
from sekisho.contain.backends.windows import Windows

BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {
        "nftables": Nftables(),
        "iptables": Iptables(),
        "cisco-ios": IOS,
        "cisco-asa": Asa(),
        "cisco-nxos": NXOS,
        "cisco-xr": XR,
        "arista": ARISTA,
        "juniper": JUNIPER,
        "juniper-evo": JUNIPER_EVO,
        "juniper-srx": SRX,
        "paloalto": PaloAlto(),
        "fortigate": Fortigate(),
        "windows": Windows(),
        "aws-nacl": AwsNacl(),
        "azure-nsg": AzureNsg(),
    }
)
