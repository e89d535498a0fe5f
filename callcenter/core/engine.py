"""The only door into core: `step(event, now)` tells what must be done and what is now true.

It belongs to one task. Time is an argument; `next_deadline` says when `step(TimePassed(), now)` is
due. Two heaps hold every timer: one has how long callers wait at most, an entry for each; the other
has all the rest, which are few. An entry whose deadline is no longer the call's or operator's own
is passed over.

A step is all-or-nothing for each call it touches: a rule decides first and its facts are applied
after. A rule that raises is a bug of ours; that one call is taken to the lifeboat, the bug is told
as the fact `StepFailed`, and nobody else notices.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple, assert_never

from callcenter.core import call as calls
from callcenter.core import help as help_
from callcenter.core import listening as spy
from callcenter.core import news, outward
from callcenter.core import operator as desk
from callcenter.core import recording as recordings
from callcenter.core.call import OnCall
from callcenter.core.change import OTHER_CALL
from callcenter.core.commands import BackToMusic, Command, Exit, HangUp, SendOut
from callcenter.core.conversation import Party
from callcenter.core.events import (
    AsteriskLost,
    BridgeFailed,
    CallArrived,
    CallbackCancelled,
    CallerCut,
    CallerLeft,
    CallerUntold,
    CallNeverBegan,
    CitizenAnswered,
    CitizenRingFailed,
    ClosingAsked,
    ClosingOver,
    ConsultAsked,
    ConsultDecided,
    Decision,
    Event,
    HangUpAsked,
    HelpOver,
    HelpWanted,
    HoursSeen,
    KeyPressed,
    LedgerRead,
    LegEnteredBridge,
    LineAnswered,
    LineEnded,
    LineFailed,
    ListenAsked,
    ListenLeft,
    NewsSwitched,
    OperatorAnswered,
    OperatorLegEnded,
    OperatorLoggedIn,
    OperatorLoggedOut,
    OperatorPaused,
    OperatorResumed,
    PhoneLost,
    PhonesSeen,
    PriorityChanged,
    PromptPlayed,
    RecorderEnded,
    RecordingPauseAsked,
    RecordingStarted,
    RingFailed,
    SiteChanged,
    SnapshotTaken,
    SnoopEnded,
    SnoopStarted,
    SpyAnswered,
    SpyEnded,
    SpyFailed,
    StrangerEntered,
    TapStarted,
    TimePassed,
    TransferAsked,
)
from callcenter.core.facts import (
    AsteriskConnected,
    AsteriskGone,
    CallbackAnswered,
    CallbackAsked,
    CallbackDue,
    CallbackMissed,
    CallbackReached,
    CallbacksHeld,
    CallbackTried,
    CallCut,
    CallerHeld,
    CallerTakenBack,
    CallMoved,
    CallQueued,
    CallReturned,
    CallScored,
    CallTransferred,
    ClosingChanged,
    ConsultAnswered,
    ConsultEnded,
    ConsultMade,
    CoverBack,
    CoverLost,
    Fact,
    HelpAnswer,
    JoiningBegun,
    LegGone,
    LegLetGo,
    LineCut,
    LineStage,
    ListeningChanged,
    ListeningEnded,
    ListenMode,
    ListenStage,
    MenuMoved,
    NeedsRelaxed,
    NewsBegun,
    OfferAnswered,
    OfferEnded,
    OfferEnding,
    OfferMade,
    OperatorChanged,
    OperatorState,
    PartyJoined,
    PhonesChanged,
    PromptBegun,
    PromptEnded,
    QueueClosed,
    QueueOpened,
    QueueRostered,
    QuietHours,
    RecordingChanged,
    RecordingEnd,
    RecordingEnded,
    RecordingStage,
    ServiceStarted,
    SiteTaken,
    StepFailed,
    TalkEnded,
)
from callcenter.core.fold import APPLY, apply
from callcenter.core.ids import CallId, NodeId, OfferId, OperatorId, QueueName, call_of_offer
from callcenter.core.ledger import compare
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    DeskBridge,
    Leg,
    LineLeg,
    OfferLeg,
    RecorderLeg,
    RoomBridge,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
    back_number,
)
from callcenter.core.offers import ways
from callcenter.core.offers.table import OnBack, OnConsult, OnOffer
from callcenter.core.open_line import LINE
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.outcome import LegEnd, OfferResult
from callcenter.core.overflow import (
    can_be_asked,
    has_staff,
    is_on_duty,
    neighbour,
    own_queue,
    owners,
    takes_over,
)
from callcenter.core.reconcile import at_other_phones, reconcile, strange_talks
from callcenter.core.restore import restore
from callcenter.core.rooms import Going
from callcenter.core.routing import next_pair
from callcenter.core.site import Site
from callcenter.core.snapshot import Piece, pieces
from callcenter.core.state import (
    NEVER,
    Call,
    CallState,
    Hears,
    LettingGo,
    Listening,
    OfferState,
    Operator,
    Recording,
    State,
)
from callcenter.core.telling import Tellings
from callcenter.core.turn import Detail, Turn

_Timer = tuple[float, str, str]
"""When it is due; of what kind; whose it is (of an offer: its call)."""

_new = tuple.__new__  # what NamedTuple's own constructor calls in the end


class Step(NamedTuple):
    """What one step decided, in order."""

    commands: list[Command]
    facts: list[Fact]


class Engine:
    """Holds the state, moves it, forgets nothing. No I/O; not safe for two tasks at once."""

    def __init__(self, site: Site, *, room_after_seconds: float = 0.0, seed: int = 0) -> None:
        """`room_after_seconds`: of waiting, then a caller goes to a room; 0: nobody ever does.
        `seed`: of what is drawn by lot."""
        self.state = State(site)
        self._seed = seed
        self._rooms = Going(room_after_seconds)
        self._tellings = Tellings()
        self._timers: list[_Timer] = []  # a heap
        self._patience: list[_Timer] = []  # another
        self._frozen: list[_Timer] = []  # due, and of a node that is lost
        self._possible: set[QueueName] = set()  # queues where somebody waits and somebody is free
        self._removed: set[QueueName] = set()  # not in the site any more, and people may wait there
        self._deserted: set[QueueName] = set()  # people wait there, and nobody may be on duty
        self._changed_talks: set[CallId] = set()  # who hears whom there, since the last step
        self._look_for_duty = False  # somebody came on duty, or went
        self._look_at_callbacks = bool(site.callbacks.prefixes)  # something changed for them
        self._stood: dict[QueueName, set[QueueName]] = {}  # whose callers, when the site changed
        self._commands: list[Command] = []  # of the present step
        self._facts: list[Fact] = []
        self._start_is_told = True  # not of a restored engine, until its first step
        self._handlers: dict[type, Callable[[Any, float], None]] = {
            CallArrived: self._on_arrived,
            CallNeverBegan: self._on_never_began,
            CallerLeft: self._on_caller_left,
            CallerUntold: self._on_untold,
            StrangerEntered: self._on_stranger,
            CallerCut: self._on_caller_cut,
            KeyPressed: self._on_key,
            PromptPlayed: self._on_played,
            CitizenAnswered: self._on_citizen_answered,
            CitizenRingFailed: self._on_citizen_ring_failed,
            CallbackCancelled: self._on_callback_cancelled,
            PriorityChanged: self._on_priority,
            NewsSwitched: self._on_news,
            OperatorAnswered: self._on_answered,
            OperatorLegEnded: self._on_leg_ended,
            LegEnteredBridge: self._on_entered_bridge,
            RingFailed: self._on_ring_failed,
            LineAnswered: self._on_line_answered,
            LineEnded: self._on_line_ended,
            LineFailed: self._on_line_failed,
            BridgeFailed: self._on_bridge_failed,
            OperatorLoggedIn: self._on_log_in,
            OperatorLoggedOut: self._on_log_out,
            OperatorPaused: self._on_pause,
            HelpWanted: self._on_help_wanted,
            HelpOver: self._on_help_over,
            OperatorResumed: self._on_resume,
            HangUpAsked: self._on_hang_up_asked,
            TransferAsked: self._on_transfer_asked,
            ConsultAsked: self._on_consult_asked,
            ConsultDecided: self._on_consult_decided,
            ListenAsked: self._on_listen_asked,
            ListenLeft: self._on_listen_left,
            SpyAnswered: self._on_spy_answered,
            SpyEnded: self._on_spy_ended,
            SpyFailed: self._on_spy_failed,
            SnoopStarted: self._on_snoop_started,
            SnoopEnded: self._on_snoop_ended,
            TapStarted: self._on_tap_started,
            RecordingStarted: self._on_recording_started,
            RecorderEnded: self._on_recorder_ended,
            RecordingPauseAsked: self._on_recording_pause,
            SnapshotTaken: self._on_snapshot,
            PhonesSeen: self._on_phones,
            PhoneLost: self._on_phone_lost,
            AsteriskLost: self._on_lost,
            LedgerRead: self._on_ledger,
            ClosingAsked: self._on_closing_asked,
            ClosingOver: self._on_closing_over,
            SiteChanged: self._on_site,
            HoursSeen: self._on_hours,
            TimePassed: self._on_time,
        }
        follow: dict[type, Callable[[Any], None]] = {
            OfferMade: self._after_offer_fact,
            OfferAnswered: self._after_offer_fact,
            JoiningBegun: self._after_offer_fact,
            OfferEnding: self._after_offer_fact,
            CallbackAsked: self._after_parking,
            CallbackTried: self._after_trying,
            CallbackAnswered: self._after_offer_fact,
            CallbackReached: self._after_back,
            CallbackMissed: self._after_back,
            CallbackDue: self._after_back,
            CallbacksHeld: self._after_holding,
            PromptBegun: self._after_prompt,
            MenuMoved: self._after_prompt,
            PromptEnded: self._after_prompt_end,
            ConsultMade: self._after_hold,
            ConsultAnswered: self._after_offer_fact,
            ConsultEnded: self._after_talk,
            CallerTakenBack: self._after_hold,
            CallerHeld: self._after_talk,
            PartyJoined: self._after_talk,
            RecordingChanged: self._after_recording,
            RecordingEnded: self._after_recorded,
            CallQueued: self._after_queueing,
            CallMoved: self._after_move,
            NeedsRelaxed: self._after_relaxing,
            CallReturned: self._after_return,
            CallTransferred: self._after_return,
            OfferEnded: self._after_return,
            CallScored: self._after_score,
            TalkEnded: self._after_ending,
            OperatorChanged: self._after_change,
            AsteriskConnected: self._after_connect,
            LegLetGo: self._after_letting_go,
            LegGone: self._after_leg,
            ListeningChanged: self._after_listening,
            ListeningEnded: self._after_leg,
            ClosingChanged: self._after_closing,
            NewsBegun: self._after_news,
        }
        self._becoming_true = {kind: (become, follow.get(kind)) for kind, become in APPLY.items()}

    # --- the door ----------------------------------------------------------------------------

    def step(self, event: Event, now: float) -> Step:
        """One event in, commands and facts out. `now` in seconds, never going back."""
        self._commands, self._facts = [], []
        if not self._start_is_told:
            self._start_is_told = True
            for fact in _start(self.state.site, now):
                self._tell(fact)
        try:
            self._handlers[type(event)](event, now)
        except Exception as error:  # noqa: BLE001 - counted; what was taken so far stays true
            self._take(self._failed(event, error, now))
        if self._removed:
            self._move_on(now)
        if self.state.closing is not None and now >= self.state.closing:
            self._let_everybody_go(now)
        if self._look_for_duty:
            self._leave_deserted(now)
        if self._look_at_callbacks:
            self._hold_callbacks(now)
        if self._possible:
            self._assign(now)
        if self.state.listenings:
            self._let_listeners_go(now)
        if self._changed_talks:
            self._look_at_recordings(now)

        if self.state.helps:
            self._end_helps(now)
        return _new(Step, (self._commands, self._facts))

    def next_deadline(self) -> float | None:
        """The engine time of the next timer, in seconds; None when there is none. Timers of a node
        that is away wait: their commands would be lost."""
        if not self.state.connected:
            return None
        timer = self._next_timer()
        return timer[0] if timer else None

    def restore(self, told: Iterable[Piece | Fact]) -> int:
        """Become what the journal says; the snapshot at the next connect brings the rest.

        Gives the number of facts that fitted nothing (behind a damaged record): they are left out,
        because a service that cannot start serves nobody.
        """
        unfit = restore(self.state, told)
        for fact in _start(self.state.site, 0.0):
            apply(self.state, fact)
        self._start_is_told = False
        for queue in self.state.queues.values():
            self._possible.add(queue.rules.name)
        self._note_removed()
        self._look_at_all()
        timers = [timer for timer in self._all_timers() if timer[0] != NEVER]
        self._timers = [timer for timer in timers if timer[1] not in _OF_MANY]
        self._patience = [timer for timer in timers if timer[1] in _OF_MANY]
        self._look_at_callbacks = True
        heapify(self._timers)
        heapify(self._patience)
        return unfit

    def _all_timers(self) -> Iterator[_Timer]:
        for call in self.state.calls.values():
            yield call.until, "call", call.id
            yield call.patience_until, "patience", call.id
            yield call.relaxes_at, "relax", call.id
            if not call.callback_told:
                yield call.callback_at, "callback", call.id
            if call.offer:
                yield call.offer.until, "offer", call.id
            if call.recording:
                yield call.recording.until, "recording", call.id
                yield call.recording.paused_until, "recording", call.id
            elif call.record_from:
                yield call.record_from, "recording", call.id
        for operator in self.state.operators.values():
            yield operator.until, "operator", operator.id
        for offer, leg in self.state.letting_go.items():
            yield leg.until, "leg", offer
        for news_on in self.state.news.values():
            yield news_on.until, "news", news_on.place
        for listening in self.state.listenings.values():
            yield listening.until, "listening", listening.supervisor
        if self.state.callbacks_held == "per_hour":
            yield outward.held_until(self.state), "callbacks", ""

    def snapshot(self) -> Iterator[Piece]:
        """What `restore` makes the present state of; the head of a journal segment."""
        return pieces(self.state)

    # --- deciding ----------------------------------------------------------------------------

    def _failed(self, event: Event, error: Exception, now: float) -> Turn:
        """An event could not be handled at all; a new caller goes to the lifeboat."""
        turn = Turn(self.state, now)
        call = event.call if isinstance(event, CallArrived) else ""
        told = type(error).__name__
        turn.tell(StepFailed(at=now, event=type(event).__name__, error=told, call=call))
        if isinstance(event, CallArrived) and event.call not in self.state.calls:
            leg = CallerLeg(call=event.call, node=event.node)
            turn.order(SendOut(lane=event.call, leg=leg, exit=Exit.ERROR))
        return turn

    def _call(
        self, call: Call | None, what: OnCall, now: float, detail: Detail | None = None
    ) -> None:
        if call is None:
            return
        turn = Turn(self.state, now)
        try:
            calls.RULES[call.state][what].rule(turn, call, detail or _NO_DETAIL)
        except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
            self._take(self._to_lifeboat(call, what.name, error, now))
        else:
            self._take(turn)

    def _offer(
        self,
        call: Call | None,
        what: OnOffer | OnConsult | OnBack,
        now: float,
        detail: Detail | None = None,
    ) -> None:
        """It happens to the call's present offer."""
        if call is None or call.offer is None:
            return
        turn = Turn(self.state, now)
        try:
            cell = ways.cell_of(call.offer, what)
            cell.rule(turn, call, call.offer, detail or _NO_DETAIL)
        except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
            self._take(self._to_lifeboat(call, what.name, error, now))
        else:
            self._take(turn)

    def _operator(self, ask: Ask, what: OnOperator, now: float) -> None:
        operator = self.state.operators.get(ask.operator) or Operator(id=ask.operator)
        was_on_duty = is_on_duty(operator)
        turn = Turn(self.state, now)
        desk.RULES[operator.state][what].rule(turn, operator, ask)
        self._take(turn)
        if not was_on_duty and self._deserted:
            self._look_for_duty = True

    def _tell(self, fact: Fact) -> None:
        """One fact becomes true."""
        become, follow = self._becoming_true[type(fact)]
        become(self.state, fact)
        if follow:
            follow(fact)
        self._facts.append(fact)

    def _take(self, turn: Turn) -> None:
        """What the turn decided becomes true."""
        state, becoming_true = self.state, self._becoming_true
        for fact in turn.facts:
            become, follow = becoming_true[type(fact)]
            become(state, fact)
            if follow:
                follow(fact)
        self._facts += turn.facts
        self._commands += turn.commands

    def _is_gone(self, offer: OfferId, now: float) -> None:
        """Its phone can be rung again."""
        if offer in self.state.letting_go:
            self._tell(LegGone(at=now, offer=offer))

    def _look_everywhere(self) -> None:
        for name, queue in self.state.queues.items():
            if queue.free and len(queue.line):
                self._possible.add(name)

    # --- what follows from a fact: a timer, or a queue where an offer has become possible ----

    def _after_offer_fact(
        self,
        fact: OfferMade
        | OfferAnswered
        | JoiningBegun
        | OfferEnding
        | ConsultMade
        | ConsultAnswered
        | CallerTakenBack
        | CallbackAnswered
        | CallbackTried,
    ) -> None:
        heappush(self._timers, (fact.until, "offer", fact.call))

    def _after_hold(self, fact: ConsultMade | CallerTakenBack) -> None:
        self._after_offer_fact(fact)
        self._changed_talks.add(fact.call)

    def _after_talk(self, fact: ConsultEnded | CallerHeld | PartyJoined) -> None:
        self._changed_talks.add(fact.call)

    def _after_recording(self, fact: RecordingChanged) -> None:
        for due in (fact.until, fact.paused_until):
            if due:
                heappush(self._timers, (due, "recording", fact.call))

    def _after_recorded(self, fact: RecordingEnded) -> None:
        if fact.next_from:
            heappush(self._timers, (fact.next_from, "recording", fact.call))

    def _after_parking(self, fact: CallbackAsked) -> None:
        self._look_at_callbacks = True
        heappush(self._patience, (fact.until, "patience", fact.call))
        if not has_staff(self.state, self.state.queues[fact.queue]):
            self._deserted.add(fact.queue)

    def _after_trying(self, fact: CallbackTried) -> None:
        self._look_at_callbacks = True
        self._after_offer_fact(fact)

    def _after_back(self, fact: CallbackReached | CallbackMissed | CallbackDue) -> None:
        self._look_at_callbacks = True
        call = self.state.calls[fact.call]
        if call.state is CallState.RESTING:
            heappush(self._timers, (call.until, "call", fact.call))
            return
        self._after_queueing(fact)
        if fact.queue in self._deserted:
            self._look_for_duty = True

    def _after_holding(self, fact: CallbacksHeld) -> None:
        if not fact.why:
            self._look_everywhere()
        elif fact.why == "per_hour":
            heappush(self._timers, (outward.held_until(self.state), "callbacks", ""))

    def _after_prompt(self, fact: PromptBegun | MenuMoved) -> None:
        heappush(self._timers, (fact.until, "call", fact.call))

    def _after_prompt_end(self, fact: PromptEnded) -> None:
        self._rooms.waits(fact.call, fact.at)

    def _after_queueing(
        self,
        fact: CallQueued
        | CallMoved
        | CallReturned
        | CallTransferred
        | OfferEnded
        | CallbackReached
        | CallbackMissed
        | CallbackDue,
    ) -> None:
        call = self.state.calls[fact.call]
        if call.state in _IN_LINE:
            if call.state is _WAITING:
                self._rooms.waits(fact.call, fact.at)
                if self.state.news or self.state.queues[call.queue].rules.telling is not None:
                    self._tellings.waits(self.state, call, fact.at)
                if call.callback_at >= fact.at and call.callback_at != NEVER:
                    heappush(self._patience, (call.callback_at, "callback", fact.call))
            heappush(self._patience, (call.patience_until, "patience", fact.call))
            if call.needs:
                heappush(self._patience, (call.relaxes_at, "relax", fact.call))
            if call.queue not in self.state.site.queues:
                self._removed.add(call.queue)
            if self.state.queues[call.queue].free:
                self._possible.add(call.queue)
            elif not has_staff(self.state, self.state.queues[call.queue]):
                self._deserted.add(call.queue)

    def _after_relaxing(self, fact: NeedsRelaxed) -> None:
        call = self.state.calls[fact.call]
        if call.needs:
            heappush(self._patience, (call.relaxes_at, "relax", fact.call))
        if call.state in _IN_LINE and self.state.queues[call.queue].free:
            self._possible.add(call.queue)

    def _after_return(self, fact: CallReturned | CallTransferred | OfferEnded) -> None:
        """Not at admission: there the neighbours have been asked already."""
        if type(fact) is OfferEnded and fact.result is _TALK:
            self._changed_talks.add(fact.call)
        self._after_queueing(fact)
        if fact.queue in self._deserted:
            self._look_for_duty = True

    def _after_move(self, fact: CallMoved) -> None:
        self._after_queueing(fact)
        if fact.left:
            self._has_room(QueueName(fact.left))

    def _has_room(self, name: QueueName) -> None:
        """One caller less: who waits where nobody is on duty may have waited for that."""
        queue = self.state.queues[name]
        if self._deserted and queue.on_the_phone == queue.rules.waiting_limit - 1:
            self._look_for_duty = True

    def _after_score(self, fact: CallScored) -> None:
        self._after_ending(fact)
        if fact.queue:
            self._has_room(fact.queue)

    def _after_ending(self, fact: CallScored | TalkEnded) -> None:
        until = self.state.calls[fact.call].until
        if until != NEVER:
            heappush(self._timers, (until, "call", fact.call))

    def _after_change(self, fact: OperatorChanged) -> None:
        if fact.until:
            heappush(self._timers, (fact.until, "operator", fact.operator))
        if fact.state is _AVAILABLE:
            for name in fact.queues:
                if len(self.state.queues[name].line):
                    self._possible.add(name)
        elif not is_on_duty(self.state.operators[fact.operator]):
            self._deserted.update(n for n in fact.queues if len(self.state.queues[n].line))
            self._look_for_duty = bool(self._deserted)

    def _end_helps(self, now: float) -> None:
        """Of operators who went home."""
        for name in list(self.state.helps):
            operator = self.state.operators.get(name)
            if operator is None or operator.state is OperatorState.OFFLINE:
                self._tell(help_.ended(self.state, name, HelpAnswer.LEFT, name, now))

    def _after_connect(self, fact: AsteriskConnected) -> None:
        for timer in self._frozen:
            heappush(self._heap_of(timer), timer)
        self._frozen.clear()

    def _after_letting_go(self, fact: LegLetGo) -> None:
        if fact.until != NEVER:
            heappush(self._timers, (fact.until, "leg", fact.offer))

    def _after_leg(self, fact: LegGone | ListeningEnded) -> None:
        if type(fact) is ListeningEnded:
            self._changed_talks.add(fact.call)
        self._look_everywhere()

    def _after_listening(self, fact: ListeningChanged) -> None:
        self._changed_talks.add(fact.call)
        if fact.until:
            heappush(self._timers, (fact.until, "listening", fact.supervisor))

    def _after_closing(self, fact: ClosingChanged) -> None:
        self._look_at_callbacks = True
        if fact.until is not None:
            heappush(self._timers, (fact.until, "closing", ""))

    def _after_news(self, fact: NewsBegun) -> None:
        if fact.until != NEVER:
            heappush(self._timers, (fact.until, "news", fact.place))
        self._tellings.all_of(news.waiting_for(self.state, fact.place), fact.at)

    def _assign(self, now: float) -> None:
        if not self.state.connected:
            return
        possible = sorted(self._possible)
        self._possible.clear()
        while pair := next_pair(self.state, possible, self._seed):
            operator, call = pair
            self._call(call, _OFFER, now, Detail(operator=operator))
            if self._look_at_callbacks:
                self._hold_callbacks(now)

    def _hold_callbacks(self, now: float) -> None:
        """Whether citizens may be called now, after something that counts for it."""
        self._look_at_callbacks = False
        why = outward.why_held(self.state, now)
        if why != self.state.callbacks_held:
            self._tell(CallbacksHeld(at=now, why=why))

    def _to_lifeboat(self, call: Call, event: str, error: Exception, now: float) -> Turn:
        """A bug of ours must not leave a citizen in silence, nor an operator in a dead call."""
        turn = Turn(self.state, now)
        told = type(error).__name__
        turn.tell(StepFailed(at=now, event=event, error=told, call=call.id))
        calls.RULES[call.state][OnCall.FAULT].rule(turn, call, _NO_DETAIL)
        return turn

    # --- callers -----------------------------------------------------------------------------

    def _on_arrived(self, event: CallArrived, now: float) -> None:
        if event.call in self.state.calls:
            return
        if not event.did:
            leg = CallerLeg(call=event.call, node=event.node)
            self._commands.append(HangUp(lane=event.call, leg=leg))
            return
        turn = Turn(self.state, now)
        if self.state.is_over(event.call):  # scored before: the lifeboat has it, and keeps it
            leg = CallerLeg(call=event.call, node=event.node)
            turn.order(SendOut(lane=event.call, leg=leg, exit=Exit.ERROR))
        else:
            calls.admit(turn, event)
        self._take(turn)

    def _on_never_began(self, event: CallNeverBegan, now: float) -> None:
        if not self.state.remembers(event.call):
            turn = Turn(self.state, now)
            calls.never_began(turn, event)
            self._take(turn)

    def _on_caller_left(self, event: CallerLeft, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call is not None and back_number(call.leg) != event.back:
            return  # late: of a leg that was let go before
        if call is not None and call.is_called:
            self._offer(call, OnBack.ENDED, now, Detail(end=event.end))
            return
        loss = event.loss or (call.loss if call else None)
        self._call(call, _LEFT, now, Detail(loss=loss) if loss else None)
        if call is None and not self.state.is_over(event.call):
            self._end_strange_talk(event.call)

    def _end_strange_talk(self, call: CallId) -> None:
        """The caller left a talk that began before we knew of anyone (core/reconcile.py): the
        operator is alone now, in a call that nobody else would end."""
        for offer, held in self.state.letting_go.items():
            if call_of_offer(offer) == call:
                self._commands.append(HangUp(lane=call, leg=OfferLeg(offer=offer, node=held.node)))

    def _on_caller_cut(self, event: CallerCut, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call and (call.is_parked or back_number(call.leg) != event.back):
            return
        if call and call.state is not CallState.LEAVING and not call.is_ending:
            self._tell(CallCut(at=now, call=event.call, loss=event.loss))

    def _on_untold(self, event: CallerUntold, now: float) -> None:
        if event.call not in self.state.calls:  # it comes again under another name
            leg = CallerLeg(call=event.call, node=event.node)
            self._commands.append(SendOut(lane=event.call, leg=leg, exit=Exit.UNTOLD))

    def _on_stranger(self, event: StrangerEntered, now: float) -> None:
        self._commands.append(HangUp(lane=event.leg, leg=event.leg))

    def _on_key(self, event: KeyPressed, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call is None or back_number(call.leg) != event.back:
            return
        if not call.is_called:
            self._call(call, OnCall.KEY, now, Detail(key=event.key))
            return
        operator = self.state.operators[call.operator or OperatorId("")]
        self._offer(call, OnBack.KEY, now, Detail(key=event.key))
        if call.state is _WAITING:  # a person is there: the operator was kept free for this
            self._call(call, _OFFER, now, Detail(operator=operator))

    def _on_citizen_answered(self, event: CitizenAnswered, now: float) -> None:
        call = self.state.calls.get(event.leg.call)
        if call is not None and call.leg == event.leg and call.is_parked and call.is_called:
            self._offer(call, OnBack.ANSWERED, now)
        elif call is None or call.leg != event.leg or call.is_parked:  # stale
            self._commands.append(HangUp(lane=event.leg.call, leg=event.leg))

    def _on_citizen_ring_failed(self, event: CitizenRingFailed, now: float) -> None:
        call = self.state.calls.get(event.leg.call)
        if call is not None and call.leg == event.leg and call.is_called:
            self._offer(call, OnBack.ENDED, now, _UNREACHABLE)

    def _on_callback_cancelled(self, event: CallbackCancelled, now: float) -> None:
        call, why = self.state.calls.get(event.call), Detail(reason="cancelled")
        if call is not None and call.is_called:
            self._offer(call, OnBack.CANCELLED, now, why)
        else:
            self._call(call, OnCall.CANCELLED, now, why)

    def _on_played(self, event: PromptPlayed, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call and call.prompt and call.prompt.number == event.number:
            self._call(call, OnCall.PLAYED, now)
            if event.failed and call.hears is Hears.MUSIC:
                music = BackToMusic(lane=call.id, caller=call.leg, bridge=None)
                self._commands.append(music)

    def _on_priority(self, event: PriorityChanged, now: float) -> None:
        call = self.state.calls.get(event.call)
        self._call(call, OnCall.PRIORITY, now, Detail(priority=event.priority))

    def _on_news(self, event: NewsSwitched, now: float) -> None:
        turn = Turn(self.state, now)
        if event.prompts:
            news.switch_on(turn, event.place, event.prompts, event.more, event.seconds)
        else:
            news.switch_off(turn, event.place)
        self._take(turn)

    # --- offers: a late one is stale ---------------------------------------------------------

    def _current(self, offer: OfferId) -> Call | None:
        call = self.state.calls.get(call_of_offer(offer))
        return call if call and call.offer and call.offer.id == offer else None

    def _asking(self, offer: OfferId) -> Call | None:
        """The call whose operator asks the colleague whom this leg is for."""
        call = self.state.calls.get(call_of_offer(offer))
        return call if call and call.consult and call.consult.id == offer else None

    def _on_answered(self, event: OperatorAnswered, now: float) -> None:
        if call := self._current(event.offer):
            self._offer(call, _ANSWERED, now)
        elif call := self._asking(event.offer):
            self._offer(call, OnConsult.ANSWERED, now)
        else:  # stale: taken back before it was answered
            leg = OfferLeg(offer=event.offer, node=event.node)
            self._commands.append(HangUp(lane=call_of_offer(event.offer), leg=leg))

    def _on_leg_ended(self, event: OperatorLegEnded, now: float) -> None:
        if call := self._current(event.offer):
            self._leg_ended(call, event.end, now)
            if event.gone:
                self._is_gone(event.offer, now)
            return
        if call := self._asking(event.offer):
            self._offer(call, OnConsult.GONE, now, Detail(end=event.end))
        if event.gone:
            self._is_gone(event.offer, now)
        lane = call_of_offer(event.offer)
        if lane not in self.state.calls and not self.state.is_over(lane):
            # They talked before we knew of anyone (core/reconcile.py): the caller is alone now.
            alone = CallerLeg(call=lane, node=event.node)
            self._commands.append(HangUp(lane=lane, leg=alone))

    def _on_ring_failed(self, event: RingFailed, now: float) -> None:
        if call := self._current(event.offer):
            self._offer(call, OnOffer.RING_FAILED, now)
        elif call := self._asking(event.offer):
            self._offer(call, OnConsult.GONE, now, _UNREACHABLE)
        self._is_gone(event.offer, now)

    def _on_bridge_failed(self, event: BridgeFailed, now: float) -> None:
        if call := self._current(event.offer):
            self._offer(call, OnOffer.BRIDGE_FAILED, now)
        elif call := self._asking(event.offer):
            self._offer(call, OnConsult.GONE, now, _UNREACHABLE)

    def _on_entered_bridge(self, event: LegEnteredBridge, now: float) -> None:
        if isinstance(event.bridge, RoomBridge):
            return  # still waits
        match event.leg:
            case LineLeg(operator=owner, node=node) as line:
                desk_there = DeskBridge(operator=owner, node=node)
                if event.bridge == desk_there and self._line(line):
                    self._operator(Ask(operator=owner), OnOperator.LINE_SEATED, now)
            case OfferLeg(offer=offer):
                if call := self._current(offer):
                    self._entered(call, _OPERATOR, event, now)
                elif (call := self._asking(offer)) and event.bridge == call.desk:
                    self._offer(call, OnConsult.JOINED, now)
            case SpyLeg() as leg:
                if call := self._taken_over(leg):
                    self._entered(call, _OPERATOR, event, now)
            case SnoopLeg(supervisor=supervisor) as leg:
                held = self.state.listenings.get(supervisor)
                joining = held and held.snoop == leg and held.stage is ListenStage.JOINING
                if held and joining and event.bridge == held.desk:
                    self._listening(spy.heard, held, now)
            case CallerLeg(call=name) | BackLeg(call=name) as leg:
                call = self.state.calls.get(name)
                if call is None or call.leg != leg or call.is_parked:
                    return
                waits = call.state is _WAITING or (call.offer and call.offer.state is _RINGING)
                if (waits or call.is_held) and call.node not in self.state.lost:
                    music = BackToMusic(lane=call.id, caller=leg, bridge=event.bridge)
                    self._commands.append(music)  # joined late, and nobody is there
                self._entered(call, _CALLER, event, now)
            case RecorderLeg() | StrangeLeg():
                pass
            case _:
                assert_never(event.leg)

    def _entered(self, call: Call, party: Party, event: LegEnteredBridge, now: float) -> None:
        """A leg of an offer is in a bridge; unless it is late, of an earlier try."""
        offer = call.offer
        if offer is None or offer.state not in _BEING_JOINED or event.bridge != call.desk:
            return
        assert offer.conversation is not None
        if offer.state is _RETAKING and party is not _CALLER:
            return  # went in anew
        whole = offer.conversation.lacks_only(party)
        what = _JOINED if whole else _PARTY_JOINED
        self._offer(call, what, now, _OF_PARTY[party])

    # --- open lines: an earlier one is stale --------------------------------------------------

    def _line(self, leg: LineLeg) -> Operator | None:
        """Whose present line it is."""
        operator = self.state.operators.get(leg.operator)
        if operator is None or operator.line is LineStage.DOWN or operator.line_leg != leg:
            return None
        return operator

    def _on_line_answered(self, event: LineAnswered, now: float) -> None:
        if operator := self._line(event.leg):
            self._operator(Ask(operator=operator.id), OnOperator.LINE_ANSWERED, now)
        else:
            self._hang_up_line(event.leg)

    def _hang_up_line(self, leg: LineLeg) -> None:
        lane = DeskBridge(operator=leg.operator, node=leg.node)
        self._commands.append(HangUp(lane=lane, leg=leg))

    def _on_line_ended(self, event: LineEnded, now: float) -> None:
        operator = self._line(event.leg)
        if operator is None:
            return
        call = self.state.calls.get(operator.call) if operator.call else None
        if self.state.closing is not None and event.end is LegEnd.DIED:
            self._tell(LineCut(at=now, operator=operator.id))
        ask = Ask(operator=operator.id, end=event.end)
        self._operator(ask, OnOperator.LINE_ENDED, now)
        if call and call.offer and call.offer.line == event.leg:
            self._leg_ended(call, event.end, now)

    def _leg_ended(self, call: Call, end: LegEnd, now: float) -> None:
        """The operator's leg is gone. When the phone died, the caller must not lose the call."""
        operator = self.state.operators.get(call.operator or OperatorId(""))
        away = operator is not None and operator.endpoint in self.state.away
        if end is LegEnd.DIED or (end is LegEnd.LOST and away):
            self._offer(call, OnOffer.PHONE_LOST, now, Detail(end=end))
        else:
            self._offer(call, OnOffer.LEG_ENDED, now, Detail(end=end))

    def _on_line_failed(self, event: LineFailed, now: float, *, sure: bool = False) -> None:
        operator = self._line(event.leg)
        seated = operator is not None and operator.line is LineStage.SEATED
        if seated and event.leg.node not in self.state.lost and not sure:
            return  # only the answer was lost; the event is the truth
        self._hang_up_line(event.leg)
        self._on_line_ended(LineEnded(leg=event.leg, end=LegEnd.UNREACHABLE), now)

    # --- operators ---------------------------------------------------------------------------

    def _on_log_in(self, event: OperatorLoggedIn, now: float) -> None:
        known = tuple(q for q in event.queues if q in self.state.queues)
        ask = Ask(
            operator=event.operator,
            endpoint=event.endpoint,
            queues=known,
            open_line=event.open_line,
            skills=event.skills,
            reason=event.paused,
        )
        self._operator(ask, OnOperator.LOGGED_IN, now)
        self._look_at_all()  # the queues may be others than before

    def _on_log_out(self, event: OperatorLoggedOut, now: float) -> None:
        self._operator(Ask(operator=event.operator), OnOperator.LOGGED_OUT, now)
        self._leave(self.state.listenings.get(event.operator), now)  # the bridge is closed
        operator = self.state.operators.get(event.operator)
        if operator and operator.state is OperatorState.RINGING and operator.call:
            self._withdraw(operator, operator.call, now)

    def _withdraw(self, operator: Operator, call_id: CallId, now: float) -> None:
        """What rings at an operator is taken back."""
        call = self.state.calls.get(call_id)
        if call and call.asks(operator.id):
            self._offer(call, OnConsult.GONE, now, Detail(end=LegEnd.LOST))
        else:
            self._offer(call, OnOffer.WITHDRAWN, now)

    def _on_pause(self, event: OperatorPaused, now: float) -> None:
        ask = Ask(operator=event.operator, reason=event.reason)
        self._operator(ask, OnOperator.PAUSED, now)

    def _on_resume(self, event: OperatorResumed, now: float) -> None:
        self._operator(Ask(operator=event.operator), OnOperator.RESUMED, now)

    def _on_help_wanted(self, event: HelpWanted, now: float) -> None:
        if help_.can_ask(self.state, event.operator):
            self._tell(help_.asked(event.operator, now))

    def _on_help_over(self, event: HelpOver, now: float) -> None:
        if event.operator in self.state.helps:
            self._tell(help_.ended(self.state, event.operator, event.how, event.by, now))

    def _on_hang_up_asked(self, event: HangUpAsked, now: float) -> None:
        operator = self.state.operators.get(event.operator)
        call = self.state.calls.get(operator.call) if operator and operator.call else None
        if operator is None or call is None or event.call not in (None, call.id):
            return
        what = OnConsult.GONE if call.asks(operator.id) else OnOffer.HANG_UP
        self._offer(call, what, now)

    def _on_transfer_asked(self, event: TransferAsked, now: float) -> None:
        """Nobody is given on to where nobody would answer: then the talk goes on."""
        operator = self.state.operators.get(event.operator)
        call = self.state.calls.get(event.call)
        mine = operator is not None and operator.call == event.call
        mine = mine and call is not None and call.operator == event.operator
        known = event.queue is None or event.queue in self.state.site.queues
        if call is None or not (mine and known):
            return
        to = self.state.operators.get(event.to) if event.to else None
        if event.to:
            if to is None or not self.state.is_free(to) or call.node in self.state.lost:
                return
        elif not takes_over(self.state, event.queue or call.queue):
            return
        self._offer(call, OnOffer.TRANSFER, now, Detail(queue=event.queue, to=event.to))
        if to is not None and call.state is _WAITING:
            self._call(call, OnCall.OFFER, now, Detail(operator=to))

    def _on_consult_asked(self, event: ConsultAsked, now: float) -> None:
        """Only a colleague who is free now, at a phone that can be rung, is asked."""
        call, to = self.state.calls.get(event.call), self.state.operators.get(event.to)
        if call is None or call.operator != event.operator or call.node in self.state.lost:
            return
        if to is not None and can_be_asked(self.state, to):
            self._offer(call, OnConsult.ASKED, now, Detail(operator=to))

    def _on_consult_decided(self, event: ConsultDecided, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call is not None and call.operator == event.operator:
            self._offer(call, _DECIDED[event.decision], now)

    # --- supervisors who listen --------------------------------------------------------------

    def _on_listen_asked(self, event: ListenAsked, now: float) -> None:
        call, held = self.state.calls.get(event.call), self.state.listenings.get(event.supervisor)
        if held is not None:
            same = held.call == event.call and held.operator == event.operator
            if same and held.mode is not event.mode and held.stage is not ListenStage.LEAVING:
                self._switch(held, event.mode, now)
            return
        can = call and spy.can_begin(self.state, event.supervisor, call, event.operator)
        if call is None or not can or call.node in self.state.lost:
            return
        turn = Turn(self.state, now)
        spy.begin(
            turn,
            supervisor=event.supervisor,
            endpoint=event.endpoint,
            call=call,
            mode=event.mode,
        )
        self._take(turn)

    def _switch(self, held: Listening, mode: ListenMode, now: float) -> None:
        rings = held.stage is ListenStage.RINGING
        if mode is not ListenMode.TAKE_OVER or rings:
            turn = Turn(self.state, now)
            spy.switch(turn, held, mode)
            self._take(turn)
        elif spy.can_take_over(self.state, held):
            self._offer(self.state.talk_of(held), OnOffer.TAKEN_OVER, now, Detail(listening=held))

    def _on_listen_left(self, event: ListenLeft, now: float) -> None:
        self._leave(self.state.listenings.get(event.supervisor), now)

    def _on_spy_answered(self, event: SpyAnswered, now: float) -> None:
        held, taken = self._listener(event.leg), self._taken_over(event.leg)
        if held is None:
            if taken is None:  # stale: let go before it was answered
                lane = DeskBridge(operator=event.leg.supervisor, node=event.leg.node)
                self._commands.append(HangUp(lane=lane, leg=event.leg))
            return
        call = self.state.talk_of(held)
        if held.stage is not ListenStage.RINGING or call is None or call.offer is None:
            return
        if held.mode is ListenMode.TAKE_OVER:
            if spy.can_take_over(self.state, held):
                self._offer(call, OnOffer.TAKEN_OVER, now, Detail(listening=held))
            else:
                self._leave(held, now)
            return
        turn = Turn(self.state, now)
        spy.answered(turn, held, call.offer.leg)
        self._take(turn)

    def _on_snoop_started(self, event: SnoopStarted, now: float) -> None:
        held = self.state.listenings.get(event.leg.supervisor)
        if held and held.snoop == event.leg and held.stage in _HEARS:
            self._listening(spy.snoop_started, held, now)
        else:
            lane = DeskBridge(operator=event.leg.supervisor, node=event.leg.node)
            self._commands.append(HangUp(lane=lane, leg=event.leg))

    def _on_spy_ended(self, event: SpyEnded, now: float) -> None:
        if held := self._listener(event.leg):
            if event.gone:
                self._listening(spy.gone, held, now)
            else:
                self._leave(held, now)
            return
        if call := self._taken_over(event.leg):
            self._leg_ended(call, event.end, now)
        supervisor = self.state.operators.get(event.leg.supervisor)
        if event.gone and supervisor is not None:  # after taking over
            for offer, leg in list(self.state.letting_go.items()):
                if leg.endpoint == supervisor.endpoint:
                    self._is_gone(offer, now)

    def _on_spy_failed(self, event: SpyFailed, now: float) -> None:
        self._leave(self._listener(event.leg), now)

    def _on_snoop_ended(self, event: SnoopEnded, now: float) -> None:
        held = self.state.listenings.get(event.leg.supervisor)
        if held and held.snoop == event.leg and not held.hears_by_own_leg:
            self._leave(held, now)

    def _listener(self, leg: SpyLeg) -> Listening | None:
        held = self.state.listenings.get(leg.supervisor)
        return held if held and held.leg == leg else None

    def _taken_over(self, leg: SpyLeg) -> Call | None:
        """The call whose operator is a supervisor who took over, on this leg."""
        operator = self.state.operators.get(leg.supervisor)
        call = self.state.calls.get(operator.call) if operator and operator.call else None
        return call if call and call.offer and call.offer.spy == leg else None

    def _listening(
        self, rule: Callable[[Turn, Listening], None], held: Listening, now: float
    ) -> None:
        turn = Turn(self.state, now)
        rule(turn, held)
        self._take(turn)

    def _leave(self, held: Listening | None, now: float) -> None:
        if held is not None and held.stage is not ListenStage.LEAVING:
            self._listening(spy.leave, held, now)

    def _let_listeners_go(self, now: float) -> None:
        """The talk is over, or is another operator's now."""
        for held in list(self.state.listenings.values()):
            if self.state.talk_of(held) is None:
                self._leave(held, now)

    # --- recordings --------------------------------------------------------------------------

    def _recorded(self, leg: RecorderLeg, stage: RecordingStage | None = None) -> Call | None:
        """The call whose present recording has this leg, in this stage if one is named."""
        call = self.state.calls.get(leg.call)
        if call is None or call.recording is None or not recordings.is_ours(call, leg):
            return None
        return call if stage in (None, call.recording.stage) else None

    def _recording(
        self, rule: Callable[..., None], call: Call | None, now: float, *more: object
    ) -> None:
        """A fault of ours here costs the recording, and is counted; the talk goes on."""
        if call is None or call.recording is None:
            return
        turn = Turn(self.state, now)
        rule(turn, call, call.recording, *more)
        self._take(turn)

    def _on_tap_started(self, event: TapStarted, now: float) -> None:
        if call := self._recorded(event.leg, RecordingStage.TAPPING):
            self._recording(recordings.tapped, call, now, event.leg.side)
        elif self._recorded(event.leg) is None:
            self._commands.append(HangUp(lane=event.leg, leg=event.leg))

    def _on_recording_started(self, event: RecordingStarted, now: float) -> None:
        call = self._recorded(event.leg, RecordingStage.STARTING)
        self._recording(recordings.started, call, now, event.leg.side)

    def _on_recorder_ended(self, event: RecorderEnded, now: float) -> None:
        call = self._recorded(event.leg)
        if call is None or call.recording is None or call.node in self.state.lost:
            return
        self._recording(recordings.cut, call, now)

    def _on_recording_pause(self, event: RecordingPauseAsked, now: float) -> None:
        call = self.state.calls.get(event.call)
        if call is None or call.operator != event.operator:
            return
        if call.recording is not None:
            self._recording(recordings.pause if event.on else recordings.resume, call, now)
        elif recordings.is_between(self.state, call, now):
            turn = Turn(self.state, now)
            recordings.keep_pause(turn, call, on=event.on)
            self._take(turn)

    def _on_recording_time(self, call: Call, held: Recording, now: float) -> None:
        if held.until <= now:
            self._recording(_failed_recording, call, now)
        else:
            self._recording(recordings.resume, call, now)

    def _recordings_seen(self, event: SnapshotTaken, now: float) -> None:
        there: set[Leg] = {seen.leg for seen in event.legs if seen.in_app}
        for call in list(self.state.calls.values()):
            if call.node != event.node:
                continue
            if call.recording is not None:
                self._recording(recordings.seen_again, call, now, there)
            if call.noticed and call.talks_now:
                self._changed_talks.add(call.id)

    def _look_at_recordings(self, now: float) -> None:
        """Who hears whom has changed in these talks."""
        changed_talks, self._changed_talks = self._changed_talks, set()
        for name in sorted(changed_talks):
            call = self.state.calls.get(name)
            if call is None or not (call.noticed or call.recording):
                continue
            turn = Turn(self.state, now)
            try:
                recordings.look(turn, call)
            except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
                turn = Turn(self.state, now)
                told = type(error).__name__
                turn.tell(StepFailed(at=now, event="recording", error=told, call=call.id))
            self._take(turn)

    # --- the machinery -----------------------------------------------------------------------

    def _on_snapshot(self, event: SnapshotTaken, now: float) -> None:
        for listening in list(self.state.listenings.values()):
            if listening.node == event.node:
                self._listening(spy.forget, listening, now)
        strangers = list(strange_talks(self.state, event, now))
        unsure = [
            (call.id, call.prompt.number)
            for call in self.state.calls.values()
            if call.prompt is not None and call.node == event.node
        ]
        self._rooms.begin_anew(self.state, event, now)
        self._tellings.begin_anew(self.state, now)
        events, commands = reconcile(self.state, event)
        adopted = sum(isinstance(e, CallArrived) for e in events)
        missing = sum(isinstance(e, CallerLeft | OperatorLegEnded | LineEnded) for e in events)
        self._commands += commands
        there = at_other_phones(self.state, event)
        for offer, leg in list(self.state.letting_go.items()):
            if leg.node == event.node and offer not in there:
                self._tell(LegGone(at=now, offer=offer))
        for offer, endpoint in there.items():  # another snapshot comes before an end is missed
            leg_there = LettingGo(endpoint, NEVER, event.node)
            if self.state.letting_go.get(offer) != leg_there:
                self._tell(
                    LegLetGo(at=now, offer=offer, endpoint=endpoint, until=NEVER, node=event.node)
                )
        self._look_everywhere()  # a phone that was held may be free now
        self._on_phones(
            PhonesSeen(elsewhere=event.elsewhere, away=event.away, node=event.node), now
        )
        for each in events:
            try:
                self._handlers[type(each)](each, now)
            except Exception as error:  # noqa: BLE001 - the others of the snapshot are not to blame
                self._take(self._failed(each, error, now))
        for name, number in unsure:
            held = self.state.calls.get(name)
            if held is not None and held.prompt and held.prompt.number == number:
                self._call(held, OnCall.UNSURE, now)
        self._recordings_seen(event, now)
        turn = Turn(self.state, now)
        turn.tell(
            AsteriskConnected(
                at=now, boot=event.boot, adopted=adopted, missing=missing, node=event.node
            )
        )
        turn.tell(*strangers)
        self._take(turn)

    def _on_phones(self, event: PhonesSeen, now: float) -> None:
        were_elsewhere, were_away = self.state.elsewhere, self.state.away
        node = self.state.node(event.node)
        seen = PhonesChanged(
            at=now,
            elsewhere=tuple(sorted(event.elsewhere - node.elsewhere)),
            free=tuple(sorted(node.elsewhere - event.elsewhere)),
            away=tuple(sorted(event.away - node.away)),
            back=tuple(sorted(node.away - event.away)),
            node=event.node,
        )
        is_new = event.node not in self.state.nodes
        if is_new or seen.elsewhere or seen.free or seen.away or seen.back:
            self._tell(seen)
        elsewhere, away = self.state.elsewhere, self.state.away
        otherwise = (were_elsewhere ^ elsewhere) | (were_away ^ away)
        for operator in list(self.state.operators.values()):
            free = operator.endpoint not in elsewhere and operator.reason == OTHER_CALL
            there = operator.endpoint not in away and operator.state is _PHONE_AWAY
            if operator.endpoint in otherwise or free or there:
                self._operator(Ask(operator=operator.id), OnOperator.PHONE_SEEN, now)
            rings = operator.state is OperatorState.RINGING and operator.call
            if rings and operator.endpoint in elsewhere:
                self._withdraw(operator, rings, now)
            if operator.endpoint in away and operator.state is OperatorState.RINGING:
                self._phone_is_gone(operator, _RUNG, now)

    def _on_phone_lost(self, event: PhoneLost, now: float) -> None:
        for held in list(self.state.listenings.values()):
            if held.endpoint == event.endpoint:
                self._leave(held, now)
        for operator in list(self.state.operators.values()):
            if operator.endpoint == event.endpoint:
                self._phone_is_gone(operator, _TALKS, now)
                if operator.line is not LineStage.DOWN:  # nobody is on it
                    self._on_line_failed(LineFailed(leg=operator.line_leg), now, sure=True)

    def _phone_is_gone(self, operator: Operator, of: tuple[OfferState, ...], now: float) -> None:
        call = self.state.calls.get(operator.call) if operator.call else None
        if call and call.asks(operator.id):
            self._offer(call, OnConsult.GONE, now, Detail(end=LegEnd.DIED))
        elif call and call.offer and call.offer.state in of:
            self._offer(call, OnOffer.PHONE_LOST, now)

    def _on_lost(self, event: AsteriskLost, now: float) -> None:
        if event.node not in self.state.lost:
            turn = Turn(self.state, now)
            turn.tell(AsteriskGone(at=now, node=event.node))
            self._take(turn)

    def _on_ledger(self, event: LedgerRead, now: float) -> None:
        turn = Turn(self.state, now)
        compare(turn, event)
        self._take(turn)

    def _on_closing_asked(self, event: ClosingAsked, now: float) -> None:
        self._tell(ClosingChanged(at=now, until=now + event.seconds))

    def _on_closing_over(self, event: ClosingOver, now: float) -> None:
        cut = sorted(self.state.cut_lines)
        if self.state.closing is not None:
            self._tell(ClosingChanged(at=now, until=None))
        for name in cut:
            if self.state.operators[name].reason == LINE:
                self._operator(Ask(operator=name), OnOperator.RESUMED, now)

    def _let_everybody_go(self, now: float) -> None:
        """Also who comes back into the line after the time was over."""
        if self.state.connected:
            for call in list(self.state.calls.values()):
                self._call(call, OnCall.CLOSED, now)

    def _on_site(self, event: SiteChanged, now: float) -> None:
        self.state.configure(event.site)
        self._tell(_taken(event.site, now))
        self._look_at_callbacks = True
        self._note_removed()
        self._look_at_all()
        self._tellings.begin_anew(self.state, now)

    def _note_removed(self) -> None:
        known = self.state.site.queues
        self._removed = {name for name in self.state.queues if name not in known}
        for call in self.state.calls.values():  # the site may not lead them there any more
            if call.queue:
                self._stood.setdefault(call.queue, set()).add(own_queue(self.state, call))

    def _move_on(self, now: float) -> None:
        """Operators still logged in to a removed queue finish its callers. If none remain, the
        callers join the queue of the number they called, where they keep their place by arrival."""
        for name in sorted(self._removed):
            queue = self.state.queues[name]
            callers = queue.present + queue.returned
            if callers and queue.staff:
                continue
            for call in list(queue.line):
                self._call(self.state.calls[call], OnCall.QUEUE_GONE, now)
            if not callers or len(queue.line):  # nobody is left, or there is no way on
                self._removed.discard(name)

    def _on_hours(self, event: HoursSeen, now: float) -> None:
        turn = Turn(self.state, now)
        if event.quiet is not self.state.quiet:
            turn.tell(QuietHours(at=now, quiet=event.quiet))
        for name in sorted(self.state.closed - event.closed):
            turn.tell(QueueOpened(at=now, queue=name))
        for name in sorted(event.closed - self.state.closed):
            turn.tell(QueueClosed(at=now, queue=name))
        for name in sorted({*self.state.rostered, *event.rostered}):
            planned = event.rostered.get(name, 0)
            if planned != self.state.rostered.get(name):
                turn.tell(QueueRostered(at=now, queue=name, operators=planned))
        self._note_cover(turn, event, now)
        self._take(turn)
        self._look_at_callbacks = True
        self._look_everywhere()  # who is to be called back there may be called again
        self._look_at_all()

    def _note_cover(self, turn: Turn, event: HoursSeen, now: float) -> None:
        """A gap that goes on while the plan begins or ends is told as two."""
        for name in sorted(event.uncovered | self.state.uncovered.keys()):
            gap = self.state.uncovered.get(name)
            planned = event.rostered.get(name, 0) > 0
            if gap and (name not in event.uncovered or gap.planned is not planned):
                seconds = max(0.0, now - gap.since)
                turn.tell(CoverBack(at=now, queue=name, planned=gap.planned, seconds=seconds))
                gap = None
            if gap is None and name in event.uncovered:
                turn.tell(CoverLost(at=now, queue=name, planned=planned))

    def _look_at_all(self) -> None:
        self._deserted.update(name for name, queue in self.state.queues.items() if len(queue.line))
        self._look_for_duty = bool(self._deserted)

    def _leave_deserted(self, now: float) -> None:
        """Who waits where nobody is on duty goes on to where somebody is."""
        self._look_for_duty = False
        for name in sorted(self._deserted):
            queue = self.state.queues[name]
            if not len(queue.line) or has_staff(self.state, queue):
                self._deserted.discard(name)
                continue
            going = owners(self.state.site, name)  # whose callers find somebody elsewhere
            going |= self._stood.get(name, set())
            for call in map(self.state.calls.__getitem__, list(queue.line)):
                own = own_queue(self.state, call)
                if name in self.state.closed or (own in going and neighbour(self.state, own, name)):
                    self._call(call, OnCall.NOBODY, now)
                    continue
                going.discard(own)
                if not going:
                    break

    def _on_time(self, event: TimePassed, now: float) -> None:
        self._free_phones(now)
        while (timer := self._next_timer()) and timer[0] <= now:
            self._drop(timer)
            self._time_out(*timer, now)
            if self._possible:  # before the next one: an operator comes before a message
                self._assign(now)

    def _free_phones(self, now: float) -> None:
        """All whose time of letting go is over, before anybody is served: of two who can be rung
        again at the same moment, the one who has been idle longer gets the call."""
        if self.state.letting_go:
            for offer, leg in list(self.state.letting_go.items()):
                if leg.until <= now and leg.node not in self.state.lost:
                    self._is_gone(offer, now)
        if self._possible:
            self._assign(now)

    def _next_timer(self) -> _Timer | None:
        """The first timer that is still valid and not of a lost node. Most callers are answered
        before their patience is due: such an entry is looked at only when it comes first."""
        timer = self._first(self._timers)
        if self._patience and (timer is None or self._patience[0] < timer):
            patience = self._first(self._patience)
            if timer is None or (patience is not None and patience < timer):
                timer = patience
        room = self._rooms.first(self.state)
        if room is not None and (timer is None or room[0] < timer[0]):
            due, call = room
            timer = due, "room", call
        told = self._tellings.first(self.state)
        if told is not None and (timer is None or told[0] < timer[0]):
            due, call = told
            return due, "tell", call
        return timer

    def _first(self, heap: list[_Timer]) -> _Timer | None:
        """Timers of lost nodes are kept elsewhere until the node is back."""
        while heap:
            timer = heap[0]
            if self._is_due_timer(*timer):
                if not self.state.lost or self._node_of(*timer) not in self.state.lost:
                    return timer
                self._frozen.append(timer)
            heappop(heap)
        return None

    def _drop(self, timer: _Timer) -> None:
        if timer[1] == "room":
            self._rooms.goes(CallId(timer[2]))
        elif timer[1] == "tell":
            self._tellings.goes(CallId(timer[2]))
        else:
            heappop(self._heap_of(timer))

    def _heap_of(self, timer: _Timer) -> list[_Timer]:
        return self._patience if timer[1] in _OF_MANY else self._timers

    def _node_of(self, due: float, kind: str, who: str) -> NodeId | None:
        """The node to which a timer's command would go. Wrap-up and short pauses need none."""
        if kind == "operator":
            operator = self.state.operators[OperatorId(who)]
            return None if operator.line is LineStage.DOWN else operator.line_node
        if kind == "listening":
            return self.state.listenings[OperatorId(who)].node
        if kind == "news":
            return None
        if kind == "leg":
            return self.state.letting_go[OfferId(who)].node
        if kind == "callbacks":
            return None
        return self.state.calls[CallId(who)].node

    def _is_due_timer(self, due: float, kind: str, who: str) -> bool:
        if kind == "operator":
            operator = self.state.operators.get(OperatorId(who))
            return operator is not None and operator.until == due
        if kind == "closing":
            return self.state.closing == due
        if kind == "news":
            held_news = self.state.news.get(who)
            return held_news is not None and held_news.until == due
        if kind == "callbacks":
            return self.state.callbacks_held == "per_hour"
        if kind == "listening":
            listening = self.state.listenings.get(OperatorId(who))
            return listening is not None and listening.until == due
        if kind == "leg":
            held = self.state.letting_go.get(OfferId(who))
            return held is not None and held.until == due
        call = self.state.calls.get(CallId(who))
        if call is None:
            return False
        if kind == "recording":
            held_recording = call.recording
            if held_recording is None:
                return call.record_from == due
            return due in (held_recording.until, held_recording.paused_until)
        if kind == "offer":
            return call.offer is not None and call.offer.until == due
        if kind == "patience":
            return call.patience_until == due and call.state in _HAS_PATIENCE
        if kind == "relax":
            return call.relaxes_at == due and call.waits
        if kind == "callback":
            return call.callback_at == due and call.state is _WAITING and not call.callback_told
        return call.until == due

    def _time_out(self, due: float, kind: str, who: str, now: float) -> None:
        if kind == "operator":
            self._operator(Ask(operator=OperatorId(who)), _TIME_SPENT, now)
            return
        if kind == "closing":
            return  # at the end of the step
        if kind == "news":
            self._on_news(NewsSwitched(place=who), now)
            return
        if kind == "callbacks":
            self._look_at_callbacks = True
            return
        if kind == "listening":
            held = self.state.listenings[OperatorId(who)]
            is_leaving = held.stage is ListenStage.LEAVING
            self._listening(spy.gone if is_leaving else spy.leave, held, now)
            return
        call = self.state.calls[CallId(who)]
        if kind == "room":
            self._call(call, OnCall.LONG_WAIT, now)
            return
        if kind == "recording":
            if call.recording is not None:
                self._on_recording_time(call, call.recording, now)
            else:
                self._changed_talks.add(call.id)
            return
        if kind == "tell":
            self._call(call, OnCall.TELL, now)
            if call.state is _WAITING:
                self._tellings.looked(self.state, call, now)
            return
        if kind == "relax":
            self._call(call, OnCall.RELAX, now)
            return
        if kind == "callback":
            in_room = self._rooms.may_have(call, now)
            self._call(call, OnCall.CALLBACK, now, Detail(in_room=in_room))
            return
        if kind == "offer":
            self._offer(call, OnOffer.STATE_TIME, now)
            return
        self._call(call, OnCall.PATIENCE if kind == "patience" else OnCall.STATE_TIME, now)


def _start(site: Site, now: float) -> tuple[Fact, ...]:
    return ServiceStarted(at=now), _taken(site, now)


def _taken(site: Site, now: float) -> SiteTaken:
    waits = tuple((name, rules.max_wait_seconds) for name, rules in site.queues.items())
    return SiteTaken(at=now, longest_waits=waits, leave_seconds=site.leave_seconds)


def _failed_recording(turn: Turn, call: Call, held: Recording) -> None:
    """Asterisk did not begin it in time."""
    recordings.end(turn, call, RecordingEnd.FAILED, is_followed=False)


_OF_MANY = ("patience", "callback", "relax")  # the timers that many have at once
_NO_DETAIL = Detail()
_TALK = OfferResult.ANSWERED
_OF_PARTY = {party: Detail(party=party) for party in Party}
# Named once: looking a member up in its enumeration takes longer than most of what is done here.
_LEFT, _OFFER, _TIME_SPENT = OnCall.LEFT, OnCall.OFFER, OnOperator.TIME_SPENT
_ANSWERED, _JOINED, _PARTY_JOINED = OnOffer.ANSWERED, OnOffer.JOINED, OnOffer.PARTY_JOINED
_CALLER, _OPERATOR = Party.CALLER, Party.OPERATOR
_WAITING = CallState.WAITING
_IN_LINE = (_WAITING, CallState.PARKED)
_HAS_PATIENCE = (*_IN_LINE, CallState.RESTING)
_RINGING, _JOINING = OfferState.RINGING, OfferState.JOINING
_HEARS = (ListenStage.JOINING, ListenStage.LISTENING)
_RETAKING = OfferState.RETAKING
_BEING_JOINED = (_JOINING, _RETAKING)
_RUNG = (_RINGING,)
_TALKS = tuple(state for state in OfferState if state not in (_RINGING, _JOINING))
_UNREACHABLE = Detail(end=LegEnd.UNREACHABLE)
_DECIDED = {
    Decision.COMPLETE: OnConsult.COMPLETED,
    Decision.CONFER: OnConsult.CONFERRED,
    Decision.CANCEL: OnConsult.CANCELLED,
}
_AVAILABLE, _PHONE_AWAY = OperatorState.AVAILABLE, OperatorState.PHONE_AWAY
