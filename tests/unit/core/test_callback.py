"""A caller asks to be called back: keeps the place, is rung when the turn comes, and talks."""

from dataclasses import replace
from typing import Any

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.call import OnCall
from callcenter.core.engine import Engine
from callcenter.core.facts import OperatorState
from callcenter.core.ids import THE_NODE, CallId, LineName, QueueName
from callcenter.core.legs import BackLeg
from callcenter.core.outcome import BackResult, LegEnd, Loss
from callcenter.core.outward import destination
from callcenter.core.site import CallbackRules
from callcenter.core.state import CallState, Hears, OfferState
from tests.legs import caller_leg, desk_bridge
from tests.site import DAMRONG, GCC, renamed, rules
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_call_rule

NUMBERS = {"ada": "0811111111", "ben": "0822222222", "cem": "0833333333"}


class Back(Story):
    """A queue that offers a callback after a minute of waiting."""

    def __init__(
        self, room_after: float = 0.0, greeting: tuple[str, ...] = (), **limits: object
    ) -> None:
        queue = rules(
            DAMRONG, callback_after_seconds=60.0, redial_seconds=300.0, max_wait_seconds=600.0
        )
        super().__init__(queue, room_after_seconds=room_after)
        line = replace(self.site.line_of_did["1567"], greeting=greeting)
        self.site = replace(
            self.site,
            lines={**self.site.lines, line.name: line},
            line_of_did={**self.site.line_of_did, "1567": line},
        )
        allowed = CallbackRules(prefixes=("02", "06", "08", "09"))
        self.site = replace(self.site, callbacks=replace(allowed, **limits))  # type: ignore[arg-type]
        self.engine = Engine(self.site, room_after_seconds=room_after)
        self.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))

    def arrives(self, name: str, number: str = "", did: str = "1567") -> None:
        caller = number or NUMBERS.get(name, "")
        self.happens(e.CallArrived(call=CallId(name), did=did, caller=caller, age_seconds=0.0))

    def presses(self, name: str, key: str = "", back: int = 0) -> f.Fact | None:
        pressed = key or ("1" if back else "2")
        done = self.happens(e.KeyPressed(call=CallId(name), key=pressed, back=back))
        return next((x for x in done.facts if isinstance(x, f.CallbackAsked)), None)

    def asks(self, name: str) -> None:
        """Waits a minute, hears the offer, presses the key, and is let go."""
        self.arrives(name)
        self.after(60)
        assert self.presses(name) is not None
        self.happens(e.CallerLeft(call=CallId(name)))

    def is_over(self, name: str) -> None:
        """What plays is over."""
        number = self.call(name).prompts
        self.happens(e.PromptPlayed(call=CallId(name), number=number, failed=False))

    def leg(self, name: str, number: int = 1) -> BackLeg:
        return BackLeg(call=CallId(name), number=number, node=THE_NODE)

    def picks_up_the_callback(self, name: str, number: int = 1) -> None:
        self.happens(e.CitizenAnswered(leg=self.leg(name, number)))

    def rings(self, name: str, number: int = 1) -> None:
        self.happens(e.CitizenRings(leg=self.leg(name, number)))

    def ends(self, name: str, number: int = 1, end: LegEnd = LegEnd.ENDED) -> None:
        self.happens(e.CallerLeft(call=CallId(name), back=number, end=end))

    def rung(self) -> list[str]:
        """Which citizens were rung so far."""
        return [x.number for x in self.ordered if isinstance(x, c.RingCitizen)]

    def missed(self) -> list[BackResult]:
        return [x.result for x in self.told if isinstance(x, f.CallbackMissed)]


def test_it_is_offered_after_a_minute_and_the_key_keeps_the_place() -> None:
    told = Back()
    told.arrives("ada")
    told.arrives("ben")
    assert told.presses("ada") is None, "nobody has told of it yet"
    told.after(60)
    (said,) = [x for x in told.ordered if isinstance(x, c.PlayPrompts) and x.lane == "ada"]
    assert said.keys[0] == "callback_offer"
    assert told.presses("ada", "5") is None
    assert told.presses("ada") is not None
    assert told.in_line() == ["ada", "ben"]
    assert told.call("ada").state is CallState.PARKED
    assert told.call("ada").hears is Hears.NOTHING
    assert c.Exit.CALLBACK in [x.exit for x in told.ordered if isinstance(x, c.SendOut)]
    told.happens(e.CallerLeft(call=CallId("ada")))
    assert told.in_line() == ["ada", "ben"]
    assert told.outcomes() == {}


