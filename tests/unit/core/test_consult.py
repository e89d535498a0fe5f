"""An operator asks a colleague in a talk: attended transfer, and a conference of three."""

from collections.abc import Callable, Iterator

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.conversation import Party
from callcenter.core.engine import Step
from callcenter.core.events import Decision
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import CallId, OfferId, OperatorId, QueueName
from callcenter.core.legs import CallerLeg, Leg, LineLeg, OfferLeg
from callcenter.core.offers import consult
from callcenter.core.offers.table import OnConsult, OnOffer
from callcenter.core.outcome import LegEnd
from callcenter.core.state import CallState, Hears, OfferState
from tests.legs import caller_leg, desk_bridge, leg_of_offer
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story
from tests.unit.core.test_listening import Floor

MALEE, SOMCHAI, NOK = CallId("malee"), OperatorId("somchai"), OperatorId("nok")
ASKED = OfferId("offer-2-malee")
CALLER, OPERATOR, CONSULTED = Party.CALLER, Party.OPERATOR, Party.CONSULTED
WAYS = pytest.mark.parametrize("open_line", [False, True], ids=["ring", "open line"])


def talk(*, open_line: bool = False, wrapup_seconds: float = 10.0) -> Story:
    """Somchai talks with Malee; Nok, of another queue, is free."""
    story = Story(rules(DAMRONG, wrapup_seconds=wrapup_seconds), rules(GCC))
    story.calls(MALEE)
    story.after(10.0)
    if open_line:
        story.sits_down_with_a_headset(SOMCHAI)
        story.is_handed_over(MALEE)
    else:
        story.logs_in(SOMCHAI)
        story.answers(SOMCHAI)
    story.logs_in(NOK, queues=(GCC,))
    story.after(60.0)
    story.ordered.clear()
    return story


def asks(story: Story, to: str = NOK) -> Step:
    """Somchai asks Nok."""
    return story.happens(e.ConsultAsked(operator=SOMCHAI, call=MALEE, to=OperatorId(to)))


def picks_up(story: Story) -> None:
    """Nok is there."""
    story.happens(e.OperatorAnswered(offer=ASKED))
    enters(story, leg_of_offer(ASKED), SOMCHAI)


def enters(story: Story, leg: Leg, desk: str) -> Step:
    """Asterisk confirms it."""
    return story.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(desk)))


def decides(story: Story, decision: Decision) -> Step:
    """Somchai's button."""
    return story.happens(e.ConsultDecided(operator=SOMCHAI, call=MALEE, decision=decision))


def consulting(**how: bool) -> Story:
    """Somchai and Nok talk, Malee is on hold."""
    story = talk(**how)
    asks(story)
    story.after(3.0)
    picks_up(story)
    story.after(20.0)
    story.ordered.clear()
    return story


def conferring(**how: bool) -> Story:
    """All three."""
    story = consulting(**how)
    decides(story, Decision.CONFER)
    enters(story, caller_leg(MALEE), SOMCHAI)
    story.after(5.0)
    story.ordered.clear()
    return story


def heard(story: Story) -> dict[Party, set[Party]]:
    """Who hears whom."""
    offer = story.call(MALEE).offer
    assert offer is not None
    assert offer.conversation is not None
    return {
        party: set(offer.conversation.heard_by(party)) for party in (CALLER, OPERATOR, CONSULTED)
    }


def stage(story: Story) -> str:
    """The call's state, or that of its offer."""
    call = story.engine.state.calls.get(MALEE)
    if call is None:
        return CallState.ENDED
    return call.offer.state if call.offer else call.state


def results(story: Story) -> list[tuple[str, float]]:
    """How consults came out, and for how long the caller was on hold."""
    return [(x.result, x.held_seconds) for x in story.told if isinstance(x, f.ConsultEnded)]


# --- the whole way ---------------------------------------------------------------------------


@WAYS
def test_the_caller_hears_music_while_the_colleague_rings_and_while_they_talk(
    open_line: bool,
) -> None:
    story = talk(open_line=open_line)
    asks(story)
    music = c.BackToMusic(lane=MALEE, caller=caller_leg(MALEE), bridge=desk_bridge(SOMCHAI))
    assert story.ordered[0] == music
    assert isinstance(story.ordered[1], c.RingOperator)
    assert story.ordered[1].leg == leg_of_offer(ASKED)
    assert (story.does(NOK), story.call(MALEE).hears) == (OperatorState.RINGING, Hears.MUSIC)
    assert heard(story) == {CALLER: set(), OPERATOR: set(), CONSULTED: set()}
    picks_up(story)
    bring = c.BringIn(
        lane=MALEE,
        offer=ASKED,
        leg=OfferLeg(offer=ASKED, node=story.call(MALEE).node),
        bridge=desk_bridge(SOMCHAI),
    )
    assert story.ordered[2:] == [bring]
    assert (story.does(SOMCHAI), story.does(NOK)) == (OperatorState.ON_CALL, OperatorState.ON_CALL)
    assert story.call(MALEE).hears is Hears.MUSIC
    assert heard(story) == {CALLER: set(), OPERATOR: {CONSULTED}, CONSULTED: {OPERATOR}}


