"""Carries out commands. Those of one lane run in order; lanes run side by side. Failures are told
as events.

`submit` never waits. If a lane is idle, its requests are written to Asterisk before `submit`
returns. A lane without work does not exist. A final failure comes back as `RingFailed`,
`BridgeFailed`, `LineFailed` or `SpyFailed`. A leg is created first, and dialled when it has entered
the application (rest.py says why). The executor never decides about a call. It forgets all work
when the connection is lost: the next snapshot shows the engine what was done and what was not. It
has no clock and no task of its own: answers and `later` drive it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from callcenter.ari.counters import Counters
from callcenter.ari.rest import (
    Dial,
    Names,
    Operation,
    Request,
    Response,
    Verdict,
    Work,
    requests_of,
    verdict,
)
from callcenter.ari.transport import Transport
from callcenter.core.commands import (
    AskMessage,
    BackToMusic,
    Bridge,
    BringIn,
    EnterRoom,
    HangUp,
    Mute,
    PlayPrompts,
    Record,
    RecordMessage,
    RingCitizen,
    RingLine,
    RingOperator,
    RingSpy,
    SeatLine,
    SeatSpy,
    SendOut,
    Silence,
    Snoop,
    Tap,
)
from callcenter.core.events import (
    BridgeFailed,
    CitizenRingFailed,
    Event,
    LineFailed,
    PromptPlayed,
    RecorderEnded,
    RingFailed,
    SnoopEnded,
    SpyFailed,
)
from callcenter.core.ids import call_of_offer
from callcenter.core.legs import (
    BackLeg,
    DeskBridge,
    Lane,
    LineLeg,
    MadeLeg,
    OfferLeg,
    SnoopLeg,
    SpyLeg,
)

UNDER_WAY_LIMIT = 64
"""Requests sent and not yet answered. Asterisk works on one websocket's requests one by one, 5 to
20 ms each when it is busy. More requests would only wait there, time out, and be repeated."""

WAITING_LIMIT = 20_000
"""Commands not yet begun: several for each of 5,000 callers at once."""

ATTEMPTS = 3
"""How often a request is sent at most before it counts as failed."""

RETRY_SECONDS = 0.2
"""Pause before the second attempt when the server said that it could not do it. Doubled for the
third."""

HANG_UP_AGAIN_SECONDS = 5.0
"""Pause after a final failure of a hang-up, until the leg is gone or the connection is lost."""

log = structlog.get_logger(__name__)
Later = Callable[[float, Callable[[], None]], object]
"""Calls a function after this many seconds."""

_Rings = RingOperator | RingLine | RingSpy | RingCitizen
_AGAIN = (Verdict.RETRY, Verdict.UNKNOWN)


class _Job:
    """A command under way. `left` has the requests that are still to be sent, or sent again."""

    __slots__ = ("attempt", "command", "failed", "left", "open")

    def __init__(self, command: Work, requests: Sequence[Request]) -> None:
        self.command = command
        self.left = list(requests)
        self.failed: list[tuple[Operation, Verdict, int]] = []  # and the HTTP status
        self.attempt = 1
        self.open = 0  # requests sent and not yet answered


class Executor:
    """The lanes. Open from a connection's snapshot until its loss."""

    def __init__(
        self,
        names: Names,
        put: Callable[[Event], object],
        counters: Counters,
        later: Later,
    ) -> None:
        self._names = names
        self._put = put
        self._counters = counters
        self._later = later
        self._transport: Transport | None = None
        self._life = 0  # number of the connection; callbacks of an earlier one are ignored
        self._lanes: dict[Lane, deque[Work]] = {}  # busy lanes and what waits in them
        self._ready: deque[_Job] = deque()  # lanes that wait for room under UNDER_WAY_LIMIT
        self._made: dict[MadeLeg, Dial] = {}  # legs that are not in the application yet
        self._waiting = 0
        self._under_way = 0

    def open(self, transport: Transport, prompts: str = "") -> None:
        """Send the commands submitted from now on over this transport. `prompts` is the folder from
        which Asterisk plays."""
        self._transport = transport
        if prompts:
            self._names = replace(self._names, prompts=prompts)

    def close(self) -> None:
        """Forget all work, because the connection is gone."""
        self._transport = None
        self._life += 1
        self._lanes.clear()
        self._ready.clear()
        self._made.clear()
        self._waiting = self._under_way = 0

    @property
    def is_open(self) -> bool:
        """Whether commands are carried out."""
        return self._transport is not None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waiting."""
        return not self._lanes

    def submit(self, commands: Sequence[Work]) -> None:
        """Carry out these commands. Returns at once."""
        for command in commands:
            if self._transport is None:
                self._counters.commands_dropped += 1
            elif command.lane not in self._lanes:
                self._lanes[command.lane] = deque()
                self._begin(command)
            elif self._waiting < WAITING_LIMIT:
                self._waiting += 1
                self._lanes[command.lane].append(command)
            else:
                self._counters.commands_dropped += 1
                self._tell_failure(command)

    def entered(self, leg: MadeLeg) -> None:
        """A leg has entered the application. If we made it, its phone is called now. If it was
        asked for over an earlier connection or by another service, it is hung up."""
        dial = self._made.pop(leg, None)
        if dial is not None:
            self.submit([dial])
            return
        match leg:
            case OfferLeg(offer=offer):
                self.submit([HangUp(lane=call_of_offer(offer), leg=leg)])
            case BackLeg(call=call):
                self.submit([HangUp(lane=call, leg=leg)])
            case LineLeg(operator=operator, node=node):
                self.submit([HangUp(lane=DeskBridge(operator=operator, node=node), leg=leg)])
            case SpyLeg(supervisor=supervisor, node=node):
                self.submit([HangUp(lane=DeskBridge(operator=supervisor, node=node), leg=leg)])

    # --- one command -------------------------------------------------------------------------

    def _begin(self, command: Work) -> None:
        match command:
            case RingOperator() | RingLine() | RingSpy() | RingCitizen():
                self._made[command.leg] = Dial(lane=command.lane, leg=command.leg)
            case HangUp(leg=OfferLeg() | LineLeg() | SpyLeg() | BackLeg() as made):
                self._made.pop(made, None)
            case _:
                pass
        job = _Job(command, requests_of(command, self._names))
        if self._under_way >= UNDER_WAY_LIMIT or self._ready:
            self._ready.append(job)
        else:
            self._send(job)

    def _send(self, job: _Job) -> None:
        """Send all requests that are left, perhaps again.

        A delayed join is dropped when it is no longer wanted: another caller may be in that bridge
        by now, and a third person would listen.
        """
        transport = self._transport
        if transport is None:
            return
        requests, job.left = job.left, []
        if any(_undoes(later, job.command) for later in self._lanes.get(job.command.lane, ())):
            job.failed.clear()
            self._finish(job)
            return
        for request in requests:
            job.open += 1
            self._under_way += 1
            transport.send(request, self._answered(job, request))

    def _answered(self, job: _Job, request: Request) -> Callable[[Response], None]:
        life = self._life

        def answered(response: Response) -> None:
            if life == self._life:
                self._under_way -= 1
                job.open -= 1
                self._judge(job, request, response)
                self._go_on(job)
                self._fill()

        return answered

    def _judge(self, job: _Job, request: Request, response: Response) -> None:
        result = verdict(request.operation, response)
        if request.operation is Operation.PLAY and result is Verdict.UNKNOWN:
            # a prompt is not repeated: if it does not play, its time limit ends it
            result = Verdict.DONE
        if isinstance(job.command, SeatLine) and result is Verdict.REFUSED:
            result = Verdict.RETRY  # a closed bridge exists until every leg has left it
        if result in _AGAIN and job.attempt < ATTEMPTS and not isinstance(job.command, EnterRoom):
            job.left.append(request)
            if result is Verdict.UNKNOWN and request.operation is Operation.RING:
                log.warning("asterisk did not answer a request to ring, asking again")
        elif result not in (Verdict.DONE, Verdict.GONE):
            job.failed.append((request.operation, result, response.status))

    def _go_on(self, job: _Job) -> None:
        if not job.open and job.left:
            pause = RETRY_SECONDS * 2 ** (job.attempt - 1)
            job.attempt += 1
            self._later(pause, partial(self._retry, job, self._life))
        elif not job.open:
            self._finish(job)

    def _again(self, command: Work, life: int) -> None:
        if life == self._life:
            self.submit([command])

    def _retry(self, job: _Job, life: int) -> None:
        if life == self._life:
            again = any(request.operation is Operation.PLAY for request in job.left)
            if again or isinstance(job.command, SeatLine):
                # all requests of the command, in order
                job.left = list(requests_of(job.command, self._names))
            self._send(job)

    def _finish(self, job: _Job) -> None:
        if job.failed:
            self._report(job)
        waiting = self._lanes.get(job.command.lane)
        if waiting:
            self._waiting -= 1
            self._begin(waiting.popleft())
        elif waiting is not None:  # otherwise the inbox was full, and all work is forgotten
            del self._lanes[job.command.lane]

    def _fill(self) -> None:
        """Begin commands that waited for room under UNDER_WAY_LIMIT."""
        while self._ready and self._under_way < UNDER_WAY_LIMIT:
            self._send(self._ready.popleft())

    # --- failures ----------------------------------------------------------------------------

    def _report(self, job: _Job) -> None:
        told = [f"{operation}: {result} ({status})" for operation, result, status in job.failed]
        log.warning("asterisk did not carry out a command", requests=told)
        operations = {operation for operation, _, _ in job.failed}
        command = job.command
        if isinstance(command, Bridge) and Operation.JOIN not in operations:
            return  # they are joined, only the music could not be stopped
        if isinstance(command, _Rings):
            self._forget_dial(command)
        unsure = isinstance(command, Dial) or any(
            failed[:2] == (Operation.RING, Verdict.UNKNOWN) for failed in job.failed
        )
        if isinstance(command, _Rings | Dial) and unsure:
            # The leg may exist although its request failed. Hang it up, because nobody else would.
            self._lanes[command.lane].appendleft(HangUp(lane=command.lane, leg=command.leg))
            self._waiting += 1
        self._tell_failure(command)

    def _forget_dial(self, ring: _Rings) -> None:
        """Forget the dial. The leg may have entered the application although its request failed."""
        self._made.pop(ring.leg, None)
        lane = self._lanes[ring.lane]
        for work in [work for work in lane if isinstance(work, Dial) and work.leg == ring.leg]:
            lane.remove(work)
            self._waiting -= 1

    def _tell_failure(self, command: Work) -> None:
        match command:
            case Dial(leg=leg):
                self._made.pop(leg, None)
                match leg:
                    case OfferLeg(offer=offer):
                        self._put(RingFailed(offer=offer))
                    case LineLeg():
                        self._put(LineFailed(leg=leg))
                    case SpyLeg():
                        self._put(SpyFailed(leg=leg))
                    case BackLeg():
                        self._put(CitizenRingFailed(leg=leg))
            case RingCitizen(leg=citizen):
                self._put(CitizenRingFailed(leg=citizen))
            case RingOperator(offer=offer):
                self._put(RingFailed(offer=offer))
            case Bridge(offer=offer) | BringIn(offer=offer):
                self._put(BridgeFailed(offer=offer))
            case RingLine(leg=leg) | SeatLine(leg=leg):
                self._put(LineFailed(leg=leg))
            case RingSpy(leg=leg) | Mute(leg=leg) | SeatSpy(leg=SpyLeg() as leg):
                self._put(SpyFailed(leg=leg))
            case SeatSpy(leg=SnoopLeg() as snoop) | Snoop(leg=snoop):
                self._put(SnoopEnded(leg=snoop))
            case Tap(leg=recorder) | Record(leg=recorder) | Silence(leg=recorder):
                # A recorder that cannot be muted would keep what must be silent. End the recording;
                # another one begins.
                self._put(RecorderEnded(leg=recorder))
            case RecordMessage(leg=recorder):
                self._put(RecorderEnded(leg=recorder, failed=True))
            case AskMessage(leg=recorder):  # it is over, and nobody saw how it ended
                self._put(RecorderEnded(leg=recorder))
            case HangUp():  # nothing else ends that leg, and its phone would stay busy
                self._later(HANG_UP_AGAIN_SECONDS, partial(self._again, command, self._life))
            case PlayPrompts(lane=call, number=number):
                self._put(PromptPlayed(call=call, number=number, failed=True))
            case _:
                pass  # the next snapshot repairs it


def _undoes(command: Work, join: Work) -> bool:
    """Whether `command` takes apart one of the two legs that `join` would connect."""
    if not isinstance(join, Bridge):
        return False
    match command:
        case HangUp(leg=leg) | SendOut(leg=leg) | BackToMusic(caller=leg):
            return leg in (join.caller, join.operator)
        case _:
            return False
