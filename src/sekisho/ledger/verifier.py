"""Verify an exported ledger, or a proof from one. One file, standard library only: copy it and run it.

    python verifier.py ledger.jsonl [--head SEQ:HASH]... [--signed FILE]... [--key KEY]...
    python verifier.py proof.json [--signed FILE]... [--key KEY]...

Each line of a ledger is one entry in canonical JSON (RFC 8785) with the keys at, body, by, hash, kind,
prev, seq. `hash` is the SHA-256 of the entry's canonical JSON without `hash`; `prev` is the hash of the
entry before, 64 zeros for the first; `seq` counts from 1. The entries' hashes are the leaves of a Merkle
tree (RFC 9162, section 2.1). A signed head names the tree's size and root; it is a checkpoint
(c2sp.org/tlog-checkpoint) under an Ed25519 signature (RFC 8032), and the key is one that an entry
`ledger.key` names. A new key is signed by the one before it.

What it proves: that no entry was changed, left out, put in or moved since a head was signed, *given*
that you hold that head (`--signed`, or `--head`) from somewhere the writer of this file could not change
it, or that you hold the key (`--key`) and trust that nobody else could use it.

What it does not prove: with nothing from elsewhere, whoever can write the file and use the key can write
another whole one, or cut its end off. Entries after the newest head that you hold are only linked. It
says nothing about who really acted (`by` is what the program was told), whether what an entry says is
true, or whether the clock was right.

Exit status: 0 whole, 5 not whole, 2 the file or the arguments cannot be used.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

FIRST = "0" * 64
LONGEST_LINE = 4 * 1024 * 1024
KEYS = frozenset({"at", "body", "by", "hash", "kind", "prev", "seq"})
_HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_SAFE = 2**53 - 1
_DEEPEST = 64
_DASH = "\u2014 "
KEY_KIND = "ledger.key"
PROOF = "sekisho.ledger-proof/1"
_LARGEST_PROOF = 2 * LONGEST_LINE
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_BX = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BY = 4 * pow(5, -1, _P) % _P
_B = (_BX, _BY, 1, _BX * _BY % _P)


@dataclass(frozen=True)
class Flaw:
    """One thing wrong. `line` counts from 1; `seq` is what the entry says, or should have said."""

    code: str
    line: int
    seq: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, entry {self.seq}: {self.text} [{self.code}]"


@dataclass(frozen=True)
class Checkpoint:
    """A signed head: what it says, the bytes that were signed, and (name, key id, signature) of each."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True)
class Key:
    """A key that entry `seq` names. `vouched`: the key before it signed this one; None is the first."""

    seq: int
    public: bytes
    previous: bytes | None
    vouched: bool | None


