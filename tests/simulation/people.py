"""Who plays: citizens who call and may lose patience, operators who may or may not pick up.

Each person knows only what a person knows: that the phone rings, that somebody is on the line,
that it has become silent. Nobody here looks into the engine.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from callcenter.ari.translate import ours
from callcenter.core.events import (
    CallbackCancelled,
    ConsultAsked,
    ConsultDecided,
    Decision,
    Event,
    HangUpAsked,
    OperatorLoggedIn,
    OperatorLoggedOut,
    OperatorPaused,
    OperatorResumed,
    ParkAsked,
    PickUpAsked,
    RecordingPauseAsked,
    TransferAsked,
)
from callcenter.core.ids import CallId, OperatorId, QueueName, call_of_offer
from callcenter.core.legs import OfferLeg
from tests.fake_asterisk.parts import Row
from tests.legs import call_of_leg, is_line
from tests.simulation.exchange import Exchange
from tests.simulation.schedule import Schedule
from tests.simulation.script import BACK, CASE, DIDS, START, Script, has_areas, rings_several

SILENCE_SECONDS = 7.0  # alone on the line for so long, a person hangs up
ASK_AGAIN_SECONDS = 3.0  # how long after pressing a button that did nothing
LOOK_SECONDS = 10.0  # how often operators look at their consoles
GIVES_ON_SHARE = 0.3  # of the talks that the operator ends
CONSULTS_SHARE = 0.4  # the same
PARKS_SHARE = 0.4  # the same
QUEUE_SHARE = 0.3  # of these, a queue is asked first
THINKS_SECONDS = 12.0  # an operator who asks a colleague, before the next button
RACES_SHARE = 0.4  # of phones that ring for the same caller when one is answered
SECRETS_PER_SECOND = 0.1  # of the whole town, where talks are recorded
WORST_SECONDS = 0.01  # how near to a hand-off the worst moments are

CHOICES = ("callback_in_turn", "callback_hour", "callback_not_then", "callback_at")
"""What begins a question of when to be called back."""


class Caller:
    """One citizen's call."""

    def __init__(self, town: "Town", leg: str, did: str, number: str) -> None:
        self.leg = leg
        self.did, self.number = did, number
        self.on_line = True
        self.talks_with = ""
        self._town = town

    @property
    def call(self) -> CallId:
        """The call as the service names it: also when it is the service that called."""
        return CallId(call_of_leg(self.leg))

    def hang_up(self) -> None:
        """Puts the phone down; at most once."""
        if self.on_line:
            self.on_line = False
            self._town.caller_hangs_up(self)

    def with_somebody(self, other: str) -> None:
        """An operator's voice, or silence (empty)."""
        before, self.talks_with = self.talks_with, other
        if other and other != before:
            talk_seconds = self._town.rng.expovariate(1 / self._town.script.habits.talk_seconds)
            self._town.schedule.after(talk_seconds, lambda: self._said_all(other))
        elif before and not other:
            self._town.schedule.after(SILENCE_SECONDS, self._hears_nothing)
            self._town.answers_survey(self)
            self._town.perhaps_needs_more(self)

    def _said_all(self, other: str) -> None:
        if self.on_line and self.talks_with == other:
            if self._town.rng.random() < 0.5:
                self.hang_up()
            else:
                self._town.end_from_the_other_side(other, self)

    def _hears_nothing(self) -> None:
        if self.on_line and not self.talks_with and not self._town.hears_music(self.leg):
            self.hang_up()