@WAYS
def test_the_caller_is_given_to_the_colleague_and_the_operator_wraps_up(open_line: bool) -> None:
    story = consulting(open_line=open_line)
    decides(story, Decision.COMPLETE)
    join = c.Bridge(
        lane=MALEE,
        offer=ASKED,
        bridge=desk_bridge(NOK),
        caller=caller_leg(MALEE),
        operator=leg_of_offer(ASKED),
    )
    assert story.ordered[0] == join
    assert story.does(SOMCHAI) is OperatorState.WRAPUP
    enters(story, caller_leg(MALEE), NOK)
    assert story.call(MALEE).hears is Hears.SILENCE
    enters(story, leg_of_offer(ASKED), NOK)
    assert (story.has(NOK), story.call(MALEE).hears) == ("malee", Hears.OPERATOR)
    story.after(30.0)
    story.leaves(MALEE)
    talks = [x for x in story.told if isinstance(x, f.TalkEnded)]
    assert [(x.operator, x.number, x.talk_seconds) for x in talks] == [
        ("somchai", 1, 83.0),
        ("nok", 2, 30.0),
    ]
    (given,) = [x for x in story.told if isinstance(x, f.CallTransferred)]
    assert (given.operator, given.to_operator, given.attended) == ("somchai", "nok", True)
    assert results(story) == [("given", 23.0)]
    assert story.outcomes() == {"malee": "answered"}


@WAYS
def test_all_three_hear_each_other_and_any_of_the_operators_may_go(open_line: bool) -> None:
    story = conferring(open_line=open_line)
    assert heard(story) == {
        CALLER: {OPERATOR, CONSULTED},
        OPERATOR: {CALLER, CONSULTED},
        CONSULTED: {CALLER, OPERATOR},
    }
    decides(story, Decision.CANCEL)
    assert story.ordered == [c.HangUp(lane=MALEE, leg=leg_of_offer(ASKED))]
    assert (stage(story), story.does(NOK)) == (OfferState.TALKING, OperatorState.AVAILABLE)
    assert results(story) == [("cancelled", 23.0)], "on hold no more since they were three"


@WAYS
def test_the_operator_leaves_the_conference_and_the_colleague_has_the_caller(
    open_line: bool,
) -> None:
    story = conferring(open_line=open_line)
    if open_line:
        story.line_ends(SOMCHAI)
    else:
        story.phone_ends(SOMCHAI)
    kinds = [type(x) for x in story.ordered]
    assert kinds[:2] == [c.BackToMusic, c.Bridge], "out of the operator's bridge first"
    for leg in (leg_of_offer(ASKED), caller_leg(MALEE)):
        enters(story, leg, NOK)
    assert (story.has(NOK), story.call(MALEE).hears) == ("malee", Hears.OPERATOR)
    assert results(story) == [("given", 23.0)]


@WAYS
def test_the_operator_takes_the_caller_back(open_line: bool) -> None:
    story = consulting(open_line=open_line)
    decides(story, Decision.CANCEL)
    assert story.ordered[0] == c.HangUp(lane=MALEE, leg=leg_of_offer(ASKED))
    assert isinstance(story.ordered[1], c.Bridge)
    assert story.ordered[1].bridge == desk_bridge(SOMCHAI)
    assert story.does(NOK) is OperatorState.AVAILABLE
    enters(story, caller_leg(MALEE), SOMCHAI)
    assert (stage(story), story.call(MALEE).hears) == (OfferState.TALKING, Hears.OPERATOR)
    assert (story.call(MALEE).consults, story.call(MALEE).consult_seconds) == (1, 23.0)
    asks(story)
    assert story.call(MALEE).consult is not None, "asked again"


@pytest.mark.parametrize(
    ("end", "result", "does"),
    [
        (LegEnd.DECLINED, "declined", "paused"),
        (LegEnd.BUSY, "busy", "paused"),
        (LegEnd.UNREACHABLE, "unreachable", "paused"),
        (LegEnd.LOST, "withdrawn", "available"),
        (None, "no_answer", "paused"),
    ],
)
def test_a_colleague_who_does_not_come_leaves_the_caller_with_the_operator(
    end: LegEnd | None, result: str, does: str
) -> None:
    story = talk()
    asks(story)
    if end is None:
        story.after(15.0)
    else:
        story.happens(e.OperatorLegEnded(offer=ASKED, end=end))
    enters(story, caller_leg(MALEE), SOMCHAI)
    assert (stage(story), story.call(MALEE).hears) == (OfferState.TALKING, Hears.OPERATOR)
    assert [x for x, _ in results(story)] == [result]
    assert story.does(NOK) == does


