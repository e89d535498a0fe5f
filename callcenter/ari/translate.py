"""From Asterisk's terms to ours: ARI events become core events, channels and bridges a snapshot.

Pure. It never decides what an event means for a call. It finds the leg of ours that the event is
about, and cleans text that strangers wrote.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from callcenter.ari import wire
from callcenter.core.dialled import normal_form
from callcenter.core.events import (
    BridgeSeen,
    CallArrived,
    CallerCut,
    CallerLeft,
    CitizenAnswered,
    CitizenRings,
    Event,
    HoldPressed,
    KeyPressed,
    LegEnteredBridge,
    LegSeen,
    LineAnswered,
    LineEnded,
    OperatorAnswered,
    OperatorLegEnded,
    PromptPlayed,
    RecorderEnded,
    RecordingStarted,
    SnapshotTaken,
    SnoopEnded,
    SnoopStarted,
    SpyAnswered,
    SpyEnded,
    StrangerEntered,
    TapStarted,
)
from callcenter.core.ids import THE_NODE, NodeId, prompt_of
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    LineLeg,
    MadeLeg,
    OfferLeg,
    OperatorLeg,
    RecorderLeg,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
    back_number,
    bridge_of,
    leg_of,
    recorder_of,
)
from callcenter.core.outcome import LegEnd, Loss

CALLER_LIMIT = 64
"""Characters kept of a caller's number. E.164 has 15 digits; a SIP user part may be anything."""

AGE_LIMIT_SECONDS = 3600.0
"""The highest age of a caller. If a clock was set, nobody is put more than an hour ahead."""

_RING_LIMIT = 19  # the limit of ringing in Asterisk was reached; also a phone's SIP 480
_END_OF_CAUSE = {
    16: LegEnd.ENDED,  # normal clearing: our own DELETE while it rang
    0: LegEnd.ENDED,  # no cause given
    26: LegEnd.ENDED,  # answered elsewhere
    17: LegEnd.BUSY,  # SIP 486, 600
    21: LegEnd.DECLINED,  # SIP 603, 403
    23: LegEnd.DECLINED,  # SIP 302: the phone forwards its calls, and we do not follow it
    _RING_LIMIT: LegEnd.NO_ANSWER,
}
"""What phones that did not answer gave, seen on 22.10.1. Every other cause is unreachable: 1 = SIP
404, 18 = SIP 408 or no reply at all for 32 s, 22 = 410, 34 = 503, 38 = 500, 58 = 488, 127 = 487."""


_END_OF_A_LINE = {
    17: LegEnd.BUSY,  # SIP 486, 600
    21: LegEnd.DECLINED,  # SIP 603; what the carrier itself refuses may have the same cause
    23: LegEnd.DECLINED,  # SIP 302
    1: LegEnd.UNREACHABLE,  # SIP 404: there is no such number
    22: LegEnd.UNREACHABLE,  # SIP 410
    28: LegEnd.UNREACHABLE,  # SIP 484
}
"""Causes from the carrier that are the answer of the citizen's line, seen on 22.10.1. All other
causes are the carrier's own (503, 500, 480, 408, or no reply for 32 s)."""

_END_OF_STATUS = {
    401: LegEnd.REFUSED,  # the carrier wants a password
    403: LegEnd.REFUSED,
    407: LegEnd.REFUSED,
    607: LegEnd.DECLINED,  # RFC 8197: the citizen does not want these calls
}
"""What the SIP status tells, where the cause does not."""

_GOES_ON = ("RINGING", "PROGRESS")
"""The carrier has found the line: 180, or 183 if the network plays progress sounds."""

_BYE = (0, 16)
"""The causes when the far end hung up: 0, whatever its Reason header says. Seen on 22.10.1: 18 if a
request of ours within the call got no answer for 32 s, and 127 if it was answered with 481."""

_NO_SOUND = 406
"""The status given for an answer (200) without SDP. Asterisk ends such a call at
once, with cause 127, and tells the answer before. Seen on 22.10.1."""

