from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from tests.reports.incident_cases import ordinary
from tests.reports.incident_parts import AT, HOUR, hop

from sekisho.model.incidents import Holdings
from sekisho.reports.naming import Names, holdings
from sekisho.reports.units import Times


def test_hosts_have_their_names_where_one_is_known() -> None:
    names = Names(ordinary(), Times())
    assert names.host("10.40.9.9", None, "th-plant") == "th-app02 (10.40.9.9) at th-plant"
    assert names.host("10.60.1.7") == names.short("10.60.1.7") == "10.60.1.7"
    assert names.short("10.40.9.9", "acquired-co") == "acquired-co:10.40.9.9"
    assert names.end(("", "10.40.9.9")) == "th-app02"


def test_a_site_s_clock_stands_beside_the_reader_s() -> None:
    names = Names(ordinary(), Times())
    assert names.when(AT, "th-plant") == "2020-06-04 10:00 UTC (17:00 +07:00 at th-plant)"
    assert names.when(AT, "us-plant") == "2020-06-04 10:00 UTC (05:00 -05:00 at us-plant)"
    assert names.there(AT + 9 * HOUR, "jp-hq") == "2020-06-05 04:00 +09:00"
    assert names.when(AT, "nowhere") == names.when(AT) == "2020-06-04 10:00 UTC"


def test_a_step_that_nobody_watched_was_taken_by_then() -> None:
    names = Names(ordinary(), Times())
    step = hop(("203.0.113.9", None), ("10.40.9.9", "th-plant"), at_kind="on_or_before")
    assert names.taken(step, "th-plant") == f"{names.when(AT, 'th-plant')} or before"
    assert names.taken(hop(("10.40.9.9", "th-plant"), ("10.1.0.1", "jp-hq"))) == names.when(AT)


def test_what_a_host_keeps_and_who_stands_at_the_other_end() -> None:
    names, one = Names(ordinary(), Times()), ordinary().exfiltration[0]
    assert names.party(one) == "198.51.100.77 (a file service)"
    assert names.party(one.model_copy(update={"party": None})) == "198.51.100.77"
    assert holdings(one.holds) == "designs; customers (about 30,000 people, aerospace)"
    assert holdings(Holdings(people=0)) == "about 0 people"
    assert holdings(Holdings()) == holdings(None) == ""


def test_the_reader_s_own_clock_is_not_said_twice() -> None:
    tokyo = Names(ordinary(), Times(ZoneInfo("Asia/Tokyo")))
    assert tokyo.there(AT, "jp-hq") == ""
    assert tokyo.when(AT, "th-plant") == "2020-06-04 19:00 Asia/Tokyo (17:00 +07:00 at th-plant)"
    assert AT.utcoffset() == timedelta(0) == UTC.utcoffset(None)
