"""Which shifts are allowed, how one was kept, and when the plan has nobody. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone

from callcenter.core.hours import Hours
from callcenter.oversight.duty.model import Attendance, NewShift, Shift, Spell, Standing

THAILAND = timezone(timedelta(hours=7))  # Thailand has no summer time
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
AHEAD_MOST = timedelta(days=400)
GRACE = timedelta(minutes=5)
"""A person who comes within this time is not late."""
DAYS_MOST = 62  # days of one roster


def fault_of(
    shift: NewShift,
    queues_of: Mapping[str, Collection[str]],
    queues: Collection[str],
    now: datetime,
) -> str:
    """Why a shift cannot be planned; empty: it can. `queues_of`: the queues that each operator
    serves."""
    length = shift.ends_at - shift.begins_at
    if shift.queue not in queues:
        return f"queue {shift.queue}: the site has no such queue"
    if shift.operator not in queues_of:
        return f"operator {shift.operator}: there is no such operator"
    if shift.queue not in queues_of[shift.operator]:
        return f"operator {shift.operator}: does not serve the queue {shift.queue}"
    if not SHORTEST <= length <= LONGEST:
        return "a shift is between 15 minutes and 24 hours long"
    if shift.ends_at <= now:
        return "the shift is over already"
    if shift.begins_at > now + AHEAD_MOST:
        return f"a shift is planned at most {AHEAD_MOST.days} days ahead"
    return ""


def meet(first: Shift | NewShift, second: Shift | NewShift) -> bool:
    """Whether one person would be planned twice for one queue at the same time."""
    same = (first.queue, first.operator) == (second.queue, second.operator)
    return same and first.begins_at < second.ends_at and second.begins_at < first.ends_at


def twice(shifts: Sequence[NewShift]) -> tuple[int, int] | None:
    """The positions of the first two shifts in a list that overlap in this way."""
    last: dict[tuple[str, str], int] = {}
    for place in sorted(range(len(shifts)), key=lambda n: shifts[n].begins_at):
        shift = shifts[place]
        key = shift.queue, shift.operator
        before = last.get(key)
        if before is not None and meet(shifts[before], shift):
            return before, place
        last[key] = place
    return None


def attendance(shift: Shift, there: Iterable[Spell], now: datetime) -> Attendance:
    """How a shift was kept. `there`: when the person was on duty; a present time ends now."""
    parts = [
        Spell(max(spell.begins_at, shift.begins_at), min(spell.ends_at, shift.ends_at, now))
        for spell in there
        if spell.begins_at < shift.ends_at and spell.ends_at >= shift.begins_at
    ]
    parts = _joined(part for part in parts if part.begins_at <= part.ends_at)
    came_at = min((part.begins_at for part in parts), default=None)
    present = sum((part.ends_at - part.begins_at).total_seconds() for part in parts)
    if now < shift.begins_at:
        standing = Standing.PLANNED
    elif now >= shift.ends_at:
        standing = Standing.KEPT if present > 0 else Standing.MISSED
    elif any(part.ends_at == now for part in parts):
        standing = Standing.PRESENT
    elif came_at is not None:
        standing = Standing.LEFT
    else:
        standing = Standing.EXPECTED if now < shift.begins_at + GRACE else Standing.LATE
    late = None
    if now >= shift.begins_at:
        late = ((came_at or min(now, shift.ends_at)) - shift.begins_at).total_seconds()
    return Attendance(
        standing=standing, came_at=came_at, late_seconds=late, present_seconds=present
    )


def _joined(spells: Iterable[Spell]) -> list[Spell]:
    """The same times without overlaps."""
    found: list[Spell] = []
    for spell in sorted(spells, key=lambda each: each.begins_at):
        if found and spell.begins_at <= found[-1].ends_at:
            last = found.pop()
            spell = Spell(last.begins_at, max(last.ends_at, spell.ends_at))
        found.append(spell)
    return found


def days(first: date, many: int) -> list[date]:
    """This many days, beginning with `first`."""
    return [first + timedelta(days=n) for n in range(many)]


def begin_of(day: date) -> datetime:
    """The beginning of a day in Thailand."""
    return datetime.combine(day, time(), THAILAND).astimezone(UTC)


def unplanned(
    hours: Hours | None,
    shifts: Iterable[Shift],
    first: date,
    many: int,
    holidays: Collection[date],
) -> list[Spell]:
    """The times in these days when a queue is open and nobody is named for it. `hours` None: always
    open."""
    found: list[Spell] = []
    for opened in _open_times(hours, first, many, holidays):
        free = opened.begins_at
        for shift in sorted(shifts, key=lambda each: each.begins_at):
            if shift.ends_at <= free or shift.begins_at >= opened.ends_at:
                continue
            if shift.begins_at > free:
                found.append(Spell(free, shift.begins_at))
            free = max(free, shift.ends_at)
        if free < opened.ends_at:
            found.append(Spell(free, opened.ends_at))
    return found


def _open_times(
    hours: Hours | None, first: date, many: int, holidays: Collection[date]
) -> list[Spell]:
    begin, end = begin_of(first), begin_of(first + timedelta(days=many))
    if hours is None:
        return [Spell(begin, end)]
    found: list[Spell] = []
    # the night before reaches into the first day
    for day in days(first - timedelta(days=1), many + 1):
        midnight = begin_of(day)
        for since, until in hours.spans(day, holidays):
            opened = max(begin, midnight + timedelta(minutes=since))
            closed = min(end, midnight + timedelta(minutes=until))
            if found and opened <= found[-1].ends_at:  # it goes on after midnight
                opened = found[-1].begins_at
                closed = max(closed, found[-1].ends_at)
                found.pop()
            if opened < closed:
                found.append(Spell(opened, closed))
    return found
