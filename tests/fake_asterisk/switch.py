"""The life of the fake's channels: they ring, are answered, enter and leave the application, end.

PURE and in virtual time; model.py says how to use it.
"""

import itertools
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from random import Random

from callcenter.ari import wire
from callcenter.ari.rest import OUTWARD
from tests.fake_asterisk.parts import (
    SIP_CAUSES,
    App,
    Channel,
    Clock,
    Faults,
    HungUp,
    InLifeboat,
    Kept,
    Noise,
    Output,
    Rings,
    Row,
    Silenced,
    Timing,
    Told,
)

APP = "callcenter"
BEAT_LIMIT_SECONDS = 3
ELSEWHERE = 26  # AST_CAUSE_ANSWERED_ELSEWHERE
SOFT_HANGUP = 32  # AST_SOFTHANGUP_EXPLICIT: given in place of a cause if we hang up
NORMAL, NO_ANSWER_CAUSE, NO_REPLY_CAUSE, FORGOTTEN_CAUSE = 16, 19, 18, 127


class Switch:
    """The state, the time, and the life of channels."""

    def __init__(
        self,
        *,
        rng: Random | None = None,
        timing: Timing | None = None,
        faults: Faults | None = None,
        needs_beat: bool = False,
    ) -> None:
        self.rng = rng or Random(0)
        self.timing = timing or Timing()
        self.faults = faults or Faults()
        self.needs_beat = needs_beat  # whether the dial plan checks CALLCENTER_BEAT
        self.unregistered: set[str] = set()  # endpoints without a registered phone
        self.dead: set[str] = set()  # endpoints whose phone does not answer at all
        # the carrier's answer to each outgoing call; 0: none at all
        self.carrier: int | None = None
        self.offline: set[str] = set()  # those of them that Asterisk knows to be away
        self.now = 0.0
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, list[str]] = {}
        self.rooms: set[str] = set()  # the holding bridges, in which nobody hears anybody
        self.closing: set[str] = set()  # bridges that exist until all have left
        self.apps: dict[str, App] = {}
        self.kept: dict[str, Kept] = {}  # by the names of the recordings, which survive a crash
        self.disk_is_full = False
        self.globals: dict[str, str] = {}
        self.clock = Clock()
        self.boot = self.clock.say(0.0)
        self._numbers = itertools.count(1)
        self._sockets = itertools.count(1)
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._out: list[Output] = []

    # --- time --------------------------------------------------------------------------------

    def advance(self, now: float) -> list[Output]:
        """Run all that is due until `now`; gives the outputs since the last call, in order."""
        while self._due and self._due[0][0] <= now:
            at, _, effect = heappop(self._due)
            self.now = max(self.now, at)
            effect()
        self.now = max(self.now, now)
        out, self._out = self._out, []
        return out

    def next_due(self) -> float | None:
        """When `advance` must be called next. None if nothing will happen by itself."""
        if self._out:
            return self.now
        return self._due[0][0] if self._due else None

    def after(self, seconds: float, effect: Callable[[], None]) -> None:
        """Make something happen later; at once for 0."""
        if seconds <= 0.0:
            effect()
        else:
            heappush(self._due, (self.now + seconds, next(self._order), effect))

    # --- our websockets ----------------------------------------------------------------------

    def connect(self, app: str = APP) -> int:
        """A websocket for an application; gives its number. The newest one owns the application."""
        known = self.apps.setdefault(app, App())
        if known.socket is not None:
            replaced = wire.ApplicationReplaced(timestamp=self.clock.say(self.now))
            self._out.append(Told(known.socket, replaced))
        known.socket = next(self._sockets)
        return known.socket

    def disconnect(self, socket: int) -> None:
        """A websocket is gone. The application is inactive if it was the owner."""
        for app in self.apps.values():
            if app.socket == socket:
                app.socket = None

    def is_active(self, app: str) -> bool:
        """Whether anybody receives an application's events."""
        return app in self.apps and self.apps[app].socket is not None

    def allows(self, socket: int, kind: str) -> bool:
        """Whether the filter of the socket's application lets a type through, RESTResponse too."""
        owned = [app for app in self.apps.values() if app.socket == socket]
        return not owned or owned[0].allowed is None or kind in owned[0].allowed

    def tell(self, channel: Channel, event: wire.Event | Noise) -> None:
        """Send an event to the channel's application. It is lost if nobody is connected (P1)."""
        app = self.apps.get(channel.app)
        if app is None or app.socket is None:
            return
        kind = event.type if isinstance(event, Noise) else type(event).__name__
        if app.allowed is None or kind in app.allowed:
            self._out.append(Told(app.socket, event))

    # --- callers -----------------------------------------------------------------------------

    def call_in(self, did: str, caller: str) -> str:
        """A citizen's call comes in over the trunk; gives the channel's id."""
        leg = f"fake-{self.clock.epoch + int(self.now)}.{next(self._numbers)}"
        channel = self._new(leg, APP, state="Up", number=caller, place="greeting")
        channel.did = did
        self.after(self.timing.greeting, lambda: self._greeted(channel))
        return leg

    def _greeted(self, channel: Channel) -> None:
        channel.music = True
        self._hand_over(channel)

    def _hand_over(self, channel: Channel) -> None:
        if not self._lives(channel):
            return
        if self.is_active(APP) and self._beat_is_fresh():
            self._enter(channel, [channel.did])
            return
        self._board(channel, self.timing.lifeboat_retry)

    def _board(self, channel: Channel, seconds: float) -> None:
        """Put the caller into the lifeboat, and try the service again after a while."""
        channel.place, channel.music = "lifeboat", True
        self._out.append(InLifeboat(channel.id))
        self.after(seconds, lambda: self._hand_over(channel))

    def _beat_is_fresh(self) -> bool:
        beat = self.globals.get("CALLCENTER_BEAT", "0")
        age = self.clock.epoch + int(self.now) - int(beat)
        return not self.needs_beat or age <= BEAT_LIMIT_SECONDS

    def _enter(self, channel: Channel, arguments: list[str]) -> None:
        channel.place = "stasis"
        started = wire.StasisStart(
            timestamp=self.clock.say(self.now), channel=channel.as_wire(), args=arguments
        )
        self.tell(channel, started)

    # --- prompts -----------------------------------------------------------------------------

    def play(self, channel: Channel, name: str, media: list[str]) -> None:
        """Play these recordings one after the other, and tell when they are over."""
        channel.playing, channel.music = name, False
        self.on_play(channel.id, media)
        self.after(self.timing.prompt * len(media), lambda: self.played(channel, name, media))

    def played(self, channel: Channel, name: str, media: list[str] | None = None) -> None:
        """A playback is over. `media`: it was played to its end."""
        if not self._lives(channel) or channel.playing != name:
            return
        if media:
            self.on_heard(channel.id, media)
        channel.playing = ""
        over = wire.PlaybackFinished(
            timestamp=self.clock.say(self.now), playback=wire.Playback(id=name)
        )
        self.tell(channel, over)
        self._go_on(channel)

    def _go_on(self, channel: Channel) -> None:
        while channel.later and not channel.playing and not channel.message:
            channel.later.pop(0)()

    def in_turn(self, channel: Channel, effect: Callable[[], None]) -> None:
        """Do it at once, or when the playback is over: a channel's thread does one thing at a
        time."""
        if channel.playing or channel.message:
            channel.later.append(effect)
        else:
            effect()

    def on_play(self, leg: str, media: list[str]) -> None:
        """A hook for subclasses: these prompts begin."""

    def on_heard(self, leg: str, media: list[str]) -> None:
        """A hook for subclasses: these prompts were heard to the end."""

    def press(self, leg: str, key: str) -> None:
        """A key was pressed. Nobody is told outside the application."""
        channel = self.channels.get(leg)
        if channel is not None and channel.in_app and not channel.ending:
            pressed = wire.ChannelDtmfReceived(
                timestamp=self.clock.say(self.now), channel=channel.as_wire(), digit=key
            )
            self.tell(channel, pressed)
            if key == "#":
                self.message_over(channel, channel.message)

    # --- operators' phones -------------------------------------------------------------------

    def make_leg(self, leg: str, app: str, endpoint: str, caller_id: str) -> Channel:
        """Make an operator's leg. It enters the application a moment later, and rings no phone."""
        channel = self._new(leg, app, state="Down", number="", place="made")
        channel.endpoint, channel.caller_id = endpoint, caller_id
        self.after(self.timing.start, lambda: self._made(channel))
        return channel

    def _made(self, channel: Channel) -> None:
        if not self._lives(channel):
            return
        if self.is_active(channel.app):
            self._enter(channel, [])
        else:  # Stasis() fails, and there is no dial plan behind it
            self._remove(channel, NORMAL)

    def ring(self, channel: Channel) -> None:
        """Call the phone of a leg. It rings a moment later, until somebody does something."""
        if channel.dialled:
            return
        channel.dialled = True
        status = self.carrier if channel.endpoint.endswith(f"@{OUTWARD}") else None
        if channel.endpoint in self.dead or status == 0:
            self.after(self.timing.no_reply, lambda: self._give_up(channel))
        elif status is not None:
            self.after(self.timing.ring, partial(self._refused, channel, status))
        else:
            self.after(self.timing.ring, lambda: self._start_ringing(channel))

    def _start_ringing(self, channel: Channel) -> None:
        if self._lives(channel) and channel.state == "Down" and not channel.ending:
            self._out.append(Rings(channel.id, channel.endpoint, channel.caller_id))
            self.tell(
                channel,
                wire.Dial(
                    timestamp=self.clock.say(self.now),
                    peer=channel.as_wire(),
                    dialstatus="RINGING",
                ),
            )
            channel.state = "Ringing"
            self._tell_state(channel)

    def _refused(self, channel: Channel, status: int) -> None:
        """The carrier refused it before any phone rang."""
        if self._lives(channel) and not channel.ending:
            self._request_hangup(channel, SIP_CAUSES[status], soft=False, status=status)
            self._remove(channel, SIP_CAUSES[status], status)

    def _give_up(self, channel: Channel) -> None:
        if self._lives(channel) and channel.state != "Up":
            self._request_hangup(channel, NO_REPLY_CAUSE, soft=False)
            self._remove(channel, NO_REPLY_CAUSE)

    def answer(self, leg: str) -> bool:
        """The person answers. Gives False if the phone does not ring (any more)."""
        channel = self.channels.get(leg)
        if channel is None or channel.state != "Ringing" or channel.ending:
            return False
        channel.state = "Up"
        self.after(self.timing.start, lambda: self._tell_state(channel))
        return True

    def _tell_state(self, channel: Channel) -> None:
        if self._lives(channel):
            changed = wire.ChannelStateChange(
                timestamp=self.clock.say(self.now), channel=channel.as_wire()
            )
            self.tell(channel, changed)

    def refuse(self, leg: str, status: int) -> bool:
        """The phone answers 486 busy, 603 decline, ... Gives False if it does not ring."""
        channel = self.channels.get(leg)
        if channel is None or channel.state != "Ringing" or channel.ending:
            return False
        cause = SIP_CAUSES[status]
        self._request_hangup(channel, cause, soft=False, status=status)
        self._remove(channel, cause, status)
        return True

    # --- silence -----------------------------------------------------------------------------

    def fall_silent(self, leg: str) -> None:
        """The far end of a leg sends no packets from now on."""
        if leg in self.channels and self.channels[leg].silent_since is None:
            self.channels[leg].silent_since = self.now

    def hold(self, leg: str, *, on: bool) -> None:
        """The far end announces hold and sends nothing until it ends the hold."""
        channel, told = self.channels[leg], wire.ChannelHold if on else wire.ChannelUnhold
        channel.silent_since = self.now if on else None
        self.tell(channel, told(timestamp=self.clock.say(self.now), channel=channel.as_wire()))

    def die(self, leg: str) -> None:
        """The far end of a leg is dead: no sound, no answer, no BYE."""
        self.fall_silent(leg)
        if leg in self.channels:
            self.channels[leg].is_dead = True

    def phone_dies(self, endpoint: str) -> None:
        """A phone loses its power. Asterisk notices when it does not answer OPTIONS."""
        self.dead.add(endpoint)
        for channel in self.channels.values():
            if channel.endpoint == endpoint:
                self.die(channel.id)
        self.after(self.timing.options, lambda: self._notice(endpoint))

    def phone_lives(self, endpoint: str) -> None:
        """The phone has power again, and registers. It has forgotten its calls."""
        self.dead.discard(endpoint)
        self.offline.discard(endpoint)
        self.unregistered.discard(endpoint)
        for channel in self.channels.values():
            if channel.endpoint == endpoint and channel.is_dead:
                channel.has_forgotten = True

    def _notice(self, endpoint: str) -> None:
        if endpoint in self.dead:
            self.offline.add(endpoint)

    def ask(self, channel: Channel) -> None:
        """A re-INVITE that changes nothing. A dead leg is ended, and it looks as if we ended it."""
        if channel.has_forgotten and not channel.ending:
            self._request_hangup(channel, FORGOTTEN_CAUSE, soft=False)
            self._remove(channel, FORGOTTEN_CAUSE)
        elif channel.is_dead and not channel.asked:
            channel.asked = True
            self.after(self.timing.no_answer, lambda: self._not_answered(channel))

    def _not_answered(self, channel: Channel) -> None:
        if self._lives(channel) and not channel.ending:
            self._request_hangup(channel, NO_REPLY_CAUSE, soft=False)
            self._remove(channel, NO_REPLY_CAUSE)

    # --- endings -----------------------------------------------------------------------------

    def hang_up(self, leg: str) -> bool:
        """The far end of a leg that is up sends a BYE. Gives False if there is no such leg."""
        channel = self.channels.get(leg)
        if channel is None or channel.state != "Up" or channel.ending:
            return False
        # P11: no cause is set outside a bridge. A leg that was dialled has been in one.
        cause = NORMAL if channel.bridge or channel.is_operator else 0
        told = NORMAL if channel.bridge and channel.is_operator else 0
        self._request_hangup(channel, told, soft=False)
        self.after(self.timing.end, lambda: self._remove(channel, cause))
        return True

    def end(self, channel: Channel, cause: int = NORMAL) -> None:
        """We hang up, for this cause."""
        if channel.ending:
            return
        if channel.state in ("Ringing", "Up") and not channel.snoops:
            self._out.append((HungUp if channel.state == "Up" else Silenced)(channel.id))
        self._request_hangup(channel, SOFT_HANGUP, soft=True)
        self.after(self.timing.end, lambda: self._remove(channel, cause))

    def send_out(self, channel: Channel, why: str) -> None:
        """Leave the application, play the message, hang up. An error leads to the lifeboat's
        phones."""
        self.leave_bridge(channel)
        self._leave_app(channel)
        if why in ("error", "untold"):
            self._board(channel, self.timing.lifeboat_turn)
            return
        channel.place = f"out:{why}"
        self.after(self.timing.farewell, lambda: self._farewell(channel))

    def _farewell(self, channel: Channel) -> None:
        if self._lives(channel):
            self._out.append(HungUp(channel.id))
            self._remove(channel, NORMAL)

    def crash(self) -> None:
        """kill -9 and a new start: no events, no rows in the ledger, everybody is cut off."""
        for channel in self.channels.values():
            self._out.append(HungUp(channel.id))
        for kept in self.kept.values():
            kept.ended = self.now if kept.ended is None else kept.ended
        for known in (
            self.channels,
            self.bridges,
            self.rooms,
            self.closing,
            self.apps,
            self.globals,
        ):
            known.clear()
        self._due.clear()
        self.boot = self.clock.say(self.now)

    def _request_hangup(self, channel: Channel, cause: int, *, soft: bool, status: int = 0) -> None:
        channel.ending = True
        if channel.in_app or channel.is_operator or channel.watched or channel.snoops:
            request = wire.ChannelHangupRequest(
                timestamp=self.clock.say(self.now),
                channel=channel.as_wire(),
                cause=cause,
                soft=soft,
                tech_cause=status,
            )
            self.tell(channel, request)

    def _remove(self, channel: Channel, cause: int, status: int = 0) -> None:
        if not self._lives(channel):
            return
        stage = channel.place
        self.leave_bridge(channel)
        self.stop_keeping(channel)
        if channel.in_app:
            self._leave_app(channel)
        del self.channels[channel.id]
        for snoop in [one for one in self.channels.values() if one.snoops == channel.id]:
            self._remove(snoop, NORMAL)
        if channel.is_operator or channel.watched:  # for a snoop only its leaving is told
            destroyed = wire.ChannelDestroyed(
                timestamp=self.clock.say(self.now),
                channel=channel.as_wire(),
                cause=cause,
                tech_cause=status,
            )
            self.tell(channel, destroyed)
        if not channel.is_operator and not channel.snoops:
            times = (channel.born_at, self.now)
            self._out.append(Row(channel.id, channel.did, channel.number, stage, *times))

    def _leave_app(self, channel: Channel) -> None:
        ended = wire.StasisEnd(timestamp=self.clock.say(self.now), channel=channel.as_wire())
        self.tell(channel, ended)
        channel.place = "left"

    # --- bridges -----------------------------------------------------------------------------

    def enter_bridge(self, channel: Channel, bridge: str) -> None:
        """Join, unless it is hanging up or the bridge is gone: then nobody is told (P6)."""
        if not self._lives(channel) or channel.ending or bridge not in self.bridges:
            return
        self.leave_bridge(channel)  # also if it is this bridge: the channel joins again
        channel.bridge = bridge
        self.bridges[bridge].append(channel.id)
        entered = wire.ChannelEnteredBridge(
            timestamp=self.clock.say(self.now),
            bridge=wire.Bridge(id=bridge, channels=list(self.bridges[bridge])),
            channel=channel.as_wire(),
        )
        self.tell(channel, entered)

    def leave_bridge(self, channel: Channel) -> None:
        """Leave the bridge it is in, if any."""
        if channel.bridge:
            self.bridges[channel.bridge].remove(channel.id)
            channel.bridge = ""
            self.tell(channel, Noise("ChannelLeftBridge"))

    # --- snoops ------------------------------------------------------------------------------

    def snoop(self, of: Channel, name: str, app: str) -> Channel:
        """Make a channel of what a leg hears and says. It enters the application a moment later."""
        channel = self._new(name, app, state="Up", number="", place="made")
        channel.snoops = of.id
        self.after(self.timing.start, lambda: self._made(channel))
        return channel

    # --- recordings --------------------------------------------------------------------------

    def keep(self, channel: Channel, name: str) -> None:
        """Record what a channel hears. The start of the recording is told a moment later."""
        self.kept[name] = Kept(channel.id, self.now)
        kind = wire.RecordingFailed if self.disk_is_full else wire.RecordingStarted
        self.after(self.timing.start, lambda: self._tell_kept(channel, name, kind))
        if self.disk_is_full:
            self.kept[name].ended = self.now

    def keep_message(self, channel: Channel, name: str, longest: float, silence: float) -> None:
        """Record a channel itself, until somebody presses #, is silent, or has no time left."""
        if not self._lives(channel):
            return
        self.kept[name] = Kept(channel.id, self.now, is_message=True)
        if self.disk_is_full:
            self.kept[name].ended = self.now
            self._tell_kept(channel, name, wire.RecordingFailed)
            return
        channel.message = name
        self._tell_kept(channel, name, wire.RecordingStarted)
        said = min(longest, self.speaks(channel.id) + silence)
        self.after(said, lambda: self.message_over(channel, name))

    def speaks(self, leg: str) -> float:
        """For how many seconds somebody speaks who leaves a message. A hook for subclasses."""
        return 5.0

    def message_over(self, channel: Channel, name: str) -> None:
        """A message ends, and the channel goes on."""
        if not name or channel.message != name:
            return
        channel.message, self.kept[name].ended = "", self.now
        self._tell_kept(channel, name, wire.RecordingFinished)
        self._go_on(channel)

    def silence(self, name: str, *, on: bool) -> bool:
        """Record silence instead, or stop doing so. Gives False if nothing is recorded."""
        kept = self.kept.get(name)
        if kept is None or kept.ended is not None:
            return False
        if on and kept.silent_since is None:
            kept.silent_since = self.now
        elif not on and kept.silent_since is not None:
            kept.silences.append((kept.silent_since, self.now))
            kept.silent_since = None
        return True

    def stop_keeping(self, channel: Channel) -> None:
        """The channel ends. Its recording stays."""
        channel.message = ""
        for name, kept in self.kept.items():
            if kept.channel == channel.id and kept.ended is None:
                self.silence(name, on=False)
                kept.ended = self.now
                self._tell_kept(channel, name, wire.RecordingFinished)

    def _tell_kept(
        self,
        channel: Channel,
        name: str,
        kind: type[wire.RecordingStarted | wire.RecordingFinished | wire.RecordingFailed],
    ) -> None:
        stamp = self.clock.say(self.now)
        self.tell(channel, kind(timestamp=stamp, recording=wire.LiveRecording(name=name)))

    def heard_by(self, leg: str) -> set[str]:
        """The legs whose voices reach a leg: those of its bridge, through a snoop there, and those
        that speak into a snoop of it."""
        channel = self.channels[leg]
        heard = self._voices_with(channel)
        for mate in self._mates(channel):
            if mate.snoops:
                heard |= {mate.snoops} | self._voices_with(self.channels[mate.snoops])
        for snoop in self.channels.values():
            if snoop.snoops == leg:
                heard |= self._voices_with(snoop)
        return heard - {leg}

    def _voices_with(self, channel: Channel) -> set[str]:
        return {one.id for one in self._mates(channel) if not one.snoops and not one.muted}

    def _mates(self, channel: Channel) -> list[Channel]:
        if not channel.bridge or channel.bridge in self.rooms:
            return []
        legs = self.bridges[channel.bridge]
        return [self.channels[leg] for leg in legs if leg != channel.id]

    # --- small -------------------------------------------------------------------------------

    def _new(self, leg: str, app: str, *, state: str, number: str, place: str) -> Channel:
        channel = self.channels[leg] = Channel(
            id=leg,
            app=app,
            state=state,
            number=number,
            born=self.clock.say(self.now),
            born_at=self.now,
            place=place,
        )
        return channel

    def _lives(self, channel: Channel) -> bool:
        return self.channels.get(channel.id) is channel
