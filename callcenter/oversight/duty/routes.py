"""The duty roster in the API: who is planned for a queue, who came, and when nobody is planned.

Supervisors plan. Everybody on the phone floor sees their own shifts. Every change is in the audit.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core.hours import Hours
from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.overflow import is_on_duty
from callcenter.oversight.duty import ical, rules
from callcenter.oversight.duty.board import Board
from callcenter.oversight.duty.model import Gap, NewShift, Shift, Spell, Standing
from callcenter.oversight.duty.store import DutyInPostgres, TakenError
from callcenter.ports.metrics import Kind, Series
from callcenter.ports.people import Role
from callcenter.runtime.duty import KnownDuty
from callcenter.thai_holidays import FIRST_YEAR, LAST_YEAR, Holidays
from callcenter.web.calls import Moment
from callcenter.web.endpoint import Common, Download, Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.operators.roster import Roster
from callcenter.web.texts import OperatorName, QueueId

WEEKS_MOST = 26  # weeks for which one shift can be planned at once
_PLAIN = r"^[^\x00-\x1f\x7f]*$(?!\n)"
Note = Annotated[str, Meta(max_length=200, pattern=_PLAIN, description="up to 200 characters")]
Day = Annotated[
    str,
    Meta(
        pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)",
        description="a day in Thailand; years of the common era (2569 is 2026)",
        extra_json_schema={"format": "date"},
        examples=["2026-11-30"],
    ),
]
Days = Annotated[int, Meta(ge=1, le=rules.DAYS_MOST)]
Year = Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]


class ShiftToPlan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person for a queue. `weeks`: for this many consecutive weeks, on the same day and at the
    same time. A shift across midnight ends on the next day."""

    queue: QueueId
    operator: OperatorName
    begins_at: Moment
    ends_at: Moment
    note: Note = ""
    weeks: Annotated[int, Meta(ge=1, le=WEEKS_MOST)] = 1


class ShiftChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The new values of the shift. `version`: of the shift as it was read."""

    version: Annotated[int, Meta(ge=1)]
    queue: QueueId
    operator: OperatorName
    begins_at: Moment
    ends_at: Moment
    note: Note = ""


class ShiftView(msgspec.Struct):
    """A shift, and how it was kept until now. `late_seconds`: from its beginning until the person
    came, or until now; null: it has not begun."""

    shift: int
    version: int
    queue: str
    operator: str
    name: str
    begins_at: datetime
    ends_at: datetime
    note: str
    planned_by: str
    standing: Standing
    came_at: datetime | None
    late_seconds: float | None
    present_seconds: float


class ShiftList(msgspec.Struct):
    """Shifts by their beginning."""

    shifts: list[ShiftView]


class DutyDay(msgspec.Struct):
    """A day of the roster. `holiday`: its name; empty: it is no holiday."""

    day: date
    holiday: str


class DutySpell(msgspec.Struct):
    """A time from one moment until another (excluded)."""

    begins_at: datetime
    ends_at: datetime


class UncoveredView(msgspec.Struct):
    """The queue was open with nobody on duty. `planned`: somebody should have been there."""

    begins_at: datetime
    ends_at: datetime
    planned: bool


class DutyQueue(msgspec.Struct):
    """A queue in the roster. `unplanned`: times in which it is open and nobody is named.
    `uncovered`: times with nobody on duty, including the present one. `planned` and `present`:
    people now."""

    queue: str
    title: str
    planned: int
    present: int
    unplanned: list[DutySpell]
    unplanned_minutes: int
    uncovered: list[UncoveredView]
    uncovered_minutes: int


class DutyPicture(msgspec.Struct):
    """The roster of some days."""

    now: datetime
    days: list[DutyDay]
    queues: list[DutyQueue]
    shifts: list[ShiftView]


class PictureQuery(msgspec.Struct):
    """The days and the queue. If left out: this week, from Monday on, and every queue."""

    first: Day | UnsetType = UNSET
    days: Days = 7
    queue: QueueId | UnsetType = UNSET


class OwnQuery(msgspec.Struct):
    """The days. If left out: this week, from Monday on."""

    first: Day | UnsetType = UNSET
    days: Days = 7


class ImportQuery(msgspec.Struct):
    """`queue`: for events that do not name one themselves."""

    queue: QueueId | UnsetType = UNSET


class ImportDone(msgspec.Struct):
    """The results for the events. `past`: events that were over, and were ignored."""

    added: int
    changed: int
    removed: int
    same: int
    past: int


class VersionQuery(msgspec.Struct):
    """The version that was read."""

    version: Annotated[int, Meta(ge=1)]


class YearQuery(msgspec.Struct):
    """A year of the common era."""

    year: Year


class DaysRead(msgspec.Struct):
    """The holidays of a year in a calendar, in the form that `PUT /holidays/{year}` takes."""

    year: int
    days: list["DayRead"]


class DayRead(msgspec.Struct):
    """A holiday."""

    day: date
    name_th: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with. `holidays`: as the ministry confirmed them."""

    duty: DutyInPostgres
    roster: Roster
    holidays: Callable[[], Awaitable[Holidays]]
    known: KnownDuty
    common: Common
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "board", Board(self.duty, self.known, self.common))