class Operator:
    """One operator with a phone and a console."""

    def __init__(
        self, town: "Town", name: OperatorId, queues: tuple[QueueName, ...], *, open_line: bool
    ) -> None:
        self.name = name
        self.endpoint = f"PJSIP/{name}"
        self.queues = queues
        self.open_line = open_line
        self.at_work = False
        self.paused = False
        self.has_power = True
        self.ringing: dict[str, None] = {}
        self.talking = ""  # the leg that is up
        self.asks_until = 0.0  # a colleague, and knows why it is silent
        self._town = town

    # --- the phone ---------------------------------------------------------------------------

    def rings(self, leg: str) -> None:
        """An INVITE."""
        town, habits, rng = self._town, self._town.script.habits, self._town.rng
        if not self.has_power:
            return
        if self.talking:
            town.schedule.after(0.02, lambda: town.refuse(leg, 486))
            return
        self.ringing[leg] = None
        chance = rng.random()
        if chance < habits.ignores:
            return
        delay = rng.uniform(0.0, habits.answer_seconds)
        if chance < habits.ignores + habits.declines:
            town.schedule.after(delay, lambda: self._decline(leg))
        else:
            town.schedule.after(delay, lambda: self.pick_up(leg))

    def _decline(self, leg: str) -> None:
        if leg in self.ringing:
            del self.ringing[leg]
            self._town.refuse(leg, 603)

    def pick_up(self, leg: str) -> None:
        """Answers, if it still rings."""
        if leg not in self.ringing or self.talking:
            return
        del self.ringing[leg]
        if self._town.pick_up(leg):
            self.talking = leg
            if not is_line(leg):  # where it is silent between the callers
                self._town.schedule.after(SILENCE_SECONDS, lambda: self._alone(leg))
            if self._town.rng.random() < self._town.script.habits.slips:
                slip = self._town.rng.random() * WORST_SECONDS
                self._town.schedule.after(slip, lambda: self.hang_up(leg))

    def dies(self) -> None:
        """The phone has no power: neither a word nor a ring."""
        self.has_power = False
        self.talking = ""
        self.ringing.clear()

    def lives(self) -> None:
        """It has power again, and its operator says that all is well."""
        self.has_power = True
        self.press_resume()

    def silenced(self, leg: str) -> None:
        """The ringing stopped. Who missed a call comes back to the desk some time later."""
        if leg in self.ringing:
            del self.ringing[leg]
            pause = self._town.rng.uniform(1.0, 20.0)
            self._town.schedule.after(pause, self.press_resume)

    def hang_up(self, leg: str) -> None:
        """Puts the phone down."""
        if self.talking == leg:
            self.talking = ""
            self._town.operator_hangs_up(leg)

    def cut_off(self, leg: str) -> None:
        """The line went dead."""
        self.ringing.pop(leg, None)
        if self.talking == leg:
            self.talking = ""

    def _alone(self, leg: str) -> None:
        if self.talking == leg:
            alone = not self._town.partner_of(leg)
            if alone and self._town.hears_ringing(leg):
                self._town.schedule.after(SILENCE_SECONDS, lambda: self._alone(leg))
            elif alone and self._town.schedule.now >= self.asks_until:
                self.hang_up(leg)
            else:
                self._town.schedule.after(SILENCE_SECONDS, lambda: self._alone(leg))

    # --- the console -------------------------------------------------------------------------

    def log_in(self) -> None:
        """Sit down; tried again while the service does not take it."""
        event = OperatorLoggedIn(
            operator=self.name,
            endpoint=self.endpoint,
            queues=self.queues,
            open_line=self.open_line,
            skills=self._town.script.skills.get(self.name, ()),
        )
        if self._town.console(event):
            self.at_work, self.paused = True, False
        else:
            self._town.schedule.after(1.0, self.log_in)

    def log_out(self) -> None:
        """Go home for a while."""
        if self.at_work and self._town.console(OperatorLoggedOut(operator=self.name)):
            self.at_work = False
            self._town.schedule.after(self._town.rng.uniform(1.0, 30.0), self.log_in)

    def pause(self) -> None:
        """Have a break."""
        if self.at_work and self._town.console(OperatorPaused(operator=self.name, reason="tea")):
            self.paused = True
            self._town.schedule.after(self._town.rng.uniform(1.0, 30.0), self.press_resume)

    def press_resume(self) -> None:
        """Want calls again; tried again while the service does not take it."""
        if not self.at_work:
            return
        if self._town.console(OperatorResumed(operator=self.name)):
            self.paused = False
        else:
            self._town.schedule.after(1.0, self.press_resume)

    def look_at_the_console(self) -> None:
        """Now and then: who is paused for not answering, and is there, says so."""
        shown = self._town.console_shows(self.name)
        if self.at_work and not self.paused and shown in ("rona", "line", "phone_lost"):
            self.press_resume()
        self._town.schedule.after(LOOK_SECONDS, self.look_at_the_console)

    def do_something(self) -> None:
        """Whatever people do at consoles."""
        can = [self.log_out, self.pause, self.press_resume, self.ask_end]
        if self._town.script.open_lines:
            can.append(self.change_the_phone)
        self._town.rng.choice(can)()

    def change_the_phone(self) -> None:
        """With an open line from now on, or without; also in the middle of a talk."""
        self.open_line = not self.open_line
        if self.at_work:
            self.log_in()

    def ask_end(self) -> None:
        """End the talk from the console."""
        self._town.console(HangUpAsked(operator=self.name))

    def give_on(self, caller: "Caller") -> None:
        """To a queue, or to somebody who may be busy or at home; else hang up, some time later."""
        town = self._town
        to = town.rng.choice([None, *town.operators])
        queue = town.rng.choice([None, *town.script.site.queues])
        call = caller.call
        town.console(TransferAsked(operator=self.name, call=call, queue=queue, to=to))
        leg = self.talking
        town.schedule.after(SILENCE_SECONDS, lambda: self._still_there(caller, leg))

    def park(self, caller: "Caller") -> None:
        """Then somebody picks the call up, or several do at once, or nobody; if no place was free,
        the caller hangs up some time later."""
        town, rng, leg = self._town, self._town.rng_of_parking, self.talking
        town.console(ParkAsked(operator=self.name, call=caller.call))
        for _ in range(rng.choice([0, 1, 1, 3])):
            after = rng.choice([0.01, 1.0, rng.uniform(0.0, 60.0)])
            name = rng.choice([self.name, *town.operators])
            asked = PickUpAsked(operator=name, call=caller.call)
            town.schedule.after(after, partial(town.console, asked))
        town.schedule.after(SILENCE_SECONDS, lambda: self._still_there(caller, leg))

    def consult(self, caller: "Caller") -> None:
        """Ask one after the other until somebody is free; then press one button or another."""
        town, call = self._town, caller.call
        asked = town.rng.sample(list(town.operators), len(town.operators))
        if town.rng_of_queues.random() < QUEUE_SHARE:  # whoever is free there
            queue = town.rng_of_queues.choice([*town.script.site.queues])
            town.console(ConsultAsked(operator=self.name, call=call, queue=queue))
        for to in asked:
            town.console(ConsultAsked(operator=self.name, call=call, to=to))
        self._think(caller, self.talking)

    def _think(self, caller: "Caller", leg: str) -> None:
        town = self._town
        seconds = town.rng.choice([0.01, 1.0, THINKS_SECONDS]) * town.rng.random()
        self.asks_until = town.schedule.now + seconds + 1.0
        town.schedule.after(seconds, lambda: self._press_something(caller, leg))

    def _press_something(self, caller: "Caller", leg: str) -> None:
        if not caller.on_line or self.talking != leg:
            return
        call, what = caller.call, self._town.rng.choice([*Decision, *Decision, None])
        if what is not None:
            self._town.console(ConsultDecided(operator=self.name, call=call, decision=what))
        elif is_line(leg) or self._town.rng.random() < 0.3:
            self._town.console(HangUpAsked(operator=self.name, call=call))
        else:
            self.hang_up(leg)
        self._think(caller, leg)

    def _still_there(self, caller: "Caller", leg: str) -> None:
        if caller.on_line and self.talking == leg == caller.talks_with:
            caller.hang_up()

    def end_with_the_button(self, caller: "Caller") -> None:
        """On an open line: pressed again until this caller is gone."""
        if caller.on_line and caller.talks_with == self.talking:
            self.ask_end()
            again = self._town.schedule.after
            again(ASK_AGAIN_SECONDS, lambda: self.end_with_the_button(caller))


