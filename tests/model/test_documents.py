from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.model.documents import Document


class Word(Document):
    text: str


def test_a_document_takes_what_it_declares_and_never_changes() -> None:
    word = Word(text="permit")
    with pytest.raises(ValidationError, match="frozen"):
        word.text = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Word.model_validate({"text": "permit", "more": 1})
