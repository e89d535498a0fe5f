"""Turns our commands into requests to Asterisk, and judges its answers.

Pure: it makes requests and judges answers, but sends nothing. Paths are percent-encoded. Parameters
travel in a JSON body, where nothing needs escaping (Asterisk takes every query parameter there
too).

An answered call takes five requests: make the leg, dial it, stop the music, join both legs, hang up
the leg that is left. With an operator on an open line: stop the music, join both, and a third
request when the operator ends the call. A phone is rung in two steps, because only a channel
dialled that way ignores a redirect (302) of the phone. `POST /channels/{id}` would call whatever
number the phone names (handle_call_forward in main/dial.c), over the trunk too. `…/dial` only tells
of the redirect (bridge_handle_trip in main/bridge_channel.c). Music must be stopped with a request
of its own: `addChannel` leaves it running (res/stasis/control.c), and the caller would hear it
mixed with the operator.
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never
from urllib.parse import quote

from callcenter.core.commands import (
    AskMessage,
    BackToMusic,
    Bridge,
    BringIn,
    CloseDesk,
    EnterRoom,
    HangUp,
    Mute,
    OpenDesk,
    PlayPrompts,
    PlayRinging,
    Record,
    RecordMessage,
    RingCitizen,
    RingLine,
    RingOperator,
    RingSpy,
    SeatLine,
    SeatSpy,
    SendOut,
    Silence,
    Snoop,
    SpeakLanguage,
    StopPrompts,
    StopRinging,
    Tap,
    ToAsterisk,
)
from callcenter.core.dialled import SIGNIFICANT
from callcenter.core.ids import prompt_name
from callcenter.core.legs import (
    AnyBridge,
    CitizenLeg,
    DeskBridge,
    Lane,
    Leg,
    LineLeg,
    MadeLeg,
    OperatorLeg,
    RecorderLeg,
    Side,
    channel_of,
    name_of,
)
from callcenter.core.message import message
from callcenter.ports.phones import in_domain
from callcenter.prompts.catalogue import RINGING, RINGING_SECONDS

EXIT_CONTEXT = "callcenter-out"
"""The context of dialplans/extensions.conf in which callers are told why they are not served."""

MESSAGE = "CALLCENTER_MESSAGE"
"""The channel variable with the recordings that its exit `message` plays, joined with "&"."""

SOUND_FORMAT = "alaw"
"""The format in which Asterisk keeps recordings: A-law, 8,000 bytes a second, no header."""

RECORDING_MOST_SECONDS = 4 * 3600
"""After this long a recording ends and another one begins."""
OUTWARD = "outward"
"""The endpoint of dialplans/pjsip.conf for calling citizens back. It is used for nothing else."""

_SUBSCRIBER = re.compile(rf"0{SIGNIFICANT}")

NO_ANSWER = 0
"""The status of a request without an answer: it timed out, or the connection was lost."""

Json = str | int | bool | Sequence[str] | Sequence[Mapping[str, str]] | Mapping[str, str]


class Operation(StrEnum):
    """What a request does. It is also the label under which the request is counted."""

    RING = "ring"
    DIAL = "dial"
    MUSIC_OFF = "music_off"
    MUSIC_ON = "music_on"
    OPEN_ROOM = "open_room"
    ENTER_ROOM = "enter_room"
    JOIN = "join"
    LEAVE_BRIDGE = "leave_bridge"
    SNOOP = "snoop"
    MUTE = "mute"
    UNMUTE = "unmute"
    RECORD = "record"
    RECORD_MESSAGE = "record_message"
    ASK_MESSAGE = "ask_message"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    HANG_UP = "hang_up"
    SEND_OUT = "send_out"
    PLAY = "play"
    STOP_PLAYING = "stop_playing"
    SPEAK = "speak"
    TELL = "tell"
    OPEN_DESK = "open_desk"
    CLOSE_DESK = "close_desk"
    FILTER = "filter"
    READ = "read"
    BEAT = "beat"
    RELOAD = "reload"
    ASK_LEG = "ask_leg"
    FORGET_CONTACT = "forget_contact"
    PROBE = "probe"


class Verdict(StrEnum):
    """What an answer means for the command."""

    DONE = "done"
    GONE = "gone"  # the leg or bridge does not exist any more: normal, an event tells the engine
    RETRY = "retry"  # the server could not do it just now, and did nothing
    REFUSED = "refused"  # asking again will not help
    UNKNOWN = "unknown"  # no answer: it was perhaps carried out


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One REST call. `path` begins with a slash and is encoded; `body` becomes JSON."""

    operation: Operation
    method: str
    path: str
    body: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Our names in Asterisk: the Stasis application, the domain of endpoints, the folder of
    prompts."""

    app: str
    domain: str
    prompts: str = "callcenter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer. `status` is NO_ANSWER if there was none."""

    status: int
    body: str = ""


