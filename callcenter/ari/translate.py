"""From Asterisk's words to ours: ARI event -> core event, channels and bridges -> snapshot.

Used by asterisk.py for every event that arrives and on every connect. Pure. It never decides what
an event means for a call: it says which leg of ours it is about, and cleans what strangers wrote.
"""

from collections.abc import Iterable
from typing import assert_never

from callcenter.ari import wire
from callcenter.core.dialled import normal_form
from callcenter.core.events import (
    BridgeSeen,
    CallArrived,
    CallerCut,
    CallerLeft,
    Event,
    LegEnteredBridge,
    LegSeen,
    LineAnswered,
    LineEnded,
    OperatorAnswered,
    OperatorLegEnded,
    SnapshotTaken,
)
from callcenter.core.ids import BridgeId, CallId, LegId, is_caller, offer_of_leg, operator_of_line
from callcenter.core.outcome import LegEnd, Loss

CALLER_LIMIT = 64
"""Characters kept of a caller's number; E.164 has 15 digits, a SIP user part may be anything."""

AGE_LIMIT_SECONDS = 3600.0
"""No caller is taken to be older: a clock that was set must not put anyone an hour ahead."""

_RING_LIMIT = 19  # Asterisk's own ring limit; also a phone's SIP 480
_END_OF_CAUSE = {
    16: LegEnd.ENDED,  # normal clearing: our own DELETE while it rang
    0: LegEnd.ENDED,  # none given
    26: LegEnd.ENDED,  # answered elsewhere
    17: LegEnd.BUSY,  # SIP 486, 600
    21: LegEnd.DECLINED,  # SIP 603, 403
    23: LegEnd.DECLINED,  # SIP 302: the phone forwards its calls, and ours go nowhere
    _RING_LIMIT: LegEnd.NO_ANSWER,
}
"""What came from phones that did not answer, seen on 22.10.1; every other cause is unreachable:
1 = SIP 404, 18 = SIP 408 or no reply at all for 32 s, 22 = 410, 34 = 503, 38 = 500, 58 = 488,
127 = 487."""


_BYE = (0, 16)
"""The cause when the far end hung up: 0, whatever its Reason says. What came, seen on 22.10.1, when
a request of ours within the call was not answered for 32 s (18), or answered 481 (127)."""

_SOFT_DEVICE = 1
"""AST_SOFTHANGUP_DEV in the place of a cause: no RTP for too long (res_pjsip_sdp_rtp.c)."""


def translate(event: wire.Event, late_seconds: float = 0.0) -> Event | None:
    """The event in our words; None when it does not move a call.

    `late_seconds` is how long it took to reach us (lateness.py).
    """
    match event:
        case wire.StasisStart(channel=channel, args=args):
            return _entered(channel, args, age(channel.creationtime, event.timestamp, late_seconds))
        case wire.ChannelStateChange(channel=channel):
            return _answered(channel) if channel.state == "Up" else None
        case wire.StasisEnd(channel=channel):
            # Of a phone that did not answer ChannelDestroyed tells why.
            return _ended(channel, LegEnd.ENDED) if _was_in_a_call(channel) else None
        case wire.ChannelHangupRequest(channel=channel, cause=cause, soft=soft):
            return _ending(channel, cause, soft=soft)
        case wire.ChannelDestroyed(channel=channel, cause=cause):
            return _ended(channel, end_of(channel, cause), gone=True)
        case wire.ChannelEnteredBridge(bridge=bridge, channel=entered):
            if entered is None:
                return None
            return LegEnteredBridge(leg=LegId(entered.id), bridge=BridgeId(bridge.id))
        case wire.ApplicationReplaced() | wire.ChannelHold() | wire.ChannelUnhold():
            return None
        case _:
            assert_never(event)


def _entered(channel: wire.Channel, args: list[str], age_seconds: float) -> Event | None:
    if not is_caller(channel.id):
        return None  # made, and not yet dialled: executor.py sees to that
    return CallArrived(
        call=CallId(channel.id),
        did=normal_form(args[0]) if args else "",
        caller=clean(channel.caller.number),
        age_seconds=age_seconds,
    )


def _answered(channel: wire.Channel) -> Event | None:
    offer = offer_of_leg(channel.id)
    if offer is not None:
        return OperatorAnswered(offer=offer)
    return None if is_caller(channel.id) else LineAnswered(leg=LegId(channel.id))