def test_who_was_offered_when_it_was_due_is_told_of_it_when_nobody_answers() -> None:
    told = Back()
    told.arrives("ada")
    told.after(59)
    told.logs_in("somchai")
    told.after(5)
    assert told.has("somchai") == "ada"
    assert not [x for x in told.ordered if isinstance(x, c.PlayPrompts)]
    told.phone_ends("somchai", LegEnd.DECLINED)
    told.after(1)
    (said,) = [x for x in told.ordered if isinstance(x, c.PlayPrompts)]
    assert said.keys[0] == "callback_offer"
    assert told.presses("ada") is not None


def test_it_is_offered_once_also_to_who_is_offered_to_operators_again() -> None:
    told = Back()
    told.arrives("ada")
    told.after(61)
    told.logs_in("somchai")
    told.phone_ends("somchai", LegEnd.DECLINED)
    told.after(30)
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == 1


def test_when_the_turn_comes_the_citizen_is_rung_and_talks() -> None:
    told = Back()
    told.asks("ada")
    told.arrives("ben")
    told.logs_in("som")
    assert told.rung() == ["0811111111"]
    assert told.does("som") is OperatorState.RINGING
    (ring,) = [x for x in told.ordered if isinstance(x, c.RingCitizen)]
    assert (ring.caller_id, ring.leg) == ("1567", told.leg("ada"))
    assert not [x for x in told.ordered if isinstance(x, c.RingOperator)]
    told.after(5)
    told.picks_up_the_callback("ada")
    assert told.call("ada").hears is Hears.PROMPT
    told.presses("ada", "2", back=1)
    assert told.call("ada").is_called
    told.presses("ada", "1", back=1)
    offer = told.call("ada").offer
    assert offer is not None and offer.state is OfferState.RINGING
    assert [x.lane for x in told.ordered if isinstance(x, c.RingOperator)] == ["ada"]
    told.picks_up("som")
    for leg in (told.leg("ada"), offer.leg):
        told.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("som")))
    assert told.does("som") is OperatorState.ON_CALL
    (scored,) = [x for x in told.told if isinstance(x, f.CallScored)]
    assert (scored.outcome, scored.called_back) == ("answered", True)
    assert scored.wait_seconds == 65.0, "from the first arrival"
    told.happens(e.CallerLeft(call=CallId("ada"), back=1))
    assert told.does("som") is OperatorState.WRAPUP
    assert "ada" not in told.engine.state.calls


def test_a_late_ring_of_an_earlier_attempt_changes_nothing() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    before = len(told.told)
    told.rings("ada", 2)
    assert told.told[before:] == []
    told.rings("ada", 1)
    assert [type(fact) for fact in told.told[before:]] == [f.CallbackRang]


def test_what_plays_when_a_callback_could_be_offered_is_heard_first() -> None:
    told = Back(greeting=("greeting", "own_words"))
    told.arrives("ada")
    told.after(60.0)
    played = [x.keys for x in told.ordered if isinstance(x, c.PlayPrompts)]
    assert played == [("greeting", "own_words")]
    told.is_over("ada")  # at the very second
    played = [x.keys for x in told.ordered if isinstance(x, c.PlayPrompts)]
    assert [keys[0] for keys in played] == ["greeting", "callback_offer"]
    told.after(5.0)
    told.is_over("ada")
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == 2, "offered once"


def test_a_greeting_that_is_over_before_offers_nothing_yet() -> None:
    told = Back(greeting=("greeting",))
    told.arrives("ada")
    told.after(10.0)
    told.is_over("ada")
    told.after(49.0)
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == 1
    told.after(1.0)
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == 2


@pytest.mark.parametrize("needs", [(), (("english", 1),)])
def test_what_a_line_needs_is_asked_less_after_a_while_also_in_a_callback(
    needs: tuple[tuple[str, int], ...],
) -> None:
    told = Back()
    told.needs(*needs)
    wanted = e.CallbackWanted(
        call=CallId("ada"),
        line=LineName("1567"),
        did="1567",
        caller=NUMBERS["ada"],
        queue=DAMRONG,
        after_seconds=0.0,
    )
    told.happens(wanted)
    (queued,) = [x for x in told.told if isinstance(x, f.CallQueued)]
    assert queued.needs == needs
    assert queued.relax_seconds == (told.site.relax_seconds if needs else 0.0)


def test_the_question_that_plays_is_not_asked_twice_when_the_answer_is_told_twice() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    asked = len([x for x in told.ordered if isinstance(x, c.PlayPrompts)])
    told.picks_up_the_callback("ada")
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == asked
    told.is_over("ada")
    told.is_over("ada")
    told.is_over("ada")  # three times, and then nothing plays
    assert told.call("ada").prompt is None
    asked = len([x for x in told.ordered if isinstance(x, c.PlayPrompts)])
    told.picks_up_the_callback("ada")
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == asked + 1