@message
class Dial:
    """Call the phone of a leg that was made and has entered the application."""

    lane: Lane
    leg: MadeLeg


Work = ToAsterisk | Dial


def requests_of(command: Work, names: Names) -> tuple[Request, ...]:
    """The requests that carry out a command, in order."""
    match command:
        case RingOperator(lane=caller):
            return (_make_leg(command, names, originator=caller),)
        case Bridge(caller=caller, operator=operator):
            # Join both legs, also an open line that is in the bridge already: a phone is sent a new
            # SSRC when its leg enters a bridge. Without that the time stamps of the next caller
            # would jump within one stream. Phones take that for late packets and throw them away.
            silent = (stop(_ringing_name(operator)),) if command.rings else ()
            return (*silent, _music_off(caller), _join(command.bridge, [operator, caller]))
        case RingLine() | RingSpy():
            return (_make_leg(command, names),)
        case RingCitizen():
            return _call_out(command, names)
        case Dial(leg=leg):
            # Without a time limit. Asterisk checks the limit again at each later join, and crashes
            # if the phone hangs up at that moment (set_interval_hook() in res/stasis/control.c).
            return (_post(Operation.DIAL, f"{_channel(leg)}/dial", {}),)
        case SeatLine(leg=leg, bridge=bridge, out_of=other):
            # Leave the other bridge first, whether or not the leg can enter this one: others talk
            # in the other one.
            leaves = () if other is None else (_leave_bridge(other, leg),)
            # the bridge may have been closed to empty it
            seat = (_open_desk(bridge), _join(bridge, [leg]))
            return (*leaves, *seat)
        case BringIn(leg=leg, bridge=bridge) | SeatSpy(leg=leg, bridge=bridge):
            return (_join(bridge, [leg]),)
        case Snoop(leg=snoop, of=leg):
            # What a snoop channel hears cannot be changed later. So it hears and speaks to both
            # sides, and `Mute` decides whether it is heard.
            name = quote(channel_of(snoop), safe="")
            ears: dict[str, Json] = {"app": names.app, "spy": "both", "whisper": "out"}
            return (_post(Operation.SNOOP, f"{_channel(leg)}/snoop/{name}", ears),)
        case Mute(leg=leg, on=on):
            said: dict[str, Json] = {"direction": "in"}
            if on:
                return (_post(Operation.MUTE, f"{_channel(leg)}/mute", said),)
            path = f"{_channel(leg)}/mute"
            return (Request(operation=Operation.UNMUTE, method="DELETE", path=path, body=said),)
        case Tap(leg=leg, of=caller):
            way = "in" if leg.side is Side.CALLER else "out"
            name = quote(channel_of(leg), safe="")
            taps: dict[str, Json] = {"app": names.app, "spy": way, "whisper": "none"}
            return (_post(Operation.SNOOP, f"{_channel(caller)}/snoop/{name}", taps),)
        case Record(leg=leg):
            return (_record(leg),)
        case RecordMessage():
            # Music would take the place of the tone, and Asterisk would wait for it to end. What is
            # asked for last is done when the recording is over, whether or not this service is
            # there.
            caller = command.caller
            return (_music_off(caller), _record_message(command), _music_on(caller))
        case AskMessage(leg=leg):
            path = f"/recordings/live/{quote(channel_of(leg), safe='')}"
            return (Request(operation=Operation.ASK_MESSAGE, method="GET", path=path),)
        case Silence(leg=leg, on=on):
            path = f"/recordings/live/{quote(channel_of(leg), safe='')}/mute"
            if on:
                return (_post(Operation.SILENCE, path, {}),)
            return (Request(operation=Operation.UNSILENCE, method="DELETE", path=path),)
        case EnterRoom():
            return (_open_room(command), _enter_room(command))
        case BackToMusic(caller=caller, bridge=bridge):
            leave = () if bridge is None else (_leave_bridge(bridge, caller),)
            return (*leave, _music_on(caller))
        case PlayPrompts(caller=caller, number=number):
            # Asterisk carries out requests for one channel in order. So the music begins when the
            # prompts are over or stopped, even if this service is gone by then.
            name = prompt_name(caller.call, number)
            playing = play(caller, name, names.prompts, command.keys, command.language)
            return (playing, _music_on(caller))
        case StopPrompts(caller=caller, number=number):
            return (stop(prompt_name(caller.call, number)),)
        case PlayRinging():
            return (_play_ringing(command, names.prompts),)
        case StopRinging(leg=leg):
            return (stop(_ringing_name(leg)),)
        case SpeakLanguage(caller=caller, language=language):
            spoken: dict[str, Json] = {"variable": "CHANNEL(language)", "value": language}
            return (_post(Operation.SPEAK, f"{_channel(caller)}/variable", spoken),)
        case HangUp(leg=leg, elsewhere=elsewhere):
            return (_hang_up(leg, elsewhere=elsewhere),)
        case SendOut(leg=leg, keys=keys):
            said = {"variable": MESSAGE, "value": "&".join(f"{names.prompts}/{k}" for k in keys)}
            told = (_post(Operation.TELL, f"{_channel(leg)}/variable", said),) if keys else ()
            return (*told, _send_out(command))
        case OpenDesk(bridge=bridge):
            return (_open_desk(bridge),)
        case CloseDesk(bridge=bridge):
            return (Request(operation=Operation.CLOSE_DESK, method="DELETE", path=_bridge(bridge)),)
        case _:
            assert_never(command)