_SOFT_DEVICE = 1
"""AST_SOFTHANGUP_DEV given as a cause: no RTP for too long (res_pjsip_sdp_rtp.c)."""


def translate(
    event: wire.Event, late_seconds: float = 0.0, node: NodeId = THE_NODE
) -> Event | None:
    """The core event; None if it changes no call.

    `late_seconds` is how long the event took to reach us (lateness.py). `node` is the Asterisk that
    told it.
    """
    match event:
        case wire.StasisStart(channel=channel, args=args):
            since = _since(args[2:]) or channel.creationtime
            seconds = age(since, event.timestamp, late_seconds)
            return _entered(node, channel, args, seconds)
        case wire.ChannelStateChange(channel=channel):
            return _answered(node, channel) if channel.state == "Up" else None
        case wire.StasisEnd(channel=channel):
            # If the phone did not answer, ChannelDestroyed tells why.
            return _ended(node, channel, LegEnd.ENDED) if _was_in_a_call(channel) else None
        case wire.ChannelHangupRequest(channel=channel, cause=cause, soft=soft, tech_cause=status):
            return _ending(node, channel, cause, status, soft=soft)
        case wire.ChannelDestroyed(channel=channel, cause=cause, tech_cause=status):
            return _ended(node, channel, _end_of(channel, cause, status), gone=True)
        case wire.Dial(peer=channel, dialstatus=goes):
            leg = leg_of(node, channel.id)
            if goes in _GOES_ON and isinstance(leg, BackLeg):
                return CitizenRings(leg=leg)
            return None
        case wire.ChannelEnteredBridge(bridge=bridge, channel=entered):
            if entered is None:
                return None
            return LegEnteredBridge(leg=leg_of(node, entered.id), bridge=bridge_of(node, bridge.id))
        case wire.ChannelDtmfReceived(channel=channel, digit=digit):
            leg = leg_of(node, channel.id)
            if isinstance(leg, CallerLeg | BackLeg):
                return KeyPressed(call=leg.call, key=digit, back=back_number(leg))
            return None
        case wire.PlaybackFinished(playback=playback):
            played = prompt_of(playback.id)
            return PromptPlayed(call=played[0], number=played[1]) if played else None
        case wire.RecordingStarted(recording=recording):
            kept = recorder_of(node, recording.name)
            return RecordingStarted(leg=kept) if kept else None
        case wire.RecordingFinished(recording=recording):
            kept = recorder_of(node, recording.name)
            return RecorderEnded(leg=kept) if kept else None
        case wire.RecordingFailed(recording=recording):
            kept = recorder_of(node, recording.name)
            return RecorderEnded(leg=kept, failed=True) if kept else None
        case wire.ChannelHold(channel=channel):
            return _held(node, channel, on=True)
        case wire.ChannelUnhold(channel=channel):
            return _held(node, channel, on=False)
        case wire.ApplicationReplaced():
            return None
        case _:
            assert_never(event)


def _held(node: NodeId, channel: wire.Channel, *, on: bool) -> Event | None:
    leg = leg_of(node, channel.id)
    match leg:
        case CallerLeg() | BackLeg() | OfferLeg() | LineLeg() | SpyLeg():
            return HoldPressed(leg=leg, on=on)
        case SnoopLeg() | RecorderLeg() | StrangeLeg():
            return None


def _entered(
    node: NodeId, channel: wire.Channel, args: list[str], age_seconds: float
) -> Event | None:
    match leg_of(node, channel.id):
        case CallerLeg(call=call):
            return CallArrived(
                call=call,
                did=normal_form(args[0]) if args else "",
                caller=clean(channel.caller.number),
                age_seconds=age_seconds,
                node=node,
            )
        case StrangeLeg() as leg:
            return StrangerEntered(leg=leg)
        case SnoopLeg() as leg:
            return SnoopStarted(leg=leg)
        case RecorderLeg() as leg:
            return TapStarted(leg=leg)
        case OfferLeg() | LineLeg() | SpyLeg() | BackLeg():
            return None  # the leg was made and is not dialled yet: executor.py dials it


