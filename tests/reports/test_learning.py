from __future__ import annotations

from datetime import UTC, date, datetime

from sekisho.model.learning import (
    ActionDocument,
    CodedField,
    CodingProposal,
    LearningDocument,
    LessonDocument,
    VerisDocument,
)
from sekisho.reports.learning import learning_report, veris_report

AT = datetime(2020, 6, 1, tzinfo=UTC)


def action(id_: str, state: str, due: date) -> ActionDocument:
    return ActionDocument.model_validate(
        {
            "id": id_,
            "text": "x",
            "owner": "ken",
            "due": due,
            "state": state,
            "by": "a",
            "at": AT,
            "seq": 1,
        }
    )


VERIS = VerisDocument(
    incident="INC-1",
    fields=(CodedField(field="confidence", values=("High",), by="ken", at=AT, seq=3),),
    missing=("actor", "action"),
    record={},
    proposals=(CodingProposal(field="targeted", values=("NA",), why="because"),),
    notes=("proposals count for nothing",),
)


def test_what_is_overdue_stands_first() -> None:
    report = learning_report(
        LearningDocument(
            incident="INC-1",
            at=AT,
            lessons=(LessonDocument(id="L-1", text="x", by="a", at=AT, seq=1),),
            actions=(
                action("A-1", "closed", date(2020, 1, 1)),
                action("A-2", "open", date(2020, 2, 1)),
                action("A-3", "overdue", date(2020, 3, 1)),
            ),
            veris=VERIS,
            notes=("1 overdue",),
        )
    )
    assert report.headline == "INC-1: 1 lesson, 3 actions (1 overdue, 1 open, 1 closed)."
    assert [row[0] for row in report.sheets[0].rows] == ["A-3", "A-2", "A-1"]
    assert report.notes == ("1 overdue", "the VERIS record lacks actor, action")


def test_coding_and_proposals() -> None:
    report = veris_report(VERIS)
    assert [sheet.name for sheet in report.sheets] == ["coded", "proposal"]
    assert report.sheets[1].rows[0] == ("targeted", "NA", None, "because")
    whole = veris_report(VERIS.model_copy(update={"missing": (), "proposals": ()}))
    assert whole.notes[0] == "the VERIS record is whole"
    assert len(whole.sheets) == 1