def play(
    leg: CitizenLeg | OperatorLeg, name: str, folder: str, keys: Sequence[str], language: str
) -> Request:
    """Begin to play prompts. The playback has this name (playback.py)."""
    body: dict[str, Json] = {"media": [f"sound:{folder}/{key}" for key in keys], "lang": language}
    return _post(Operation.PLAY, f"{_channel(leg)}/play/{quote(name, safe='')}", body)


def _play_ringing(command: PlayRinging, folder: str) -> Request:
    """A playback, and not Asterisk's own ringing tone: it ends by itself, so that no operator hears
    it for ever if the command to end it is lost."""
    times = math.ceil(command.seconds / RINGING_SECONDS)
    keys = (*command.keys, *(RINGING,) * times)
    return play(command.leg, _ringing_name(command.leg), folder, keys, command.language)


def _ringing_name(leg: OperatorLeg) -> str:
    return f"ringing-{channel_of(leg)}"


def stop(name: str) -> Request:
    """End a playback now."""
    path = f"/playbacks/{quote(name, safe='')}"
    return Request(operation=Operation.STOP_PLAYING, method="DELETE", path=path)


def _make_leg(
    command: RingOperator | RingLine | RingSpy, names: Names, *, originator: str | None = None
) -> Request:
    """`originator` is the caller, whose codecs and linked id the new leg takes over."""
    body: dict[str, Json] = {
        "channelId": channel_of(command.leg),
        "endpoint": in_domain(command.endpoint, names.domain),
        "app": names.app,
        "variables": {"CONNECTEDLINE(all,i)": command.caller_id},  # what the phone shows
    }
    if originator is not None:
        body["originator"] = originator
    return _post(Operation.RING, "/channels/create", body)


def _call_out(command: RingCitizen, names: Names) -> tuple[Request, ...]:
    """The only request that makes a call to the outside. The number is checked once more: if it is
    not a Thai subscriber's number, no request is made, and the engine's timer ends the attempt."""
    if not (command.number.isascii() and _SUBSCRIBER.fullmatch(command.number)):
        return ()
    body: dict[str, Json] = {
        "channelId": channel_of(command.leg),
        "endpoint": in_domain(f"PJSIP/{command.number}@{OUTWARD}", names.domain),
        "app": names.app,
        "variables": {"CONNECTEDLINE(all,i)": f'"" <{command.caller_id}>'},
    }
    return (_post(Operation.RING, "/channels/create", body),)


def _join(bridge: AnyBridge, legs: Sequence[Leg]) -> Request:
    # Connected line updates are inhibited, so that the operator's phone never learns the caller's
    # number.
    body: dict[str, Json] = {
        "channel": [channel_of(leg) for leg in legs],
        "inhibitConnectedLineUpdates": True,
    }
    return _post(Operation.JOIN, f"{_bridge(bridge)}/addChannel", body)


