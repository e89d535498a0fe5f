"""Facts become rows: right in every column, once each, and nothing in a fact can stop it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core import facts as f
from callcenter.core.case_states import CaseWord
from callcenter.core.engine import Engine
from callcenter.core.facts import (
    CallEnded,
    CallMoved,
    CallPrioritized,
    CallQueued,
    CallReceived,
    CallTransferred,
    CaseLookedUp,
    ConsultEnded,
    Fact,
    LedgerChecked,
    Listened,
    ListenMode,
    MenuEnding,
    MenuLeft,
    OfferEnded,
    OfferMade,
    OperatorState,
    SurveyEnding,
    TalkEnded,
)
from callcenter.core.fold import apply
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.outcome import ConsultResult, EndedBy, OfferResult, Outcome
from callcenter.runtime.journal import Journal
from callcenter.storage.recorder import Recorder
from tests.facts import (
    QUEUE,
    answered_call,
    answered_calls,
    news_heard,
    offer_of,
    operator_changed,
    overflowed,
    queued,
    received,
    scored,
    survey_ended,
    told,
)
from tests.site import site

NOON = 1_700_000_000.0
"""The wall clock at engine time nought in these tests."""


def at(seconds: float) -> datetime:
    """The stamp of an instant of engine time."""
    return datetime.fromtimestamp(NOON + seconds, UTC)


class Records:
    """A journal, a recorder that follows it, and the rows it makes."""

    def __init__(self, journal: Journal, recorder: Recorder, engine: AsyncEngine) -> None:
        self.journal = journal
        self.recorder = recorder
        self._engine = engine

    async def keep(self, *facts: Fact) -> None:
        """Append facts one by one, and wait until they are stored."""
        for fact in facts:
            self.journal.append([fact], wall=NOON + fact.at)
        await self.stored()

    async def stored(self) -> None:
        """Wait until the recorder is up to date."""
        async with asyncio.timeout(30):
            await self.recorder.caught_up()

    async def rows(self, query: str) -> list[dict[str, Any]]:
        """What the database says."""
        async with self._engine.connect() as connection:
            found = await connection.execute(text(query))
            return [dict(row) for row in found.mappings()]

    async def row(self, query: str) -> dict[str, Any]:
        """What the database says in one row."""
        (found,) = await self.rows(query)
        return found


@pytest.fixture
async def records(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Records]:
    """All of it, running."""
    journal = Journal.open(tmp_path / "journal")
    journal.start(tuple)
    url = engine.url.render_as_string(hide_password=False)
    recorder = Recorder(journal, url)
    tasks = [asyncio.create_task(journal.run()), asyncio.create_task(recorder.run())]
    yield Records(journal, recorder, engine)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await journal.close()


async def test_what_a_caller_was_expected_to_wait_is_kept_beside_what_came(
    records: Records,
) -> None:
    await records.keep(received("call-1"), queued("call-1", expected=40.0))
    await records.keep(scored("call-1", 35.0, Outcome.ANSWERED, wait=27.0))

    asked = "select expected_wait_seconds, wait_at_most_seconds, queue_wait_seconds from calls"
    assert await records.row(asked) == {
        "expected_wait_seconds": 40.0,
        "wait_at_most_seconds": 80.0,
        "queue_wait_seconds": 25.0,
    }


async def test_what_a_caller_was_told_of_the_wait_is_kept_with_its_error(records: Records) -> None:
    await records.keep(received("call-1"), queued("call-1"), told("call-1", 20.0, 3, 0))
    await records.keep(told("call-1", 30.0, 0, 5))
    await records.keep(scored("call-1", 60.0, Outcome.ANSWERED, told_error=270.0))

    asked = "select told_place, told_minutes, told_error_seconds from calls"
    expected = {"told_place": 3, "told_minutes": 5, "told_error_seconds": 270.0}
    assert await records.row(asked) == expected


async def test_the_news_that_a_caller_heard_is_kept(records: Records) -> None:
    await records.keep(received("call-1"), queued("call-1"), news_heard("call-1"))
    asked = "select news, news_more from calls"
    assert await records.row(asked) == {"news": "own_flood", "news_more": False}
    await records.keep(news_heard("call-1", more=True))
    assert await records.row(asked) == {"news": "own_flood", "news_more": True}


async def test_an_answered_call_in_every_column(records: Records) -> None:
    await records.keep(*answered_call("call-1", "somchai", 100.0))

    assert await records.row("select * from calls") == {
        "call_id": "call-1",
        "line": "1567",
        "did": "1567",
        "caller": "0812345678",
        "caller_class": "national",
        "caller_e164": "+66812345678",
        "queue": "damrong",
        "priority": 0,
        "arrived_at": at(98),
        "queued_at": at(100),
        "answered_at": at(105),
        "talk_ended_at": at(135),
        "ended_at": at(135),
        "outcome": "answered",
        "reason": "",
        "wait_seconds": 7.0,
        "queue_wait_seconds": 5.0,
        "talk_seconds": 30.0,
        "place": 0,
        "offers": 1,
        "operator": "somchai",
        "ended_by": "caller",
        "end_reason": None,
        "talks": 1,
        "transfers": 0,
        "expected_wait_seconds": None,
        "wait_at_most_seconds": None,
        "news": None,
        "news_more": None,
        "told_place": None,
        "told_minutes": None,
        "told_error_seconds": None,
        "transfer_kind": None,
        "consults": 0,
        "consult_seconds": 0.0,
        "parks": 0,
        "park_seconds": 0.0,
        "language": None,
        "kind": None,
        "topic": None,
        "province": None,
        "menu_path": None,
        "menu_seconds": None,
        "overflow": None,
        "case_lookup": None,
        "callback_lookup": None,
        "redial_of": None,
        "first_arrived_at": None,
        "callback_asked_at": None,
        "callback_tries": None,
        "callback_result": None,
        "voicemail": None,
        "survey": None,
        "survey_score": None,
        "node": "asterisk",
        "via": "service",
        "known_from_ledger": False,
        "demo": False,
    }
    assert await records.row("select * from offers") == {
        "offer_id": "offer-1-call-1",
        "call_id": "call-1",
        "operator": "somchai",
        "queue": "damrong",
        "number": 1,
        "made_at": at(101),
        "answered_at": at(104),
        "ended_at": at(105),
        "result": "answered",
        "ring_seconds": 3.0,
    }
    states = await records.rows(
        "select operator, state, call_id, began_at, ended_at, seconds from operator_states "
        "order by id"
    )
    assert [tuple(row.values()) for row in states] == [
        ("somchai", "ringing", "call-1", at(101), at(105), 4.0),
        ("somchai", "on_call", "call-1", at(105), at(135), 30.0),
        ("somchai", "wrapup", "call-1", at(135), at(145), 10.0),
        ("somchai", "available", None, at(145), None, None),
    ]


async def test_who_listened_to_whom_and_when_is_in_the_audit_once(records: Records) -> None:
    heard = Listened(
        at=30.0,
        supervisor=OperatorId("suda"),
        operator=OperatorId("somchai"),
        call=CallId("c1"),
        mode=ListenMode.WHISPER,
        seconds=12.0,
    )
    await records.keep(heard)
    assert await records.rows("select who, action, about, at, details from audit") == [
        {
            "who": "suda",
            "action": "call.listened",
            "about": "c1",
            "at": at(30.0),
            "details": {
                "operator": "somchai",
                "mode": "whisper",
                "from": at(18.0).isoformat(),
                "until": at(30.0).isoformat(),
            },
        }
    ]


async def test_the_rows_are_the_same_however_the_facts_are_grouped(records: Records) -> None:
    """One by one (each its own transaction, most of them), and all in one batch."""
    await records.keep(*answered_call("slow", "op-a", 100.0))
    for fact in answered_call("fast", "op-b", 100.0):
        records.journal.append([fact], wall=NOON + fact.at)
    await records.stored()

    calls = await records.rows("select * from calls order by call_id")
    for call in calls:
        call["call_id"] = call["operator"] = ""
    assert calls[0] == calls[1]
    offers = await records.rows("select * from offers order by offer_id")
    for offer in offers:
        offer["offer_id"] = offer["call_id"] = offer["operator"] = ""
    assert offers[0] == offers[1]
    assert len(await records.rows("select id from operator_states")) == 8


async def test_what_was_chosen_in_the_menu_is_in_the_record(records: Records) -> None:
    left = MenuLeft(
        at=109.0,
        call=CallId("a"),
        line=LineName("1567"),
        ending=MenuEnding.CHOSEN,
        says={"language": "en", "topic": "flood"},
        path=("language=2", "topic=1"),
        queue="",
        seconds=9.0,
    )
    await records.keep(received("a", 100.0))
    await records.keep(left, queued("a", 109.0))
    columns = "language, kind, topic, province, menu_path, menu_seconds"
    told = await records.row(f"select {columns} from calls")
    assert list(told.values()) == ["en", None, "flood", None, "language=2 topic=1", 9.0]


async def test_the_rule_that_was_followed_is_in_the_record(records: Records) -> None:
    await records.keep(received("a", 100.0), received("b", 100.0), queued("b", 100.0))
    await records.keep(queued("a", 101.0), overflowed("a", 101.0))
    told = await records.rows("select call_id, overflow from calls order by call_id")
    assert [list(row.values()) for row in told] == [["a", "length=callback"], ["b", None]]


async def test_who_was_told_how_far_a_case_is_has_an_outcome_and_no_number_of_the_case(
    records: Records,
) -> None:
    asked = CaseLookedUp(at=120.0, call=CallId("a"), line=LineName("1567"), word=CaseWord.PROVINCE)
    left = MenuLeft(
        at=140.0,
        call=CallId("a"),
        line=LineName("1567"),
        ending=MenuEnding.SERVED,
        says={},
        path=("case=#",),
        queue="",
        seconds=40.0,
    )
    score = scored("a", 140.0, Outcome.LOOKED_UP, queue="", wait=40.0)
    await records.keep(received("a", 100.0), asked, left, score)
    told = await records.row("select outcome, queue, menu_path, case_lookup from calls")
    assert list(told.values()) == ["looked_up", None, "case=#", "province"]


@pytest.mark.parametrize(("score", "ending"), [(4, "answered"), (0, "left")])
async def test_what_the_caller_said_of_the_talk_is_in_the_record(
    records: Records, score: int, ending: str
) -> None:
    asked = survey_ended("a", 150.0, score, SurveyEnding(ending))
    await records.keep(*list(answered_call("a", "op1", 100.0))[:9])
    await records.keep(asked)
    told = await records.row("select survey, survey_score from calls")
    assert told == {"survey": ending, "survey_score": score or None}


@pytest.mark.parametrize("later", [False, True])
async def test_colleagues_who_were_asked_and_given_the_caller_are_in_the_record(
    records: Records, later: bool
) -> None:
    """With the call's other facts at once, or when its row is there."""
    asked = ConsultEnded(
        at=120.0,
        offer=offer_of("call-1"),
        call=CallId("call-1"),
        queue=QUEUE,
        operator=OperatorId("somchai"),
        asked=OperatorId("malee"),
        result=ConsultResult.GIVEN,
        held_seconds=12.0,
        number=2,
        earlier_seconds=8.0,
    )
    given = CallTransferred(
        at=120.0,
        call=CallId("call-1"),
        operator=OperatorId("somchai"),
        from_queue=QUEUE,
        queue=QUEUE,
        to_operator=OperatorId("malee"),
        number=1,
        attended=True,
    )
    facts = answered_call("call-1", "somchai", 100.0)
    before = [fact for fact in facts if fact.at < asked.at]
    if later:
        await records.keep(*before)
        before = []
    await records.keep(*before, asked, given, *(fact for fact in facts if fact.at >= asked.at))
    columns = "transfers, transfer_kind, consults, consult_seconds"
    told = await records.row(f"select {columns} from calls")
    assert list(told.values()) == [1, "attended", 2, 20.0]


