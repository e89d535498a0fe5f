"""The result of an action on a case. Pure: the case before, who acts and when give the case after.

routes.py has found out for which unit the person acts. Every change is one entry of the history.
The rules of hand-overs and clocks are the shared ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from callcenter.desks.cases.limits import HOP_LIMITS, Limit, Limits
from callcenter.desks.cases.model import (
    ENDED,
    Allegation,
    Case,
    CaseState,
    CaseType,
    Change,
    Conclusion,
    Note,
    NoteKind,
    Urgency,
)
from callcenter.desks.cases.states import TABLE, CaseAction
from callcenter.desks.shared import clocks, hops
from callcenter.desks.shared.clocks import Clock, DayOff
from callcenter.desks.shared.documents import DocumentEvent
from callcenter.desks.shared.hops import Hop, HopFault, HopState, Purpose, ReturnReason
from callcenter.desks.shared.letters import LetterFault, OfficialLetter, checked

REOPEN_DAYS = 90
S, A = CaseState, CaseAction


class CaseFault(Exception):
    """The action is possible in this state, but not with these values. `code` is for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who acts, for which unit, and when; and how long steps may take."""

    account: str
    unit: str
    at: datetime
    limits: Limits
    off: DayOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found about one allegation. `n` None: it was not alleged before."""

    n: int | None
    text: str
    conclusion: Conclusion
    note: str = ""


# --- the beginning -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is known of a new case. `from_source`: that unit passed it down."""

    id: UUID
    number: str
    type: CaseType
    topic: str
    urgency: Urgency
    channel: str
    area: str
    facts: str
    wish: str = ""
    place_note: str = ""
    people_concerned: int | None = None
    call: str | None = None
    source_unit: str | None = None
    source_reference: str | None = None
    source_received_at: datetime | None = None
    allegations: Sequence[str] = ()


def create(intake: Intake, unit: str, act: Act, *, referred: bool) -> Change:
    """A new case for which `unit` is responsible. `referred`: its source hands it over by hand-over
    1."""
    if act.at < (intake.source_received_at or act.at):
        raise CaseFault("date_in_future", "source_received_at lies in the future.")
    case = Case(
        id=intake.id,
        number=intake.number,
        type=intake.type,
        topic=intake.topic,
        urgency=intake.urgency,
        channel=intake.channel,
        unit=unit,
        area=intake.area,
        state=S.RECEIVED,
        version=0,
        created_at=act.at,
        created_by=act.account,
        facts=intake.facts,
        wish=intake.wish,
        place_note=intake.place_note,
        people_concerned=intake.people_concerned,
        call=intake.call,
        source_unit=intake.source_unit,
        source_reference=intake.source_reference,
        source_itself=referred,
        source_received_at=intake.source_received_at,
        allegations=tuple(Allegation(n=n, text=t) for n, t in enumerate(intake.allegations, 1)),
    )
    case = _start(case, act, Limit.ACKNOWLEDGE, Limit.RESULT)
    if referred and intake.source_unit is not None:
        case = _send(case, intake.source_unit, unit, act, Purpose.ACT, "")
        case = replace(case, state=S.REFERRED)
    return _changed(None, case, A.CREATE, act)


# --- what must hold before an action, whatever is said with it -----------------------------------

_OF_THE_RESPONSIBLE = (
    A.ANSWER_AT_ONCE,
    A.TAKE,
    A.SEND_BACK,
    A.REPORT_TO_SOURCE,
    A.INFORM_CITIZEN,
    A.CLOSE,
    A.MERGE,
    A.WITHDRAW,
)


