"""News: a message about a matter for which many call at once ("we know about the flood in …").

A supervisor switches it on for a line or a queue, for a time or until it is switched off. New
callers hear it in place of the greeting, after the recording notice. Callers who already wait hear
it once, one after the other. A key plays more of it. It plays while the caller stands in line, so
it costs nobody a place. It stops when an operator answers.
"""

from callcenter.core import hearing
from callcenter.core.facts import NewsBegun, NewsEnded, NewsHeard, PromptKind
from callcenter.core.ids import CallId, LineName, QueueName
from callcenter.core.legs import CitizenLeg
from callcenter.core.state import NEVER, Call, News, State
from callcenter.core.turn import Turn

MORE_KEY = "1"
PRESS_FOR_MORE = "news_more"
"""The prompt for this key. It follows the message."""


def place_of_line(line: LineName | str) -> str:
    """The place of news for the callers of a line."""
    return f"line/{line}"


def place_of_queue(queue: QueueName | str) -> str:
    """The place of news for callers who wait in a queue."""
    return f"queue/{queue}"


def switch_on(
    turn: Turn, place: str, prompts: tuple[str, ...], more: tuple[str, ...], seconds: float | None
) -> None:
    """Switch news on. It replaces what was on at this place."""
    switch_off(turn, place)
    turn.tell(
        NewsBegun(
            at=turn.now,
            place=place,
            number=turn.state.news_count + 1,
            prompts=prompts,
            more=more,
            until=NEVER if seconds is None else turn.now + seconds,
        )
    )


def switch_off(turn: Turn, place: str) -> None:
    """No new caller hears it. Callers who are hearing it hear it to the end."""
    if held := turn.state.news.get(place):
        turn.tell(NewsEnded(at=turn.now, place=place, number=held.number))


def on(state: State, line: LineName, queue: QueueName | str) -> News | None:
    """The news for callers of this line who stand in this queue. The line's news comes first."""
    if not state.news:
        return None
    found = state.news.get(place_of_line(line))
    return found or (state.news.get(place_of_queue(queue)) if queue else None)


def owed(state: State, call: Call) -> News | None:
    """The news that a waiting caller has not heard yet. A caller who has talked with an operator
    needs none."""
    if not state.news or call.outcome is not None:
        return None
    found = on(state, call.line, call.queue)
    return found if found and found.number not in call.news else None


def begin(turn: Turn, leg: CitizenLeg, number: int, news: News, language: str) -> None:
    """Play the news to the caller, as the `number`th playback of the call."""
    _tell(turn, leg.call, news, more=False)
    keys = (*news.prompts, PRESS_FOR_MORE) if news.more else news.prompts
    hearing.begin(turn, leg, number, PromptKind.NEWS, keys, language)


def more(turn: Turn, call: Call, key: str) -> None:
    """The caller pressed a key while or after hearing it. Play more of it, once."""
    found = on(turn.state, call.line, call.queue)
    if key != MORE_KEY or found is None or not found.more:
        return
    if found.number not in call.news or found.number in call.heard_more or call.owes_notice:
        return
    hearing.stop(turn, call)
    _tell(turn, call.id, found, more=True)
    language = hearing.language(turn, call)
    hearing.begin(turn, call.leg, call.prompts + 1, PromptKind.NEWS, found.more, language)


def _tell(turn: Turn, call: CallId, news: News, *, more: bool) -> None:
    turn.tell(
        NewsHeard(
            at=turn.now,
            call=call,
            place=news.place,
            number=news.number,
            more=more,
            news=news.prompts[0],
        )
    )


def waiting_for(state: State, place: str) -> list[CallId]:
    """The callers who wait at this place, in the order of their lines."""
    kind, _, name = place.partition("/")
    if kind == "queue":
        queue = state.queues.get(QueueName(name))
        return list(queue.line) if queue else []
    lines = (queue.line for queue in state.queues.values())
    return [call for line in lines for call in line if state.calls[call].line == name]