endpoints = Endpoints("duty")


@endpoints.get("/duty", needs=Role.SUPERVISOR)
async def picture(request: Request[Parts], query: PictureQuery) -> DutyPicture:
    """Show the roster of some days: who is planned, who came when, and when nobody is planned."""
    first, now = _first(query.first, request.wall()), request.wall()
    since, before = _times(first, query.days)
    shifts = await request.parts.duty.between(since, before, queue=query.queue or None)
    views = await _views(request, shifts, now)
    gaps = await request.parts.duty.gaps(since, before)
    off = await _days_off(request, first, query.days)
    state = request.engine.state
    kept = {shift.queue for shift in shifts}
    queues = [
        name
        for name, each in state.site.queues.items()
        if (query.queue is UNSET or name == query.queue)
        and (each.hours or each.roster or name in kept)
    ]
    return DutyPicture(
        now=now,
        days=[DutyDay(day, off.get(day, "")) for day in rules.days(first, query.days)],
        queues=[
            _queue_view(request, name, shifts, gaps, first, query.days, off) for name in queues
        ],
        shifts=views,
    )


@endpoints.get("/duty/mine", needs=Role.OPERATOR)
async def my_shifts(request: Request[Parts], query: OwnQuery) -> ShiftList:
    """List one's own shifts."""
    now = request.wall()
    since, before = _times(_first(query.first, now), query.days)
    found = await request.parts.duty.between(since, before, operator=request.person.name)
    return ShiftList(shifts=await _views(request, found, now))


@endpoints.get("/duty/calendar", needs=Role.SUPERVISOR, gives="text/calendar")
async def as_calendar(request: Request[Parts], query: PictureQuery) -> Download:
    """Get the shifts as iCalendar (RFC 5545), in UTC."""
    now = request.wall()
    first = _first(query.first, now)
    since, before = _times(first, query.days)
    shifts = await request.parts.duty.between(since, before, queue=query.queue or None)
    await request.audit("duty.exported", first.isoformat(), shifts=len(shifts))
    return await _calendar(request, shifts, now)


@endpoints.get("/duty/mine/calendar", needs=Role.OPERATOR, gives="text/calendar")
async def mine_as_calendar(request: Request[Parts], query: OwnQuery) -> Download:
    """Get one's own shifts as iCalendar."""
    now = request.wall()
    since, before = _times(_first(query.first, now), query.days)
    found = await request.parts.duty.between(since, before, operator=request.person.name)
    return await _calendar(request, found, now)


@endpoints.get("/duty/holidays/calendar", needs=Role.OPERATOR, gives="text/calendar")
async def holidays_as_calendar(request: Request[Parts], query: YearQuery) -> Download:
    """Get the holidays of a year as iCalendar, as whole days."""
    found = (await request.parts.holidays()).of(query.year)
    body = ical.days_as_calendar(found, request.wall())
    return Download(name=f"holidays-{query.year}.ics", body=body)


@endpoints.post(
    "/duty/holidays/readings",
    needs=Role.OPERATOR,
    upload_bytes=ical.BYTES_MOST,
    problems=("calendar_fault",),
)
async def read_holidays(request: Request[Parts], query: YearQuery, upload: bytes) -> DaysRead:
    """Read the holidays of a year from a calendar.

    Nothing is stored. A person who may confirm a year sends them to `PUT /holidays/{year}`.
    """
    days: dict[date, str] = {}
    for event in _read(upload):
        if isinstance(event.begins, datetime) or isinstance(event.ends, datetime):
            continue
        length = (event.ends - event.begins).days
        for day in rules.days(event.begins, min(length, rules.DAYS_MOST)):
            if day.year == query.year and not event.cancelled:
                days[day] = event.summary[:100]
    return DaysRead(
        year=query.year, days=[DayRead(day, name) for day, name in sorted(days.items())]
    )