def test_an_operator_with_an_open_line_is_joined_at_the_key() -> None:
    told = Back()
    told.asks("ada")
    told.sits_down_with_a_headset("som")
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.happens(e.LegEnteredBridge(leg=told.leg("ada"), bridge=desk_bridge("som")))
    assert told.does("som") is OperatorState.ON_CALL


def test_a_machine_that_answers_is_no_answer() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    for number in (1, 2, 3):
        assert told.rung() == ["0811111111"] * number
        told.picks_up_the_callback("ada", number)
        told.after(25)
        assert told.does("som") is OperatorState.AVAILABLE
        told.ends("ada", number)
        told.after(300)
    assert told.missed() == [BackResult.NO_KEY] * 3
    assert told.outcomes() == {"ada": "callback"}
    assert told.rung() == ["0811111111"] * 3
    assert "ada" not in told.engine.state.calls


@pytest.mark.parametrize(
    ("end", "result"),
    [
        (LegEnd.BUSY, BackResult.BUSY),
        (LegEnd.DECLINED, BackResult.DECLINED),
        (LegEnd.UNREACHABLE, BackResult.UNREACHABLE),
        (LegEnd.NO_ANSWER, BackResult.NO_ANSWER),
        (LegEnd.ENDED, BackResult.NO_KEY),
    ],
)
def test_who_is_not_reached_is_tried_again_at_the_old_place(
    end: LegEnd, result: BackResult
) -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.ends("ada", end=end)
    assert told.missed() == [result]
    assert told.call("ada").state is CallState.RESTING
    told.pauses("som")
    told.arrives("ben")
    told.after(300)
    assert told.in_line() == ["ada", "ben"]
    told.resumes("som")
    assert told.rung() == ["0811111111"] * 2


def test_a_phone_that_rings_on_is_let_go() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.rings("ada")
    told.rings("ada")
    assert len([x for x in told.told if isinstance(x, f.CallbackRang)]) == 1
    told.after(30)
    assert told.missed() == [BackResult.NO_ANSWER]
    assert [x for x in told.ordered if isinstance(x, c.HangUp) and x.leg == told.leg("ada")]


def test_other_callers_are_served_meanwhile() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som", "wip")
    told.arrives("ben")
    assert told.has("som") == "ada"
    assert told.has("wip") == "ben"


def test_the_citizens_own_call_claims_the_place() -> None:
    told = Back()
    told.asks("ada")
    told.arrives("ben")
    told.arrives("ada calls", NUMBERS["ada"])
    assert told.in_line() == ["ada calls", "ben"]
    (scored,) = [x for x in told.told if isinstance(x, f.CallScored)]
    assert (scored.call, scored.outcome, scored.reason) == ("ada", "callback", "claimed")
    told.logs_in("som")
    assert told.rung() == []
    assert told.has("som") == "ada calls"


def test_it_is_claimed_also_while_the_citizen_is_rung() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.arrives("ada calls", NUMBERS["ada"])
    assert [x for x in told.ordered if isinstance(x, c.HangUp) and x.leg == told.leg("ada")]
    assert told.has("som") == "ada calls"
    told.picks_up_the_callback("ada")  # late
    assert told.ordered[-1] == c.HangUp(lane=CallId("ada"), leg=told.leg("ada"))


def test_a_supervisor_cancels_it_in_every_state() -> None:
    for moment in ("parked", "called", "asked", "resting"):
        told = Back()
        told.asks("ada")
        if moment != "parked":
            told.logs_in("som")
        if moment == "asked":
            told.picks_up_the_callback("ada")
        if moment == "resting":
            told.ends("ada", end=LegEnd.BUSY)
        told.happens(e.CallbackCancelled(call=CallId("ada")))
        assert told.outcomes() == {"ada": "callback"}
        told.after(1000)
        assert len(told.rung()) == (moment != "parked")


def test_nobody_is_called_in_quiet_hours_or_when_the_queue_is_closed() -> None:
    told = Back()
    told.asks("ada")
    for seen in (
        e.HoursSeen(closed=frozenset(), rostered={}, quiet=True),
        e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}),
    ):
        told.happens(seen)
        told.logs_in("som")
        assert told.rung() == []
        assert told.does("som") is OperatorState.AVAILABLE
        told.logs_out("som")
    told.happens(e.HoursSeen(closed=frozenset(), rostered={}))
    told.logs_in("som")
    assert told.rung() == ["0811111111"]


def test_a_free_operator_serves_who_waits_behind_a_callback_that_is_held() -> None:
    told = Back()
    told.asks("ada")
    told.happens(e.HoursSeen(closed=frozenset(), rostered={}, quiet=True))
    told.arrives("ben")
    told.logs_in("som")
    assert told.has("som") == "ben"


