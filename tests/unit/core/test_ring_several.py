"""Several phones ring for one caller: who answers first has it, and no phone is left over."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.legs import OfferLeg
from callcenter.core.offers import ring, several
from callcenter.core.offers.table import OnOffer, OnSeveral
from callcenter.core.outcome import LegEnd, OfferResult
from callcenter.core.state import OfferState
from callcenter.core.strategy import Strategy
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story

SEVERAL = Strategy.RING_SEVERAL


def a_day(at_once: int = 3, **more: object) -> Story:
    """A queue that rings so many at once."""
    return Story(rules(DAMRONG, strategy=SEVERAL, ring_at_once=at_once, **more))


def ring_for(story: Story, call: str) -> list[str]:
    """The operators whose phones ring for this call, the first one first."""
    held = story.call(call)
    offers = [*([held.offer] if held.offer else []), *held.beside]
    return [offer.operator for offer in sorted(offers, key=lambda offer: offer.made_at)]


def seen(leg: object, *, up: bool) -> e.LegSeen:
    """A leg that Asterisk has."""
    return e.LegSeen(
        leg=leg,  # type: ignore[arg-type]
        is_up=up,
        in_app=True,
        did="1567",
        caller="",
        age_seconds=9.0,
    )


def test_one_caller_rings_at_as_many_phones_as_the_site_says() -> None:
    story = a_day()
    story.logs_in("a", "b", "c", "d")
    story.calls("malee")
    assert ring_for(story, "malee") == ["a", "b", "c"], "the longest idle"
    assert story.does("d") is OperatorState.AVAILABLE
    rings = [x for x in story.ordered if isinstance(x, c.RingOperator)]
    assert [x.endpoint for x in rings] == ["PJSIP/a", "PJSIP/b", "PJSIP/c"]


@pytest.mark.parametrize("first", ["a", "b", "c"])
def test_who_answers_first_has_the_caller_and_all_others_are_free_at_their_old_place(
    first: str,
) -> None:
    story = a_day()
    story.logs_in("a", "b", "c", "d")
    story.calls("malee")
    story.after(4.0)
    offers = {name: story.offer_to(name) for name in "abc"}
    done = story.picks_up(first)
    bridge, *rest = [x for x in done.commands if isinstance(x, c.Bridge | c.HangUp)]
    assert isinstance(bridge, c.Bridge), "the two are joined first"
    assert bridge.offer == offers[first]
    others = [name for name in "abc" if name != first]
    hung_up = {
        x.leg.offer: x.elsewhere
        for x in rest
        if isinstance(x, c.HangUp) and isinstance(x.leg, OfferLeg)
    }
    assert hung_up == {offers[name]: True for name in others}
    story.is_joined(first)
    assert story.results(first) == ["answered"]
    for name in others:
        assert story.results(name) == ["elsewhere"]
        assert (story.does(name), story.operator(name).reason) == ("available", "")
    ended = [x for x in story.told if isinstance(x, f.OfferEnded)]
    assert {x.ring_seconds for x in ended} == {4.0}
    assert story.outcomes() == {"malee": "answered"}
    assert list(story.engine.state.queues[DAMRONG].free) == [*others, "d"], "before d, as before"
    assert story.call("malee").beside == ()


def test_two_phones_are_answered_in_the_same_moment_and_the_second_is_let_go() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.legs_go_at_once = False
    story.calls("malee")
    second = story.offer_to("a")
    story.picks_up("b")
    late = story.happens(e.OperatorAnswered(offer=second))
    (hang_up,) = late.commands
    assert isinstance(hang_up, c.HangUp) and hang_up.elsewhere
    assert late.facts == [], "it has its result already"
    entered = story.happens(e.LegEnteredBridge(leg=leg_of_offer(second), bridge=desk_bridge("b")))
    assert entered.facts == []
    story.is_joined("b")
    assert (story.results("a"), story.results("b")) == (["elsewhere"], ["answered"])
    bridges = [x for x in story.ordered if isinstance(x, c.Bridge)]
    assert [x.bridge for x in bridges] == [desk_bridge("b")], "nobody else is joined"
    assert story.does("a") is OperatorState.AVAILABLE
    story.calls("wipa")
    assert story.in_line() == ["wipa"], "a's phone is not rung before its leg is gone"
    story.happens(e.OperatorLegEnded(offer=second, end=LegEnd.ENDED))
    assert ring_for(story, "wipa") == ["a"]


def test_every_caller_has_one_phone_before_another_has_two() -> None:
    story = a_day()
    story.logs_in("a")
    story.calls("malee", "wipa")
    story.logs_in("b", "c")
    assert ring_for(story, "malee") == ["a", "c"], "b was for wipa, who waited"
    assert ring_for(story, "wipa") == ["b"]
    story.logs_in("d")
    assert ring_for(story, "wipa") == ["b", "d"], "the one with fewer phones"
    story.logs_in("e", "f", "g")
    assert [len(ring_for(story, name)) for name in ("malee", "wipa")] == [3, 3]
    assert story.does("g") is OperatorState.AVAILABLE, "more than the site allows do not ring"


def test_one_declines_and_the_others_ring_on() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.phone_ends("a", LegEnd.DECLINED)
    assert ring_for(story, "malee") == ["b"]
    assert (story.results("a"), story.operator("a").reason) == (["declined"], "declined")
    assert story.in_line() == []
    story.after(10.0)
    assert ring_for(story, "malee") == ["b", "a"], "free again, while malee still waits"
    story.answers("a")
    assert story.results("b") == ["elsewhere"]


@pytest.mark.parametrize("who", ["a", "b"])
def test_another_phone_rings_for_one_that_declines(who: str) -> None:
    story = a_day(2)
    story.logs_in("a", "b", "c")
    story.calls("malee")
    story.phone_ends(who, LegEnd.DECLINED)
    (other,) = {"a", "b"} - {who}
    assert ring_for(story, "malee") == [other, "c"]


def test_nobody_answers_and_each_has_a_time_of_its_own() -> None:
    story = a_day()
    story.logs_in("a")
    story.calls("malee")
    story.after(5.0)
    story.logs_in("b")
    assert ring_for(story, "malee") == ["a", "b"]
    story.after(10.0)
    assert (story.results("a"), story.operator("a").reason) == (["no_answer"], "rona")
    assert ring_for(story, "malee") == ["b"]
    story.after(5.0)
    assert (story.results("b"), story.operator("b").reason) == (["no_answer"], "rona")
    assert story.in_line() == ["malee"]


def test_both_times_are_over_at_the_same_moment() -> None:
    story = a_day()
    story.logs_in("a", "b", "c")
    story.calls("malee")
    story.after(15.0)
    assert [story.results(name) for name in "abc"] == [["no_answer"]] * 3
    assert story.in_line() == ["malee"]


def test_the_caller_leaves_while_several_ring() -> None:
    story = a_day()
    story.logs_in("a", "b", "c")
    story.calls("malee")
    story.after(6.0)
    done = story.leaves("malee")
    hung_up = [x for x in done.commands if isinstance(x, c.HangUp)]
    assert len(hung_up) == 3
    assert not any(x.elsewhere for x in hung_up), "for these phones it is a missed call"
    assert [story.results(name) for name in "abc"] == [["caller_left"]] * 3
    assert story.outcomes() == {"malee": "abandoned"}
    assert [story.does(name) for name in "abc"] == ["available"] * 3


@pytest.mark.parametrize("who", ["a", "b"])
def test_an_operator_logs_out_while_several_ring(who: str) -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.logs_out(who)
    assert story.results(who) == ["withdrawn"]
    assert story.does(who) is OperatorState.OFFLINE
    (other,) = {"a", "b"} - {who}
    assert ring_for(story, "malee") == [other]


def test_an_operator_pauses_while_several_ring_and_is_paused_after_it() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.pauses("b")
    assert ring_for(story, "malee") == ["a", "b"], "the ring comes first"
    story.answers("a")
    assert (story.does("b"), story.operator("b").reason) == ("paused", "lunch")
    story.resumes("b")
    assert list(story.engine.state.queues[DAMRONG].free) == ["b"]


@pytest.mark.parametrize("who", ["a", "b"])
def test_a_phone_is_in_another_call_or_gone_while_several_ring(who: str) -> None:
    (other,) = {"a", "b"} - {who}
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.happens(e.PhonesSeen(elsewhere=frozenset({f"PJSIP/{who}"})))
    assert (story.results(who), story.results(other)) == (["withdrawn"], [])
    assert ring_for(story, "malee") == [other]
    story.happens(e.PhonesSeen(elsewhere=frozenset()))
    assert set(ring_for(story, "malee")) == {"a", "b"}
    story.happens(e.PhonesSeen(elsewhere=frozenset(), away=frozenset({f"PJSIP/{who}"})))
    assert story.results(who) == ["withdrawn", "unreachable"]
    assert ring_for(story, "malee") == [other]


def test_asterisk_cannot_ring_one_of_them() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.happens(e.RingFailed(offer=story.offer_to("b")))
    assert story.results("b") == ["unreachable"]
    story.happens(e.RingFailed(offer=story.offer_to("a")))
    assert story.in_line() == ["malee"]


def test_the_one_who_was_to_be_joined_fails_and_all_are_rung_again() -> None:
    story = a_day()
    story.logs_in("a", "b", "c")
    story.calls("malee")
    story.picks_up("b")
    story.happens(e.BridgeFailed(offer=story.offer_to("b")))
    assert ring_for(story, "malee") == ["a", "c"]
    assert story.call("malee").at_once == 3


def test_kill_nine_while_several_ring_and_one_is_answered_meanwhile() -> None:
    story = a_day()
    story.logs_in("a", "b", "c")
    story.calls("malee")
    legs = {name: leg_of_offer(story.offer_to(name)) for name in "abc"}
    before = story.engine.state
    story.service_restarts()
    assert picture(story.engine.state) == as_restarted(before)
    story.happens(
        e.SnapshotTaken(
            boot="1",
            legs=(
                seen(caller_leg("malee"), up=True),
                seen(legs["b"], up=True),
                seen(legs["c"], up=True),  # both were answered
                seen(legs["a"], up=False),
            ),
            bridges=(),
            at_phones=frozenset((f"PJSIP/{name}", leg) for name, leg in legs.items()),
        )
    )
    assert story.call("malee").operator == "b"
    assert (story.results("a"), story.results("c")) == (["elsewhere"], ["elsewhere"])
    gone = {x.leg for x in story.ordered if isinstance(x, c.HangUp)}
    assert {legs["a"], legs["c"]} <= gone
    assert legs["b"] not in gone


def test_kill_nine_and_asterisk_has_lost_one_of_the_legs() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    legs = {name: leg_of_offer(story.offer_to(name)) for name in "ab"}
    story.service_restarts(from_all_facts=True)
    story.happens(
        e.SnapshotTaken(
            boot="1",
            legs=(seen(caller_leg("malee"), up=True), seen(legs["b"], up=False)),
            bridges=(),
            at_phones=frozenset({("PJSIP/b", legs["b"])}),
        )
    )
    assert story.results("a") == ["withdrawn"]
    assert set(ring_for(story, "malee")) == {"a", "b"}, "rung again"
    assert not [x for x in story.ordered if isinstance(x, c.HangUp) and x.leg == legs["b"]]


def test_asterisk_is_killed_while_several_ring() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.asterisk_is_lost()
    story.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    assert story.outcomes() == {"malee": "failed"}
    assert [story.results(name) for name in "ab"] == [["caller_left"]] * 2
    assert [story.does(name) for name in "ab"] == ["available"] * 2


def test_asterisk_is_restarted_in_an_orderly_way_while_several_ring() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.calls("malee")
    story.happens(e.ClosingAsked(seconds=0.0))
    assert [story.results(name) for name in "ab"] == [["withdrawn"]] * 2
    assert story.outcomes() == {"malee": "failed"}


def test_an_open_line_comes_first_and_nothing_rings() -> None:
    story = a_day()
    story.logs_in("a", "b")
    story.sits_down_with_a_headset("headset")
    story.calls("malee")
    assert story.has("headset") == "malee"
    assert [story.does(name) for name in "ab"] == ["available"] * 2
    story.calls("wipa")
    assert ring_for(story, "wipa") == ["a", "b"]


def test_an_open_line_is_not_rung_beside_phones() -> None:
    story = a_day()
    story.logs_in("a")
    story.calls("malee")
    story.sits_down_with_a_headset("headset")
    assert ring_for(story, "malee") == ["a"]
    story.calls("wipa")
    assert story.has("headset") == "wipa"


def test_who_gives_up_the_open_line_is_a_phone_as_the_others() -> None:
    story = a_day()
    story.sits_down_with_a_headset("headset")
    story.logs_in("a")
    story.logs_in("headset", open_line=False)
    story.line_ends("headset")
    story.calls("malee")
    assert set(ring_for(story, "malee")) == {"a", "headset"}


def test_who_was_talked_to_last_is_rung_alone() -> None:
    story = a_day(last_operator_seconds=3600.0, wrapup_seconds=0.0)
    story.logs_in("a", "b")
    story.calls("malee")
    story.answers("b")
    story.leaves("malee")
    story.calls("again")
    assert ring_for(story, "again") == ["b"]
    story.phone_ends("b", LegEnd.DECLINED)
    assert ring_for(story, "again") == ["a"]


def test_who_is_given_a_call_is_rung_alone() -> None:
    story = a_day()
    story.logs_in("a", "b", "c", "d")
    story.calls("malee")
    story.answers("a")
    story.happens(
        e.TransferAsked(operator=OperatorId("a"), call=CallId("malee"), to=OperatorId("c"))
    )
    assert ring_for(story, "malee") == ["c"]
    story.phone_ends("c", LegEnd.DECLINED)
    assert ring_for(story, "malee") == ["b", "d"], "back in line as anybody"


def test_a_call_given_to_the_queue_rings_at_several() -> None:
    story = a_day()
    story.logs_in("a", queues=(GCC,))
    story.logs_in("b", "c")
    story.calls("malee", did="1111")
    story.answers("a")
    story.happens(e.TransferAsked(operator=OperatorId("a"), call=CallId("malee"), queue=DAMRONG))
    assert ring_for(story, "malee") == ["b", "c"]


def test_skills_are_asked_of_every_phone_and_relax_while_it_rings() -> None:
    story = a_day()
    story.needs(("english", 1))
    story.logs_in("a", "b", skills=(("english", 2),))
    story.logs_in("c")
    story.calls("malee")
    assert ring_for(story, "malee") == ["a", "b"]
    story.site = replace(story.site, relax_seconds=5.0)
    story.happens(e.SiteChanged(site=story.site))
    story.leaves("malee")
    story.calls("wipa")
    assert set(ring_for(story, "wipa")) == {"a", "b"}
    story.after(5.0)
    assert set(ring_for(story, "wipa")) == {"a", "b", "c"}


def test_the_site_rings_more_at_once_from_now_on_or_another_strategy() -> None:
    story = a_day(2)
    story.logs_in("a", "b", "c")
    story.calls("malee")
    assert ring_for(story, "malee") == ["a", "b"]
    others = dict(story.site.queues)
    others[DAMRONG] = rules(DAMRONG)
    story.site = replace(story.site, queues=others)
    story.happens(e.SiteChanged(site=story.site))
    story.phone_ends("a", LegEnd.DECLINED)
    assert ring_for(story, "malee") == ["b"], "no more are added, and who rings goes on ringing"
    others[DAMRONG] = rules(DAMRONG, strategy=SEVERAL, ring_at_once=2)
    story.site = replace(story.site, queues=others)
    story.happens(e.SiteChanged(site=story.site))
    assert ring_for(story, "malee") == ["b", "c"]


def test_a_fault_of_ours_lets_all_go(monkeypatch: pytest.MonkeyPatch) -> None:
    story = a_day()
    story.logs_in("a", "b", "c")
    story.calls("malee")
    cell = several.RULES[OfferState.RINGING][OnSeveral.CHOSEN]

    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    broken_cell = replace(cell, rule=breaks)
    row = {**several.RULES[OfferState.RINGING], OnSeveral.CHOSEN: broken_cell}
    monkeypatch.setattr(several, "RULES", {OfferState.RINGING: row})
    story.picks_up("b")
    assert [story.results(name) for name in "abc"] == [["withdrawn"]] * 3
    assert story.outcomes() == {"malee": "failed"}
    sent = [x for x in story.ordered if isinstance(x, c.SendOut)]
    assert [(x.leg, x.exit) for x in sent] == [(leg_named("malee"), c.Exit.ERROR)]


def test_every_end_of_an_offer_has_one_for_an_offer_beside() -> None:
    row = ring.RULES[OfferState.RINGING]
    ends = {what for what in OnOffer if row[what].targets == row[OnOffer.STATE_TIME].targets}
    assert ends == set(several.ENDS)
    assert OfferResult.ELSEWHERE.value == "elsewhere"