@endpoints.post(
    "/duty/shifts",
    needs=Role.SUPERVISOR,
    status=201,
    problems=("shift_fault", "already_planned"),
)
async def plan_shift(request: Request[Parts], body: ShiftToPlan) -> ShiftList:
    """Plan a person for a queue, in one week or several: all of them or none."""
    first = NewShift(
        queue=body.queue,
        operator=body.operator,
        begins_at=_moment(body.begins_at),
        ends_at=_moment(body.ends_at),
        note=body.note.strip(),
    )
    wanted = [
        replace(first, begins_at=first.begins_at + week, ends_at=first.ends_at + week)
        for week in (timedelta(weeks=n) for n in range(body.weeks))
    ]
    await _require_sound(request, wanted)
    now = request.wall()
    try:
        made = await request.parts.duty.plan(wanted, by=request.person.name, at=now)
    except TakenError as error:
        raise _already(error) from error
    await request.note("duty.planned", str(made[0].id), shifts=len(made), queue=body.queue)
    await request.parts.board.look()
    return ShiftList(shifts=await _views(request, made, now))


@endpoints.put(
    "/duty/shifts/{shift}",
    needs=Role.SUPERVISOR,
    problems=("unknown_shift", "shift_changed", "shift_fault", "already_planned", "shift_over"),
)
async def change_shift(request: Request[Parts], body: ShiftChange) -> ShiftView:
    """Change a shift: another person, time or queue. A past shift cannot be changed."""
    shift = await _changeable(request)
    to = NewShift(
        queue=body.queue,
        operator=body.operator,
        begins_at=_moment(body.begins_at),
        ends_at=_moment(body.ends_at),
        note=body.note.strip(),
    )
    await _require_sound(request, [to])
    now = request.wall()
    try:
        changed = await request.parts.duty.change(
            shift.id, body.version, to, by=request.person.name, at=now
        )
    except TakenError as error:
        raise _already(error) from error
    if changed is None:
        raise Problem("shift_changed", "Look at it again: somebody has changed it.")
    await request.note("duty.changed", str(shift.id), queue=to.queue)
    await request.parts.board.look()
    [view] = await _views(request, [changed], now)
    return view


@endpoints.delete(
    "/duty/shifts/{shift}",
    needs=Role.SUPERVISOR,
    status=204,
    problems=("unknown_shift", "shift_changed", "shift_over"),
)
async def remove_shift(request: Request[Parts], query: VersionQuery) -> None:
    """Remove a shift from the plan. A past shift cannot be removed."""
    shift = await _changeable(request)
    if not await request.parts.duty.remove(shift.id, query.version):
        raise Problem("shift_changed", "Look at it again: somebody has changed it.")
    await request.note("duty.removed", str(shift.id), queue=shift.queue)
    await request.parts.board.look()


