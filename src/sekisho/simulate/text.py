"""Text in bulk: fields as rows of 32-bit words with NUL padding, joined and the padding taken out.

Formatting number by number costs microseconds a row; four digits at a time from a table costs tens of
nanoseconds. Every field is an array [row, word]; `lines` puts the fields of a row together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sekisho.simulate.flows import Array

_BLOCK = 1 << 13
_FULL = [b"%04d" % n for n in range(10_000)]
_LEAD = [(b"%d" % n if n else b"").rjust(4, b"\0") for n in range(10_000)]
_UNIT = [(b"%d" % n).rjust(4, b"\0") for n in range(10_000)]
_UPPER: Array = np.frombuffer(b"".join(_LEAD + _FULL), np.uint32)
_LAST: Array = np.frombuffer(b"".join(_UNIT + _FULL), np.uint32)
_POINT2: Array = np.frombuffer(b"".join(b".%02d\0" % n for n in range(100)), np.uint32)
_POINT3: Array = np.frombuffer(b"".join(b".%03d" % n for n in range(1000)), np.uint32)
_SIXTY: Array = np.frombuffer(b"".join(b"%02d:\0" % n for n in range(60)), np.uint32)
_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TWO: Array = np.frombuffer(
    b"".join(bytes((_ALPHABET[n // 64 % 62], _ALPHABET[n % 64 % 62])) for n in range(4096)), np.uint16
)


def table(texts: Sequence[str]) -> Array:
    """Texts as rows of words [text, word], to be taken by number."""
    raw = [text.encode() for text in texts]
    width = max(1, -(-max((len(text) for text in raw), default=0) // 4))
    return np.frombuffer(b"".join(text.ljust(width * 4, b"\0") for text in raw), np.uint32).reshape(
        -1, width
    )


def constant(text: str, count: int) -> Array:
    """The same text in every row."""
    return np.broadcast_to(table([text])[0], (count, table([text]).shape[1]))


def whole(values: Array, words: int = 2) -> Array:
    """Whole numbers from 0 to under 10 ** (4 * words), without leading zeros."""
    out = np.empty((len(values), words), np.uint32)
    rest = values.astype(np.int64)
    for word in range(words - 1, 0, -1):
        upper = rest // 10_000
        digits = rest - upper * 10_000 + (upper > 0) * 10_000
        out[:, word] = (_LAST if word == words - 1 else _UPPER)[digits]
        rest = upper
    out[:, 0] = (_LAST if words == 1 else _UPPER)[rest]
    return out


def micros(values: Array, words: int = 3) -> Array:
    """Microseconds as seconds with six decimals."""
    seconds = values // 1_000_000
    rest = values - seconds * 1_000_000
    high = rest // 10_000
    out = np.empty((len(values), words + 2), np.uint32)
    out[:, :words] = whole(seconds, words)
    out[:, words] = _POINT2[high]
    out[:, words + 1] = _LAST[rest - high * 10_000 + 10_000]
    return out


def millis(values: Array) -> Array:
    """Microseconds as seconds with three decimals."""
    thousandths = values // 1000
    seconds = thousandths // 1000
    return np.concatenate([whole(seconds), _POINT3[thousandths - seconds * 1000][:, None]], axis=1)


def stamps(values: Array) -> Array:
    """Microseconds since 1970 as `2020-05-25 13:05:09`, in the zone they are given in."""
    seconds = values // 1_000_000
    days, clock = np.divmod(seconds, 86_400)
    kinds, which = np.unique(days, return_inverse=True)
    dates = table([str(np.datetime64(int(day), "D")) + " " for day in kinds])
    hours, rest = np.divmod(clock, 3600)
    minutes, last = np.divmod(rest, 60)
    time = np.stack([_SIXTY[hours], _SIXTY[minutes]], axis=1)
    return np.concatenate([dates[which], time, _LAST[last + 10_000][:, None] & _LOW_PAIR], axis=1)


_LOW_PAIR = np.frombuffer(b"\0\0\xff\xff", np.uint32)[0]


def uids(rng: np.random.Generator, count: int, before: str = "\0") -> Array:
    """Zeek's connection ids, C and 17 letters or digits, with one character before them."""
    out = _TWO[rng.integers(0, 4096, (count, 10), dtype=np.uint16)].view(np.uint8)
    out[:, 0], out[:, 1], out[:, 19] = ord(before), ord("C"), 0
    return out.view(np.uint32)


def blank_where(part: Array, rows: Array, text: str = "") -> Array:
    """The field with other text in some rows."""
    part = np.array(part)
    part[rows] = 0
    if text:
        part[rows, :1] = table([text])[0, :1]
    return part


def lines(*parts: Array) -> bytes:
    """The fields of each row one after another; parts end their rows with a newline themselves."""
    return b"".join(pieces(*parts))


def pieces(*parts: Array) -> list[bytes]:
    """The same in pieces of some thousand rows, for who writes them one after another anyway."""
    width = sum(part.shape[1] for part in parts)
    count = len(parts[0])
    done = []
    buffer = np.empty((min(count, _BLOCK), width), np.uint32)
    for first in range(0, count, _BLOCK):
        size = min(_BLOCK, count - first)
        column = 0
        for part in parts:
            buffer[:size, column : column + part.shape[1]] = part[first : first + size]
            column += part.shape[1]
        done.append(buffer[:size].tobytes().translate(None, b"\0"))
    return done