def _ending(channel: wire.Channel, cause: int, *, soft: bool) -> Event | None:
    """Who hung up hears nobody any more. Whom Asterisk hangs up on (`soft`) is still in the bridge
    at this moment, where the next caller could be joined: StasisEnd tells when it has left. A phone
    that is let go while it rings is told with ChannelDestroyed: there the cause says whose doing it
    was, ours or the ring limit's."""
    if soft and not _was_in_a_call(channel):
        return None
    loss = _loss(cause, soft=soft) if channel.state == "Up" else None
    if is_caller(channel.id):
        call = CallId(channel.id)
        return (
            CallerCut(call=call, loss=loss) if soft and loss else CallerLeft(call=call, loss=loss)
        )
    end = LegEnd.ENDED if soft else end_of(channel, cause)
    return _ended(channel, LegEnd.DIED if loss else end)


def _loss(cause: int, *, soft: bool) -> Loss | None:
    """What ended a leg that was up, when its far end did not."""
    if soft:
        return Loss.RTP_TIMEOUT if cause == _SOFT_DEVICE else Loss.CUT_OFF
    return None if cause in _BYE else Loss.SIP_FAILED


def _was_in_a_call(channel: wire.Channel) -> bool:
    return is_caller(channel.id) or channel.state == "Up"


def _ended(channel: wire.Channel, end: LegEnd, *, gone: bool = False) -> Event:
    offer = offer_of_leg(channel.id)
    if offer is not None:
        return OperatorLegEnded(offer=offer, end=end, gone=gone)
    if operator_of_line(channel.id) is not None:
        return LineEnded(leg=LegId(channel.id), end=end)
    return CallerLeft(call=CallId(channel.id))


def end_of(channel: wire.Channel, cause: int) -> LegEnd:
    """How an operator's leg ended; a leg that was up has simply ended."""
    if channel.state == "Up":
        return LegEnd.ENDED
    if channel.state == "Down" and cause == _RING_LIMIT:
        return LegEnd.UNREACHABLE  # it never rang: nobody is at the phone's address
    return _END_OF_CAUSE.get(cause, LegEnd.UNREACHABLE)


def age(creationtime: str, now: str, since_seconds: float = 0.0) -> float:
    """Seconds between two of Asterisk's own timestamps and since, 0 to AGE_LIMIT_SECONDS."""
    try:
        seconds = wire.moment(now) - wire.moment(creationtime)
    except ValueError:
        seconds = 0.0
    return min(max(seconds, 0.0) + since_seconds, AGE_LIMIT_SECONDS)


def clean(text: str) -> str:
    """A stranger's text in one line: any script, but nothing that steers a terminal or the
    direction of writing; at most CALLER_LIMIT characters."""
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.strip()[:CALLER_LIMIT].rstrip()


def snapshot(
    *,
    channels: Iterable[wire.Channel],
    bridges: Iterable[wire.Bridge],
    elsewhere: frozenset[str] = frozenset(),
    away: frozenset[str] = frozenset(),
    at_phones: frozenset[tuple[str, LegId]] = frozenset(),
    app: str,
    boot: str,
    now: str,
) -> SnapshotTaken:
    """All that Asterisk has. `now` is Asterisk's own clock, taken with the lists."""
    return SnapshotTaken(
        boot=boot,
        legs=tuple(leg_seen(channel, app, now) for channel in channels),
        bridges=tuple(_bridge_seen(bridge) for bridge in bridges),
        elsewhere=elsewhere,
        away=away,
        at_phones=at_phones,
    )


def leg_seen(channel: wire.Channel, app: str, now: str) -> LegSeen:
    """A channel as a snapshot tells of it; `now` is Asterisk's own clock."""
    name, _, arguments = channel.dialplan.app_data.partition(",")
    in_app = channel.dialplan.app_name == "Stasis" and name == app
    return LegSeen(
        leg=LegId(channel.id),
        is_up=channel.state == "Up",
        in_app=in_app,
        did=normal_form(arguments.partition(",")[0]) if in_app else "",
        caller=clean(channel.caller.number),
        age_seconds=age(channel.creationtime, now),
        is_down=channel.state == "Down",
    )


def _bridge_seen(bridge: wire.Bridge) -> BridgeSeen:
    return BridgeSeen(
        bridge=BridgeId(bridge.id), legs=tuple(LegId(channel) for channel in bridge.channels)
    )
