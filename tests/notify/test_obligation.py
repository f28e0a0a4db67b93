from __future__ import annotations

from sekisho.notify.reading import shipped


def test_an_obligation_as_it_is_told() -> None:
    (one,) = [one for one in shipped() if one.id == "jp-appi"]
    told = one.document()
    assert (told.id, told.own, told.confidence, told.jurisdiction) == (
        "jp-appi",
        False,
        "confirmed",
        "JP",
    )
    stages = {stage.stage: stage for stage in told.stages}
    assert stages["final"].due == "30 days; 60 days if improper_purpose"
    (other,) = [one for one in shipped() if one.id == "us-ny"]
    assert (other.shape.confidence, other.stages["people"].confidence) == ("secondary", "confirmed")
    assert len(stages["preliminary"].needs) == 9
    (nis2,) = [one for one in shipped() if one.id == "eu-nis2"]
    assert (nis2.stages["final"].after, nis2.stages["notification"].after) == ("notification", None)


def test_confirmed_names_where_the_law_was_read() -> None:
    for one in shipped():
        if one.shape.confidence == "confirmed":
            assert any(source.text == "law" for source in one.shape.sources), one.id
    (circia,) = [one for one in shipped() if not one.shape.enabled]
    assert circia.id == "us-circia"
