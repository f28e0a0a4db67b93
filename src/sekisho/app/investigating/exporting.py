"""One file that carries an incident's evidence out with its custody, and checks by itself.

`SHA256SUMS` names every file, so that `sha256sum -c` verifies the copy anywhere. `entries.jsonl` has the
incident's own ledger entries as they stand there: each hashes to what it says, and says which bytes were
preserved, when and by whom. `proofs/` shows that each is in the signed head of `head.txt`, without the
rest of the ledger; `verify.py` checks a proof, also against a head or key that came another way.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from sekisho import __version__
from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.preserving import check
from sekisho.app.investigating.working import current
from sekisho.app.ledger_proofs import SignedLedger, sign_whole
from sekisho.app.workspace import Workspace
from sekisho.app.writing import refuse_existing, whole_new
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger import verifier
from sekisho.ledger.proofs import document as text_of
from sekisho.ledger.proofs import inclusion_proof, note_of
from sekisho.ledger.verifier import canonical, entry_hash, read_entry
from sekisho.model.entries import Entry
from sekisho.model.findings import rfc3339

SCHEMA = "sekisho.evidence-export/1"
HEAD, PROGRAM, PROOFS, KEPT = "head.txt", "verify.py", "proofs/", ("evidence/", "answers/")
MANIFEST, ENTRIES, SUMS = "manifest.json", "entries.jsonl", "SHA256SUMS"
_STAMP = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_LARGEST_INDEX = 64 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What unpacking raises for damaged, unknown and encrypted members."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: `sha256` is of the file itself and stands in the ledger; `missing` are originals
    that could not be preserved."""

    path: Path
    sha256: str
    files: int
    size: int
    missing: int
    entries: int


@dataclass(frozen=True, slots=True)
class Checked:
    """An export that was read again. `flaws` is empty where it is whole."""

    incident: str
    files: int
    entries: int
    flaws: tuple[str, ...]


def export(workspace: Workspace, asked: str, target: Path, *, now: datetime, by: str) -> Exported:
    """Write the evidence of an incident to a zip file, whole or not at all, and record who took it.

    Every copy is hashed on the way: raises IntegrityError where one is not what was preserved,
    RequestError where `target` exists or cannot be written.
    """
    refuse_existing(target)
    signed = sign_whole(workspace, now, by)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        opened = asked_for(decisions.state.incidents(), asked)
        document = current(workspace, decisions, opened.id, now=now)
        head = signed.head.checkpoint
        before = takewhile(lambda entry: entry.seq <= head.size, decisions.ledger.entries())
        entries = [entry for entry in before if entry.body.get("incident") == opened.id]
        kept = dict(_kept(workspace, opened.id, document.evidence, decisions.state.incidents()))
        _whole(kept)
        manifest = {
            "schema": SCHEMA,
            "incident": opened.id,
            "made": rfc3339(now),
            "by": by,
            "version": __version__,
            "ledger": {
                "head": {"entries": head.size, "root": head.root.hex()},
                "entries": len(entries),
            },
            "state": document.model_dump(mode="json", by_alias=True),
        }
        with whole_new(target) as part:
            size = _write(part, manifest, entries, dict(_proofs(signed, entries)), kept)
            digest = _sha256(part)
        body = {"incident": opened.id, "sha256": digest, "files": len(kept), "size": size}
        decisions.decide("evidence.export", body, at=now, by=by)
    missing = sum(one.state != "preserved" for one in document.evidence)
    return Exported(target, digest, len(kept), size, missing, len(entries))


def verify_export(path: Path) -> Checked:
    """Read an export again: every file against SHA256SUMS, every ledger entry against its own hash, and
    the preserved files against the entries that name them. Raises RequestError where it is no export."""
    flaws: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            sums = dict(_sums(archive))
            names = Counter(one.filename for one in archive.infolist())
            flaws += [f"{n} is there and not listed" for n in names if n not in sums and n != SUMS]
            flaws += [f"{name} is there twice" for name, times in names.items() if times > 1]
            for name, wanted in sums.items():
                flaws += _differs(archive, name, wanted) if name in names else [f"{name} is gone"]
            entries = list(_entries(archive, flaws))
            heads = _heads(archive, flaws)
            flaws += [flaw for entry in entries for flaw in _unproven(archive, heads, entry)]
            manifest = json.loads(_small(archive, MANIFEST))
            incident = str(manifest["incident"])
    except (*_UNREADABLE, KeyError, ValueError, TypeError) as error:
        raise RequestError(f"{path} is no whole export of an incident: {error}") from error
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    flaws += _unnamed(incident, entries, sums)
    return Checked(incident, len(sums), len(entries), tuple(flaws))


def _kept(workspace: Workspace, incident: str, evidence: Any, store: Any) -> Iterator[tuple[str, Path]]:
    """(name in the archive, copy) of all bytes that were kept."""
    folder = workspace.cases / incident
    for one in evidence:
        if one.sha256:
            yield f"evidence/{one.sha256}", folder / "evidence" / one.sha256
    for event in store.inquiry(incident):
        if event.sha256:
            yield f"answers/{event.sha256}", folder / "answers" / event.sha256


