"""Compares our hand-written messages with the API description that the running Asterisk serves."""

import base64
import json
import re
import types
import typing
import urllib.request
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import statistics
from callcenter.ari.playback import play, stop
from callcenter.ari.snapshot import EVENT_TYPES
from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    CloseDesk,
    EnterRoom,
    Exit,
    HangUp,
    Mute,
    OpenDesk,
    PlayPrompts,
    PlayRinging,
    Record,
    RingLine,
    RingOperator,
    RingSpy,
    SeatLine,
    SeatSpy,
    SendOut,
    Silence,
    Snoop,
    SpeakLanguage,
    StopPrompts,
    StopRinging,
    Tap,
    ToAsterisk,
)
from callcenter.core.ids import CallId, OfferId
from callcenter.core.legs import Side
from tests.fake_asterisk.parts import NAMES
from tests.legs import (
    caller_leg,
    desk_bridge,
    leg_of_offer,
    line_leg,
    recorder_leg,
    room_bridge,
    snoop_leg,
    spy_leg,
)
from tests.parts import PrivateAsterisk

OBJECTS: dict[type[msgspec.Struct], str] = {
    wire.Channel: "Channel",
    wire.CallerId: "CallerID",
    wire.Dialplan: "DialplanCEP",
    wire.Bridge: "Bridge",
    wire.AsteriskInfo: "AsteriskInfo",
    wire.SystemPart: "SystemInfo",
    wire.StatusPart: "StatusInfo",
    wire.AsteriskPing: "AsteriskPing",
    wire.RESTRequest: "RESTRequest",
    wire.Endpoint: "Endpoint",
    wire.ConfigPair: "ConfigTuple",
    wire.RTPstat: "RTPstat",
    wire.Playback: "Playback",
    wire.LiveRecording: "LiveRecording",
}
MESSAGES: dict[type[msgspec.Struct], str] = {
    **OBJECTS,
    **{event: event.__name__ for event in wire.EVENTS},
}
NEVER_MISSING = {
    # Optional in the description, because GET /asterisk/info?only=... leaves parts out.
    ("AsteriskInfo", "system"),
    ("AsteriskInfo", "status"),
}
PLAIN = {"string": str, "Date": str, "int": int, "boolean": bool, "List[string]": list[str]}
CALL, OFFER, DESK = CallId("1.1"), OfferId("offer-1-1.1"), desk_bridge("som")
TAPPED = recorder_leg("1.1", 1, Side.OPERATOR)
COMMANDS: tuple[ToAsterisk, ...] = (
    RingOperator(
        lane=CALL,
        offer=OFFER,
        leg=leg_of_offer(OFFER),
        endpoint="PJSIP/x",
        caller_id="x",
    ),
    Bridge(
        lane=CALL, offer=OFFER, bridge=DESK, caller=caller_leg(CALL), operator=leg_of_offer(OFFER)
    ),
    BackToMusic(lane=CALL, caller=caller_leg(CALL), bridge=DESK),
    HangUp(lane=CALL, leg=caller_leg(CALL)),
    SendOut(lane=CALL, leg=caller_leg(CALL), exit=Exit.ERROR),
    SendOut(lane=CALL, leg=caller_leg(CALL), exit=Exit.MESSAGE, keys=("own_sorry",)),
    OpenDesk(lane=DESK, bridge=DESK),
    CloseDesk(lane=DESK, bridge=DESK),
    RingLine(lane=DESK, leg=line_leg("som", 1), endpoint="x", caller_id="x"),
    SeatLine(lane=DESK, leg=line_leg("som", 1), bridge=DESK),
    RingSpy(lane=DESK, leg=spy_leg("som", 1), endpoint="x", caller_id="x"),
    Snoop(lane=DESK, leg=snoop_leg("som", 1), of=line_leg("dao", 1)),
    Mute(lane=DESK, leg=spy_leg("som", 1), on=True),
    Mute(lane=DESK, leg=spy_leg("som", 1), on=False),
    SeatSpy(lane=DESK, leg=spy_leg("som", 1), bridge=DESK),
    PlayPrompts(lane=CALL, caller=caller_leg(CALL), number=1, keys=("greeting",), language="th"),
    StopPrompts(lane=CALL, caller=caller_leg(CALL), number=1),
    PlayRinging(lane=CALL, leg=leg_of_offer(OFFER), keys=("greeting",), language="th", seconds=9),
    StopRinging(lane=CALL, leg=leg_of_offer(OFFER)),
    SpeakLanguage(lane=CALL, caller=caller_leg(CALL), language="en"),
    Tap(lane=TAPPED, leg=TAPPED, of=caller_leg(CALL)),
    Record(lane=TAPPED, leg=TAPPED),
    Silence(lane=TAPPED, leg=TAPPED, on=True),
    Silence(lane=TAPPED, leg=TAPPED, on=False),
)


