"""The fake's REST: one function for each operation in use, with the real one's answers.

Status codes and messages are those of 22.10.1 (resource_channels.c, resource_bridges.c). The
contract suite compares them. PURE.
"""

from collections.abc import Mapping
from functools import partial
from urllib.parse import unquote

import msgspec

from callcenter.ari import wire
from callcenter.ari.rest import OUTWARD, Response
from callcenter.core.commands import Exit
from callcenter.ports.phones import in_domain, without_domain
from tests.fake_asterisk.parts import NAMES, App, Channel
from tests.fake_asterisk.switch import ELSEWHERE, NORMAL, Switch

Body = Mapping[str, object]
VERSION = "22.10.1+fake"
EXITS = frozenset(way.value for way in Exit)
"""The exits to which the dial plan can take a caller."""

DONE = Response(status=204)
NOT_FOUND = Response(status=404, body='{"message":"Resource not found"}')


def answer(switch: Switch, method: str, path: str, body: Body) -> Response:
    """Carry out one request."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    match [method, *parts]:
        case ["POST", "channels", "create"]:
            return _create(switch, body)
        case ["POST", "channels", leg, "dial"]:
            return _dial(switch, leg, body)
        case ["DELETE", "channels", leg]:
            return _hang_up(switch, leg, body)
        case ["POST" | "DELETE", "channels", leg, "moh"]:
            return _music(switch, leg, on=method == "POST")
        case ["POST", "channels", leg, "play", name]:
            return _play(switch, leg, name, body)
        case ["DELETE", "playbacks", name]:
            return _stop(switch, name)
        case ["POST", "channels", leg, "snoop", name]:
            return _snoop(switch, leg, name, body)
        case ["POST", "channels", leg, "record"]:
            return _record(switch, leg, body)
        case ["GET", "recordings", "live", name]:
            kept = switch.kept.get(name)
            live = kept is not None and kept.ended is None
            if not live:
                return _error(404, "Recording not found")
            return Response(status=200, body=msgspec.json.encode({"name": name}).decode())
        case ["POST" | "DELETE", "recordings", "live", name, "mute"]:
            done = switch.silence(name, on=method == "POST")
            return DONE if done else _error(404, "Recording not found")
        case ["POST" | "DELETE", "channels", leg, "mute"]:
            return _mute(switch, leg, body, on=method == "POST")
        case ["POST", "channels", leg, "continue"]:
            return _continue(switch, leg, body)
        case ["POST", "channels", leg, "variable"]:
            if body.get("variable") in ("CHANNEL(language)", "CALLCENTER_MESSAGE"):
                found = _in_app(switch, leg)
                return found if isinstance(found, Response) else DONE
            return _refresh(switch, leg)
        case ["DELETE", "asterisk", "config", "dynamic", "res_pjsip", "contact", _]:
            return DONE
        case ["POST", "bridges", bridge]:
            return _make_bridge(switch, bridge, body)
        case ["DELETE", "bridges", bridge]:
            return _remove_bridge(switch, bridge)
        case ["POST", "bridges", bridge, "addChannel"]:
            return _add(switch, bridge, body)
        case ["POST", "bridges", bridge, "removeChannel"]:
            return _take_out(switch, bridge, body)
        case ["PUT", "applications", name, "eventFilter"]:
            return _filter(switch, name, body)
        case ["GET", "asterisk", variable] if variable.startswith("variable?variable="):
            name = variable.partition("=")[2]
            return Response(
                status=200,
                body=msgspec.json.encode({"value": switch.globals.get(name, "")}).decode(),
            )
        case ["POST", "asterisk", "variable"]:
            switch.globals[str(body["variable"])] = str(body["value"])
            return DONE
        case ["PUT", "asterisk", "modules", _]:
            return DONE
        case ["GET", *rest]:
            return _read(switch, rest)
    return NOT_FOUND


# --- channels ----------------------------------------------------------------------------------


def _create(switch: Switch, body: Body) -> Response:
    """An originator who is gone is silently ignored."""
    endpoint, leg = str(body.get("endpoint", "")), str(body.get("channelId", ""))
    if not all(endpoint.partition("/")[::2]):
        return _error(400, "Invalid endpoint specified")
    if leg in switch.channels:
        return _error(409, "Channel with given unique ID already exists")
    phone = endpoint.removesuffix(f"@{NAMES.domain}")
    if f"@{OUTWARD}" not in phone:  # the number of a citizen is before it
        phone = without_domain(endpoint)
    if endpoint != in_domain(phone, NAMES.domain) or phone in switch.unregistered:
        return Response(status=500, body='{"error":"Allocation failed"}')
    variables = msgspec.convert(body.get("variables", {}), dict[str, str])
    caller_id = variables.get("CONNECTEDLINE(all,i)", "")
    originator = switch.channels.get(str(body.get("originator")))
    if originator is not None:
        originator.watched = True
    channel = switch.make_leg(leg, str(body["app"]), phone, caller_id)
    return _json(channel.as_wire())


def _dial(switch: Switch, leg: str, body: Body) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    if channel.state != "Down":
        return _error(409, "Channel is not in the 'Down' state")
    switch.ring(channel)
    return DONE


def _hang_up(switch: Switch, leg: str, body: Body) -> Response:
    channel = switch.channels.get(leg)
    if channel is None:
        return _error(404, "Channel not found")
    elsewhere = body.get("reason") == "answered_elsewhere"
    switch.end(channel, ELSEWHERE if elsewhere else NORMAL)
    return DONE


def _music(switch: Switch, leg: str, *, on: bool) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    switch.in_turn(channel, partial(setattr, channel, "music", on))
    return DONE


def _play(switch: Switch, leg: str, name: str, body: Body) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    media = msgspec.convert(body.get("media"), list[str])
    switch.in_turn(channel, partial(switch.play, channel, name, media))
    return Response(status=201, body=msgspec.json.encode({"id": name}).decode())


def _stop(switch: Switch, name: str) -> Response:
    for channel in switch.channels.values():
        if channel.playing == name:
            switch.after(switch.timing.stop, partial(switch.played, channel, name))
            return DONE
    return _error(404, "Playback not found")


def _snoop(switch: Switch, leg: str, name: str, body: Body) -> Response:
    channel = switch.channels.get(leg)
    if channel is None:
        return _error(404, "Channel not found")
    if name in switch.channels:
        return _error(409, "Channel with given unique ID already exists")
    heard = (body.get("spy"), body.get("whisper"))
    if heard not in (("both", "out"), ("in", "none"), ("out", "none")):
        return _error(400, "Invalid direction specified for spy")
    made = switch.snoop(channel, name, str(body["app"]))
    made.taps = "" if heard[0] == "both" else str(heard[0])
    return _json(made.as_wire())


def _record(switch: Switch, leg: str, body: Body) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    name = str(body["name"])
    if body.get("format") != "alaw":
        return _error(422, "Unknown format specified")
    if channel.bridge or name in switch.kept:
        return _error(409, "Recording already exists")
    if "terminateOn" in body:
        longest, silence = body["maxDurationSeconds"], body["maxSilenceSeconds"]
        limits = float(str(longest)), float(str(silence))
        switch.in_turn(channel, partial(switch.keep_message, channel, name, *limits))
    else:
        switch.keep(channel, name)
    return Response(status=201, body=msgspec.json.encode({"name": name}).decode())


def _mute(switch: Switch, leg: str, body: Body, *, on: bool) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    if body.get("direction") != "in":
        return _error(400, "Invalid direction specified")
    channel.muted = on
    return DONE


def _continue(switch: Switch, leg: str, body: Body) -> Response:
    channel = _in_app(switch, leg)
    if isinstance(channel, Response):
        return channel
    why = str(body.get("extension"))
    if body.get("context") == "callcenter-out" and why in EXITS:
        switch.in_turn(channel, partial(switch.send_out, channel, why))
    else:
        switch.end(channel)
    return DONE


def _refresh(switch: Switch, leg: str) -> Response:
    channel = switch.channels.get(leg)
    if channel is None:
        return _error(404, "Channel not found")
    switch.ask(channel)
    return DONE


def _in_app(switch: Switch, leg: str) -> Channel | Response:
    channel = switch.channels.get(leg)
    if channel is None:
        return _error(404, "Channel not found")
    return channel if channel.in_app else _error(409, "Channel not in Stasis application")


# --- bridges -----------------------------------------------------------------------------------


def _make_bridge(switch: Switch, bridge: str, body: Body) -> Response:
    if bridge in switch.bridges:
        return _error(409, f"Bridge with id '{bridge}' already exists")
    switch.bridges[bridge] = []
    if body.get("type") == "holding":
        switch.rooms.add(bridge)
    return _json(wire.Bridge(id=bridge, channels=[]))


def _remove_bridge(switch: Switch, bridge: str) -> Response:
    if bridge not in switch.bridges:
        return _error(404, "Bridge not found")
    # The bridge exists until all have left. Until then a new one of that name gets 409, and nobody
    # can join.
    switch.closing.add(bridge)
    leaving = switch.timing.end if switch.bridges[bridge] else 0.0
    switch.after(leaving, partial(_let_bridge_go, switch, bridge))
    return DONE


def _let_bridge_go(switch: Switch, bridge: str) -> None:
    for leg in list(switch.bridges.get(bridge, ())):
        switch.leave_bridge(switch.channels[leg])
    switch.bridges.pop(bridge, None)
    switch.rooms.discard(bridge)
    switch.closing.discard(bridge)


def _add(switch: Switch, bridge: str, body: Body) -> Response:
    if bridge in switch.closing:
        return _error(404, "Bridge not found")
    channels = _bridged(switch, bridge, body)
    if isinstance(channels, Response):
        return channels
    faults, chance = switch.faults, switch.rng.random()
    if chance < faults.join_fails:
        channels = []
    elif chance < faults.join_fails + faults.join_halves:
        channels = channels[:1]
    switch.after(switch.timing.join, partial(_join, switch, channels, bridge))
    return DONE


def _join(switch: Switch, channels: list[Channel], bridge: str) -> None:
    for channel in channels:
        switch.in_turn(channel, partial(switch.enter_bridge, channel, bridge))


def _take_out(switch: Switch, bridge: str, body: Body) -> Response:
    channels = _bridged(switch, bridge, body)
    if isinstance(channels, Response):
        return channels
    if any(channel.bridge != bridge for channel in channels):
        return _error(422, "Channel not in this bridge")
    for channel in channels:
        switch.leave_bridge(channel)
    return DONE


def _bridged(switch: Switch, bridge: str, body: Body) -> list[Channel] | Response:
    """The channels that a request names. The first missing one decides the answer."""
    if bridge not in switch.bridges:
        return _error(404, "Bridge not found")
    found = []
    for leg in msgspec.convert(body.get("channel"), list[str]):
        channel = switch.channels.get(leg)
        if channel is None:
            return _error(400, "Channel not found")
        if not channel.in_app:
            return _error(422, "Channel not in Stasis application")
        found.append(channel)
    return found


# --- the rest ----------------------------------------------------------------------------------


def _filter(switch: Switch, name: str, body: Body) -> Response:
    if name not in switch.apps:
        return _error(404, "Application not found")
    allowed = msgspec.convert(body.get("allowed"), list[dict[str, str]])
    switch.apps[name].allowed = frozenset(entry["type"] for entry in allowed)
    return _application(switch, name)


def _read(switch: Switch, parts: list[str]) -> Response:
    match parts:
        case ["channels"]:
            return _json([channel.as_wire() for channel in switch.channels.values()])
        case ["channels", leg] if leg in switch.channels:
            return _json(switch.channels[leg].as_wire())
        case ["channels", leg, "rtp_statistics"] if leg in switch.channels:
            return _json({"rxcount": switch.channels[leg].packets(switch.now)})
        case ["channels", _] | ["channels", _, "rtp_statistics"]:
            return _error(404, "Channel not found")
        case ["bridges"]:
            return _json([wire.Bridge(id=k, channels=v) for k, v in switch.bridges.items()])
        case ["bridges", bridge] if bridge in switch.bridges:
            return _json(wire.Bridge(id=bridge, channels=switch.bridges[bridge]))
        case ["bridges", _]:
            return _error(404, "Bridge not found")
        case ["applications", name] if name in switch.apps:
            return _application(switch, name)
        case ["endpoints", "PJSIP"]:
            return _json(_endpoints(switch))
        case ["asterisk", "info"]:
            return _json({"system": {"version": VERSION}, "status": {"startup_time": switch.boot}})
        case ["asterisk", "ping"]:
            return _json({"ping": "pong", "timestamp": switch.clock.say(switch.now)})
    return NOT_FOUND


def _endpoints(switch: Switch) -> list[dict[str, object]]:
    """The endpoints in use, and those that are away. A real one lists all."""
    away = switch.unregistered | switch.offline
    legs: dict[str, list[str]] = {
        in_domain(endpoint.removeprefix("PJSIP/"), NAMES.domain): [] for endpoint in away
    }
    for channel in switch.channels.values():
        if channel.endpoint:
            name = channel.endpoint.removeprefix("PJSIP/")
            legs.setdefault(in_domain(name, NAMES.domain), []).append(channel.id)
    return [
        {
            "resource": name,
            "channel_ids": ids,
            "state": "offline" if f"PJSIP/{without_domain(name)}" in away else "online",
        }
        for name, ids in legs.items()
    ]


def _application(switch: Switch, name: str) -> Response:
    app: App = switch.apps[name]
    allowed = [{"type": kind} for kind in sorted(app.allowed or ())]
    legs = [c.id for c in switch.channels.values() if c.app == name and (c.in_app or c.is_operator)]
    return _json({"name": name, "channel_ids": legs, "events_allowed": allowed})


def _json(thing: object) -> Response:
    return Response(status=200, body=msgspec.json.encode(thing).decode())


def _error(status: int, message: str) -> Response:
    return Response(status=status, body=msgspec.json.encode({"message": message}).decode())
