from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sekisho.intel.attack.catalogue import Catalogue, LogSource, Technique
from sekisho.intel.methods.gaps import RULES, Here, Rule, techniques, version_of
from sekisho.intel.methods.known import known
from sekisho.model.methods import Exercise, Recorded, TechniqueItem

AT = datetime(2020, 6, 11, tzinfo=UTC)
FLOW = LogSource(component="Network Traffic Flow", log="NSM:Flow")
CLOUD = LogSource(component="Logon Session Creation", log="AWS:CloudTrail")
SSH = Technique(id="T1021.004", name="SSH", tactics=("lateral-movement",), shown_by=(FLOW, CLOUD))


def item(here: Here, one: Technique = SSH) -> TechniqueItem:
    catalogue = Catalogue(domain="enterprise-attack", version="18.1", techniques={one.id: one})
    (found,) = techniques(catalogue, known(), here)
    return found


def seen(source: str = "flow", site: str = "jp", **more: Any) -> Recorded:
    return Recorded(**({"source": source, "site": site, "standing": "seen", "last": AT} | more))


def test_all_is_well_where_it_is_seen_and_looked_for() -> None:
    found = item(Here(("jp",), (seen(),)))
    assert [one.id for one in found.sources] == ["flow"]
    assert (found.sources[0].by, "Network Traffic Flow" in found.sources[0].why) == ("attack", True)
    assert found.not_here == ("Logon Session Creation (AWS:CloudTrail)",)
    assert [one.id for one in found.looked_for_by] == ["connection-ssh", "steps"]
    assert (found.sites[0].standing, found.sites[0].looked_for, found.missing) == ("seen", True, ())


def test_nothing_recorded_and_not_recorded_lately_are_different_answers() -> None:
    nothing = item(Here(("jp", "th"), (seen(),)))
    assert [one.standing for one in nothing.sites] == ["seen", "nothing_recorded"]
    assert nothing.missing == (
        "nothing that could show it is recorded at th: Flows between sites and inside",
    )
    lapsed = item(Here(("jp",), (seen(standing="lapsed"),)))
    assert lapsed.missing == ("at jp nothing that could show it was recorded since 2020-06-11",)
    assert not lapsed.sites[0].looked_for


def test_what_nothing_here_could_show() -> None:
    one = SSH.model_copy(update={"id": "T1537", "shown_by": (CLOUD,), "tactics": ("exfiltration",)})
    found = item(Here(("jp",), (seen(),)), one)
    assert found.sources == ()
    assert found.missing == (
        "nothing that is read here could show it: it shows in Logon Session Creation (AWS:CloudTrail)",
    )


def test_rules_that_are_only_known_look_for_nothing() -> None:
    one = SSH.model_copy(update={"id": "T1072"})
    rule = Rule("r", "Rule", ("T1072",), "firewall")
    found = item(Here(("jp",), (seen(),), (rule,)), one)
    assert found.missing == ("nothing looks for it, though 1 Sigma rule is known that would",)
    running = Rule("r", "Rule", ("T1072",), "firewall", runs=True)
    assert item(Here(("jp",), (seen(),), (running,)), one).missing == ()
    elsewhere = Rule("r", "Rule", ("T1072",), "aws/cloudtrail", runs=True)
    deaf = item(Here(("jp",), (seen(),), (elsewhere,)), one)
    assert "on no record here" in deaf.looked_for_by[-1].why
    assert deaf.missing[0].startswith("what looks for it has nothing to read at jp")


def test_a_rule_counts_at_the_sites_at_which_its_records_are() -> None:
    one = SSH.model_copy(update={"id": "T1072"})
    both = (seen(), seen(site="th"))
    rule = Rule("r", "Rule", ("T1072",), "dns", runs=True, reads={"flow": frozenset({"th"})})
    found = item(Here(("jp", "th"), both, (rule,)), one)
    assert [site.looked_for for site in found.sites] == [False, True]
    assert found.looked_for_by[-1].needs == ("flow",)
    assert found.missing[0].startswith("what looks for it has nothing to read at jp")
    anywhere = replace(rule, reads={"flow": None})
    assert item(Here(("jp", "th"), both, (anywhere,)), one).missing == ()


def test_a_rule_has_what_its_author_says_shows_the_technique() -> None:
    one = SSH.model_copy(update={"id": "T1072"})
    rule = Rule(
        "r", "Rule", ("T1072",), "zeek/smb_files", runs=True, reads={"shares": frozenset({"jp"})}
    )
    found = item(Here(("jp",), (seen(), seen("shares")), (rule,)), one)
    assert "shares" not in {source.id for source in found.sources}
    assert (found.sites[0].looked_for, found.missing) == (True, ())
    gone = item(Here(("jp",), (seen(), seen("shares", standing="lapsed")), (rule,)), one)
    assert not gone.sites[0].looked_for
    # Where nothing that shows it is recorded, it is not called looked for.
    blind = item(Here(("jp",), (seen("shares"),), (rule,)), one)
    assert (blind.sites[0].standing, blind.sites[0].looked_for) == ("nothing_recorded", False)


def test_that_a_rule_was_asked_shows_less_than_what_another_found() -> None:
    one = SSH.model_copy(update={"id": "T1072"})
    rules = tuple(Rule(name, name, ("T1072",), "firewall", runs=True) for name in "ab")
    asked = Exercise(at=AT, kind="check", text="asked")
    match = Exercise(at=AT.replace(day=1), kind="match", text="matched")
    assert item(Here(("jp",), (seen(),), rules, {"a": asked, "b": match}), one).exercised == match
    assert item(Here(("jp",), (seen(),), rules, {"a": asked}), one).exercised == asked


def test_a_rule_that_cannot_be_asked_says_why() -> None:
    one = SSH.model_copy(update={"id": "T1072"})
    rule = Rule("r", "Rule", ("T1072",), "firewall", why="not recorded: Z is not kept", reads={})
    found = item(Here(("jp",), (seen(),), (rule,)), one)
    assert found.looked_for_by[-1].why == "tagged with this technique; not recorded: Z is not kept"
    assert found.missing == (
        "nothing looks for it, though 1 Sigma rule is known that would (not recorded: Z is not kept)",
    )


def test_many_rules_are_counted_and_some_told() -> None:
    rules = tuple(Rule(str(n), "Rule", ("T1021.004",), "firewall") for n in range(RULES + 5))
    found = item(Here(("jp",), (seen(),), rules))
    assert (found.rules, len(found.looked_for_by)) == (RULES + 5, RULES + 2)
    # What the one that is not told found counts all the same.
    match = Exercise(at=AT, kind="match", text="m")
    exercised = {rule.id: match for rule in rules if rule.id not in {x.id for x in found.looked_for_by}}
    assert len(exercised) == 5
    assert item(Here(("jp",), (seen(),), rules, exercised)).exercised == match


def test_the_last_exercise_counts() -> None:
    early = Exercise(at=AT.replace(day=1), kind="finding", text="F-1")
    late = Exercise(at=AT, kind="alert", text="A-1")
    found = item(Here(("jp",), (seen(),), (), {"steps": early, "connection-ssh": late}))
    assert found.exercised == late
    assert item(Here(("jp",), (seen(),))).exercised is None


def test_the_notice_of_the_catalogue_goes_along() -> None:
    assert "MITRE" in version_of(Catalogue(domain="ics-attack", version="1")).notice
