"""Each law that comes with the program, against a case worked by hand from the source that its file names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.inventory.located import Problems
from sekisho.model.notices import Clock
from sekisho.notify.clocks import Delivery, clocks
from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.lints import linted
from sekisho.notify.reading import read_obligation, shipped
from sekisho.notify.vocabulary import read_value

PH = (
    "countries=PH personal_data=yes data=identity acquired=yes serious_harm=yes"
    " aware=2026-06-24T10:00+08:00"
)
NOW = datetime(2027, 12, 1, tzinfo=UTC)
CASES: list[tuple[str, str, str, str, str | None, str]] = [
    # Rule 8(2): 30 days from the day of knowing, that day counted: 11 June is the first, 10 July the last.
    (
        "jp-appi",
        "final",
        "countries=JP personal_data=yes people=1001 improper_purpose=no aware=2026-06-11T09:00+09:00",
        "",
        "2026-07-10 23:59+09:00",
        "late",
    ),
    # The same, 60 days where an improper purpose is suspected, whatever the count: 9 August.
    (
        "jp-appi",
        "final",
        "countries=JP personal_data=yes improper_purpose=yes aware=2026-06-11T09:00+09:00",
        "",
        "2026-08-09 23:59+09:00",
        "late",
    ),
    # Rule 8(1) says promptly and no number.
    (
        "jp-appi",
        "preliminary",
        "countries=JP personal_data=yes improper_purpose=yes aware=2026-06-11T09:00+09:00",
        "",
        None,
        "running",
    ),
    # Rule 7(4): more than a thousand, so a thousand is not enough.
    (
        "jp-appi",
        "final",
        (
            "countries=JP personal_data=yes people=1000 improper_purpose=no financial_harm=no data=contact"
            " aware=2026-06-11T09:00+09:00"
        ),
        "",
        None,
        "not_applicable",
    ),
    # Article 33(1): 72 hours after having become aware, over the change of clocks of 29 March 2026.
    (
        "eu-gdpr",
        "authority",
        "countries=DE personal_data=yes risk=likely aware=2026-03-27T10:00+01:00",
        "",
        "2026-03-30 11:00+02:00",
        "late",
    ),
    # Article 33(1): not where a risk is unlikely. Article 34(1): people only where it is high.
    (
        "eu-gdpr",
        "authority",
        "countries=DE personal_data=yes risk=unlikely aware=2026-03-27T10:00+01:00",
        "",
        None,
        "not_applicable",
    ),
    (
        "eu-gdpr",
        "people",
        "countries=NO personal_data=yes risk=high aware=2026-03-27T09:00Z",
        "",
        None,
        "running",
    ),
    # Taken over from the Regulation: 72 hours.
    (
        "gb-gdpr",
        "authority",
        "countries=GB personal_data=yes risk=likely aware=2026-10-23T10:00+01:00",
        "",
        "2026-10-26 09:00+00:00",
        "late",
    ),
    # Article 23(4): 24 hours, 72 hours; one month after the notification: 31 January to 28 February.
    (
        "eu-nis2",
        "early-warning",
        "countries=FR nis2_entity=yes significant_incident=yes aware=2027-01-29T08:00+01:00",
        "",
        "2027-01-30 08:00+01:00",
        "late",
    ),
    (
        "eu-nis2",
        "final",
        "countries=FR nis2_entity=yes significant_incident=yes aware=2027-01-29T08:00+01:00",
        "notification@2027-01-31T20:00+01:00",
        "2027-02-28 23:59+01:00",
        "late",
    ),
    # Section 37(4): 72 hours.
    (
        "th-pdpa",
        "authority",
        "countries=TH personal_data=yes risk=likely aware=2026-06-11T09:00+07:00",
        "",
        "2026-06-14 09:00+07:00",
        "late",
    ),
    # Article 46(1): three times 24 hours.
    (
        "id-pdp",
        "agency",
        "countries=ID personal_data=yes aware=2026-06-24T09:00+07:00",
        "",
        "2026-06-27 09:00+07:00",
        "late",
    ),
    # Circular 16-03: 72 hours; full report within five days.
    (
        "ph-dpa",
        "commission",
        PH,
        "",
        "2026-06-27 10:00+08:00",
        "late",
    ),
    (
        "ph-dpa",
        "full-report",
        f"{PH} people=100",
        "",
        "2026-06-29 23:59+08:00",
        "late",
    ),
    # Section 26D(1): three calendar days after the day of the assessment.
    (
        "sg-pdpa",
        "commission",
        "countries=SG personal_data=yes people=500 determined_notifiable=2026-02-26T18:00+08:00",
        "",
        "2026-03-01 23:59+08:00",
        "late",
    ),
    # Its clock counts from the determination: knowing starts nothing.
    (
        "sg-pdpa",
        "commission",
        "countries=SG personal_data=yes people=500 aware=2026-02-26T18:00+08:00",
        "",
        None,
        "not_started",
    ),
    # Decree, Article 40: 72 hours, a thousand people and more.
    (
        "kr-pipa",
        "authority",
        "countries=KR personal_data=yes people=1000 aware=2026-02-16T09:00+09:00",
        "",
        "2026-02-19 09:00+09:00",
        "late",
    ),
    # Direction (ii): six hours of noticing.
    (
        "in-certin",
        "report",
        "countries=IN certin_incident=yes aware=2026-06-11T21:30+05:30",
        "",
        "2026-06-12 03:30+05:30",
        "late",
    ),
    # Section 26WH(2)(b): 30 days after becoming aware of grounds to suspect.
    (
        "au-ndb",
        "assessment",
        "countries=AU personal_data=yes suspected=2026-09-10T09:00+10:00",
        "",
        "2026-10-10 23:59+11:00",
        "late",
    ),
    # Section 26WK(2)(b) names no number.
    (
        "au-ndb",
        "statement",
        "countries=AU personal_data=yes serious_harm=yes aware=2026-09-10T09:00Z",
        "",
        None,
        "running",
    ),
    # Article 4: one hour, four hours; the lowest grade is not reported.
    (
        "cn-cac",
        "critical",
        "countries=CN critical_infrastructure=yes cn_severity=major aware=2026-06-11T09:00+08:00",
        "",
        "2026-06-11 10:00+08:00",
        "late",
    ),
    (
        "cn-cac",
        "provincial",
        "countries=CN critical_infrastructure=no cn_severity=relatively_major aware=2026-06-11T22:00+08:00",
        "",
        "2026-06-12 02:00+08:00",
        "late",
    ),
    (
        "cn-cac",
        "provincial",
        (
            "countries=CN people.CN=999999 critical_infrastructure=no cn_severity=general"
            " aware=2026-06-11T22:00+08:00"
        ),
        "",
        None,
        "not_applicable",
    ),
    (
        "cn-cac",
        "provincial",
        (
            "countries=CN people.CN=1000000 critical_infrastructure=no cn_severity=general"
            " aware=2026-06-11T22:00+08:00"
        ),
        "",
        "2026-06-12 02:00+08:00",
        "late",
    ),
    # Four business days of the determination: Wed 25 November, Thanksgiving and a weekend between.
    (
        "us-sec",
        "form-8k",
        "sec_registrant=yes material=2026-11-23T10:00-05:00",
        "",
        "2026-11-30 23:59-05:00",
        "late",
    ),
    # 72 hours of discovery.
    (
        "us-dfars",
        "report",
        "dod_contractor=yes defense_information=yes discovered=2026-06-09T09:00-04:00",
        "",
        "2026-06-12 09:00-04:00",
        "late",
    ),
    # 30 calendar days of discovery; the Attorney General 15 days after the people, above 500.
    (
        "us-ca",
        "people",
        "personal_data=yes people.US-CA=1 acquired=yes data=identity discovered=2026-02-10T09:00-08:00",
        "",
        "2026-03-12 23:59-07:00",
        "late",
    ),
    (
        "us-ca",
        "attorney-general",
        "personal_data=yes people.US-CA=501 acquired=yes data=identity discovered=2026-02-10T09:00-08:00",
        "people@2026-03-01T12:00-08:00",
        "2026-03-16 23:59-07:00",
        "late",
    ),
    # Within thirty days after the breach has been discovered.
    (
        "us-ny",
        "people",
        "personal_data=yes people.US-NY=3 acquired=yes data=health discovered=2028-01-30T09:00-05:00",
        "",
        "2028-02-29 23:59-05:00",
        "running",
    ),
    # (b): not later than the 60th day after the date of the determination. (i): 30 days, at 250 residents.
    (
        "us-tx",
        "people",
        "personal_data=yes people.US-TX=9 acquired=yes data=health determined_breach=2026-01-01T12:00-06:00",
        "",
        "2026-03-02 23:59-06:00",
        "late",
    ),
    (
        "us-tx",
        "attorney-general",
        "personal_data=yes people.US-TX=250 acquired=yes data=health determined_breach=2026-01-01T12:00-06:00",
        "",
        "2026-01-31 23:59-06:00",
        "late",
    ),
    # 164.404(b): 60 calendar days after discovery. 164.408(c): 60 days after the end of the year, below 500.
    (
        "us-hipaa",
        "people",
        "hipaa_entity=yes data=health discovered=2026-01-01T12:00-05:00",
        "",
        "2026-03-02 23:59-05:00",
        "late",
    ),
    (
        "us-hipaa",
        "secretary-yearly",
        "hipaa_entity=yes data=health people=499 discovered=2026-05-01T12:00-04:00",
        "",
        "2027-03-01 23:59-05:00",
        "late",
    ),
    ("us-circia", "report", "circia_entity=yes aware=2026-05-01T12:00Z", "", None, "disabled"),
]


def told(law: str, stage: str, facts: str, sent: str) -> Clock:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    sheet = Sheet.of(
        Recorded(name, read_value(name, value), at, "case", "aiko", at, n)
        for n, (name, _, value) in enumerate((text.partition("=") for text in facts.split()), 1)
    )
    deliveries = []
    if sent:
        what, _, when = sent.partition("@")
        deliveries = [
            Delivery(law, what, datetime.fromisoformat(when).astimezone(UTC), "aiko", "ab", "", 99, at)
        ]
    chosen = [one for one in shipped() if one.id == law]
    (clock,) = [one for one in clocks(chosen, sheet, deliveries, NOW) if one.stage == stage]
    return clock


@pytest.mark.parametrize(("law", "stage", "facts", "sent", "due", "state"), CASES)
def test_worked_by_hand(
    law: str, stage: str, facts: str, sent: str, due: str | None, state: str
) -> None:
    clock = told(law, stage, facts, sent)
    assert (clock.local, clock.state) == (due, state), clock.why


def test_every_law_has_a_case() -> None:
    assert {law for law, *_ in CASES} == {one.id for one in shipped()}


TOLD = [
    # (day, how each stands then): the worked example of docs/how-to/tell-who-must-be-told.md.
    ("2020-06-12", {"th-pdpa authority": "needs_decision", "jp-appi final": "needs_decision"}),
    ("2020-06-17", {"th-pdpa authority": "late", "jp-appi final": "running"}),
    ("2020-06-25", {"id-pdp agency": "running", "ph-dpa commission": "needs_decision"}),
    ("2020-07-09", {"id-pdp agency": "late", "us-dfars report": "needs_decision"}),
    ("2020-12-28", {"jp-appi final": "late", "us-ca people": "needs_decision"}),
]
KNOWN = [
    (
        "2020-06-11T06:00Z",
        "aware.JP=2020-06-11T15:00+09:00 aware.TH=2020-06-11T15:00+09:00 countries=JP,TH",
    ),
    ("2020-06-11T06:00Z", "sec_registrant=no nis2_entity=no hipaa_entity=no"),
    ("2020-06-16T01:00Z", "improper_purpose=yes personal_data=yes risk=likely"),
    (
        "2020-06-24T09:00Z",
        "countries=JP,TH,PH,ID aware.PH=2020-06-24T18:00+09:00 aware.ID=2020-06-24T18:00+09:00",
    ),
    ("2020-07-08T14:00Z", "countries=JP,TH,PH,ID,US discovered=2020-07-08T10:00-04:00"),
]
DUE = {
    "th-pdpa authority": "2020-06-14 13:00+07:00",
    "id-pdp agency": "2020-06-27 16:00+07:00",
    "ph-dpa commission": "2020-06-27 17:00+08:00",
    "us-dfars report": "2020-07-11 10:00-04:00",
    "us-ca people": "2020-08-07 23:59-07:00",
}


@pytest.mark.parametrize(("day", "states"), TOLD)
def test_the_reference_incident_as_of_each_date(day: str, states: dict[str, str]) -> None:
    facts = [(datetime.fromisoformat(at), text) for at, texts in KNOWN for text in texts.split()]
    now = datetime.fromisoformat(f"{day}T00:00+00:00")
    sheet = Sheet.of(
        Recorded(name, read_value(name, value), at, "audit", "aiko", at, n)
        for n, (at, text) in enumerate(facts)
        if at <= now
        for name, _, value in [text.partition("=")]
    )
    told = {f"{one.obligation} {one.stage}": one for one in clocks(shipped(), sheet, (), now)}
    assert {name: told[name].state for name in states} == states
    for name in states:
        japan = "2020-07-10 23:59+09:00" if day == "2020-06-12" else "2020-08-09 23:59+09:00"
        assert told[name].local == DUE.get(name, japan)


def test_the_example_of_the_guide_is_a_good_file() -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "tell-who-must-be-told.md"
    text = guide.read_text().partition("```yaml\n")[2].partition("```")[0].encode()
    problems = Problems()
    one = read_obligation("insurer.yaml", text, problems, own=True)
    assert one is not None, problems
    assert linted(one, text, one.shape.as_of) == []
