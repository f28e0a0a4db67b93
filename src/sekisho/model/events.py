"""Events that terminals' own logs hold, as columns: what rules of detection are asked of.

What most rules ask for has a column of its own; all else that an event says is in `more`. A value that the
event does not have is null, one that it has and that is empty is ''.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from sekisho.model.flows import TIME

VALUE_LIMIT = 32_768
"""Characters of one value that are kept; events with a longer one are flagged `cut`."""
MOST_VALUES = 200
"""Named values of one event that are kept."""

OWN = (
    *("Image", "OriginalFileName", "CommandLine", "ParentImage", "ParentCommandLine", "User"),
    *("CurrentDirectory", "Product", "Description", "Company", "Hashes", "IntegrityLevel"),
    *("NewProcessName", "ParentProcessName", "TargetFilename", "TargetObject", "Details"),
    *("ImageLoaded", "Signed", "SourceImage", "TargetImage", "GrantedAccess", "CallTrace"),
    *("DestinationIp", "DestinationHostname", "DestinationPort", "SourceIp", "SourcePort"),
    *("Initiated", "Protocol", "QueryName", "QueryResults", "PipeName", "EventType"),
    *("TargetUserName", "SubjectUserName", "LogonType", "IpAddress", "WorkstationName"),
    *("LogonProcessName", "AuthenticationPackageName", "ProcessName", "ShareName"),
    *("RelativeTargetName", "AccessMask", "ServiceName", "ServiceFileName", "ImagePath"),
    *("TaskName", "ScriptBlockText", "Payload", "ContextInfo", "Status"),
)
"""Values with a column of their own."""
COLUMNS: Mapping[str, str] = MappingProxyType({name: f"v_{name.lower()}" for name in OWN})

MORE = pa.map_(pa.string(), pa.string())
SOURCE_EVENTS = pa.schema(
    [
        ("host", pa.string()),
        ("channel", pa.string()),
        ("provider", pa.string()),
        ("event_id", pa.int32()),
        ("record", pa.int64()),
        ("time", TIME),
        ("row", pa.int64()),
        ("cut", pa.bool_()),
        *((column, pa.string()) for column in COLUMNS.values()),
        ("more", MORE),
    ]
)
"""What is read of a log. `host` is the computer as the event names it, `record` its number in that log, `row`
the record's place in the file, from 1."""
EVENT_SCHEMA = pa.schema([*SOURCE_EVENTS, ("file", pa.int32())])
"""What the lake holds: with the number of the file."""