@pytest.mark.parametrize("how", [f.AsideEnding.PICKED_UP, f.AsideEnding.LEFT, f.AsideEnding.LOST])
async def test_a_parked_call_is_in_its_record(records: Records, how: f.AsideEnding) -> None:
    ended = f.SetAsideEnded(
        at=190.0,
        call=CallId("call-1"),
        queue=QUEUE,
        operator=OperatorId("somchai"),
        place=3,
        how=how,
        by="",
        seconds=20.0,
        number=2,
        earlier_seconds=10.0,
        loss="cut_off" if how is f.AsideEnding.LOST else "",
    )
    for fact in answered_call("call-1", "somchai", 100.0):
        if isinstance(fact, f.TalkEnded):
            await records.keep(replace(fact, ended_by=EndedBy.OPERATOR))
        elif not isinstance(fact, CallEnded):
            await records.keep(fact)
    await records.keep(ended)
    told = await records.row("select parks, park_seconds, ended_by, end_reason from calls")
    ended_by: dict[f.AsideEnding, tuple[str, str | None]] = {
        f.AsideEnding.PICKED_UP: ("operator", None),
        f.AsideEnding.LEFT: ("caller", None),
        f.AsideEnding.LOST: ("lost", "cut_off"),
    }
    assert tuple(told.values()) == (2, 30.0, *ended_by[how])


