"""Who has not acknowledged the answer waits; who has, or must have, does not."""

from hashlib import md5

from callcenter.ari.handshakes import (
    ANSWERS_KEPT,
    FIRST_PAUSE_SECONDS,
    GONE_SECONDS,
    LATE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Handshakes,
)
from callcenter.core.events import CallArrived
from callcenter.core.ids import CallId

SIP, TAG, OTHER_TAG = b"call@trunk", b"ours", b"of-a-refusal"


def arrived(name: str = "somsri") -> CallArrived:
    return CallArrived(call=CallId(name), did="1567", caller="0812345678", age_seconds=1.0)


class Desk:
    """Handshakes, and whom they handed on."""

    def __init__(self, *, copies: bool = True) -> None:
        self.handshakes = Handshakes(lambda: copies)
        self.handed_on: list[CallArrived] = []
        self.handshakes.hand_on = self.handed_on.append

    def holds(self, now: float, name: str = "somsri") -> bool:
        return self.handshakes.holds(arrived(name), SIP.decode(), now)


def test_who_has_acknowledged_does_not_wait() -> None:
    desk = Desk()
    desk.handshakes.answered(SIP, TAG, 0.0)
    desk.handshakes.acknowledged(SIP, TAG, 0.1)
    assert not desk.holds(5.0) and not desk.handshakes.are_awaited


def test_a_call_id_that_is_no_utf8_is_known_by_its_md5() -> None:
    """Asterisk cannot tell of such a channel; the dial plan's name for the Call-ID is this one."""
    desk, odd = Desk(), b"a\xff\xfe1"
    name = md5(odd, usedforsecurity=False).hexdigest()
    desk.handshakes.answered(odd, TAG, 0.0)
    assert desk.handshakes.holds(arrived(), name, 0.0)
    desk.handshakes.acknowledged(odd, TAG, 0.1)
    assert len(desk.handed_on) == 1 and not desk.handshakes.holds(arrived(), name, 0.2)


def test_the_copies_that_have_come_are_read_first() -> None:
    desk = Desk()

    def read() -> None:
        desk.handshakes.answered(SIP, TAG, 0.0)
        desk.handshakes.acknowledged(SIP, TAG, 0.0)

    desk.handshakes.read_now = read
    assert not desk.holds(0.0)


def test_who_acknowledges_late_is_handed_on_then_with_the_time_that_went_by() -> None:
    desk = Desk()
    desk.handshakes.answered(SIP, TAG, 0.0)
    assert desk.holds(0.0) and desk.handshakes.are_awaited
    desk.handshakes.acknowledged(SIP, OTHER_TAG, 1.0)
    assert desk.handed_on == []
    desk.handshakes.acknowledged(SIP, TAG, 2.0)
    assert [caller.age_seconds for caller in desk.handed_on] == [3.0]
    assert not desk.handshakes.are_awaited and desk.handshakes.ended(CallId("somsri"), 3.0) is None


def test_as_long_as_the_answer_is_repeated_nobody_is_handed_on() -> None:
    desk, pause, now = Desk(), 0.25, 0.0
    desk.handshakes.answered(SIP, TAG, now)
    assert desk.holds(0.0)
    while now < 32:
        for tenth in range(int(pause * 10)):
            desk.handshakes.look(now + tenth / 10)
        now += pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        desk.handshakes.answered(SIP, TAG, now)
    assert desk.handed_on == []
    assert desk.handshakes.ended(CallId("somsri"), now) is not None


def test_whom_asterisk_gave_up_is_not_handed_on() -> None:
    """It repeats the answer for 16 s, and waits as long for the answer to its BYE."""
    desk = Desk()
    repeated = (0.0, 0.25, 0.75, 1.75, 3.75, 7.75, 11.75, 15.75)  # seen on 22.10.1
    for now in repeated:
        desk.handshakes.answered(SIP, TAG, now)
        assert desk.handshakes.are_awaited or desk.holds(0.0)
    for tenth in range(160, 600):
        desk.handshakes.look(tenth / 10)
    assert desk.handed_on == [] and desk.handshakes.are_awaited
    desk.handshakes.look(GONE_SECONDS + LATE_SECONDS + 0.1)
    assert len(desk.handed_on) == 1, "it is still there: copies were lost"


def test_who_acknowledged_and_no_copy_tells_of_it_waits_a_second() -> None:
    desk = Desk()
    desk.handshakes.answered(SIP, TAG, 0.0)
    assert desk.holds(0.0)
    desk.handshakes.look(FIRST_PAUSE_SECONDS + LATE_SECONDS)
    assert desk.handed_on == []
    desk.handshakes.look(FIRST_PAUSE_SECONDS + LATE_SECONDS + 0.1)
    assert len(desk.handed_on) == 1


def test_who_was_answered_and_no_copy_tells_of_it_waits_half_a_second() -> None:
    desk = Desk()
    assert desk.holds(0.0)
    desk.handshakes.look(LATE_SECONDS + 0.1)
    assert len(desk.handed_on) == 1


def test_without_copies_nobody_waits() -> None:
    assert not Desk(copies=False).holds(0.0)


def test_a_channel_without_a_call_id_does_not_wait() -> None:
    assert not Desk().handshakes.holds(arrived(), "", 0.0)


def test_two_calls_of_one_call_id_are_handed_on_together() -> None:
    desk = Desk()
    desk.handshakes.answered(SIP, TAG, 0.0)
    assert desk.holds(0.0, "somsri") and desk.holds(0.1, "malee")
    desk.handshakes.acknowledged(SIP, TAG, 0.2)
    assert {caller.call for caller in desk.handed_on} == {"somsri", "malee"}


def test_who_is_not_in_the_snapshot_any_more_is_told() -> None:
    desk = Desk()
    assert desk.holds(0.0, "somsri") and desk.holds(0.0, "malee")
    assert [c.call for c in desk.handshakes.missing({"malee"}, 1.0)] == ["somsri"]
    assert CallId("malee") in desk.handshakes and CallId("somsri") not in desk.handshakes


def test_answers_are_forgotten_when_there_are_too_many() -> None:
    desk = Desk()
    for number in range(ANSWERS_KEPT + 1):
        desk.handshakes.answered(str(number).encode(), TAG, 0.0)
        desk.handshakes.acknowledged(str(number).encode(), TAG, 0.0)
    assert desk.handshakes.holds(arrived(), "0", 0.0)
    assert not desk.handshakes.holds(arrived(), str(ANSWERS_KEPT), 0.0)
