"""What a listener of the live feed is told between two pictures."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest
from aiohttp import WSMsgType
from aiohttp.http_websocket import WebSocketWriter

from callcenter.core.facts import OperatorState
from callcenter.web.live import framed
from callcenter.web.operators.views import OperatorView, PhoneView
from callcenter.web.pictures import Picture, changes
from callcenter.web.queues import ParkedCall, QueueView

PARKED = ParkedCall(
    place=1, call="c1", line="1567", operator="nok", parked_seconds=3.0, left_seconds=9.0
)
QUEUE = QueueView(
    queue="damrong",
    title="ดำรงธรรม",
    waiting=1,
    waiting_limit=50,
    oldest_wait_seconds=3.0,
    operators={"available": 1},
    in_site=True,
    parked=[PARKED],
)
OPERATOR = OperatorView(
    operator="somchai",
    name="สมชาย",
    state=OperatorState.AVAILABLE,
    reason="",
    wish=OperatorState.AVAILABLE,
    queues=["damrong"],
    state_seconds=3.0,
    until_seconds=9.0,
    call=None,
    open_line=False,
    skills={},
    sip_user="op-somchai",
    has_contact=False,
    phone=PhoneView.REGISTERED,
    browser=False,
    window=None,
    consult=None,
    listened=None,
    help=False,
    help_seconds=0.0,
    unread=0,
    recording=None,
    recording_paused_seconds=None,
    callback=None,
    rang_elsewhere=False,
    quality=None,
)


def picture(
    *,
    number: int = 2,
    connected: bool = True,
    queues: Sequence[QueueView] = (QUEUE,),
    operators: Sequence[OperatorView] = (OPERATOR,),
    oldest: float = 7.0,
) -> Picture:
    """The next picture: all as before but what is said."""
    return Picture.of(
        number, connected=connected, queues=queues, operators=operators, oldest={"damrong": oldest}
    )


BEFORE = picture(number=1)


def test_seconds_that_go_by_are_no_change() -> None:
    later = msgspec.structs.replace(PARKED, parked_seconds=3.5, left_seconds=8.5)
    queue = msgspec.structs.replace(QUEUE, oldest_wait_seconds=3.5, parked=[later])
    operator = msgspec.structs.replace(OPERATOR, state_seconds=3.5, until_seconds=8.5)
    assert changes(BEFORE, picture(queues=[queue], operators=[operator])) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "ศูนย์"},
        {"waiting": 2},
        {"waiting_limit": 60},
        {"operators": {"available": 2}},
        {"in_site": False},
    ],
)
def test_everything_else_of_a_queue_is_told(changed: dict[str, Any]) -> None:
    queue = msgspec.structs.replace(QUEUE, **changed)
    told = changes(BEFORE, picture(queues=[queue]))
    assert told is not None
    assert (told.type, told.queues, told.operators, told.removed) == ("changes", [queue], [], [])


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "สมหญิง"},
        {"state": OperatorState.PAUSED},
        {"reason": "meal"},
        {"wish": OperatorState.OFFLINE},
        {"queues": ["gcc"]},
        {"call": "c1"},
        {"open_line": True},
        {"has_contact": True},
    ],
)
def test_everything_else_of_an_operator_is_told(changed: dict[str, Any]) -> None:
    operator = msgspec.structs.replace(OPERATOR, **changed)
    told = changes(BEFORE, picture(operators=[operator]))
    assert told is not None
    assert (told.queues, told.operators, told.removed) == ([], [operator], [])


def test_another_caller_who_has_waited_longest_is_told() -> None:
    told = changes(BEFORE, picture(oldest=8.0))
    assert told is not None
    assert (told.queues, told.operators) == ([QUEUE], [])


def test_who_is_no_more_there_is_told_by_id() -> None:
    told = changes(BEFORE, picture(operators=[]))
    assert told is not None
    assert (told.operators, told.removed) == ([], ["somchai"])


def test_a_lost_asterisk_is_told() -> None:
    told = changes(BEFORE, picture(connected=False))
    assert told is not None
    assert (told.connected, told.queues, told.operators) == (False, [], [])


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
async def test_what_is_written_to_a_listener_is_a_message(size: int) -> None:
    """The same bytes as aiohttp's own, which makes them anew for every listener."""
    protocol, transport = Mock(_paused=False), Mock()
    transport.is_closing.return_value = False
    message = b"x" * size
    await WebSocketWriter(protocol, transport).send_frame(message, WSMsgType.TEXT)
    assert framed(message) == b"".join(call.args[0] for call in transport.write.call_args_list)