async def test_who_hung_up_in_the_menu_has_a_record_without_a_queue(records: Records) -> None:
    left = MenuLeft(
        at=105.0,
        call=CallId("a"),
        line=LineName("1567"),
        ending=MenuEnding.LEFT,
        says={},
        path=(),
        queue="",
        seconds=5.0,
    )
    ended = CallEnded(at=105.0, call=CallId("a"))
    score = scored("a", 105.0, Outcome.IVR_ENDED, queue="", wait=7.0)
    await records.keep(received("a", 100.0), left, score, ended)
    told = await records.row("select outcome, queue, menu_path, menu_seconds from calls")
    assert list(told.values()) == ["ivr_ended", None, "", 5.0]


async def test_a_call_that_was_moved_raised_and_given_up(records: Records) -> None:
    call = CallId("call-1")
    await records.keep(
        received("call-1"),
        queued("call-1"),
        CallPrioritized(at=12.0, call=call, priority=7),
        OfferMade(
            at=13.0,
            offer=offer_of("call-1"),
            call=call,
            operator=OperatorId("somsri"),
            queue=QUEUE,
            number=1,
            until=28.0,
        ),
        OfferEnded(
            at=28.0,
            offer=offer_of("call-1"),
            call=call,
            operator=OperatorId("somsri"),
            queue=QUEUE,
            result=OfferResult.NO_ANSWER,
            ring_seconds=15.0,
        ),
        CallMoved(at=30.0, call=call, queue=QueueName("gcc")),
        scored("call-1", 40.0, Outcome.ABANDONED, wait=32.0, queue="gcc", place=3),
        CallEnded(at=40.0, call=call),
    )

    row = await records.row("select * from calls")
    assert (row["queue"], row["priority"], row["outcome"]) == ("gcc", 7, "abandoned")
    assert (row["place"], row["offers"], row["operator"]) == (3, 1, None)
    assert (row["answered_at"], row["ended_at"]) == (None, at(40))
    offer = await records.row("select * from offers")
    assert (offer["result"], offer["answered_at"], offer["ended_at"]) == ("no_answer", None, at(28))


