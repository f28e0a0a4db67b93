"""Whose address and whose name it is."""

from __future__ import annotations

from datetime import date

import pytest

from sekisho.investigate.leaving.parties import clouds
from sekisho.model.addresses import parse_address


@pytest.mark.parametrize(
    ("address", "name", "kind"),
    [
        ("162.125.7.7", "Dropbox", "storage"),
        ("2620:100:6012::1", "Dropbox", "storage"),
        ("13.107.137.11", "OneDrive or SharePoint", "storage"),
        ("149.154.167.99", "Telegram", "messages"),
        ("142.250.1.1", "Google (Drive, Gmail and all else)", "mixed"),
    ],
)
def test_ranges(address: str, name: str, kind: str) -> None:
    party = clouds().of_address(parse_address(address))
    assert party is not None
    assert (party.name, party.kind) == (name, kind)
    assert str(clouds().as_of) in party.said


def test_an_address_of_nobody_in_the_list() -> None:
    assert clouds().of_address(parse_address("203.0.113.9")) is None
    assert clouds().of_address(parse_address("2001:db8::1")) is None


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("content.DropboxAPI.com", "Dropbox"),
        ("mega.nz.", "MEGA"),
        ("backup.s3.eu-west-1.amazonaws.com", "Amazon S3"),
        ("acme.blob.core.windows.net", "Azure Blob Storage"),
        ("notdropbox.com", None),
        ("dropbox.com.evil.example", None),
        ("ec2.eu-west-1.amazonaws.com", None),
        ("", None),
    ],
)
def test_names_match_by_whole_labels_at_their_end(asked: str, name: str | None) -> None:
    party = clouds().of_names([asked])
    assert (party.name if party else None) == name


def test_the_list_is_whole() -> None:
    read = clouds()
    assert isinstance(read.as_of, date)
    assert len({service.name for service in read.services}) == len(read.services)
    for service in read.services:
        assert service.source.startswith("https://")
        assert service.prefixes or service.names
        assert all("" not in name for name in service.names)
    every = [prefix for service in read.services for prefix in service.prefixes]
    assert not any(prefix.is_private for prefix in every)
    assert not any(
        a.version == b.version and a.overlaps(b) for n, a in enumerate(every) for b in every[:n]
    )
