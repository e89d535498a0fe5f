"""The service in a play: the real engine and executor, with a journal, a connection and bad days.

Does in virtual time what the pump and the ARI client do in real time: events are stepped in order,
facts are kept before commands go out, deadlines wake it, a lost connection is made again with a
snapshot. It can be killed (and comes back from its journal), frozen, and cut off.
"""

from collections.abc import Callable
from functools import partial
from random import Random

import msgspec

from callcenter.ari import phone_watch, rest, wire
from callcenter.ari.asterisk import BACKOFF_FIRST_SECONDS, BACKOFF_LAST_SECONDS, CONNECT_SECONDS
from callcenter.ari.beat import VARIABLE
from callcenter.ari.connection import DEAD_SECONDS
from callcenter.ari.counters import Counters
from callcenter.ari.executor import Executor
from callcenter.ari.phone_watch import PhoneWatch, Seen
from callcenter.ari.silence import Silence
from callcenter.ari.snapshot import EVENT_TYPES
from callcenter.ari.translate import made_by_us, snapshot, translate
from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.commands import AskCaseState, MeasureMessage
from callcenter.core.engine import Engine, Step
from callcenter.core.events import (
    AsteriskLost,
    CaseStateTold,
    Event,
    MessageMeasured,
    PhoneLost,
    PhonesSeen,
    TimePassed,
)
from callcenter.core.facts import Fact
from callcenter.core.legs import channel_of
from callcenter.core.site import Site
from tests.fake_asterisk.parts import NAMES
from tests.kept import read_again, written
from tests.simulation.cable import Cable, Weather
from tests.simulation.exchange import Exchange
from tests.simulation.schedule import Schedule

APP = NAMES.app
ROOM_AFTER_SECONDS = 8.0
SILENCE_SECONDS = 30.0
PULSE_SECONDS = 1.0
"""About that of runtime/pulse.py; the seeds that once found a fault find it at this one."""

SNAPSHOT = (
    rest.event_filter(APP, EVENT_TYPES),
    rest.read("/asterisk/info"),
    rest.read("/channels"),
    rest.read("/bridges"),
    rest.read(phone_watch.PATH),
    rest.read("/asterisk/ping"),
)


