from __future__ import annotations

from sekisho.fleet.campaigns.questions import questions, unwired, wire
from sekisho.fleet.checks.registry import CHECKS
from sekisho.model.terminals import Campaign


def test_a_campaign_asks_what_its_checks_read_and_its_own() -> None:
    found = questions(Campaign("m", ("services", "no such"), queries={"up": "SELECT 1"}))
    assert found.units == {"c_services": ("t_services",), "q_up": ("q_up",)}
    assert found.sql["q_up"] == "SELECT 1"
    assert "FROM services" in found.sql["t_services"]


def test_checks_agree_on_what_they_ask_of_a_table() -> None:
    asked: dict[str, str] = {}
    for check in CHECKS.values():
        for table, sql in check.queries.items():
            assert asked.setdefault(table, sql) == sql


def test_an_id_leads_back_to_its_campaign_and_name() -> None:
    for name in questions(Campaign("m", tuple(CHECKS), queries={"a_1": "SELECT 1"})).sql:
        assert unwired(wire(12, name)) == (12, name)


def test_other_ids_are_none_of_ours() -> None:
    for text in (
        "",
        "services",
        "sekisho_x_t_a",
        "sekisho_1_t_",
        "sekisho_1_t_a\n",
        "sekisho_1_t_../a",
    ):
        assert unwired(text) is None
    assert unwired("sekisho_" + "9" * 5000 + "_t_a") is None
    assert unwired("sekisho_\u0661_t_a") is None
