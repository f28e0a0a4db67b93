"""A page as PDF (WeasyPrint). Nothing is fetched: what a page needs stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sekisho.errors import RequestError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

LARGEST = 8 << 20
"""Characters of a page; laying out takes time and memory in proportion."""


def pdf(page: str) -> bytes:
    """The file's bytes; pages, margins and what stands in them are the style sheet's (CSS Paged Media).

    Raises RequestError where Pango is missing, or the page is too large to be laid out.
    """
    if len(page) > LARGEST:
        raise RequestError(
            f"a page of {len(page):,} characters is too large for a PDF",
            "write it as HTML and print that",
        )
    html = _weasyprint().HTML(string=page, base_url=None, url_fetcher=_nothing())
    content: bytes = html.write_pdf()
    return content


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        raise RequestError(
            "a PDF needs Pango, which this system does not have",
            "install it (Debian: apt install libpangoft2-1.0-0 fonts-noto-cjk fonts-noto-core), or write"
            " .html and print that",
        ) from error
    return weasyprint


def _nothing() -> URLFetcher:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)
