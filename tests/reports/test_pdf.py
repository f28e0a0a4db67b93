from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from pypdf import PdfReader
from tests.reports.incident_cases import ordinary

from sekisho.errors import RequestError
from sekisho.notify.papers import Draft, Section, Statement
from sekisho.reports import pdf as pdf_module
from sekisho.reports.base import Options
from sekisho.reports.html.draft import draft_page
from sekisho.reports.pdf import pdf
from sekisho.reports.registry import render

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


def test_a_dossier_keeps_its_drawings_and_says_on_each_page_who_may_see_it() -> None:
    page = StringIO()
    options = Options(now=datetime(2020, 7, 1, tzinfo=UTC), tlp="red")
    render(ordinary(), "html", page, options)
    read = PdfReader(io.BytesIO(pdf(page.getvalue())))
    for number, one in enumerate(read.pages, 1):
        text = re.sub(r"\s+", "", one.extract_text())
        assert "TLP:RED" in text
        assert f"{number}/{len(read.pages)}" in text
    # Boxes are white with dark lines, as the style sheet has them, and not black: --panel and --critical.
    drawn = next(one for one in read.pages if "Where it went" in one.extract_text())
    commands = "".join(
        form.get_object().get_data().decode("latin-1")
        for form in drawn["/Resources"].get("/XObject", {}).values()
    ) + drawn.get_contents().get_data().decode("latin-1")
    assert re.search(r"\b1 1 1 rg\b", commands)
    assert "0.607843 0.070588 0.219608 RG" in commands
    assert "Sekisho" in read.pages[0].extract_text()


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


def test_letters_that_no_font_has_are_told() -> None:
    told: list[str] = []
    assert pdf("<!doctype html><p>plain</p>", told.append).startswith(b"%PDF")
    assert told == []
    # The last planes are for private use: no font of a system has them all.
    page = "<!doctype html><p>" + "".join(chr(0x10FF00 + n) for n in range(10))
    assert pdf(page, told.append) == pdf(page)
    (said,) = told
    assert said.startswith("no font here has U+10FF00, U+10FF01")
    assert "and 2 more" in said
    assert "fonts-noto-cjk" in said
