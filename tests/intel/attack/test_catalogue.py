from __future__ import annotations

from sekisho.intel.attack.catalogue import Catalogue, LogSource, Technique


def test_a_catalogue_is_the_same_after_it_was_written_and_read() -> None:
    one = Technique(id="T1021.004", name="SSH", shown_by=(LogSource(component="Logon"),))
    made = Catalogue(domain="ics-attack", version="18.1", techniques={one.id: one})
    assert Catalogue.model_validate_json(made.model_dump_json()) == made
    assert (one.parent, made.label) == ("T1021", "ics-attack 18.1")
    # The part of a technique that is not there stands alone.
    assert made.named("T1021.004") == "SSH"
