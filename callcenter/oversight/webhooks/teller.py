"""Turns what happens to calls into messages in the outbox.

A listener collects the messages from the facts of each step; `run` puts them into the outbox. While
the database is away they wait in memory, WAITING_MOST at most. Messages that a killed service had
just collected are lost; the record of the calls still has everything.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from callcenter.core.facts import CallEnded, CallScored, Fact, OfferEnded, OfferMade, TalkEnded
from callcenter.core.ids import CallId
from callcenter.core.outcome import OfferResult
from callcenter.oversight.webhooks.model import Happened, HookEvent, Webhook, WebhookMessage
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.ports.engine import RunningEngine
from callcenter.ports.notes import CallNote, Kind
from callcenter.ports.people import DatabaseAwayError
from callcenter.web.masking import masked

WAITING_MOST = 20_000
KNOWN_MOST = 20_000  # calls that are remembered until they end, and notes that were sent
RETRY_SECONDS = 2.0
AT_ONCE = 500

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Known:
    """What is told about a call at its end: by then the state has forgotten it."""

    line: str = ""
    queue: str = ""
    caller: str = ""
    operator: str = ""
    outcome: str = ""
    ended_by: str = ""


class Teller:
    """A listener of the engine and of notes."""

    def __init__(
        self, kept: WebhooksInPostgres, engine: RunningEngine, wall: Callable[[], datetime]
    ) -> None:
        self.hooks: Sequence[Webhook] = ()
        self.dropped = 0  # messages beyond the limit
        self.put = asyncio.Event()  # set when the outbox has something new
        self._kept, self._engine, self._wall = kept, engine, wall
        self._waiting: deque[Happened] = deque()
        self._comes = asyncio.Event()
        self._calls: OrderedDict[CallId, _Known] = OrderedDict()
        self._noted: OrderedDict[CallId, tuple[Kind, str]] = OrderedDict()

    async def look(self) -> None:
        """Read the receivers again."""
        self.hooks = [hook for hook in await self._kept.all() if hook.enabled]
        self.put.set()

    # --- listeners: quick, and never waiting

    def heard(self, facts: Sequence[Fact]) -> None:
        """Take the facts of one step."""
        if not self.hooks:
            return
        for fact in facts:
            for happened in self._of(fact):
                self._note(happened)

    def noted(self, note: CallNote) -> None:
        """An operator wrote a note. It is told if its kind or topic has changed."""
        if not self.hooks or note.kind is Kind.UNDISPOSED:
            return
        said = (note.kind, note.topic)
        if self._noted.get(note.call) == said:
            return
        self._noted[note.call] = said
        self._noted.move_to_end(note.call)
        if len(self._noted) > KNOWN_MOST:
            self._noted.popitem(last=False)
        message = WebhookMessage(
            event=HookEvent.DISPOSITION,
            at=self._wall(),
            call=note.call,
            operator=note.operator,
            kind=note.kind.value,
            topic=note.topic or None,
        )
        self._note(Happened(message=message))

    def _of(self, fact: Fact) -> Iterator[Happened]:
        match fact:
            case OfferMade():
                known = self._known(fact.call)
                known.operator = fact.operator
                yield self._happened(HookEvent.RINGING, fact.call, known)
            case OfferEnded(result=OfferResult.ANSWERED):
                known = self._known(fact.call)
                known.operator = fact.operator
                yield self._happened(HookEvent.ANSWERED, fact.call, known)
            case CallScored():
                known = self._known(fact.call)
                known.line, known.outcome = fact.line, fact.outcome.value
                known.queue = fact.queue or known.queue
            case TalkEnded():
                known = self._known(fact.call)
                known.operator, known.ended_by = fact.operator, fact.ended_by.value
            case CallEnded():
                known = self._known(fact.call)
                self._calls.pop(fact.call, None)
                yield self._happened(HookEvent.ENDED, fact.call, known)
            case _:
                pass

    def _known(self, call: CallId) -> _Known:
        known = self._calls.setdefault(call, _Known())
        if len(self._calls) > KNOWN_MOST:
            self._calls.popitem(last=False)
        now = self._engine.state.calls.get(call)
        if now is not None:
            known.line, known.queue, known.caller = now.line, now.queue, now.caller
        return known

    def _happened(self, event: HookEvent, call: CallId, known: _Known) -> Happened:
        ended = event is HookEvent.ENDED
        return Happened(
            caller=known.caller,
            message=WebhookMessage(
                event=event,
                at=self._wall(),
                call=call,
                line=known.line or None,
                queue=known.queue or None,
                operator=known.operator or None,
                outcome=(known.outcome or None) if ended else None,
                ended_by=(known.ended_by or None) if ended else None,
            ),
        )

    def _note(self, happened: Happened) -> None:
        if len(self._waiting) >= WAITING_MOST:
            self.dropped += 1
            return
        self._waiting.append(happened)
        self._comes.set()

    # --- the outbox

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self._comes.wait()
            self._comes.clear()
            while self._waiting:
                some = [self._waiting[at] for at in range(min(AT_ONCE, len(self._waiting)))]
                try:
                    await self.tell(some)
                except (DatabaseAwayError, TimeoutError):
                    log.warning("webhooks are told later", reason="the database is away")
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                for _ in some:
                    self._waiting.popleft()

    async def tell(self, happened: Sequence[Happened]) -> None:
        """Put messages into the outbox, for each webhook that wants them."""
        rows = [
            (hook.id, each.message.call, each.message.event, body(each, hook))
            for each in happened
            for hook in self.hooks
            if each.message.event in hook.events or each.message.event is HookEvent.PING
        ]
        if rows:
            await self._kept.put(rows, self._wall())
            self.put.set()


def body(happened: Happened, hook: Webhook) -> str:
    """The body as it is sent to this webhook, and signed."""
    number = None
    if happened.caller:
        number = happened.caller if hook.numbers else masked(happened.caller)
    message = msgspec.structs.replace(happened.message, number=number)
    return msgspec.json.encode(message).decode()
