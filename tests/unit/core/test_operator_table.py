"""Every state of an operator × everything they can do, written down apart from the code."""

import pytest

from callcenter.core import events as e
from callcenter.core.facts import OperatorState
from callcenter.core.ids import OperatorId
from callcenter.core.operator import RULES, Ask, OnOperator
from callcenter.core.outcome import LegEnd
from callcenter.core.state import NEVER
from callcenter.core.turn import Turn
from tests.legs import desk_bridge, line_leg
from tests.site import DAMRONG, GCC
from tests.unit.core.story import Story

SOMCHAI = OperatorId("somchai")
LINE = line_leg(SOMCHAI, 1)

# Columns: what the operator does · what happens · what they do then · why (reason) · what they wish
# · what Asterisk must do. "cannot" is something that has no way of happening in that state.
# Somchai serves damrong; he logs in again for damrong and gcc, and pauses for "lunch". He has no
# open line: what is told of one is late; test_open_line.py has the table of those who have.
EXPECTED = """
offline    logged in                     available  -         available  OpenDesk
offline    logged out                    offline    -         offline    -
offline    paused                        offline    -         offline    -
offline    resumed                       offline    -         offline    -
offline    wrap-up or short pause over   cannot
offline    phone in use, away, on hold, or back            offline    -         offline    -
offline    open line answered            offline    -         offline    HangUp
offline    open line in the bridge       offline    -         offline    -
offline    open line ended               offline    -         offline    -
available  logged in                     available  -         available  OpenDesk
available  logged out                    offline    -         offline    CloseDesk
available  paused                        paused     lunch     paused     -
available  resumed                       available  -         available  -
available  wrap-up or short pause over   cannot
available  phone in use, away, on hold, or back            paused     other_call  available  -
available  open line answered            available  -         available  HangUp
available  open line in the bridge       available  -         available  -
available  open line ended               available  -         available  -
ringing    logged in                     ringing    -         available  OpenDesk
ringing    logged out                    offline    -         offline    HangUp CloseDesk
ringing    paused                        ringing    -         paused     -
ringing    resumed                       ringing    -         available  -
ringing    wrap-up or short pause over   cannot
ringing    phone in use, away, on hold, or back            paused     other_call  available  HangUp
ringing    open line answered            ringing    -         available  HangUp
ringing    open line in the bridge       ringing    -         available  -
ringing    open line ended               ringing    -         available  -
on_call    logged in                     on_call    -         available  OpenDesk
on_call    logged out                    on_call    -         offline    -
on_call    paused                        on_call    -         paused     -
on_call    resumed                       on_call    -         available  -
on_call    wrap-up or short pause over   cannot
on_call    phone in use, away, on hold, or back            on_call    -         available  -
on_call    open line answered            on_call    -         available  HangUp
on_call    open line in the bridge       on_call    -         available  -
on_call    open line ended               on_call    -         available  -
wrapup     logged in                     wrapup     -         available  OpenDesk
wrapup     logged out                    offline    -         offline    CloseDesk
wrapup     paused                        paused     lunch     paused     -
wrapup     resumed                       available  -         available  -
wrapup     wrap-up or short pause over   available  -         available  -
wrapup     phone in use, away, on hold, or back            wrapup     -         available  -
wrapup     open line answered            wrapup     -         available  HangUp
wrapup     open line in the bridge       wrapup     -         available  -
wrapup     open line ended               wrapup     -         available  -
paused     logged in                     available  -         available  OpenDesk
paused     logged out                    offline    -         offline    CloseDesk
paused     paused                        paused     lunch     paused     -
paused     resumed                       available  -         available  -
paused     wrap-up or short pause over   available  -         available  -
paused     phone in use, away, on hold, or back            paused     meeting   paused     -
paused     open line answered            paused     meeting   paused     HangUp
paused     open line in the bridge       paused     meeting   paused     -
paused     open line ended               paused     meeting   paused     -
phone_away  logged in                     phone_away  -         available  OpenDesk
phone_away  logged out                    offline    -         offline    CloseDesk
phone_away  paused                        paused     lunch     paused     -
phone_away  resumed                       phone_away  -         available  -
phone_away  wrap-up or short pause over   cannot
phone_away  phone in use, away, on hold, or back            paused     other_call  available  -
phone_away  open line answered            phone_away  -         available  HangUp
phone_away  open line in the bridge       phone_away  -         available  -
phone_away  open line ended               phone_away  -         available  -
"""

CELLS = [tuple(p.strip() for p in x.split("  ") if p.strip()) for x in EXPECTED.split("\n") if x]
POSSIBLE = [cell for cell in CELLS if cell[2] != "cannot"]