@endpoints.post(
    "/duty/imports",
    needs=Role.SUPERVISOR,
    upload_bytes=ical.BYTES_MOST,
    problems=("calendar_fault", "shift_fault", "already_planned"),
)
async def take_calendar(request: Request[Parts], query: ImportQuery, upload: bytes) -> ImportDone:
    """Import the shifts of an iCalendar file into the plan, all or none.

    An event names the person in its summary (id or full name) or in X-HOTLINE-OPERATOR, the queue
    in X-HOTLINE-QUEUE. An event with a known UID changes that shift; a cancelled one removes it.
    """
    now = request.wall()
    cards = await request.parts.roster.cards()
    names: dict[str, list[str]] = {}
    for card in cards.values():
        names.setdefault(card.name, []).append(card.operator)
    wanted: list[NewShift] = []
    lines: list[int] = []
    cancelled: list[str] = []
    faults: list[str] = []
    past = 0
    for event in _read(upload):
        if not event.uid:
            faults.append(f"line {event.line}: the event has no UID")
        elif event.cancelled:
            cancelled.append(event.uid)
        elif not isinstance(event.begins, datetime) or not isinstance(event.ends, datetime):
            faults.append(f"line {event.line}: a shift has a time, and is no whole day")
        elif event.ends <= now:
            past += 1
        elif found := _who(event, names, cards):
            lines.append(event.line)
            wanted.append(
                NewShift(
                    queue=event.queue or query.queue or "",
                    operator=found,
                    begins_at=event.begins,
                    ends_at=event.ends,
                    note=event.note[:200],
                    uid=event.uid,
                )
            )
        else:
            said = event.operator or event.summary
            faults.append(f"line {event.line}: no operator, or more than one, is {said[:60]!r}")
    queues_of, queues = await _known(request)
    for shift, line in zip(wanted, lines, strict=True):
        if fault := rules.fault_of(shift, queues_of, queues, now):
            faults.append(f"line {line}: {fault}")
    uids = [shift.uid for shift in wanted]
    if len(set(uids)) < len(uids):
        faults.append("two events have the same UID")
    if both := rules.twice(wanted):
        first, second = (lines[place] for place in both)
        faults.append(f"line {second}: the person has a shift at that time already, line {first}")
    if faults:
        detail = "Nothing was taken. Correct the calendar and send it again."
        raise Problem("shift_fault", detail, faults=faults[: ical.FAULTS_MOST])
    try:
        added, changed, removed = await request.parts.duty.take_calendar(
            wanted, cancelled, by=request.person.name, at=now
        )
    except TakenError as error:
        raise _already(error) from error
    await request.note(
        "duty.imported", str(len(wanted)), added=added, changed=changed, removed=removed
    )
    await request.parts.board.look()
    same = len(wanted) - added - changed
    return ImportDone(added=added, changed=changed, removed=removed, same=same, past=past)


def _read(upload: bytes) -> list[ical.Event]:
    try:
        return ical.read(upload)
    except ical.CalendarError as error:
        detail = "Nothing was taken. Correct the calendar and send it again."
        raise Problem("calendar_fault", detail, faults=error.faults) from error


def _who(event: ical.Event, names: dict[str, list[str]], ids: Collection[str]) -> str:
    """The operator of the event. Empty: nobody, or more than one person."""
    said = event.operator or event.summary.partition(" · ")[0].strip()
    if said in ids:
        return said
    found = names.get(said, [])
    return found[0] if len(found) == 1 else ""


async def _known(request: Request[Parts]) -> tuple[dict[str, tuple[QueueName, ...]], set[str]]:
    cards = await request.parts.roster.cards()
    return {card.operator: card.queues for card in cards.values()}, {
        *request.engine.state.site.queues
    }


async def _require_sound(request: Request[Parts], shifts: list[NewShift]) -> None:
    queues_of, queues = await _known(request)
    for shift in shifts:
        if fault := rules.fault_of(shift, queues_of, queues, request.wall()):
            raise Problem("shift_fault", "Correct it and send it again.", faults=[fault])


async def _changeable(request: Request[Parts]) -> Shift:
    shift = await request.parts.duty.one(int(request.path["shift"]))
    if shift is None:
        raise Problem("unknown_shift", "GET /api/v1/duty shows those there are.")
    if shift.ends_at <= request.wall():
        raise Problem("shift_over", "What is over stays in the roster as it was planned.")
    return shift


def _already(error: TakenError) -> Problem:
    shift = error.shift
    begins_at = shift.begins_at.astimezone(rules.THAILAND)
    ends_at = shift.ends_at.astimezone(rules.THAILAND)
    detail = (
        f"{shift.operator} is planned for {shift.queue} from {begins_at:%Y-%m-%d %H:%M} to "
        f"{ends_at:%Y-%m-%d %H:%M} already."
    )
    return Problem("already_planned", detail)


def _first(day: str | UnsetType, now: datetime) -> date:
    if day is UNSET:
        today = now.astimezone(rules.THAILAND).date()
        return today - timedelta(days=today.weekday())
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise Problem("invalid", "There is no such day.", faults=[day]) from error


def _times(first: date, days: int) -> tuple[datetime, datetime]:
    return rules.begin_of(first), rules.begin_of(first + timedelta(days=days))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem("invalid", "There is no such day.", faults=[text]) from error


async def _days_off(request: Request[Parts], first: date, many: int) -> dict[date, str]:
    """The holidays of these days and of the day before, whose night reaches into the first."""
    known = await request.parts.holidays()
    days = rules.days(first - timedelta(days=1), many + 1)
    return {day: known.of(day.year)[day] for day in days if day in known.of(day.year)}