def require(case: Case, action: CaseAction, unit: str, at: datetime) -> None:
    """Whether the unit can do it now. Raises NotNow or CaseFault."""
    TABLE.move(case.state, action)
    if action in _OF_THE_RESPONSIBLE and unit != case.unit:
        raise CaseFault("not_responsible", "This is for the unit that is responsible.")
    match action:
        case A.ANSWER_AT_ONCE if case.type not in (CaseType.QUESTION, CaseType.HELP):
            raise CaseFault("must_be_checked", "Only questions and requests for help end at once.")
        case A.REFER | A.PROGRESS | A.WAIT | A.RESUME:
            _require_party(case, unit)
        case A.ANSWER:
            _require_party(case, unit)
            _require_nothing_awaited(case, unit)
        case A.RECEIVE if not _sent_to(case, unit):
            raise CaseFault("nothing_to_receive", "It was received already.")
        case A.RETURN:
            _own_hop(case, unit)
            _require_nothing_awaited(case, unit)
        case A.REPORT_TO_SOURCE if case.source_unit is None:
            raise CaseFault("no_source", "Nobody passed this case down.")
        case A.CLOSE:
            _require_all_know(case)
        case A.REOPEN:
            _require_closed_lately(case, at)


def _require_all_know(case: Case) -> None:
    if case.source_unit is not None and case.source_informed_at is None:
        raise CaseFault("source_not_informed", "Report the result to who passed it down first.")
    if not _citizen_is_done(case):
        raise CaseFault("citizen_not_informed", "Inform the citizen, or say why not.")
    if hops.open_acts(case.hops):
        raise CaseFault("hop_open", "Somebody still has it.")


def _require_closed_lately(case: Case, at: datetime) -> None:
    if case.closed_at is None or at > case.closed_at + timedelta(days=REOPEN_DAYS):
        raise CaseFault("too_late", f"It was closed more than {REOPEN_DAYS} days ago: a new case.")


def _sent_to(case: Case, unit: str) -> list[Hop]:
    return [h for h in case.hops if h.state is HopState.SENT and h.to_unit == unit]


def _require_party(case: Case, unit: str) -> None:
    """The unit has received the case, or it is responsible and the case was not handed to it."""
    own = hops.open_to(case.hops, unit)
    if own is None and unit != case.unit:
        raise CaseFault("not_holder", "The unit does not have this case.")
    if own is not None and own.state is HopState.SENT:
        raise CaseFault("receive_first", "Receive it first, so that its sender knows.")


def _require_nothing_awaited(case: Case, unit: str) -> None:
    waiting = [h for h in hops.open_acts(case.hops) if h.from_unit == unit]
    if waiting:
        raise CaseFault("answers_awaited", "Those it was referred to have not answered yet.")


# --- the way there and back ----------------------------------------------------------------------


def answer_at_once(case: Case, act: Act, text: str) -> Change:
    """Answer a question that needs no other unit."""
    require(case, A.ANSWER_AT_ONCE, act.unit, act.at)
    after = replace(_meet(case, act, Limit.ACKNOWLEDGE), state=S.ANSWERED, answer=text)
    return _changed(case, after, A.ANSWER_AT_ONCE, act)


def take(case: Case, act: Act) -> Change:
    """The responsible unit works on the case itself."""
    require(case, A.TAKE, act.unit, act.at)
    after = replace(_meet(case, act, Limit.ACKNOWLEDGE), state=S.IN_PROGRESS)
    return _changed(case, after, A.TAKE, act)


def inform(case: Case, act: Act, to_unit: str, note: str) -> Change:
    """Inform another unit. Nothing is asked of that unit."""
    require(case, A.INFORM, act.unit, act.at)
    after = _send(case, act.unit, to_unit, act, Purpose.INFORM, note)
    return _changed(case, after, A.INFORM, act, reason=note)


def refer(case: Case, act: Act, to_unit: str, note: str) -> Change:
    """Hand the case over. The receiver's clocks begin now; no other clock changes."""
    require(case, A.REFER, act.unit, act.at)
    after = _meet(case, act, Limit.ACKNOWLEDGE) if act.unit == case.unit else case
    if act.unit == case.unit == case.source_unit:
        # it had come back to its source, and another unit takes over
        after = replace(after, unit=to_unit)
    after = _send(after, act.unit, to_unit, act, Purpose.ACT, note)
    after = replace(after, state=_by_hops(after))
    return _changed(case, after, A.REFER, act, reason=note)


