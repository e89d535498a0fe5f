"""/api/v1/news: the message of the day, switched on and off for a line or a queue.

The engine plays it (core/news.py) and keeps it over a restart. The audit has who switched what.
Only prompts that are recorded in the language of the line are accepted, so that callers never hear
silence.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
from msgspec import Meta, Struct

from callcenter.core.events import NewsSwitched
from callcenter.core.ids import LineName, QueueName
from callcenter.core.news import place_of_line, place_of_queue
from callcenter.core.state import NEVER, News, State
from callcenter.ports.people import Role
from callcenter.prompts.catalogue import OWN, Language, is_key
from callcenter.prompts.errors import PackError
from callcenter.prompts.pack import Pack
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

PROMPTS_MOST = 10
LONGEST_MINUTES = 60 * 24 * 31

log = structlog.get_logger(__name__)

endpoints = Endpoints("news")

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,47}$")]


class NewsBody(Struct, forbid_unknown_fields=True):
    """`prompts` are played one after the other. Key 1 plays `more`. `minutes`: how long it stays
    on; null: until it is switched off."""

    prompts: Annotated[list[Key], Meta(min_length=1, max_length=PROMPTS_MOST)]
    more: Annotated[list[Key], Meta(max_length=PROMPTS_MOST)] = []
    minutes: Annotated[float, Meta(gt=0, le=LONGEST_MINUTES)] | None = None


class NewsView(Struct):
    """A message that is on. `scope`: line or queue. `minutes_left` null: until it is switched off.
    `heard`: callers who began to hear it. `asked`: those who asked for more. `left`: those who left
    unanswered after it."""

    scope: str
    name: str
    prompts: list[str]
    more: list[str]
    minutes_on: float
    minutes_left: float | None
    heard: int
    asked: int
    left: int


class NewsList(Struct):
    """The messages that are on, and what can be used: your own recorded prompts, lines, queues."""

    news: list[NewsView]
    prompts: list[str]
    lines: list[str]
    queues: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`folder` has the packs of recordings."""

    folder: Path

    def recorded(self, language: Language) -> set[str]:
        """The keys that are recorded in a language. None if the pack cannot be read."""
        try:
            return set(Pack(self.folder / language, language).manifest().prompts)
        except (PackError, OSError) as error:
            log.warning("recordings cannot be read", reason=str(error))
            return set()


@endpoints.get("/news", needs=Role.OPERATOR)
async def list_news(request: Request[Parts]) -> NewsList:
    """Show what callers hear now, with counts."""
    recorded: set[str] = set()
    for language in Language:
        recorded |= await asyncio.to_thread(request.parts.recorded, language)
    state, now = request.engine.state, request.engine.now()
    return NewsList(
        news=[_view(each, now) for each in state.news.values()],
        prompts=sorted(key for key in recorded if key.startswith(OWN)),
        lines=list(state.site.lines),
        queues=list(state.site.queues),
    )


@endpoints.put(
    "/news/{scope}/{of}", needs=Role.SUPERVISOR, problems=("unknown_place", "not_recorded")
)
async def switch_news_on(request: Request[Parts], body: NewsBody) -> NewsView:
    """Switch a message on. It replaces the one that is on there.

    New callers hear it in place of the greeting. Callers who already wait hear it once.
    """
    place = _place(request)
    await _check(request, body)
    seconds = None if body.minutes is None else 60.0 * body.minutes
    await request.tell(
        NewsSwitched(
            place=place, prompts=tuple(body.prompts), more=tuple(body.more), seconds=seconds
        )
    )
    minutes = "until off" if body.minutes is None else f"{body.minutes:g}"
    await request.note("news.on", place, prompts=" ".join(body.prompts), minutes=minutes)
    held = request.engine.state.news.get(place)
    if held is None:  # somebody else switched it off at this moment
        raise Problem("unknown_place", "It is off again.")
    return _view(held, request.engine.now())


@endpoints.delete(
    "/news/{scope}/{of}", needs=Role.SUPERVISOR, status=204, problems=("unknown_place",)
)
async def switch_news_off(request: Request[Parts]) -> None:
    """Switch it off. Callers who are hearing it hear it to the end."""
    place = _place(request, off=True)
    await request.tell(NewsSwitched(place=place))
    await request.note("news.off", place)


def _place(request: Request[Parts], *, off: bool = False) -> str:
    """The place. It may be one that the site does not have any more, if it is switched off."""
    scope, name, state = request.path["scope"], request.path["of"], request.engine.state
    place = place_of_line(name) if scope == "line" else place_of_queue(name)
    known = list(state.site.lines if scope == "line" else state.site.queues)
    if off and place not in state.news:
        raise Problem("unknown_place", "Nothing is on there.")
    if not off and name not in known:
        raise Problem("unknown_place", f"This site has: {', '.join(known)}.")
    return place


async def _check(request: Request[Parts], body: NewsBody) -> None:
    languages = _languages(request.engine.state, request.path["scope"], request.path["of"])
    for language in sorted(languages):
        recorded = await asyncio.to_thread(request.parts.recorded, language)
        for key in (*body.prompts, *body.more):
            if not is_key(key) or key not in recorded:
                detail = f"{key} is not recorded in the language {language.value}."
                raise Problem("not_recorded", f"{detail} Record or upload it first.")


def _languages(state: State, scope: str, name: str) -> set[Language]:
    """The languages of the lines whose callers may hear it."""
    lines = state.site.lines
    if scope == "line":
        return {Language(lines[LineName(name)].language)}
    return {Language(x.language) for x in lines.values() if x.queue == QueueName(name)}


def _view(news: News, now: float) -> NewsView:
    scope, _, name = news.place.partition("/")
    left = None if news.until == NEVER else round(max(0.0, news.until - now) / 60.0, 1)
    return NewsView(
        scope=scope,
        name=name,
        prompts=list(news.prompts),
        more=list(news.more),
        minutes_on=round(max(0.0, now - news.since) / 60.0, 1),
        minutes_left=left,
        heard=news.heard,
        asked=news.asked,
        left=news.left,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_place": ProblemKind(404, "There is no such line or queue, or nothing is on there"),
        "not_recorded": ProblemKind(422, "The prompt is not recorded"),
    },
    path_patterns={"scope": "(line|queue)", "of": r"[0-9a-z][0-9a-z_-]{0,31}"},
)
