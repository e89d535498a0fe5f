"""Who hears whom: written down apart from the code."""

import pytest

from callcenter.core.conversation import BEGUN, BEGUN_ON_LINE, TALK, Conversation, Party
from callcenter.core.invariants import broken
from callcenter.core.outcome import LegEnd
from callcenter.core.state import Hears
from tests.unit.core.story import Story

CALLER, OPERATOR, CONSULTED = Party.CALLER, Party.OPERATOR, Party.CONSULTED
SUPERVISOR, RECORDER = Party.SUPERVISOR, Party.RECORDER


def heard(conversation: Conversation, by: Party) -> set[Party]:
    """Whom somebody hears."""
    return set(conversation.heard_by(by))


def test_nobody_hears_anybody_before_both_are_there() -> None:
    half = BEGUN.joined(CALLER)
    assert not half.is_whole
    assert half.lacks_only(OPERATOR) and not BEGUN.lacks_only(OPERATOR)
    assert heard(half, CALLER) == heard(BEGUN_ON_LINE, OPERATOR) == set()
    assert half.joined(OPERATOR) == BEGUN_ON_LINE.joined(CALLER) == TALK
    assert TALK.is_whole
    assert (heard(TALK, CALLER), heard(TALK, OPERATOR)) == ({OPERATOR}, {CALLER})


def test_three_hear_each_other_until_one_leaves() -> None:
    three = TALK.joined(CONSULTED)
    assert heard(three, CALLER) == {OPERATOR, CONSULTED}
    assert heard(three, CONSULTED) == {CALLER, OPERATOR}
    assert three.left(CONSULTED) == TALK
    handed_over = three.left(OPERATOR)
    assert (heard(handed_over, CALLER), handed_over.is_whole) == ({CONSULTED}, True)
    assert heard(handed_over, OPERATOR) == set()


def test_who_is_on_hold_hears_nobody_and_is_not_heard() -> None:
    held = TALK.joined(CONSULTED).holding(CALLER)
    assert heard(held, CALLER) == set()
    assert (heard(held, OPERATOR), heard(held, CONSULTED)) == ({CONSULTED}, {OPERATOR})
    assert held.taking_back(CALLER) == TALK.joined(CONSULTED)
    assert held.left(CALLER).held == set()


@pytest.mark.parametrize("who", [SUPERVISOR, RECORDER])
def test_who_listens_hears_all_and_is_heard_by_nobody(who: Party) -> None:
    listened_to = TALK.joined(who)
    assert heard(listened_to, who) == {CALLER, OPERATOR}
    assert heard(listened_to, CALLER) == {OPERATOR}
    assert heard(listened_to, OPERATOR) == {CALLER}


@pytest.mark.parametrize("open_line", [False, True])
def test_what_a_caller_hears_on_the_way(open_line: bool) -> None:
    story = Story()
    story.calls("malee")
    heard = [story.call("malee").hears]
    if open_line:
        story.sits_down_with_a_headset("somchai")
        heard.append(story.call("malee").hears)
        story.is_handed_over("malee")
        ends = story.line_ends
    else:
        story.logs_in("somchai")
        heard.append(story.call("malee").hears)
        story.picks_up("somchai")
        heard.append(story.call("malee").hears)
        story.is_joined("somchai")
        ends = story.phone_ends
    heard.append(story.call("malee").hears)
    ends("somchai", LegEnd.ENDED)
    heard.append(story.call("malee").hears)
    rings = [] if open_line else [Hears.MUSIC]
    end = Hears.OPERATOR if open_line else Hears.SILENCE  # until the caller has left the bridge
    assert heard == [Hears.MUSIC, *rings, Hears.SILENCE, Hears.OPERATOR, end]


def test_who_waits_too_long_hears_why() -> None:
    story = Story()
    story.calls("malee")
    story.after(600.0)
    assert story.call("malee").hears is Hears.MESSAGE


@pytest.mark.parametrize(
    ("talks", "wrong"),
    [
        (True, BEGUN.joined(CALLER)),
        (True, TALK.left(OPERATOR)),
        (True, None),
        (False, TALK),
        (False, BEGUN.left(CALLER)),
    ],
)
def test_an_engine_that_is_wrong_about_who_hears_whom_is_found_out(
    talks: bool, wrong: object
) -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    if talks:
        story.is_joined("somchai")
    offer = story.call("malee").offer
    assert offer is not None
    assert broken(story.engine.state) == []
    offer.conversation = wrong  # type: ignore[assignment]
    assert broken(story.engine.state) != []
