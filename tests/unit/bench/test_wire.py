"""A capture's story: what is heard on the wire is told as it was."""

import struct
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import wire
from tests.bench.drain import told_by
from tests.bench.observer import Entry, answer_to_bridge
from tests.bench.table import Options, Row
from tests.bench.wire import Called, Rung, Story

ASTERISK, OPERATORS, CALLERS = 5060, 7000, 7001


def _packet(at: float, source: int, target: int, message: str) -> bytes:
    udp = struct.pack(">HHHH", source, target, 8 + len(message), 0) + message.encode()
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 1, 1) + udp
    frame = bytes(12) + b"\x08\x00" + ip
    head = struct.pack("<IIII", int(at), round((at % 1) * 1e6), len(frame), len(frame))
    return head + frame


def _message(start: str, call: str, method: str) -> str:
    return f"{start}\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\r\n"


def _said(tmp_path: Path, *said: tuple[float, int, str, str, str]) -> wire.Story:
    file = tmp_path / "capture"
    packets = [_packet(at, port, 1, _message(*words)) for at, port, *words in said]
    file.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(packets))
    return wire.read(file, asterisk_port=ASTERISK, operators_port=OPERATORS)


INVITE = "INVITE sip:somchai@127.0.0.1:7000 SIP/2.0"
OK = "SIP/2.0 200 OK"


def test_the_gap_is_from_the_operators_bye_to_the_next_invite_to_the_same_operator(
    tmp_path: Path,
) -> None:
    story = _said(
        tmp_path,
        (10.0, ASTERISK, INVITE, "one", "INVITE"),
        (10.5, OPERATORS, OK, "one", "INVITE"),
        (12.0, OPERATORS, "BYE sip:x SIP/2.0", "one", "BYE"),
        (12.1, ASTERISK, INVITE.replace("somchai", "malee"), "two", "INVITE"),
        (12.25, ASTERISK, INVITE, "three", "INVITE"),
    )
    assert [round(gap, 6) for gap in story.free_to_invite()] == [0.25]
    assert [round(talk, 6) for talk in story.talks] == [1.5]
    assert [rung.operator for rung in story.rung] == ["somchai", "malee", "somchai"]
    assert (story.messages, story.repeats, story.until) == (5, 0, 12.25)


def test_what_is_sent_again_is_counted_unless_it_began_before(tmp_path: Path) -> None:
    again = (ASTERISK, "BYE sip:old SIP/2.0", "old", "BYE")
    story = _said(
        tmp_path,
        (1.0, *again),
        (2.0, CALLERS, "INVITE sip:7000@127.0.0.1 SIP/2.0", "new", "INVITE"),
        (2.5, CALLERS, "INVITE sip:7000@127.0.0.1 SIP/2.0", "new", "INVITE"),
        (2.6, ASTERISK, OK, "new", "INVITE"),
        (3.0, *again),
    )
    assert (len(story.called), story.repeats, story.repeated_share) == (1, 1, 0.2)
    assert story.called[0].up_at == 2.6


def test_a_refusal_of_asterisk_is_seen(tmp_path: Path) -> None:
    story = _said(
        tmp_path,
        (1.0, CALLERS, "INVITE sip:7000@127.0.0.1 SIP/2.0", "new", "INVITE"),
        (1.1, ASTERISK, "SIP/2.0 503 Service Unavailable", "new", "INVITE"),
    )
    assert story.refusals == 1


def test_both_bridged_is_when_the_second_came_in() -> None:
    story = Story(
        rung=[Rung("somchai", 1.0, answered_at=1.1), Rung("malee", 2.0, answered_at=2.1)], until=9.0
    )
    entries = [
        Entry(1.2, "b1", "PJSIP/trunk@k3f7w2xa-01", "08", 1),
        Entry(1.25, "b1", "PJSIP/op-somchai@k3f7w2xa-02", "", 2),
        Entry(2.11, "b2", "PJSIP/op-malee@k3f7w2xa-03", "", 1),
        Entry(2.3, "b2", "PJSIP/trunk@k3f7w2xa-04", "08", 2),
        # nobody listened to the wire any more
        Entry(9.5, "b3", "PJSIP/op-malee@k3f7w2xa-05", "", 2),
    ]
    assert [round(wait, 6) for wait in answer_to_bridge(story, entries)] == [0.15, 0.2]


def test_a_drain_counts_from_the_last_arrival_for_those_left() -> None:
    answers = [1.0, 2.0, 5.0, 6.0]
    story = Story(
        rung=[Rung("a", at - 0.1, answered_at=at, over_at=at + 1.0) for at in answers],
        called=[Called(0.1 * n) for n in range(31)][:4],
    )
    drained = told_by(story)
    assert drained.left == 4
    assert round(drained.seconds, 6) == 5.7
    assert round(drained.ideal_seconds, 6) == round(4 * 1.0 / 50, 6)


def test_who_may_not_listen_is_told_so_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tcpdump = tmp_path / "tcpdump"
    tcpdump.write_text("#!/bin/sh\necho 'tcpdump: lo: no permission to capture' >&2\nexit 1\n")
    tcpdump.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "records,restart"])
    with pytest.raises(SystemExit, match="lo: no permission to capture"):
        bench.main()
    tcpdump.unlink()
    with pytest.raises(SystemExit, match="tcpdump"):
        bench.main()


def test_who_captures_nothing_needs_no_tcpdump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def nothing(_options: Options) -> list[Row]:
        return []

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(bench.MEASUREMENTS, "records", nothing)
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "records"])
    with pytest.raises(SystemExit, match="0"):
        bench.main()
    assert "== records" in capsys.readouterr().out
