"""A supervisor who listens to a talk: rung, joined, heard according to the mode, hung up.

The supervisor's own phone is rung with a leg of its own. When it is answered, Asterisk mutes what
it says, and it is joined in the supervisor's own bridge with a *snoop* of the operator's leg. So
the supervisor hears both, and neither hears the supervisor. To whisper to the operator the mute is
lifted. To barge in, the supervisor moves to the operator's bridge. After a take-over the supervisor
is the operator of the call: the caller moves to the supervisor's bridge.

What a snoop hears passes through a translator of Asterisk. Debian's translator drops packets if
their sequence number went back (dialplans/README.md), as happens when three in a bridge become two.
So the snoop of a supervisor who barges in is hung up, and a supervisor who listens again gets
another one.

The talk is never touched. Whatever goes wrong here ends only the listening. When the talk ends, so
does the listening. Until the supervisor's leg is gone, neither of the two phones is offered another
call, so that the supervisor never hears the next caller. A new connection to Asterisk ends every
listening, because it is unknown what happened in the meantime.
"""

from dataclasses import replace

from callcenter.core.change import changed
from callcenter.core.commands import (
    Bridge,
    CloseDesk,
    HangUp,
    Mute,
    OpenDesk,
    RingSpy,
    SeatSpy,
    Snoop,
)
from callcenter.core.facts import (
    HelpAnswer,
    LineStage,
    Listened,
    ListeningChanged,
    ListeningEnded,
    ListenMode,
    ListenStage,
    OfferAnswered,
    OfferMade,
    OperatorState,
)
from callcenter.core.help import ended
from callcenter.core.ids import OperatorId
from callcenter.core.legs import OperatorLeg, channel_of
from callcenter.core.state import NEVER, Call, Listening, OfferState, Operator, State
from callcenter.core.turn import Turn

RING_SECONDS = 30.0
LET_GO_SECONDS = 5.0
"""After this a leg that was hung up counts as gone, even if Asterisk does not tell: a lost message
must not keep anybody from work."""
CALLER_ID = '"listening" <listen>'  # both parts are needed, as for callers

S, M = ListenStage, ListenMode


def can_begin(state: State, supervisor: OperatorId, call: Call, operator: OperatorId) -> bool:
    """Whether this supervisor can be rung to listen to this talk of an operator."""
    known = state.operators.get(supervisor)
    busy = known is not None and (known.state in _IN_A_CALL or known.line is not LineStage.DOWN)
    talks = call.offer is not None and call.offer.state is OfferState.TALKING
    taken = state.listener_of(operator) is not None or supervisor in state.listenings
    theirs = call.operator == operator and supervisor != operator
    return talks and theirs and not busy and not taken


def begin(
    turn: Turn, *, supervisor: OperatorId, endpoint: str, call: Call, mode: ListenMode
) -> None:
    """Ring the supervisor's phone."""
    assert call.operator is not None
    listening = Listening(
        supervisor=supervisor,
        operator=call.operator,
        call=call.id,
        endpoint=endpoint,
        number=turn.state.listened + 1,
        mode=mode,
        stage=S.RINGING,
        until=turn.now + RING_SECONDS,
        since=0.0,
        node=call.node,
    )
    _tell(turn, listening)
    turn.order(
        OpenDesk(lane=listening.desk, bridge=listening.desk),
        RingSpy(
            lane=listening.desk,
            leg=listening.leg,
            endpoint=endpoint,
            caller_id=CALLER_ID,
        ),
    )


def answered(turn: Turn, listening: Listening, operator: OperatorLeg) -> None:
    """The supervisor picked up. Mute them first, then join them with the snoop of the operator's
    leg."""
    until = turn.now + turn.state.site.bridge_seconds
    _tell(turn, replace(listening, stage=S.JOINING, until=until))
    turn.order(
        Mute(lane=listening.desk, leg=listening.leg, on=True),
        SeatSpy(lane=listening.desk, leg=listening.leg, bridge=listening.desk),
        Snoop(lane=listening.desk, leg=listening.snoop, of=operator),
    )


def snoop_started(turn: Turn, listening: Listening) -> None:
    """The snoop exists: join it with the supervisor."""
    turn.order(SeatSpy(lane=listening.desk, leg=listening.snoop, bridge=listening.desk))


def heard(turn: Turn, listening: Listening) -> None:
    """The supervisor hears the talk."""
    _tell(turn, replace(listening, stage=S.LISTENING, until=NEVER, since=turn.now))
    if listening.operator in turn.state.helps:
        how, by = HelpAnswer.ANSWERED, listening.supervisor
        turn.tell(ended(turn.state, listening.operator, how, by, turn.now))
    _speak(turn, listening, M.LISTEN, listening.mode)