def test_so_many_at_once_and_in_an_hour() -> None:
    told = Back(at_once=1, per_hour=2)
    for name in NUMBERS:
        told.asks(name)
    told.logs_in("som", "wip", "dao")
    assert told.rung() == ["0811111111"]
    told.ends("ada", end=LegEnd.BUSY)
    assert told.rung() == ["0811111111", "0822222222"]
    told.ends("ben", end=LegEnd.BUSY)
    told.after(3590)
    assert len(told.rung()) == 2
    told.after(100)
    assert len(told.rung()) == 4, "two more in the next hour"


def test_one_number_is_not_rung_more_often_than_allowed() -> None:
    told = Back(rings_of_a_number=3, tries=3, pause_seconds=10.0)
    told.asks("ada")
    told.logs_in("som")
    for number in (1, 2, 3):
        told.ends("ada", number, LegEnd.BUSY)
        told.after(10)
    told.pauses("som")
    for again in range(1000):
        name = f"ada {again}"
        told.arrives(name, NUMBERS["ada"])
        told.after(60)
        assert told.presses(name) is None
        told.leaves(name)
    assert len(told.rung()) == 3
    told.arrives("tomorrow", NUMBERS["ada"])
    told.now += 86_400
    told.arrives("later", NUMBERS["ada"])
    told.after(60)
    assert told.presses("later") is not None


@pytest.mark.parametrize(
    "caller",
    [
        *("", "anonymous", "1567", "191", "1900123456", "+66190012345", "19001234567"),
        *(
            "+44207946000",
            "0044207946000",
            "sip:0811111111@evil.example",
            "0811111111@evil.example",
        ),
        *("0811111111;user=phone", "tel:1900123456", "0811111111/evil", "0511111111x", "081111111"),
        *(
            "PJSIP/0811111111",
            "0811111111\r\nDiversion: <sip:1900@x>",
            "๐๘๑๑๑๑๑๑๑๑๑x",
            "+698811111111",
        ),
    ],
)
def test_where_nobody_is_called(caller: str) -> None:
    found = destination(caller, CallbackRules(prefixes=("08", "09", "02")))
    assert found in ("", "0811111111"), found
    if "@" in caller or ";" in caller:  # what a trunk may write around a number is taken off
        assert found in ("", "0811111111")
    told = Back()
    told.arrives("mallory", caller)
    told.after(60)
    if not found:
        assert told.presses("mallory") is None
    told.logs_in("som")
    assert all(number == "0811111111" for number in told.rung())


def test_only_listed_prefixes_are_called() -> None:
    assert destination("0812345678", CallbackRules(prefixes=("02",))) == ""
    assert destination("+6621234567", CallbackRules(prefixes=("02",))) == "021234567"
    assert destination("0812345678", CallbackRules()) == ""


def test_nobody_is_called_back_where_the_site_does_not_say_so() -> None:
    told = Back(prefixes=())
    told.arrives("ada")
    told.after(60)
    assert told.presses("ada") is None
    assert not [x for x in told.ordered if isinstance(x, c.PlayPrompts)]


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_callback_is_kept_over_kill_9(from_all_facts: bool) -> None:
    told = Back()
    told.asks("ada")
    told.arrives("ben")
    told.service_restarts(from_all_facts=from_all_facts)
    told.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    assert told.in_line() == ["ada"]
    told.logs_in("som")
    assert told.rung() == ["0811111111"]


@pytest.mark.parametrize("up", [False, True])
def test_who_is_rung_when_the_service_dies_is_not_rung_twice(up: bool) -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.service_restarts()
    there = e.LegSeen(
        leg=told.leg("ada"), is_up=up, in_app=True, did="", caller="", age_seconds=3.0
    )
    told.happens(e.SnapshotTaken(boot="1", legs=(there,), bridges=()))
    assert told.rung() == ["0811111111"]
    if not up:
        told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    assert told.has("som") == "ada"


def test_who_was_rung_and_is_not_there_any_more_is_tried_again() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.service_restarts()
    told.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    assert told.missed() == [BackResult.LOST]
    told.after(300)
    assert told.rung() == ["0811111111"] * 2