async def test_a_rejected_call_was_in_no_queue(records: Records) -> None:
    await records.keep(
        received("call-1"),
        scored("call-1", 10.0, Outcome.REJECTED, queue="", reason="closed", wait=2.0),
        CallEnded(at=11.0, call=CallId("call-1")),
    )

    row = await records.row("select * from calls")
    assert (row["queue"], row["queued_at"], row["queue_wait_seconds"]) == (None, None, None)
    assert (row["outcome"], row["reason"]) == ("rejected", "closed")


def from_the_ledger(
    call: str, told: float, *, outcome: Outcome = Outcome.ANSWERED, age: float = 300.0
) -> list[Fact]:
    """The facts of one step that makes up a call's record from a row of Asterisk's ledger."""
    talk = TalkEnded(
        at=told,
        call=CallId(call),
        line=received("x").line,
        queue=QUEUE,
        operator=OperatorId(""),
        talk_seconds=60.0,
        ended_by=EndedBy.CALLER,
    )
    return [
        replace(received(call, told), arrived_at=told - age, from_ledger=True),
        queued(call, told),
        scored(call, told, outcome, wait=20.0, reason="lifeboat"),
        *([talk] if outcome is Outcome.ANSWERED else []),
        CallEnded(at=told, call=CallId(call)),
        LedgerChecked(at=told, call=CallId(call), known=False),
    ]


