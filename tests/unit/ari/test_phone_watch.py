"""Which phones are away, and which of those are dead."""

import asyncio
import json

import pytest

from callcenter.ari import phone_watch, rest, wire
from callcenter.ari.phone_watch import PATH, PhoneWatch, Seen
from callcenter.core.events import PhoneLost, PhonesSeen
from tests.people import until


def endpoint(name: str, state: str, *channels: str) -> wire.Endpoint:
    return wire.Endpoint(resource=f"{name}@k3f7w2xa", channel_ids=list(channels), state=state)


def channel(leg: str) -> wire.Channel:
    return wire.Channel(
        id=leg,
        state="Up",
        caller=wire.CallerId(number=""),
        dialplan=wire.Dialplan(app_name="Stasis", app_data=""),
        creationtime="",
    )


def test_a_phone_that_registers_is_away_when_it_is_offline() -> None:
    watch = PhoneWatch()
    seen = watch.see([endpoint("op-som", "offline"), endpoint("op-malee", "online")])
    assert seen.away == {"PJSIP/op-som"}
    assert watch.see([endpoint("trunk", "offline")]).away == frozenset()


def test_behind_an_edge_a_phone_that_was_not_asked_for_yet_is_away() -> None:
    watch = PhoneWatch(edge=True)
    states = {"op-som": "unknown", "op-malee": "online", "op-somchai": "offline"}
    seen = watch.see([endpoint(name, state) for name, state in states.items()])
    assert seen.away == {"PJSIP/op-som", "PJSIP/op-somchai"}


def test_a_contact_is_away_only_after_it_has_answered() -> None:
    watch = PhoneWatch()
    watch.phones_are({"op-som": "sip:som@192.0.2.7"})
    offline = [endpoint("op-som", "online"), endpoint("asked-op-som", "offline")]
    assert watch.see(offline).away == frozenset()  # perhaps it never answers OPTIONS
    watch.see([endpoint("op-som", "online"), endpoint("asked-op-som", "online")])
    assert watch.see(offline).away == {"PJSIP/op-som"}


def test_another_contact_has_not_answered_yet_and_a_registration_needs_none() -> None:
    watch = PhoneWatch()
    watch.phones_are({"op-som": "sip:som@192.0.2.7"})
    watch.see([endpoint("asked-op-som", "online")])
    watch.phones_are({"op-som": "sip:som@192.0.2.8"})
    assert watch.see([endpoint("asked-op-som", "offline")]).away == frozenset()
    watch.see([endpoint("asked-op-som", "online")])
    watch.phones_are({"op-som": None})  # Asterisk goes on telling of the endpoint
    assert watch.see([endpoint("asked-op-som", "offline")]).away == frozenset()


def test_a_phone_that_is_away_is_dead_when_no_packet_comes_and_that_is_told_once() -> None:
    watch = PhoneWatch()
    seen = watch.see([endpoint("op-som", "offline", "offer-1-1.1")])
    [(phone, leg)] = watch.to_listen_to(seen)
    assert phone == "PJSIP/op-som"
    looks = [(10, 1.0), (60, 2.0), (None, 3.0), (60, 4.0)]
    assert [watch.is_lost(leg, *look) for look in looks] == [False, False, False, True]
    assert watch.to_listen_to(seen) == []


def test_two_looks_one_right_after_the_other_do_not_make_a_phone_dead() -> None:
    """The first was held up, the second came with the next pulse: no packet was due between."""
    watch = PhoneWatch()
    seen = watch.see([endpoint("op-som", "offline", "offer-1-1.1")])
    [(_, leg)] = watch.to_listen_to(seen)
    looks = [(10, 1.94), (10, 1.95), (60, 2.92), (60, 2.93), (60, 3.89)]
    assert [watch.is_lost(leg, *look) for look in looks] == [False, False, False, False, True]


def test_a_phone_that_is_away_and_has_the_talk_on_hold_sends_nothing_and_is_not_dead() -> None:
    """Its caller has music, and it may be back: a registration was lost."""
    watch = PhoneWatch()
    leg = "offer-1-1.1"
    seen = watch.see([endpoint("op-som", "offline", leg)])
    watch.hear(wire.ChannelHold(timestamp="", channel=channel(leg)))
    seen = watch.see([endpoint("op-som", "offline", leg)])
    looks = [(10, 1.0), (10, 3.0), (10, 15.5), (10, 16.0)]
    assert watch.to_listen_to(seen) == [("PJSIP/op-som", leg)]
    assert [watch.is_lost(leg, *look) for look in looks] == [False, False, False, True]


def test_after_the_hold_a_phone_that_is_away_and_silent_is_dead() -> None:
    watch = PhoneWatch()
    leg = "offer-1-1.1"
    watch.see([endpoint("op-som", "offline", leg)])
    watch.hear(wire.ChannelHold(timestamp="", channel=channel(leg)))
    watch.hear(wire.ChannelUnhold(timestamp="", channel=channel(leg)))
    assert [watch.is_lost(leg, *look) for look in [(10, 1.0), (10, 2.0)]] == [False, True]


def test_legs_of_a_phone_that_is_back_are_told_once() -> None:
    watch = PhoneWatch()
    leg = "offer-1-1.1"
    online = [endpoint("op-som", "online", leg), endpoint("op-malee", "online", "offer-1-1.2")]
    assert watch.see(online).returned == frozenset()
    assert watch.see([endpoint("op-som", "offline", leg)]).returned == frozenset()
    assert watch.see(online).returned == {leg}
    assert watch.see(online).returned == frozenset()
    assert watch.legs_at("op-som") == [leg]


async def test_nobody_is_dead_while_the_edge_that_asks_for_the_phones_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A phone may say nothing in a talk (silence suppression, hold) while the edge is restarted."""
    monkeypatch.setattr(phone_watch, "pulse", lambda: asyncio.sleep(0.01))
    monkeypatch.setattr(phone_watch, "SILENT_SECONDS", 0.05)
    edge_is_there = False
    asked = 0
    told: list[PhonesSeen | PhoneLost] = []

    async def reaches_phones() -> bool:
        nonlocal asked
        asked += 1
        return edge_is_there

    async def ask(request: rest.Request) -> rest.Response:
        away = {"technology": "PJSIP", "resource": "op-som", "state": "offline"}
        endpoints = [{**away, "channel_ids": ["offer-1-1.1"]}]
        body = endpoints if request.path == PATH else {"rxcount": 7}
        return rest.Response(status=200, body=json.dumps(body))

    watch = PhoneWatch(edge=True, reaches_phones=reaches_phones)
    watching = asyncio.create_task(watch.watch(ask, told.append, Seen(), lambda _: None))
    await until(lambda: asked >= 20, within=5)
    assert not any(isinstance(each, PhoneLost) for each in told)
    edge_is_there = True
    await until(lambda: PhoneLost(endpoint="PJSIP/op-som") in told, within=5)
    watching.cancel()