def test_the_first_leg_ends_late_and_nobody_minds() -> None:
    told = Back()
    told.arrives("ada")
    told.after(60)
    told.presses("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    told.happens(e.CallerCut(call=CallId("ada"), loss=Loss.CUT_OFF))
    told.happens(e.CallerLeft(call=CallId("ada")))
    told.presses("ada", back=1)
    assert told.has("som") == "ada"
    told.happens(e.CallerLeft(call=CallId("ada")))
    assert told.has("som") == "ada"


def test_a_first_leg_that_was_not_let_go_is_let_go_at_the_next_connect() -> None:
    told = Back()
    told.arrives("ada")
    told.after(60)
    told.presses("ada")
    there = e.LegSeen(
        leg=caller_leg("ada"), is_up=True, in_app=True, did="1567", caller="", age_seconds=60.0
    )
    told.ordered.clear()
    told.happens(e.SnapshotTaken(boot="1", legs=(there,), bridges=()))
    assert told.ordered == [
        c.SendOut(lane=CallId("ada"), leg=caller_leg("ada"), exit=c.Exit.CALLBACK)
    ]
    assert told.in_line() == ["ada"]


def test_it_expires() -> None:
    told = Back(expires_seconds=3600.0)
    told.asks("ada")
    told.after(3601)
    assert told.outcomes() == {"ada": "callback"}


def test_asterisks_restart_ends_no_callback() -> None:
    told = Back()
    told.asks("ada")
    told.happens(e.ClosingAsked(seconds=0.0))
    told.logs_in("som")
    assert told.rung() == []
    told.happens(e.ClosingOver())
    assert told.rung() == ["0811111111"]


def test_an_operator_who_goes_home_while_the_citizen_is_rung() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.logs_out("som")
    assert told.missed() == [BackResult.WITHDRAWN]
    told.logs_in("wip")
    told.after(300)
    assert told.has("wip") == "ada"


def test_what_is_our_own_doing_costs_the_citizen_no_try() -> None:
    told = Back(tries=1, rings_of_a_number=3)
    told.asks("ada")
    for _ in range(2):
        told.logs_in("som")
        told.logs_out("som")
        assert told.call("ada").state is CallState.RESTING
        told.after(300)
    told.logs_in("som")
    told.logs_out("som")
    assert told.missed() == [BackResult.WITHDRAWN] * 3
    assert told.outcomes() == {"ada": "callback"}, "nobody is rung more often than allowed"


def test_the_limit_of_an_hour_ends_also_when_the_site_lowers_it() -> None:
    told = Back(per_hour=3, at_once=9, tries=1)
    for name in ("ada", "ben"):
        told.asks(name)
        told.logs_in("som")
        told.ends(name, end=LegEnd.BUSY)
        told.logs_out("som")
        told.after(600)
    told.site = replace(told.site, callbacks=replace(told.site.callbacks, per_hour=1))
    told.happens(e.SiteChanged(site=told.site))
    told.asks("cem")
    told.logs_in("som")
    assert len(told.rung()) == 2
    told.after(2500)
    assert len(told.rung()) == 2, "the second of the two is not an hour ago"
    told.after(700)
    assert told.rung()[2:] == ["0833333333"]


def test_the_citizen_who_hangs_up_before_the_operator_answers_has_left() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.happens(e.CallerLeft(call=CallId("ada"), back=1))
    assert told.outcomes() == {"ada": "abandoned"}


def test_a_phone_that_is_not_answered_leaves_the_citizen_first_in_line() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.after(15)
    assert told.in_line() == ["ada"]
    assert told.call("ada").state is CallState.WAITING
    told.logs_in("wip")
    assert told.has("wip") == "ada"
    assert told.rung() == ["0811111111"]


def test_callbacks_take_nobodys_room_and_have_a_limit() -> None:
    told = Back(waiting_limit=2)
    told.site = replace(
        told.site,
        queues={**told.site.queues, DAMRONG: replace(told.site.queues[DAMRONG], waiting_limit=2)},
    )
    told.happens(e.SiteChanged(site=told.site))
    told.asks("ada")
    told.asks("ben")
    told.arrives("cem")
    told.arrives("dao", "0844444444")
    told.after(60)
    assert told.presses("cem") is None
    assert len(told.in_line()) == 4
    assert GCC in told.site.queues


def wants(told: Back, name: str, after: float = 0.0, number: str = "") -> None:
    """Somebody at the console asks for a caller."""
    told.happens(
        e.CallbackWanted(
            call=CallId(name),
            line=LineName("1567"),
            did="1567",
            caller=number or NUMBERS["ada"],
            queue=DAMRONG,
            after_seconds=after,
        )
    )


def test_it_is_asked_for_at_the_console_and_rung_at_the_chosen_time() -> None:
    told = Back()
    told.logs_in("som")
    wants(told, "later", after=7200.0)
    assert told.call("later").state is CallState.RESTING
    assert told.in_line() == []
    told.after(7199)
    assert told.rung() == []
    told.after(1)
    assert told.rung() == [NUMBERS["ada"]]
    told.picks_up_the_callback("later")
    told.presses("later", back=1)
    told.picks_up("som")
    for leg in (told.leg("later"), told.call("later").offer.leg):  # type: ignore[union-attr]
        told.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("som")))
    (scored,) = [x for x in told.told if isinstance(x, f.CallScored)]
    assert (scored.outcome, scored.called_back) == ("answered", True)
    assert scored.wait_seconds == 0.0, "the time that was chosen is no wait"


