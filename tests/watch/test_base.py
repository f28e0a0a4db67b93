from sekisho.watch.base import NotDelivered, Payload


def test_a_receiver_may_say_how_long_to_wait() -> None:
    assert NotDelivered("busy", after=30).after == 30
    assert NotDelivered("busy").after is None
    assert str(NotDelivered("busy")) == "busy"


def test_payloads_do_not_share_headers() -> None:
    assert Payload(b"a").headers is not Payload(b"b").headers