def _open_desk(bridge: DeskBridge) -> Request:
    # No bridge_native_rtp, even where it is loaded: see dialplans/modules.conf.
    return _post(Operation.OPEN_DESK, _bridge(bridge), {"type": "mixing,proxy_media"})


def _record(leg: RecorderLeg) -> Request:
    # Plain A-law: half of WAV's size, and a file that was cut short needs no repair. It never
    # overwrites another file, and it cannot fill a disk for longer than a day's work.
    body: dict[str, Json] = {
        "name": channel_of(leg),
        "format": SOUND_FORMAT,
        "ifExists": "fail",
        "maxDurationSeconds": RECORDING_MOST_SECONDS,
    }
    return _post(Operation.RECORD, f"{_channel(leg)}/record", body)


def _record_message(command: RecordMessage) -> Request:
    body: dict[str, Json] = {
        "name": channel_of(command.leg),
        "format": SOUND_FORMAT,
        "ifExists": "fail",
        "beep": True,
        "maxDurationSeconds": round(command.longest_seconds),
        "maxSilenceSeconds": round(command.silence_seconds),
        "terminateOn": "#",
    }
    return _post(Operation.RECORD_MESSAGE, f"{_channel(command.caller)}/record", body)


def _open_room(command: EnterRoom) -> Request:
    return _post(Operation.OPEN_ROOM, _bridge(command.room), {"type": "holding"})


def _enter_room(command: EnterRoom) -> Request:
    body: dict[str, Json] = {"channel": [channel_of(command.caller)]}
    return _post(Operation.ENTER_ROOM, f"{_bridge(command.room)}/addChannel", body)


def _music_off(leg: CitizenLeg) -> Request:
    return Request(operation=Operation.MUSIC_OFF, method="DELETE", path=f"{_channel(leg)}/moh")


def _music_on(leg: CitizenLeg) -> Request:
    return _post(Operation.MUSIC_ON, f"{_channel(leg)}/moh", {})


def _leave_bridge(bridge: AnyBridge, leg: CitizenLeg | LineLeg) -> Request:
    body: dict[str, Json] = {"channel": [channel_of(leg)]}
    return _post(Operation.LEAVE_BRIDGE, f"{_bridge(bridge)}/removeChannel", body)


def _send_out(command: SendOut) -> Request:
    body: dict[str, Json] = {"context": EXIT_CONTEXT, "extension": str(command.exit), "priority": 1}
    return _post(Operation.SEND_OUT, f"{_channel(command.leg)}/continue", body)


def event_filter(app: str, types: tuple[str, ...]) -> Request:
    """Let only these event types through. `types` must include RESTResponse, because Asterisk
    filters the answers on the application's websocket too (res/ari/ari_websockets.c)."""
    body: dict[str, Json] = {"allowed": [{"type": name} for name in types]}
    path = f"/applications/{quote(app, safe='')}/eventFilter"
    return Request(operation=Operation.FILTER, method="PUT", path=path, body=body)


def read(path: str) -> Request:
    """A GET."""
    return Request(operation=Operation.READ, method="GET", path=path)


def read_variable(leg: str, name: str) -> Request:
    """Read a channel's variable."""
    return read(f"{_named(leg)}/variable?variable={quote(name, safe='')}")


def set_global(name: str, value: str) -> Request:
    """Set a global variable of the dial plan."""
    body: dict[str, Json] = {"variable": name, "value": value}
    return _post(Operation.BEAT, "/asterisk/variable", body)


def ask_leg(leg: str) -> Request:
    """A re-INVITE that changes nothing. If the phone does not answer it, Asterisk ends the leg."""
    body: dict[str, Json] = {"variable": "PJSIP_SEND_SESSION_REFRESH()", "value": "invite"}
    return _post(Operation.ASK_LEG, f"{_named(leg)}/variable", body)


def forget_contact(aor: str, uri: str) -> Request:
    """End a registration. Its id is made as in res_pjsip_registrar.c."""
    digest = hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()
    path = f"/asterisk/config/dynamic/res_pjsip/contact/{quote(f'{aor};@{digest}', safe='')}"
    return Request(operation=Operation.FORGET_CONTACT, method="DELETE", path=path)