def recall(case: Case, act: Act, n: int, reason: str) -> Change:
    """The sender takes it back before it was received."""
    require(case, A.RECALL, act.unit, act.at)
    hop = _hop(case, n)
    if hop.from_unit != act.unit:
        raise CaseFault("not_sender", "Only its sender can recall it.")
    after = _end_hop(case, n, HopState.RECALLED, act, reason=reason)
    return _changed(case, replace(after, state=_by_hops(after)), A.RECALL, act, reason=reason)


def receive(case: Case, act: Act) -> Change:
    """The unit confirms that it has the case."""
    require(case, A.RECEIVE, act.unit, act.at)
    n = _sent_to(case, act.unit)[-1].n
    after = replace(case, hops=tuple(hops.receive(case.hops, n, act.at)))
    after = _meet(after, act, Limit.RECEIVE, hop=n)
    after = replace(after, state=_by_hops(after))
    return _changed(case, after, A.RECEIVE, act)


def give_back(case: Case, act: Act, why: ReturnReason, text: str) -> Change:
    """The unit gives the case back to the sender."""
    require(case, A.RETURN, act.unit, act.at)
    hop = _own_hop(case, act.unit)
    after = _end_hop(case, hop.n, HopState.RETURNED, act, reason=why.value, answer=text)
    after = replace(after, state=_by_hops(after))
    if hop.from_unit == case.source_unit and act.unit == case.unit:
        after = replace(after, unit=hop.from_unit, state=S.RECEIVED)
        after = _meet(after, act, Limit.ACKNOWLEDGE)
    return _changed(case, after, A.RETURN, act, reason=f"{why.value}: {text}")


def progress(case: Case, act: Act, text: str) -> Change:
    """Note what has been done so far."""
    require(case, A.PROGRESS, act.unit, act.at)
    own = hops.open_to(case.hops, act.unit)
    after = _meet(case, act, Limit.PROGRESS, hop=own.n) if own else case
    return _changed(case, after, A.PROGRESS, act, notes=[_note(NoteKind.PROGRESS, act, text)])


def wait(case: Case, act: Act, what: str) -> Change:
    """The unit waits for the citizen or others. No clock runs until their answer is there."""
    require(case, A.WAIT, act.unit, act.at)
    after = _clocks(case, lambda clock: clocks.pause(clock, act.at))
    return _changed(case, replace(after, state=S.WAITING), A.WAIT, act, reason=what)


def resume(case: Case, act: Act) -> Change:
    """The awaited answer is there."""
    require(case, A.RESUME, act.unit, act.at)
    after = _clocks(case, lambda clock: clocks.resume(clock, act.at))
    return _changed(case, replace(after, state=_by_hops(after)), A.RESUME, act)


def answer(
    case: Case,
    act: Act,
    text: str,
    findings: Sequence[Finding] = (),
    taken: Sequence[str] = (),
    benefit: str = "",
) -> Change:
    """The unit's findings and measures. When the last unit has answered, the case is answered."""
    require(case, A.ANSWER, act.unit, act.at)
    hop = hops.open_to(case.hops, act.unit)
    found = _with_findings(case, findings)
    others = [h for h in hops.open_acts(found.hops) if h != hop and not _is_from_source(found, h)]
    at_once = [h for h in others if hop and h.from_unit == hop.from_unit]
    if case.type is CaseType.COMPLAINT and not at_once:
        _require_conclusions(found)
    after = replace(found, answer=text, benefit=benefit or found.benefit)
    if hop is not None and not _is_from_source(case, hop):
        after = _end_hop(after, hop.n, HopState.ANSWERED, act, answer=text)
    after = replace(after, state=_by_hops(after) if others else S.ANSWERED)
    if act.unit == case.unit:
        after = _meet(after, act, Limit.ACKNOWLEDGE)
    notes = [_note(NoteKind.TAKEN, act, what) for what in taken]
    changes = {"outcome": [None, found.outcome.value]} if found.outcome else {}
    return _changed(case, after, A.ANSWER, act, reason=text, notes=notes, changes=changes)