def _answered(node: NodeId, channel: wire.Channel) -> Event | None:
    match leg_of(node, channel.id):
        case OfferLeg(offer=offer):
            return OperatorAnswered(offer=offer, node=node)
        case LineLeg() as leg:
            return LineAnswered(leg=leg)
        case SpyLeg() as leg:
            return SpyAnswered(leg=leg)
        case BackLeg() as leg:
            return CitizenAnswered(leg=leg)
        case CallerLeg() | SnoopLeg() | RecorderLeg() | StrangeLeg():
            return None


def _ending(
    node: NodeId, channel: wire.Channel, cause: int, status: int, *, soft: bool
) -> Event | None:
    """A far end that hung up hears nobody any more. If Asterisk hangs up (`soft`), the leg is still
    in the bridge at this moment, where the next caller could be joined: StasisEnd tells when it has
    left. For a phone whose ringing is ended, ChannelDestroyed is used: its cause says whether we or
    the ring limit ended it."""
    if soft and not _was_in_a_call(channel):
        return None
    loss = _loss(cause, soft=soft) if channel.state == "Up" else None
    leg = leg_of(node, channel.id)
    if isinstance(leg, CallerLeg | BackLeg):
        back = back_number(leg)
        if soft and loss:
            return CallerCut(call=leg.call, loss=loss, back=back)
        end = _end_of(channel, cause, status)
        return CallerLeft(call=leg.call, loss=loss, back=back, end=end)
    end = LegEnd.ENDED if soft else end_of(channel, cause)
    return _ended(node, channel, LegEnd.DIED if loss else end)


def _loss(cause: int, *, soft: bool) -> Loss | None:
    """What ended a leg that was up, if its far end did not."""
    if soft:
        return Loss.RTP_TIMEOUT if cause == _SOFT_DEVICE else Loss.CUT_OFF
    return None if cause in _BYE else Loss.SIP_FAILED


def _was_in_a_call(channel: wire.Channel) -> bool:
    return is_caller(channel.id) or channel.state == "Up"


def _ended(node: NodeId, channel: wire.Channel, end: LegEnd, *, gone: bool = False) -> Event | None:
    match leg_of(node, channel.id):
        case OfferLeg(offer=offer):
            return OperatorLegEnded(offer=offer, end=end, gone=gone, node=node)
        case LineLeg() as leg:
            return LineEnded(leg=leg, end=end)
        case SpyLeg() as leg:
            return SpyEnded(leg=leg, end=end, gone=gone)
        case SnoopLeg() as leg:
            return SnoopEnded(leg=leg)
        case RecorderLeg() as leg:
            return RecorderEnded(leg=leg)
        case CallerLeg(call=call):
            return CallerLeft(call=call)
        case BackLeg(call=call, number=number):
            return CallerLeft(call=call, back=number, end=end)
        case StrangeLeg():
            return None


def is_caller(channel: str) -> bool:
    """Whether a channel is a caller's."""
    return isinstance(leg_of(THE_NODE, channel), CallerLeg)


def made_by_us(channel: str, node: NodeId = THE_NODE) -> MadeLeg | None:
    """The leg that we make and dial; None if the channel is not such a leg."""
    leg = leg_of(node, channel)
    return leg if isinstance(leg, MadeLeg) else None


def ours(channel: str, node: NodeId = THE_NODE) -> OperatorLeg | None:
    """Our leg at an operator's phone; None if the channel is not such a leg."""
    leg = leg_of(node, channel)
    return leg if isinstance(leg, OperatorLeg) else None


def _end_of(channel: wire.Channel, cause: int, status: int) -> LegEnd:
    is_citizens = isinstance(leg_of(THE_NODE, channel.id), BackLeg)
    return end_of_line(channel, cause, status) if is_citizens else end_of(channel, cause)