@pytest.mark.parametrize("why", ["logs out", "phone elsewhere", "phone away", "declines by button"])
def test_a_colleague_whose_phone_rings_and_who_cannot_come(why: str) -> None:
    story = talk()
    asks(story)
    phone = frozenset({"PJSIP/nok"})
    match why:
        case "logs out":
            story.logs_out(NOK)
        case "phone elsewhere":
            story.happens(e.PhonesSeen(elsewhere=phone))
        case "phone away":
            story.happens(e.PhonesSeen(elsewhere=frozenset(), away=phone))
        case _:
            story.happens(e.HangUpAsked(operator=NOK))
    assert (stage(story), story.call(MALEE).consult) == (OfferState.RETAKING, None)
    assert story.has(NOK) == ""


@pytest.mark.parametrize("why", ["busy", "paused", "unknown", "oneself", "opens the line"])
def test_a_colleague_who_cannot_be_rung_is_not_asked_and_the_talk_goes_on(why: str) -> None:
    story = talk()
    match why:
        case "busy":
            story.calls("other", did="1111")
        case "paused":
            story.pauses(NOK)
        case "opens the line":
            story.logs_out(NOK)
            story.logs_in(NOK, open_line=True)
            story.line_is_answered(NOK)
    done = asks(story, {"unknown": "nobody", "oneself": SOMCHAI}.get(why, NOK))
    assert (done.facts, done.commands, stage(story)) == ([], [], OfferState.TALKING)


def test_who_is_asked_neither_gives_the_caller_on_nor_decides() -> None:
    story = consulting()
    story.logs_in("wirat")
    for event in (
        e.TransferAsked(operator=NOK, call=MALEE, to=OperatorId("wirat")),
        e.ConsultDecided(operator=NOK, call=MALEE, decision=Decision.COMPLETE),
        e.ConsultAsked(operator=NOK, call=MALEE, to=OperatorId("wirat")),
        e.ConsultAsked(operator=SOMCHAI, call=MALEE, to=OperatorId("wirat")),
        e.TransferAsked(operator=SOMCHAI, call=MALEE, to=OperatorId("wirat")),
    ):
        done = story.happens(event)
        assert (done.facts, done.commands) == ([], []), event


def test_a_colleague_whose_phone_dies_in_the_consult_is_paused_for_it() -> None:
    story = consulting()
    story.happens(e.PhoneLost(endpoint="PJSIP/nok"))
    assert story.operator(NOK).reason == "phone_lost"
    assert stage(story) == OfferState.RETAKING


def test_an_operator_whose_phone_dies_leaves_the_caller_with_the_colleague() -> None:
    story = consulting()
    story.happens(e.PhoneLost(endpoint="PJSIP/somchai"))
    for leg in (caller_leg(MALEE), leg_of_offer(ASKED)):
        enters(story, leg, NOK)
    assert (story.has(NOK), story.operator(SOMCHAI).reason) == ("malee", "phone_lost")


def test_the_colleague_could_not_be_joined_with_the_caller_who_is_first_in_line_then() -> None:
    story = consulting()
    decides(story, Decision.COMPLETE)
    story.happens(e.BridgeFailed(offer=ASKED))
    assert story.in_line() == ["malee"]
    assert story.call(MALEE).hears is Hears.MUSIC


@pytest.mark.parametrize("answered", [False, True])
def test_a_caller_who_comes_into_a_bridge_late_is_put_on_hold_again(answered: bool) -> None:
    story = talk()
    asks(story)
    if answered:
        picks_up(story)
    done = enters(story, caller_leg(MALEE), SOMCHAI)
    assert [type(x) for x in done.commands] == [c.BackToMusic]


# --- a restart -------------------------------------------------------------------------------


def _asking(*, open_line: bool = False) -> Story:
    story = talk(open_line=open_line)
    asks(story)
    return story


def _answered() -> Story:
    story = _asking()
    story.happens(e.OperatorAnswered(offer=ASKED))
    return story


def _retaking(*, open_line: bool = False) -> Story:
    story = consulting(open_line=open_line)
    decides(story, Decision.CANCEL)
    return story


def _taking_in(*, open_line: bool = False) -> Story:
    story = consulting(open_line=open_line)
    decides(story, Decision.CONFER)
    return story


def _handing_over() -> Story:
    story = consulting()
    decides(story, Decision.COMPLETE)
    return story


MOMENTS: list[Callable[[], Story]] = [
    _asking,
    _answered,
    consulting,
    _retaking,
    _taking_in,
    conferring,
    _handing_over,
]


