"""Commands as requests, and what each answer means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ari.rest import (
    NO_ANSWER,
    Dial,
    Operation,
    Request,
    Response,
    Verdict,
    Work,
    event_filter,
    requests_of,
    verdict,
)
from callcenter.ari.snapshot import EVENT_TYPES
from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    CloseDesk,
    Exit,
    HangUp,
    OpenDesk,
    RingLine,
    RingOperator,
    SeatLine,
    SendOut,
)
from callcenter.core.ids import CallId, OfferId
from callcenter.core.legs import channel_of
from tests.fake_asterisk.parts import NAMES
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, line_leg

CALL, OFFER, DESK = CallId("cc-1795.1"), OfferId("offer-1-cc-1795.1"), desk_bridge("som")
CALLER, OPERATOR, LINE = caller_leg(CALL), leg_of_offer(OFFER), line_leg("som", 1)
RING = RingOperator(
    lane=CALL,
    offer=OFFER,
    leg=OPERATOR,
    endpoint="PJSIP/op-som",
    caller_id='"สายด่วน 1567" <1567>',
)
DIAL = Dial(lane=CALL, leg=OPERATOR)


@pytest.mark.parametrize(
    ("command", "requests"),
    [
        (
            RING,
            [
                (
                    "POST",
                    "/channels/create",
                    {
                        "channelId": channel_of(OPERATOR),
                        "endpoint": f"PJSIP/op-som@{NAMES.domain}",
                        "app": "callcenter",
                        "variables": {"CONNECTEDLINE(all,i)": '"สายด่วน 1567" <1567>'},
                        "originator": "cc-1795.1",
                    },
                )
            ],
        ),
        (DIAL, [("POST", "/channels/offer-1-cc-1795.1/dial", {})]),
        (
            Bridge(lane=CALL, offer=OFFER, bridge=DESK, caller=CALLER, operator=OPERATOR),
            [
                ("DELETE", "/channels/cc-1795.1/moh", None),
                (
                    "POST",
                    "/bridges/desk-som/addChannel",
                    {"channel": [OFFER, CALL], "inhibitConnectedLineUpdates": True},
                ),
            ],
        ),
        (
            RingLine(
                lane=DESK,
                leg=LINE,
                endpoint="PJSIP/op-som",
                caller_id='"open line" <line>',
            ),
            [
                (
                    "POST",
                    "/channels/create",
                    {
                        "channelId": channel_of(LINE),
                        "endpoint": f"PJSIP/op-som@{NAMES.domain}",
                        "app": "callcenter",
                        "variables": {"CONNECTEDLINE(all,i)": '"open line" <line>'},
                    },
                )
            ],
        ),
        (
            SeatLine(lane=CALL, leg=LINE, bridge=DESK, out_of=desk_bridge("dao")),
            [
                ("POST", "/bridges/desk-dao/removeChannel", {"channel": [channel_of(LINE)]}),
                ("POST", "/bridges/desk-som", {"type": "mixing,proxy_media"}),
                (
                    "POST",
                    "/bridges/desk-som/addChannel",
                    {"channel": [channel_of(LINE)], "inhibitConnectedLineUpdates": True},
                ),
            ],
        ),
        (
            SeatLine(lane=DESK, leg=LINE, bridge=DESK),
            [
                ("POST", "/bridges/desk-som", {"type": "mixing,proxy_media"}),
                (
                    "POST",
                    "/bridges/desk-som/addChannel",
                    {"channel": [channel_of(LINE)], "inhibitConnectedLineUpdates": True},
                ),
            ],
        ),
        (
            BackToMusic(lane=CALL, caller=CALLER, bridge=DESK),
            [
                ("POST", "/bridges/desk-som/removeChannel", {"channel": [CALL]}),
                ("POST", "/channels/cc-1795.1/moh", {}),
            ],
        ),
        (
            BackToMusic(lane=CALL, caller=CALLER, bridge=None),
            [("POST", "/channels/cc-1795.1/moh", {})],
        ),
        (HangUp(lane=CALL, leg=OPERATOR), [("DELETE", "/channels/offer-1-cc-1795.1", None)]),
        (
            HangUp(lane=CALL, leg=OPERATOR, elsewhere=True),
            [("DELETE", "/channels/offer-1-cc-1795.1", {"reason": "answered_elsewhere"})],
        ),
        (
            SendOut(lane=CALL, leg=CALLER, exit=Exit.MESSAGE, keys=("own_sorry", "own_web")),
            [
                (
                    "POST",
                    "/channels/cc-1795.1/variable",
                    {
                        "variable": "CALLCENTER_MESSAGE",
                        "value": "callcenter/own_sorry&callcenter/own_web",
                    },
                ),
                (
                    "POST",
                    "/channels/cc-1795.1/continue",
                    {"context": "callcenter-out", "extension": "message", "priority": 1},
                ),
            ],
        ),
        (
            SendOut(lane=CALL, leg=CALLER, exit=Exit.QUEUE_FULL),
            [
                (
                    "POST",
                    "/channels/cc-1795.1/continue",
                    {"context": "callcenter-out", "extension": "queue_full", "priority": 1},
                )
            ],
        ),
        (
            OpenDesk(lane=DESK, bridge=DESK),
            [("POST", "/bridges/desk-som", {"type": "mixing,proxy_media"})],
        ),
        (CloseDesk(lane=DESK, bridge=DESK), [("DELETE", "/bridges/desk-som", None)]),
    ],
)
def test_the_requests_of_a_command(command: Work, requests: list[tuple[str, str, object]]) -> None:
    made = requests_of(command, NAMES)
    assert [(made.method, made.path, made.body) for made in made] == requests


def test_an_answered_call_costs_five_requests() -> None:
    commands: list[Work] = [
        RING,
        DIAL,
        Bridge(lane=CALL, offer=OFFER, bridge=DESK, caller=CALLER, operator=OPERATOR),
        HangUp(lane=CALL, leg=OPERATOR),
    ]
    assert sum(len(requests_of(command, NAMES)) for command in commands) == 5


def test_an_answered_call_on_an_open_line_costs_two_and_three_when_the_operator_ends_it() -> None:
    joined = Bridge(lane=CALL, offer=OFFER, bridge=DESK, caller=CALLER, operator=line_leg("som", 1))
    assert len(requests_of(joined, NAMES)) == 2
    assert len(requests_of(HangUp(lane=CALL, leg=CALLER), NAMES)) == 1


@given(st.text(min_size=1))
def test_an_id_cannot_leave_its_place_in_the_path(leg: str) -> None:
    try:
        leg.encode()
    except UnicodeEncodeError:
        return
    [request] = requests_of(HangUp(lane=CALL, leg=leg_named(leg)), NAMES)
    assert request.path.count("/") == 2
    assert request.path.isascii()
    assert not set(request.path) & set("?#& \r\n")


def test_the_filter_lets_answers_through() -> None:
    request: Request = event_filter("callcenter", EVENT_TYPES)
    assert {"type": "RESTResponse"} in request.body["allowed"]  # type: ignore[index,operator]
    assert request.path == "/applications/callcenter/eventFilter"


GONE, REFUSED, DONE = Verdict.GONE, Verdict.REFUSED, Verdict.DONE
_NO_CHANNEL = '{"message":"Channel not found"}'
_NO_BRIDGE = '{"message":"Bridge not found"}'


@pytest.mark.parametrize(
    ("operation", "status", "body", "means"),
    [
        (Operation.RING, 409, '{"message":"Channel with given unique ID already exists"}', DONE),
        (Operation.RING, 500, '{"error":"Allocation failed"}', REFUSED),
        (Operation.RING, 400, '{"message":"Invalid endpoint specified"}', REFUSED),
        (Operation.DIAL, 404, _NO_CHANNEL, GONE),
        (Operation.DIAL, 409, '{"message":"Channel is not in the \'Down\' state"}', GONE),
        (Operation.OPEN_DESK, 409, "", DONE),
        (Operation.HANG_UP, 404, _NO_CHANNEL, GONE),
        (Operation.CLOSE_DESK, 404, _NO_BRIDGE, GONE),
        (Operation.CLOSE_DESK, 409, "Bridge not in Stasis application", GONE),
        (Operation.MUSIC_OFF, 404, _NO_CHANNEL, GONE),
        (Operation.MUSIC_OFF, 409, '{"message":"Channel not in Stasis application"}', GONE),
        (Operation.MUSIC_ON, 412, '{"message":"Channel in invalid state"}', GONE),
        (Operation.SEND_OUT, 409, '{"message":"Channel not in Stasis application"}', GONE),
        (Operation.JOIN, 400, _NO_CHANNEL, GONE),
        (Operation.JOIN, 422, '{"message":"Channel not in Stasis application"}', GONE),
        (Operation.JOIN, 404, _NO_BRIDGE, REFUSED),
        (Operation.JOIN, 409, '{"message":"Bridge not in Stasis application"}', REFUSED),
        (Operation.JOIN, 400, '{"message":"Missing parameter channel"}', REFUSED),
        (Operation.LEAVE_BRIDGE, 422, '{"message":"Channel not in this bridge"}', GONE),
        (Operation.LEAVE_BRIDGE, 404, _NO_BRIDGE, GONE),
        (Operation.LEAVE_BRIDGE, 409, "Bridge not in Stasis application", GONE),
        (Operation.HANG_UP, 401, "", REFUSED),
        (Operation.JOIN, 503, "", Verdict.RETRY),
        (Operation.RING, 500, "", Verdict.RETRY),
        (Operation.RING, 429, "", Verdict.RETRY),
        (Operation.RING, NO_ANSWER, "", Verdict.UNKNOWN),
    ],
)
def test_what_an_answer_means(operation: Operation, status: int, body: str, means: Verdict) -> None:
    assert verdict(operation, Response(status=status, body=body)) is means


@given(st.sampled_from(Operation), st.integers(100, 599) | st.just(NO_ANSWER), st.text())
def test_every_answer_means_exactly_one_thing(operation: Operation, status: int, body: str) -> None:
    means = verdict(operation, Response(status=status, body=body))
    assert (means is Verdict.UNKNOWN) == (status == NO_ANSWER)
    if 200 <= status < 300:
        assert means is DONE
    if status in (401, 403):
        assert means is REFUSED
    if status >= 500:
        assert means in (Verdict.RETRY, REFUSED)
    if means is DONE and not 200 <= status < 300:
        assert status == 409
        assert operation in (
            Operation.RING,
            Operation.SNOOP,
            Operation.OPEN_DESK,
            Operation.OPEN_ROOM,
        )
    if means is GONE:
        assert 400 <= status < 500
