"""A callback whose operator is rung first, and then the citizen."""

from dataclasses import replace
from typing import Any

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.facts import OperatorState
from callcenter.core.ids import THE_NODE, CallId, OperatorId
from callcenter.core.legs import BackLeg, Leg, OfferLeg
from callcenter.core.outcome import BackResult, LegEnd
from callcenter.core.state import CallState, Hears, OfferState, Way
from tests.legs import desk_bridge
from tests.site import DAMRONG
from tests.unit.core.test_callback import Back

ADA = "0811111111"


class First(Back):
    """Ada and perhaps Ben wait to be called back; the operators are rung first."""

    def __init__(self, *names: str, **limits: Any) -> None:
        super().__init__(**limits)
        queue = replace(self.site.queues[DAMRONG], operator_first=True)
        self.site = replace(self.site, queues={**self.site.queues, DAMRONG: queue})
        self.engine = Engine(self.site)
        self.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        for name in names or ("ada",):
            self.asks(name)

    def state(self, name: str = "ada") -> OfferState | None:
        offer = self.call(name).offer
        return offer.state if offer else None

    def operators_leg(self, name: str = "som") -> OfferLeg:
        return OfferLeg(offer=self.offer_to(name), node=THE_NODE)

    def hung_up(self) -> list[Leg]:
        return [x.leg for x in self.ordered if isinstance(x, c.HangUp)]

    def plays(self) -> list[str]:
        """What operators were told to hear, in order."""
        found = [x for x in self.ordered if isinstance(x, c.PlayRinging | c.StopRinging)]
        return ["ringing" if isinstance(x, c.PlayRinging) else "stop" for x in found]

    def calls_ada(self) -> None:
        """An operator has answered, and Ada's phone rings."""
        self.logs_in("som")
        self.picks_up("som")
        assert self.rung() == [ADA]

    def is_connected(self, operator: str = "som", number: int = 1) -> None:
        """Asterisk confirms both legs."""
        offer = self.call("ada").offer
        assert offer is not None
        for leg in (self.leg("ada", number), offer.leg):
            self.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(operator)))


def test_the_operator_is_rung_and_then_the_citizen() -> None:
    told = First()
    told.logs_in("som")
    assert (told.rung(), told.rang()) == ([], [("som", "ada")])
    assert told.state() is OfferState.OPERATOR_RINGS
    assert told.call("ada").hears is Hears.NOTHING
    told.picks_up("som")
    assert (told.rung(), told.state()) == ([ADA], OfferState.CALLING)
    (ringing,) = [x for x in told.ordered if isinstance(x, c.PlayRinging)]
    assert ringing.leg == told.operators_leg()
    spoken = tuple(f"number_{digit}" for digit in "1567")
    assert ringing.keys == ("callback_operator", *spoken)
    limits = told.site.callbacks
    assert ringing.seconds == limits.ring_seconds + limits.key_seconds
    told.rings("ada")
    told.picks_up_the_callback("ada")
    assert told.state() is OfferState.CHECKING
    told.presses("ada", "2", back=1)
    assert not [x for x in told.ordered if isinstance(x, c.Bridge)], "a machine presses nothing"
    told.presses("ada", back=1)
    (join,) = [x for x in told.ordered if isinstance(x, c.Bridge)]
    assert join.rings, "the ringing is ended first"
    assert (told.state(), told.does("som")) == (OfferState.JOINING, OperatorState.RINGING)
    told.is_connected()
    assert (told.state(), told.does("som")) == (OfferState.TALKING, OperatorState.ON_CALL)
    assert told.call("ada").offer.way is Way.RING  # type: ignore[union-attr]
    told.ends("ada")
    assert told.outcomes() == {"ada": "answered"}
    assert told.results("som") == ["answered"]


def test_on_an_open_line_the_citizen_is_called_at_once() -> None:
    told = First()
    told.sits_down_with_a_headset("som")
    assert told.rung() == [ADA]
    assert (told.state(), told.plays()) == (OfferState.CALLING, ["ringing"])
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.happens(e.LegEnteredBridge(leg=told.leg("ada"), bridge=desk_bridge("som")))
    assert told.does("som") is OperatorState.ON_CALL
    told.ends("ada")
    assert told.outcomes() == {"ada": "answered"}
    assert told.does("som") is OperatorState.WRAPUP