def send_back(case: Case, act: Act, reason: str) -> Change:
    """The answer is not good enough. The responsible unit has the case again. Who was told that
    answer must be told the next one, too."""
    require(case, A.SEND_BACK, act.unit, act.at)
    after = replace(
        case,
        state=S.IN_PROGRESS,
        source_informed_at=None,
        citizen_informed_at=None,
        citizen_why_not="",
    )
    if not _result_clocks(after):
        after = _start(after, act, Limit.RESULT)
    return _changed(case, after, A.SEND_BACK, act, reason=reason)


# --- the end -------------------------------------------------------------------------------------


def report_to_source(case: Case, act: Act, how: str) -> Change:
    """The unit that passed the case down knows the result. Its hand-over ends."""
    require(case, A.REPORT_TO_SOURCE, act.unit, act.at)
    after = replace(case, source_informed_at=act.at, source_informed_how=how)
    for hop in hops.open_acts(case.hops):
        if _is_from_source(case, hop):
            after = _end_hop(after, hop.n, HopState.ANSWERED, act, answer=case.answer)
    return _changed(case, _result_if_all_know(after, act), A.REPORT_TO_SOURCE, act, reason=how)


def inform_citizen(case: Case, act: Act, how: str, why_not: str) -> Change:
    """The citizen knows the result, or the reason why not is noted."""
    require(case, A.INFORM_CITIZEN, act.unit, act.at)
    after = replace(
        case,
        citizen_informed_at=None if why_not else act.at,
        citizen_informed_how=how,
        citizen_why_not=why_not,
    )
    after = _result_if_all_know(after, act)
    # The words are kept with the case alone: they may name people, and history cannot forget.
    return _changed(case, after, A.INFORM_CITIZEN, act)


def close(case: Case, act: Act) -> Change:
    """Close the case: everybody who must know the result knows it."""
    require(case, A.CLOSE, act.unit, act.at)
    after = replace(_end_everything(case, act, ""), state=S.CLOSED, closed_at=act.at)
    return _changed(case, after, A.CLOSE, act)


def reopen(case: Case, act: Act, reason: str) -> Change:
    """The citizen, or the unit that passed it down, asks again. Both must be informed again."""
    require(case, A.REOPEN, act.unit, act.at)
    after = replace(
        case,
        state=S.IN_PROGRESS,
        closed_at=None,
        reopened=case.reopened + 1,
        source_informed_at=None,
        citizen_informed_at=None,
        citizen_why_not="",
    )
    after = _start(after, act, Limit.RESULT)
    return _changed(case, after, A.REOPEN, act, reason=reason)


def merge(case: Case, act: Act, target: Case) -> Change:
    """Merge the case into another of the same matter. Its number still finds it."""
    require(case, A.MERGE, act.unit, act.at)
    if target.id == case.id or target.state in ENDED:
        raise CaseFault("wrong_target", "Choose the case that goes on.")
    after = _end_everything(case, act, ReturnReason.DUPLICATE.value)
    after = replace(after, state=S.DUPLICATE, duplicate_of=target.number, closed_at=act.at)
    return _changed(case, after, A.MERGE, act, reason=target.number)


def withdraw(case: Case, act: Act, reason: str) -> Change:
    """The citizen withdraws the matter."""
    require(case, A.WITHDRAW, act.unit, act.at)
    after = replace(_end_everything(case, act, "withdrawn"), state=S.WITHDRAWN, closed_at=act.at)
    return _changed(case, after, A.WITHDRAW, act, reason=reason)


# --- at any time ---------------------------------------------------------------------------------

CORRECTED = ("type", "topic", "area", "facts", "wish", "place_note", "people_concerned")
PERSONAL = ("place_note",)  # of these the history says only that they were changed