def test_without_a_time_it_is_their_turn_by_arrival() -> None:
    told = Back()
    wants(told, "soon")
    told.arrives("ben")
    assert told.in_line() == ["soon", "ben"]
    told.logs_in("som")
    assert told.rung() == [NUMBERS["ada"]]


def test_what_was_chosen_outside_the_hours_waits_for_them() -> None:
    told = Back(expires_seconds=36_000.0)
    wants(told, "later", after=60.0)
    told.happens(e.HoursSeen(closed=frozenset(), rostered={}, quiet=True))
    told.logs_in("som")
    told.after(3600)
    assert told.rung() == []
    told.happens(e.HoursSeen(closed=frozenset(), rostered={}))
    assert told.rung() == [NUMBERS["ada"]]


@pytest.mark.parametrize(
    "number", ["1900123456", "+442079460000", "191", "withheld", "0511111111x"]
)
def test_nobody_asks_for_a_number_that_is_not_listed(number: str) -> None:
    told = Back()
    wants(told, "later", number=number)
    told.logs_in("som")
    assert told.rung() == []
    assert "later" not in told.engine.state.calls


def test_of_one_number_there_is_one() -> None:
    told = Back()
    told.asks("ada")
    wants(told, "again", after=60.0)
    assert "again" not in told.engine.state.calls
    told.arrives("ada calls", NUMBERS["ada"])
    wants(told, "now it may be", after=60.0)
    assert told.call("now it may be").state is CallState.RESTING
    told.arrives("ada calls once more", NUMBERS["ada"])
    assert told.outcomes()["now it may be"] == "callback"


def test_a_supervisor_has_it_tried_now() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.ends("ada", end=LegEnd.BUSY)
    told.happens(e.CallbackHurried(call=CallId("ada")))
    assert told.rung() == [NUMBERS["ada"]] * 2
    told.happens(e.CallbackHurried(call=CallId("ada")))
    assert told.rung() == [NUMBERS["ada"]] * 2


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_chosen_time_is_kept_over_kill_9(from_all_facts: bool) -> None:
    told = Back()
    wants(told, "later", after=600.0)
    told.service_restarts(from_all_facts=from_all_facts)
    told.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    told.logs_in("som")
    told.after(599)
    assert told.rung() == []
    told.after(1)
    assert told.rung() == [NUMBERS["ada"]]


# --- the carrier -----------------------------------------------------------------------------


def test_a_refusal_by_the_carrier_costs_no_try_and_is_tried_again_later_and_later() -> None:
    told = Back(tries=1, expires_seconds=1e6, rings_of_a_number=1, per_hour=1000)
    told.asks("ada")
    told.logs_in("som")
    for number, pause in enumerate((30, 60, 120, 240, 480, 900, 900), start=1):
        assert len(told.rung()) == number
        told.ends("ada", number, LegEnd.REFUSED)
        assert told.call("ada").state is CallState.RESTING
        assert told.does("som") is OperatorState.AVAILABLE
        told.after(pause - 0.1)
        assert len(told.rung()) == number
        told.after(0.2)
    assert told.missed() == [BackResult.CARRIER] * 7
    told.rings("ada", 8)
    told.ends("ada", 8, LegEnd.BUSY)
    assert told.outcomes() == {"ada": "callback"}


def test_a_carrier_that_says_nothing_costs_no_try() -> None:
    told = Back(tries=1)
    told.asks("ada")
    told.logs_in("som")
    told.after(30)
    assert told.missed() == [BackResult.CARRIER]
    assert [x for x in told.ordered if isinstance(x, c.HangUp) and x.leg == told.leg("ada")]
    told.after(30)
    assert len(told.rung()) == 2


def test_the_pause_is_short_again_when_a_line_was_reached() -> None:
    told = Back(pause_seconds=10.0)
    told.asks("ada")
    told.logs_in("som")
    told.ends("ada", 1, LegEnd.REFUSED)
    told.after(30.1)
    told.ends("ada", 2, LegEnd.REFUSED)
    told.after(60.1)
    told.rings("ada", 3)
    told.ends("ada", 3, LegEnd.NO_ANSWER)
    told.after(10.1)
    told.ends("ada", 4, LegEnd.REFUSED)
    told.after(30.1)
    assert len(told.rung()) == 5


