"""Fetching over HTTP: bounded in size and time, conditional, patient, never led astray.

Redirects never lead from https to http, and take no secret to another host; certificates are verified,
proxies and credentials of the environment are not used.
"""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from sekisho.intel.base import FeedError
from sekisho.intel.values import words

TRIES = 4
LONGEST_WAIT = 60.0
"""Seconds that are waited here; who wants more is asked another time."""
WHOLE = 900.0
"""Seconds that one answer may take in all."""
HOPS = 5
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Door:
    """How a server is spoken to. `headers` and `login` may hold secrets, so they are never shown."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    ca: Path | None = None
    proxy: str | None = None
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `same`: nothing new since it was asked last."""

    status: int
    headers: Mapping[str, str]
    size: int = 0

    @property
    def same(self) -> bool:
        """304, Not Modified (RFC 9110, 15.4.5)."""
        return self.status == 304


class Fetcher:
    """Asks one server. Use as a context manager. `sleep` waits, `chance` gives 0 to 1."""

    def __init__(
        self,
        door: Door,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._door, self._sleep, self._chance, self._steady = door, sleep, chance, steady
        self._client = httpx.Client(
            verify=_trust(door.ca),
            timeout=httpx.Timeout(door.timeout, connect=15.0),
            trust_env=False,
            follow_redirects=False,
            proxy=door.proxy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def into(
        self,
        path: Path,
        url: str,
        most: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Write what a URL answers to a file, POST where there is a body. At most `most` bytes, unpacked.

        Tries again, later and later, where the server is busy or away. Raises FeedError.
        """
        for number in range(TRIES):
            try:
                return self._once(path, url, most, headers or {}, body)
            except _Busy as busy:
                wait = busy.wait if busy.wait is not None else self._pause(number)
                if number == TRIES - 1 or wait > LONGEST_WAIT:
                    raise FeedError(
                        str(busy), "it is asked again with the next refresh", wait
                    ) from None
                self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _pause(self, number: int) -> float:
        """Seconds: twice as long each time, and never at the same moment as everybody else's."""
        return float(2**number) * (0.5 + self._chance())

    def _once(
        self, path: Path, url: str, most: int, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        begun, here = self._steady(), url
        for _ in range(HOPS):
            secret = _origin(here) == _origin(url)
            with self._asked(here, headers, body, secret=secret) as answer:
                if answer.status_code in _MOVED:
                    here = _moved(here, answer.headers.get("Location", ""))
                    continue
                if answer.status_code == 304:
                    return Answer(304, dict(answer.headers))
                _judge(_host(here), answer)
                size = 0
                with path.open("wb") as file:
                    for chunk in answer.iter_bytes(1 << 16):
                        size += len(chunk)
                        if size > most:
                            raise FeedError(
                                f"{_host(here)} sends more than {most:,} bytes: refused",
                                "take a smaller feed, or a part of it",
                            )
                        if self._steady() - begun > WHOLE:
                            raise _Busy(f"{_host(here)} did not finish within {WHOLE:g} s")
                        file.write(chunk)
                return Answer(answer.status_code, dict(answer.headers), size)
        raise FeedError(f"{_host(url)} sends from one place to the next", "configure the final URL")

    @contextmanager
    def _asked(
        self, url: str, headers: Mapping[str, str], body: bytes | None, *, secret: bool
    ) -> Iterator[httpx.Response]:
        door = self._door
        given = {"User-Agent": "sekisho", **headers, **(door.headers if secret else {})}
        auth = httpx.BasicAuth(*door.login) if door.login and secret else None
        method = "GET" if body is None else "POST"
        try:
            request = self._client.build_request(method, url, content=body, headers=given)
            answer = self._client.send(request, stream=True, auth=auth)
        except httpx.HTTPError as error:
            raise _told(url, error) from None
        except (httpx.InvalidURL, ValueError):
            raise FeedError("the URL is no URL", "write https://HOST/PATH") from None
        try:
            yield answer
        except httpx.HTTPError as error:
            raise _told(url, error) from None
        finally:
            answer.close()


class _Busy(Exception):
    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


def _judge(host: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    said = f"{host} answered {status}"
    if status in _AGAIN:
        raise _Busy(said, retry_after(answer.headers.get("Retry-After", ""), datetime.now(UTC)))
    if status in (401, 403):
        raise FeedError(f"{said}: it does not let us in", "look at `user:` and `secret:`")
    if status == 406:
        raise FeedError(f"{said}: it does not speak what was asked for", "look at `kind:` and `url:`")
    raise FeedError(said, "look at `url:`")


def retry_after(text: str, now: datetime) -> float | None:
    """Retry-After in seconds from now (RFC 9110, 10.2.3); None where it says nothing."""
    given = text.strip()
    if given.isascii() and given.isdigit() and len(given) <= 9:
        return float(given)
    try:
        at = parsedate_to_datetime(given)
    except (TypeError, ValueError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max((at - now).total_seconds(), 0.0)


def _moved(here: str, location: str) -> str:
    try:
        there = urljoin(here, location)
        scheme, host, _ = _origin(there)
        before, own, _ = _origin(here)
    except ValueError:
        there, scheme, host, before, own = "", "", None, "", None
    # Plain http was allowed to one host: what it answers may not send elsewhere by it.
    plain = before == scheme == "http" and host == own
    if not location or not host or not (scheme == "https" or plain):
        raise FeedError(
            f"{_host(here)} sends to {words(location)[:100] or 'nowhere'}, which is not followed",
            "configure the final URL",
        )
    return there


def _trust(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except OSError as error:
            raise FeedError(f"cannot read certificates from {ca}: {error}", "look at `ca:`") from None
    return context


def _told(url: str, error: BaseException) -> Exception:
    """What a failure is to the person; the error itself may name the URL, and the URL may hold a token."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    host = _host(url)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return FeedError(
            f"{host}: its certificate does not hold: {words(cause.verify_message)}",
            "name its authority with `ca:`; it is not fetched without",
        )
    if cause is not None:
        return FeedError(f"{host}: TLS failed: {words(str(cause))}", "it is not fetched without TLS")
    return _Busy(f"{host}: {words(str(error)) or type(error).__name__}")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or '?'}" + (f":{parts.port}" if parts.port else "")