def correct(case: Case, act: Act, fields: dict[str, object], more: Sequence[str] = ()) -> Change:
    """Correct facts that were wrong or missing, and add forgotten allegations. The history keeps
    the earlier facts."""
    require(case, A.CORRECT, act.unit, act.at)
    assert set(fields) <= set(CORRECTED)
    changes: dict[str, list[object]] = {
        name: [] if name in PERSONAL else [_plain(getattr(case, name)), _plain(value)]
        for name, value in fields.items()
        if getattr(case, name) != value
    }
    first = len(case.allegations) + 1
    added = tuple(Allegation(n=n, text=text) for n, text in enumerate(more, first))
    if added:
        changes["allegations"] = [len(case.allegations), len(case.allegations) + len(added)]
    after = replace(case, **fields, allegations=case.allegations + added)  # type: ignore[arg-type]
    return _changed(case, after, A.CORRECT, act, changes=changes)


def message(case: Case, act: Act, text: str) -> Change:
    """Add what the citizen said later. The unit that has the case sees it, even if the case is
    closed."""
    require(case, A.MESSAGE, act.unit, act.at)
    return _changed(case, case, A.MESSAGE, act, notes=[_note(NoteKind.MESSAGE, act, text)])


def letter(case: Case, act: Act, told: OfficialLetter) -> Change:
    """Keep an official letter. If it names a deadline, that takes the place of the present one."""
    require(case, A.LETTER, act.unit, act.at)
    try:
        kept = replace(checked(told, case.letters), n=len(case.letters) + 1)
    except LetterFault as fault:
        raise CaseFault(fault.code, str(fault)) from fault
    after = replace(case, letters=(*case.letters, kept))
    changes: dict[str, object] = {"letter": [None, kept.number]}
    if kept.due_at is not None:
        before = _result_clocks(case)
        after = _due_by_letter(after, act, kept, kept.due_at)
        changes["due"] = [before[-1].due_at.isoformat(), kept.due_at.isoformat()]
    return _changed(case, after, A.LETTER, act, reason=kept.written, changes=changes)


# --- parts of the rules --------------------------------------------------------------------------


def _by_hops(case: Case) -> CaseState:
    """The state is referred until the newest hand-over is received."""
    newest = hops.newest_open(case.hops)
    return S.REFERRED if newest and newest.state is HopState.SENT else S.IN_PROGRESS


def _is_from_source(case: Case, hop: Hop) -> bool:
    """Whether this is the hand-over from the source to the responsible unit. It ends with the
    report to the source."""
    return hop.from_unit == case.source_unit and hop.to_unit == case.unit


def _hop(case: Case, n: int) -> Hop:
    if not 0 < n <= len(case.hops):
        raise CaseFault("no_such_hop", "There is no such hand-over.")
    return case.hops[n - 1]


def _own_hop(case: Case, unit: str) -> Hop:
    own = hops.open_to(case.hops, unit)
    if own is None:
        raise CaseFault("not_holder", "The unit does not have this case.")
    return own


def _require_conclusions(case: Case) -> None:
    if case.outcome is None:
        raise CaseFault("conclusion_missing", "Say for each allegation what the check found.")


def _with_findings(case: Case, findings: Sequence[Finding]) -> Case:
    listed = {each.n: each for each in case.allegations}
    for finding in findings:
        n = finding.n or len(listed) + 1
        if finding.n is not None and n not in listed:
            raise CaseFault("no_such_allegation", "There is no such allegation.")
        if finding.n is None and not finding.text:
            raise CaseFault("no_such_allegation", "Say what is alleged, or its number.")
        text = listed[n].text if finding.n is not None else finding.text
        listed[n] = Allegation(n=n, text=text, conclusion=finding.conclusion, note=finding.note)
    return replace(case, allegations=tuple(listed[n] for n in sorted(listed)))


def _send(case: Case, a: str, b: str, act: Act, purpose: Purpose, note: str) -> Case:
    try:
        sent = hops.send(case.hops, a, b, act.at, purpose=purpose, note=note)
    except HopFault as fault:
        raise CaseFault(fault.code, str(fault)) from fault
    after = replace(case, hops=tuple(sent))
    return _start(after, act, *HOP_LIMITS, hop=sent[-1].n) if purpose is Purpose.ACT else after


