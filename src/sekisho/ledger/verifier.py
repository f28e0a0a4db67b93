"""Verify an exported ledger. One file, standard library only: copy it to any machine and run it.

    python verifier.py ledger.jsonl [--head SEQ:HASH]...

Each line is one entry in canonical JSON (RFC 8785) with the keys at, body, by, hash, kind, prev, seq.
`hash` is the SHA-256 of the entry's canonical JSON without `hash`; `prev` is the hash of the entry
before, 64 zeros for the first; `seq` counts from 1.

What it proves: that no entry was changed, left out, put in or moved since the last entry was written,
*given* that you know the hash of an entry from somewhere the writer of this file could not change it.
Everything up to the entry that such a `--head` names is then as it was.

What it does not prove: without a head from elsewhere, whoever can write the file can write another
whole one, or cut its end off. It says nothing about who really acted (`by` is what the program was
told), whether what an entry says is true, or whether the clock was right. Entries are not signed.

Exit status: 0 whole, 5 not whole, 2 the file or the arguments cannot be used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
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
class Result:
    """What was read. `torn` is how many bytes of an unfinished last line stand at the end."""

    entries: int
    seq: int
    hash: str
    torn: int
    flaws: tuple[Flaw, ...]

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


def read_entry(line: bytes) -> dict[str, Any]:
    """Parse one line (without its newline) and check it by itself. Raises ValueError saying why not."""
    try:
        entry = json.loads(line.decode("utf-8"), object_pairs_hook=_once, parse_constant=_constant)
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
    if canonical(entry).encode("utf-8") != line:
        raise ValueError("is not in canonical form (RFC 8785)")
    return entry


def verify(stream: BinaryIO, heads: dict[int, str] | None = None) -> Result:
    """Check every line of a ledger, and that entries known from elsewhere (`seq` → hash) are in it.

    Memory does not grow with the ledger except by some 200 bytes an entry, kept to tell forks.
    """
    heads = heads or {}
    flaws: list[Flaw] = []
    children: dict[str, int] = {}
    seq, last, line, entries, torn = 0, FIRST, 0, 0, 0
    seen: dict[int, str] = {}
    while raw := stream.readline(LONGEST_LINE + 1):
        if not raw.endswith(b"\n") and len(raw) <= LONGEST_LINE:
            torn = len(raw)
            break
        line += 1
        if len(raw) > LONGEST_LINE:
            flaws.append(Flaw("too-long", line, seq + 1, f"a line of over {LONGEST_LINE} bytes"))
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
            continue
        try:
            entry = read_entry(raw[:-1])
        except ValueError as error:
            flaws.append(Flaw("unreadable", line, seq + 1, f"is not an entry: {error}"))
            seq, last = seq + 1, ""
            continue
        entries += 1
        said = entry["seq"]
        if entry_hash(entry) != entry["hash"]:
            flaws.append(Flaw("edited", line, said, "was changed: its hash is not that of its content"))
        if entry["prev"] in children:
            before = children[entry["prev"]]
            flaws.append(Flaw("fork", line, said, f"follows the same entry as line {before} does"))
        elif said != seq + 1:
            flaws.append(Flaw("order", line, said, f"stands where entry {seq + 1} should"))
        elif last and entry["prev"] != last:
            flaws.append(Flaw("link", line, said, f"does not link to entry {seq} before it"))
        children.setdefault(entry["prev"], line)
        if said in heads:
            seen.setdefault(said, entry["hash"])
        seq, last = said, entry["hash"]
    for known, digest in sorted(heads.items()):
        if known == 0:
            continue
        if known not in seen:
            flaws.append(Flaw("truncated", line, known, "is known from elsewhere and is missing here"))
        elif seen[known] != digest:
            flaws.append(Flaw("replaced", line, known, "is not the one that is known from elsewhere"))
    return Result(entries, seq, last, torn, tuple(flaws))


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


def main(arguments: list[str] | None = None) -> int:
    """Run as a script; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verify an exported Sekisho ledger.")
    parser.add_argument("ledger", type=Path, help="the exported file, one entry a line")
    parser.add_argument(
        "--head",
        type=_head,
        action="append",
        default=[],
        metavar="SEQ:HASH",
        help="an entry you know from elsewhere; may be given several times",
    )
    options = parser.parse_args(arguments)
    try:
        with options.ledger.open("rb") as stream:
            result = verify(stream, dict(options.head))
    except OSError as error:
        sys.stderr.write(f"cannot read {options.ledger}: {error.strerror}\n")
        return 2
    for flaw in result.flaws:
        sys.stdout.write(f"{flaw}\n")
    if result.torn:
        sys.stdout.write(
            f"the last line is unfinished ({result.torn} bytes): it was never acknowledged\n"
        )
    state = "whole" if result.whole else "NOT whole"
    sys.stdout.write(f"{state}: {result.entries} entries, the last is {result.seq}:{result.hash}\n")
    if result.whole and not options.head:
        sys.stdout.write(
            "no --head was given, so a cut end or a wholly rewritten file would not show\n"
        )
    return 0 if result.whole else 5


if __name__ == "__main__":
    sys.exit(main())
