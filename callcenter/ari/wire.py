"""Asterisk's ARI messages as types: exactly the events, objects and fields that we use.

Pure: bytes in, objects out; it decides nothing. Field names are Asterisk's own
(`/ari/api-docs/*.json`; a test compares every class here with the running Asterisk). Fields that
are not listed are ignored. An event type that is not listed decodes to `Unknown`, and a message
that cannot be decoded to `Malformed`.
"""

from datetime import datetime

import msgspec


class CallerId(msgspec.Struct, frozen=True):
    """`CallerID`: number and name as the channel driver gave them; untrusted text."""

    number: str


class Dialplan(msgspec.Struct, frozen=True):
    """`DialplanCEP`: which application runs on the channel, with its arguments."""

    app_name: str
    app_data: str


class Channel(msgspec.Struct, frozen=True):
    """`Channel`. `state` is Down, Ring, Ringing, Up, Busy, ...; `creationtime` is ISO 8601.
    `protocol_id` is the SIP Call-ID."""

    id: str
    state: str
    caller: CallerId
    dialplan: Dialplan
    creationtime: str
    protocol_id: str = ""


class Bridge(msgspec.Struct, frozen=True):
    """`Bridge` with the ids of the channels in it."""

    id: str
    channels: list[str]


class Happening(msgspec.Struct, frozen=True, tag_field="type"):
    """The fields that all events share. `timestamp` is Asterisk's wall clock, ISO 8601."""

    timestamp: str


class StasisStart(Happening, frozen=True, tag=True):
    """A channel entered the application: a caller, or a leg of ours that must be dialled now."""

    channel: Channel
    args: list[str]


class StasisEnd(Happening, frozen=True, tag=True):
    """A channel left the application: hung up, or sent back to the dialplan."""

    channel: Channel


class ChannelStateChange(Happening, frozen=True, tag=True):
    """A channel rings, or was answered (Up)."""

    channel: Channel


class ChannelHangupRequest(Happening, frozen=True, tag=True):
    """A channel is about to end. With `soft`, `cause` is not a cause but a flag of Asterisk (32,
    AST_SOFTHANGUP_EXPLICIT, for our own DELETE)."""

    channel: Channel
    cause: int = 0
    soft: bool = False
    tech_cause: int = 0


class ChannelDestroyed(Happening, frozen=True, tag=True):
    """A channel is gone. `cause` is a Q.850 cause and only a hint. It is 0 after an ordinary
    BYE. `tech_cause` is the SIP status, if there was one."""

    channel: Channel
    cause: int
    tech_cause: int = 0


class Dial(Happening, frozen=True, tag=True):
    """A leg of ours is being dialled. `dialstatus`: RINGING after a 180, PROGRESS after a 183."""

    peer: Channel
    dialstatus: str


