from __future__ import annotations

from sekisho.policy.suggestions import LeftOut, Suggested, SuggestionsDocument


def test_document_keeps_its_names() -> None:
    rule = Suggested.model_validate(
        {"id": "A", "allow": "a -> b : ssh", "why": "", "from": None, "connections": 1, "flows": 2}
        | {"notes": ["n"], "witnesses": ["conn.log:7"]}
    )
    left = LeftOut(reason="incident", text="in the window", connections=3, examples=())
    document = SuggestionsDocument(observed=4, covered=1, proposals=(rule,), left_out=(left,))
    text = document.model_dump_json(by_alias=True)
    assert text.startswith('{"schema":"sekisho.policy-suggestions/1"')
    assert '"from":null' in text
    assert SuggestionsDocument.model_validate_json(text) == document