def switch(turn: Turn, listening: Listening, mode: ListenMode) -> None:
    """Change the mode. Before the supervisor hears anything it is only stored."""
    if listening.stage is not S.LISTENING:
        _tell(turn, replace(listening, mode=mode))
        return
    _told(turn, listening)
    call, was = turn.state.talk_of(listening), listening.mode
    after = replace(listening, mode=mode, since=turn.now)
    if was is M.BARGE and mode is not M.BARGE:
        after = replace(after, ears=turn.state.listened + 1)
    _tell(turn, after)
    _speak(turn, listening, was, mode)
    if after.ears != listening.ears and call is not None and call.offer is not None:
        turn.order(Snoop(lane=after.desk, leg=after.snoop, of=call.offer.leg))


def leave(turn: Turn, listening: Listening) -> None:
    """The supervisor hears nobody any more. Caller and operator go on if they still talk."""
    _told(turn, listening)
    until = turn.now + LET_GO_SECONDS
    _tell(turn, replace(listening, stage=S.LEAVING, until=until, since=0.0))
    turn.order(
        HangUp(lane=listening.desk, leg=listening.leg),
        HangUp(lane=listening.desk, leg=listening.snoop),
    )


def gone(turn: Turn, listening: Listening) -> None:
    """The supervisor's leg is gone."""
    _told(turn, listening)
    _end(turn, listening)
    turn.order(HangUp(lane=listening.desk, leg=listening.snoop))
    supervisor = turn.state.operators.get(listening.supervisor)
    if supervisor is None or supervisor.state is OperatorState.OFFLINE:
        turn.order(CloseDesk(lane=listening.desk, bridge=listening.desk))


def forget(turn: Turn, listening: Listening) -> None:
    """Asterisk is connected again. The snapshot hangs up the listening's legs."""
    _told(turn, listening)
    _end(turn, listening)


def can_take_over(state: State, listening: Listening) -> bool:
    """Whether the supervisor's phone and bridge are free for the caller."""
    known = state.operators.get(listening.supervisor)
    return known is None or (known.state not in _IN_A_CALL and known.line is LineStage.DOWN)


def become_operator(turn: Turn, call: Call, listening: Listening) -> None:
    """Make the supervisor the operator of the call, which has no operator any more."""
    _told(turn, listening)
    _told(turn, replace(listening, mode=M.TAKE_OVER, stage=S.LISTENING, since=turn.now))
    _end(turn, listening)
    known = turn.state.operators.get(listening.supervisor) or Operator(id=listening.supervisor)
    number, until = call.offers + 1, turn.now + turn.state.site.bridge_seconds
    this = call.offer_named(number)
    turn.tell(
        OfferMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=listening.supervisor,
            queue=call.queue,
            number=number,
            until=until,
            line=channel_of(listening.leg),
        ),
        OfferAnswered(at=turn.now, offer=this, call=call.id, until=until),
        changed(
            turn.now,
            replace(known, endpoint=listening.endpoint),
            OperatorState.RINGING,
            call=call.id,
        ),
    )
    turn.order(
        HangUp(lane=listening.desk, leg=listening.snoop),
        Mute(lane=listening.desk, leg=listening.leg, on=False),
        Bridge(
            lane=call.id,
            offer=this,
            bridge=listening.desk,
            caller=call.leg,
            operator=listening.leg,
        ),
    )


def _speak(turn: Turn, listening: Listening, was: ListenMode, mode: ListenMode) -> None:
    """If fewer people must hear the supervisor, mute them before anything else."""
    lane, leg = listening.desk, listening.leg
    if mode is M.LISTEN:
        turn.order(Mute(lane=lane, leg=leg, on=True))
    if was is M.BARGE and mode is not M.BARGE:
        turn.order(SeatSpy(lane=lane, leg=leg, bridge=listening.desk))
    if mode is M.BARGE and was is not M.BARGE:
        turn.order(
            SeatSpy(lane=lane, leg=leg, bridge=listening.operators_desk),
            HangUp(lane=lane, leg=listening.snoop),
        )
    if mode is not M.LISTEN:
        turn.order(Mute(lane=lane, leg=leg, on=False))


def _told(turn: Turn, listening: Listening) -> None:
    """Tell what was listened to until now, if anything."""
    if listening.stage is S.LISTENING:
        turn.tell(
            Listened(
                at=turn.now,
                supervisor=listening.supervisor,
                operator=listening.operator,
                call=listening.call,
                mode=listening.mode,
                seconds=turn.now - listening.since,
            )
        )


def _tell(turn: Turn, listening: Listening) -> None:
    turn.tell(
        ListeningChanged(
            at=turn.now,
            supervisor=listening.supervisor,
            operator=listening.operator,
            call=listening.call,
            endpoint=listening.endpoint,
            number=listening.number,
            mode=listening.mode,
            stage=listening.stage,
            until=0.0 if listening.until == NEVER else listening.until,
            since=listening.since,
            node=listening.node,
            ears=listening.ears,
        )
    )


def _end(turn: Turn, listening: Listening) -> None:
    turn.tell(ListeningEnded(at=turn.now, supervisor=listening.supervisor, call=listening.call))


_IN_A_CALL = (OperatorState.RINGING, OperatorState.ON_CALL)