class ChannelEnteredBridge(Happening, frozen=True, tag=True):
    """A channel entered a bridge. `channel` is optional in the API's description, but never missing
    here."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelDtmfReceived(Happening, frozen=True, tag=True):
    """A key was pressed and released. It came by RFC 4733, by SIP INFO or as a tone."""

    channel: Channel
    digit: str


class Playback(msgspec.Struct, frozen=True):
    """`Playback`. We chose its id."""

    id: str


class PlaybackFinished(Happening, frozen=True, tag=True):
    """A playback is over: played, stopped or failed."""

    playback: Playback


class LiveRecording(msgspec.Struct, frozen=True):
    """`LiveRecording`. We chose its name."""

    name: str


class RecordingStarted(Happening, frozen=True, tag=True):
    """A recording began."""

    recording: LiveRecording


class RecordingFinished(Happening, frozen=True, tag=True):
    """A recording ended: it was stopped, its channel is gone, or its longest time is over."""

    recording: LiveRecording


class RecordingFailed(Happening, frozen=True, tag=True):
    """A recording could not be begun, or could not go on."""

    recording: LiveRecording


class ChannelHold(Happening, frozen=True, tag=True):
    """The far end of a channel announced hold: sendonly or inactive."""

    channel: Channel


class ChannelUnhold(Happening, frozen=True, tag=True):
    """The far end of a channel ended its hold."""

    channel: Channel


class ApplicationReplaced(Happening, frozen=True, tag=True):
    """Another client owns the application now. This socket gets no more events."""


class RESTResponse(Happening, frozen=True, tag=True):
    """The answer to a `RESTRequest`; `message_body` is JSON in a string, or empty."""

    request_id: str
    status_code: int
    message_body: str = ""


Event = (
    StasisStart
    | StasisEnd
    | ChannelStateChange
    | ChannelHangupRequest
    | ChannelDestroyed
    | Dial
    | ChannelEnteredBridge
    | ChannelDtmfReceived
    | PlaybackFinished
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | ChannelHold
    | ChannelUnhold
    | ApplicationReplaced
)
EVENTS = (
    StasisStart,
    StasisEnd,
    ChannelStateChange,
    ChannelHangupRequest,
    ChannelDestroyed,
    Dial,
    ChannelEnteredBridge,
    ChannelDtmfReceived,
    PlaybackFinished,
    RecordingStarted,
    RecordingFinished,
    RecordingFailed,
    ChannelHold,
    ChannelUnhold,
    ApplicationReplaced,
    RESTResponse,
)


class Unknown(msgspec.Struct, frozen=True):
    """A message of a type not in use."""

    type: str


class Malformed(msgspec.Struct, frozen=True):
    """A message of a known type that lacks a field, or is not a JSON object."""

    type: str
    why: str


Message = Event | RESTResponse | Unknown | Malformed


class RESTRequest(msgspec.Struct, frozen=True, tag_field="type", tag=True, omit_defaults=True):
    """A request over the events websocket (Asterisk 22.4.0 and later)."""

    request_id: str
    method: str
    uri: str
    content_type: str = ""
    message_body: str = ""


class SystemPart(msgspec.Struct, frozen=True):
    """`SystemInfo`."""

    version: str


class StatusPart(msgspec.Struct, frozen=True):
    """`StatusInfo`."""

    startup_time: str


class AsteriskInfo(msgspec.Struct, frozen=True):
    """`AsteriskInfo`: the version, and when this Asterisk was started."""

    system: SystemPart
    status: StatusPart


class AsteriskPing(msgspec.Struct, frozen=True):
    """`AsteriskPing`: Asterisk's wall clock."""

    timestamp: str


class Variable(msgspec.Struct, frozen=True):
    """`Variable`: the value of a channel's variable, empty if it is not set."""

    value: str


class Endpoint(msgspec.Struct, frozen=True):
    """`Endpoint`. `resource` is its name. `state` is online, offline or unknown; trunks.py and
    phone_watch.py say how far it can be trusted."""

    resource: str
    channel_ids: list[str]
    state: str = "unknown"


class Application(msgspec.Struct, frozen=True):
    """`Application`, with the ids of the channels whose events it gets."""

    channel_ids: list[str]


class RTPstat(msgspec.Struct, frozen=True):
    """`RTPstat`. `rxcount` is the number of packets received."""

    rxcount: int


class ConfigPair(msgspec.Struct, frozen=True):
    """`ConfigTuple`: one setting of an object, as text."""

    attribute: str
    value: str


_message: msgspec.json.Decoder[Event | RESTResponse] = msgspec.json.Decoder(Event | RESTResponse)
_unknown = msgspec.json.Decoder(Unknown)
_channels = msgspec.json.Decoder(list[Channel])
_bridges = msgspec.json.Decoder(list[Bridge])
_endpoints = msgspec.json.Decoder(list[Endpoint])
_encoder = msgspec.json.Encoder()


def decode(raw: bytes) -> Message:
    """One websocket message. Never raises."""
    try:
        return _message.decode(raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        return _other(raw, str(error))


def _other(raw: bytes, why: str) -> Unknown | Malformed:
    try:
        head = _unknown.decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return Malformed(type="", why=why)
    return Malformed(type=head.type, why=why) if head.type in _KNOWN else head


_KNOWN = frozenset(event.__name__ for event in EVENTS)


def decode_channels(body: str | bytes) -> list[Channel]:
    """The channels in the answer to GET /channels. Raises msgspec.DecodeError."""
    return _channels.decode(body)


def decode_bridges(body: str | bytes) -> list[Bridge]:
    """The bridges in the answer to GET /bridges. Raises msgspec.DecodeError."""
    return _bridges.decode(body)


def decode_endpoints(body: str | bytes) -> list[Endpoint]:
    """The endpoints in the answer to GET /endpoints/PJSIP. Raises msgspec.DecodeError."""
    return _endpoints.decode(body)


def encode(message: object) -> bytes:
    """The message as JSON in UTF-8."""
    return _encoder.encode(message)


def moment(iso: str) -> float:
    """Epoch seconds of Asterisk's `2026-11-21T20:33:48.646+0000`. Raises ValueError."""
    return datetime.fromisoformat(iso).timestamp()