@dataclass(frozen=True)
class Result:
    """What was read. `torn` is how many bytes of an unfinished last line stand at the end; `root` is the
    hash of the tree over all entries."""

    entries: int
    seq: int
    hash: str
    torn: int
    flaws: tuple[Flaw, ...]
    root: bytes = b""
    origin: str = ""
    keys: tuple[Key, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong; an unfinished last line was never acknowledged and is no flaw."""
        return not self.flaws


def canonical(value: Any, depth: int = 0) -> str:
    """The canonical JSON text of a parsed value, RFC 8785. Raises ValueError for what has none."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        value.encode("utf-8")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > _SAFE:
            raise ValueError(f"{value} is beyond what JSON numbers hold exactly")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        # RFC 8785, 3.2.3: keys are ordered by their UTF-16 code units.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        pairs = (f"{canonical(key)}:{canonical(value[key], depth + 1)}" for key in keys)
        return "{" + ",".join(pairs) + "}"
    raise ValueError(f"{type(value).__name__} is not JSON")


def _number(value: float) -> str:
    """ECMA-262, 6.1.6.1.20 Number::toString: Python's `repr` gives the same shortest digits."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a number that JSON has")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    if len(text) <= point <= 21:
        text += "0" * (point - len(text))
    elif 0 < point <= 21:
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{text}" if sign else text


def entry_hash(entry: dict[str, Any]) -> str:
    """The hash that an entry must carry, from its other keys."""
    rest = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(canonical(rest).encode("utf-8")).hexdigest()


def line_hash(line: bytes, entry: dict[str, Any]) -> str:
    """The same for a line that `read_entry` took: in canonical form it is all but one piece of it."""
    kind = json.dumps(entry["kind"], ensure_ascii=False)
    tail = f'"kind":{kind},"prev":"{entry["prev"]}","seq":{entry["seq"]}}}'.encode()
    head = len(line) - len(tail) - len('"hash":"",') - len(FIRST)
    return hashlib.sha256(line[:head] + tail).hexdigest()


def read_entry(line: bytes) -> dict[str, Any]:
    """Parse one line (without its newline) and check it by itself. Raises ValueError saying why not."""
    entry = _plain(line)
    plain = entry is not None
    if not plain:
        try:
            entry = json.loads(
                line.decode("utf-8"),
                object_pairs_hook=_once,
                parse_constant=_constant,
                parse_int=_whole,
            )
        except RecursionError:
            raise ValueError("nested too deeply") from None
    if not isinstance(entry, dict) or set(entry) != KEYS:
        raise ValueError(f"does not have the keys {', '.join(sorted(KEYS))}")
    for key, kind in (("seq", int), ("at", str), ("by", str), ("kind", str), ("body", dict)):
        if type(entry[key]) is not kind:
            raise ValueError(f"{key} is not a {kind.__name__}")
    for key in ("prev", "hash"):
        if not isinstance(entry[key], str) or not _HASH.fullmatch(entry[key]):
            raise ValueError(f"{key} is not a SHA-256")
    if not _TIME.fullmatch(entry["at"]):
        raise ValueError("at is not a UTC time with microseconds")
    datetime.fromisoformat(entry["at"][:-1])
    if not plain and canonical(entry).encode("utf-8") != line:
        raise ValueError("is not in canonical form (RFC 8785)")
    return entry


def _plain(line: bytes) -> dict[str, Any] | None:
    """The parsed line where Python's own writer is known to give the canonical form and did: whole
    numbers of up to 15 digits, no character that UTF-16 sorts elsewhere, little nesting. None where
    somebody has to look closer; for nearly all lines this saves nine tenths of the time."""
    try:
        text = line.decode("utf-8")
        if not text.isascii() and max(text) > "\uffff":
            return None
        if line.count(b"[") + line.count(b"{") > _DEEPEST:
            return None
        entry = _READ(text)
        return entry if isinstance(entry, dict) and _WRITE(entry) == text else None
    except ValueError:
        return None


def _whole(digits: str) -> int | float:
    """A whole number; one beyond those that are held exactly is a double, cut to its shortest digits."""
    return int(digits) if len(digits) < 30 and abs(int(digits)) <= _SAFE else float(digits)


def _short(digits: str) -> int:
    if len(digits) > 15:
        raise ValueError("a long number")
    return int(digits)


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is a fraction")


_READ = json.JSONDecoder(parse_int=_short, parse_float=_no_fraction, parse_constant=_no_fraction).decode
_WRITE = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def leaf_hash(entry: str) -> bytes:
    """The leaf of an entry's hash: RFC 9162, 2.1.1, over the 32 bytes of the hash."""
    return hashlib.sha256(b"\0" + bytes.fromhex(entry)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """An inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def extend(edge: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to a tree of `size` leaves, of which `edge` keeps the roots of its whole subtrees,
    the largest first."""
    while size & 1:
        leaf = node_hash(edge.pop(), leaf)
        size >>= 1
    edge.append(leaf)


def root_of(edge: Sequence[bytes]) -> bytes:
    """The root over such an edge; that of no leaves is the hash of nothing."""
    if not edge:
        return hashlib.sha256().digest()
    root = edge[-1]
    for left in reversed(edge[:-1]):
        root = node_hash(left, root)
    return root


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf is number `index` (from 0) of a tree: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, made = index, size - 1, leaf
    for node in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            made = node_hash(node, made)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = node_hash(made, node)
        place, last = place >> 1, last >> 1
    return last == 0 and made == root


def consistent(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the tree of `first` leaves is the beginning of that of `second`: RFC 9162, 2.1.4.2."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not nodes:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    one = other = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            one, other = node_hash(node, one), node_hash(node, other)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            other = node_hash(other, node)
        place, last = place >> 1, last >> 1
    return last == 0 and one == first_root and other == second_root


Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    """RFC 8032, 5.1.4: points in extended homogeneous coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, p: Point) -> Point:
    made = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            made = _add(made, p)
        p = _add(p, p)
        scalar >>= 1
    return made


def _point(raw: bytes) -> Point | None:
    """RFC 8032, 5.1.3."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature holds: RFC 8032, 5.1.7, without the cofactor, as OpenSSL does."""
    key = _point(public) if len(public) == 32 else None
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(digest, "little") % _L
    away = (-key[0] % _P, key[1], key[2], -key[3] % _P)
    x, y, z, _ = _add(_times(scalar, _B), _times(factor, away))
    inverse = pow(z, -1, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def key_id(name: str, public: bytes) -> bytes:
    """Four bytes that name a key in a signed note (c2sp.org/signed-note)."""
    return hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4]


def read_key(text: str) -> tuple[str, bytes]:
    """(name, public key) of NAME+ID+BASE64, as c2sp.org/signed-note writes a key. Raises ValueError."""
    name, _, rest = text.strip().partition("+")
    number, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    if len(raw) != 33 or raw[:1] != b"\1" or not name:
        raise ValueError("a key is written NAME+ID+BASE64 and is for Ed25519")
    if key_id(name, raw[1:]).hex() != number.lower():
        raise ValueError("the key is not the one that its number says: it was miscopied")
    return name, raw[1:]


def origin_of(first: str) -> str:
    """What heads of a ledger are headed with: it follows from the hash of entry 1."""
    return f"sekisho/{first[:16]}"


def read_checkpoints(raw: bytes) -> tuple[Checkpoint, ...]:
    """Every signed head in a file, in order. Raises ValueError where anything else stands in it."""
    found: list[Checkpoint] = []
    body: list[str] = []
    signatures: list[tuple[str, bytes, bytes]] = []
    lines = raw.decode("utf-8").replace("\r\n", "\n").split("\n")
    for line in [*lines, "", "end"]:
        if line.startswith(_DASH) and body and body[-1] == "":
            name, _, encoded = line.removeprefix(_DASH).partition(" ")
            blob = base64.b64decode(encoded, validate=True)
            signatures.append((name, blob[:4], blob[4:]))
            continue
        if signatures:
            found.append(_checkpoint(body[:-1], tuple(signatures)))
            body, signatures = [], []
        if line or body:
            body.append(line)
    if body != ["end"] or not found:
        raise ValueError("is no signed head")
    return tuple(found)


def _checkpoint(body: list[str], signatures: tuple[tuple[str, bytes, bytes], ...]) -> Checkpoint:
    if len(body) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,15}", body[1]):
        raise ValueError("is no signed head")
    root = base64.b64decode(body[2], validate=True)
    if len(root) != 32:
        raise ValueError("is no signed head: its root is not a SHA-256")
    text = "\n".join(body) + "\n"
    return Checkpoint(body[0], int(body[1]), root, text.encode(), signatures)


def holds(head: Checkpoint, public: bytes) -> bool:
    """Whether a head is signed by a key."""
    wanted = key_id(head.origin, public)
    return any(
        name == head.origin and number == wanted and signed_by(public, head.text, signature)
        for name, number, signature in head.signatures
    )


def handover(origin: str, size: int, root: bytes, public: bytes) -> bytes:
    """What the old key signs so that the new one counts from the entry after `size` on."""
    encoded = [base64.b64encode(raw).decode() for raw in (root, public)]
    return "\n".join(["sekisho ledger key", origin, str(size), *encoded, ""]).encode()


def verify(
    stream: BinaryIO,
    heads: dict[int, str] | None = None,
    signed: Iterable[Checkpoint] = (),
    trusted: Collection[bytes] = (),
    leaves: bytearray | None = None,
) -> Result:
    """Check every line of a ledger, and that what is known from elsewhere is in it: entries (`seq` →
    hash), signed heads, and public keys, without which those that the ledger names are believed.

    `leaves` is given the hash of each entry, 32 bytes each. Memory grows by 32 bytes an entry.
    """
    heads, signed = heads or {}, list(signed)
    flaws: list[Flaw] = []
    befores = bytearray()
    children: dict[bytes, int] = {}
    seq, last, line, entries, torn = 0, FIRST, 0, 0, 0
    seen: dict[int, str] = {}
    edge: list[bytes] = []
    sizes, roots, origin = {head.size for head in signed}, {}, ""
    keys: list[Key] = []
    while raw := stream.readline(LONGEST_LINE + 1):
        if not raw.endswith(b"\n") and len(raw) <= LONGEST_LINE:
            torn = len(raw)
            break
        line += 1
        entry, digest = None, FIRST
        if len(raw) > LONGEST_LINE:
            flaws.append(Flaw("too-long", line, seq + 1, f"a line of over {LONGEST_LINE} bytes"))
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
        else:
            try:
                entry = read_entry(raw[:-1])
                digest = line_hash(raw[:-1], entry)
            except ValueError as error:
                flaws.append(Flaw("unreadable", line, seq + 1, f"is not an entry: {error}"))
        if line == 1:
            origin = origin_of(digest)
        if entry is not None:
            entries += 1
            said, prev = entry["seq"], entry["prev"]
            if digest != entry["hash"]:
                flaws.append(
                    Flaw("edited", line, said, "was changed: its hash is not that of its content")
                )
            if said != seq + 1 or (last and prev != last):
                # Looked up only where something is wrong: in a whole ledger nothing is there twice.
                for known in range(len(children), len(befores) // 32):
                    children.setdefault(bytes(befores[known * 32 : known * 32 + 32]), known + 1)
                if before := children.get(bytes.fromhex(prev)):
                    text = f"follows the same entry as line {before} does"
                    flaws.append(Flaw("fork", line, said, text))
                elif said != seq + 1:
                    flaws.append(Flaw("order", line, said, f"stands where entry {seq + 1} should"))
                else:
                    flaws.append(Flaw("link", line, said, f"does not link to entry {seq} before it"))
            if entry["kind"] == KEY_KIND:
                keys += _key(entry, origin, line - 1, edge, keys, flaws, line)
            if said in heads:
                seen.setdefault(said, entry["hash"])
        befores += bytes.fromhex(entry["prev"] if entry else f"{line:064x}")
        extend(edge, line - 1, leaf_hash(digest))
        if leaves is not None:
            leaves += bytes.fromhex(digest)
        if line in sizes:
            roots[line] = root_of(edge)
        seq, last = (entry["seq"], entry["hash"]) if entry else (seq + 1, "")
    for known, wanted in sorted(heads.items()):
        if known == 0:
            continue
        if known not in seen:
            flaws.append(Flaw("truncated", line, known, "is known from elsewhere and is missing here"))
        elif seen[known] != wanted:
            flaws.append(Flaw("replaced", line, known, "is not the one that is known from elsewhere"))
    ordered = sorted(signed, key=lambda one: one.size)
    forces = [_in_force(keys, head.size) for head in ordered]
    for place, head in enumerate(ordered):
        # The newest head of a key vouches for all before it: those need only have the tree's root.
        newest = forces[place] != (forces[place + 1] if place + 1 < len(forces) else b"")
        found = _content_flaws(head, roots.get(head.size), origin, line)
        flaws += found
        if (found or newest) and not _signed_well(head, forces[place], keys, trusted):
            text = "a signed head of this size is not signed by a key that counts for it"
            flaws.append(Flaw("signature", line, head.size, text))
    return Result(entries, seq, last, torn, tuple(flaws), root_of(edge), origin, tuple(keys))


def _key(
    entry: dict[str, Any], origin: str, size: int, edge: list[bytes], keys: list[Key],
    flaws: list[Flaw], line: int,
) -> list[Key]:  # fmt: skip
    """The key that an entry names, with whether the one in force until then signed it."""
    body, now = entry["body"], keys[-1].public if keys else None
    try:
        public, *rest = (
            None if body.get(name) is None else base64.b64decode(body[name], validate=True)
            for name in ("public", "previous", "signature")
        )
        previous, signature = rest
        if public is None or len(public) != 32:
            raise ValueError("no key")
    except (ValueError, TypeError):
        flaws.append(Flaw("key", line, entry["seq"], "names no key"))
        return []
    if previous != now:
        flaws.append(Flaw("key", line, entry["seq"], "does not follow the key that was in force"))
    vouched = None if now is None else signature is not None
    if now is not None and signature is not None:
        statement = handover(origin, size, root_of(edge), public)
        if not signed_by(now, statement, signature):
            flaws.append(Flaw("key", line, entry["seq"], "is not signed by the key before it"))
            vouched = False
    return [Key(entry["seq"], public, previous, vouched)]


def _in_force(keys: Sequence[Key], size: int) -> bytes | None:
    """The key that counts for heads of this size."""
    return next((key.public for key in reversed(keys) if key.seq <= size), None)


def _content_flaws(head: Checkpoint, root: bytes | None, origin: str, line: int) -> list[Flaw]:
    """What keeps a head from being one of this ledger; `root` is the tree's at that size."""
    if origin and head.origin != origin:
        text = f"the signed head is of another ledger, {head.origin}"
        return [Flaw("replaced", line, head.size, text)]
    if head.size and root is None:
        return [Flaw("truncated", line, head.size, "is in a signed head and is missing here")]
    if head.size and root != head.root:
        text = "the signed head of this size has another root: the ledger was changed, or forked"
        return [Flaw("replaced", line, head.size, text)]
    return []


def _signed_well(
    head: Checkpoint, force: bytes | None, keys: Sequence[Key], trusted: Collection[bytes]
) -> bool:
    """Whether the key in force signed it, and that key is trusted or was vouched for by one that is."""
    good = set(trusted)
    for key in keys:
        if key.seq <= head.size and (not trusted or (key.vouched and key.previous in good)):
            good.add(key.public)
    # Of a ledger that was cut or replaced the keys may be gone too: then those that are held decide.
    candidates = [force] if force is not None else list(trusted)
    return any(public in good and holds(head, public) for public in candidates)


def check_proof(
    proof: Any, signed: Sequence[Checkpoint] = (), trusted: Collection[bytes] = ()
) -> tuple[str, list[str]]:
    """What a proof shows, and what is wrong with it. Raises ValueError where it is no proof.

    `signed` are heads that you hold: the proof must start from one of them. Without `trusted` keys
    those that came with the proof are believed.
    """
    try:
        kind, wrong = proof["kind"], []
        path = [bytes.fromhex(node) for node in proof["path"]]
        (head,) = read_checkpoints(proof["head"].encode())
        keys = set(trusted) or {read_key(text)[1] for text in proof["keys"]}
        held = head
        if kind == "inclusion":
            entry = read_entry(canonical(proof["entry"]).encode())
            seq, digest = entry["seq"], entry_hash(entry)
            if digest != entry["hash"]:
                wrong.append(f"entry {seq} was changed: its hash is not that of its content")
            if not included(leaf_hash(digest), seq - 1, head.size, path, head.root):
                wrong.append(f"entry {seq} is not in the head of {head.size} entries")
            shown = f"entry {seq} ({digest}) is in the head of {head.size} entries"
        elif kind == "consistency":
            (held,) = read_checkpoints(proof["from"].encode())
            if held.origin != head.origin:
                wrong.append("the heads are of different ledgers")
            if not consistent(held.size, head.size, path, held.root, head.root):
                wrong.append(f"the head of {head.size} entries does not continue that of {held.size}")
            if not any(holds(held, public) for public in keys):
                wrong.append(f"the head of {held.size} entries is not signed by a key that is known")
            shown = f"the head of {head.size} entries continues that of {held.size}"
        else:
            raise ValueError("its kind is unknown")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"is no proof: {error!r}") from None
    if not any(holds(head, public) for public in keys):
        wrong.append(f"the head of {head.size} entries is not signed by a key that is known")
    if signed and held.text not in {one.text for one in signed}:
        wrong.append(f"the head of {held.size} entries is none of those that you hold")
    return shown, wrong


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("has a key twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _head(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not seq.isascii() or not seq.isdigit() or not _HASH.fullmatch(digest):
        raise argparse.ArgumentTypeError("write SEQ:HASH, the hash as 64 hexadecimal digits")
    return int(seq), digest


def _signed(text: str) -> tuple[Checkpoint, ...]:
    try:
        with Path(text).open("rb") as stream:
            return read_checkpoints(stream.read(_LARGEST_PROOF))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {text}: {error.strerror}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} {error}") from None


def _public(text: str) -> bytes:
    try:
        return read_key(text)[1]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main(arguments: list[str] | None = None) -> int:
    """Run as a script; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verify an exported Sekisho ledger, or a proof.")
    parser.add_argument("file", type=Path, help="the exported ledger, or a proof from one")
    for option, type_, metavar, text in (
        ("--head", _head, "SEQ:HASH", "an entry you know from elsewhere"),
        ("--signed", _signed, "FILE", "signed heads that you hold from elsewhere"),
        ("--key", _public, "KEY", "the ledger's key as you know it from elsewhere"),
    ):
        parser.add_argument(
            option, type=type_, action="append", default=[], metavar=metavar,
            help=f"{text}; may be given several times",
        )  # fmt: skip
    options = parser.parse_args(arguments)
    signed = [head for several in options.signed for head in several]
    try:
        with options.file.open("rb") as stream:
            if (proof := _proof(stream.read(_LARGEST_PROOF))) is not None:
                return _say_proof(proof, signed, options.key)
            stream.seek(0)
            result = verify(stream, dict(options.head), signed, options.key)
    except OSError as error:
        sys.stderr.write(f"cannot read {options.file}: {error.strerror}\n")
        return 2
    except ValueError as error:
        sys.stderr.write(f"{options.file} {error}\n")
        return 2
    _say(result, options, signed)
    return 0 if result.whole else 5


def _proof(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("schema") == PROOF else None


def _say(result: Result, options: argparse.Namespace, signed: Sequence[Checkpoint]) -> None:
    say = sys.stdout.write
    for flaw in result.flaws:
        say(f"{flaw}\n")
    if result.torn:
        say(f"the last line is unfinished ({result.torn} bytes): it was never acknowledged\n")
    for key in result.keys:
        if key.vouched is False:
            say(f"entry {key.seq} names a new key that the one before it did not sign\n")
    state = "whole" if result.whole else "NOT whole"
    say(f"{state}: {result.entries} entries, the last is {result.seq}:{result.hash}\n")
    if not result.whole:
        return
    if not options.head and not signed:
        say("no --head was given and no --signed: a cut end or a file made anew would not show\n")
        return
    newest = max([*dict(options.head), *(head.size for head in signed)])
    if newest < result.entries:
        say(f"entries after {newest} are linked, but in no head that you hold\n")
    if signed and not options.key:
        say("no --key was given: the key is believed because the ledger names it\n")


def _say_proof(proof: Any, signed: Sequence[Checkpoint], trusted: Sequence[bytes]) -> int:
    shown, wrong = check_proof(proof, signed, trusted)
    for text in wrong:
        sys.stdout.write(f"{text}\n")
    sys.stdout.write(f"{'NOT shown' if wrong else 'shown'}: {shown}\n")
    if not wrong and not trusted and not signed:
        sys.stdout.write(
            "neither --key nor --signed was given: who made this proof may have made both\n"
        )
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
