from __future__ import annotations

from sekisho.errors import EXIT_REQUEST
from sekisho.intel.base import LARGEST_DOCUMENT, LARGEST_LINES, FeedError


def test_a_feed_that_fails_ends_a_run_as_a_wrong_request_and_may_say_when_it_answers_again() -> None:
    error = FeedError("busy", "later", 90.0)
    assert error.exit_status == EXIT_REQUEST
    assert (str(error), error.mend, error.wait) == ("busy", "later", 90.0)


def test_a_document_must_fit_into_memory_and_a_list_need_not() -> None:
    assert LARGEST_DOCUMENT < LARGEST_LINES == 2 * 1024**3