def _end_hop(
    case: Case, n: int, state: HopState, act: Act, *, reason: str = "", answer: str = ""
) -> Case:
    try:
        ended = hops.end(case.hops, n, state, act.at, reason=reason, answer=answer)
    except HopFault as fault:
        raise CaseFault(fault.code, str(fault)) from fault
    after = replace(case, hops=tuple(ended))
    if state is HopState.ANSWERED:
        for limit in HOP_LIMITS:
            after = _meet(after, act, limit, hop=n)
    return _clocks(after, lambda clock: clocks.stop(clock, act.at) if clock.hop == n else clock)


def _end_everything(case: Case, act: Act, reason: str) -> Case:
    after = case
    for hop in case.hops:
        if hop.is_open and hop.purpose is Purpose.ACT:
            state = HopState.RECALLED if hop.state is HopState.SENT else HopState.RETURNED
            after = _end_hop(after, hop.n, state, act, reason=reason)
    return _clocks(after, lambda clock: clocks.stop(clock, act.at))


def _result_clocks(case: Case) -> list[Clock]:
    """The deadline of the whole case, while the result is awaited."""
    return [c for c in case.clocks if c.hop is None and c.name == Limit.RESULT.value and c.runs]


def _due_by_letter(case: Case, act: Act, told: OfficialLetter, due: datetime) -> Case:
    """The deadline of the letter in place of the present one, which stays to be seen."""
    if act.unit != case.unit:
        raise CaseFault("not_responsible", "The responsible unit sets the deadline of the case.")
    present = _result_clocks(case)
    if not present:
        raise CaseFault("nothing_due", "The result was told already: no deadline can be set.")
    after = _clocks(case, lambda clock: clocks.stop(clock, act.at) if clock in present else clock)
    new = Clock(
        name=Limit.RESULT.value,
        hop=None,
        rule=told.written,
        started_at=act.at,
        due_at=due,
        letter=told.n,
    )
    if case.state is S.WAITING:
        new = clocks.pause(new, act.at)
    return replace(after, clocks=(*after.clocks, new))


def _citizen_is_done(case: Case) -> bool:
    return case.citizen_informed_at is not None or bool(case.citizen_why_not)


def _result_if_all_know(case: Case, act: Act) -> Case:
    source_knows = case.source_unit is None or case.source_informed_at is not None
    return _meet(case, act, Limit.RESULT) if source_knows and _citizen_is_done(case) else case


def _clocks(case: Case, change: Callable[[Clock], Clock]) -> Case:
    return replace(case, clocks=tuple(change(clock) for clock in case.clocks))


def _start(case: Case, act: Act, *limits: Limit, hop: int | None = None) -> Case:
    urgent = case.urgency is Urgency.URGENT
    started = [
        clocks.start(act.limits[limit.value, urgent], hop, act.at, act.off) for limit in limits
    ]
    return replace(case, clocks=(*case.clocks, *started))


def _meet(case: Case, act: Act, limit: Limit, hop: int | None = None) -> Case:
    def met(clock: Clock) -> Clock:
        is_it = clock.name == limit.value and clock.hop == hop
        return clocks.meet(clock, act.at) if is_it else clock

    return _clocks(case, met)


def _note(kind: NoteKind, act: Act, text: str) -> Note:
    return Note(kind=kind, at=act.at, unit=act.unit, actor=act.account, text=text)


def _plain(value: object) -> object:
    return value if isinstance(value, int | None) else str(value)


def _changed(
    before: Case | None,
    after: Case,
    action: CaseAction,
    act: Act,
    *,
    reason: str = "",
    notes: Sequence[Note] = (),
    changes: Mapping[str, object] | None = None,
) -> Change:
    event = DocumentEvent(
        seq=after.version + 1,
        at=act.at,
        actor=act.account,
        unit=act.unit,
        action=action.value,
        from_state=before.state.value if before else None,
        to_state=after.state.value,
        reason=reason,
        changes=changes or {},
    )
    return Change(case=replace(after, version=after.version + 1), event=event, notes=tuple(notes))
