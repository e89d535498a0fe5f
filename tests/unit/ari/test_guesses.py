"""Who is banned, for how long, and who never is."""

from ipaddress import ip_address

from callcenter.ari.guesses import BAN_SECONDS, BANS_KEPT, GUESSES, WITHIN_SECONDS, Guesses

STRANGER = ip_address("192.0.2.66")


def guess(guesses: Guesses, times: int, *, every: float = 0.001, at: float = 0.0) -> None:
    for number in range(times):
        guesses.guessed(STRANGER, at + number * every)


def test_who_guesses_on_and_on_is_banned_and_let_in_again() -> None:
    guesses = Guesses()
    guess(guesses, GUESSES - 1)
    assert guesses.banned(1) == ()
    guess(guesses, 300)
    assert guesses.banned(1) == ("192.0.2.66",)
    assert guesses.bans == 1
    assert guesses.banned(1 + BAN_SECONDS) == ()


def test_a_phone_with_a_wrong_password_is_not_banned() -> None:
    guesses = Guesses()
    guess(guesses, 1000, every=2 * WITHIN_SECONDS / GUESSES)
    assert guesses.banned(1e6) == ()


def test_where_a_phone_has_registered_nobody_is_banned() -> None:
    guesses = Guesses()
    guesses.registered(STRANGER, 0)
    guess(guesses, 300)
    assert guesses.banned(1) == ()


def test_the_neighbours_of_an_ipv6_customer_are_the_customer() -> None:
    guesses = Guesses()
    for number in range(GUESSES):
        guesses.guessed(ip_address(f"2001:db8:0:1::{number:x}"), 0)
    assert guesses.banned(1) == ("2001:db8:0:1::/64",)


def test_the_table_is_bounded() -> None:
    guesses = Guesses()
    for number in range(2 * BANS_KEPT):
        for _ in range(GUESSES):
            guesses.guessed(ip_address(0x0A000000 + number), 0)
    assert len(guesses.banned(1)) == BANS_KEPT
