from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.operations as ops
import pytest
from ibis import _

from sekisho.store.engines.portable_words import REFUSED, check_words

FLOWS = ibis.table({"start": "timestamp('UTC', 6)", "port": "int32", "text": "string"}, name="flows")


@pytest.mark.parametrize(
    "ask",
    [
        lambda t: t.agg(n=_.text.nunique()),
        lambda t: t.agg(n=_.port.median()),
        lambda t: t.mutate(p=_.port.lag().over(order_by="start")),
        lambda t: t.mutate(n=_.text.length()),
        lambda t: t.mutate(s=_.start.epoch_seconds()),
        lambda t: t.mutate(d=_.start.truncate("D")),
        lambda t: t.agg(b=_.port.bit_or()),
        lambda t: t.mutate(m=_.start.cast("int64")),
        lambda t: t.join(ibis.memtable({"port": [1]}, schema={"port": "int32"}), "port"),
    ],
)
def test_what_engines_do_not_agree_about_is_refused(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="not portable"):
        check_words(ask(FLOWS))


def test_every_word_refused_is_a_word_of_ibis() -> None:
    assert [word for word in REFUSED if not hasattr(ops, word)] == []


def test_plain_questions_pass() -> None:
    check_words(FLOWS.filter(_.port == 1).group_by("text").agg(n=_.count(), first=_.start.min()))
