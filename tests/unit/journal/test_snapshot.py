"""What a segment begins with, and journals from before there were snapshots."""

import shutil
from collections import OrderedDict
from pathlib import Path

from callcenter.core.engine import Engine
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.invariants import broken
from callcenter.core.outcome import Outcome
from callcenter.core.state import NEVER, Call, CallState, OfferState
from callcenter.runtime.clock import Clock, TimeMark
from callcenter.runtime.journal import Journal
from tests.kept import kept, read_again, written
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.picture import picture
from tests.unit.core.story import Story
from tests.unit.journal.test_journal import abandon

BEFORE = Path(__file__).with_name("before_snapshots")
C, OF, S = CallState, OfferState, OperatorState


def busy_centre() -> Story:
    """Malee talks to Somchai, Wipa's offer rings at Wirat, Chai waits, Ploy has left."""
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee")
    story.answers("somchai")
    story.calls("wipa", "chai", "ploy")
    story.leaves("ploy")
    return story


async def test_an_engine_reads_what_another_wrote(tmp_path: Path) -> None:
    story = busy_centre()
    journal = Journal.open(tmp_path)
    journal.start(story.engine.snapshot)
    await journal.close()

    engine = Engine(site())
    assert engine.restore(Journal.open(tmp_path).replay()) == 0

    assert picture(engine.state)["calls"] == picture(story.engine.state)["calls"]
    assert picture(engine.state)["operators"] == picture(story.engine.state)["operators"]
    assert list(engine.state.recent) == ["ploy"]


def test_text_that_is_not_unicode_is_marked_in_a_snapshot_too() -> None:
    story = busy_centre()
    story.call("chai").caller = "08\ud800\udfff12"

    engine = Engine(site())
    engine.restore(read_again(written(story.engine)))

    assert engine.state.calls[CallId("chai")].caller == "08??12"
    assert broken(engine.state) == []


def test_the_longest_memory_of_ended_calls_fits_into_records() -> None:
    engine = Engine(site())
    names = [CallId(f"{'x' * 140}{number}") for number in range(5_000)]
    engine.state.recent = OrderedDict.fromkeys(names)

    again = Engine(site())
    again.restore(kept(engine))

    assert list(again.state.recent) == names


def test_what_a_later_version_keeps_is_passed_over() -> None:
    blob = written(busy_centre().engine)
    engine = Engine(site())
    engine.restore(read_again(blob.replace(b"\xaaletting_go", b"\xaagetting_on")))

    assert CallId("malee") in engine.state.calls


async def test_a_lost_header_costs_no_time(tmp_path: Path) -> None:
    """The engine's time goes on where it was: deadlines are in it."""
    clock = Clock(boot="b", shift_seconds=5.0, monotonic=lambda: 1000.0, wall=lambda: 3000.0)
    journal = Journal.open(tmp_path, clock=clock)
    journal.start(busy_centre().engine.snapshot)
    await journal.close()
    (path,) = (segment.path for segment in journal.segments)
    blob = bytearray(path.read_bytes())
    blob[10] ^= 1
    path.write_bytes(blob)

    again = Journal.open(tmp_path)
    assert again.segments[0].header.mark == TimeMark(
        boot="b", shift_seconds=5.0, at=1005.0, wall=3000.0
    )
    engine = Engine(site())
    engine.restore(again.replay())
    assert CallId("malee") in engine.state.calls
    abandon(again)


def _stage(call: Call) -> str:
    return call.offer.state if call.offer else call.state


def test_a_journal_from_before_snapshots_is_read_without_loss(tmp_path: Path) -> None:
    """Written by the last version that began a segment with facts: callers and
    operators in every state there was, and facts after that."""
    shutil.copy(BEFORE / "0000000001.journal", tmp_path)
    journal = Journal.open(tmp_path)
    engine = Engine(site(rules(DAMRONG, overflow_queue=GCC, max_wait_seconds=60.0)))
    assert engine.restore(journal.replay()) == 0
    abandon(journal)

    state = engine.state
    assert journal.torn == ()
    assert broken(state) == []
    assert {
        call.id: (_stage(call), call.queue, call.operator) for call in state.calls.values()
    } == {
        "moved": (C.WAITING, GCC, None),
        "suda": (OF.JOINING, DAMRONG, "pim"),
        "bun": (C.LEAVING, DAMRONG, None),
        "arun": (OF.TALKING, DAMRONG, "kanya"),
        "wipa": (C.WAITING, DAMRONG, None),
        "nok": (OF.RINGING, DAMRONG, "anong"),
        "lost-number": (C.LEAVING, "", None),
        "kamol": (C.WAITING, DAMRONG, None),
        "somsri": (C.WAITING, GCC, None),
    }
    assert [list(state.queues[name].line) for name in (DAMRONG, GCC)] == [
        ["wipa", "kamol"],
        ["somsri", "moved"],
    ]
    suda, nok, bun = (state.calls[CallId(name)] for name in ("suda", "nok", "bun"))
    assert suda.offer is not None and nok.offer is not None
    assert (suda.outcome, suda.offer.id, suda.talks, suda.offer.until) == (
        Outcome.ANSWERED,
        "offer-2-suda",
        1,
        1066.0,
    )
    assert (nok.priority, nok.offer.id, nok.offer.until, nok.patience_until) == (
        3,
        "offer-2-nok",
        1077.0,
        1122.0,
    )
    assert (bun.talked_seconds, bun.until) == (1.0, 1122.0)
    assert {o.id: (o.state, o.wish, o.call or "") for o in state.operators.values()} == {
        "dao": (S.WRAPUP, S.AVAILABLE, "ploy"),
        "somchai": (S.WRAPUP, S.PAUSED, "malee"),
        "wirat": (S.PAUSED, S.PAUSED, ""),
        "preecha": (S.WRAPUP, S.AVAILABLE, "bun"),
        "kanya": (S.ON_CALL, S.AVAILABLE, "arun"),
        "ratana": (S.OFFLINE, S.OFFLINE, ""),
        "anong": (S.RINGING, S.AVAILABLE, "nok"),
        "pim": (S.RINGING, S.AVAILABLE, "suda"),
    }
    kanya, wirat = (state.operators[OperatorId(name)] for name in ("kanya", "wirat"))
    assert (kanya.line, kanya.line_number, wirat.reason) == ("seated", 1, "phone_lost")
    assert (wirat.until, state.operators[OperatorId("dao")].until) == (NEVER, 1072.0)
    assert (list(state.recent), list(state.from_ledger)) == (
        ["chai", "ploy", "malee"],
        ["asterisk-1.5"],
    )
    assert state.unscored == 5
    again = Engine(state.site)
    again.restore(kept(engine))
    assert picture(again.state) == picture(state)