@pytest.mark.parametrize("from_all_facts", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_restart_knows_it(moment: Callable[[], Story], from_all_facts: bool) -> None:
    story = moment()
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before


def legs_seen(*legs: Leg) -> tuple[e.LegSeen, ...]:
    """What a snapshot has of them."""
    return tuple(
        e.LegSeen(
            leg=leg,
            is_up=True,
            in_app=True,
            did="1567" if isinstance(leg, CallerLeg) else "",
            caller="",
            age_seconds=30.0,
        )
        for leg in legs
    )


@pytest.mark.parametrize("lost", ["nothing", "colleague", "operator", "caller", "the join"])
def test_after_a_restart_the_snapshot_is_the_truth(lost: str) -> None:
    story = consulting()
    story.service_restarts()
    somchais = leg_of_offer(OfferId("offer-1-malee"))
    legs: list[Leg] = [caller_leg(MALEE), somchais, leg_of_offer(ASKED)]
    there: list[Leg] = [somchais, leg_of_offer(ASKED)]
    gone = {"colleague": leg_of_offer(ASKED), "operator": somchais, "caller": legs[0]}.get(lost)
    legs, there = [x for x in legs if x != gone], [x for x in there if x != gone]
    if lost == "the join":
        there.remove(leg_of_offer(ASKED))
    bridge = e.BridgeSeen(bridge=desk_bridge(SOMCHAI), legs=tuple(there))
    done = story.happens(e.SnapshotTaken(boot="1", legs=legs_seen(*legs), bridges=(bridge,)))
    kinds = [type(x) for x in done.commands]
    match lost:
        case "nothing":
            assert stage(story) == OfferState.CONSULTING
            assert (c.BringIn in kinds, c.HangUp in kinds) == (False, False)
        case "colleague":
            assert stage(story) == OfferState.RETAKING
        case "operator":
            assert (stage(story), story.call(MALEE).operator) == (OfferState.JOINING, NOK)
        case "caller":
            assert stage(story) == CallState.ENDED
            assert [x for x, _ in results(story)] == ["caller_left"]
        case _:
            assert c.BringIn in kinds


def test_a_restart_of_asterisk_ends_all_three_and_is_told() -> None:
    story = consulting()
    story.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    (ended,) = [x for x in story.told if isinstance(x, f.TalkEnded)]
    assert (ended.ended_by, ended.reason) == ("lost", "asterisk_lost")
    assert stage(story) == CallState.ENDED
    assert story.has(NOK) == ""


# --- a colleague on an open line -------------------------------------------------------------


def asked_on_line(*, open_line: bool = False, stage: str = "consulting") -> Story:
    """Nok has an open line, and Somchai asks."""
    story = talk(open_line=open_line)
    story.logs_out(NOK)
    story.sits_down_with_a_headset(NOK)
    story.ordered.clear()
    asks(story)
    if stage != "asking":
        enters(story, story.line_of(NOK), SOMCHAI)
    if stage == "conferring":
        decides(story, Decision.CONFER)
        enters(story, caller_leg(MALEE), SOMCHAI)
    return story


def seat(line: LineLeg) -> c.SeatLine:
    """Nok's line goes home from Somchai's bridge."""
    home, there = desk_bridge(NOK), desk_bridge(SOMCHAI)
    return c.SeatLine(lane=MALEE, leg=line, bridge=home, out_of=there)


@WAYS
def test_an_open_line_is_brought_in_without_a_ring_and_goes_back(open_line: bool) -> None:
    story = asked_on_line(open_line=open_line, stage="asking")
    line = story.line_of(NOK)
    music = c.BackToMusic(lane=MALEE, caller=caller_leg(MALEE), bridge=desk_bridge(SOMCHAI))
    bring = c.BringIn(lane=MALEE, offer=ASKED, leg=line, bridge=desk_bridge(SOMCHAI))
    assert story.ordered == [music, bring]
    assert heard(story) == {CALLER: set(), OPERATOR: set(), CONSULTED: set()}
    enters(story, line, SOMCHAI)
    assert (story.does(NOK), story.operator(NOK).line) == (OperatorState.ON_CALL, LineStage.LENT)
    assert heard(story) == {CALLER: set(), OPERATOR: {CONSULTED}, CONSULTED: {OPERATOR}}

    story.ordered.clear()
    decides(story, Decision.CANCEL)
    home = seat(line)
    assert (story.ordered[0], stage(story)) == (home, OfferState.RETAKING)
    assert (story.does(NOK), story.operator(NOK).reason) == (OperatorState.PAUSED, "line")
    enters(story, line, NOK)
    assert (story.does(NOK), story.operator(NOK).line) == (
        *(OperatorState.AVAILABLE, LineStage.SEATED),
    )


@WAYS
@pytest.mark.parametrize("first", ["the line", "the caller"])
@pytest.mark.parametrize("conference", [False, True])
def test_the_caller_is_given_to_an_open_line(open_line: bool, first: str, conference: bool) -> None:
    story = asked_on_line(open_line=open_line, stage="conferring" if conference else "consulting")
    line = story.line_of(NOK)
    story.ordered.clear()
    decides(story, Decision.COMPLETE)
    [bridge] = [x for x in story.ordered if isinstance(x, c.Bridge)]
    assert (bridge.bridge, bridge.operator) == (desk_bridge(NOK), line)
    seats = [x for x in story.ordered if isinstance(x, c.SeatLine) and x.leg == line]
    assert seats == [seat(line)], "it goes home"
    assert story.ordered.index(seats[0]) < story.ordered.index(bridge)
    legs: list[Leg] = [line, caller_leg(MALEE)]
    for leg in legs if first == "the line" else reversed(legs):
        assert stage(story) == OfferState.JOINING
        enters(story, leg, NOK)
    assert (stage(story), story.call(MALEE).operator) == (OfferState.TALKING, NOK)
    assert (story.does(NOK), story.operator(NOK).line) == (
        *(OperatorState.ON_CALL, LineStage.SEATED),
    )
    story.happens(e.HangUpAsked(operator=NOK))
    assert stage(story) == OfferState.ENDING, "as on every open line"


@pytest.mark.parametrize("stage_then", ["asking", "consulting", "conferring"])
@pytest.mark.parametrize("end", [LegEnd.ENDED, LegEnd.DIED])
def test_an_open_line_that_ends_leaves_the_caller_with_the_operator(
    stage_then: str, end: LegEnd
) -> None:
    story = asked_on_line(stage=stage_then)
    story.ordered.clear()
    story.line_ends(NOK, end)
    assert story.call(MALEE).consult is None
    assert story.call(MALEE).operator == SOMCHAI
    wanted = OfferState.TALKING if stage_then == "conferring" else OfferState.RETAKING
    assert stage(story) == wanted
    assert not any(isinstance(x, c.SeatLine) for x in story.ordered), "there is none any more"
    assert story.operator(NOK).line is LineStage.DOWN


def test_who_pauses_while_asked_has_the_line_back_all_the_same() -> None:
    story = asked_on_line()
    line = story.line_of(NOK)
    story.pauses(NOK)
    decides(story, Decision.CANCEL)
    assert seat(line) in story.ordered
    enters(story, line, NOK)
    assert (story.does(NOK), story.operator(NOK).line) == (OperatorState.PAUSED, LineStage.SEATED)


def test_a_line_that_does_not_come_back_is_hung_up() -> None:
    story = asked_on_line()
    line = story.line_of(NOK)
    decides(story, Decision.CANCEL)
    enters(story, caller_leg(MALEE), SOMCHAI)
    story.after(6.0)
    assert c.HangUp(lane=desk_bridge(NOK), leg=line) in story.ordered
    assert story.operator(NOK).line is LineStage.DOWN


@pytest.mark.parametrize("line_is_home", [True, False])
def test_the_bridge_is_emptied_if_a_colleagues_line_may_still_be_there(line_is_home: bool) -> None:
    story = asked_on_line(open_line=True)
    decides(story, Decision.CANCEL)
    enters(story, caller_leg(MALEE), SOMCHAI)
    if line_is_home:
        enters(story, story.line_of(NOK), NOK)
    story.ordered.clear()
    story.leaves(MALEE)
    own = desk_bridge(SOMCHAI)
    assert (c.CloseDesk(lane=own, bridge=own) in story.ordered) is not line_is_home


@pytest.mark.parametrize("moment", ["consulting", "taken back"])
def test_a_line_that_enters_its_bridge_just_now_stays_there_when_the_caller_hangs_up(
    moment: str,
) -> None:
    story = consulting(open_line=True)
    if moment == "taken back":
        decides(story, Decision.CANCEL)
    story.ordered.clear()
    story.leaves(MALEE)
    own = desk_bridge(SOMCHAI)
    assert (c.CloseDesk(lane=own, bridge=own) in story.ordered) is (moment == "consulting")


@pytest.mark.parametrize("where", ["there", "still at home", "gone"])
def test_a_restart_finds_the_line_where_it_belongs(where: str) -> None:
    story = asked_on_line()
    line, somchais = story.line_of(NOK), leg_of_offer(OfferId("offer-1-malee"))
    story.service_restarts()
    legs: list[Leg] = [caller_leg(MALEE), somchais, *([] if where == "gone" else [line])]
    desks: dict[str, list[Leg]] = {SOMCHAI: [somchais], NOK: []}
    if where != "gone":
        desks[SOMCHAI if where == "there" else NOK].append(line)
    bridges = tuple(
        e.BridgeSeen(bridge=desk_bridge(name), legs=tuple(there)) for name, there in desks.items()
    )
    done = story.happens(e.SnapshotTaken(boot="1", legs=legs_seen(*legs), bridges=bridges))
    orders = [x for x in done.commands if isinstance(x, c.BringIn | c.SeatLine | c.HangUp)]
    if where == "there":
        assert (stage(story), orders) == (OfferState.CONSULTING, [])
    elif where == "still at home":
        bring = c.BringIn(lane=MALEE, offer=ASKED, leg=line, bridge=desk_bridge(SOMCHAI))
        assert (stage(story), orders) == (OfferState.CONSULTING, [bring])
    else:
        assert (stage(story), story.operator(NOK).line) == (OfferState.RETAKING, LineStage.DOWN)


# --- a queue ---------------------------------------------------------------------------------


def test_of_a_queue_who_would_have_its_next_caller_is_asked() -> None:
    story = talk()
    story.logs_in("later", queues=(GCC,))
    story.happens(e.ConsultAsked(operator=SOMCHAI, call=MALEE, queue=GCC))
    assert (story.does(NOK), story.does("later")) == (
        OperatorState.RINGING,
        OperatorState.AVAILABLE,
    )
    assert story.call(MALEE).consulted == NOK


def test_nobody_is_asked_of_a_queue_where_nobody_is_free() -> None:
    story = talk()
    story.pauses(NOK)
    for queue in (GCC, DAMRONG, "unknown"):
        done = story.happens(e.ConsultAsked(operator=SOMCHAI, call=MALEE, queue=QueueName(queue)))
        assert (done.facts, stage(story)) == ([], OfferState.TALKING)
    assert story.happens(e.ConsultAsked(operator=SOMCHAI, call=MALEE)).facts == []


# --- every cell ------------------------------------------------------------------------------

# Columns: where the offer is · what happens · where it is then · what the two operators do then ·
# what Asterisk must do, in order. Somchai is at a phone that rings. On an open line it is the same,
# but for what is done with his own leg (`_of_a_line`).
EXPECTED = """
talking     operator asks a colleague       asking      on_call  ringing    BackToMusic RingOperator
talking     colleague answered              talking     on_call  available  HangUp:colleague
talking     operator gives the caller to the colleague  talking  on_call  available  -
talking     operator takes the caller in, too           talking  on_call  available  -
talking     operator lets the colleague go              talking  on_call  available  -
asking      operator asks a colleague       asking      on_call  ringing    -
asking      colleague answered              asking      on_call  ringing    BringIn
asking      colleague bridged               consulting  on_call  on_call    -
asking      colleague's leg ended           retaking    on_call  paused     HangUp:colleague Bridge
asking      operator gives the caller to the colleague  asking   on_call  ringing    -
asking      operator takes the caller in, too           asking   on_call  ringing    -
asking      operator lets the colleague go              retaking on_call  available  HangUp:colleague Bridge
asking      operator's leg ended            waiting     wrapup   available  HangUp:colleague BackToMusic HangUp:operator
asking      operator's phone lost           waiting     paused   available  HangUp:colleague BackToMusic HangUp:operator
asking      operator hangs up at the desk   waiting     wrapup   available  HangUp:colleague BackToMusic HangUp:operator
asking      operator gives the caller on    asking      on_call  ringing    -
asking      time of this state spent        retaking    on_call  paused     HangUp:colleague Bridge
asking      caller left                     ended       wrapup   available  HangUp:colleague HangUp:operator
asking      Asterisk is restarted now       leaving     wrapup   available  HangUp:caller HangUp:colleague HangUp:operator
consulting  operator asks a colleague       consulting  on_call  on_call    -
consulting  colleague answered              consulting  on_call  on_call    -
consulting  colleague bridged               consulting  on_call  on_call    -
consulting  colleague's leg ended           retaking    on_call  available  HangUp:colleague Bridge
consulting  operator gives the caller to the colleague  joining  wrapup   ringing    Bridge HangUp:operator
consulting  operator takes the caller in, too           retaking on_call  on_call    Bridge
consulting  operator lets the colleague go              retaking on_call  available  HangUp:colleague Bridge
consulting  operator's leg ended            joining     wrapup   ringing    Bridge HangUp:operator
consulting  operator's phone lost           joining     paused   ringing    Bridge HangUp:operator
consulting  operator hangs up at the desk   joining     wrapup   ringing    Bridge HangUp:operator
consulting  caller left                     ended       wrapup   available  HangUp:colleague HangUp:operator
consulting  Asterisk is restarted now       leaving     wrapup   available  HangUp:caller HangUp:colleague HangUp:operator
retaking    operator asks a colleague       retaking    on_call  on_call    -
retaking    colleague answered              retaking    on_call  on_call    -
retaking    colleague bridged               retaking    on_call  on_call    -
retaking    colleague's leg ended           retaking    on_call  available  HangUp:colleague
retaking    operator gives the caller to the colleague  retaking  on_call  on_call   -
retaking    operator takes the caller in, too           retaking  on_call  on_call   -
retaking    operator lets the colleague go              retaking  on_call  on_call   -
retaking    both legs bridged               conferring  on_call  on_call    -
retaking    bridging failed                 consulting  on_call  on_call    BackToMusic
retaking    time of this state spent        consulting  on_call  on_call    BackToMusic
retaking    operator's leg ended            joining     wrapup   ringing    BackToMusic Bridge HangUp:operator
retaking    operator's phone lost           joining     paused   ringing    BackToMusic Bridge HangUp:operator
retaking    operator hangs up at the desk   retaking    on_call  on_call    -
retaking    caller left                     ended       wrapup   available  HangUp:colleague HangUp:operator
retaking    Asterisk is restarted now       leaving     wrapup   available  HangUp:caller HangUp:colleague HangUp:operator
conferring  operator asks a colleague       conferring  on_call  on_call    -
conferring  colleague answered              conferring  on_call  on_call    -
conferring  colleague bridged               conferring  on_call  on_call    -
conferring  colleague's leg ended           talking     on_call  available  HangUp:colleague
conferring  operator gives the caller to the colleague  joining  wrapup   ringing    BackToMusic Bridge HangUp:operator
conferring  operator takes the caller in, too           conferring on_call on_call   -
conferring  operator lets the colleague go              talking  on_call  available  HangUp:colleague
conferring  operator's leg ended            joining     wrapup   ringing    BackToMusic Bridge HangUp:operator
conferring  operator's phone lost           joining     paused   ringing    BackToMusic Bridge HangUp:operator
conferring  operator hangs up at the desk   joining     wrapup   ringing    BackToMusic Bridge HangUp:operator
conferring  caller left                     ended       wrapup   available  HangUp:colleague HangUp:operator
conferring  Asterisk is restarted now       leaving     wrapup   available  HangUp:caller HangUp:colleague HangUp:operator
back        both legs bridged               talking     on_call  available  -
back        bridging failed                 waiting     wrapup   available  BackToMusic HangUp:operator
back        time of this state spent        waiting     wrapup   available  BackToMusic HangUp:operator
back        operator's leg ended            waiting     wrapup   available  BackToMusic HangUp:operator
back        operator's phone lost           waiting     paused   available  BackToMusic HangUp:operator
back        operator hangs up at the desk   retaking    on_call  available  -
back        caller left                     ended       wrapup   available  HangUp:operator
back        Asterisk is restarted now       leaving     wrapup   available  HangUp:caller HangUp:operator
"""  # noqa: E501 - a table is read along its lines

_STATES: dict[str, Callable[..., Story]] = {
    "talking": talk,
    "asking": _asking,
    "consulting": consulting,
    "retaking": _taking_in,
    "conferring": conferring,
    "back": _retaking,
}
_HAPPENS: dict[str, e.Event] = {
    OnConsult.ASKED: e.ConsultAsked(operator=SOMCHAI, call=MALEE, to=NOK),
    OnConsult.ANSWERED: e.OperatorAnswered(offer=ASKED),
    OnConsult.JOINED: e.LegEnteredBridge(leg=leg_of_offer(ASKED), bridge=desk_bridge(SOMCHAI)),
    OnConsult.GONE: e.OperatorLegEnded(offer=ASKED, end=LegEnd.BUSY),
    OnConsult.COMPLETED: e.ConsultDecided(operator=SOMCHAI, call=MALEE, decision=Decision.COMPLETE),
    OnConsult.CONFERRED: e.ConsultDecided(operator=SOMCHAI, call=MALEE, decision=Decision.CONFER),
    OnConsult.CANCELLED: e.ConsultDecided(operator=SOMCHAI, call=MALEE, decision=Decision.CANCEL),
    OnOffer.LEG_ENDED: e.OperatorLegEnded(offer=OfferId("offer-1-malee"), end=LegEnd.ENDED),
    OnOffer.PHONE_LOST: e.PhoneLost(endpoint="PJSIP/somchai"),
    OnOffer.HANG_UP: e.HangUpAsked(operator=SOMCHAI),
    OnOffer.TRANSFER: e.TransferAsked(operator=SOMCHAI, call=MALEE, to=OperatorId("wirat")),
    OnOffer.JOINED: e.LegEnteredBridge(leg=caller_leg(MALEE), bridge=desk_bridge(SOMCHAI)),
    OnOffer.BRIDGE_FAILED: e.BridgeFailed(offer=OfferId("offer-1-malee")),
    OnOffer.CALLER_LEFT: e.CallerLeft(call=MALEE),
    OnOffer.CLOSED: e.ClosingAsked(seconds=0.0),
    OnOffer.STATE_TIME: e.TimePassed(),
}


def _cells() -> Iterator[tuple[str, ...]]:
    for text in filter(str.strip, EXPECTED.splitlines()):
        state, rest = text.split(maxsplit=1)
        what = next(x for x in sorted(_HAPPENS, key=len, reverse=True) if rest.startswith(x))
        becomes, somchai, nok, *commands = rest.removeprefix(what).split()
        yield state, what, becomes, somchai, nok, " ".join(commands)


CELLS = list(_cells())


def _ordered(command: c.Command) -> str:
    if not isinstance(command, c.HangUp):
        return type(command).__name__
    of = {caller_leg(MALEE): "caller", leg_of_offer(ASKED): "colleague"}
    return f"HangUp:{of.get(command.leg, 'operator')}"


def _of_a_line(state: str, what: str) -> str:
    """What is done with the operator's open line where a leg would be hung up. The bridge is
    closed, so that the next caller meets nobody there."""
    if what == OnOffer.LEG_ENDED:
        return "OpenDesk"
    if what == OnOffer.PHONE_LOST:
        return "CloseDesk HangUp:operator"
    if what == OnOffer.CALLER_LEFT and state in ("retaking", "back"):
        return ""  # it enters its bridge at this moment
    return "CloseDesk"


@WAYS
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell[0]}-{cell[1]}")
def test_what_happens_in_a_cell(cell: tuple[str, ...], open_line: bool) -> None:
    state, what, becomes, somchai, nok, commands = cell
    story = _STATES[state](open_line=open_line)
    story.logs_in("wirat", queues=(GCC,))
    if what == OnOffer.STATE_TIME:
        offer = story.call(MALEE).offer
        assert offer is not None
        story.now = offer.until
    happens = _HAPPENS[what]
    if open_line:
        commands = commands.replace("HangUp:operator", _of_a_line(state, what)).strip()
        if what == OnOffer.LEG_ENDED:
            happens = e.LineEnded(leg=story.line_of(SOMCHAI), end=LegEnd.ENDED)
    done = story.happens(happens)
    assert (stage(story), story.does(SOMCHAI), story.does(NOK)) == (becomes, somchai, nok)
    assert " ".join(map(_ordered, done.commands)) == commands.replace("-", "")