@pytest.mark.parametrize("open_line", [False, True])
@pytest.mark.parametrize(
    ("end", "result"),
    [(LegEnd.BUSY, BackResult.BUSY), (LegEnd.REFUSED, BackResult.CARRIER)],
)
def test_the_operator_is_free_at_once_when_the_citizen_is_not_reached(
    open_line: bool, end: LegEnd, result: BackResult
) -> None:
    told = First()
    if open_line:
        told.sits_down_with_a_headset("som")
    else:
        told.calls_ada()
    told.ends("ada", end=end)
    assert told.missed() == [result]
    assert told.does("som") is OperatorState.AVAILABLE
    assert told.results("som") == ["caller_left"], "not the operator's fault"
    assert told.call("ada").state is CallState.RESTING
    assert told.in_line() == []
    assert told.plays() == (["ringing", "stop"] if open_line else ["ringing"])
    spent = told.call("ada").callback.spent  # type: ignore[union-attr]
    assert spent == (0 if result is BackResult.CARRIER else 1)


def test_three_tries_and_then_it_is_given_up() -> None:
    told = First(pause_seconds=30.0)
    told.calls_ada()
    told.rings("ada")
    told.after(31)
    told.after(30)
    told.picks_up("som")
    told.ends("ada", 2, LegEnd.DECLINED)
    told.after(30)
    told.picks_up("som")
    told.picks_up_the_callback("ada", 3)
    told.after(26)
    assert told.missed() == [BackResult.NO_ANSWER, BackResult.DECLINED, BackResult.NO_KEY]
    assert told.outcomes() == {"ada": "callback"}
    assert told.score("ada").reason == "not_reached"
    assert told.does("som") is OperatorState.AVAILABLE
    assert told.results("som") == ["caller_left"] * 3


def test_an_operator_who_does_not_answer_costs_no_try_and_the_next_is_rung() -> None:
    told = First()
    told.logs_in("som", "wip")
    told.phone_ends("som", LegEnd.DECLINED)
    assert told.rang() == [("som", "ada"), ("wip", "ada")]
    told.after(60)
    assert told.does("wip") is OperatorState.PAUSED
    assert told.results("wip") == ["no_answer"]
    assert (told.rung(), told.missed()) == ([], [])
    assert told.rang()[2:] == [("som", "ada")]