async def _calendar(request: Request[Parts], shifts: list[Shift], now: datetime) -> Download:
    cards = await request.parts.roster.cards()
    names = {str(card.operator): card.name for card in cards.values()}
    titles = {str(name): each.title for name, each in request.engine.state.site.queues.items()}
    body = ical.shifts_as_calendar(shifts, names, titles, now)
    return Download(name="duty.ics", body=body)


async def _views(request: Request[Parts], shifts: list[Shift], now: datetime) -> list[ShiftView]:
    """The shifts with their attendance, for those that have begun, from the record."""
    begun = [shift for shift in shifts if shift.begins_at <= now]
    there: dict[str, list[Spell]] = {}
    if begun:
        since = min(shift.begins_at for shift in begun)
        people = {shift.operator for shift in begun}
        there = await request.parts.duty.there(people, since, now)
        for name in people:  # the record is a moment behind the engine
            operator = request.engine.state.operators.get(OperatorId(name))
            if operator is not None and is_on_duty(operator):
                came = now - timedelta(seconds=max(0.0, request.engine.now() - operator.since))
                there.setdefault(name, []).append(Spell(came, now))
    names = {str(c.operator): c.name for c in (await request.parts.roster.cards()).values()}
    found = []
    for shift in shifts:
        kept = rules.attendance(shift, there.get(shift.operator, []), now)
        found.append(
            ShiftView(
                shift=shift.id,
                version=shift.version,
                queue=shift.queue,
                operator=shift.operator,
                name=names.get(shift.operator, shift.operator),
                begins_at=shift.begins_at,
                ends_at=shift.ends_at,
                note=shift.note,
                planned_by=shift.planned_by,
                standing=kept.standing,
                came_at=kept.came_at,
                late_seconds=kept.late_seconds,
                present_seconds=kept.present_seconds,
            )
        )
    return found


def _queue_view(
    request: Request[Parts],
    name: QueueName,
    shifts: list[Shift],
    gaps: list[Gap],
    first: date,
    many: int,
    off: Collection[date],
) -> DutyQueue:
    state, now = request.engine.state, request.wall()
    each = state.site.queues[name]
    hours: Hours | None = each.hours
    free = rules.unplanned(hours, [s for s in shifts if s.queue == name], first, many, off)
    since, before = _times(first, many)
    empty = [
        UncoveredView(max(gap.begins_at, since), min(gap.ends_at, before), gap.planned)
        for gap in gaps
        if gap.queue == name
    ]
    gap_now = state.uncovered.get(name)
    if gap_now is not None and since <= now < before:
        began = now - timedelta(seconds=max(0.0, request.engine.now() - gap_now.since))
        empty.append(UncoveredView(max(began, since), now, gap_now.planned))
    return DutyQueue(
        queue=name,
        title=each.title,
        planned=state.rostered.get(name, 0),
        present=sum(is_on_duty(state.operators[who]) for who in state.queues[name].staff),
        unplanned=[DutySpell(spell.begins_at, spell.ends_at) for spell in free],
        unplanned_minutes=_minutes(free),
        uncovered=empty,
        uncovered_minutes=_minutes(empty),
    )


def _minutes(spells: Collection[Spell] | Collection[UncoveredView]) -> int:
    seconds = sum((each.ends_at - each.begins_at).total_seconds() for each in spells)
    return round(seconds / 60)


PEOPLE = Series(
    name="hotline_duty_people",
    kind=Kind.GAUGE,
    labels=("queue", "standing"),
    help="People whom the roster names for now: present, expected (their shift began less than 5 "
    "minutes ago) or late. Absent: nobody was named within a day, nor will be in 14.",
)

FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_shift": ProblemKind(404, "There is no such shift"),
        "shift_changed": ProblemKind(409, "The shift was changed in the meantime"),
        "shift_over": ProblemKind(409, "The shift is over"),
        "already_planned": ProblemKind(409, "The person is planned at that time already"),
        "shift_fault": ProblemKind(422, "The shift cannot be planned so"),
        "calendar_fault": ProblemKind(422, "The calendar cannot be read"),
    },
    path_patterns={"shift": r"[1-9][0-9]{0,14}"},
    metrics={PEOPLE: lambda parts: parts.board.people()},
    run=lambda parts: parts.board.run(),
)
