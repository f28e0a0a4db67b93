"""A draft of a notification as a page."""

from __future__ import annotations

from sekisho.notify.papers import Draft
from sekisho.reports.html.page import render


def draft_page(draft: Draft) -> str:
    """One file that loads nothing; printed, each page says what it is."""
    return render("draft.html.j2", style="draft.css", draft=draft)
