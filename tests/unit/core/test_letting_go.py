"""A phone whose leg is hung up is rung again when that leg is gone: the INVITE of the next one may
overtake the BYE or CANCEL of the last, and rings the phone into a talk."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.ids import CallId, OfferId
from callcenter.core.listening import LET_GO_SECONDS
from callcenter.core.outcome import LegEnd
from tests.legs import caller_leg, channel_of, desk_bridge, leg_named, leg_of_offer
from tests.unit.core.story import Story


def with_a_ring() -> tuple[Story, OfferId]:
    story = Story()
    story.legs_go_at_once = False
    story.logs_in("somchai")
    story.calls("malee", "chai")
    return story, story.offer_to("somchai")


def leg(name: str, *, is_up: bool = False, is_down: bool = False) -> e.LegSeen:
    return e.LegSeen(
        leg=leg_named(name),
        is_up=is_up,
        in_app=True,
        did="1567",
        caller="",
        age_seconds=1.0,
        is_down=is_down,
    )


def comes_back(story: Story, *legs: e.LegSeen, at: dict[str, str]) -> list[c.Command]:
    phones = frozenset((f"PJSIP/{name}", leg_of_offer(OfferId(each))) for each, name in at.items())
    return story.happens(
        e.SnapshotTaken(boot="1", legs=legs, bridges=(), at_phones=phones)
    ).commands


def test_who_was_rung_for_a_caller_who_left_is_rung_again_when_that_leg_is_gone() -> None:
    story, offer = with_a_ring()
    story.leaves("malee")
    assert story.rang() == [("somchai", "malee")]
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED, gone=False))
    assert story.rang() == [("somchai", "malee")]
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
    assert story.rang() == [("somchai", "malee"), ("somchai", "chai")]


def test_another_operator_is_rung_at_once() -> None:
    story, _ = with_a_ring()
    story.leaves("malee")
    story.logs_in("nok")
    assert story.has("nok") == "chai"


def test_who_hung_up_at_the_phone_is_rung_at_once() -> None:
    story = Story()
    story.legs_go_at_once = False
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.calls("chai")
    offer = story.offer_to("somchai")
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED, gone=False))
    story.after(story.engine.state.queue(story.call("chai").queue).rules.wrapup_seconds)
    assert story.has("somchai") == "chai"


def test_a_word_that_was_lost_keeps_nobody_from_work() -> None:
    story, _ = with_a_ring()
    story.leaves("malee")
    story.after(LET_GO_SECONDS)
    assert story.has("somchai") == "chai"


def test_of_two_who_can_be_rung_again_at_once_the_longer_idle_is_rung() -> None:
    story, _ = with_a_ring()
    story.logs_in("nok")
    assert (story.has("somchai"), story.has("nok")) == ("malee", "chai")
    story.leaves("malee")
    story.leaves("chai")
    story.calls("ploy")
    story.after(LET_GO_SECONDS)
    assert story.has("somchai") == "ploy"
    assert story.has("nok") == ""


def test_a_ring_that_asterisk_refused_leaves_nothing_to_wait_for() -> None:
    story, offer = with_a_ring()
    story.leaves("malee")
    story.happens(e.RingFailed(offer=offer))
    assert story.has("somchai") == "chai"


@pytest.mark.parametrize("is_up", [False, True])
def test_after_a_reconnect_a_phone_with_a_leg_of_nobody_is_not_rung(is_up: bool) -> None:
    """An offer that was taken back, and the order got lost; or a talk of another service."""
    story = Story()
    story.legs_go_at_once = False
    story.logs_in("somchai")
    story.asterisk_is_lost()
    story.calls("malee")
    here = (leg("malee", is_up=True), leg("offer-1-old", is_up=is_up))
    ordered = comes_back(story, *here, at={"offer-1-old": "somchai"})
    assert [each.leg for each in ordered if isinstance(each, c.HangUp)] == [
        leg_named("offer-1-old")
    ]
    assert story.rang() == []
    story.happens(e.OperatorLegEnded(offer=OfferId("offer-1-old"), end=LegEnd.ENDED))
    assert story.has("somchai") == "malee"


def test_who_talks_for_another_service_is_rung_when_that_talk_is_over() -> None:
    story = Story()
    story.logs_in("somchai")
    story.asterisk_is_lost()
    offer = OfferId("offer-1-stranger")
    talk = (caller_leg("stranger"), leg_of_offer(offer))
    desk = desk_bridge(story.operator("somchai").id)
    story.legs_go_at_once = False
    story.happens(
        e.SnapshotTaken(
            boot="1",
            legs=tuple(leg(channel_of(each), is_up=True) for each in talk),
            bridges=(e.BridgeSeen(bridge=desk, legs=talk),),
            at_phones=frozenset({("PJSIP/somchai", talk[1])}),
        )
    )
    story.calls("chai")
    story.after(LET_GO_SECONDS * 10)
    assert story.rang() == []
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
    assert story.has("somchai") == "chai"


def test_a_leg_that_was_made_and_never_dialled_is_taken_back_and_is_not_rona() -> None:
    story, offer = with_a_ring()
    story.asterisk_is_lost()
    callers = (leg("malee", is_up=True), leg("chai", is_up=True))
    made = leg(offer, is_down=True)
    ordered = comes_back(story, *callers, made, at={offer: "somchai"})
    assert [each.leg for each in ordered if isinstance(each, c.HangUp)] == [leg_of_offer(offer)]
    assert story.results("somchai") == ["withdrawn"]
    assert story.rang() == [("somchai", "malee")]
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
    assert story.rang() == [("somchai", "malee")] * 2


def test_a_leg_that_came_while_the_snapshot_was_taken_is_waited_for() -> None:
    """Asked for over the connection before: not in the list of channels, but at the phone."""
    story, offer = with_a_ring()
    story.asterisk_is_lost()
    callers = (leg("malee", is_up=True), leg("chai", is_up=True))
    comes_back(story, *callers, at={offer: "somchai"})
    assert story.rang() == [("somchai", "malee")]
    story.happens(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
    assert story.rang() == [("somchai", "malee")] * 2


def test_an_open_line_that_was_made_and_never_dialled_is_rung_anew() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    line = story.line_of("somchai")
    story.asterisk_is_lost()
    ordered = comes_back(story, leg(channel_of(line), is_down=True), at={})
    told = [type(each) for each in ordered if not isinstance(each, c.OpenDesk)]
    assert told == [c.HangUp, c.RingLine]
    assert story.line_of("somchai") != line


def test_the_next_snapshot_without_that_leg_frees_the_phone() -> None:
    story = Story()
    story.legs_go_at_once = False
    story.logs_in("somchai")
    story.asterisk_is_lost()
    story.calls("malee")
    here = leg("malee", is_up=True)
    comes_back(story, here, leg("offer-1-old", is_up=True), at={"offer-1-old": "somchai"})
    assert story.rang() == []
    comes_back(story, here, at={})
    assert story.has("somchai") == "malee"


def test_an_operator_whom_the_caller_left_in_a_talk_nobody_knows_is_let_go() -> None:
    """The journal that knew of the talk is gone: nobody else would end the operator's leg."""
    story = Story()
    story.legs_go_at_once = False
    story.logs_in("somchai")
    caller, offer = leg("1.1", is_up=True), leg("offer-1-1.1", is_up=True)
    desk = e.BridgeSeen(bridge=desk_bridge("somchai"), legs=(caller.leg, offer.leg))
    phones = frozenset({("PJSIP/somchai", leg_of_offer(OfferId("offer-1-1.1")))})
    talk = e.SnapshotTaken(boot="1", legs=(caller, offer), bridges=(desk,), at_phones=phones)
    story.happens(talk)
    step = story.happens(e.CallerLeft(call=CallId("1.1")))
    assert [o.leg for o in step.commands if isinstance(o, c.HangUp)] == [offer.leg]
