"""When to be called back: in their turn, or at an hour that is typed; no key, no hour: in turn."""

from dataclasses import replace
from typing import Any

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import CallbackHow, ChoiceStage
from callcenter.core.ids import CallId
from callcenter.core.outcome import LegEnd
from callcenter.core.state import CallState
from tests.legs import caller_leg
from tests.site import DAMRONG
from tests.unit.core.test_callback import NUMBERS, Back

HOURS = ((14, 3600.0, False), (15, 7200.0, False), (9, 68_400.0, True))


class Chooses(Back):
    """Callers may choose; it is 13 o'clock."""

    def __init__(self, room_after: float = 0.0, **limits: Any) -> None:
        super().__init__(room_after, choose_hour=True, **limits)
        self.happens(e.CallbackHoursSeen(hours={DAMRONG: HOURS}))

    def wants(self, *names: str) -> None:
        """They hear the offer, and press 2."""
        for name in names:
            self.arrives(name)
        self.after(60)
        for name in names:
            self.presses(name)

    def played(self) -> tuple[str, ...]:
        """What was played last."""
        return [x.keys for x in self.ordered if isinstance(x, c.PlayPrompts)][-1]

    def asked(self) -> list[tuple[str, CallbackHow, float]]:
        """Who is to be called back, how it came, and in how many seconds from now; 0: in turn."""
        return [
            (x.call, x.how, x.due_at and x.due_at - self.now)
            for x in self.told
            if isinstance(x, f.CallbackAsked)
        ]

    def knows_of(self, name: str) -> None:
        """The service connects to Asterisk again, which has this caller."""
        seen = e.LegSeen(
            leg=caller_leg(name),
            in_app=True,
            is_up=True,
            did="1567",
            caller=NUMBERS[name],
            age_seconds=70.0,
        )
        self.happens(e.SnapshotTaken(boot="1", legs=(seen,), bridges=()))

    def types(self, name: str, keys: str) -> None:
        for key in keys:
            self.presses(name, key)


def test_one_is_as_soon_as_it_is_their_turn() -> None:
    told = Chooses()
    told.wants("ada")
    assert told.played()[0] == "callback_in_turn"
    assert told.in_line() == ["ada"], "the place is kept while they choose"
    before = len(told.ordered)
    told.presses("ada", "1")
    assert told.asked() == [("ada", CallbackHow.TURN, 0.0)]
    assert told.call("ada").state is CallState.PARKED
    stopped, out = told.ordered[before:]
    assert isinstance(stopped, c.StopPrompts), "the question does not go on"
    assert isinstance(out, c.SendOut) and out.exit is c.Exit.CALLBACK


@pytest.mark.parametrize(
    ("hour", "seconds", "day"),
    [("14", 3600, "callback_today"), ("09", 68_400, "callback_tomorrow")],
)
def test_an_hour_is_typed_said_back_and_kept(hour: str, seconds: float, day: str) -> None:
    told = Chooses()
    told.happens(e.CallbackHoursSeen(hours={DAMRONG: HOURS}))
    begun = told.now
    told.wants("ada")
    told.presses("ada", "2")
    assert told.played() == ("callback_hour",)
    told.types("ada", hour)
    assert told.played()[:2] == ("callback_at", day)
    assert told.played()[-3:] == ("callback_choose", "menu_press", "number_2")
    told.presses("ada", "1")
    ((_, how, due),) = told.asked()
    assert (how, told.now + due) == (CallbackHow.HOUR, begun + seconds)
    assert told.call("ada").state is CallState.RESTING
    told.happens(e.CallerLeft(call=CallId("ada")))
    told.logs_in("som")
    told.after(seconds - 61)
    assert told.rung() == []
    told.after(2)
    assert told.rung() == ["0811111111"]


def test_another_hour_is_typed_when_it_is_not_right() -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", "2" + "14" + "2" + "15" + "1")
    assert told.asked() == [("ada", CallbackHow.HOUR, 7200.0 - 60.0)]


def test_hours_in_which_nobody_is_called_are_refused_and_end_in_their_turn() -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", "2" + "03")
    assert told.played() == ("callback_not_then", "callback_hour")
    told.types("ada", "77")
    assert told.asked() == []
    told.types("ada", "16")
    assert told.asked() == [("ada", CallbackHow.SILENT, 0.0)]


@pytest.mark.parametrize("keys", ["", "2", "21", "214"])
def test_who_presses_nothing_more_is_called_in_their_turn(keys: str) -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", keys)
    if told.call("ada").prompt is not None:
        told.is_over("ada")
    told.after(5.9)
    assert told.asked() == []
    told.after(0.2)
    assert told.asked() == [("ada", CallbackHow.SILENT, 0.0)]


@pytest.mark.parametrize("keys", ["", "2", "21", "214"])
def test_who_hangs_up_meanwhile_is_called_in_their_turn_and_not_abandoned(keys: str) -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", keys)
    before = len(told.ordered)
    told.happens(e.CallerLeft(call=CallId("ada")))
    assert told.asked() == [("ada", CallbackHow.LEFT, 0.0)]
    assert told.ordered[before:] == [], "the leg is gone"
    assert not [x for x in told.told if isinstance(x, f.CallScored)]
    told.logs_in("som")
    assert told.rung() == ["0811111111"]


