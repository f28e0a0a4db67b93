from __future__ import annotations

import io
import json

from tests.watch.conftest import alert, hostile

from sekisho.reports.base import Options
from sekisho.reports.registry import render
from sekisho.watch.alerts import AlertsDocument


def shown(document: AlertsDocument, form: str = "table", **options: int) -> str:
    stream = io.StringIO()
    render(document, form, stream, Options(**options))
    return stream.getvalue()


def test_one_alert_is_shown_whole_and_several_in_short() -> None:
    one = shown(AlertsDocument(alerts=(alert(3),)))
    assert "TH-HQ-EDI comes closest." in one
    assert "F-" in one
    two = shown(AlertsDocument(alerts=(alert(3), alert(2))))
    assert "TH-HQ-EDI comes closest." not in two
    assert two.startswith("2 alerts.")


def test_what_is_left_out_is_said() -> None:
    text = shown(AlertsDocument(alerts=(alert(), alert(), alert()), notes=("look",)), limit=1)
    assert "2 more" in text
    assert "look" in text


def test_no_terminal_obeys_and_json_lines_are_the_contract() -> None:
    document = AlertsDocument(alerts=(hostile(),))
    assert all(c == "\n" or c.isprintable() for c in shown(document))
    (line,) = shown(document, "jsonl").splitlines()
    assert json.loads(line)["schema"] == "sekisho.alert/1"
    assert "No alerts." in shown(AlertsDocument(alerts=()))