def _whole(kept: dict[str, Path]) -> None:
    flaws = [flaw for path in kept.values() if (flaw := check(path, path.name))]
    if flaws:
        raise IntegrityError(
            f"{len(flaws)} preserved files are not what was preserved: {flaws[0]}",
            "restore data/cases from a backup, or `sekisho investigate preserve` where the log still is",
        )


def _proofs(signed: SignedLedger, entries: list[Entry]) -> Iterator[tuple[str, bytes]]:
    """(name in the archive, text) of the head, of a proof for each entry, and of what checks them."""
    head = signed.head.checkpoint
    yield HEAD, note_of(head).encode()
    yield PROGRAM, Path(verifier.__file__).read_bytes()
    for entry in entries:
        proof = inclusion_proof(signed.ledger, signed.leaves, entry.seq, head, signed.report.keys)
        yield f"{PROOFS}{entry.seq}.json", text_of(proof).encode()


def _write(
    part: Path, manifest: Any, entries: list[Entry], proofs: dict[str, bytes], kept: dict[str, Path]
) -> int:
    sums: dict[str, str] = {}
    size = 0
    texts = {
        MANIFEST: json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False).encode(),
        ENTRIES: b"".join(_line(entry) for entry in entries),
        **proofs,
    }
    with part.open("r+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(_info(name), text)
            sums[name] = hashlib.sha256(text).hexdigest()
        for name, path in sorted(kept.items()):
            digest = hashlib.sha256()
            with path.open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as member:
                while data := source.read(_CHUNK):
                    digest.update(data)
                    member.write(data)
                    size += len(data)
            sums[name] = digest.hexdigest()
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        archive.writestr(_info(SUMS), listed)
        archive.close()
        file.flush()
        os.fsync(file.fileno())
    return size


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _line(entry: Entry) -> bytes:
    """The entry as its line in the ledger."""
    content = {
        "at": rfc3339(entry.at),
        "body": dict(entry.body),
        "by": entry.by,
        "hash": entry.hash,
        "kind": entry.kind,
        "prev": entry.prev,
        "seq": entry.seq,
    }
    return canonical(content).encode() + b"\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST_INDEX:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _sums(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for line in _small(archive, SUMS).decode("ascii").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def _differs(archive: zipfile.ZipFile, name: str, wanted: str) -> list[str]:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while data := member.read(_CHUNK):
                digest.update(data)
    except _UNREADABLE as error:
        return [f"{name} cannot be unpacked: {error}"]
    return [] if digest.hexdigest() == wanted else [f"{name} does not hash to what SHA256SUMS says"]


def _entries(archive: zipfile.ZipFile, flaws: list[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_small(archive, ENTRIES).splitlines(), 1):
        try:
            entry = read_entry(line)
        except ValueError as error:
            flaws.append(f"{ENTRIES} line {number} is no ledger entry: {error}")
            continue
        if entry_hash(entry) != entry["hash"]:
            flaws.append(f"{ENTRIES} line {number}: entry {entry['seq']} was changed")
        yield entry


def _heads(archive: zipfile.ZipFile, flaws: list[str]) -> tuple[verifier.Checkpoint, ...]:
    """The one signed head; none, and a flaw, where something else stands there."""
    try:
        heads = verifier.read_checkpoints(_small(archive, HEAD))
    except (*_UNREADABLE, KeyError, ValueError) as error:
        flaws.append(f"{HEAD} holds no signed head: {error}")
        return ()
    if len(heads) > 1:
        flaws.append(f"{HEAD} holds {len(heads)} signed heads, an export has one")
    return heads[:1]


def _unproven(
    archive: zipfile.ZipFile, heads: Sequence[verifier.Checkpoint], entry: dict[str, Any]
) -> list[str]:
    """What is wrong with the proof that an entry is in the signed head."""
    name = f"{PROOFS}{entry['seq']}.json"
    try:
        proof = json.loads(_small(archive, name))
        _, flaws = verifier.check_proof(proof, heads)
        if proof["kind"] != "inclusion" or proof["entry"] != entry:
            flaws.append("it is about something else")
    except (*_UNREADABLE, KeyError, ValueError) as error:
        return [f"{name} does not prove entry {entry['seq']}: {error}"]
    return [f"{name} does not prove entry {entry['seq']}: {flaw}" for flaw in flaws]


def _unnamed(incident: str, entries: list[dict[str, Any]], sums: dict[str, str]) -> list[str]:
    """Files that no entry speaks of, and files that an entry preserved and that are not here."""
    named: set[str] = set()
    for entry in entries:
        body = entry["body"]
        if body.get("incident") != incident:
            return [f"entry {entry['seq']} is about another incident"]
        try:
            if entry["kind"] == "evidence.preserve":
                named |= {f"evidence/{f['sha256']}" for f in body["files"] if f.get("sha256")}
        except (KeyError, TypeError, AttributeError):
            return [f"entry {entry['seq']} does not say which files were preserved"]
        if entry["kind"] == "inquiry.answer" and body.get("sha256"):
            named.add(f"answers/{body['sha256']}")
    held = {name for name in sums if name.startswith(KEPT)}
    flaws = [f"no ledger entry speaks of {name}" for name in sorted(held - named)]
    flaws += [f"{name} was preserved and is not here" for name in sorted(named - held)]
    flaws += [f"{n} is not named by its hash" for n in held if n.partition("/")[2] != sums[n]]
    return flaws
