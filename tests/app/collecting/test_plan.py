from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.collecting.plan import listen_plan
from sekisho.app.settings.collect import CollectSettings
from sekisho.errors import RequestError
from sekisho.model.addresses import ip_address
from sekisho.sources.journal.framing import Kind

ALLOW = frozenset({ip_address("10.0.0.1")})


def test_each_place_with_what_comes_there() -> None:
    settings = CollectSettings(
        flows="0.0.0.0:2055, [::]:4739",
        syslog_udp="0.0.0.0:514",
        syslog_tcp="0.0.0.0:601",
        syslog_tls="0.0.0.0:6514",
        tls_certificate="tls/c.pem",
        tls_key="/etc/k.pem",
        tls_clients="ca.pem",
        buffer=1000,
        memory=2000,
        reserve=3000,
    )
    plan = listen_plan(settings, Path("/w"), ALLOW)
    assert [(one.transport, one.host, one.port, one.content) for one in plan.listens] == [
        ("udp", "0.0.0.0", 2055, Kind.DATAGRAM),
        ("udp", "::", 4739, Kind.DATAGRAM),
        ("udp", "0.0.0.0", 514, Kind.MESSAGE),
        ("tcp", "0.0.0.0", 601, Kind.MESSAGE),
        ("tls", "0.0.0.0", 6514, Kind.MESSAGE),
    ]
    assert [one.receive_buffer for one in plan.listens[:3]] == [1000] * 3
    tls = plan.listens[-1].tls
    assert tls is not None
    assert (tls.certificate, tls.key, tls.clients) == (
        Path("/w/tls/c.pem"),
        Path("/etc/k.pem"),
        Path("/w/ca.pem"),
    )
    assert (plan.allow, plan.backlog, plan.reserve) == (ALLOW, 2000, 3000)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(RequestError, match="nothing to listen"):
        listen_plan(CollectSettings(flows=""), Path(), ALLOW)
    with pytest.raises(RequestError, match="no sensor has an `address`"):
        listen_plan(CollectSettings(), Path(), frozenset())
    with pytest.raises(RequestError, match="certificate"):
        listen_plan(CollectSettings(syslog_tls="0.0.0.0:6514", tls_key="k"), Path(), ALLOW)
