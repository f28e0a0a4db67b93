"""What is on record of the connections that steps went over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.proof import EACH, by_key

START = datetime(2024, 3, 4, tzinfo=UTC)


def test_rows_are_told_apart_by_their_connections() -> None:
    row: dict[str, Any] = {
        "src_realm": "", "src_hi": 0, "src_lo": 1, "dst_realm": "", "dst_hi": 0, "dst_lo": 2,
        "protocol": 6, "port": 22, "flows": 3,
    }  # fmt: skip
    assert by_key([row]) == {("", 0, 1, "", 0, 2, 6, 22): row}


def test_a_hop_has_the_records_bytes_and_days_of_its_own_connection(company: Any, seed_of: Any) -> None:
    for hour in range(9):
        company.flow(50 + hour, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(50.5, "10.2.0.41", "10.3.0.50", 3389, out=9_000_000)
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    hop = next(one for one in found.hops if one.src == "10.2.0.40")
    assert hop.sessions == 9
    assert hop.bytes_out is not None
    assert hop.bytes_out.low < 9 * 30_000, "those of the other source are not among them"
    assert 0 < len(hop.evidence) <= EACH
    assert {one.sensor for one in hop.evidence} == {"b-edge", "c-edge"}
    assert {one.at for one in hop.evidence} == {hop.at}


def test_where_nothing_was_found_nothing_is_asked(company: Any, seed_of: Any) -> None:
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert found.hops == ()


def test_pruned_days_are_evidenced_by_their_roll_ups(company: Any, seed_of: Any) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    opened = company.open()
    opened.lake.prune(START + timedelta(days=4))
    found = opened.look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    (hop,) = found.hops
    assert [(one.row, one.day, one.text is not None) for one in hop.evidence] == [
        (None, START + timedelta(days=2), True)
    ]
    assert hop.at == START + timedelta(hours=50)
    assert any("pruned" in note for note in found.notes)
