"""One play: everybody is put together, faults strike, the auditor watches, it ends well or not."""

from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random

from callcenter.core.engine import Engine, Step
from callcenter.core.events import (
    CallbackHoursSeen,
    Event,
    HoursSeen,
    LedgerRead,
    NewsSwitched,
    Stage,
    TimePassed,
)
from callcenter.core.facts import Fact
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.invariants import broken
from callcenter.telemetry.metrics import Metrics
from tests.fake_asterisk.parts import Faults, Row, Timing
from tests.simulation.auditor import Auditor, Wrong
from tests.simulation.cable import Weather
from tests.simulation.exchange import Exchange
from tests.simulation.people import Operator, Town
from tests.simulation.schedule import Schedule
from tests.simulation.script import START, Fault, Script, write_script
from tests.simulation.service import Service
from tests.unit.core.picture import as_restarted, picture

INVARIANTS_EVERY = 37  # steps: they look at everything, which takes longer than a step
LAST_CALLERS_SECONDS = 3600.0  # by then the last caller must be gone
HAND_OFF_SECONDS = 0.01  # how long a hand-off takes, and a little
EVERYDAY = ("not joined", "half joined")  # Asterisk does that at its best: all must hold meanwhile
HISTORY = 80

HOUR_SECONDS, OPEN_HOURS = 8.0, 16


class Failed(AssertionError):
    """A play that went wrong: the seed, the sentence, and what happened last."""

    def __init__(self, script: Script, why: str, history: str) -> None:
        hours = script.seconds / 3600.0
        super().__init__(
            f"{history}\nseed {script.seed}: {why}\n"
            f"again: python -m tests.simulation --seed {script.seed} --hours {hours:g}"
        )


