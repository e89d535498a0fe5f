"""Rules of which nobody noticed for long whether they held: each was broken on purpose once."""

from dataclasses import replace

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core import operator as desk
from callcenter.core.facts import OperatorState
from callcenter.core.fold import apply
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.line import Line
from callcenter.core.outcome import LegEnd, OfferResult
from callcenter.core.routing import shown_on_phone
from callcenter.core.state import OfferState, State
from callcenter.core.turn import Turn
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.story import Story


def comes_back(story: Story, *waiting: str) -> None:
    """Asterisk is connected again, with these callers."""
    legs = tuple(
        e.LegSeen(
            leg=leg_named(name), is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0
        )
        for name in waiting
    )
    story.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=()))


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_after_a_restart_patience_still_ends_when_it_would_have(from_all_facts: bool) -> None:
    story = Story()
    story.calls("malee")
    story.after(100.0)
    story.service_restarts(from_all_facts=from_all_facts)
    comes_back(story, "malee")
    story.after(499.0)
    assert story.outcomes() == {}
    story.after(2.0)
    assert story.outcomes() == {"malee": "overflow"}


def test_after_a_restart_patience_is_that_of_the_queue_moved_to() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0, overflow_queue=GCC))
    story.calls("malee")
    story.after(70.0)
    story.service_restarts()
    comes_back(story, "malee")
    story.after(589.0)
    assert story.outcomes() == {}
    story.after(2.0)
    assert story.outcomes() == {"malee": "overflow"}


def test_an_urgent_caller_of_one_queue_comes_before_an_earlier_one_of_another() -> None:
    story = Story()
    story.calls("early")
    story.after(60.0)
    story.calls("urgent", did="1669")
    story.logs_in("somchai", queues=(DAMRONG, GCC))
    assert story.has("somchai") == "urgent"


def test_who_comes_back_into_a_pause_gets_no_call_before_it() -> None:
    story = Story()
    story.calls("malee")
    story.happens(
        e.OperatorLoggedIn(
            operator=OperatorId("somchai"),
            endpoint="PJSIP/op-somchai",
            queues=(DAMRONG,),
            paused="lunch",
        )
    )
    somchai = story.operator("somchai")
    assert (somchai.state, somchai.reason, story.has("somchai")) == (
        OperatorState.PAUSED,
        "lunch",
        "",
    )


def test_a_title_cannot_end_the_name_that_the_phone_shows() -> None:
    plain = site()
    (line,) = [line for line in plain.lines.values() if line.name == "1567"]
    odd = replace(line, title='ศูนย์ "1567" \\ <sip:evil>')
    shown = shown_on_phone(line.name, replace(plain, lines={line.name: odd}))
    assert shown == "\"ศูนย์ '1567' / (sip:evil)\" <1567>"


def test_the_leg_of_an_earlier_offer_is_not_the_operator_of_this_one() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    first = leg_of_offer(story.offer_to("somchai"))
    story.phone_ends("somchai", LegEnd.DECLINED)
    story.after(story.site.pauses.declined_seconds)
    story.picks_up("somchai")
    bridge = desk_bridge(story.operator("somchai").id)
    story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=bridge))
    story.happens(e.LegEnteredBridge(leg=first, bridge=bridge))
    offer = story.call("malee").offer
    assert offer is not None and offer.state is OfferState.JOINING


def test_who_wished_to_go_home_goes_home_also_when_nobody_answered() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    operator = replace(story.operator("somchai"), wish=OperatorState.OFFLINE)
    turn = Turn(story.engine.state, story.now)
    desk.after_offer(turn, operator, OfferResult.NO_ANSWER)
    [changed] = turn.facts
    assert isinstance(changed, f.OperatorChanged)
    assert changed.state is OperatorState.OFFLINE


@pytest.mark.parametrize("who", [998, 999, 1000, 1001])
def test_where_a_long_line_was_cut_everybody_keeps_the_place(who: int) -> None:
    line, calls = Line(), [CallId(str(number)) for number in range(2001)]
    for number, call in enumerate(calls):
        line.add(call, 0, (float(number), number))
    assert [line.place_of(call) for call in calls] == list(range(1, 2002))
    line.remove(calls[who])
    line.add(calls[who], 0, (who - 0.5, who))
    assert list(line) == calls
    line.remove(calls[who])
    assert list(line) == calls[:who] + calls[who + 1 :]


def test_five_thousand_ended_calls_are_remembered() -> None:
    state = State(site())
    for number in range(5_000):
        apply(state, f.LedgerChecked(at=1.0, call=CallId(str(number)), known=True))
    assert state.is_over(CallId("0"))
    apply(state, f.LedgerChecked(at=1.0, call=CallId("one more"), known=True))
    assert not state.is_over(CallId("0"))
    assert state.is_over(CallId("1"))