def in_state(state: OperatorState, *, short_pause: bool = False) -> Story:
    """Somchai in a state, reached as it is reached in life."""
    story = Story()
    story.logs_in("somchai")
    match state:
        case OperatorState.OFFLINE:
            story.logs_out("somchai")
        case OperatorState.AVAILABLE:
            pass
        case OperatorState.RINGING:
            story.calls("malee")
        case OperatorState.ON_CALL:
            story.calls("malee")
            story.answers("somchai")
        case OperatorState.WRAPUP:
            story.calls("malee")
            story.answers("somchai")
            story.leaves("malee")
        case OperatorState.PAUSED if short_pause:
            story.calls("malee")
            story.phone_ends("somchai")
            story.leaves("malee")
        case OperatorState.PAUSED:
            story.pauses("somchai", "meeting")
        case OperatorState.PHONE_AWAY:
            story.happens(e.PhonesSeen(elsewhere=frozenset(), away=frozenset({"PJSIP/somchai"})))
    story.ordered.clear()
    return story


def let_happen(story: Story, what: OnOperator) -> None:
    """The thing itself, as an event or as time going by."""
    match what:
        case OnOperator.LOGGED_IN:
            story.logs_in("somchai", queues=(DAMRONG, GCC))
        case OnOperator.LOGGED_OUT:
            story.logs_out("somchai")
        case OnOperator.PAUSED:
            story.pauses("somchai")
        case OnOperator.RESUMED:
            story.resumes("somchai")
        case OnOperator.LINE_ANSWERED:
            story.happens(e.LineAnswered(leg=LINE))
        case OnOperator.LINE_SEATED:
            story.happens(e.LegEnteredBridge(leg=LINE, bridge=desk_bridge(SOMCHAI)))
        case OnOperator.LINE_ENDED:
            story.happens(e.LineEnded(leg=LINE, end=LegEnd.ENDED))
        case OnOperator.PHONE_SEEN:
            story.happens(e.PhonesSeen(elsewhere=frozenset({"PJSIP/somchai"})))
        case OnOperator.TIME_SPENT:
            story.after(story.operator("somchai").until - story.now)


def test_the_table_has_every_cell_once() -> None:
    listed = [(cell[0], cell[1]) for cell in CELLS]
    assert sorted(listed) == sorted((s.value, h.value) for s in OperatorState for h in OnOperator)


def test_the_code_has_a_rule_for_every_cell() -> None:
    assert {state: set(rules) for state, rules in RULES.items()} == {
        state: set(OnOperator) for state in OperatorState
    }


@pytest.mark.parametrize("cell", POSSIBLE, ids=lambda cell: f"{cell[0]}-{cell[1]}")
def test_what_happens_in_a_cell(cell: tuple[str, ...]) -> None:
    state, what, becomes, reason, wish, commands = cell
    short = state == "paused" and what == OnOperator.TIME_SPENT
    story = in_state(OperatorState(state), short_pause=short)
    let_happen(story, OnOperator(what))
    operator = story.operator("somchai")
    assert (operator.state.value, operator.reason or "-") == (becomes, reason)
    assert operator.wish.value == wish
    assert (" ".join(type(x).__name__ for x in story.ordered) or "-") == commands


@pytest.mark.parametrize("cell", POSSIBLE, ids=lambda cell: f"{cell[0]}-{cell[1]}")
def test_after_any_cell_the_wish_comes_true(cell: tuple[str, ...]) -> None:
    short = cell[0] == "paused" and cell[1] == OnOperator.TIME_SPENT
    story = in_state(OperatorState(cell[0]), short_pause=short)
    let_happen(story, OnOperator(cell[1]))
    story.leaves("malee")
    story.happens(e.PhonesSeen(elsewhere=frozenset()))
    story.after(100.0)
    operator = story.operator("somchai")
    assert operator.state is operator.wish
    assert operator.until == NEVER


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] == "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_what_cannot_happen_does_nothing(cell: tuple[str, ...]) -> None:
    story = in_state(OperatorState(cell[0]))
    operator = story.operator("somchai")
    turn = Turn(story.engine.state, story.now)
    assert operator.until == NEVER
    RULES[operator.state][OnOperator(cell[1])].rule(turn, operator, Ask(operator=operator.id))
    assert (turn.facts, turn.commands) == ([], [])


def test_a_pause_asked_for_has_no_end_of_its_own() -> None:
    story = in_state(OperatorState.PAUSED)
    story.after(36_000.0)
    assert story.does("somchai") is OperatorState.PAUSED


def test_somebody_never_heard_of_can_only_log_in() -> None:
    story = Story()
    story.logs_out("wipa")
    story.pauses("wipa")
    story.resumes("wipa")
    assert story.engine.state.operators == {}
    story.logs_in("wipa")
    assert story.does("wipa") is OperatorState.AVAILABLE


def test_a_queue_nobody_has_is_left_out_of_a_log_in() -> None:
    story = Story()
    story.logs_in("somchai", queues=(DAMRONG, type(DAMRONG)("forgotten")))
    assert story.operator("somchai").queues == (DAMRONG,)
