from __future__ import annotations

from sekisho.model.probes import Asking, Trial


def test_a_service_is_asked_for_by_its_place_or_a_url() -> None:
    assert Trial("tls", "10.1.20.5", 8443).asked == "10.1.20.5:8443"
    assert Trial("http", "10.1.20.5", 80, "/up").asked == "http://10.1.20.5:80/up"


def test_what_is_kept_is_tried_before_what_may_hang() -> None:
    cut, kept = Trial("tls", "10.1.20.5", 443), Trial("tls", "10.1.20.5", 9443)
    asking = Asking(3, "th-pc", "10.40.2.10", "th", ((cut, "jp"),), (kept,))
    assert asking.trials == (kept, cut)