class Service:
    """One installation of the service, over all its lives."""

    def __init__(
        self, schedule: Schedule, rng: Random, exchange: Exchange, weather: Weather, site: Site
    ) -> None:
        self._schedule = schedule
        self._rng = rng
        self._exchange = exchange
        self._weather = weather
        self._site = site
        self.on_step: Callable[[Event, Step], None] = lambda event, step: None
        self.on_restore: Callable[[Engine, Engine], None] = lambda before, after: None
        self.engine = self._engine()
        self.steps = 0
        self.measured: dict[tuple[str, int], float | None] = {}  # messages, by call and number
        self.case_answers: dict[tuple[str, int], CaseWord] = {}  # by call and number
        self.alive = False
        self.frozen_since: float | None = None
        self.connected = False  # a snapshot was handed over
        self._life = 0  # of the process
        self._journal_head = b""
        self._journal_tail: list[Fact] = []
        self._phones = PhoneWatch()
        self._seen = Seen()
        self._silence = Silence(SILENCE_SECONDS)
        self._executor = Executor(NAMES, self._put, Counters(), schedule.after)
        self._inbox: list[Event] = []
        self._stepping = False
        self._cable: Cable | None = None
        self._socket = 0
        self._early: list[wire.Event] | None = None
        self._backoff = BACKOFF_FIRST_SECONDS
        self._wake_at = float("inf")

    def _engine(self) -> Engine:
        return Engine(self._site, room_after_seconds=ROOM_AFTER_SECONDS)

    # --- lives -------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process: what it knows is what the journal says."""
        before, self.engine = self.engine, self._engine()
        head = read_again(self._journal_head) if self._journal_head else ()
        self.engine.restore([*head, *self._journal_tail])
        self.on_restore(before, self.engine)
        self.alive = True
        self._life += 1
        self._inbox.clear()
        self._wake_at = float("inf")
        self._backoff = BACKOFF_FIRST_SECONDS
        self._connect()
        self._beat(self._life)
        self._look(self._life)
        self._listen(self._life)

    def kill(self) -> None:
        """kill -9."""
        self.alive = False
        self.frozen_since = None
        self._drop_cable(told_at=self._schedule.now)

    def freeze(self) -> None:
        """kill -STOP."""
        if self.alive and self.frozen_since is None:
            self.frozen_since = self._schedule.now
            if self._cable:
                self._cable.freeze()

    def thaw(self) -> None:
        """kill -CONT: what waits in the socket first, then the timers that ran out meanwhile.

        The other way round, two who had been joined were torn apart because nobody had read yet
        that they were.
        """
        if self.frozen_since is None:
            return
        stood_seconds = self._schedule.now - self.frozen_since
        self.frozen_since = None
        taken_for_dead = stood_seconds > DEAD_SECONDS and self._rng.random() < 0.5
        if self._cable is None or taken_for_dead:
            self._lose()
        else:
            self._cable.thaw()
        self._wake()

    def roll_the_journal(self) -> None:
        """A new segment: a snapshot of the present state instead of all that led to it."""
        if self.alive:
            self._journal_head = written(self.engine)
            self._journal_tail = []

    # --- the pump ----------------------------------------------------------------------------

    def tell(self, event: Event) -> bool:
        """An event from a console or the ledger; False when nobody is there to take it."""
        if not self.alive or self.frozen_since is not None:
            return False
        self._put(event)
        return True

    def _put(self, event: Event) -> bool:
        self._inbox.append(event)
        if not self._stepping:
            self._stepping = True
            while self._inbox:
                self._step(self._inbox.pop(0))
            self._stepping = False
        return True

    def _step(self, event: Event) -> None:
        self.steps += 1
        done = self.engine.step(event, self._schedule.now)
        self._journal_tail += done.facts
        self.on_step(event, done)
        elsewhere = (AskCaseState, MeasureMessage)
        self._executor.submit([c for c in done.commands if not isinstance(c, elsewhere)])
        for command in done.commands:
            if isinstance(command, AskCaseState):
                self._ask_case(command)
            elif isinstance(command, MeasureMessage):
                self._measure(command)
        due = self.engine.next_deadline()
        if due is not None and due < self._wake_at:
            self._wake_at = due
            life = self._life
            self._schedule.at(due, lambda: self._wake_if(life, due))

    def _measure(self, question: MeasureMessage) -> None:
        """What can be heard of a message: at times nothing, at times it is not told."""
        rng = Random(f"message {question.leg}")
        if rng.random() < 0.15:
            return
        kept = self._exchange.kept.get(channel_of(question.leg))
        seconds = None
        if kept is not None and kept.ended is not None and kept.ended > kept.began:
            seconds = rng.choice([0.0, kept.ended - kept.began])
        life = self._life

        def tell() -> None:
            if life == self._life:
                self.measured[question.leg.call, question.leg.number] = seconds
                self.tell(MessageMeasured(leg=question.leg, seconds=seconds))

        self._schedule.after(rng.uniform(0.0, 6.0), tell)

    def _ask_case(self, question: AskCaseState) -> None:
        """The database: at times slow, at times silent, and it dies with the process."""
        rng = Random(f"case {question.call} {question.asked} {question.number}")
        if rng.random() < 0.15:
            return
        word = rng.choice([*CaseWord, CaseWord.WRONG])
        answer = CaseAnswer(word=word, days=rng.randrange(400))
        life = self._life
        told = CaseStateTold(call=question.call, asked=question.asked, answer=answer)

        def tell() -> None:
            if life == self._life:
                self.tell(told)

        self.case_answers[question.call, question.asked] = word
        self._schedule.after(rng.uniform(0.0, 5.0), tell)

    def _wake_if(self, life: int, due: float) -> None:
        if self.alive and life == self._life and due == self._wake_at:
            self._wake()

    def _wake(self) -> None:
        if self.frozen_since is not None:
            return
        self._wake_at = float("inf")
        due = self.engine.next_deadline()
        if due is not None and due <= self._schedule.now:
            self._put(TimePassed())
        elif due is not None:
            self._wake_at = due
            life = self._life
            self._schedule.at(due, lambda: self._wake_if(life, due))

    # --- the connection ----------------------------------------------------------------------

    def cut(self) -> None:
        """The websocket is reset; both ends see it."""
        if self.frozen_since is None and self._cable:
            self._lose()

    def notice_the_hole(self) -> None:
        """No byte has come for so long that the connection is taken for dead."""
        if self.frozen_since is None and self._weather.hole_until > self._schedule.now:
            self._lose()

    def asterisk_went_down(self) -> None:
        """Its end of the websocket is closed."""
        if self.alive and self._cable:
            if self.frozen_since is not None:
                self._drop_cable(told_at=self._schedule.now)
            else:
                self._lose()

    def _lose(self) -> None:
        self._drop_cable(told_at=max(self._schedule.now, self._weather.hole_until))
        if self.connected:
            self.connected = False
            self._put(AsteriskLost())
        self._connect_later()

    def _drop_cable(self, told_at: float) -> None:
        self._executor.close()
        self._early = None
        cable, self._cable = self._cable, None
        if cable:
            cable.close()
            socket = self._socket
            self._schedule.at(told_at, lambda: self._exchange.disconnect(socket))
        if not self.alive:
            self.connected = False

    def _connect_later(self) -> None:
        life, pause = self._life, self._backoff * self._rng.uniform(0.5, 1.0)
        self._backoff = min(self._backoff * 2, BACKOFF_LAST_SECONDS)
        self._schedule.after(pause, lambda: self._connect_if(life))

    def _connect_if(self, life: int) -> None:
        if self.alive and life == self._life and self._cable is None:
            if self.frozen_since is not None:
                self._schedule.after(0.5, lambda: self._connect_if(life))
            else:
                self._connect()

    def _connect(self) -> None:
        if self._weather.hole_until > self._schedule.now:
            life = self._life
            self._schedule.after(CONNECT_SECONDS, lambda: self._connect_if(life))
            return
        if not self._exchange.up:
            self._connect_later()
            return
        self._exchange.do(self._open_socket)
        self._early = []
        self._ask(self._cable, [])

    def _open_socket(self) -> None:
        self._socket = self._exchange.connect(APP)
        self._cable = Cable(
            self._schedule, self._rng, self._weather, self._exchange.carry_out, self._on_event
        )
        self._exchange.cables[self._socket] = self._cable

    def _ask(self, cable: Cable | None, answers: list[str]) -> None:
        """The requests of a snapshot, one after the other."""

        def answered(response: rest.Response) -> None:
            if cable is not self._cable:
                return
            if response.status != 200:
                self._lose()
            elif len(answers) + 1 < len(SNAPSHOT):
                self._ask(cable, [*answers, response.body])
            else:
                self._begin([*answers, response.body])

        assert cable is not None
        cable.send(SNAPSHOT[len(answers)], answered)

    def _begin(self, answers: list[str]) -> None:
        _, info, channels, bridges, endpoints, ping = answers
        seen = self._seen = self._phones.see(wire.decode_endpoints(endpoints))
        taken = snapshot(
            channels=wire.decode_channels(channels),
            bridges=wire.decode_bridges(bridges),
            elsewhere=seen.elsewhere,
            away=seen.away,
            at_phones=seen.ours,
            app=APP,
            boot=msgspec.json.decode(info, type=wire.AsteriskInfo).status.startup_time,
            now=msgspec.json.decode(ping, type=wire.AsteriskPing).timestamp,
        )
        assert self._cable is not None
        self._executor.open(self._cable)
        self.connected = True
        self._backoff = BACKOFF_FIRST_SECONDS
        up = [seen for seen in taken.legs if seen.in_app and seen.is_up]
        self._silence.begin((channel_of(seen.leg) for seen in up), self._schedule.now)
        self._put(taken)
        early, self._early = self._early or [], None
        for event in early:
            self._on_event(event)

    def _on_event(self, event: wire.Event) -> None:
        if self._early is not None:
            self._early.append(event)
            return
        self._silence.hear(event, self._schedule.now)
        self._phones.hear(event)
        if isinstance(event, wire.StasisStart) and event.channel.state == "Down":
            made = made_by_us(event.channel.id)
            if made is not None:
                self._executor.entered(made)
        told = translate(event)
        if told is not None:
            self._put(told)

    def phone_registers(self, endpoint: str) -> None:
        """The copy of its SIP comes, unless nobody reads."""
        if self.alive and self.connected and self.frozen_since is None:
            self._silence.registers_anew(endpoint.removeprefix("PJSIP/"), elsewhere=False)

    def _look(self, life: int) -> None:
        """At the phones, as ari/phone_watch.py does."""
        if not self.alive or life != self._life:
            return
        if self._cable and self.connected and self.frozen_since is None:
            self._cable.send(rest.read(phone_watch.PATH), partial(self._looked, self._cable))
        self._schedule.after(PULSE_SECONDS, lambda: self._look(life))

    def _looked(self, cable: Cable, answer: rest.Response) -> None:
        if cable is not self._cable or answer.status != 200:
            return
        seen, known = self._phones.see(wire.decode_endpoints(answer.body)), self._seen
        self._seen = seen
        self._silence.phones_seen(seen.returned, self._phones.legs_at, self._schedule.now)
        if (seen.elsewhere, seen.away) != (known.elsewhere, known.away):
            self._put(PhonesSeen(elsewhere=seen.elsewhere, away=seen.away))
        for endpoint, leg in self._phones.to_listen_to(seen):
            heard = partial(self._heard, cable, endpoint, leg)
            cable.send(phone_watch.statistics(leg), heard)

    def _heard(self, cable: Cable, endpoint: str, leg: str, answer: rest.Response) -> None:
        heard = phone_watch.packets(answer)
        lost = self._phones.is_lost(leg, heard, self._schedule.now)
        if lost and cable is self._cable:
            self._put(PhoneLost(endpoint=endpoint))

    def _listen(self, life: int) -> None:
        """To silent legs, as ari/asterisk.py does."""
        if not self.alive or life != self._life:
            return
        if self._cable and self.connected and self.frozen_since is None:
            while self._silence.is_due(self._schedule.now):
                leg = self._silence.next_leg(self._schedule.now)
                counted = partial(self._counted, self._cable, leg, self._schedule.now)
                self._cable.send(phone_watch.statistics(leg), counted)
        self._schedule.after(PULSE_SECONDS, lambda: self._listen(life))

    def _counted(self, cable: Cable, leg: str, asked_at: float, answer: rest.Response) -> None:
        now = self._schedule.now
        silent = self._silence.is_silent(leg, phone_watch.packets(answer), asked_at, now)
        if silent and cable is self._cable:
            cable.send(rest.ask_leg(leg), lambda response: None)

    def _beat(self, life: int) -> None:
        if not self.alive or life != self._life:
            return
        if self._cable and self.connected and self.frozen_since is None:
            clock = self._exchange.clock
            seconds = clock.epoch + int(self._schedule.now)
            self._cable.send(rest.set_global(VARIABLE, str(seconds)), lambda response: None)
        self._schedule.after(PULSE_SECONDS, lambda: self._beat(life))