def test_the_table_has_every_cell_in_which_something_is_done() -> None:
    listed = {("retaking" if x[0] == "back" else x[0], x[1]) for x in CELLS}
    of_colleague = {
        (state.value, what.value)
        for state, row in consult.RULES.items()
        for what, cell in row.items()
        if not cell.why
    }
    of_offer = {
        (state.value, what.value)
        for state, row in consult.ROWS.items()
        for what, cell in row.items()
        if not cell.why and what is not OnOffer.FAULT
    }
    assert of_colleague | of_offer <= listed


@WAYS
@pytest.mark.parametrize("moment", [_asking, consulting, _taking_in, conferring, _retaking])
def test_a_fault_of_ours_leaves_nobody_in_a_dead_call(
    moment: Callable[..., Story], open_line: bool
) -> None:
    story = moment(open_line=open_line)
    story.ordered.clear()
    call = story.call(MALEE)
    work = story.engine.work
    work.take(work.to_lifeboat(call, "test", ValueError(), story.now))
    assert stage(story) == CallState.LEAVING
    assert (story.does(SOMCHAI), story.has(NOK)) == (OperatorState.WRAPUP, "")
    assert c.HangUp(lane=MALEE, leg=caller_leg(MALEE)) in work.commands


@pytest.mark.parametrize("mode", [f.ListenMode.LISTEN, f.ListenMode.BARGE])
def test_a_supervisor_who_listens_is_let_go_when_a_colleague_is_asked(mode: f.ListenMode) -> None:
    floor = Floor()
    floor.logs_in(NOK, queues=(GCC,))
    floor.hears(mode)
    lek = CallId("lek")
    floor.happens(e.ConsultAsked(operator=OperatorId("malee"), call=lek, to=NOK))
    floor.is_gone()
    offer = floor.call("lek").offer
    assert offer is not None
    assert offer.conversation is not None
    assert Party.SUPERVISOR not in offer.conversation.parties
    cancel = e.ConsultDecided(operator=OperatorId("malee"), call=lek, decision=Decision.CANCEL)
    floor.happens(cancel)
    floor.happens(e.LegEnteredBridge(leg=caller_leg(lek), bridge=desk_bridge("malee")))
    assert floor.call("lek").hears is Hears.OPERATOR
    floor.hears(mode)
    assert floor.listening is not None


@pytest.mark.parametrize("why", ["no such call", "another operator's", "the node is lost"])
def test_only_the_operator_of_a_talk_that_can_be_reached_asks(why: str) -> None:
    story = talk()
    if why == "the node is lost":
        story.asterisk_is_lost()
    story.ordered.clear()
    before = len(story.told)
    call = CallId("nobody") if why == "no such call" else MALEE
    operator = OperatorId("anan") if why == "another operator's" else SOMCHAI
    story.happens(e.ConsultAsked(operator=operator, call=call, to=NOK))
    assert (story.ordered, story.told[before:]) == ([], [])
    assert story.call(MALEE).consult is None
