"""Every reader there is. A new format is one file in `readers/` and one row here."""

from __future__ import annotations

from sekisho.errors import RequestError
from sekisho.sources.base import RawMapping, Reader
from sekisho.sources.lines import BOM
from sekisho.sources.readers.argus_csv import ArgusCsv
from sekisho.sources.readers.aws_vpc_parquet import AwsVpcParquet
from sekisho.sources.readers.aws_vpc_text import AwsVpcText
from sekisho.sources.readers.azure_nsg import AzureNsg
from sekisho.sources.readers.azure_vnet import AzureVnet
from sekisho.sources.readers.checkpoint import Checkpoint
from sekisho.sources.readers.cisco_asa import CiscoAsa
from sekisho.sources.readers.ecs_json import EcsJson
from sekisho.sources.readers.fortigate_traffic import FortigateTraffic
from sekisho.sources.readers.gcp_vpc import GcpVpc
from sekisho.sources.readers.generic_csv import GenericCsv
from sekisho.sources.readers.generic_parquet import GenericParquet
from sekisho.sources.readers.netflow_payload import NetflowPayload
from sekisho.sources.readers.nfcapd import Nfcapd
from sekisho.sources.readers.nfdump_csv import NfdumpCsv
from sekisho.sources.readers.ocsf_json import OcsfJson
from sekisho.sources.readers.ocsf_parquet import OcsfParquet
from sekisho.sources.readers.packet_capture import PacketCapture
from sekisho.sources.readers.panos_traffic import PanosTraffic
from sekisho.sources.readers.suricata_eve import SuricataEve
from sekisho.sources.readers.windows_events import WindowsEvents
from sekisho.sources.readers.windows_evtx import WindowsEvtx
from sekisho.sources.readers.zeek_conn_json import ZeekConnJson
from sekisho.sources.readers.zeek_conn_tsv import ZeekConnTsv
from sekisho.sources.readers.zeek_dce_rpc import ZEEK_DCE_RPC_JSON, ZEEK_DCE_RPC_TSV
from sekisho.sources.readers.zeek_dns import ZEEK_DNS_JSON, ZEEK_DNS_TSV
from sekisho.sources.readers.zeek_files import ZEEK_FILES_JSON, ZEEK_FILES_TSV
from sekisho.sources.readers.zeek_http import ZEEK_HTTP_JSON, ZEEK_HTTP_TSV
from sekisho.sources.readers.zeek_kerberos import ZEEK_KERBEROS_JSON, ZEEK_KERBEROS_TSV
from sekisho.sources.readers.zeek_ntlm import ZEEK_NTLM_JSON, ZEEK_NTLM_TSV
from sekisho.sources.readers.zeek_smb_files import ZEEK_SMB_FILES_JSON, ZEEK_SMB_FILES_TSV
from sekisho.sources.readers.zeek_smb_mapping import ZEEK_SMB_MAPPING_JSON, ZEEK_SMB_MAPPING_TSV
from sekisho.sources.readers.zeek_ssl import ZEEK_SSL_JSON, ZEEK_SSL_TSV
from sekisho.sources.readers.zeek_streams_json import ZeekStreamsJson

_ZEEK_NAMES_JSON = (
    ZEEK_DNS_JSON,
    ZEEK_SSL_JSON,
    ZEEK_HTTP_JSON,
    ZEEK_FILES_JSON,
    ZEEK_KERBEROS_JSON,
    ZEEK_NTLM_JSON,
    ZEEK_SMB_MAPPING_JSON,
    ZEEK_SMB_FILES_JSON,
    ZEEK_DCE_RPC_JSON,
)
READERS: tuple[Reader, ...] = (
    ZeekConnTsv(),
    ZeekConnJson(),
    ZeekStreamsJson(ZeekConnJson(), _ZEEK_NAMES_JSON),
    ZEEK_DNS_TSV,
    ZEEK_DNS_JSON,
    ZEEK_SSL_TSV,
    ZEEK_SSL_JSON,
    ZEEK_HTTP_TSV,
    ZEEK_HTTP_JSON,
    ZEEK_FILES_TSV,
    ZEEK_FILES_JSON,
    ZEEK_KERBEROS_TSV,
    ZEEK_KERBEROS_JSON,
    ZEEK_NTLM_TSV,
    ZEEK_NTLM_JSON,
    ZEEK_SMB_MAPPING_TSV,
    ZEEK_SMB_MAPPING_JSON,
    ZEEK_SMB_FILES_TSV,
    ZEEK_SMB_FILES_JSON,
    ZEEK_DCE_RPC_TSV,
    ZEEK_DCE_RPC_JSON,
    WindowsEvtx(),
    WindowsEvents(),
    NfdumpCsv(),
    AwsVpcText(),
    AwsVpcParquet(),
    PanosTraffic(),
    FortigateTraffic(),
    CiscoAsa(),
    Checkpoint(),
    GcpVpc(),
    AzureNsg(),
    AzureVnet(),
    ArgusCsv(),
    SuricataEve(),
    OcsfJson(),
    OcsfParquet(),
    EcsJson(),
    Nfcapd(),
    NetflowPayload(),
    PacketCapture(),
    GenericCsv(),
    GenericParquet(),
)


def detect(head: bytes, mapping: RawMapping | None = None) -> Reader | None:
    """The reader that is surest of content beginning with `head`; None where none is.

    `mapping` is the sensor's mapping file, with which generic content is recognised by the columns it
    names. The file's name plays no part.
    """
    head = head.removeprefix(BOM)
    best = max(READERS, key=lambda reader: reader.detect(head, mapping))
    return best if best.detect(head, mapping) > 0 else None


def by_name(name: str) -> Reader:
    """The reader of that name. Raises RequestError that lists the choices."""
    for reader in READERS:
        if reader.name == name:
            return reader
    choices = ", ".join(reader.name for reader in READERS)
    raise RequestError(f"there is no reader {name!r}", f"choose one of {choices}")