def test_a_number_that_rang_is_not_rung_too_often_whatever_the_carrier_says_then() -> None:
    told = Back(tries=1, rings_of_a_number=2)
    told.asks("ada")
    told.logs_in("som")
    told.rings("ada")
    told.ends("ada", 1, LegEnd.REFUSED)  # sound by 183, and 480 at last
    assert told.missed() == [BackResult.CARRIER]
    told.after(30.1)
    told.rings("ada", 2)
    told.ends("ada", 2, LegEnd.REFUSED)
    assert told.outcomes() == {"ada": "callback"}


def test_nobody_is_called_while_the_carrier_refuses_everybody() -> None:
    told = Back(at_once=3)
    for name in ("ada", "ben", "cem"):
        told.asks(name)
    told.arrives("dan", "0844444444")
    told.after(60)
    assert told.presses("dan") is not None
    told.logs_in("som", "wip", "kai")
    assert len(told.rung()) == 3
    told.ends("ada", 1, LegEnd.REFUSED)
    told.ends("ben", 1, LegEnd.REFUSED)
    assert told.rung()[3:] == ["0844444444"], "one number alone keeps nobody from being called"
    told.ends("cem", 1, LegEnd.REFUSED)
    assert told.engine.state.callbacks_held == "carrier"
    told.ends("dan", 1, LegEnd.REFUSED)
    told.after(59)
    assert len(told.rung()) == 4 and told.engine.state.callbacks_held == "carrier"
    told.after(2)
    assert len(told.rung()) == 7
    told.rings("ada", 2)
    assert told.engine.state.carrier.refusals == 0
    assert told.engine.state.callbacks_held == "at_once"


def test_a_line_that_is_reached_ends_the_hold() -> None:
    told = Back(at_once=4)
    for name in ("ada", "ben", "cem"):
        told.asks(name)
    told.arrives("dan", "0844444444")
    told.after(60)
    assert told.presses("dan") is not None
    told.logs_in("som", "wip", "kai", "lek")
    assert len(told.rung()) == 4
    for name in ("ada", "ben", "cem"):
        told.ends(name, 1, LegEnd.REFUSED)
    assert told.engine.state.callbacks_held == "carrier"
    told.picks_up_the_callback("dan")
    assert told.engine.state.callbacks_held == ""


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_the_hold_and_the_count_are_kept_over_a_restart(from_all_facts: bool) -> None:
    told = Back(at_once=3)
    for name in ("ada", "ben", "cem"):
        told.asks(name)
    told.logs_in("som", "wip", "kai")
    for name in ("ada", "ben", "cem"):
        told.ends(name, 1, LegEnd.REFUSED)
    told.service_restarts(from_all_facts=from_all_facts)
    told.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    assert told.engine.state.callbacks_held == "carrier"
    assert told.engine.state.carrier.refusals == 3
    due = [at for at, kind, _ in told.engine.work.timers._few if kind == "callbacks"]
    assert due == [told.now + 30.0]
    told.after(29)
    assert len(told.rung()) == 3
    told.after(2)
    assert len(told.rung()) == 6


def test_a_line_that_rang_meanwhile_is_seen_after_a_reconnect() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.happens(e.AsteriskLost())
    rings = e.LegSeen(
        leg=told.leg("ada"), is_up=False, in_app=True, did="", caller="", age_seconds=1.0
    )
    told.happens(e.SnapshotTaken(boot="1", legs=(rings,), bridges=()))
    told.after(30)
    assert told.missed() == [BackResult.NO_ANSWER]


def test_who_waits_to_be_called_longer_than_anybody_waits_in_line_is_overdue() -> None:
    told = Back()
    told.asks("ada")
    told.after(30)
    told.asks("ben")
    wants(told, "later", after=3600.0, number=NUMBERS["cem"])

    def waited() -> dict[QueueName, tuple[float, int]]:
        return dict(told.engine.state.callbacks_waited(told.now))

    assert waited() == {DAMRONG: (90.0, 0)}
    told.after(600 - 90)
    assert waited() == {DAMRONG: (600.0, 0)}
    told.after(1)
    assert waited() == {DAMRONG: (601.0, 1)}
    told.after(90)
    assert waited() == {DAMRONG: (691.0, 2)}
    told.happens(e.CallbackCancelled(call=CallId("ada")))
    assert waited() == {DAMRONG: (601.0, 1)}
    told.after(3600)
    assert waited()[DAMRONG][1] == 2, "the time that was chosen is over for as long"


def waits_without_a_leg(state: CallState, **limits: Any) -> Back:
    """Ada will be called back: she is in line (parked), or was not reached just now (resting)."""
    told = Back(**limits)
    told.asks("ada")
    if state is CallState.RESTING:
        told.logs_in("som")
        told.ends("ada", end=LegEnd.BUSY)
        told.logs_out("som")
    assert told.call("ada").state is state
    return told


NO_LEG = pytest.mark.parametrize("state", [CallState.PARKED, CallState.RESTING])


