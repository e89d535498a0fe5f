"""Anything may happen in any order, late, twice or never: the invariants hold all the same."""

from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import THE_NODE, CallId, OfferId, OperatorId, QueueName
from callcenter.core.invariants import broken
from callcenter.core.legs import BackLeg, DeskBridge, Leg, LineLeg, Side
from callcenter.core.outcome import Diversion, LegEnd, Loss, OfferResult, Outcome
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.restore import restore
from callcenter.core.site import CallbackRules, ParkRules, Site, Telling
from callcenter.core.skills import Skills, can, ordered
from callcenter.core.state import State
from callcenter.core.strategy import Strategy
from tests.kept import kept
from tests.legs import (
    caller_leg,
    desk_bridge,
    leg_named,
    leg_of_offer,
    recorder_leg,
    snoop_leg,
    spy_leg,
)
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.picture import as_restarted, picture

_DIDS = st.sampled_from(["1567", "1111", "1669", "045614545", "unknown"])
PARK = ParkRules(seconds=45.0, places=2)
_WHO = st.integers(0, 5)
_SKILLS = st.dictionaries(st.sampled_from(["english", "law"]), st.integers(1, 3), max_size=2).map(
    ordered
)
PLACE = Telling(place=True, wait=False, first_seconds=5.0, every_seconds=15.0)
BOTH = Telling(place=True, wait=True, first_seconds=5.0, every_seconds=15.0)
RULES = (
    (),
    (OverflowRule(when=Diversion.NO_STAFF, to=OverflowTo.CALLBACK),),
    (
        OverflowRule(when=Diversion.LENGTH, to=OverflowTo.QUEUE, over=2, queue=GCC),
        OverflowRule(when=Diversion.EXPECTED, to=OverflowTo.CALLBACK, over=5.0),
        OverflowRule(when=Diversion.LENGTH, to=OverflowTo.MESSAGE, over=2, message=("own_sorry",)),
    ),
    (OverflowRule(when=Diversion.NO_STAFF, to=OverflowTo.MESSAGE, message=("own_sorry",)),),
)
STRATEGIES: tuple[dict[str, object], ...] = (
    {},
    {"strategy": Strategy.RING_SEVERAL, "ring_at_once": 2},
    {"strategy": Strategy.RING_SEVERAL, "ring_at_once": 4},
)
_PHONES = st.frozensets(st.sampled_from([f"PJSIP/op{who}" for who in range(6)]))