def make_probe(name: str) -> Request:
    """Make a channel that is never dialled, to see whether Asterisk can make one."""
    body: dict[str, Json] = {
        "channelId": name,
        "endpoint": "Local/s@no-hand-over",
        "app": name,
        # only for this half; the channel's other half still leaves a row in the ledger
        "variables": {"CDR_PROP(disable)": "1"},
    }
    return _post(Operation.PROBE, "/channels/create", body)


def end_probe(name: str) -> Request:
    """End the channel of `make_probe`."""
    return Request(operation=Operation.PROBE, method="DELETE", path=_named(name))


def reload_module(name: str) -> Request:
    """Have a module read its settings again."""
    path = f"/asterisk/modules/{quote(name, safe='')}"
    return Request(operation=Operation.RELOAD, method="PUT", path=path)


def _hang_up(leg: Leg, *, elsewhere: bool) -> Request:
    """With the reason, the phone's CANCEL says `Reason: SIP;cause=200;text="Call completed
    elsewhere"` (res_pjsip_rfc3326), and the phone counts no missed call."""
    body: dict[str, Json] | None = {"reason": "answered_elsewhere"} if elsewhere else None
    path = _channel(leg)
    return Request(operation=Operation.HANG_UP, method="DELETE", path=path, body=body)


def _post(operation: Operation, path: str, body: Mapping[str, Json]) -> Request:
    return Request(operation=operation, method="POST", path=path, body=body)


def _channel(leg: Leg) -> str:
    return _named(channel_of(leg))


def _named(channel: str) -> str:
    return f"/channels/{quote(channel, safe='')}"


def _bridge(bridge: AnyBridge) -> str:
    return f"/bridges/{quote(name_of(bridge), safe='')}"


# --- answers -----------------------------------------------------------------------------------

_MAKES = (
    Operation.RING,
    Operation.SNOOP,
    Operation.RECORD,
    Operation.RECORD_MESSAGE,
    Operation.OPEN_DESK,
    Operation.OPEN_ROOM,
)
_ENDS = (
    Operation.HANG_UP,
    Operation.CLOSE_DESK,
    Operation.STOP_PLAYING,
    Operation.SILENCE,
    Operation.UNSILENCE,
)
_ON_CHANNEL = (
    Operation.DIAL,
    Operation.MUSIC_OFF,
    Operation.MUSIC_ON,
    Operation.SEND_OUT,
    Operation.PLAY,
    Operation.SPEAK,
    Operation.TELL,
    Operation.SNOOP,
    Operation.MUTE,
    Operation.UNMUTE,
    Operation.RECORD,
    Operation.RECORD_MESSAGE,
)
_ON_BRIDGE = (Operation.JOIN, Operation.LEAVE_BRIDGE, Operation.ENTER_ROOM)


def verdict(operation: Operation, response: Response) -> Verdict:
    """What an answer means. Every operation and status has exactly one verdict."""
    status = response.status
    if 200 <= status < 300:
        return Verdict.DONE
    if status == NO_ANSWER:
        return Verdict.UNKNOWN
    if status >= 500:
        return _of_server_error(operation, response)
    if status == 429:
        return Verdict.RETRY
    if status == 409 and operation in _MAKES:
        # the leg has an id that we chose, so it is ours: the request was repeated
        return Verdict.DONE
    return Verdict.GONE if _is_gone(operation, response) else Verdict.REFUSED


def _of_server_error(operation: Operation, response: Response) -> Verdict:
    # The phone is not registered, so the channel cannot be made (resource_channels.c).
    hopeless = operation is Operation.RING and "Allocation failed" in response.body
    return Verdict.REFUSED if hopeless else Verdict.RETRY


def _is_gone(operation: Operation, response: Response) -> bool:
    """Whether the leg or bridge is gone. Asterisk says that with 404, 409 or 412 for a channel;
    with 400, 404 "Channel" or 422 for a bridge's channels; with 404 for a bridge, and 409 while it
    is being destroyed (resource_channels.c:133, resource_bridges.c:66, 105)."""
    status = response.status
    if operation in _ENDS:
        return status in (404, 409)
    if operation in _ON_CHANNEL:
        return status in (404, 409, 412)
    if operation is Operation.LEAVE_BRIDGE and status in (404, 409):
        return True  # no bridge, nobody in it
    if operation in _ON_BRIDGE:
        return status == 422 or (status == 400 and "Channel not found" in response.body)
    return False
