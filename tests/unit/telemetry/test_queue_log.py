"""Stories as Asterisk's queue_log tells them, read by a strict reader; and the file."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine, Step
from callcenter.core.ids import CallId, OfferId, OperatorId
from callcenter.core.outcome import LegEnd
from callcenter.core.site import QueueRules
from callcenter.core.strategy import Strategy
from callcenter.telemetry import queue_log_file
from callcenter.telemetry.queue_log import QueueLog
from callcenter.telemetry.queue_log_file import QueueLogFile
from tests.facts import answered_call, queued, received
from tests.legs import desk_bridge, leg_of_offer
from tests.queue_log_reader import Reader
from tests.simulation.play import Play
from tests.simulation.script import write_script
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story
from tests.unit.core.test_operator_first import First

WALL = 1_766_720_000.0


class Told(Story):
    """A story that writes a queue_log beside it."""

    def __init__(
        self, *queues: QueueRules, shown: Callable[[str], str] = lambda caller: ""
    ) -> None:
        self.queue_log: QueueLog | None = None
        self.lines: list[str] = []
        super().__init__(*queues)
        self.shown = shown
        self.begins()

    def begins(self) -> None:
        """The writer starts with what there is."""
        state = self.engine.state
        self.queue_log = QueueLog(state, lambda: WALL + self.now, self.shown)

    def happens(self, event: e.Event) -> Step:
        done = super().happens(event)
        if self.queue_log is not None:
            self.lines += self.queue_log.lines(done.facts)
        return done

    def of(self, call: str) -> list[str]:
        """What the file has of a call: queue, agent, event and its fields."""
        told = [line.rstrip("\n").split("|", 2) for line in self.lines]
        return [rest for _, name, rest in told if name == call]

    def events(self) -> list[str]:
        """All of them, in order; the whole must be well-formed."""
        Reader().read(self.lines)
        return [line.split("|")[4].rstrip("\n") for line in self.lines]


def test_an_operator_who_is_rung_before_the_citizen_rings_for_nobody_in_the_queue() -> None:
    first = First()
    first.logs_in("som")
    first.phone_ends("som", LegEnd.DECLINED)
    first.resumes("som")
    first.picks_up("som")
    first.picks_up_the_callback("ada")
    first.presses("ada", back=1)
    first.is_connected()
    log = QueueLog(Engine(first.site).state, lambda: WALL, lambda caller: "")
    lines = list(log.lines(first.told))
    Reader().read(lines)
    events = [line.split("|")[4].rstrip("\n") for line in lines if "|ada|" in line]
    assert events == ["ENTERQUEUE", "EXITWITHKEY", "ENTERQUEUE", "CONNECT"]


def test_a_call_that_is_answered() -> None:
    story = Told(rules(DAMRONG, wrapup_seconds=0.0))
    story.logs_in("somchai")
    story.calls("malee")
    story.after(4.0)
    story.answers("somchai")
    story.after(90.0)
    story.leaves("malee")
    offer = next(x.offer for x in story.told if isinstance(x, f.OfferMade))
    assert story.of("malee") == [
        "damrong|NONE|ENTERQUEUE|||1",
        f"damrong|somchai|CONNECT|4|{offer}|4",
        "damrong|somchai|COMPLETECALLER|4|90|1",
    ]
    assert story.lines[0] == f"{int(WALL) + 1000}|MANAGER|damrong|somchai|ADDMEMBER|\n"
    Reader().read(story.lines)


def test_who_hangs_up_first_is_told() -> None:
    story = Told()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.phone_ends("somchai")
    assert story.events()[-1] == "COMPLETEAGENT"


def test_callers_who_give_up_with_their_places() -> None:
    story = Told()
    story.calls("malee", "wipa")
    story.after(20.0)
    story.leaves("wipa")
    story.leaves("malee")
    assert story.of("wipa")[-1] == "damrong|NONE|ABANDON|2|2|20"
    assert story.of("malee")[-1] == "damrong|NONE|ABANDON|1|1|20"
    Reader().read(story.lines)


def test_who_waits_too_long_goes_on_to_the_next_queue_and_out() -> None:
    story = Told(
        rules(DAMRONG, max_wait_seconds=30.0, overflow_queue=GCC),
        rules(GCC, max_wait_seconds=60.0),
    )
    story.calls("malee")
    story.after(100.0)
    assert story.of("malee") == [
        "damrong|NONE|ENTERQUEUE|||1",
        "damrong|NONE|EXITWITHTIMEOUT|1|1|30",
        "gcc|NONE|ENTERQUEUE|||1",
        "gcc|NONE|EXITWITHTIMEOUT|1|1|60",
    ]
    Reader().read(story.lines)


def test_several_phones_ring_and_one_is_answered() -> None:
    story = Told(rules(DAMRONG, strategy=Strategy.RING_SEVERAL, ring_at_once=3))
    story.logs_in("somchai", "wirat", "ning")
    story.calls("malee")
    story.after(4.0)
    story.answers("wirat")
    offer = story.offer_to("wirat")
    assert sorted(story.of("malee")[1:3]) == [
        "damrong|ning|RINGCANCELED|4000",
        "damrong|somchai|RINGCANCELED|4000",
    ]
    assert story.of("malee")[3:] == [f"damrong|wirat|CONNECT|4|{offer}|4"]
    assert not any("PAUSE" in line for line in story.lines)
    Reader().read(story.lines)


def test_phones_that_ring_in_vain() -> None:
    story = Told(rules(DAMRONG, ring_seconds=15.0))
    story.logs_in("somchai")
    story.calls("malee")
    story.after(15.0)
    story.logs_in("wirat")
    story.after(3.0)
    story.leaves("malee")
    assert story.of("malee")[1:] == [
        "damrong|somchai|RINGNOANSWER|15000",
        "damrong|wirat|RINGCANCELED|3000",
        "damrong|NONE|ABANDON|1|1|18",
    ]
    assert [line.split("|", 4)[4].strip() for line in story.lines if "PAUSE" in line] == [
        "PAUSE|rona"
    ]
    Reader().read(story.lines)


def test_who_is_given_on_and_who_comes_back_enter_again() -> None:
    story = Told()
    story.logs_in("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("malee")
    story.answers("somchai")
    story.after(60.0)
    story.happens(
        e.TransferAsked(operator=OperatorId("somchai"), call=CallId("malee"), queue=GCC, to=None)
    )
    assert story.of("malee")[2:] == [
        "damrong|somchai|BLINDTRANSFER|gcc|callcenter|0|60|1",
        "gcc|NONE|ENTERQUEUE|||1",
    ]
    story.resumes("anan")
    story.answers("anan")
    story.phone_ends("anan", LegEnd.DIED)
    assert story.of("malee")[-1] == "gcc|NONE|ENTERQUEUE|||1"
    story.after(5.0)
    story.leaves("malee")
    assert story.of("malee")[-1] == "gcc|NONE|ABANDON|1|1|5"
    Reader().read(story.lines)


def test_a_caller_who_is_given_to_a_colleague_asked_first() -> None:
    story = Told()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.logs_in("nok", queues=(GCC,))
    story.after(30.0)
    somchai, malee, asked = OperatorId("somchai"), CallId("malee"), OfferId("offer-2-malee")
    story.happens(e.ConsultAsked(operator=somchai, call=malee, to=OperatorId("nok")))
    story.happens(e.OperatorAnswered(offer=asked))
    story.happens(e.LegEnteredBridge(leg=leg_of_offer(asked), bridge=desk_bridge("somchai")))
    story.after(10.0)
    story.happens(e.ConsultDecided(operator=somchai, call=malee, decision=e.Decision.COMPLETE))
    story.is_joined("nok")
    story.after(60.0)
    story.leaves("malee")
    assert story.of("malee")[2:] == [
        "damrong|somchai|ATTENDEDTRANSFER|BRIDGE|nok|0|40|1",
        "damrong|NONE|ENTERQUEUE|||1",
        "damrong|nok|CONNECT|0|offer-2-malee|0",
        "damrong|nok|COMPLETECALLER|0|60|1",
    ]
    Reader().read(story.lines)


def test_a_talk_that_a_supervisor_takes_over_enters_again() -> None:
    log = QueueLog(Story().engine.state, lambda: WALL, lambda caller: "")
    story = list(answered_call("malee", "somchai", 10.0))
    (until_the_talk_ends,) = [n for n, x in enumerate(story) if isinstance(x, f.TalkEnded)]
    (joined,) = [x for x in story if isinstance(x, f.OfferEnded)]
    lines = [*log.lines(story[: until_the_talk_ends + 1])]
    taken = replace(joined, operator=OperatorId("wanida"), at=50.0)
    lines += log.lines([taken])
    ended = story[until_the_talk_ends]
    assert isinstance(ended, f.TalkEnded)
    lines += log.lines([replace(ended, operator=OperatorId("wanida"), at=90.0)])
    events = [line.split("|")[4] for line in lines if "|malee|" in line]
    assert events == ["ENTERQUEUE", "CONNECT", "COMPLETECALLER"] * 2
    Reader().read(lines)


def test_members_come_pause_and_go() -> None:
    story = Told()
    story.logs_in("somchai", queues=(DAMRONG, GCC))
    story.pauses("somchai", "lunch")
    story.resumes("somchai")
    story.logs_out("somchai")
    assert Counter(story.events()) == dict.fromkeys(
        ("ADDMEMBER", "PAUSE", "UNPAUSE", "REMOVEMEMBER"), 2
    )
    assert next(line for line in story.lines if "|PAUSE|" in line).endswith("|PAUSE|lunch\n")


def test_after_a_restart_the_open_call_and_the_members_are_known() -> None:
    story = Told()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.after(10.0)
    story.answers("somchai")
    story.service_restarts()
    story.begins()
    story.after(20.0)
    story.happens(e.CallerLeft(call=CallId("malee")))
    assert story.of("malee")[-1] == "damrong|somchai|COMPLETECALLER|10|20|1"
    assert "QUEUESTART" in story.events()
    assert story.events().count("ADDMEMBER") == 1


@pytest.mark.parametrize(
    ("shown", "kept"), [(lambda caller: "", ""), (lambda caller: "a|b\nc", "a_b_c")]
)
def test_what_is_written_of_a_number_cannot_break_a_line(
    shown: Callable[[str], str], kept: str
) -> None:
    story = Told(shown=shown)
    story.calls("malee")
    assert story.of("malee") == [f"damrong|NONE|ENTERQUEUE||{kept}|1"]
    assert "0812345678" not in "".join(story.lines)


class Written(Play):
    """A whole play with its faults; a queue_log is written, also over kills of the service."""

    def _connect_the_people(self) -> None:
        super()._connect_the_people()
        self.lines: list[str] = []
        self.scored: Counter[str] = Counter()
        self._begin(self.service.engine)
        witnessed, restored = self.service.on_step, self.service.on_restore

        def on_step(event: e.Event, done: Step) -> None:
            witnessed(event, done)
            self.lines += self.queue_log.lines(done.facts)
            scored = [x for x in done.facts if isinstance(x, f.CallScored) and x.queue]
            self.scored.update(x.outcome.value for x in scored)

        def on_restore(before: Engine, after: Engine) -> None:
            restored(before, after)
            self._begin(after)

        self.service.on_step, self.service.on_restore = on_step, on_restore

    def _begin(self, engine: Engine) -> None:
        self.queue_log = QueueLog(engine.state, lambda: self.schedule.now, str)


def test_whole_plays_with_faults_make_files_that_a_strict_reader_accepts() -> None:
    counts: Counter[str] = Counter()
    answered = 0
    for seed in range(12):
        play = Written(write_script(seed, 0.03))
        play.run()
        reader = Reader().read(play.lines)
        assert (reader.waits_in, reader.talks_to) == ({}, {}), "everybody has left"
        counts += reader.counts
        answered += play.scored["answered"]
    assert answered > 100
    completed = counts["COMPLETECALLER"] + counts["COMPLETEAGENT"] + counts["BLINDTRANSFER"]
    assert counts["CONNECT"] == completed
    assert counts["ABANDON"] and counts["RINGNOANSWER"] and counts["PAUSE"]


# --- the file --------------------------------------------------------------------------------


def step(call: str) -> list[f.Fact]:
    return [received(call), queued(call)]


def writer(path: Path) -> QueueLogFile:
    return QueueLogFile(path, QueueLog(Told().engine.state, lambda: WALL, str))


async def test_the_file_is_appended_to_and_survives_any_rotation(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("1|NONE|NONE|NONE|QUEUESTART|\n")
    file = writer(path)
    file.listen(step("a"))
    await file.write()
    path.rename(tmp_path / "queue_log.1")  # logrotate: create
    file.listen(step("b"))
    await file.write()
    assert Reader().read(path.read_text().splitlines(keepends=True)).counts["ENTERQUEUE"] == 1
    os.truncate(path, 0)  # logrotate: copytruncate
    file.listen(step("c"))
    await file.close()
    assert [line.split("|")[1] for line in path.read_text().splitlines()] == ["c"]
    assert len((tmp_path / "queue_log.1").read_text().splitlines()) == 2
    assert (path.stat().st_mode & 0o777) & ~0o640 == 0


async def test_lines_wait_while_there_is_no_place_for_them(tmp_path: Path) -> None:
    path = tmp_path / "later" / "queue_log"
    file = writer(path)
    file.listen(step("a"))
    await file.write()
    file.listen(step("b"))
    await file.write()
    path.parent.mkdir()
    await file.close()
    assert [line.split("|")[1] for line in path.read_text().splitlines()] == ["a", "b"]


async def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    os.mkfifo(path)  # opening it for writing hangs until somebody reads
    file = writer(path)
    file.listen(step("a"))
    writing = asyncio.create_task(file.write())
    for number in range(100):
        file.listen(step(f"more-{number}"))
        await asyncio.sleep(0)
    assert not writing.done()
    with path.open() as pipe:
        await writing
        assert pipe.readline().split("|")[1] == "a"


async def test_there_is_a_limit_to_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_log_file, "LINES_MOST", 10)
    path = tmp_path / "later" / "queue_log"
    file = writer(path)
    for number in range(25):
        file.listen(step(f"{number}"))
    assert file.lost == 15
    path.parent.mkdir()
    await file.close()
    assert len(path.read_text().splitlines()) == 10