def end_of_line(channel: wire.Channel, cause: int, status: int) -> LegEnd:
    """How the leg of a citizen who was called ended. If the phone rang, the line was reached,
    whatever the carrier says. An answer without sound is the carrier's fault."""
    if channel.state == "Up":
        return LegEnd.REFUSED if status == _NO_SOUND else LegEnd.ENDED
    end = _END_OF_STATUS.get(status) or _END_OF_A_LINE.get(cause, LegEnd.REFUSED)
    rang = channel.state == "Ringing"
    return LegEnd.NO_ANSWER if rang and end is LegEnd.REFUSED else end


def end_of(channel: wire.Channel, cause: int) -> LegEnd:
    """How an operator's leg ended. A leg that was up has simply ended."""
    if channel.state == "Up":
        return LegEnd.ENDED
    if channel.state == "Down" and cause == _RING_LIMIT:
        return LegEnd.UNREACHABLE  # it never rang: there is no phone at this address
    return _END_OF_CAUSE.get(cause, LegEnd.UNREACHABLE)


def _since(arguments: Sequence[str]) -> float | None:
    """When the caller first came, if the caller comes again by a channel that Asterisk made
    (extensions.conf, [again]). In seconds since 1970; it stands behind the dialled number and the
    name for the Call-ID."""
    try:
        return float(arguments[0]) if arguments else None
    except ValueError:
        return None


def age(came: str | float, now: str, since_seconds: float = 0.0) -> float:
    """Seconds between two of Asterisk's own timestamps, plus `since_seconds`. From 0 to
    AGE_LIMIT_SECONDS."""
    try:
        seconds = wire.moment(now) - (wire.moment(came) if isinstance(came, str) else came)
    except ValueError:
        seconds = 0.0
    return min(max(seconds, 0.0) + since_seconds, AGE_LIMIT_SECONDS)


def clean(text: str) -> str:
    """A stranger's text on one line: any script, but no characters that control a terminal or the
    direction of writing. At most CALLER_LIMIT characters."""
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.strip()[:CALLER_LIMIT].rstrip()


def snapshot(
    *,
    channels: Iterable[wire.Channel],
    bridges: Iterable[wire.Bridge],
    elsewhere: frozenset[str] = frozenset(),
    away: frozenset[str] = frozenset(),
    at_phones: frozenset[tuple[str, OperatorLeg]] = frozenset(),
    app: str,
    boot: str,
    now: str,
    node: NodeId = THE_NODE,
) -> SnapshotTaken:
    """All that Asterisk has. `now` is Asterisk's own clock, read with the lists."""
    return SnapshotTaken(
        boot=boot,
        legs=tuple(leg_seen(channel, app, now, node) for channel in channels),
        bridges=tuple(_bridge_seen(bridge, node) for bridge in bridges),
        elsewhere=elsewhere,
        away=away,
        at_phones=at_phones,
        node=node,
    )


def leg_seen(channel: wire.Channel, app: str, now: str, node: NodeId = THE_NODE) -> LegSeen:
    """A channel as it stands in a snapshot. `now` is Asterisk's own clock."""
    name, *arguments = channel.dialplan.app_data.split(",")
    in_app = channel.dialplan.app_name == "Stasis" and name == app
    return LegSeen(
        leg=leg_of(node, channel.id),
        is_up=channel.state == "Up",
        in_app=in_app,
        did=normal_form("".join(arguments[:1])) if in_app else "",
        caller=clean(channel.caller.number),
        age_seconds=age((_since(arguments[2:]) if in_app else None) or channel.creationtime, now),
        is_down=channel.state == "Down",
    )


def _bridge_seen(bridge: wire.Bridge, node: NodeId) -> BridgeSeen:
    legs = tuple(leg_of(node, channel) for channel in bridge.channels)
    return BridgeSeen(bridge=bridge_of(node, bridge.id), legs=legs)
