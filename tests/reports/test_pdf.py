from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pypdf import PdfReader

from sekisho.errors import RequestError
from sekisho.notify.papers import Draft, Section, Statement
from sekisho.reports import pdf as pdf_module
from sekisho.reports.html.draft import draft_page
from sekisho.reports.pdf import pdf

HEADINGS = {
    "ja": "本人の数 (number of people)",
    "zh": "影响和危害 (effects)",
    "ko": "유출등이 된 개인정보 항목 (items)",
    "th": "ลักษณะของเหตุ (nature)",
}


def pages(content: bytes) -> list[str]:
    """The text of each page, without the spaces between letters that depend on fonts."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("language", HEADINGS)
def test_each_page_says_what_it_is_and_headings_are_in_their_language(language: str) -> None:
    heading = HEADINGS[language]
    many = tuple(Statement(f"line {n}: <b>{n}</b>", (1,)) for n in range(150))
    draft = Draft(
        title="Notice",
        head=(("To", "Somebody"),),
        sections=(Section(heading, many),),
        evidence=("people=5; source: minutes",),
        version=3,
        language=language,
    )
    read = pages(pdf(draft_page(draft)))
    assert len(read) > 2
    for number, text in enumerate(read, 1):
        assert "Thisisnolegaladvice" in text
        assert f"Version3,SHA-256{draft.digest}" in text
        assert f"page{number}of{len(read)}" in text
    # Thai vowels may come out of a PDF in another order: what stands before the bracket, as letters.
    said = heading.partition(" (")[0].replace(" ", "")
    assert set(said) <= set(read[0])
    if language != "th":
        assert said in read[0]
    assert "line149:<b>149</b>[1]" in "".join(read)
    assert "source:minutes" in read[-1]


def test_nothing_is_fetched() -> None:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        page = (
            f'<link rel=stylesheet href="{at}/a.css"><style>@import "{at}/b.css";'
            f'p {{ background: url("{at}/c.png") }}</style><img src="{at}/d.png">'
            f'<img src="file:///etc/hostname"><object data="{at}/e.svg"></object><p>said</p>'
        )
        assert pages(pdf(page)) == ["said"]
        server.shutdown()
    assert asked == []


def test_what_is_missing_is_named() -> None:
    """In a process of its own, in which the loader of shared libraries finds no Pango."""
    code = (
        "import ctypes.util, cffi\n"
        "from cffi import FFI\n"
        "def refuse(self, name, *rest):\n"
        "    raise OSError(f'cannot load library {name!r}')\n"
        "FFI.dlopen = refuse\n"
        "from sekisho.errors import RequestError\n"
        "from sekisho.reports.pdf import pdf\n"
        "try:\n"
        "    pdf('<p>x')\n"
        "except RequestError as error:\n"
        "    print(error, error.mend)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs Pango" in done.stdout
    assert "libpangoft2-1.0-0" in done.stdout


def test_a_page_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_module, "LARGEST", 10)
    with pytest.raises(RequestError, match="too large"):
        pdf("<p>eleven letters")
