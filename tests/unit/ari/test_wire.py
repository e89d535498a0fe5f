"""Decoding: what is in use becomes typed, everything else is counted and never raises."""

import json
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from callcenter.ari import wire

CHANNEL = {
    "id": "1795.1",
    "name": "PJSIP/trunk-00000001",
    "state": "Up",
    "caller": {"name": "", "number": "0812345678"},
    "dialplan": {"context": "hand-over", "exten": "s", "app_name": "Stasis", "app_data": "c,1567"},
    "creationtime": "2026-11-21T20:33:48.646+0000",
}
HEAD = {"timestamp": "2026-11-21T20:33:49.148+0000", "application": "callcenter"}


def message(**fields: object) -> bytes:
    return json.dumps({**HEAD, **fields}).encode()


def test_an_event_in_use_is_typed_and_other_fields_are_passed_over() -> None:
    event = wire.decode(message(type="StasisStart", args=["1567"], channel=CHANNEL, new_field=1))
    assert isinstance(event, wire.StasisStart)
    assert (event.channel.caller.number, event.args) == ("0812345678", ["1567"])


def test_a_type_not_in_use_is_unknown() -> None:
    assert wire.decode(message(type="ChannelVarset", variable="X")) == wire.Unknown(
        type="ChannelVarset"
    )


def test_a_type_in_use_that_lacks_something_is_malformed() -> None:
    event = wire.decode(message(type="StasisStart", channel=CHANNEL))
    assert isinstance(event, wire.Malformed)
    assert event.type == "StasisStart"
    assert "args" in event.why


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "args"]), inner),
    ).map(lambda thing: json.dumps(thing).encode())
)
@example(b'{"type": "StasisEnd", "timestamp": 5}')
@example(b'{"type": "StasisStart"')
@example(b"\xff\xfe")
def test_whatever_comes_never_raises(raw: bytes) -> None:
    assert isinstance(wire.decode(raw), wire.Malformed | wire.Unknown)


@given(st.floats(min_value=0, max_value=4e9))
def test_asterisks_way_to_write_a_moment(seconds: float) -> None:
    spelled = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    assert abs(wire.moment(spelled) - seconds) < 0.0011


def test_a_request_is_framed_as_asterisk_wants_it() -> None:
    request = wire.RESTRequest(request_id="7", method="DELETE", uri="channels/1795.1/moh")
    assert json.loads(wire.encode(request)) == {
        "type": "RESTRequest",
        "request_id": "7",
        "method": "DELETE",
        "uri": "channels/1795.1/moh",
    }