@pytest.mark.parametrize("at_the_console", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_an_operator_who_hangs_up_ends_the_try_and_blames_nobody(
    at_the_console: bool, answered: bool
) -> None:
    told = First()
    told.calls_ada()
    if answered:
        told.picks_up_the_callback("ada")
    if at_the_console:
        told.happens(e.HangUpAsked(operator=OperatorId("som"), call=CallId("ada")))
    else:
        told.phone_ends("som")
    assert told.missed() == [BackResult.WITHDRAWN]
    assert told.leg("ada") in told.hung_up()
    assert told.call("ada").callback.spent == 0  # type: ignore[union-attr]
    assert (told.does("som"), told.results("som")) == (OperatorState.PAUSED, ["declined"])
    told.after(300)
    told.picks_up("som")
    assert told.rung() == [ADA, ADA]


def test_a_headset_that_is_put_down_meanwhile() -> None:
    told = First()
    told.sits_down_with_a_headset("som")
    told.line_ends("som")
    assert told.missed() == [BackResult.WITHDRAWN]
    assert told.leg("ada") in told.hung_up()
    assert told.does("som") is OperatorState.PAUSED


@pytest.mark.parametrize("called", [False, True])
def test_the_operator_goes_home_meanwhile(called: bool) -> None:
    told = First()
    told.logs_in("som")
    if called:
        told.picks_up("som")
    told.logs_out("som")
    assert told.does("som") is OperatorState.OFFLINE
    assert told.missed() == ([BackResult.WITHDRAWN] if called else [])
    assert told.call("ada").state is (CallState.RESTING if called else CallState.PARKED)


@pytest.mark.parametrize("called", [False, True])
def test_the_citizens_own_call_claims_it(called: bool) -> None:
    told = First()
    told.logs_in("som")
    if called:
        told.picks_up("som")
    told.arrives("again", ADA)
    assert told.outcomes() == {"ada": "callback"}
    assert told.score("ada").reason == "claimed"
    assert (told.leg("ada") in told.hung_up()) is called
    assert told.has("som") == "again"


@pytest.mark.parametrize("called", [False, True])
def test_a_supervisor_ends_it(called: bool) -> None:
    told = First()
    told.logs_in("som")
    if called:
        told.picks_up("som")
    told.happens(e.CallbackCancelled(call=CallId("ada")))
    assert told.outcomes() == {"ada": "callback"}
    assert told.does("som") is OperatorState.AVAILABLE


def test_who_is_rung_first_counts_among_the_calls_at_once() -> None:
    told = First("ada", "ben", at_once=1)
    told.logs_in("som", "wip")
    assert told.rang() == [("som", "ada")]
    assert told.engine.state.callbacks_held == "at_once"
    told.picks_up("som")
    assert told.rung() == [ADA]
    told.ends("ada", end=LegEnd.BUSY)
    assert told.rang()[1:] == [("wip", "ben")], "who has been idle for longest"


def test_an_operator_who_declines_makes_room_for_the_next_call_at_once() -> None:
    told = First(at_once=1)
    told.logs_in("som", "wip")
    assert told.engine.state.callbacks_held == "at_once"
    told.phone_ends("som", LegEnd.DECLINED)
    assert told.rang() == [("som", "ada"), ("wip", "ada")]


def test_nobody_is_called_when_it_became_quiet_while_the_operator_was_rung() -> None:
    told = First()
    told.logs_in("som")
    told.happens(e.HoursSeen(closed=frozenset(), rostered={}, quiet=True))
    told.picks_up("som")
    assert told.rung() == []
    assert told.results("som") == ["withdrawn"]
    assert (told.does("som"), told.in_line()) == (OperatorState.AVAILABLE, ["ada"])


def test_the_limit_of_an_hour_holds_for_two_who_are_rung_at_once() -> None:
    told = First("ada", "ben", per_hour=1)
    told.logs_in("som", "wip")
    assert len(told.rang()) == 2
    told.picks_up("som")
    told.picks_up("wip")
    assert told.rung() == [ADA]
    assert (told.results("wip"), told.in_line()) == (["withdrawn"], ["ben"])


def seen(leg: Leg, *, up: bool) -> e.LegSeen:
    return e.LegSeen(leg=leg, is_up=up, in_app=True, did="", caller="", age_seconds=3.0)


@pytest.mark.parametrize("moment", ["rings", "calling", "checking", "joining"])
@pytest.mark.parametrize("died", ["nothing", "asterisk"])
def test_kill_9_of_the_service_at_any_moment(moment: str, died: str) -> None:
    told = First()
    told.logs_in("som")
    if moment != "rings":
        told.picks_up("som")
    if moment in ("checking", "joining"):
        told.picks_up_the_callback("ada")
    if moment == "joining":
        told.presses("ada", back=1)
    operators = told.operators_leg()
    told.service_restarts()
    legs = [seen(operators, up=moment != "rings")]
    if moment != "rings":
        legs.append(seen(told.leg("ada"), up=moment != "calling"))
    if died == "asterisk":
        told.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
        lost = {"rings": [], "joining": []}.get(moment, [BackResult.LOST])
        assert told.missed() == lost
        if moment == "joining":
            assert told.outcomes() == {"ada": "failed"}
        else:
            told.after(0 if moment == "rings" else 310)
            assert told.rang()[1:] == [("som", "ada")]
        return
    told.happens(e.SnapshotTaken(boot="1", legs=tuple(legs), bridges=()))
    assert len(told.rang()) == 1
    if moment == "rings":
        told.picks_up("som")
    if moment in ("rings", "calling"):
        told.picks_up_the_callback("ada")
    if moment != "joining":
        told.presses("ada", back=1)
    assert told.rung() == [ADA]
    told.is_connected()
    assert told.does("som") is OperatorState.ON_CALL


def test_the_operator_is_gone_when_the_service_is_back() -> None:
    told = First()
    told.calls_ada()
    told.service_restarts()
    told.happens(e.SnapshotTaken(boot="1", legs=(seen(told.leg("ada"), up=False),), bridges=()))
    assert told.missed() == [BackResult.WITHDRAWN]
    assert told.leg("ada") in told.hung_up()


def test_ringing_that_was_not_ended_is_ended_at_the_next_connect() -> None:
    told = First()
    told.sits_down_with_a_headset("som")
    told.ends("ada", end=LegEnd.BUSY)
    told.ordered.clear()
    line = seen(told.line_of("som"), up=True)
    told.happens(e.SnapshotTaken(boot="1", legs=(line,), bridges=()))
    assert told.plays() == ["stop"]


def test_asterisks_restart_frees_the_operator_and_keeps_the_place() -> None:
    told = First()
    told.calls_ada()
    told.happens(e.ClosingAsked(seconds=0.0))
    assert told.missed() == [BackResult.WITHDRAWN]
    assert told.call("ada").state is CallState.RESTING
    assert told.results("som") == ["withdrawn"]


def test_a_queue_whose_setting_changes_meanwhile() -> None:
    """An attempt goes on as it began."""
    told = First()
    told.logs_in("som")
    queue = replace(told.site.queues[DAMRONG], operator_first=False)
    told.site = replace(told.site, queues={**told.site.queues, DAMRONG: queue})
    told.happens(e.SiteChanged(site=told.site))
    told.picks_up("som")
    assert told.rung() == [ADA]
    told.ends("ada", end=LegEnd.BUSY)
    told.after(300)
    assert told.rung() == [ADA, ADA], "the citizen is rung first"
    assert len(told.rang()) == 1


def test_both_are_not_joined_and_the_citizen_is_first_in_line() -> None:
    told = First()
    told.calls_ada()
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.phone_ends("som")
    assert told.call("ada").state is CallState.WAITING
    assert told.in_line() == ["ada"]
    assert isinstance(told.call("ada").leg, BackLeg)
    told.ends("ada")
    assert told.outcomes() == {"ada": "abandoned"}


def test_an_answer_that_is_told_again_does_not_ring_again() -> None:
    """Asterisk would play it after the first one, and the two would be joined only then."""
    told = First()
    told.calls_ada()
    told.service_restarts()
    legs = (seen(told.operators_leg(), up=True), seen(told.leg("ada"), up=False))
    told.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=()))
    assert told.plays() == ["ringing"]