@NO_LEG
def test_who_will_be_called_back_is_moved_up_as_others_are(state: CallState) -> None:
    told = waits_without_a_leg(state)
    told.happens(e.PriorityChanged(call=CallId("ada"), priority=7))
    assert told.call("ada").priority == 7
    told.arrives("ben")
    told.after(3600.0 if state is CallState.RESTING else 0.0)
    if state is CallState.PARKED:
        assert told.in_line() == ["ada", "ben"]


@NO_LEG
def test_what_a_callback_needs_is_asked_less_after_a_while_too(state: CallState) -> None:
    told = Back(pause_seconds=1000.0)
    told.site = replace(told.site, relax_seconds=100.0)
    told.needs(("english", 2))
    told.asks("ada")
    if state is CallState.RESTING:
        told.logs_in("som", skills=(("english", 3),))
        told.ends("ada", end=LegEnd.BUSY)
        told.logs_out("som")
    assert told.call("ada").state is state
    told.after(100.0)
    assert told.call("ada").needs == (("english", 1),)


def test_whose_queue_is_removed_is_called_back_from_the_lines_other_one() -> None:
    told = waits_without_a_leg(CallState.PARKED)
    told.happens(e.SiteChanged(site=replace(renamed(), callbacks=told.site.callbacks)))
    moved = told.call("ada").queue
    assert moved in renamed().queues
    assert told.in_line(moved) == ["ada"]


@NO_LEG
def test_a_callback_that_was_not_possible_for_so_long_expires(state: CallState) -> None:
    told = waits_without_a_leg(state, pause_seconds=5000.0, expires_seconds=4000.0)
    told.after(3999.0)
    assert told.outcomes() == {}
    told.after(1.0)
    assert (told.outcomes(), told.score("ada").reason) == ({"ada": "callback"}, "expired")


@pytest.mark.parametrize("checking", [False, True])
@pytest.mark.parametrize("operator_first", [False, True])
@pytest.mark.parametrize(
    "what", ["moved up", "operator logs out", "Asterisk is restarted", "a fault of ours"]
)
def test_what_may_happen_while_a_citizen_is_called(
    what: str, operator_first: bool, checking: bool
) -> None:
    told = Back()
    queue = replace(told.site.queues[DAMRONG], operator_first=operator_first)
    told.site = replace(told.site, queues={**told.site.queues, DAMRONG: queue})
    told.happens(e.SiteChanged(site=told.site))
    told.asks("ada")
    told.logs_in("som")
    if operator_first:
        told.picks_up("som")
    if checking:
        told.picks_up_the_callback("ada")
    before = len(told.ordered)
    if what == "moved up":
        told.happens(e.PriorityChanged(call=CallId("ada"), priority=7))
        assert told.call("ada").priority == 7
        assert told.ordered[before:] == [], "the attempt goes on"
        return
    if what == "operator logs out":
        told.logs_out("som")
        assert told.does("som") is OperatorState.OFFLINE
        assert told.call("ada").state is CallState.RESTING
    elif what == "Asterisk is restarted":
        told.happens(e.ClosingAsked(seconds=0.0))
        assert told.call("ada").state is CallState.RESTING
    else:
        work = told.engine.work
        work.take(work.to_lifeboat(told.call("ada"), "test", ValueError(), told.now))
        told.ordered += work.commands
        assert "ada" not in told.engine.state.calls
    citizens = [
        x for x in told.ordered[before:] if isinstance(x, c.HangUp) and x.leg == told.leg("ada")
    ]
    assert len(citizens) == 1, "nobody is left with a dead line"


@NO_LEG
def test_a_fault_of_ours_loses_that_callback_alone_and_is_counted(
    state: CallState, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = waits_without_a_leg(state)
    told.arrives("ben")
    break_call_rule(monkeypatch, state, OnCall.PRIORITY)
    told.happens(e.PriorityChanged(call=CallId("ada"), priority=7))
    assert told.outcomes() == {"ada": "failed"}
    assert "ada" not in told.engine.state.calls
    assert told.in_line() == ["ben"]


def test_an_answer_without_sound_is_the_carriers_trouble_and_costs_no_try() -> None:
    told = Back(tries=1)
    told.asks("ada")
    told.logs_in("som")
    told.rings("ada")
    told.picks_up_the_callback("ada")
    told.ends("ada", end=LegEnd.REFUSED)
    assert told.missed() == [BackResult.CARRIER]
    assert told.call("ada").state is CallState.RESTING
    told.after(31)
    told.picks_up_the_callback("ada", 2)
    told.ends("ada", 2)
    assert told.missed() == [BackResult.CARRIER, BackResult.NO_KEY]
    assert told.outcomes() == {"ada": "callback"}
