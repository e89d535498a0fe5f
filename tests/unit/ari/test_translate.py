"""What Asterisk says, in our words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from callcenter.ari import wire
from callcenter.ari.translate import CALLER_LIMIT, age, clean, leg_seen, snapshot, translate
from callcenter.core.events import (
    BridgeSeen,
    CallArrived,
    CallerCut,
    CallerLeft,
    CitizenRings,
    Event,
    LegEnteredBridge,
    LineAnswered,
    LineEnded,
    OperatorAnswered,
    OperatorLegEnded,
    StrangerEntered,
)
from callcenter.core.ids import THE_NODE, CallId, OfferId
from callcenter.core.legs import BackLeg, StrangeLeg, channel_of
from callcenter.core.outcome import LegEnd, Loss
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, line_leg

BORN, NOW = "2026-11-21T20:33:48.646+0000", "2026-11-21T20:33:50.146+0000"
OFFER = OfferId("offer-2-cc-1795.1")
LINE = line_leg("som", 2)


def channel(
    leg: str = "cc-1795.1", *, state: str = "Up", number: str = "081", app: str = "Stasis"
) -> wire.Channel:
    return wire.Channel(
        id=leg,
        state=state,
        caller=wire.CallerId(number=number),
        dialplan=wire.Dialplan(app_name=app, app_data="callcenter,1567"),
        creationtime=BORN,
    )


def test_a_caller_arrives_with_the_age_of_the_channel() -> None:
    start = wire.StasisStart(timestamp=NOW, channel=channel(), args=["1567"])
    assert translate(start) == CallArrived(
        call=CallId("cc-1795.1"), did="1567", caller="081", age_seconds=1.5
    )


@pytest.mark.parametrize(
    ("since", "seconds"),
    [("1795293228.146", 2.0), ("1795293180.146", 50.0), ("soon", 1.5), ("", 1.5)],
)
def test_who_comes_again_by_another_channel_has_the_age_of_the_first(
    since: str, seconds: float
) -> None:
    again = ["1567", "0123456789abcdef", since]
    told = translate(wire.StasisStart(timestamp=NOW, channel=channel(), args=again))
    assert isinstance(told, CallArrived)
    assert told.did == "1567" and told.age_seconds == pytest.approx(seconds)
    stasis = wire.Dialplan(app_name="Stasis", app_data=",".join(("callcenter", *again)))
    seen = leg_seen(structs.replace(channel(), dialplan=stasis), "callcenter", NOW)
    assert seen.did == "1567" and seen.in_app
    assert seen.age_seconds == pytest.approx(seconds)


def test_who_arrives_without_a_dialled_number_is_told_all_the_same() -> None:
    arrived = translate(wire.StasisStart(timestamp=NOW, channel=channel(), args=[]))
    assert isinstance(arrived, CallArrived)
    assert arrived.did == ""


def test_a_caller_whom_we_hang_up_has_not_left_yet() -> None:
    asked = wire.ChannelHangupRequest(timestamp=NOW, channel=channel(), cause=32, soft=True)
    assert translate(asked) == CallerCut(call=CallId("cc-1795.1"), loss=Loss.CUT_OFF)


@pytest.mark.parametrize(
    ("cause", "soft", "told"),
    [
        (0, False, CallerLeft(call=CallId("cc-1795.1"))),  # a BYE
        (18, False, CallerLeft(call=CallId("cc-1795.1"), loss=Loss.SIP_FAILED)),  # 408
        (127, False, CallerLeft(call=CallId("cc-1795.1"), loss=Loss.SIP_FAILED)),  # 481
        (1, True, CallerCut(call=CallId("cc-1795.1"), loss=Loss.RTP_TIMEOUT)),
        (16, True, CallerCut(call=CallId("cc-1795.1"), loss=Loss.CUT_OFF)),  # core stop
    ],
)
def test_who_or_what_ended_a_callers_leg(cause: int, soft: bool, told: Event) -> None:
    ends = wire.ChannelHangupRequest(timestamp=NOW, channel=channel(), cause=cause, soft=soft)
    assert translate(ends) == told


@pytest.mark.parametrize(
    ("cause", "soft", "state", "end"),
    [
        (0, False, "Up", LegEnd.ENDED),
        (18, False, "Up", LegEnd.DIED),
        (1, True, "Up", LegEnd.DIED),
        (18, False, "Ringing", LegEnd.UNREACHABLE),
    ],
)
def test_who_or_what_ended_an_operators_leg(
    cause: int, soft: bool, state: str, end: LegEnd
) -> None:
    leg = channel(OFFER, state=state)
    ends = wire.ChannelHangupRequest(timestamp=NOW, channel=leg, cause=cause, soft=soft)
    assert translate(ends) == OperatorLegEnded(offer=OFFER, end=end, gone=False)


def test_an_open_line_is_known_by_its_id() -> None:
    up = wire.ChannelStateChange(timestamp=NOW, channel=channel(channel_of(LINE)))
    assert translate(up) == LineAnswered(leg=LINE)


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (wire.StasisEnd(timestamp=NOW, channel=channel("line-2-som")), LegEnd.ENDED),
        (
            wire.ChannelHangupRequest(
                timestamp=NOW, channel=channel("line-2-som"), cause=32, soft=True
            ),
            LegEnd.DIED,
        ),
        (
            wire.ChannelDestroyed(
                timestamp=NOW, channel=channel("line-2-som", state="Ringing"), cause=19
            ),
            LegEnd.NO_ANSWER,
        ),
    ],
)
def test_every_end_of_an_open_line_is_its_end(event: wire.Event, end: LegEnd) -> None:
    assert translate(event) == LineEnded(leg=LINE, end=end)


def test_an_operators_leg_is_known_by_its_id() -> None:
    up = wire.ChannelStateChange(timestamp=NOW, channel=channel(OFFER))
    assert translate(up) == OperatorAnswered(offer=OFFER)


@pytest.mark.parametrize(
    "event",
    [
        wire.StasisStart(timestamp=NOW, channel=channel(OFFER, state="Down"), args=[]),
        wire.ChannelStateChange(timestamp=NOW, channel=channel(OFFER, state="Ringing")),
        wire.StasisEnd(timestamp=NOW, channel=channel(OFFER, state="Ringing")),
        wire.ChannelHangupRequest(
            timestamp=NOW, channel=channel(OFFER, state="Ringing"), cause=32, soft=True
        ),
        wire.ChannelStateChange(timestamp=NOW, channel=channel()),
    ],
)
def test_what_says_neither_that_a_phone_was_answered_nor_why_not(event: wire.Event) -> None:
    assert translate(event) is None


@pytest.mark.parametrize(
    "event",
    [
        wire.StasisEnd(timestamp=NOW, channel=channel()),
        wire.ChannelHangupRequest(timestamp=NOW, channel=channel()),
        wire.ChannelDestroyed(timestamp=NOW, channel=channel(), cause=16),
    ],
)
def test_every_end_of_a_callers_channel_is_a_caller_who_left(event: wire.Event) -> None:
    assert translate(event) == CallerLeft(call=CallId("cc-1795.1"))


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        (17, LegEnd.BUSY),
        (21, LegEnd.DECLINED),
        (19, LegEnd.NO_ANSWER),
        (18, LegEnd.UNREACHABLE),
        (1, LegEnd.UNREACHABLE),
        (3, LegEnd.UNREACHABLE),
        (20, LegEnd.UNREACHABLE),
        (27, LegEnd.UNREACHABLE),
        (34, LegEnd.UNREACHABLE),
        (38, LegEnd.UNREACHABLE),
        (58, LegEnd.UNREACHABLE),
        (127, LegEnd.UNREACHABLE),
        (0, LegEnd.ENDED),
        (16, LegEnd.ENDED),
        (26, LegEnd.ENDED),
    ],
)
@pytest.mark.parametrize("kind", [wire.ChannelHangupRequest, wire.ChannelDestroyed])
def test_why_a_phone_did_not_answer(
    kind: type[wire.ChannelHangupRequest] | type[wire.ChannelDestroyed], cause: int, end: LegEnd
) -> None:
    ringing = channel(OFFER, state="Ringing")
    told = translate(kind(timestamp=NOW, channel=ringing, cause=cause))
    gone = kind is wire.ChannelDestroyed
    assert told == OperatorLegEnded(offer=OFFER, end=end, gone=gone)


BACK = "back-1-cc-1795.1"


@pytest.mark.parametrize(
    ("cause", "status", "down", "ringing"),
    [
        (17, 486, LegEnd.BUSY, LegEnd.BUSY),
        (17, 600, LegEnd.BUSY, LegEnd.BUSY),
        (21, 603, LegEnd.DECLINED, LegEnd.DECLINED),
        (23, 302, LegEnd.DECLINED, LegEnd.DECLINED),
        (1, 404, LegEnd.UNREACHABLE, LegEnd.UNREACHABLE),
        (22, 410, LegEnd.UNREACHABLE, LegEnd.UNREACHABLE),
        (28, 484, LegEnd.UNREACHABLE, LegEnd.UNREACHABLE),
        (127, 607, LegEnd.DECLINED, LegEnd.DECLINED),
        (21, 401, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (21, 403, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (21, 407, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (19, 480, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (18, 408, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (38, 500, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (34, 503, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (18, 0, LegEnd.REFUSED, LegEnd.NO_ANSWER),
        (0, 0, LegEnd.REFUSED, LegEnd.NO_ANSWER),
    ],
)
@pytest.mark.parametrize("kind", [wire.ChannelHangupRequest, wire.ChannelDestroyed])
def test_whether_a_citizens_line_was_reached(
    kind: type[wire.ChannelHangupRequest] | type[wire.ChannelDestroyed],
    cause: int,
    status: int,
    down: LegEnd,
    ringing: LegEnd,
) -> None:
    for state, end in (("Down", down), ("Ringing", ringing), ("Up", LegEnd.ENDED)):
        leg = channel(BACK, state=state)
        told = translate(kind(timestamp=NOW, channel=leg, cause=cause, tech_cause=status))
        assert isinstance(told, CallerLeft)
        assert (told.call, told.back, told.end) == ("cc-1795.1", 1, end)


@pytest.mark.parametrize(("goes", "rings"), [("RINGING", True), ("PROGRESS", True), ("", False)])
def test_the_carrier_finds_a_line(goes: str, rings: bool) -> None:
    dialled = wire.Dial(timestamp=NOW, peer=channel(BACK, state="Down"), dialstatus=goes)
    leg = BackLeg(call=CallId("cc-1795.1"), number=1, node=THE_NODE)
    assert translate(dialled) == (CitizenRings(leg=leg) if rings else None)
    operators = wire.Dial(timestamp=NOW, peer=channel(OFFER, state="Down"), dialstatus=goes)
    assert translate(operators) is None


def test_a_phone_that_never_rang_is_unreachable() -> None:
    event = wire.ChannelDestroyed(timestamp=NOW, channel=channel(OFFER, state="Down"), cause=19)
    assert translate(event) == OperatorLegEnded(offer=OFFER, end=LegEnd.UNREACHABLE)


@given(st.integers(0, 127))
def test_a_leg_that_was_up_has_simply_ended(cause: int) -> None:
    told = translate(wire.ChannelDestroyed(timestamp=NOW, channel=channel(OFFER), cause=cause))
    assert told == OperatorLegEnded(offer=OFFER, end=LegEnd.ENDED)


def test_a_leg_enters_a_bridge() -> None:
    bridge = wire.Bridge(id="desk-som", channels=["cc-1795.1"])
    event = wire.ChannelEnteredBridge(timestamp=NOW, bridge=bridge, channel=channel())
    assert translate(event) == LegEnteredBridge(
        leg=leg_named("cc-1795.1"), bridge=desk_bridge("som")
    )
    assert translate(wire.ChannelEnteredBridge(timestamp=NOW, bridge=bridge)) is None


def test_being_replaced_moves_no_call() -> None:
    assert translate(wire.ApplicationReplaced(timestamp=NOW)) is None


@given(st.text())
def test_a_strangers_text_is_one_harmless_line(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= CALLER_LIMIT
    assert cleaned == "" or cleaned.isprintable()
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("0812345678", "0812345678"),
        ("สมชาย", "สมชาย"),
        ("กำนัน", "กำนัน"),
        ("\u202e0812\u0000\r\n345\u001b[31m", "0812345[31m"),
        (" +66 81 ", "+66 81"),
        ("9" * 70_000, "9" * 64),
        ("9" * 63 + " 9", "9" * 63),
        ("'; DROP TABLE calls;--", "'; DROP TABLE calls;--"),
        ("", ""),
    ],
)
def test_any_script_stays_and_nothing_that_steers(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("born", "now", "seconds"),
    [
        (BORN, NOW, 1.5),
        (NOW, BORN, 0.0),  # the clock was set back
        ("2026-11-20T20:33:48.646+0000", NOW, 3600.0),  # a day: nobody waits so long
        ("", NOW, 0.0),
        ("2026-11-21T20:33:48.646+0700", "2026-11-21T13:33:49.646+0000", 1.0),
    ],
)
def test_age_is_asterisks_own_clock_within_an_hour(born: str, now: str, seconds: float) -> None:
    assert age(born, now) == pytest.approx(seconds)


def test_a_snapshot_says_who_is_in_our_application() -> None:
    def seen(leg: str, app: str, arguments: str, state: str = "Up") -> wire.Channel:
        return wire.Channel(
            id=leg,
            state=state,
            caller=wire.CallerId(number="081\n"),
            dialplan=wire.Dialplan(app_name=app, app_data=arguments),
            creationtime=BORN,
        )

    taken = snapshot(
        channels=[
            seen("cc-1795.2", "Stasis", "callcenter,1567"),
            seen("lifeboat", "Queue", "lifeboat,,,"),
            seen("other-app", "Stasis", "callcenter2,1567"),
            seen(OFFER, "Stasis", "callcenter"),
            seen("offer-1-x", "AppDial2", "(Outgoing Line)", "Ringing"),
        ],
        bridges=[wire.Bridge(id="desk-som", channels=["cc-1795.2", OFFER])],
        app="callcenter",
        boot="b1",
        now=NOW,
    )
    assert taken.boot == "b1"
    assert [(channel_of(leg.leg), leg.in_app, leg.is_up, leg.did) for leg in taken.legs] == [
        ("cc-1795.2", True, True, "1567"),
        ("lifeboat", False, True, ""),
        ("other-app", False, True, ""),
        (OFFER, True, True, ""),
        ("offer-1-x", False, False, ""),
    ]
    assert {leg.caller for leg in taken.legs} == {"081"}
    assert {leg.age_seconds for leg in taken.legs} == {1.5}
    legs = (caller_leg("cc-1795.2"), leg_of_offer(OFFER))
    assert taken.bridges == (BridgeSeen(bridge=desk_bridge("som"), legs=legs),)


def test_a_channel_that_nobody_of_ours_made_and_no_caller_has_is_told_once() -> None:
    strange = channel("tap-1-som")
    entered = wire.StasisStart(timestamp=NOW, channel=strange, args=["1567"])
    leg = StrangeLeg(channel="tap-1-som", node=THE_NODE)
    assert translate(entered) == StrangerEntered(leg=leg)
    assert translate(wire.StasisEnd(timestamp=NOW, channel=strange)) is None
    assert translate(wire.ChannelStateChange(timestamp=NOW, channel=strange)) is None
    assert translate(wire.ChannelDestroyed(timestamp=NOW, channel=strange, cause=16)) is None
