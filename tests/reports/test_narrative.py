from __future__ import annotations

from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import AT, HOUR, spanning

from sekisho.model.findings import Onset
from sekisho.model.incidents import NO_SENSOR, LogonTally, Unobservable
from sekisho.reports.narrative import narrative
from sekisho.reports.units import Times

QUESTIONS = ["since", "entry", "through", "who", "far", "left", "unseen"]


def told(document: object) -> dict[str, str]:
    passages = narrative(document, Times())  # type: ignore[arg-type]
    assert [passage.id for passage in passages] == QUESTIONS
    return {passage.id: passage.text for passage in passages}


def test_every_question_has_its_answer() -> None:
    said = told(ordinary())
    assert said["since"] == (
        "Since 2020-06-04 10:00 UTC (17:00 +07:00 at th-plant) or earlier:"
        " th-edge has no data before 4 June."
    )
    assert said["entry"].startswith(
        "Most likely th-app02 (10.40.9.9) at th-plant, steered from 203.0.113.9 outside (share 83%)"
    )
    assert "Otherwise jp-files01 (10.1.10.96) at jp-hq (17%)" in said["entry"]
    assert said["through"].startswith("4 steps over https (1), smb (1), rdp (1) and ssh (1).")
    assert "The first took th-app02 from 203.0.113.9" in said["through"]
    assert "th-plant to jp-hq and jp-hq to us-plant" in said["through"]
    assert "1 step was taken against the direction" in said["through"]
    assert "1 step used connections that the rules allow" in said["through"]
    assert said["who"] == (
        "Accounts on record: CORP\\anong (1 connection, since 2020-06-04 12:00 UTC)."
        " Changed: CORP\\anong for CORP\\backup at jp-files01."
        " Traces were removed: jp-dc01 (10.1.10.5) at jp-hq"
        " on 2020-06-04 19:00 UTC (2020-06-05 04:00 +09:00 at jp-hq)."
        " Logons answer for 2 of 3 connections that ask for one."
    )
    assert said["far"].startswith("4 assets at 3 of 4 sites: 2 confirmed, 2 suspected.")
    assert said["left"] == (
        "4.1 GB to 4.6 GB from jp-files01 to 198.51.100.77 (a file service),"
        " 2020-06-05 06:00 UTC until 2020-06-05 08:00 UTC."
        " These hosts keep designs; customers (about 30,000 people, aerospace)."
        " Sensors watched th-app02, and there is no evidence that anything left there."
        " Nobody could have seen whether anything left 10.60.1.7."
    )
    assert "jp-edge (5 h)" in said["unseen"]
    assert "nothing seen is no answer" in said["unseen"]


def test_what_was_seen_to_begin_does_not_read_like_what_is_older() -> None:
    seen = ordinary().model_copy(update={"onset": Onset(at=AT, kind="observed")})
    assert "it was not there" in told(seen)["since"]
    assert "or earlier" not in told(seen)["since"]


def test_a_first_step_that_nobody_could_see_taken_is_told_with_its_bound() -> None:
    document = ordinary()
    assert "at the latest" not in told(document)["through"]
    paths = [
        path.model_copy(
            update={"hops": tuple(h.model_copy(update={"at_kind": "on_or_before"}) for h in path.hops)}
        )
        for path in document.paths
    ]
    said = told(document.model_copy(update={"paths": tuple(paths)}))["through"]
    assert "UTC (17:00 +07:00 at th-plant) at the latest." in said


def test_nothing_found_says_so_to_every_question() -> None:
    said = told(nothing())
    assert all(said.values())
    assert "Not known" in said["since"]
    assert "recorded throughout" not in said["unseen"], "nothing is known of sensors"
    bare = tuple(place.model_copy(update={"sensors": ()}) for place in ordinary().places)
    dark = ordinary().model_copy(update={"places": bare, "unobservable": (), "paths": ()})
    assert "border of jp-hq, th-plant and us-plant" in told(dark)["unseen"]
    assert "recorded throughout" not in told(dark)["unseen"]
    missing = Unobservable(sensor=NO_SENSOR, why="us-plant has none", **spanning(AT, AT + HOUR))
    none = ordinary().model_copy(update={"unobservable": (missing,), "paths": ()})
    assert told(none)["unseen"].startswith("No sensor is there for it: us-plant has none.")
    whole = ordinary().model_copy(update={"unobservable": (), "paths": ()})
    assert "recorded throughout" in told(whole)["unseen"]


def test_a_seed_that_led_nowhere_keeps_its_date() -> None:
    bare = nothing()
    seed = bare.seeds[0].model_copy(update={"onset": Onset(at=AT, kind="on_or_before"), "why": None})
    said = told(bare.model_copy(update={"seeds": (seed,)}))["since"]
    assert said.startswith("Not known of an incident")
    assert f"{seed.value} is on record since" in said
    assert said.endswith("or earlier.")


def test_logons_that_nobody_recorded_are_not_logons_that_are_missing() -> None:
    document = ordinary().model_copy(
        update={
            "logons": LogonTally(connections=3, asked=2, no_log=2), "accounts": (), "traces_removed": ()
        }
    )  # fmt: skip
    assert told(document)["who"].endswith(
        "No log of any host covers the time of the 2 connections that ask for a logon: who it was is not known."
    )


def test_long_lists_are_cut_and_counted() -> None:
    said = told(large())
    assert "more" in said["far"]
    assert len(said["far"]) < 1000


def test_relays_are_part_of_the_story() -> None:
    said = told(relayed())["through"]
    assert "1 step went through jump-1." in said
    assert (
        "1 step by somebody behind proxy-1, most likely 10.40.9.1 (40%), 10.40.9.2 (20%),"
        " 10.40.9.3 (13%) and 4 more."
    ) in said