class Play:
    """One script, played once."""

    def __init__(self, script: Script, *, keep_facts: bool = False) -> None:
        self.script = script
        self.schedule = Schedule(START)
        rng = Random(script.seed + 1)
        timing = Timing(greeting=script.greeting_seconds, end=script.hang_up_seconds)
        self.exchange = Exchange(self.schedule, Random(rng.random()), timing)
        self.exchange.advance(START)
        self.weather = Weather()
        self.service = Service(
            self.schedule, Random(rng.random()), self.exchange, self.weather, script.site
        )
        self.town = Town(self.schedule, Random(rng.random()), self.exchange, script)
        self.auditor = Auditor(self.schedule, self.exchange, script)
        self.metrics = self._new_metrics()
        self.facts: list[Fact] | None = [] if keep_facts else None
        self._rng = rng
        self._rng_of_deaths = Random(f"deaths of {script.seed}, played")
        self._history: deque[tuple[float, object]] = deque(maxlen=HISTORY)
        self._armed: list[Fault] = []
        self._is_quiet = False
        self._connect_the_people()

    def _connect_the_people(self) -> None:
        self.exchange.witnesses = [self.auditor, self.town, self]
        self.exchange.on_music = self.auditor.hears_music
        self.exchange.heard = self.auditor.heard
        self.service.on_step = self._on_step
        self.auditor.case_answers = self.service.case_answers
        self.auditor.measured = self.service.measured
        self.service.on_restore = self._on_restore
        self.town.console = self.service.tell
        self.town.console_shows = self._console_shows
        self.town.on_arrival = self.auditor.arrives
        self.town.on_cancelled = self.auditor.cancels
        self.exchange.begins_to_hear = self.town.begins_to_hear
        self.town.on_caller_hang_up = self.auditor.hangs_up
        self.town.on_pick_up = self._hand_off
        self.town.on_key = self.auditor.presses
        self.town.on_hold = self.auditor.holds

    # --- playing -----------------------------------------------------------------------------

    def run(self) -> "Play":
        """From the first to the last caller; raises Failed."""
        try:
            self._perform()
        except Wrong as wrong:
            raise Failed(self.script, str(wrong), self._told()) from wrong
        return self

    def _perform(self) -> None:
        self.service.start()
        self.town.begin()
        for fault in self.script.faults:
            self.schedule.at(START + fault.at, partial(self._prepare, fault))
        for at in self.script.deaths:
            self.schedule.at(START + at, self._phone_dies)
        for at, place, seconds in self.script.news:
            self.schedule.at(START + at, partial(self._switch_news, place, seconds))
        for at, status in self.script.carrier:
            self.schedule.at(START + at, partial(setattr, self.exchange, "carrier", status))
        for at, quiet in self.script.quiet:
            self.schedule.at(START + at, partial(self._hours_change, quiet))
        if self.script.site.callbacks.choose_hour:
            self._tell_callback_hours(0)
        if self.script.closes_at is not None:
            self.schedule.at(START + self.script.closes_at, self._close)
        self._each_second()
        self._roll_the_journal()
        self.schedule.run(START + self.script.seconds)
        self._armed.clear()
        limit = self.schedule.now + LAST_CALLERS_SECONDS
        while not self._is_over() and self.schedule.now < limit:
            self.schedule.run(self.schedule.now + 5.0)
        self.schedule.run(self.schedule.now + 15.0)
        self.auditor.close()
        self._is_well()

    def _close(self) -> None:
        """As the clock of the service tells it: again, when it was away."""
        seen = HoursSeen(closed=frozenset(self.script.site.queues), rostered={})
        self.auditor.closes()
        if not self.service.tell(seen):
            self.schedule.after(1.0, self._close)

    def _hours_change(self, quiet: bool) -> None:
        """As the clock of the service tells it: again, when it was away."""
        self._is_quiet = quiet
        self._tell_hours()

    def _tell_hours(self) -> None:
        seen = HoursSeen(closed=frozenset(), rostered={}, quiet=self._is_quiet)
        if self.service.tell(seen):
            self.auditor.is_quiet = self._is_quiet
        else:
            self.schedule.after(1.0, self._tell_hours)

    def _tell_callback_hours(self, hour: int) -> None:
        """A day in which an hour takes eight seconds, and nobody is called in the last third."""
        soon = [(hour + number) % 24 for number in range(1, 24)]
        open_ones = [(number, of) for number, of in enumerate(soon, 1) if of < OPEN_HOURS]
        hours = tuple((of, number * HOUR_SECONDS, of <= hour) for number, of in open_ones)
        seen = CallbackHoursSeen(hours=dict.fromkeys(self.script.site.queues, hours))
        if self.service.tell(seen):
            self.auditor.hours = {
                of: self.schedule.now + number * HOUR_SECONDS for number, of in open_ones
            }
            self.schedule.after(HOUR_SECONDS, partial(self._tell_callback_hours, (hour + 1) % 24))
        else:
            self.schedule.after(1.0, partial(self._tell_callback_hours, hour))

    def _switch_news(self, place: str, seconds: float | None) -> None:
        """A supervisor; one whose wish was not heard lets it be."""
        prompts = () if seconds == 0.0 else ("own_flood",)
        self.service.tell(
            NewsSwitched(place=place, prompts=prompts, more=("own_more",), seconds=seconds)
        )

    def _is_over(self) -> bool:
        calls = (
            self.service.alive and self.service.connected and not self.service.engine.state.calls
        )
        return calls and not self.town.callers and self.auditor.calm

    def _each_second(self) -> None:
        self.auditor.look_around()
        self.schedule.after(1.0, self._each_second)

    def _roll_the_journal(self) -> None:
        self.service.roll_the_journal()
        self.schedule.after(self._rng.uniform(5.0, 60.0), self._roll_the_journal)

    def _is_well(self) -> None:
        wrong = broken(self.service.engine.state)
        if wrong:
            raise Wrong("; ".join(wrong))

    # --- witnessing --------------------------------------------------------------------------

    def _on_step(self, event: Event, done: Step) -> None:
        if not isinstance(event, TimePassed):
            self._history.append((self.schedule.now, event))
        self._history.extend((self.schedule.now, fact) for fact in done.facts)
        self._history.extend((self.schedule.now, command) for command in done.commands)
        if self.facts is not None:
            self.facts += done.facts
        self.auditor.step(done, self.service.engine.state.letting_go)
        self.metrics.fold(done.facts)
        if self.metrics.mismatch:
            raise Wrong(f"the counting identities are off by {self.metrics.mismatch}")
        if self.service.steps % INVARIANTS_EVERY == 0:
            self._is_well()

    def _on_restore(self, before: Engine, after: Engine) -> None:
        """The journal's fold is the state that was lost."""
        self._history.append((self.schedule.now, "restored"))
        if as_restarted(before.state) != picture(after.state):
            raise Wrong(f"restored {picture(after.state)} from {picture(before.state)}")
        self.auditor.connected = False
        self.metrics = self._new_metrics()  # counted anew in every life, as the process does
        self._is_well()

    def _new_metrics(self) -> Metrics:
        return Metrics(self.script.site, self.service.engine.state, lambda: self.schedule.now)

    def _console_shows(self, name: OperatorId) -> str:
        operator = self.service.engine.state.operators.get(name)
        return operator.reason if operator else ""

    def rings(self, leg: str, endpoint: str) -> None:
        """For the history."""
        self._history.append((self.schedule.now, f"{endpoint} rings: {leg}"))

    def silenced(self, leg: str) -> None:
        """For the history."""
        self._history.append((self.schedule.now, f"silenced: {leg}"))

    def hung_up(self, leg: str) -> None:
        """For the history."""
        self._history.append((self.schedule.now, f"cut off: {leg}"))

    def joined(self, legs: list[str], left: str) -> None:
        """For the history."""
        self._history.append((self.schedule.now, f"together: {legs}, left: {left}"))

    def row(self, row: Row) -> None:
        """The ledger's reader finds it a moment later."""
        self.schedule.after(self._rng.uniform(0.2, 3.0), lambda: self._read_ledger(row))

    def _read_ledger(self, row: Row) -> None:
        read = LedgerRead(
            call=CallId(row.leg),
            did=row.did,
            caller=row.caller,
            stage=Stage(row.stage) if row.stage in list(Stage) else Stage.STASIS,
            answered=False,
            age_seconds=self.schedule.now - row.arrived_at,
            wait_seconds=row.ended_at - row.arrived_at,
            call_seconds=row.ended_at - row.arrived_at,
        )
        if not self.service.tell(read):
            self.schedule.after(1.0, lambda: self._read_ledger(row))

    def _told(self) -> str:
        return "\n".join(f"{at:12.4f}  {what}" for at, what in self._history)

    # --- faults ------------------------------------------------------------------------------

    def _prepare(self, fault: Fault) -> None:
        if fault.at_hand_off:
            self._armed.append(fault)
        else:
            self._strike(fault)

    def _hand_off(self) -> None:
        """A phone was picked up: the next ten milliseconds are the worst for anything to break."""
        if self._armed:
            fault = self._armed.pop()
            self.schedule.after(self._rng.random() * HAND_OFF_SECONDS, lambda: self._strike(fault))

    def _strike(self, fault: Fault) -> None:
        self._history.append((self.schedule.now, fault))
        if fault.kind not in EVERYDAY:
            self.auditor.trouble(fault.seconds)
        self._strikes[fault.kind](self, fault)

    def _kill_service(self, fault: Fault) -> None:
        if self.service.alive:
            self.service.kill()
            self.schedule.after(fault.seconds, self.service.start)

    def _kill_asterisk(self, fault: Fault) -> None:
        if self.exchange.up:
            self.auditor.asterisk_dies()
            self.exchange.go_down()
            self.service.asterisk_went_down()
            self.schedule.after(fault.seconds, self.exchange.come_up)

    def _cut(self, fault: Fault) -> None:
        if self.service.alive:
            self.service.cut()

    def _black_hole(self, fault: Fault) -> None:
        self.weather.hole_until = max(self.weather.hole_until, self.schedule.now + fault.seconds)
        self.schedule.after(3.25, self.service.notice_the_hole)

    def _freeze(self, fault: Fault) -> None:
        self.service.freeze()
        self.schedule.after(fault.seconds, self.service.thaw)

    def _slow(self, fault: Fault) -> None:
        self.weather.delay_seconds, self.weather.jitter_seconds = 0.05, 0.4
        self.schedule.after(fault.seconds, self._fast)

    def _fast(self) -> None:
        self.weather.delay_seconds, self.weather.jitter_seconds = 0.001, 0.0

    def _chances(self, fault: Fault, faults: Faults) -> None:
        self.exchange.faults = faults
        self.schedule.after(fault.seconds, self._no_chances)

    def _no_chances(self) -> None:
        self.exchange.faults = Faults()

    def _set_wall_clock(self, fault: Fault) -> None:
        self.exchange.clock.epoch += self._rng.choice([-3600, -60, 3600, 86400])
        self.exchange.clock._second = -1

    def _phone_away(self, fault: Fault) -> None:
        endpoint = f"PJSIP/{self._rng.choice(list(self.script.operators))}"
        away = self._rng.choice([self.exchange.dead, self.exchange.unregistered])
        away.add(endpoint)
        self.schedule.after(fault.seconds, lambda: self._phone_is_back(away, endpoint))

    def _phone_is_back(self, away: set[str], endpoint: str) -> None:
        if self.town.has_power(endpoint):
            away.discard(endpoint)

    def _phone_dies(self) -> None:
        """A phone in a talk loses its power; a while later it has it again."""
        talking = [one for one in self.town.operators.values() if one.talking]
        if not talking or not self.exchange.up:
            return
        operator = self._rng_of_deaths.choice(talking)
        self._history.append((self.schedule.now, f"{operator.endpoint} dies"))
        self.auditor.phone_dies(operator.endpoint)
        self.exchange.do(lambda: self.exchange.phone_dies(operator.endpoint))
        operator.dies()
        away = self._rng_of_deaths.uniform(2.0, 40.0)
        self.schedule.after(away, lambda: self._phone_lives(operator))

    def _phone_lives(self, operator: Operator) -> None:
        self.exchange.phone_lives(operator.endpoint)
        self.auditor.phone_lives(operator.endpoint)
        self.service.phone_registers(operator.endpoint)
        operator.lives()

    _strikes: dict[str, Callable[["Play", Fault], None]] = {
        "service killed": _kill_service,
        "asterisk killed": _kill_asterisk,
        "cut": _cut,
        "black hole": _black_hole,
        "frozen": _freeze,
        "slow": _slow,
        "server errors": lambda p, fault: p._chances(fault, Faults(server_error=0.2)),
        "answers lost": lambda p, fault: p._chances(fault, Faults(answer_lost=0.1)),
        "not joined": lambda p, fault: p._chances(fault, Faults(join_fails=0.3)),
        "half joined": lambda p, fault: p._chances(fault, Faults(join_halves=0.3)),
        "wall clock set": _set_wall_clock,
        "phone away": _phone_away,
    }


def play(seed: int, hours: float, *, keep_facts: bool = False) -> Play:
    """Write the script of a seed and play it; raises Failed."""
    return Play(write_script(seed, hours), keep_facts=keep_facts).run()
