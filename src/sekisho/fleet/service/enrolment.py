"""Who enrols, by its own words: the machine, and an identity that stays the same for it.

The identity is the hardware UUID with the name. Clones of one image share a UUID and differ in name: they are
different nodes and do not take each other's keys away. A machine that was renamed is a new node of the same
terminal, which follows from its UUID like for everything else that is known of terminals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sekisho.fleet.collections.base import machine, text_of
from sekisho.fleet.identity import identifies, name_key, uuid_key, uuid_of
from sekisho.fleet.platforms import told
from sekisho.fleet.service.wire import Enroll, Refused, Value
from sekisho.model.nodes import Enrolling
from sekisho.model.terminals import Sighting

LONGEST_IDENTIFIER = 300
LONGEST_VERSION = 40


def enrolling(request: Enroll, *, address: str, secret: str, key: str) -> Enrolling:
    """What a request says of its machine. `secret` and `key` are hashes. Raises Refused."""
    identifier = request.host_identifier
    if not 0 < len(identifier) <= LONGEST_IDENTIFIER or not identifier.isprintable():
        raise Refused("wrong_shape", "the host_identifier is no name")
    details = request.host_details
    try:
        who = _who(identifier, details)
    except ValueError as error:
        raise Refused("wrong_shape", str(error)) from error
    version = _said(details.get("osquery_info"), "version")[:LONGEST_VERSION]
    name = name_key(who.hostname)[0] or identifier.casefold()
    identity = hashlib.sha256(f"{uuid_key(who.uuid)}\x1f{name}".encode()).hexdigest()
    platform = told(bytes(request.platform_type)[:20].decode("utf-8", "replace"), details)
    return Enrolling(identity, who, identifier, version, address, secret, key, platform)


def _who(identifier: str, details: Mapping[str, Mapping[str, Value]]) -> Sighting:
    system = details.get("system_info")
    hostname = _said(system, "hostname") or _said(system, "computer_name")
    uuid, serial = _said(system, "uuid"), _said(system, "hardware_serial")
    system_name = details.get("os_version")
    os = " ".join(filter(None, (_said(system_name, "name"), _said(system_name, "version"))))
    if not hostname:
        # What osquery calls a host is a setting of its own: a name, a UUID, or one made for the instance.
        if not _uuid(identifier):
            hostname = identifier
        elif not identifies(_uuid(uuid)):
            uuid = identifier
    found = machine(hostname, uuid, os)
    return Sighting(found.hostname, uuid=found.uuid, serial=serial[:100], os=found.os)


def _uuid(text: str) -> str:
    try:
        return uuid_of(text)
    except ValueError:
        return ""


def _said(table: Mapping[str, Value] | None, column: str) -> str:
    text = text_of((table or {}).get(column)).strip()
    return text if text.isprintable() else ""
