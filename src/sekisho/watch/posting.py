"""One HTTP request to an address that a person configured: bounded in time and size, never led astray.

Redirects are not followed, proxies and credentials of the environment are not used, certificates are
verified. What the other end answers is only ever shown, cut short and printable.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from sekisho.watch.base import Misconfigured, NotDelivered, Undeliverable
from sekisho.watch.channel import trust
from sekisho.watch.targets import url_problem
from sekisho.watch.wording import one_line

LARGEST_ANSWER = 4096
LONGEST_WAIT = 3600
_SHOWN = 200
_TRY_AGAIN = frozenset({408, 425, 429})
_OURS_TO_MEND = frozenset({401, 403, 404, 405, 407, 410})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post. `ca_file` adds a company's own authority; `timeout` bounds the whole in seconds.

    The URL may hold a token, so it is never shown: `host` is what messages say.
    """

    url: str = field(repr=False)
    timeout: float = 10.0
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The host and port alone."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or '?'}" + (f":{parts.port}" if parts.port else "")


def post(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> None:
    """Post once; when this returns the other end answered 2xx.

    Blocks for at most the endpoint's timeout, and is not to be called from within an event loop.
    Raises Misconfigured, NotDelivered or Undeliverable.
    """
    _post(endpoint, body, headers, LARGEST_ANSWER, in_the_clear=False)


def ask(endpoint: Endpoint, body: bytes, headers: Mapping[str, str], most: int) -> bytes:
    """The same for an answer that counts: its body, of at most `most` bytes.

    For answers that are signed themselves, so http is as good as https. Raises like `post`.
    """
    answer = _post(endpoint, body, headers, most, in_the_clear=True)
    if len(answer) > most:
        raise Undeliverable(f"{endpoint.host} answers with over {most} bytes")
    return answer


def _post(
    endpoint: Endpoint, body: bytes, headers: Mapping[str, str], most: int, *, in_the_clear: bool
) -> bytes:
    if problem := url_problem(endpoint.url, in_the_clear=in_the_clear):
        raise Misconfigured(f"the URL {problem}")
    try:
        status, answer, retry_after = asyncio.run(
            _within(endpoint, body, headers, trust(endpoint.ca_file), most)
        )
    except TimeoutError as error:
        raise NotDelivered(f"{endpoint.host} did not answer within {endpoint.timeout:g} s") from error
    except httpx.HTTPError as error:
        cause = _root(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Misconfigured(f"{endpoint.host}: {_shown(cause)}") from error
        # The error itself may name the URL, and the URL may hold a token.
        raise NotDelivered(f"{endpoint.host}: {_shown(cause)}") from None
    except (httpx.InvalidURL, ValueError):
        raise Misconfigured("the URL is no URL") from None
    text = answer[:LARGEST_ANSWER].decode("utf-8", "replace")
    judge(endpoint.host, status, text, retry_after)
    return answer


def judge(host: str, status: int, text: str, retry_after: str) -> None:
    """What an HTTP answer means for a delivery (RFC 9110, sections 10.2.3 and 15). Raises like `post`."""
    said = f"{host} answered {status}"
    if text := one_line(text, _SHOWN):
        said += f": {text}"
    if 200 <= status < 300:
        return
    if status in _TRY_AGAIN or status >= 500:
        raise NotDelivered(said, _seconds(retry_after))
    if 300 <= status < 400:
        raise Misconfigured(f"{said}; redirects are not followed: configure the final URL")
    if status in _OURS_TO_MEND:
        raise Misconfigured(said)
    raise Undeliverable(said)


async def _within(
    endpoint: Endpoint, body: bytes, headers: Mapping[str, str], verify: ssl.SSLContext, most: int
) -> tuple[int, bytes, str]:
    # httpx bounds each read; an answer that drips a byte at a time needs a bound on the whole.
    async with asyncio.timeout(endpoint.timeout):
        return await _exchange(endpoint, body, headers, verify, most)


async def _exchange(
    endpoint: Endpoint, body: bytes, headers: Mapping[str, str], verify: ssl.SSLContext, most: int
) -> tuple[int, bytes, str]:
    async with (
        httpx.AsyncClient(
            verify=verify,
            timeout=endpoint.timeout,
            follow_redirects=False,
            trust_env=False,
            proxy=endpoint.proxy,
        ) as client,
        # An answer that is small when sent may be huge when unpacked: it is asked for as it is.
        client.stream(
            "POST",
            endpoint.url,
            content=body,
            headers={**headers, "Accept-Encoding": "identity", "User-Agent": "sekisho"},
        ) as answer,
    ):
        read = b""
        async for chunk in answer.aiter_raw(LARGEST_ANSWER):
            read += chunk
            if len(read) > most:
                break
        return answer.status_code, read, answer.headers.get("Retry-After", "")


def _seconds(retry_after: str) -> float | None:
    """Retry-After in seconds; its form as a date is left to the ordinary pace of retries."""
    text = retry_after.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return float(min(int(text), LONGEST_WAIT))


def _root(error: BaseException) -> BaseException:
    inner = error.__cause__ or error.__context__
    while inner is not None:
        error, inner = inner, inner.__cause__ or inner.__context__
    return error


def _shown(error: BaseException) -> str:
    return one_line(str(error), _SHOWN) or type(error).__name__
