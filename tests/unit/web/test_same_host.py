"""Who counts as a program of this host: Prometheus beside us, whatever address we listen on."""

import pytest

from callcenter.web.headers import same_host


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.5", True),
        ("::1", "::1", True),
        ("192.0.2.10", "192.0.2.10", True),
        ("2001:db8::1", "2001:0db8:0::1", True),
        ("192.0.2.11", "192.0.2.10", False),
        ("192.0.2.11", "127.0.0.1", False),
        ("", "", False),
        ("unknown", "unknown", False),
        ("192.0.2.10", "", False),
    ],
)
def test_both_ends_are_this_host(theirs: str, ours: str, same: bool) -> None:
    assert same_host(theirs, ours) is same
