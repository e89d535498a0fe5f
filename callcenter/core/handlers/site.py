"""The site file, opening hours and rosters, news, and a planned restart of Asterisk."""

from callcenter.core import news, onward
from callcenter.core.call import OnCall
from callcenter.core.events import (
    CallbackHoursSeen,
    ClosingAsked,
    ClosingOver,
    HoursSeen,
    NewsSwitched,
    SiteChanged,
)
from callcenter.core.facts import (
    CallbackHours,
    ClosingChanged,
    CoverBack,
    CoverLost,
    QueueClosed,
    QueueOpened,
    QueueRostered,
    QuietHours,
    SiteTaken,
)
from callcenter.core.open_line import LINE
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.site import Site
from callcenter.core.turn import Turn
from callcenter.core.work import Work


def news_switched(work: Work, event: NewsSwitched, now: float) -> None:
    turn = Turn(work.state, now)
    if event.prompts:
        news.switch_on(turn, event.place, event.prompts, event.more, event.seconds)
    else:
        news.switch_off(turn, event.place)
    work.take(turn)


def closing_asked(work: Work, event: ClosingAsked, now: float) -> None:
    work.tell(ClosingChanged(at=now, until=now + event.seconds))


def closing_over(work: Work, event: ClosingOver, now: float) -> None:
    cut = sorted(work.state.cut_lines)
    if work.state.closing is not None:
        work.tell(ClosingChanged(at=now, until=None))
    for name in cut:
        if work.state.operators[name].reason == LINE:
            work.operator(Ask(operator=name), OnOperator.RESUMED, now)


def let_everybody_go(work: Work, now: float) -> None:
    """Let all callers go, also those who come back into the line after the limit."""
    if work.state.connected:
        for call in list(work.state.calls.values()):
            work.call(call, OnCall.CLOSED, now)


def changed(work: Work, event: SiteChanged, now: float) -> None:
    work.state.configure(event.site)
    work.tell(taken(event.site, now))
    work.look_at_callbacks = True
    onward.note_removed(work)
    onward.look_at_all(work)
    work.possible.update(name for name, queue in work.state.queues.items() if queue.widening)
    work.tellings.begin_anew(work.state, now)


def hours_seen(work: Work, event: HoursSeen, now: float) -> None:
    turn = Turn(work.state, now)
    if event.quiet is not work.state.quiet:
        turn.tell(QuietHours(at=now, quiet=event.quiet))
    for name in sorted(work.state.closed - event.closed):
        turn.tell(QueueOpened(at=now, queue=name))
    for name in sorted(event.closed - work.state.closed):
        turn.tell(QueueClosed(at=now, queue=name))
    for name in sorted({*work.state.rostered, *event.rostered}):
        planned = event.rostered.get(name, 0)
        if planned != work.state.rostered.get(name):
            turn.tell(QueueRostered(at=now, queue=name, operators=planned))
    _note_cover(work, turn, event, now)
    work.take(turn)
    work.look_at_callbacks = True
    work.look_everywhere()  # citizens who wait for a callback may be called again
    onward.look_at_all(work)


def callback_hours_seen(work: Work, event: CallbackHoursSeen, now: float) -> None:
    turn = Turn(work.state, now)
    for name in sorted({*event.hours, *work.state.callback_hours}):
        hours = tuple((hour, now + s, late) for hour, s, late in event.hours.get(name, ()))
        if hours != work.state.callback_hours.get(name, ()):
            turn.tell(CallbackHours(at=now, queue=name, hours=hours))
    work.take(turn)


def _note_cover(work: Work, turn: Turn, event: HoursSeen, now: float) -> None:
    """Tell gaps without anybody on duty. If the plan begins or ends during a gap, it is told as two
    gaps."""
    for name in sorted(event.uncovered | work.state.uncovered.keys()):
        gap = work.state.uncovered.get(name)
        planned = event.rostered.get(name, 0) > 0
        if gap and (name not in event.uncovered or gap.planned is not planned):
            seconds = max(0.0, now - gap.since)
            turn.tell(CoverBack(at=now, queue=name, planned=gap.planned, seconds=seconds))
            gap = None
        if gap is None and name in event.uncovered:
            turn.tell(CoverLost(at=now, queue=name, planned=planned))


def taken(site: Site, now: float) -> SiteTaken:
    """The limits of this site file are valid from now on."""
    waits = tuple((name, rules.max_wait_seconds) for name, rules in site.queues.items())
    return SiteTaken(at=now, longest_waits=waits, leave_seconds=site.leave_seconds)