class Hotline(RuleBasedStateMachine):
    """The engine, a fake world that obeys or does not, and books kept beside it."""

    offers: Bundle[OfferId] = Bundle("offers")

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        small = rules(
            DAMRONG,
            waiting_limit=data.draw(st.integers(1, 4)),
            max_wait_seconds=60.0,
            overflow_queue=GCC,
            neighbours=data.draw(st.sampled_from([(), (GCC,)])),
            wrapup_seconds=data.draw(st.sampled_from([0.0, 10.0])),
            last_operator_seconds=data.draw(st.sampled_from([0.0, 300.0])),
            redial_seconds=data.draw(st.sampled_from([0.0, 30.0])),
            telling=data.draw(st.sampled_from([None, PLACE, BOTH])),
            overflow_at_expected_seconds=data.draw(st.sampled_from([0.0, 20.0])),
            callback_after_seconds=data.draw(st.sampled_from([0.0, 5.0])),
            operator_first=data.draw(st.booleans()),
            **data.draw(st.sampled_from(STRATEGIES)),
            overflow_rules=data.draw(st.sampled_from(RULES)),
        )
        self.records = data.draw(st.booleans())
        self.surveys = data.draw(st.booleans())
        self.small = small
        aging = data.draw(st.sampled_from([10.0, 300.0]))
        other = rules(
            GCC,
            max_wait_seconds=90.0,
            overflow_queue=data.draw(st.sampled_from([None, DAMRONG])),
            overflow_message=data.draw(st.sampled_from([(), ("own_sorry",)])),
        )
        made = replace(site(small, other), aging_seconds=aging)
        self.callbacks = CallbackRules(
            prefixes=data.draw(st.sampled_from([(), ("08",)])),
            at_once=data.draw(st.integers(1, 2)),
            per_hour=data.draw(st.sampled_from([2, 60])),
            waiting_limit=2,
            tries=2,
            pause_seconds=20.0,
            ring_seconds=10.0,
            key_seconds=10.0,
            expires_seconds=200.0,
            choose_hour=data.draw(st.booleans()),
        )
        made = replace(made, callbacks=self.callbacks, relax_seconds=10.0, park=PARK)
        self.needs = data.draw(_SKILLS)
        self.site = self.first_site = self.as_recorded(made)
        self.engine = Engine(self.site)
        self.now = 1000.0
        self.number = 0
        self.told: list[f.Fact] = []
        self.legs: dict[OfferId, tuple[DeskBridge, CallId]] = {}
        self.lines: dict[LineLeg, DeskBridge] = {}
        self.step(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        hours = ((11, 30.0, False), (12, 90.0, True), (22, 150.0, True))
        self.step(e.CallbackHoursSeen(hours={DAMRONG: hours}))

    def as_recorded(self, made: Site) -> Site:
        """In half of the worlds: with a notice, and the talks of one line and one queue."""
        lines = {
            name: replace(
                line, needs=self.needs if line.queue == DAMRONG else (), survey=self.surveys
            )
            for name, line in made.lines.items()
        }
        if not self.records:
            by_did = {did: line for line in lines.values() for did in line.dids}
            return replace(made, lines=lines, line_of_did=by_did)
        lines = {
            name: replace(line, notice=("recording_notice",), record=line.queue == DAMRONG)
            for name, line in lines.items()
        }
        return replace(
            made,
            lines=lines,
            queues={**made.queues, GCC: replace(made.queues[GCC], record=True)},
            line_of_did={did: line for line in lines.values() for did in line.dids},
        )

    def step(self, event: e.Event) -> None:
        done = self.engine.step(event, self.now)
        self.told += done.facts
        self.last = done.facts
        for command in done.commands:
            if isinstance(command, c.RingOperator):
                name = OperatorId(command.endpoint.removeprefix("PJSIP/"))
                self.legs[command.offer] = (desk_bridge(name), command.lane)
            if isinstance(command, c.Bridge) and isinstance(command.operator, LineLeg):
                self.legs[command.offer] = (command.bridge, command.lane)
            if isinstance(command, c.RingLine):
                self.lines[command.leg] = command.lane

    @rule(did=_DIDS, age=st.floats(0, 30), number=st.sampled_from(["0812345678", "0898765432", ""]))
    def arrive(self, did: str, age: float, number: str) -> None:
        self.number += 1
        call = CallId(f"call-{self.number}")
        self.step(e.CallArrived(call=call, did=did, caller=number, age_seconds=age))

    @rule(who=st.integers(1, 40), loss=st.sampled_from([None, None, *Loss]), cut=st.booleans())
    def hang_up(self, who: int, loss: Loss | None, cut: bool) -> None:
        call = CallId(f"call-{who}")
        if cut:
            self.step(e.CallerCut(call=call, loss=loss or Loss.CUT_OFF))
            loss = None
        self.step(e.CallerLeft(call=call, loss=loss))

    @rule(key=st.sampled_from("1590"), playing=st.booleans())
    def who_is_asked_how_it_was_answers_or_hears_it_to_the_end(
        self, key: str, playing: bool
    ) -> None:
        for call in list(self.engine.state.calls.values()):
            if call.survey and not playing:
                self.step(e.KeyPressed(call=call.id, key=key))
            elif call.survey and call.prompt:
                self.step(e.PromptPlayed(call=call.id, number=call.prompt.number))

    @rule(who=st.integers(1, 40), back=st.integers(0, 2), key=st.sampled_from("112"))
    def press_a_key(self, who: int, back: int, key: str) -> None:
        self.step(e.KeyPressed(call=CallId(f"call-{who}"), key=key, back=back))

    @rule()
    def everybody_who_was_told_asks_to_be_called_back(self) -> None:
        for call in list(self.engine.state.calls.values()):
            if call.callback_told:
                self.step(e.KeyPressed(call=call.id, key="2"))
                self.step(e.CallerLeft(call=call.id))

    @rule(what=st.integers(0, 4), end=st.sampled_from(LegEnd), number=st.integers(1, 2))
    def something_of_a_citizen_who_is_called(self, what: int, end: LegEnd, number: int) -> None:
        calls = self.engine.state.calls.values()
        name = next((call.id for call in calls if call.callback), CallId("call-1"))
        leg = BackLeg(call=name, number=number, node=THE_NODE)
        events: list[e.Event] = [
            e.CitizenAnswered(leg=leg),
            e.CitizenRingFailed(leg=leg),
            e.CallerLeft(call=name, back=number, end=end),
            e.CallerCut(call=name, back=number, loss=Loss.CUT_OFF),
            e.CallbackCancelled(call=name),
        ]
        self.step(events[what])

    @rule()
    def citizens_who_are_called_answer_and_press_the_key(self) -> None:
        for name in sorted(self.engine.state.calling):
            leg = self.engine.state.calls[name].leg
            if isinstance(leg, BackLeg):
                self.step(e.CitizenAnswered(leg=leg))
                self.step(e.KeyPressed(call=name, key="1", back=leg.number))

    @rule(keys=st.sampled_from(["1", "2", "7", "11", "12", "03"]))
    def who_is_asked_when_to_be_called_presses_keys(self, keys: str) -> None:
        for call in list(self.engine.state.calls.values()):
            for key in keys if call.choice else ():
                self.step(e.KeyPressed(call=call.id, key=key))

    @rule(gone=st.booleans())
    def the_hours_of_callbacks_change(self, gone: bool) -> None:
        hours = {} if gone else {DAMRONG: ((11, 30.0, False), (12, 90.0, True))}
        self.step(e.CallbackHoursSeen(hours=hours))

    @rule(quiet=st.booleans(), closed=st.booleans())
    def hours_change(self, quiet: bool, closed: bool) -> None:
        shut = frozenset({DAMRONG} if closed else ())
        self.step(e.HoursSeen(closed=shut, rostered={}, quiet=quiet))

    @rule(who=st.integers(1, 40), priority=st.integers(0, 9))
    def change_priority(self, who: int, priority: int) -> None:
        self.step(e.PriorityChanged(call=CallId(f"call-{who}"), priority=priority))

    @rule(data=st.data(), end=st.sampled_from(LegEnd), what=st.integers(0, 5), gone=st.booleans())
    def something_of_an_offer(
        self, data: st.DataObject, end: LegEnd, what: int, gone: bool
    ) -> None:
        if not self.legs:
            return
        offer = data.draw(st.sampled_from(list(self.legs)[-6:]))
        bridge, call = self.legs[offer]
        events: list[e.Event] = [
            e.OperatorAnswered(offer=offer),
            e.OperatorLegEnded(offer=offer, end=end, gone=gone),
            e.LegEnteredBridge(leg=leg_of_offer(offer), bridge=bridge),
            e.LegEnteredBridge(leg=caller_leg(call), bridge=bridge),
            e.RingFailed(offer=offer),
            e.BridgeFailed(offer=offer),
        ]
        self.step(events[what])

    @rule(data=st.data(), end=st.sampled_from(LegEnd), what=st.integers(0, 3))
    def something_of_a_line(self, data: st.DataObject, end: LegEnd, what: int) -> None:
        if not self.lines:
            return
        line = data.draw(st.sampled_from(list(self.lines)[-6:]))
        events: list[e.Event] = [
            e.LineAnswered(leg=line),
            e.LineEnded(leg=line, end=end),
            e.LineFailed(leg=line),
            e.LegEnteredBridge(leg=line, bridge=self.lines[line]),
        ]
        self.step(events[what])

    @rule()
    def pick_up_the_lines_and_hand_over(self) -> None:
        for line in list(self.lines)[-6:]:
            self.step(e.LineAnswered(leg=line))
            self.step(e.LegEnteredBridge(leg=line, bridge=self.lines[line]))
        for call in list(self.engine.state.calls.values()):
            if call.offer and call.offer.line and call.operator:
                self.step(
                    e.LegEnteredBridge(leg=caller_leg(call.id), bridge=desk_bridge(call.operator))
                )

    @rule(data=st.data())
    def answer_as_it_should_be(self, data: st.DataObject) -> None:
        offers = [c.offer for c in self.engine.state.calls.values() if c.offer]
        ringing = [offer.id for offer in offers if offer.state == "ringing"]
        if not ringing:
            return
        offer = data.draw(st.sampled_from(ringing))
        assert offer is not None
        bridge, call = self.legs[offer]
        self.step(e.OperatorAnswered(offer=offer))
        self.step(e.LegEnteredBridge(leg=caller_leg(call), bridge=bridge))
        self.step(e.LegEnteredBridge(leg=leg_of_offer(offer), bridge=bridge))

    @rule(
        who=_WHO,
        queues=st.sampled_from([(DAMRONG,), (GCC,), (DAMRONG, GCC)]),
        open_line=st.booleans(),
        desk=st.integers(0, 1),
        skills=_SKILLS,
    )
    def log_in(
        self, who: int, queues: tuple[str, ...], open_line: bool, desk: int, skills: Skills
    ) -> None:
        self.step(
            e.OperatorLoggedIn(
                operator=OperatorId(f"op{who}"),
                endpoint=f"PJSIP/op{who}" if not desk or not open_line else "PJSIP/other",
                queues=queues,  # type: ignore[arg-type]
                open_line=open_line,
                skills=skills,
            )
        )

    @rule(who=_WHO, what=st.integers(0, 3))
    def at_the_desk(self, who: int, what: int) -> None:
        operator = OperatorId(f"op{who}")
        events: list[e.Event] = [
            e.OperatorLoggedOut(operator=operator),
            e.OperatorPaused(operator=operator, reason="lunch"),
            e.OperatorResumed(operator=operator),
            e.HangUpAsked(operator=operator),
        ]
        self.step(events[what])

    @rule(who=_WHO, to=st.one_of(st.none(), _WHO), queue=st.sampled_from([None, DAMRONG, GCC]))
    def give_the_caller_on(self, who: int, to: int | None, queue: QueueName | None) -> None:
        operator = self.engine.state.operators.get(OperatorId(f"op{who}"))
        if operator and operator.call:
            asked = None if to is None else OperatorId(f"op{to}")
            self.step(
                e.TransferAsked(operator=operator.id, call=operator.call, queue=queue, to=asked)
            )

    @rule(who=_WHO, up=st.booleans())
    def park_or_pick_up(self, who: int, up: bool) -> None:
        state, name = self.engine.state, OperatorId(f"op{who}")
        operator = state.operators.get(name)
        if up:
            for call in list(state.aside.values()):
                self.step(e.PickUpAsked(operator=name, call=call))
        elif operator and operator.call:
            self.step(e.ParkAsked(operator=name, call=operator.call))

    @rule(who=_WHO, to=_WHO, what=st.sampled_from([None, *e.Decision]))
    def ask_a_colleague(self, who: int, to: int, what: e.Decision | None) -> None:
        operator = self.engine.state.operators.get(OperatorId(f"op{who}"))
        if operator is None or operator.call is None:
            return
        name, call = operator.id, operator.call
        if what is None:
            self.step(e.ConsultAsked(operator=name, call=call, to=OperatorId(f"op{to}")))
        else:
            self.step(e.ConsultDecided(operator=name, call=call, decision=what))

    @rule(who=_WHO, whom=_WHO, mode=st.sampled_from(f.ListenMode), leaves=st.integers(0, 9))
    def a_supervisor_listens(self, who: int, whom: int, mode: f.ListenMode, leaves: int) -> None:
        operator = self.engine.state.operators.get(OperatorId(f"op{whom}"))
        if leaves == 0:
            self.step(e.ListenLeft(supervisor=OperatorId(f"op{who}")))
        elif operator and operator.call:
            self.step(
                e.ListenAsked(
                    supervisor=OperatorId(f"op{who}"),
                    endpoint=f"PJSIP/op{who}",
                    operator=operator.id,
                    call=operator.call,
                    mode=mode,
                )
            )

    @rule(who=_WHO, wanted=st.booleans())
    def an_operator_asks_for_help_or_withdraws_it(self, who: int, wanted: bool) -> None:
        name = OperatorId(f"op{who}")
        over = e.HelpOver(operator=name, by=name, how=f.HelpAnswer.WITHDRAWN)
        self.step(e.HelpWanted(operator=name) if wanted else over)

    @rule()
    def who_listens_is_joined_as_it_should_be(self) -> None:
        for held in list(self.engine.state.listenings.values()):
            self.step(e.SpyAnswered(leg=held.leg))
            self.step(e.SnoopStarted(leg=held.snoop))
            self.step(e.LegEnteredBridge(leg=held.snoop, bridge=held.desk))
        for call in list(self.engine.state.calls.values()):
            if call.offer and call.offer.spy:  # has taken over
                self.step(e.LegEnteredBridge(leg=call.offer.spy, bridge=call.desk))
                self.step(e.LegEnteredBridge(leg=caller_leg(call.id), bridge=call.desk))

    @rule(who=_WHO, number=st.integers(1, 4), end=st.sampled_from(LegEnd), what=st.integers(0, 5))
    def something_of_a_listener(self, who: int, number: int, end: LegEnd, what: int) -> None:
        known = self.engine.state.listened
        leg = spy_leg(f"op{who}", max(1, known - number + 1))
        events: list[e.Event] = [
            e.SpyAnswered(leg=leg),
            e.SpyEnded(leg=leg, end=end, gone=False),
            e.SpyEnded(leg=leg, end=end),
            e.SpyFailed(leg=leg),
            e.SnoopStarted(leg=snoop_leg(leg.supervisor, leg.number)),
            e.LegEnteredBridge(leg=leg, bridge=desk_bridge(leg.supervisor)),
        ]
        self.step(events[what])

    @rule()
    def the_notice_is_over(self) -> None:
        for call in list(self.engine.state.calls.values()):
            if call.prompt:
                self.step(e.PromptPlayed(call=call.id, number=call.prompt.number))

    @rule(again=st.booleans())
    def what_is_recorded_begins_as_it_should(self, again: bool) -> None:
        for call in list(self.engine.state.calls.values()):
            for side in Side:
                if call.recording:
                    self.step(e.TapStarted(leg=call.recorder(call.recording.number, side)))
            for side in Side:
                if call.recording and not again:
                    self.step(e.RecordingStarted(leg=call.recorder(call.recording.number, side)))

    @rule(
        who=st.integers(1, 40),
        number=st.integers(1, 3),
        side=st.sampled_from(Side),
        what=st.integers(0, 2),
    )
    def something_of_a_recording(self, who: int, number: int, side: Side, what: int) -> None:
        leg = recorder_leg(f"call-{who}", number, side)
        events = (e.TapStarted, e.RecordingStarted, e.RecorderEnded)
        self.step(events[what](leg=leg))

    @rule(who=_WHO, on=st.booleans())
    def the_recording_is_paused(self, who: int, on: bool) -> None:
        operator = self.engine.state.operators.get(OperatorId(f"op{who}"))
        if operator and operator.call:
            self.step(e.RecordingPauseAsked(operator=operator.id, call=operator.call, on=on))

    @rule(who=_WHO, on=st.booleans(), callers=st.booleans())
    def a_phone_holds(self, who: int, on: bool, callers: bool) -> None:
        operator = self.engine.state.operators.get(OperatorId(f"op{who}"))
        call = self.engine.state.calls.get(operator.call) if operator and operator.call else None
        if call and call.offer:
            self.step(e.HoldPressed(leg=call.leg if callers else call.offer.leg, on=on))

    @rule()
    def colleagues_and_callers_are_joined_as_they_should_be(self) -> None:
        for call in list(self.engine.state.calls.values()):
            if call.operator is None:
                continue
            desk = desk_bridge(call.operator)
            if call.consult is not None:
                offer = call.consult.id
                self.step(e.OperatorAnswered(offer=offer))
                self.step(e.LegEnteredBridge(leg=leg_of_offer(offer), bridge=desk))
            self.step(e.LegEnteredBridge(leg=caller_leg(call.id), bridge=desk))

    @rule(elsewhere=_PHONES, away=_PHONES)
    def phones_are_elsewhere_or_away(self, elsewhere: frozenset[str], away: frozenset[str]) -> None:
        self.step(e.PhonesSeen(elsewhere=elsewhere, away=away))

    @rule()
    def all_phones_are_there(self) -> None:
        self.step(e.PhonesSeen(elsewhere=frozenset()))

    @rule(closed=st.frozensets(st.sampled_from([DAMRONG, GCC])), rostered=st.integers(0, 2))
    def the_hours_are_others(self, closed: frozenset[QueueName], rostered: int) -> None:
        self.step(e.HoursSeen(closed=closed, rostered={GCC: rostered}))

    @rule(who=_WHO)
    def a_phone_dies(self, who: int) -> None:
        self.step(e.PhoneLost(endpoint=f"PJSIP/op{who}"))

    @rule(
        place=st.sampled_from(["line/1567", f"queue/{DAMRONG}", f"queue/{GCC}", "line/unknown"]),
        on=st.booleans(),
        more=st.booleans(),
        seconds=st.sampled_from([None, 20.0]),
    )
    def news_is_switched(self, place: str, on: bool, more: bool, seconds: float | None) -> None:
        prompts = ("own_flood",) if on else ()
        more_of_it = ("own_more",) if more else ()
        self.step(e.NewsSwitched(place=place, prompts=prompts, more=more_of_it, seconds=seconds))

    @rule(who=st.integers(1, 40))
    def a_key_is_pressed(self, who: int) -> None:
        self.step(e.KeyPressed(call=CallId(f"call-{who}"), key="1"))

    @rule(who=st.integers(1, 40), number=st.integers(1, 4), failed=st.booleans())
    def what_plays_is_over(self, who: int, number: int, failed: bool) -> None:
        self.step(e.PromptPlayed(call=CallId(f"call-{who}"), number=number, failed=failed))

    @rule(seconds=st.floats(0.01, 90))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.step(e.TimePassed())
        self.now = until

    @rule(seconds=st.floats(0.0, 200.0), over=st.booleans())
    def asterisk_is_to_be_restarted(self, seconds: float, over: bool) -> None:
        self.step(e.ClosingOver() if over else e.ClosingAsked(seconds=seconds))

    @rule(
        wait=st.sampled_from([30.0, 90.0]),
        leave=st.sampled_from([20.0, 60.0]),
        aging=st.sampled_from([10.0, 60.0]),
    )
    def another_site_file(self, wait: float, leave: float, aging: float) -> None:
        tells = self.small.telling and (PLACE if wait == 30.0 else BOTH)
        damrong = replace(self.site.queues[DAMRONG], max_wait_seconds=wait, telling=tells)
        other = self.site.queues[GCC]
        made = replace(site(damrong, other), leave_seconds=leave, aging_seconds=aging)
        made = replace(made, callbacks=self.callbacks, park=PARK)
        self.site = self.as_recorded(made)
        self.step(e.SiteChanged(site=self.site))

    @rule(who=st.integers(1, 60), stage=st.sampled_from(e.Stage), answered=st.booleans())
    def the_ledger_tells(self, who: int, stage: e.Stage, answered: bool) -> None:
        if CallId(f"call-{who}") in self.engine.state.calls:
            return  # its row comes when it has ended
        self.step(
            e.LedgerRead(
                call=CallId(f"call-{who}"),
                did="1567",
                caller="",
                stage=stage,
                answered=answered and stage is e.Stage.LIFEBOAT,
                age_seconds=50.0,
                wait_seconds=9.0,
                call_seconds=20.0,
            )
        )

    @rule()
    def asterisk_is_lost(self) -> None:
        self.step(e.AsteriskLost())

    @rule(data=st.data(), boot=st.sampled_from(["1", "1", "2"]))
    def asterisk_is_back(self, data: st.DataObject, boot: str) -> None:
        state = self.engine.state
        kept = [call for call in state.calls if data.draw(st.booleans())]
        legs = [
            e.LegSeen(
                leg=caller_leg(call),
                is_up=True,
                in_app=True,
                did="1567",
                caller="",
                age_seconds=9.0,
            )
            for call in kept
        ]
        legs += [
            e.LegSeen(
                leg=leg_of_offer(offer),
                is_up=state == "Up",
                in_app=True,
                did="",
                caller="",
                age_seconds=1.0,
                is_down=state == "Down",
            )
            for offer in list(self.legs)[-3:]
            for state in [data.draw(st.sampled_from(["Up", "Ringing", "Down"]))]
        ]
        recorders: list[Leg] = [
            call.recorder(call.recordings, side)
            for call in state.calls.values()
            if call.recordings and data.draw(st.booleans())
            for side in Side
        ]
        legs += [
            e.LegSeen(leg=leg, is_up=True, in_app=True, did="", caller="", age_seconds=1.0)
            for leg in recorders
        ]
        legs += [
            e.LegSeen(
                leg=call.leg,
                is_up=data.draw(st.booleans()),
                in_app=True,
                did="",
                caller="",
                age_seconds=1.0,
                is_down=data.draw(st.booleans()),
            )
            for call in state.calls.values()
            if isinstance(call.leg, BackLeg) and data.draw(st.booleans())
        ]
        lines = [line for line in list(self.lines)[-4:] if data.draw(st.booleans())]
        legs += [
            e.LegSeen(
                leg=line,
                is_up=data.draw(st.booleans()),
                in_app=data.draw(st.booleans()),
                did="",
                caller="",
                age_seconds=1.0,
            )
            for line in lines
        ]
        bridges = tuple(
            e.BridgeSeen(bridge=self.lines[line], legs=(line, *(leg_named(x) for x in kept[:1])))
            for line in lines
            if data.draw(st.booleans())
        )
        offers = list(self.legs)[-2:]
        at_phones = frozenset(
            (f"PJSIP/op{number}", leg_of_offer(offer)) for number, offer in enumerate(offers, 1)
        )
        self.step(
            e.SnapshotTaken(boot=boot, legs=tuple(legs), bridges=bridges, at_phones=at_phones)
        )

    @rule()
    def restart(self) -> None:
        """kill -9 and start again from the journal's newest segment: the same state."""
        before = self.engine
        self.engine = Engine(self.site)
        self.engine.restore(kept(before))
        assert picture(self.engine.state) == as_restarted(before.state)
        self.step(e.TimePassed())

    @rule()
    def restart_from_all_facts(self) -> None:
        aging = self.site.aging_seconds  # no fact tells of it, and lines are kept by it
        again = State(replace(self.first_site, aging_seconds=aging))
        restore(again, self.told)
        assert picture(again) == picture(self.engine.state)

    @invariant()
    def all_is_well(self) -> None:
        if hasattr(self, "engine"):
            assert broken(self.engine.state) == []

    @invariant()
    def a_snapshot_is_the_state(self) -> None:
        if hasattr(self, "engine"):
            again = State(self.site)
            restore(again, kept(self.engine))
            assert picture(again) == picture(self.engine.state)

    @invariant()
    def nobody_is_offered_a_call_beyond_their_skills(self) -> None:
        """At the moment of the offer; who is asked for by name is another matter."""
        for fact in getattr(self, "last", ()):
            if isinstance(fact, f.OfferMade):
                call = self.engine.state.calls.get(fact.call)
                by = self.engine.state.operators[fact.operator]
                if call and call.offer and call.offer.id == fact.offer and not call.transfers:
                    assert can(by.skills, call.needs)

    @invariant()
    def one_of_several_who_answers_has_the_caller_and_the_others_end_elsewhere(self) -> None:
        """In the step of the first answer all other phones are silent, and blame nobody."""
        last = getattr(self, "last", ())
        answered = {x.call: x.offer for x in last if isinstance(x, f.OfferAnswered)}
        for fact in last:
            if isinstance(fact, f.OfferEnded) and fact.result is OfferResult.ELSEWHERE:
                assert answered[fact.call] != fact.offer
                after = [x for x in last if isinstance(x, f.OperatorChanged)]
                now = next(x for x in reversed(after) if x.operator == fact.operator)
                assert now.state is not f.OperatorState.WRAPUP
                assert now.reason not in ("rona", "declined", "busy", "unreachable")

    @invariant()
    def every_offer_ends_once_and_one_talk_at_most_comes_of_a_call(self) -> None:
        if not hasattr(self, "engine"):
            return
        made = Counter(x.offer for x in self.told if isinstance(x, f.OfferMade))
        ended = Counter(x.offer for x in self.told if isinstance(x, f.OfferEnded))
        calls = self.engine.state.calls.values()
        assert max(made.values(), default=1) == 1 == max(ended.values(), default=1)
        at_phones = [x.operator for call in calls for x in (call.offer, *call.beside) if x]
        assert len(at_phones) == len(set(at_phones)), "an operator in two offers"

    @invariant()
    def what_callers_are_told_never_rises(self) -> None:
        last: dict[tuple[CallId, QueueName], tuple[int, int]] = {}
        for fact in getattr(self, "told", ()):
            if isinstance(fact, f.WaitTold):
                place, minutes = last.get((fact.call, fact.queue), (0, 0))
                assert not place or fact.place < place, "the place rises, or is said twice"
                assert not minutes or fact.minutes < minutes
                last[fact.call, fact.queue] = fact.place or place, fact.minutes or minutes

    @invariant()
    def nobody_is_parked_for_ever(self) -> None:
        """Also not when the service was restarted meanwhile; while Asterisk is away time waits."""
        if not hasattr(self, "engine") or not self.engine.state.connected:
            return
        state, due = self.engine.state, self.engine.next_deadline()
        for place, name in state.aside.items():
            call = state.calls[name]
            assert call.aside is not None and 1 <= call.aside.place == place <= PARK.places
            assert call.until <= call.aside.since + PARK.seconds
            assert due is not None and due <= call.until

    @invariant()
    def nobody_hears_the_same_news_twice(self) -> None:
        told = [x for x in getattr(self, "told", ()) if isinstance(x, f.NewsHeard)]
        heard = [(x.call, x.number, x.more) for x in told]
        assert len(heard) == len(set(heard))

    @invariant()
    def the_books_balance(self) -> None:
        if not hasattr(self, "engine"):
            return
        count = Counter(type(fact) for fact in self.told)
        outcomes = Counter(x.outcome for x in self.told if isinstance(x, f.CallScored))
        alone = (Outcome.REJECTED, Outcome.IVR_ENDED, Outcome.LOOKED_UP, Outcome.VOICEMAIL)
        never_offered = sum(outcomes[outcome] for outcome in alone)
        open_calls = self.engine.state.unscored
        assert count[f.CallReceived] == never_offered + count[f.CallQueued]
        assert count[f.CallQueued] == sum(outcomes.values()) - never_offered + open_calls
        scored = [x.call for x in self.told if isinstance(x, f.CallScored)]
        assert len(scored) == len(set(scored))
        assert all(x.wait_seconds >= 0 for x in self.told if isinstance(x, f.CallScored))
        answered = [
            x.call for x in self.told if isinstance(x, f.CallScored) and x.outcome == "answered"
        ]
        talks = Counter(x.call for x in self.told if isinstance(x, f.TalkEnded))
        returned = (f.CallReturned, f.CallTransferred)
        back = Counter(x.call for x in self.told if isinstance(x, returned))
        aside = Counter(x.call for x in self.told if isinstance(x, f.CallSetAside))
        ended = Counter(x.call for x in self.told if isinstance(x, f.SetAsideEnded))
        now = Counter(self.engine.state.aside.values())
        assert aside == ended + now
        assert set(talks) <= set(answered)
        assert all(back[call] in (count - 1, count) for call, count in talks.items())
        assert count[f.StepFailed] == 0


TestHotline = Hotline.TestCase
TestHotline.settings = settings(max_examples=300, stateful_step_count=60)
