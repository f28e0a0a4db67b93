import pytest

from sekisho.watch.targets import url_problem


@pytest.mark.parametrize(
    "url",
    [
        "https://soar.example.org/hooks/sekisho",
        "https://[2001:db8::1]:8443/x",
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
        "http://localhost/x",
    ],
)
def test_https_and_this_machine(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://soar.example.org/x", "https"),
        ("http://localhost.evil.example/x", "https"),
        ("file:///etc/passwd", "host"),
        ("ftp://example.org/x", "https"),
        ("https:///x", "host"),
        ("https://user:pw@example.org/", "login"),
        ("https://example.org:99999/", "URL"),
        ("https://exa mple.org/", "URL"),
        ("https://example.org/\r\nHost: evil", "URL"),
        ("https://[::1", "URL"),
        ("", "host"),
    ],
)
def test_everything_else_says_why(url: str, why: str) -> None:
    assert why in (url_problem(url) or "")


def test_what_needs_no_cover_may_go_in_the_clear() -> None:
    assert url_problem("http://tsa.example/tsr") is not None
    assert url_problem("http://tsa.example/tsr", in_the_clear=True) is None
    assert url_problem("ftp://tsa.example/tsr", in_the_clear=True) is not None
