"""A page as PDF (WeasyPrint). Nothing is fetched: what a page needs stands in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sekisho.errors import RequestError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

LARGEST = 3 << 20
"""Characters of a page; laying out takes time and memory in proportion."""
_NAMED = 8
"""Letters without a font that are named."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_ROOT = re.compile(r":root\s*\{(.*?)\}", re.DOTALL)
_PROPERTY = re.compile(r"(--[\w-]+):\s*([^;]+);")
_VALUE = re.compile(r"var\((--[\w-]+)\)")
_AT_RULE = re.compile(r"@[\w-]+[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"(?<=[}\s])([A-Za-z.][\w\s.,-]*)\{([^{}]*)\}")
_DRAWS = re.compile(r"\b(?:fill|stroke|font-size|opacity)\b")
_HEADS = re.compile(r"<defs>.*?</defs>", re.DOTALL)
_SVG = re.compile(r"<svg\b(?![^>]*class=\"defs\")[^>]*>")


def pdf(page: str, tell: Callable[[str], None] | None = None) -> bytes:
    """The file's bytes; pages, margins and what stands in them are the style sheet's (CSS Paged Media).
    `tell` is given a sentence where no font of this system has some of the letters, which are boxes then.

    Raises RequestError where Pango is missing, or the page is too large to be laid out.
    """
    if len(page) > LARGEST:
        raise RequestError(
            f"a page of {len(page):,} characters is too large for a PDF",
            "write it as HTML and print that",
        )
    html = _weasyprint().HTML(string=_drawn(page), base_url=None, url_fetcher=_nothing())
    boxes = _Boxes()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(boxes)
    try:
        content: bytes = html.write_pdf()
    finally:
        logger.removeHandler(boxes)
    if boxes.letters and tell is not None:
        tell(boxes.sentence())
    return content


class _Boxes(logging.Handler):
    """Letters that were drawn as boxes: WeasyPrint says so in its log alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.letters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
            self.letters[str(record.args[0])] = None

    def sentence(self) -> str:
        some = ", ".join(f"U+{ord(letter[:1]):04X}" for letter in list(self.letters)[:_NAMED])
        more = f" and {len(self.letters) - _NAMED} more" if len(self.letters) > _NAMED else ""
        return (
            f"no font here has {some}{more}: they are boxes in the PDF; install fonts of the language"
            " (Debian: fonts-noto-cjk fonts-noto-core) and write it again"
        )


def _drawn(page: str) -> str:
    """The page with its style sheet inside each drawing too: a drawing is laid out by itself there, with
    neither the page's rules nor its custom properties nor the arrow heads of another drawing."""
    style = _STYLE.search(page)
    if style is None or "<svg" not in page:
        return page
    root = _ROOT.search(style[1])
    values = dict(_PROPERTY.findall(root[1])) if root else {}
    css = _VALUE.sub(lambda found: values.get(found[1], "inherit"), _AT_RULE.sub("", style[1]))
    # A selector that is not understood there ends the whole sheet: those of drawings are plain.
    rules = "".join(f"{who}{{{what}}}" for who, what in _RULE.findall(css) if _DRAWS.search(what))
    heads = _HEADS.search(page)
    inside = f"<style>{rules.replace('.drawing ', '')}</style>{heads[0] if heads else ''}"
    return _SVG.sub(lambda found: found[0] + inside, page)


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
