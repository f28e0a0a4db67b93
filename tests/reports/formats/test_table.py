from __future__ import annotations

import io

from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options
from sekisho.reports.formats.table import write
from sekisho.reports.views.audit import AuditView


def test_a_table_is_what_the_view_shows(audit: AuditDocument) -> None:
    stream = io.StringIO()
    write(AuditView(), audit, stream, Options(width=60))
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 60