class Description:
    """All of /ari/api-docs: models by name, operations by method and path."""

    def __init__(self, asterisk: PrivateAsterisk) -> None:
        plain = f"callcenter:{asterisk.ari_password}".encode()
        self._headers = {"Authorization": "Basic " + base64.b64encode(plain).decode()}
        self._url = asterisk.ari_url
        self.models: dict[str, Any] = {}
        self.operations: dict[tuple[str, str], Any] = {}
        for resource in self._read("resources.json")["apis"]:
            name = resource["path"].rpartition("/")[2].replace("{format}", "json")
            document = self._read(name)
            self.models |= document["models"]
            for api in document["apis"]:
                for operation in api["operations"]:
                    path = re.sub(r"\{\w+\}", "*", api["path"])
                    self.operations[operation["httpMethod"], path] = operation

    def _read(self, name: str) -> Any:
        request = urllib.request.Request(f"{self._url}/api-docs/{name}", headers=self._headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def field(self, model: str, name: str) -> dict[str, Any] | None:
        """A field of a model, also an inherited one."""
        while model:
            if name in self.models[model]["properties"]:
                found: dict[str, Any] = self.models[model]["properties"][name]
                return found
            model = self._parent(model)
        return None

    def _parent(self, model: str) -> str:
        children = {name: known.get("subTypes", []) for name, known in self.models.items()}
        return next((name for name, subs in children.items() if model in subs), "")


@pytest.fixture(scope="module")
def description(real: PrivateAsterisk) -> Description:
    return Description(real)


def fields_in_use() -> Iterator[tuple[type[msgspec.Struct], str]]:
    for struct in MESSAGES:
        for field in msgspec.structs.fields(struct):
            yield struct, field.name


@pytest.mark.parametrize(("struct", "name"), list(fields_in_use()))
def test_a_field_is_what_asterisk_says_it_is(
    description: Description, struct: type[msgspec.Struct], name: str
) -> None:
    model = MESSAGES[struct]
    described = description.field(model, name)
    assert described is not None, f"{model} has no field {name}"
    [ours] = [field for field in msgspec.structs.fields(struct) if field.name == name]
    kinds = typing.get_args(ours.type) if isinstance(ours.type, types.UnionType) else (ours.type,)
    expected = PLAIN.get(described["type"])
    named = {name for struct, name in OBJECTS.items() if struct in kinds}
    assert expected in kinds or described["type"] in named
    if ours.required:
        assert described.get("required") or (model, name) in NEVER_MISSING


def test_every_event_in_use_exists_and_is_let_through(description: Description) -> None:
    known = description.models["Event"]["subTypes"]
    assert set(EVENT_TYPES) <= set(known)
    assert set(EVENT_TYPES) == {event.__name__ for event in wire.EVENTS}


def requests_in_use() -> Iterator[rest.Request]:
    for command in COMMANDS:
        yield from rest.requests_of(command, NAMES)
    room = room_bridge(0)
    enter = EnterRoom(lane=CallId("1"), caller=caller_leg("1"), room=room)
    yield from rest.requests_of(enter, NAMES)
    yield from rest.requests_of(rest.Dial(lane=CallId("1"), leg=leg_of_offer(OFFER)), NAMES)
    yield rest.event_filter("callcenter", EVENT_TYPES)
    yield rest.set_global("X", "1")
    yield rest.reload_module("res_pjsip.so")
    yield rest.ask_leg("1.1")
    yield statistics("1.1")
    yield play(caller_leg("1.1"), "p", "/srv", ["place", "number_1"], "th")
    yield stop("p")
    for path in ("/channels", "/bridges", "/asterisk/info", "/asterisk/ping"):
        yield rest.read(path)


@pytest.mark.parametrize("request_", list(requests_in_use()), ids=lambda r: f"{r.method} {r.path}")
def test_a_request_is_one_that_asterisk_describes(
    description: Description, request_: rest.Request
) -> None:
    kept = {"channels", "bridges", "asterisk", "applications", "modules"}
    kept |= {"moh", "continue", "addChannel", "removeChannel", "eventFilter", "mute", "snoop"}
    kept |= {"variable", "info", "ping", "rtp_statistics", "create", "dial", "play", "playbacks"}
    kept |= {"record", "recordings", "live"}
    parts = [part if part in kept else "*" for part in request_.path.strip("/").split("/")]
    operation = description.operations[request_.method, "/" + "/".join(parts)]
    described = {p["name"]: p["dataType"] for p in operation.get("parameters", [])}
    if "filter" in described:
        return  # the whole body is the filter
    kinds = {
        "string": (str, list),
        "int": (int,),
        "long": (int,),
        "boolean": (bool,),
        "containers": (dict,),
    }
    for name, value in (request_.body or {}).items():
        assert isinstance(value, kinds[described[name]]), name
