"""A made-up day, told as facts: calls with every outcome, offers with every result, operators.

Plays to whoever folds facts (the metrics) and keeps its own plain counts, which the tests compare
with what Prometheus and SQL answer. Line 1669 has no call all day, 045-614545 has a few. Line 1567
has a menu. Some callers hear the message of the day, some are told how long they wait, some want to
be called back, some leave a message; and each queue had nobody on duty for a while.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from callcenter.core import facts as f
from callcenter.core.callback_states import CallbackWord
from callcenter.core.case_states import NO_STATE, CaseWord
from callcenter.core.facts import Fact, MenuEnding, OperatorState
from callcenter.core.fold import apply
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName, offer_id
from callcenter.core.menu import PERSON, CallbackStep, CaseStep, Choice, Menu, MenuStep, StepName
from callcenter.core.outcome import (
    BackResult,
    Diversion,
    EndedBy,
    Loss,
    OfferResult,
    Outcome,
    Rejection,
    VoicemailEnding,
)
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.site import Site
from callcenter.core.state import UNKNOWN_LINE, State
from callcenter.oversight.duty.model import Shift
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.oversight.service_level.rules import OFFERED
from tests.site import site

S = OperatorState
LEFT = (Outcome.ABANDONED, Outcome.ABANDONED_SHORT)
SILENT_LINE = LineName("1669")
SMALL_LINE, SMALL_CALLS = LineName("045-614545"), 12
MENU_LINE = LineName("1567")
LEFT_IN_MENU = 3
ASKED_FOR = (CaseWord.PROVINCE, CaseWord.PROVINCE, CaseWord.CLOSED, CaseWord.WRONG)
"""What was answered to who typed the number of a case."""
EXPECTED_SECONDS = 20.0
GREETING_SECONDS = 4.0
WRAPUP_SECONDS = 10.0
RINGING_SECONDS = 12.0  # that operators hear while a citizen is called back
OLDEST_WAIT_SECONDS = 90.0

MESSAGE_SECONDS = 20.0
PARKED = {1: False, 2: True}  # by place: whether the call is still there at the end of the day
PARKED_SECONDS = 45.0
NO_CALLBACK = ("not_reached", "cancelled", "claimed", "expired")
"""Why a caller who wanted to be called back was not."""

CALLBACK_ASKED = (CallbackWord.WAITING, CallbackWord.WAITING, CallbackWord.NONE)
"""What was answered to who asked about their callback."""
LANGUAGE, MATTER, CASE = StepName("language"), StepName("matter"), StepName("case")
BACK = StepName("callback")
MENU = Menu(
    first=LANGUAGE,
    steps={
        LANGUAGE: MenuStep(
            prompts=("menu.language",),
            choices={
                "1": Choice(step=MATTER),
                "2": Choice(),
                "7": Choice(step=BACK),
                "8": Choice(step=CASE),
            },
        ),
        BACK: CallbackStep(),
        CASE: CaseStep(),
        MATTER: MenuStep(prompts=("menu.matter",), choices={"1": Choice(), "2": Choice()}),
    },
)
IN_MENU: tuple[tuple[MenuEnding, tuple[tuple[str, str], ...], float], ...] = (
    (MenuEnding.CHOSEN, ((LANGUAGE, "1"), (MATTER, "2")), 6.0),
    (MenuEnding.PERSON, ((LANGUAGE, "1"), (MATTER, PERSON)), 12.0),
    (MenuEnding.NOTHING, (), 30.0),
)
"""What callers did in the menu, in turn: how they left it, step and key, and the seconds."""

MESSAGES = (VoicemailEnding.LEFT, VoicemailEnding.LEFT, *VoicemailEnding)
"""What came of the callers who were asked for a message."""

SURVEYS = ("5", "4", "silent", "1", "left", "5", "3")
"""What callers said who were asked, in turn."""

RULES = (
    OverflowRule(when=Diversion.LENGTH, to=OverflowTo.CALLBACK, over=20),
    OverflowRule(when=Diversion.LENGTH, to=OverflowTo.MESSAGE, over=40, message=("own_sorry",)),
)

Tell = Callable[[Fact], None]


def site_of_the_day() -> Site:
    """The small site, in which line 1567 has a menu, and its callers are asked how it was; queues
    have rules for new callers, and take messages."""
    now = site()
    line = replace(now.lines[MENU_LINE], menu=MENU, survey=True)
    queues = {
        name: replace(each, overflow_rules=RULES, voicemail=("voicemail",))
        for name, each in now.queues.items()
    }
    return replace(
        now,
        queues=queues,
        lines={**now.lines, MENU_LINE: line},
        line_of_did={**now.line_of_did, **dict.fromkeys(line.dids, line)},
    )


def shifts_of_the_day(now: datetime) -> list[Shift]:
    """Two who are there at the end of the day, one who is not, and one whose shift just begins."""
    hours = {("somchai", "damrong"): 4, ("anan", "gcc"): 4, ("prasert", "gcc"): 4}
    hours["naree", "gcc"] = 0
    return [
        Shift(
            id=number,
            uid=f"shift-{number}",
            queue=queue,
            operator=operator,
            begins_at=now - timedelta(hours=ago),
            ends_at=now + timedelta(hours=4),
            note="",
            version=1,
            planned_by="suda",
            planned_at=now - timedelta(days=1),
        )
        for number, ((operator, queue), ago) in enumerate(hours.items(), 1)
    ]


PEOPLE_OF_SHIFTS = {
    ("damrong", "present"): 1,
    ("damrong", "expected"): 0,
    ("damrong", "late"): 0,
    ("gcc", "present"): 1,
    ("gcc", "expected"): 1,
    ("gcc", "late"): 1,
}
"""What these shifts are at the end of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A call of the day that came out. `queue` is empty when it was never queued. `told`: what came
    of the wait that was said; `back`: of a callback; `survey`: the key, or how it ended
    without one; empty: there was none."""

    line: LineName
    queue: QueueName
    call: ScoredCall
    talk_seconds: float = 0.0
    told: str = ""
    back: str = ""
    survey: str = ""


@dataclass
class Day:
    """Plays the day; afterwards its fields say what happened."""

    site: Site
    tell: Tell
    now: float
    seed: int = 1
    played: list[Played] = field(default_factory=list)
    offers: Counter[tuple[QueueName, OfferResult]] = field(default_factory=Counter)
    waiting: Counter[QueueName] = field(default_factory=Counter)
    parked: Counter[QueueName] = field(default_factory=Counter)
    received: Counter[LineName] = field(default_factory=Counter)
    wrapups: Counter[QueueName] = field(default_factory=Counter)
    operators: dict[OperatorId, f.OperatorChanged] = field(default_factory=dict)
    ledger: Counter[bool] = field(default_factory=Counter)  # Asterisk's rows: known to us or not
    keys: Counter[tuple[LineName, str, str]] = field(default_factory=Counter)  # of the menu
    endings: Counter[tuple[LineName, MenuEnding]] = field(default_factory=Counter)
    lookups: Counter[tuple[LineName, CaseWord]] = field(default_factory=Counter)
    back_lookups: Counter[tuple[LineName, CallbackWord]] = field(default_factory=Counter)
    news: Counter[tuple[LineName, str]] = field(default_factory=Counter)
    tries: Counter[tuple[QueueName, str]] = field(default_factory=Counter)  # to call back
    # of these, those whose operator was rung before
    ringing: Counter[tuple[QueueName, str]] = field(default_factory=Counter)
    by_rule: Counter[tuple[QueueName, str, str]] = field(default_factory=Counter)
    diverted: Counter[tuple[QueueName, str]] = field(default_factory=Counter)
    messages: Counter[QueueName] = field(default_factory=Counter)
    voicemails: Counter[tuple[QueueName, VoicemailEnding]] = field(default_factory=Counter)
    uncovered: Counter[tuple[QueueName, str]] = field(default_factory=Counter)  # seconds; planned?

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._numbers = 0
        self._at = self.now - 80_000.0
        self._heard: set[CallId] = set()
        self._wants_call: set[CallId] = set()

    def staff(self) -> None:
        """Five operators log in: two to each queue, one to both."""
        damrong, gcc = (QueueName(name) for name in sorted(self.site.queues))
        queues = {
            "somchai": (damrong,),
            "malee": (damrong,),
            "anan": (gcc,),
            "kanya": (gcc,),
            "prasert": (damrong, gcc),
        }
        self.tell(f.AsteriskConnected(at=self._at, boot="1", adopted=0, missing=0))
        for queue in (damrong, gcc):
            self.tell(f.QueueRostered(at=self._at, queue=queue, operators=3))
            for planned in (True, False):
                self._nobody(queue, 0.0, planned=planned)  # counted from 0 on
        for name, served in queues.items():
            operator = OperatorId(name)
            self.operators[operator] = f.OperatorChanged(
                at=self._at,
                operator=operator,
                state=S.OFFLINE,
                reason="",
                wish=S.AVAILABLE,
                wish_reason="",
                endpoint=f"PJSIP/op-{name}",
                queues=served,
                until=0.0,
                call="",
            )
            self._change(operator, S.AVAILABLE)

    def play(self, calls: int) -> None:
        """So many calls that end, on all lines but the silent one; then three that still wait."""
        lines = [line for line in self.site.lines.values() if line.name != SILENT_LINE]
        large = [line for line in lines if line.name != SMALL_LINE]
        kinds = [Outcome.ANSWERED] * 6 + list(Outcome)
        kinds.remove(Outcome.IVR_ENDED)
        kinds.remove(Outcome.LOOKED_UP)
        kinds.remove(Outcome.VOICEMAIL)
        for number in range(calls):
            among = lines if self.received[SMALL_LINE] < SMALL_CALLS else large
            line = among[number % len(among)]
            self._at += self._chance.uniform(20, 60)
            self._call(line.name, line.queue, kinds[number * 7 % len(kinds)])
        self._nobody(QueueName("damrong"), 300.0, planned=True)
        self._nobody(QueueName("gcc"), 120.0, planned=False)
        self._stranger()
        for _ in range(LEFT_IN_MENU):
            self._leave_in_menu()
        for word in ASKED_FOR:
            self._look_up(word)
        for said in CALLBACK_ASKED:
            self._look_callback_up(said)
        for ending in MESSAGES:
            self._asked_for_a_message(MENU_LINE, QueueName("damrong"), ending)
        for place, stays in PARKED.items():
            self._park(lines[0].name, lines[0].queue, place, stays=stays)
        self._ask_for_help()
        self._end_as_is(lines[0].name, lines[0].queue)

    def _call(self, line: LineName, queue: QueueName, outcome: Outcome) -> None:
        wait = self._wait(outcome)
        call = self._receive(line)
        if outcome is Outcome.REJECTED:
            reason = Rejection.QUEUE_FULL.value
            self._score(call, line, QueueName(""), outcome, 2.0, 0.0, reason)
            self._end(call)
            return
        own_message = outcome is Outcome.OVERFLOW and self._numbers % 2 == 0
        self._queue(call, queue)
        self._follow_a_rule(call, queue, own_message=own_message)
        self._at += wait
        operator = self._free(queue)
        if outcome is Outcome.CALLBACK or (outcome is Outcome.ANSWERED and self._numbers % 5 == 0):
            self._call_back(call, queue, operator, reached=outcome is Outcome.ANSWERED)
        if outcome is Outcome.ANSWERED:
            self._answer(call, line, queue, operator, wait)
            return
        if outcome is Outcome.ABANDONED:
            self._offer(call, queue, operator, 1, OfferResult.CALLER_LEFT)
        reason = Loss.SIP_FAILED.value if outcome is Outcome.FAILED else ""
        if outcome is Outcome.CALLBACK:
            reason = NO_CALLBACK[self._numbers % len(NO_CALLBACK)]
        if own_message:
            reason = "message"
            self.messages[queue] += 1
        self._score(call, line, queue, outcome, wait + GREETING_SECONDS, wait, reason)
        self._end(call)

    def _wait(self, outcome: Outcome) -> float:
        """Seconds in the queue; often just a threshold."""
        if outcome is Outcome.ABANDONED_SHORT:
            return 0.5
        if outcome is Outcome.OVERFLOW:
            return 400.0
        return self._chance.choice([6.0, 8.0, 11.0, 16.0, 26.0, 56.0, 90.0, 200.0])

    def _answer(
        self,
        call: CallId,
        line: LineName,
        queue: QueueName,
        operator: OperatorId,
        wait: float,
        *,
        parks: bool = False,
    ) -> None:
        number = 1
        for result in (OfferResult.NO_ANSWER, OfferResult.UNREACHABLE, OfferResult.DECLINED):
            if self._chance.random() < 0.15:
                self._offer(call, queue, operator, number, result)
                number += 1
        if self._numbers % 3 == 0:  # the phone of another one rang, too
            self._offer(call, queue, operator, number, OfferResult.ELSEWHERE)
            number += 1
        offer = offer_id(call, number)
        self._make(call, queue, operator, number)
        self._change(operator, S.RINGING, call)
        self.tell(f.OfferAnswered(at=self._at, offer=offer, call=call, until=self._at + 2))
        self._end_offer(call, queue, operator, number, OfferResult.ANSWERED)
        talk = self._chance.choice([30.0, 90.0, 240.0])
        self._score(call, line, queue, Outcome.ANSWERED, wait + GREETING_SECONDS, wait, "", talk)
        self._change(operator, S.ON_CALL, call)
        self._at += talk
        self.tell(
            f.TalkEnded(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                operator=operator,
                talk_seconds=talk,
                ended_by=EndedBy.CALLER,
            )
        )
        if parks:
            return
        self._ask_how_it_was(call, line, queue, operator)
        self._change(operator, S.WRAPUP, call)
        self._end(call)
        self._at += WRAPUP_SECONDS
        self._change(operator, S.AVAILABLE)
        self.wrapups[queue] += 1

    def _park(self, line: LineName, queue: QueueName, place: int, *, stays: bool) -> None:
        """The operator parks the call, and is free. Who does not stay there hangs up."""
        call, operator = self._receive(line), self._free(queue)
        self._queue(call, queue)
        self._at += 6.0
        self._answer(call, line, queue, operator, 6.0, parks=True)
        self._change(operator, S.AVAILABLE)
        if stays:
            self._at = self.now - PARKED_SECONDS
        until = self._at + 600.0
        self.tell(
            f.CallSetAside(
                at=self._at, call=call, queue=queue, operator=operator, place=place, until=until
            )
        )
        if stays:
            self.parked[queue] += 1
            return
        self._at += PARKED_SECONDS
        self.tell(
            f.SetAsideEnded(
                at=self._at,
                call=call,
                queue=queue,
                operator=operator,
                place=place,
                how=f.AsideEnding.LEFT,
                by="",
                seconds=PARKED_SECONDS,
                number=1,
                earlier_seconds=0.0,
            )
        )
        self._end(call)

    def _ask_for_help(self) -> None:
        """Two operators ask; one of them was answered."""
        waits, answered = list(self.operators)[:2]
        for operator in (waits, answered):
            self.tell(f.HelpAsked(at=self._at, operator=operator))
        self.tell(
            f.HelpEnded(
                at=self._at,
                operator=answered,
                how=f.HelpAnswer.ANSWERED,
                by=OperatorId("suda"),
                seconds=20.0,
            )
        )

    def _ask_how_it_was(
        self, call: CallId, line: LineName, queue: QueueName, operator: OperatorId
    ) -> None:
        """Two of three callers of a line with a survey, whose operator hung up."""
        if not self.site.lines[line].survey or self._numbers % 3 == 0:
            return
        pressed = SURVEYS[self._numbers % len(SURVEYS)]
        score = int(pressed) if pressed.isdigit() else 0
        self.played[-1] = replace(self.played[-1], survey=pressed)
        self.tell(
            f.SurveyEnded(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                operator=operator,
                score=score,
                ending=f.SurveyEnding.ANSWERED if score else f.SurveyEnding(pressed),
                seconds=6.0,
            )
        )

    def _call_back(
        self, call: CallId, queue: QueueName, operator: OperatorId, *, reached: bool
    ) -> None:
        """The caller hangs up, and is rung once; every other time the operator is rung before."""
        self._wants_call.add(call)
        first = self._numbers % 2 == 0
        ended = self._at + RINGING_SECONDS if first else self._at
        until = self._at + 3600
        self.tell(f.CallbackAsked(at=self._at, call=call, queue=queue, until=until))
        if first:
            self._make(call, queue, operator, 9, operator_first=True)
            self.ringing[queue, "reached" if reached else "missed"] += 1
        self.tell(
            f.CallbackTried(
                at=self._at,
                offer=offer_id(call, 9),
                call=call,
                operator=operator,
                queue=queue,
                number=1,
                until=until,
            )
        )
        self.tries[queue, BackResult.REACHED if reached else BackResult.NO_ANSWER] += 1
        if reached:
            joins = offer_id(call, 9) if first else None
            self.tell(f.CallbackReached(at=ended, call=call, queue=queue, offer=joins))
        if first:  # in the day the two are not joined, and the caller is offered again
            self._end_offer(call, queue, operator, 9, OfferResult.CALLER_LEFT)
        if reached:
            return
        self.tell(
            f.CallbackMissed(
                at=ended,
                call=call,
                operator=operator,
                queue=queue,
                number=1,
                result=BackResult.NO_ANSWER,
                rests_until=0.0,
            )
        )

    def _menu(
        self,
        call: CallId,
        line: LineName,
        ending: MenuEnding,
        pressed: tuple[tuple[str, str], ...],
        seconds: float,
    ) -> None:
        self.endings[line, ending] += 1
        self.keys.update((line, step, key) for step, key in pressed)
        self.tell(f.MenuEntered(at=self._at, call=call))
        self.tell(
            f.MenuLeft(
                at=self._at,
                call=call,
                line=line,
                ending=ending,
                says={},
                path=tuple(f"{step}={key}" for step, key in pressed),
                queue="",
                seconds=seconds,
            )
        )

    def _leave_in_menu(self) -> None:
        """A caller hangs up there, and stood in no queue."""
        call = self._receive(MENU_LINE)
        self._menu(call, MENU_LINE, MenuEnding.LEFT, ((LANGUAGE, "1"),), 9.0)
        self._score(call, MENU_LINE, QueueName(""), Outcome.IVR_ENDED, 9.0, 0.0, "")
        self._end(call)

    def _asked_for_a_message(
        self, line: LineName, queue: QueueName, ending: VoicemailEnding
    ) -> None:
        """The queue is closed for a caller, who stands in no line."""
        call = self._receive(line)
        self._score(call, line, QueueName(""), Outcome.VOICEMAIL, 4.0, 0.0, Diversion.CLOSED)
        recorded = ending is not VoicemailEnding.NO_MESSAGE
        self.tell(
            f.VoicemailMoved(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                stage=f.VoicemailStage.RECORDING if recorded else f.VoicemailStage.PROMPT,
                number=int(recorded),
                until=self._at + 60.0,
            )
        )
        self._at += MESSAGE_SECONDS
        self.voicemails[queue, ending] += 1
        self.tell(
            f.VoicemailEnded(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                number=int(recorded),
                ending=ending,
                seconds=MESSAGE_SECONDS if recorded else 0.0,
            )
        )
        self._end(call)

    def _look_up(self, word: CaseWord) -> None:
        """A caller asks how far a case is, and hangs up; was served, if that could be said."""
        call = self._receive(MENU_LINE)
        self.tell(f.CaseLookedUp(at=self._at, call=call, line=MENU_LINE, word=word))
        self.lookups[MENU_LINE, word] += 1
        self._menu(call, MENU_LINE, MenuEnding.LEFT, ((LANGUAGE, "8"), (CASE, "#")), 40.0)
        outcome = Outcome.IVR_ENDED if word in NO_STATE else Outcome.LOOKED_UP
        self._score(call, MENU_LINE, QueueName(""), outcome, 40.0, 0.0, "")
        self._end(call)

    def _look_callback_up(self, word: CallbackWord) -> None:
        """The same about a callback."""
        call = self._receive(MENU_LINE)
        self.tell(f.CallbackLookedUp(at=self._at, call=call, line=MENU_LINE, word=word))
        self.back_lookups[MENU_LINE, word] += 1
        self._menu(call, MENU_LINE, MenuEnding.LEFT, ((LANGUAGE, "7"),), 20.0)
        found = word is not CallbackWord.NONE
        outcome = Outcome.LOOKED_UP if found else Outcome.IVR_ENDED
        self._score(call, MENU_LINE, QueueName(""), outcome, 20.0, 0.0, "")
        self._end(call)

    def _hear_news(self, call: CallId, line: LineName, *, more: bool) -> None:
        self._heard.add(call)
        self.news[line, "more" if more else "heard"] += 1
        self.tell(
            f.NewsHeard(
                at=self._at, call=call, place=f"line/{line}", number=1, more=more, news="news.flood"
            )
        )

    def _nobody(self, queue: QueueName, seconds: float, *, planned: bool) -> None:
        """The queue is open, and nobody is on duty for so long."""
        self.uncovered[queue, "yes" if planned else "no"] += int(seconds)
        self.tell(f.CoverLost(at=self._at, queue=queue, planned=planned))
        self._at += seconds
        self.tell(f.CoverBack(at=self._at, queue=queue, planned=planned, seconds=seconds))

    def _stranger(self) -> None:
        """A number nobody published was dialled."""
        call = self._receive(UNKNOWN_LINE)
        reason = Rejection.UNKNOWN_NUMBER.value
        self._score(call, UNKNOWN_LINE, QueueName(""), Outcome.REJECTED, 1.0, 0.0, reason)
        self._end(call)

    def _end_as_is(self, line: LineName, queue: QueueName) -> None:
        """Three callers wait, the oldest for 90 s; operators in every state."""
        for ago in (OLDEST_WAIT_SECONDS, 40.0, 10.0):
            self._at = self.now - ago
            self._queue(self._receive(line, arrived_at=self._at), queue)
            self.waiting[queue] += 1
        states = (S.ON_CALL, S.PAUSED, S.WRAPUP, S.AVAILABLE, S.OFFLINE)
        for operator, state in zip(list(self.operators), states, strict=True):
            self._change(operator, state)

    def _receive(self, line: LineName, arrived_at: float | None = None) -> CallId:
        self._numbers += 1
        call = CallId(f"day-{self._numbers}")
        arrived = self._at - GREETING_SECONDS if arrived_at is None else arrived_at
        self.received[line] += 1
        self._line = line
        self.tell(
            f.CallReceived(
                at=self._at, call=call, line=line, did=line, caller="", arrived_at=arrived
            )
        )
        return call

    def _queue(self, call: CallId, queue: QueueName) -> None:
        """Through the menu, if the line has one; every fourth hears the message of the day, and
        half of these want more of it."""
        if self.site.lines[self._line].menu is not None:
            self._menu(call, self._line, *IN_MENU[self._numbers % len(IN_MENU)])
        elsewhere = self._numbers % 9 == 0
        own = next(name for name in sorted(self.site.queues) if name != queue)
        if elsewhere:
            self.diverted[own, Diversion.NO_STAFF] += 1
        queued = f.CallQueued(
            at=self._at,
            instead_of=own if elsewhere else "",
            why=Diversion.NO_STAFF if elsewhere else "",
            call=call,
            queue=queue,
            priority=0,
            waiting=1,
            expected_seconds=EXPECTED_SECONDS,
            at_most_seconds=2 * EXPECTED_SECONDS,
        )
        self.tell(queued)
        if self._numbers % 4 == 0:
            self._hear_news(call, self._line, more=False)
        if self._numbers % 8 == 0:
            self._hear_news(call, self._line, more=True)

    def _follow_a_rule(self, call: CallId, queue: QueueName, *, own_message: bool) -> None:
        """Half of those who overflow are told so at entry; every seventh is offered a callback."""
        to = OverflowTo.MESSAGE if own_message else OverflowTo.CALLBACK
        if own_message or self._numbers % 7 == 0:
            why = Diversion.LENGTH
            self.by_rule[queue, why, to] += 1
            self.tell(f.CallOverflowed(at=self._at, call=call, queue=queue, why=why, to=to))

    def _free(self, queue: QueueName) -> OperatorId:
        serving = [one for one, card in self.operators.items() if queue in card.queues]
        return self._chance.choice(serving)

    def _offer(
        self,
        call: CallId,
        queue: QueueName,
        operator: OperatorId,
        number: int,
        result: OfferResult,
    ) -> None:
        self._make(call, queue, operator, number)
        self._change(operator, S.RINGING, call)
        self._end_offer(call, queue, operator, number, result)
        self._change(operator, S.AVAILABLE)

    def _make(
        self,
        call: CallId,
        queue: QueueName,
        operator: OperatorId,
        number: int,
        *,
        operator_first: bool = False,
    ) -> None:
        self.tell(
            f.OfferMade(
                at=self._at,
                offer=offer_id(call, number),
                call=call,
                operator=operator,
                queue=queue,
                number=number,
                until=self._at + 15,
                operator_first=operator_first,
            )
        )

    def _end_offer(
        self,
        call: CallId,
        queue: QueueName,
        operator: OperatorId,
        number: int,
        result: OfferResult,
    ) -> None:
        self.offers[queue, result] += 1
        self.tell(
            f.OfferEnded(
                at=self._at,
                offer=offer_id(call, number),
                call=call,
                operator=operator,
                queue=queue,
                result=result,
                ring_seconds=3.0,
            )
        )

    def _score(
        self,
        call: CallId,
        line: LineName,
        queue: QueueName,
        outcome: Outcome,
        wait: float,
        queue_wait: float,
        reason: str,
        talk: float = 0.0,
    ) -> None:
        scored = ScoredCall(
            outcome=outcome, reason=reason, wait_seconds=wait, queue_wait_seconds=queue_wait
        )
        answered, left = outcome is Outcome.ANSWERED, outcome in LEFT
        error = EXPECTED_SECONDS - queue_wait if queue and self._numbers % 3 == 0 else None
        told = ("kept" if error >= 0 else "late") if error is not None and answered else ""
        back = (reason or outcome.value) if call in self._wants_call else ""
        if left and call in self._heard:
            self.news[line, "left"] += 1
        self.played.append(
            Played(
                line=line,
                queue=queue,
                call=scored,
                talk_seconds=talk,
                told="left" if error is not None and not answered else told,
                back=back,
            )
        )
        self.tell(
            f.CallScored(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                outcome=outcome,
                reason=reason,
                wait_seconds=wait,
                queue_wait_seconds=queue_wait,
                place=0,
                told_error_seconds=error,
                called_back=call in self._wants_call,
            )
        )

    def _end(self, call: CallId) -> None:
        """The leg is gone, and Asterisk writes its ledger, of which one row in fifty was missed."""
        known = self._numbers % 50 != 0
        self.ledger[known] += 1
        self.tell(f.CallEnded(at=self._at, call=call))
        self.tell(f.LedgerChecked(at=self._at, call=call, known=known))

    def _change(self, operator: OperatorId, state: OperatorState, call: CallId | str = "") -> None:
        changed = replace(self.operators[operator], at=self._at, state=state, call=call)
        self.operators[operator] = changed
        self.tell(changed)


def telling(state: State, fold: Callable[[list[Fact]], None]) -> Tell:
    """Facts change the state, then are told, as the pump does it."""

    def tell(fact: Fact) -> None:
        apply(state, fact)
        fold([fact])

    return tell


def offered(day: Day) -> list[Played]:
    """The calls that stood in a queue."""
    return [played for played in day.played if played.call.outcome in OFFERED]