async def test_a_call_that_only_the_ledger_knew_has_the_stamps_of_its_own_time(
    records: Records,
) -> None:
    records.journal.append(from_the_ledger("call-1", 1_000.0), wall=NOON + 1_000.0)
    await records.stored()

    row = await records.row("select * from calls")
    assert (row["arrived_at"], row["queued_at"]) == (at(700), at(700))
    assert (row["answered_at"], row["ended_at"]) == (at(720), at(780))
    assert (row["via"], row["known_from_ledger"], row["operator"]) == ("lifeboat", True, None)


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "in another batch"])
async def test_what_the_ledger_tells_is_never_written_over_a_finished_call(
    records: Records, at_once: bool
) -> None:
    records.journal.append(list(answered_call("call-1", "somchai", 100.0)), wall=NOON + 145)
    if not at_once:
        await records.stored()
    made_up = from_the_ledger("call-1", 500.0, outcome=Outcome.ABANDONED)
    records.journal.append(made_up, wall=NOON + 500)
    await records.stored()

    row = await records.row("select * from calls")
    assert (row["outcome"], row["operator"], row["via"]) == ("answered", "somchai", "service")
    assert (row["wait_seconds"], row["reason"], row["known_from_ledger"]) == (7.0, "", False)
    assert row["answered_at"] is not None and row["talk_seconds"] == 30.0
    assert records.recorder.contradicted == 1
    assert await records.rows("select * from audit") == []


async def test_another_outcome_told_later_does_not_change_the_first(records: Records) -> None:
    """As an older data folder does, that has the call still open."""
    await records.keep(*answered_call("call-1", "somchai", 100.0))
    before = await records.row("select * from calls")
    await records.keep(
        scored("call-1", 600.0, Outcome.FAILED), CallEnded(at=600.0, call=CallId("call-1"))
    )
    assert await records.row("select * from calls") == before
    assert records.recorder.contradicted == 1
    assert records.recorder.dead_letters == 0


async def test_a_call_taken_up_anew_after_its_answer_keeps_its_outcome(records: Records) -> None:
    """A new data folder finds the caller in Asterisk, and knows nothing of the answer."""
    call = CallId("call-1")
    await records.keep(*list(answered_call("call-1", "somchai", 100.0))[:8])
    await records.keep(replace(received("call-1", 200.0), arrived_at=98.0), queued("call-1", 200.0))
    await records.keep(scored("call-1", 260.0, Outcome.ABANDONED, wait=162.0))
    await records.keep(CallEnded(at=260.0, call=call))
    row = await records.row("select * from calls")
    assert (row["outcome"], row["wait_seconds"], row["arrived_at"]) == ("answered", 7.0, at(98))
    assert (row["answered_at"], row["ended_at"]) == (at(105), at(260))
    assert records.recorder.contradicted == 1
    assert records.recorder.dead_letters == 0


async def test_the_ledger_fills_in_the_end_that_nobody_told(records: Records) -> None:
    """The data folder is gone, and with it what became of a call that is open in the record."""
    await records.keep(received("call-1", 100.0), queued("call-1", 100.0))
    await records.keep(*list(answered_call("call-2", "somchai", 100.0))[:8])
    for call in ("call-1", "call-2"):
        made_up = from_the_ledger(call, 400.0, outcome=Outcome.ABANDONED, age=302.0)
        records.journal.append(made_up, wall=NOON + 400)
    await records.stored()
    waited, talked = await records.rows("select * from calls order by call_id")
    assert (waited["outcome"], waited["caller"]) == ("abandoned", "0812345678")
    assert (waited["arrived_at"], waited["queued_at"], waited["ended_at"]) == (
        at(98),
        at(100),
        at(118),
    )
    assert (talked["outcome"], talked["operator"], talked["wait_seconds"]) == (
        "answered",
        "somchai",
        7.0,
    )
    assert (talked["answered_at"], talked["ended_at"]) == (at(105), at(118))
    assert (talked["talk_seconds"], talked["ended_by"]) == (13.0, "lost")
    assert waited["known_from_ledger"] and talked["known_from_ledger"]


@pytest.mark.parametrize("picked_up", [True, False], ids=["picked up", "rang"])
async def test_an_offer_of_a_lost_journal_ends_with_its_call_and_who_was_answered_was(
    records: Records, picked_up: bool
) -> None:
    """Asterisk's ledger knows of no talk but the lifeboat's; the offer tells of this one."""
    facts = list(answered_call("call-1", "somchai", 100.0))[: 5 if picked_up else 4]
    await records.keep(*facts)
    made_up = from_the_ledger("call-1", 400.0, outcome=Outcome.ABANDONED, age=302.0)
    records.journal.append(made_up, wall=NOON + 400)
    await records.stored()

    row = await records.row("select * from calls where call_id = 'call-1'")
    [offer] = await records.rows("select * from offers")
    told = row["outcome"], row["operator"], row["wait_seconds"], row["talk_seconds"]
    if picked_up:
        assert told == ("answered", "somchai", 6.0, 14.0)
        assert (row["answered_at"], row["ended_at"]) == (at(104), at(118))
        assert (offer["result"], offer["ended_at"]) == ("answered", at(104))
    else:
        assert told == ("abandoned", None, 20.0, None)
        assert (offer["result"], offer["ended_at"]) == ("withdrawn", at(101))
    assert records.recorder.dead_letters == 0


