"""Who is to be banned for guessing passwords, and who never is."""

from ipaddress import ip_address, ip_network

import pytest

from callcenter.ari.guesses import (
    ACCOUNT_GUESSES,
    ATTACKED_SECONDS,
    GUESSES,
    GUESSES_AT_ATTACKED,
    KNOWN_SECONDS,
    WITHIN_SECONDS,
    Guesses,
    network_of,
)

STRANGER, OWNER = ip_address("192.0.2.66"), ip_address("192.0.2.50")


def guess(guesses: Guesses, times: int, *, every: float = 0.001, at: float = 0.0) -> list[bool]:
    return [guesses.guessed(STRANGER, b"op-a", at + number * every) for number in range(times)]


def many_guess(guesses: Guesses, account: bytes, now: float, many: int = ACCOUNT_GUESSES) -> None:
    """Each from an address of its own."""
    for number in range(many):
        assert not guesses.guessed(ip_address(0x0A000000 + number), account, now)


def test_who_guesses_on_and_on_is_to_be_banned() -> None:
    guesses = Guesses()
    assert not any(guess(guesses, GUESSES - 1))
    assert guess(guesses, 1) == [True]
    assert guesses.count == GUESSES
    assert not any(guess(guesses, GUESSES - 1)), "the ban is over: counted anew"


def test_a_phone_with_a_wrong_password_is_not_banned() -> None:
    assert not any(guess(Guesses(), 1000, every=2 * WITHIN_SECONDS / GUESSES))


def test_where_a_phone_has_registered_nobody_is_banned() -> None:
    guesses = Guesses()
    guesses.registered(STRANGER, 0)
    assert not any(guess(guesses, 300))
    assert guesses.count == 0
    assert any(guess(guesses, 300, at=KNOWN_SECONDS))


@pytest.mark.parametrize(
    ("network", "there"),
    [
        ("192.0.2.50", True),
        ("192.0.2.0/24", True),
        ("192.0.0.0/16", True),
        ("192.0.2.51", False),
        ("192.0.3.0/24", False),
        ("2001:db8:1:2::9", True),  # the customer of the /64
        ("2001:db8:1::/48", True),
        ("2001:db8:1:3::/64", False),
        ("c000:232::/32", False),  # the same bytes
    ],
)
def test_a_network_with_a_phone_is_known(network: str, there: bool) -> None:
    guesses = Guesses()
    guesses.registered(OWNER, 5.0)
    guesses.registered(ip_address("2001:db8:1:2::1"), 5.0)
    assert guesses.registered_within(ip_network(network), 6.0) is there
    assert not guesses.registered_within(ip_network(network), 6.0 + KNOWN_SECONDS)


def test_the_neighbours_of_an_ipv6_customer_are_the_customer() -> None:
    guesses = Guesses()
    found = [
        guesses.guessed(ip_address(f"2001:db8:0:1::{number:x}"), b"op-a", 0)
        for number in range(GUESSES)
    ]
    assert found[-1]
    assert str(network_of(ip_address("2001:db8:0:1::7"))) == "2001:db8:0:1::/64"


def test_at_an_account_that_many_guess_at_an_address_has_three() -> None:
    guesses = Guesses()
    many_guess(guesses, b"op-a", 0)
    assert guesses.attacked(1) == 1
    assert guess(guesses, GUESSES_AT_ATTACKED, at=1) == [False, False, True]
    assert not any(guesses.guessed(STRANGER, b"op-b", 2) for _ in range(GUESSES - 1))
    assert guesses.attacked(ATTACKED_SECONDS + 10) == 0


def test_the_owner_of_an_attacked_account_is_not_locked_out() -> None:
    guesses = Guesses()
    guesses.registered(OWNER, 0)
    many_guess(guesses, b"op-a", 1)
    assert not any(guesses.guessed(OWNER, b"op-a", 2) for _ in range(100))


def test_a_phone_that_comes_anew_while_its_account_is_attacked_registers() -> None:
    """At its first try with an old challenge, at the second with Asterisk's new one."""
    guesses = Guesses()
    many_guess(guesses, b"op-a", 0)
    for _ in range(3):
        assert not guesses.guessed(OWNER, b"op-a", 1)
        assert not guesses.guessed(OWNER, b"op-a", 1)
        guesses.registered(OWNER, 1)


def test_one_address_is_no_many() -> None:
    guesses = Guesses()
    guess(guesses, GUESSES)
    assert guesses.attacked(1) == 0
