"""The parts of the fake: channels, applications, outputs, timing and faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callcenter.ari import wire
from callcenter.ari.rest import Names
from callcenter.ports.phones import hidden_domain

PASSWORD = "password-of-the-fake"
NAMES = Names(app="callcenter", domain=hidden_domain(PASSWORD))

SIP_CAUSES: Mapping[int, int] = {
    302: 23, 401: 21, 403: 21, 404: 1, 407: 21, 408: 18, 410: 22, 480: 19, 486: 17, 487: 127,
    488: 58, 500: 38, 503: 34, 600: 17, 603: 21, 607: 127,
}  # fmt: skip
"""Q.850 causes that Asterisk 22.10.1 makes from a phone's SIP answers, all measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things take, in seconds. The defaults are those of an idle machine."""

    greeting: float = 0.0  # from INVITE to Stasis()
    ring: float = 0.002  # from request to INVITE at the phone
    start: float = 0.001  # from the leg's creation to StasisStart; from the answer to the state Up
    join: float = 0.002  # from addChannel to ChannelEnteredBridge
    end: float = 0.001  # from hang-up to the channel's end
    farewell: float = 1.0  # the message for a caller who is sent out
    no_reply: float = 32.0  # SIP timer B: there is no phone at this address
    lifeboat_retry: float = 5.0  # until the service is tried again
    no_answer: float = 64.0  # from an unanswered request within the call until the leg is ended
    options: float = 7.5  # until a phone that does not answer OPTIONS is offline
    prompt: float = 2.0  # the length of each recording
    stop: float = 0.03  # until a stopped playback is over
    lifeboat_turn: float = 30.0  # the same if the service gave the caller up


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Random faults: probabilities from 0 to 1."""

    join_fails: float = 0.0  # addChannel answers 204 and does nothing (P6)
    join_halves: float = 0.0  # addChannel answers 204 and only the first channel gets in (P8)
    server_error: float = 0.0  # 503, and nothing was done
    answer_lost: float = 0.0  # done, but the answer's status is NO_ANSWER (P10)


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel and its place: greeting, lifeboat, out:<why>, dialing, answered or stasis."""

    id: str
    app: str
    state: str  # as in ARI: Down, Ringing, Up
    number: str
    born: str  # wall clock
    born_at: float
    place: str
    did: str = ""
    endpoint: str = ""  # of an operator's leg; a caller has none
    caller_id: str = ""  # what that phone shows
    dialled: bool = False
    watched: bool = False  # a caller for whom a leg was made: events come until the channel's end
    bridge: str = ""
    snoops: str = ""  # the leg of which it is a snoop; it has no phone
    taps: str = ""  # in or out: the direction of a snoop for a recording
    muted: bool = False  # incoming sound is thrown away
    music: bool = False
    playing: str = ""  # the present playback
    message: str = ""  # the recording of this channel itself, until it is over
    later: list[Callable[[], None]] = field(default_factory=list)
    """Requests during the playback. Asterisk carries them out when it is over."""
    ending: bool = False  # is hanging up: commands are accepted and do nothing
    silent_since: float | None = None  # the far end sends no sound
    is_dead: bool = False  # the far end does not answer anything any more
    asked: bool = False  # a request within the call was sent
    has_forgotten: bool = False  # the far end answers 481: it was restarted

    @property
    def in_app(self) -> bool:
        """Whether it is inside Stasis()."""
        return self.place == "stasis"

    @property
    def is_operator(self) -> bool:
        """Whether our request to ring made it."""
        return bool(self.endpoint)

    def packets(self, now: float) -> int:
        """The packets from the far end, at 50 a second."""
        until = now if self.silent_since is None else self.silent_since
        return int((until - self.born_at) * 50) if self.state == "Up" else 0

    def as_wire(self) -> wire.Channel:
        """The channel as ARI shows it."""
        return wire.Channel(
            id=self.id,
            state=self.state,
            caller=wire.CallerId(number=self.number),
            dialplan=self._dialplan(),
            creationtime=self.born,
        )

    def _dialplan(self) -> wire.Dialplan:
        if self.in_app:
            arguments = "" if self.is_operator or self.snoops else f",{self.did}"
            return wire.Dialplan(app_name="Stasis", app_data=self.app + arguments)
        return wire.Dialplan(app_name="Playback", app_data="")


@dataclass(slots=True)
class Kept:
    """The sound of a channel that is or was recorded. `silent_since`: silence is recorded now."""

    channel: str
    began: float
    ended: float | None = None
    silent_since: float | None = None
    silences: list[tuple[float, float]] = field(default_factory=list)
    is_message: bool = False  # of a channel itself, and not of its snoop


@dataclass(slots=True)
class App:
    """A Stasis application. The application and its filter outlive its sockets."""

    socket: int | None = None
    allowed: frozenset[str] | None = None  # event types; None lets all through


@dataclass(frozen=True, slots=True)
class Noise:
    """An event of a type that is not in use."""

    type: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message on one of our websockets."""

    socket: int
    event: wire.Event | Noise


@dataclass(frozen=True, slots=True)
class Rings:
    """A phone gets an INVITE. The script answers for its person."""

    leg: str
    endpoint: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class Silenced:
    """A ringing phone gets a CANCEL."""

    leg: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The far end of a leg that was up gets a BYE."""

    leg: str


@dataclass(frozen=True, slots=True)
class InLifeboat:
    """The dial plan could not hand the caller over. It will try again."""

    leg: str


@dataclass(frozen=True, slots=True)
class Row:
    """The ledger's row of a caller's channel that ended. `stage` is the channel's last place."""

    leg: str
    did: str
    caller: str
    stage: str
    arrived_at: float
    ended_at: float


Output = Told | Rings | Silenced | HungUp | InLifeboat | Row


@dataclass(slots=True)
class Clock:
    """Wall time in Asterisk's format, from virtual seconds."""

    epoch: int = 1_795_000_000
    _second: int = -1
    _prefix: str = field(default="", repr=False)

    def say(self, now: float) -> str:
        """`2026-11-18T10:13:20.000+0000`"""
        whole, part = divmod(self.epoch * 1000 + int(now * 1000), 1000)
        if whole != self._second:
            self._second = whole
            self._prefix = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._prefix}.{part:03d}+0000"