class Town:
    """All the people, and their telephone lines."""

    def __init__(self, schedule: Schedule, rng: Random, exchange: Exchange, script: Script) -> None:
        self.schedule = schedule
        self.rng = rng
        self.script = script
        self.console: Callable[[Event], bool] = lambda event: False
        self.console_shows: Callable[[OperatorId], str] = lambda name: ""
        self.on_arrival: Callable[[str, str, str], None] = lambda leg, did, number: None
        self.on_pick_up: Callable[[], None] = lambda: None
        self.on_hold: Callable[[str, bool], None] = lambda leg, on: None
        self.on_caller_hang_up: Callable[[str], None] = lambda leg: None
        self.on_key: Callable[[str, str], None] = lambda leg, key: None
        self.on_cancelled: Callable[[str], None] = lambda call: None
        self.callers: dict[str, Caller] = {}
        self.operators = {
            name: Operator(self, name, queues, open_line=name in script.open_lines)
            for name, queues in script.operators.items()
        }
        self._exchange = exchange
        self._of_endpoint = {x.endpoint: x for x in self.operators.values()}
        self._of_leg: dict[str, Operator] = {}  # operator legs
        self._numbers: dict[str, tuple[str, str]] = {}  # of callers, and what they dialled
        self._rung_back: dict[str, str] = {}  # citizens' phones that we ring, and their calls
        self.rng_of_queues = Random(f"asked queues of {script.seed}")  # its own, as in script.py
        self.rng_of_parking = Random(f"parking of {script.seed}")  # its own, as in script.py
        self._rng_of_secrets = Random(f"secrets of {script.seed}")  # its own, as in script.py
        self._rng_of_holds = Random(f"holds of {script.seed}")  # its own, as in script.py

    # --- the day -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Everybody sits down, and the first caller is on the way."""
        for operator in self.operators.values():
            self.schedule.after(self.rng.uniform(0.0, 3.0), operator.log_in)
            self.schedule.after(LOOK_SECONDS, operator.look_at_the_console)
        self._next_caller()
        self._next_whim()
        self._next_secret()

    def _next_caller(self) -> None:
        pause = self.rng.expovariate(self.script.habits.calls_per_second)
        if self.schedule.now + pause < self.ends_at:
            self.schedule.after(pause, self._somebody_calls)

    def _somebody_calls(self) -> None:
        if self._exchange.up:
            did = self.rng.choice(DIDS) if self.rng.random() < 0.97 else "999"
            number = self._from_where(f"08{self.rng.randrange(10**8):08}")
            self._exchange.do(lambda: self._call(did, number))
        self._next_caller()

    def _from_where(self, number: str) -> str:
        """Where areas count, most call from a fixed line."""
        if not has_areas(self.script.seed):
            return number
        rng = Random(f"area of {number}")  # its own: all else is as it is without areas
        begins = rng.choice(["02", "045", "0456", "053", ""])
        return f"{begins}{number[2:]}"[:9] if begins else number

    def _call(self, did: str, number: str) -> None:
        leg = self._exchange.call_in(did, number)
        caller = self.callers[leg] = Caller(self, leg, did, number)
        self._numbers[leg] = did, number
        self.on_arrival(leg, did, number)
        self._presses_keys(leg, did)
        patience = self.rng.expovariate(1 / self.script.habits.patience_seconds)
        if self.rng.random() < 0.05:
            patience = self.rng.random() * 0.01 + self.script.greeting_seconds
        self.schedule.after(min(patience, 300.0), lambda: self._out_of_patience(caller))

    def _presses_keys(self, leg: str, did: str) -> None:
        """Some know what they want, some press anything, some nothing."""
        line = self.script.site.line_of_did.get(did)
        if line is None or line.menu is None:
            return
        rng = Random(f"keys of {leg}")  # its own: everything else is as it is without a menu
        for _ in range(rng.choice([0, 1, 3, 6])):
            at = self.script.greeting_seconds + rng.uniform(0.0, 15.0)
            key = rng.choice("1112229*#0")
            self.schedule.after(at, partial(self._press, leg, key))
        if CASE in line.menu.steps:
            self._types_a_number(leg)
        if BACK in line.menu.steps:
            self._asks_about_the_callback(leg)

    def _asks_about_the_callback(self, leg: str) -> None:
        """Half of the callers want to know whether they will be called back. Some do not want to
        be."""
        rng = Random(f"callback of {leg}")  # its own: all else is as it is without
        if rng.random() < 0.5:
            return
        at = self.script.greeting_seconds + rng.uniform(0.0, 6.0)
        for key in "7" + rng.choice(["", "", "9", "9", "0", "1", "99", "90", "7"]):
            self.schedule.after(at, partial(self._press, leg, key))
            at += rng.uniform(0.2, 6.0)

    def _types_a_number(self, leg: str) -> None:
        """Half of the callers want to know how far their case is, some of them twice."""
        rng = Random(f"case of {leg}")  # its own: all else is as it is without
        if rng.random() < 0.5:
            return
        at = self.script.greeting_seconds + rng.uniform(0.0, 6.0)
        keys = "8" + "".join(rng.choice("0123456789") for _ in range(rng.choice([0, 4, 11, 11])))
        keys += rng.choice(["#", "#", "", "*"]) + rng.choice(["", "", "0", "1", "1123#0"])
        for key in keys:
            at += rng.uniform(0.2, 2.0)
            self.schedule.after(at, partial(self._press, leg, key))

    def answers_survey(self, caller: Caller) -> None:
        """Who is left by the operator, and may be asked how it was: some press a key, some any,
        some hang up."""
        line = self.script.site.line_of_did.get(caller.did)
        if line is None or not line.survey or not caller.on_line:
            return
        rng = Random(f"survey of {caller.leg}")  # its own: all else is as it is without surveys
        if rng.random() < 0.2:
            self.schedule.after(rng.uniform(0.0, 12.0), caller.hang_up)
        for _ in range(rng.choice([0, 1, 1, 2])):
            key = rng.choice("1234512345079#")
            self.schedule.after(rng.uniform(0.0, 15.0), partial(self._press, caller.leg, key))

    def leaves_message(self, caller: Caller) -> None:
        """Who is asked for a message: some press #, some hang up meanwhile."""
        rng = Random(f"message of {caller.leg}")  # its own: all else is as it is without
        if rng.random() < 0.4:
            self.schedule.after(rng.uniform(0.0, 15.0), caller.hang_up)
        if rng.random() < 0.4:
            at = rng.uniform(0.0, 15.0)
            self.schedule.after(at, partial(self._press, caller.leg, rng.choice("##15")))

    def _press(self, leg: str, key: str) -> None:
        self.on_key(leg, key)
        self._exchange.do(lambda: self._exchange.press(leg, key))

    def _out_of_patience(self, caller: Caller) -> None:
        if not caller.talks_with:
            caller.hang_up()
            if self.script.redials:
                self._perhaps_calls_again(caller)

    def perhaps_needs_more(self, caller: Caller) -> None:
        """Who has talked may call again."""
        if self.script.knows_again:
            rng = Random(f"more of {caller.leg}")  # its own: all else is as it is without
            if rng.random() < 0.8 and self.schedule.now < self.ends_at:
                again = partial(self._calls_again, caller.did, caller.number)
                self.schedule.after(rng.uniform(2.0, 25.0), again)

    def _perhaps_calls_again(self, caller: Caller) -> None:
        rng = Random(f"redial of {caller.leg}")  # its own: else all is as it is without redials
        if rng.random() < 0.6 and self.schedule.now < self.ends_at:
            again = partial(self._calls_again, caller.did, caller.number)
            self.schedule.after(rng.uniform(0.5, 40.0), again)

    def _calls_again(self, did: str, number: str) -> None:
        if self._exchange.up and self.schedule.now < self.ends_at:
            self._exchange.do(lambda: self._call(did, number))

    # --- being called back -------------------------------------------------------------------

    def begins_to_hear(self, leg: str, media: list[str]) -> None:
        """Who is told that a callback can be had, or is asked for a key, presses one or does not.
        What a person does is drawn for this leg alone: all else is as it is without callbacks."""
        name, rng = media[0].rpartition("/")[2], Random(f"hears {leg}")
        if name == "callback_offer" and rng.random() < 0.7:
            self.schedule.after(rng.uniform(0.0, 4.0), partial(self._press, leg, "2"))
            self._thinks_again(leg, rng)
        elif name == "voicemail" and leg in self.callers:
            self.leaves_message(self.callers[leg])
        elif name in CHOICES:
            self._chooses(leg, name, rng)
        elif name == "callback_here" and rng.random() < 0.7:
            key = rng.choice("1111112*")
            self.schedule.after(rng.uniform(0.0, 6.0), partial(self._press, leg, key))

    def _chooses(self, leg: str, name: str, rng: Random) -> None:
        """When to be called back: some say nothing, some type an hour that cannot be."""
        keys = {
            "callback_in_turn": rng.choice(["1", "2", "2", "2", "", "7"]),
            "callback_at": rng.choice(["1", "1", "1", "2", ""]),
        }.get(name, f"{rng.choice([*range(8), 8, 9, 23, 77]):02d}")
        at = rng.uniform(0.0, 3.0)
        for key in keys[: rng.choice([1, 2, 2, 2])]:
            self.schedule.after(at, partial(self._press, leg, key))
            at += rng.uniform(0.1, 8.0)

    def _thinks_again(self, leg: str, rng: Random) -> None:
        """Some call again meanwhile, some ask a supervisor to let it be."""
        chance, later = rng.random(), rng.uniform(4.0, 40.0)
        if chance < 0.2:
            self.schedule.after(later, partial(self._calls_again, *self._numbers[leg]))
        elif chance < 0.3:
            self.schedule.after(later, partial(self._cancel, leg))

    def _cancel(self, leg: str) -> None:
        self.on_cancelled(leg)
        self.console(CallbackCancelled(call=CallId(leg)))

    def _citizen_is_rung(self, leg: str) -> None:
        """Not there, busy, in no mood, out of reach; or somebody or a machine picks up."""
        call, rng = call_of_leg(leg), Random(f"rung {leg}")
        self._rung_back[leg] = call
        chance, after = rng.random(), rng.uniform(0.0, 6.0)
        if chance < 0.15:
            return
        if chance < 0.4:
            status = rng.choice([486, 603, 503, 404, 480])
            self.schedule.after(after, partial(self.refuse, leg, status))
        else:
            self.schedule.after(after, partial(self._citizen_answers, leg, rng))

    def _citizen_answers(self, leg: str, rng: Random) -> None:
        done: list[bool] = []
        self._exchange.do(lambda: done.append(self._exchange.answer(leg)))
        if not done[0]:
            return
        caller = self.callers[leg] = Caller(self, leg, *self._numbers[call_of_leg(leg)])
        self.on_pick_up()
        if rng.random() < 0.1:
            self.schedule.after(rng.choice([0.0005, 0.002, 3.0]), caller.hang_up)
        patience = rng.expovariate(1 / self.script.habits.patience_seconds)
        self.schedule.after(min(patience, 300.0), partial(self._out_of_patience, caller))

    def _next_secret(self) -> None:
        """Where talks are recorded somebody has the recording paused, or goes on with it."""
        rng = self._rng_of_secrets
        if any(line.record for line in self.script.site.lines.values()):
            self.schedule.after(rng.expovariate(SECRETS_PER_SECOND), self._secret)

    def _secret(self) -> None:
        rng = self._rng_of_secrets
        talking = [caller for caller in self.callers.values() if caller.talks_with]
        self._hold_key(talking)
        if talking:
            caller = rng.choice(talking)
            operator, on = self._of_leg.get(caller.talks_with), rng.random() < 0.6
            if operator:
                call = caller.call
                self.console(RecordingPauseAsked(operator=operator.name, call=call, on=on))
        if self.schedule.now < self.ends_at:
            self._next_secret()

    def _hold_key(self, talking: list["Caller"]) -> None:
        """One of two who talk presses it, and after a while again."""
        rng = self._rng_of_holds
        if not talking or rng.random() < 0.5:
            return
        caller = rng.choice(talking)
        leg, call = rng.choice([caller.leg, caller.talks_with]), caller.call
        seconds = rng.choice([0.01, 0.3, 10.0]) * rng.random()
        self._hold(leg, call, on=True)
        self.schedule.after(seconds, partial(self._hold, leg, call, on=False))

    def _hold(self, leg: str, call: str, *, on: bool) -> None:
        channel = self._exchange.channels.get(leg)
        if channel is not None and channel.in_app and not (channel.ending or channel.is_dead):
            self.on_hold(call if leg not in self._of_leg else leg, on)
            self._exchange.do(lambda: self._exchange.hold(leg, on=on))

    def _next_whim(self) -> None:
        rate = self.script.habits.restless * len(self.operators)
        if rate:
            pause = self.rng.expovariate(rate)
            if self.schedule.now + pause < self.ends_at:
                self.schedule.after(pause, self._whim)

    def _whim(self) -> None:
        self.rng.choice(list(self.operators.values())).do_something()
        self._next_whim()

    @property
    def ends_at(self) -> float:
        """When nobody calls any more."""
        return START + self.script.seconds

    # --- what people do ----------------------------------------------------------------------

    def caller_hangs_up(self, caller: Caller) -> None:
        """BYE."""
        if caller.talks_with:
            self.perhaps_needs_more(caller)
        self.on_caller_hang_up(caller.leg)
        self.callers.pop(caller.leg, None)
        self._exchange.do(lambda: self._exchange.hang_up(caller.leg))

    def has_power(self, endpoint: str) -> bool:
        """Whether the phone has any."""
        return self._of_endpoint[endpoint].has_power

    def operator_hangs_up(self, leg: str) -> None:
        """BYE."""
        self._exchange.do(lambda: self._exchange.hang_up(leg))

    def end_from_the_other_side(self, leg: str, caller: Caller) -> None:
        """The operator puts the phone down, or presses the button on the console."""
        operator = self._of_leg.get(leg)
        if operator and operator.talking == leg:
            if self.script.parks and self.rng_of_parking.random() < PARKS_SHARE:
                operator.park(caller)
            elif self.script.consults and self.rng.random() < CONSULTS_SHARE:
                operator.consult(caller)
            elif self.script.gives_on and self.rng.random() < GIVES_ON_SHARE:
                operator.give_on(caller)
            elif is_line(leg) and self.rng.random() < 0.9:
                operator.end_with_the_button(caller)
            elif self.rng.random() < 0.2:
                operator.ask_end()
                self.schedule.after(SILENCE_SECONDS, lambda: operator.hang_up(leg))
            else:
                operator.hang_up(leg)

    def pick_up(self, leg: str) -> bool:
        """200 OK; False when it was too late."""
        done: list[bool] = []
        self._exchange.do(lambda: done.append(self._exchange.answer(leg)))
        if done[0]:
            self.on_pick_up()
            self._worst_moment(leg)
            self._others_pick_up_too(leg)
        return done[0]

    def _others_pick_up_too(self, leg: str) -> None:
        """Where several phones ring for a caller: now and then two answer in the same moment."""
        ring = ours(leg)
        if not rings_several(self.script.seed) or not isinstance(ring, OfferLeg):
            return
        rng = Random(f"race of {leg}")  # its own: all else is as it is without
        for operator in self.operators.values():
            for other in list(operator.ringing):
                of = ours(other)
                same = isinstance(of, OfferLeg) and call_of_offer(of.offer) == call_of_offer(
                    ring.offer
                )
                if same and rng.random() < RACES_SHARE:
                    after = rng.random() * WORST_SECONDS
                    self.schedule.after(after, partial(operator.pick_up, other))

    def refuse(self, leg: str, status: int) -> None:
        """486, 603."""
        self._exchange.do(lambda: self._exchange.refuse(leg, status))

    def _worst_moment(self, leg: str) -> None:
        ring = ours(leg)
        of = call_of_offer(ring.offer) if isinstance(ring, OfferLeg) else ""
        caller = self.callers.get(of) or self._called_back(of)
        if caller and self.rng.random() < self.script.habits.worst_moment:
            self.schedule.after(self.rng.random() * WORST_SECONDS, caller.hang_up)

    def _called_back(self, call: str) -> Caller | None:
        legs = [leg for leg, of in self._rung_back.items() if of == call]
        return self.callers.get(legs[-1]) if legs else None

    # --- what people notice ------------------------------------------------------------------

    def rings(self, leg: str, endpoint: str) -> None:
        """A phone rings."""
        operator = self._of_endpoint.get(endpoint)
        if operator is None:
            self._citizen_is_rung(leg)
            return
        self._of_leg[leg] = operator
        self._worst_moment(leg)
        operator.rings(leg)

    def silenced(self, leg: str) -> None:
        """A phone stops ringing."""
        if leg in self._of_leg:
            self._of_leg[leg].silenced(leg)

    def hung_up(self, leg: str) -> None:
        """A line goes dead."""
        caller = self.callers.pop(leg, None)
        if caller:
            caller.on_line = False
        elif leg in self._of_leg:
            self._of_leg[leg].cut_off(leg)

    def joined(self, legs: list[str], left: str) -> None:
        """Who is together in a bridge."""
        if left in self.callers:
            self.callers[left].with_somebody("")
        operator_legs = [leg for leg in legs if leg in self._of_leg]
        for leg in legs:
            if leg in self.callers:
                other = operator_legs[0] if operator_legs else ""
                if is_line(other) and not self.callers[leg].talks_with:
                    self._handed_over(self.callers[leg])
                self.callers[leg].with_somebody(other)

    def _handed_over(self, caller: Caller) -> None:
        """On an open line nobody picks up: this is the worst moment there."""
        self.on_pick_up()
        if self.rng.random() < self.script.habits.worst_moment:
            self.schedule.after(self.rng.random() * WORST_SECONDS, caller.hang_up)

    def row(self, row: Row) -> None:
        """People do not read ledgers."""

    def hears_music(self, leg: str) -> bool:
        """Whether the caller hears anything."""
        channel = self._exchange.channels.get(leg)
        return channel is not None and channel.music

    def hears_ringing(self, leg: str) -> bool:
        """Whether a citizen is called back for the operator."""
        channel = self._exchange.channels.get(leg)
        return channel is not None and channel.playing.startswith("ringing-")

    def partner_of(self, leg: str) -> str:
        """The caller an operator's leg is joined with; empty when alone."""
        channel = self._exchange.channels.get(leg)
        if channel is None or not channel.bridge:
            return ""
        return next((x for x in self._exchange.bridges[channel.bridge] if x != leg), "")
