"""Plays that once went wrong: as it was then they still do, as it is now they go well."""

from dataclasses import replace

import pytest

from callcenter.ari import silence
from tests.simulation.play import Failed, Play
from tests.simulation.script import Script, write_script
from tests.simulation.service import Service

HOURS = 0.05


def script_of(seed: int) -> Script:
    """As it was then: nobody had an open line, or gave a caller on."""
    return replace(write_script(seed, HOURS), open_lines=frozenset(), gives_on=False)


def test_a_black_hole_swallows_the_confirmation_of_a_hand_off() -> None:
    """The hand-off was undone before the connection was known to be dead."""
    script = script_of(73)
    hasty = replace(script, site=replace(script.site, bridge_seconds=2.0))
    with pytest.raises(Failed, match="was taken out of a talk"):
        Play(hasty).run()
    Play(script).run()


def test_the_service_is_frozen_in_the_middle_of_a_hand_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Timers that had run out came before what waited in the socket."""
    whole = Service.thaw

    def timers_first(service: Service) -> None:
        since, service.frozen_since = service.frozen_since, None
        service._wake()
        service.frozen_since = since
        whole(service)

    with monkeypatch.context() as patch:
        patch.setattr(Service, "thaw", timers_first)
        with pytest.raises(Failed, match="was taken out of a talk"):
            Play(script_of(16)).run()
    Play(script_of(16)).run()


@pytest.mark.parametrize("seed", [248, 271, 1100])
def test_two_phones_can_be_rung_again_in_the_same_step(seed: int) -> None:
    """Who had been idle for less time was rung, because that phone's time came first by name."""
    Play(write_script(seed, HOURS)).run()


@pytest.mark.parametrize("seed", [289, 1355, 60025])
def test_a_phone_is_restarted_while_nobody_looks(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had its power back when the service was, and its caller was left in silence."""
    with monkeypatch.context() as patch:
        patch.setattr(silence, "SOON_SECONDS", 1e9)
        with pytest.raises(Failed, match="is left with a phone that died"):
            Play(write_script(seed, HOURS)).run()
    Play(write_script(seed, HOURS)).run()


@pytest.mark.parametrize("seed", [82333])
def test_a_phone_is_restarted_while_the_service_is_frozen(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection was kept, so nobody was looked at."""
    with monkeypatch.context() as patch:
        patch.setattr(silence, "STOOD_SECONDS", 1e9)
        with pytest.raises(Failed, match="is left with a phone that died"):
            Play(write_script(seed, HOURS)).run()
    Play(write_script(seed, HOURS)).run()


@pytest.mark.parametrize("seed", [81009, 81014])
def test_a_phone_is_restarted_before_asterisk_has_noticed(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was never away, and knows nothing of the talk: it only registers anew."""
    with monkeypatch.context() as patch:
        patch.setattr(Service, "phone_registers", lambda _service, _endpoint: None)
        with pytest.raises(Failed, match="is left with a phone that died"):
            Play(write_script(seed, HOURS)).run()
    Play(write_script(seed, HOURS)).run()


def test_who_is_asked_how_it_was_leaves_the_operators_desk_also_after_a_reconnect() -> None:
    """The command was lost with the connection, and the next caller met this one in the bridge."""
    Play(write_script(1258, HOURS)).run()


def test_a_line_that_enters_a_bridge_that_is_being_closed_is_not_seated() -> None:
    """It was told as seated, and the operator was free with the line in no bridge."""
    Play(write_script(1737, HOURS)).run()


def test_who_is_called_back_makes_room_for_those_whom_nobody_serves() -> None:
    """The neighbour's line had room again, and nobody looked."""
    Play(write_script(1874, HOURS)).run()


def test_who_is_back_in_a_queue_hears_of_its_line_anew() -> None:
    """The auditor held what had been said there before another queue's place was told."""
    Play(write_script(2370, HOURS)).run()


def test_a_journal_that_is_read_twice_says_the_same_both_times() -> None:
    """The play read its journal once, and gave the second life what the first had made of it."""
    Play(write_script(1249, HOURS)).run()


def test_a_key_that_came_with_the_end_of_the_talk_answers_the_question() -> None:
    """The service was frozen: the auditor took the key for one that was pressed before."""
    Play(write_script(200034, HOURS)).run()


@pytest.mark.parametrize("seed", [200446, 200578])
def test_who_asked_first_to_be_called_back_may_have_arrived_last(seed: int) -> None:
    """The numbers of callbacks stood in another order after a restart, which means nothing."""
    Play(write_script(seed, HOURS)).run()


def test_a_phone_that_seems_away_while_it_has_the_talk_on_hold_is_not_dead() -> None:
    """It sends no sound then, and was taken for dead within a second."""
    Play(write_script(204022, HOURS)).run()


@pytest.mark.parametrize("seed", [300377, 300662])
def test_a_phone_that_dies_while_it_has_the_talk_on_hold_is_listened_to_for_longer(
    seed: int,
) -> None:
    """The auditor expected it to be found dead as soon as any other. Its caller has music, and an
    open line stays up for that time when the caller has gone."""
    Play(write_script(seed, HOURS)).run()


def test_a_phone_is_restarted_and_the_answer_about_its_sound_is_lost() -> None:
    """Nothing more was asked for half a minute, and its caller was left in silence."""
    Play(write_script(300350, HOURS)).run()


def test_a_phone_that_had_no_power_when_it_was_called_does_not_ring() -> None:
    """It had its power back a moment later, and the auditor expected it to ring."""
    Play(write_script(200483, HOURS)).run()