@pytest.mark.parametrize("operator_first", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_the_ring_of_an_offer_that_came_to_nothing_ended_at_the_answer(
    operator_first: bool, answered: bool
) -> None:
    """If nobody answered, it lasted as long as the offer."""
    told = First() if operator_first else Back()
    told.logs_in("som")
    if not operator_first:
        told.arrives("ada")
    told.after(4.0)
    if answered:
        told.picks_up("som")
    told.after(2.0)
    if operator_first and answered:
        told.ends("ada")
    elif operator_first:
        told.phone_ends("som", LegEnd.DECLINED)
    else:
        told.happens(e.CallerLeft(call=CallId("ada")))
    (ended, *_) = [x for x in told.told if isinstance(x, f.OfferEnded)]
    assert ended.ring_seconds == (4.0 if answered else 6.0)


@pytest.mark.parametrize(
    "what",
    ["phone lost", "ringing failed", "moved up", "Asterisk is restarted", "a fault of ours"],
)
def test_what_may_happen_while_the_operators_phone_rings(what: str) -> None:
    told = First()
    told.logs_in("som")
    match what:
        case "phone lost":
            told.phone_ends("som", LegEnd.DIED)
        case "ringing failed":
            told.happens(e.RingFailed(offer=told.offer_to("som")))
        case "moved up":
            told.happens(e.PriorityChanged(call=CallId("ada"), priority=7))
        case "Asterisk is restarted":
            told.happens(e.ClosingAsked(seconds=0.0))
        case _:
            work = told.engine.work
            work.take(work.to_lifeboat(told.call("ada"), "test", ValueError(), told.now))
    assert told.rung() == []
    if what == "moved up":
        assert (told.call("ada").priority, told.state()) == (7, OfferState.OPERATOR_RINGS)
    elif what == "a fault of ours":
        assert "ada" not in told.engine.state.calls
        assert not told.has("som")
    else:
        assert told.call("ada").state is CallState.PARKED, "the place is kept"
        assert not told.has("som")


@pytest.mark.parametrize("checking", [False, True])
def test_a_phone_that_is_lost_while_the_citizen_is_called_ends_the_attempt(checking: bool) -> None:
    told = First()
    told.calls_ada()
    if checking:
        told.picks_up_the_callback("ada")
    told.happens(e.PhoneLost(endpoint="PJSIP/som"))
    assert told.call("ada").state is CallState.RESTING
    assert told.leg("ada") in told.hung_up()
    assert told.does("som") is OperatorState.PAUSED


def test_the_question_is_repeated_while_nobody_presses_a_key() -> None:
    told = First()
    told.calls_ada()
    told.picks_up_the_callback("ada")
    asked = len([x for x in told.ordered if isinstance(x, c.PlayPrompts)])
    told.is_over("ada")
    assert len([x for x in told.ordered if isinstance(x, c.PlayPrompts)]) == asked + 1