async def test_what_the_service_saw_replaces_what_the_ledger_told_and_the_audit_has_both(
    records: Records,
) -> None:
    """Two services: who took over read the ledger before the other had stored its calls."""
    records.journal.append(
        from_the_ledger("call-1", 90.0, outcome=Outcome.ABANDONED), wall=NOON + 90
    )
    await records.stored()
    facts = list(answered_call("call-1", "somchai", 100.0))
    for first in range(0, 12, 3):
        await records.keep(*facts[first : first + 3])
    row = await records.row("select * from calls")
    assert (row["outcome"], row["operator"], row["known_from_ledger"]) == (
        "answered",
        "somchai",
        False,
    )
    assert (row["arrived_at"], row["answered_at"], row["ended_at"]) == (at(98), at(105), at(135))
    assert (row["via"], row["wait_seconds"], row["talk_seconds"]) == ("service", 7.0, 30.0)
    told = await records.rows("select * from audit order by id")
    assert {entry["action"] for entry in told} == {"call.correct"}
    outcomes = [(e["details"]["outcome_before"], e["details"]["outcome"]) for e in told]
    assert ("abandoned", "answered") in outcomes
    assert records.recorder.dead_letters == 0


async def test_an_impossible_row_is_refused_and_holds_nobody_up(records: Records) -> None:
    bad = scored("call-1", 110.0, Outcome.ABANDONED, wait=-12.0)
    records.journal.append(
        [received("call-1", 100.0), bad, received("call-2", 120.0)], wall=NOON + 120
    )
    await records.stored()
    calls = await records.rows("select call_id, outcome from calls order by call_id")
    assert [tuple(row.values()) for row in calls] == [("call-1", None), ("call-2", None)]
    [dead] = await records.rows("select kind, error from dead_letters")
    assert tuple(dead.values()) == ("CallScored", "CheckViolationError")


async def test_a_known_call_in_the_ledger_changes_nothing(records: Records) -> None:
    await records.keep(*answered_call("call-1", "somchai", 100.0))
    before = await records.row("select * from calls")

    await records.keep(LedgerChecked(at=500.0, call=CallId("call-1"), known=True))

    assert await records.row("select * from calls") == before


async def test_a_wish_of_an_operator_is_no_new_interval(records: Records) -> None:
    first = operator_changed("somchai", 10.0, OperatorState.ON_CALL, call="call-1")
    await records.keep(
        first,
        replace(first, at=20.0, wish=OperatorState.PAUSED, wish_reason="meal"),
        operator_changed("somchai", 30.0, OperatorState.PAUSED, reason="meal"),
        operator_changed("somchai", 40.0, OperatorState.PAUSED, reason="training"),
    )

    states = await records.rows("select state, reason, seconds from operator_states order by id")
    assert [tuple(row.values()) for row in states] == [
        ("on_call", "", 20.0),
        ("paused", "meal", 10.0),
        ("paused", "training", None),
    ]


async def test_facts_of_calls_whose_beginning_is_lost_make_rows_all_the_same(
    records: Records,
) -> None:
    await records.keep(*list(answered_call("call-1", "somchai", 100.0))[4:])

    call = await records.row("select * from calls")
    assert (call["line"], call["outcome"], call["caller"]) == ("1567", "answered", "")
    offer = await records.row("select * from offers")
    assert (offer["result"], offer["operator"]) == ("answered", "somchai")


async def test_the_snapshot_at_the_head_of_a_segment_is_not_stored_again(
    records: Records, tmp_path: Path
) -> None:
    await records.keep(*answered_call("call-1", "somchai", 100.0))
    ghost = Engine(site())
    apply(ghost.state, received("ghost", 100.0))
    records.journal.disk._snapshot = ghost.snapshot
    records.journal.disk._renew = True
    await records.keep(received("call-2", 200.0))

    rows = await records.rows("select call_id from calls order by call_id")
    assert [row["call_id"] for row in rows] == ["call-1", "call-2"]