def test_a_free_operator_ends_the_questions() -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", "21")
    told.logs_in("som")
    assert told.rang() == [("som", "ada")]
    assert told.call("ada").choice is None
    told.presses("ada", "4")
    told.after(10)
    assert told.asked() == []
    told.phone_ends("som", LegEnd.DECLINED)
    told.presses("ada", "2")
    assert told.call("ada").choice is not None, "it can be asked for again"


def test_the_longest_wait_ends_in_a_callback() -> None:
    told = Chooses()
    told.arrives("ada")
    told.after(599)
    told.presses("ada")
    told.after(1)
    assert told.asked() == [("ada", CallbackHow.SILENT, 0.0)]


def test_after_a_connect_the_question_is_asked_once_more() -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", "2" + "14")
    stage = told.call("ada").choice
    assert stage is not None and stage.stage is ChoiceStage.RIGHT
    before = len([x for x in told.ordered if isinstance(x, c.PlayPrompts)])
    told.knows_of("ada")
    plays = [x.keys for x in told.ordered if isinstance(x, c.PlayPrompts)]
    assert len(plays) == before + 1 and plays[-1][0] == "callback_at"
    told.presses("ada", "1")
    assert [how for _, how, _ in told.asked()] == [CallbackHow.HOUR]


def test_without_hours_or_without_the_setting_there_is_no_question() -> None:
    told = Chooses()
    told.happens(e.CallbackHoursSeen(hours={}))
    told.wants("ada")
    assert told.asked() == [("ada", CallbackHow.ASKED, 0.0)]
    told.site = replace(told.site, callbacks=replace(told.site.callbacks, choose_hour=False))
    told.happens(e.SiteChanged(site=told.site))
    told.happens(e.CallbackHoursSeen(hours={DAMRONG: HOURS}))
    told.wants("ben")
    assert told.asked()[1:] == [("ben", CallbackHow.ASKED, 0.0)]


def test_who_cannot_be_called_any_more_waits_on() -> None:
    """One callback may wait, and two choose at once."""
    told = Chooses(waiting_limit=1)
    told.wants("ada", "ben")
    told.presses("ada", "1")
    told.presses("ben", "1")
    assert [name for name, *_ in told.asked()] == ["ada"]
    assert told.call("ben").state is CallState.WAITING
    assert (told.call("ben").choice, told.call("ben").prompt) == (None, None)


def test_an_hour_that_has_begun_meanwhile_is_as_soon_as_it_is_their_turn() -> None:
    told = Chooses()
    told.happens(e.CallbackHoursSeen(hours={DAMRONG: ((13, 64.0, False), *HOURS)}))
    told.wants("ada")
    told.types("ada", "2" + "13")
    told.after(4)  # to the very second
    told.presses("ada", "1")
    assert told.asked() == [("ada", CallbackHow.TURN, 0.0)]


def test_an_hour_that_begins_this_very_second_is_no_choice() -> None:
    told = Chooses()
    told.happens(e.CallbackHoursSeen(hours={DAMRONG: ((13, 60.0, False),)}))
    told.wants("ada")
    assert told.asked() == [("ada", CallbackHow.ASKED, 0.0)]


@pytest.mark.parametrize("room_after", [0.0, 55.0, 65.0], ids=["no rooms", "in a room", "not yet"])
@pytest.mark.parametrize("heard", [True, False], ids=["the offer was heard", "it still plays"])
def test_who_sits_in_a_room_for_long_waits_leaves_it_to_hear_the_question(
    room_after: float, heard: bool
) -> None:
    """Whoever hears the offer left the room for that already."""
    told = Chooses(room_after)
    told.arrives("ada")
    told.after(60.0)
    if heard:
        told.is_over("ada")
    before = len(told.ordered)
    told.presses("ada", "2")
    assert told.played()[0] == "callback_in_turn"
    left = any(isinstance(x, c.BackToMusic) for x in told.ordered[before:])
    assert left is (room_after == 55.0 and heard)


def test_after_a_connect_who_is_asked_for_an_hour_is_asked_for_it_once_more() -> None:
    told = Chooses()
    told.wants("ada")
    told.types("ada", "2")
    told.knows_of("ada")
    plays = [x.keys for x in told.ordered if isinstance(x, c.PlayPrompts)]
    assert plays[-2:] == [("callback_hour",), ("callback_hour",)]
    told.types("ada", "14")
    assert told.played()[0] == "callback_at"


def test_who_hangs_up_when_no_callback_can_be_had_any_more_has_left() -> None:
    """One callback may wait, and two choose at once."""
    told = Chooses(waiting_limit=1)
    told.wants("ada", "ben")
    told.presses("ada", "1")
    before = len(told.ordered)
    told.happens(e.CallerLeft(call=CallId("ben")))
    assert told.outcomes() == {"ben": "abandoned"}
    assert told.ordered[before:] == [], "nothing is ordered for a leg that is gone"
