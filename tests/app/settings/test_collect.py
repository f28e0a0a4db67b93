from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.app.settings.collect import CollectSettings, places


def test_places_of_either_version() -> None:
    assert places("0.0.0.0:2055, [::]:4739,") == (("0.0.0.0", 2055), ("::", 4739))
    assert places(" ") == ()


@pytest.mark.parametrize("text", ["2055", "host:1", "[::1]", "::1:2055", "10.0.0.1:70000", "1.2.3:4"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValidationError, match="syslog_udp"):
        CollectSettings(syslog_udp=text)


def test_flows_are_received_where_exporters_send_and_syslog_only_if_asked() -> None:
    settings = CollectSettings()
    assert [port for _, port in places(settings.flows)] == [2055, 4739, 6343]
    assert (settings.syslog_udp, settings.syslog_tcp, settings.syslog_tls) == ("", "", "")