@pytest.mark.parametrize("grouped", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize("step", [-3_600.0, 3_600.0])
async def test_stamps_of_a_call_never_go_back_with_the_wall_clock_and_durations_are_right(
    records: Records, step: float, grouped: bool
) -> None:
    numbers = range(1, 12)  # the clock is set when so many facts of a call were written
    calls = {n: list(answered_call(f"call-{n}", f"op-{n}", 100.0)) for n in numbers}
    for count in range(12):
        for number, facts in calls.items():
            wall = NOON + facts[count].at + (step if count >= number else 0.0)
            records.journal.append([facts[count]], wall=wall)
        if not grouped:
            await records.stored()
    await records.stored()

    rows = await records.rows("select * from calls")
    assert len(rows) == 11
    for row in rows:
        stamps = [
            row[name]
            for name in ("arrived_at", "queued_at", "answered_at", "talk_ended_at", "ended_at")
        ]
        assert stamps == sorted(stamps), row["call_id"]
        assert (row["wait_seconds"], row["talk_seconds"]) == (7.0, 30.0)
    for row in await records.rows("select * from offers"):
        assert row["made_at"] <= row["answered_at"] <= row["ended_at"]
        assert row["ring_seconds"] == 3.0
    for talk in await records.rows("select * from operator_states where state = 'on_call'"):
        assert talk["seconds"] == 30.0 and talk["began_at"] <= talk["ended_at"]
    assert records.recorder.dead_letters == 0


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caller",
    [
        "'; drop table calls; --",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "\u202e8765432180",
        "0812345678" * 6000,
        "สายด่วน\t\r\n\\N\\.",
        "",
    ],
)
async def test_hostile_callers_are_kept_as_they_are(records: Records, caller: str) -> None:
    await records.keep(received("call-1", caller=caller))

    assert (await records.row("select caller from calls"))["caller"] == caller
    assert records.recorder.dead_letters == 0


async def test_a_zero_byte_is_replaced_in_the_row_and_kept_in_the_dead_letter(
    records: Records,
) -> None:
    poison = received("call-2", caller="08\x001234")
    facts: Sequence[Fact] = [received("call-1"), poison, queued("call-2"), received("call-3")]
    records.journal.append(facts, wall=NOON + 10)
    await records.stored()

    rows = await records.rows("select call_id, caller, queue from calls order by call_id")
    assert [tuple(row.values()) for row in rows] == [
        ("call-1", "0812345678", None),
        ("call-2", "08\ufffd1234", "damrong"),
        ("call-3", "0812345678", None),
    ]
    dead = await records.row("select * from dead_letters")
    assert (dead["seq"], dead["kind"]) == (2, "CallReceived")
    assert msgspec.msgpack.decode(dead["payload"], type=CallReceived) == poison
    assert dead["written_at"] == at(10)


async def test_facts_that_no_column_can_hold_are_buried_and_the_others_are_stored(
    records: Records,
) -> None:
    records.journal.append(
        [
            received("call-1"),
            replace(received("call-2"), arrived_at=1e300),
            CallQueued(at=10.0, call=CallId("call-1"), queue=QUEUE, priority=2**40, waiting=1),
            replace(received("call-3"), arrived_at=float("nan")),
            received("call-4"),
        ],
        wall=NOON + 10,
    )
    await records.stored()

    rows = await records.rows("select call_id from calls order by call_id")
    assert [row["call_id"] for row in rows] == ["call-1", "call-4"]
    dead = await records.rows("select seq, kind from dead_letters order by seq")
    assert [tuple(row.values()) for row in dead] == [
        (2, "CallReceived"),
        (3, "CallQueued"),
        (4, "CallReceived"),
    ]
    assert records.recorder.dead_letters == 3


async def test_many_calls_in_a_row_are_all_there(records: Records) -> None:
    facts = answered_calls(2_000)
    for start in range(0, len(facts), 12):
        records.journal.append(facts[start : start + 12], wall=NOON + facts[start].at)
    await records.stored()

    row = await records.row(
        "select count(*) as calls, count(distinct call_id) as distinct_calls, "
        "sum(talk_seconds) as talk from calls where outcome = 'answered'"
    )
    assert row == {"calls": 2_000, "distinct_calls": 2_000, "talk": 60_000.0}
    assert records.recorder.stored_facts == len(facts)
    assert records.recorder.seconds_behind == 0
    assert records.recorder.complaint() == ""
