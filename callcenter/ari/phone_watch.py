"""The state of the operators' phones: in a call that is not ours, away, or dead in the middle of a
call. (A call that is not ours may be the lifeboat's: its calls go on when the service is back.)

This module reports and the engine decides. It does not look into a call that is not ours.

What Asterisk says (`state` of the endpoint, seen on 22.10.1): a phone that registers is offline
when it is not registered. That is so at once when it unregisters, when its websocket closes, or
when it has not answered OPTIONS (pjsip.conf asks every few seconds). A phone with a fixed contact
that is asked also becomes offline when it does not answer, and then Asterisk does not ring it. But
some phones never answer OPTIONS. So a second endpoint with the same contact (`asked_name`) is asked
instead, and the phone counts as away only if it has answered before.

A phone that seems away may still talk: a request was lost, or the phone registers again. It is dead
if no sound came from it either, for at least `SILENT_SECONDS`. (Two looks can follow each other
closely when the first one was held up.) A phone that holds the talk by its own key sends no sound,
and its caller has music: it is dead after `HELD_SECONDS`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

import msgspec

from callcenter.ari import rest, wire
from callcenter.ari.translate import ours as ours_of
from callcenter.core.events import PhoneLost, PhonesSeen
from callcenter.core.ids import THE_NODE, NodeId
from callcenter.core.legs import OperatorLeg, channel_of
from callcenter.ports.phones import is_sip_user, user_of_asked, without_domain
from callcenter.runtime.pulse import pulse

PATH = "/endpoints/PJSIP"
"""Asked at every pulse. It takes 1.4 ms for a thousand phones."""

SILENT_SECONDS = 0.5
"""25 packets of 20 ms. Looks are one pulse apart, unless one is late."""

HELD_SECONDS = 15.0
"""A phone that lost its registration by a fault of the network has made a new one by then."""

Ask = Callable[[rest.Request], Awaitable[rest.Response]]
Tell = Callable[[PhonesSeen | PhoneLost], None]
Looked = Callable[[Iterable[str]], None]
Reaches = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of one look. `ours` are the legs that we made, `legs` those of phones that are
    away."""

    elsewhere: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    legs: frozenset[tuple[str, str]] = frozenset()  # endpoint, leg
    # legs of phones that were away at the last look and are back
    returned: frozenset[str] = frozenset()
    ours: frozenset[tuple[str, OperatorLeg]] = frozenset()  # endpoint, leg


class PhoneWatch:
    """What is known of the phones. It is kept over all connections."""

    def __init__(
        self,
        *,
        edge: bool = False,
        node: NodeId = THE_NODE,
        reaches_phones: Reaches | None = None,
    ) -> None:
        """`edge` means that phones are asked through a SIP edge, which answers for each of them.
        `reaches_phones` says whether the edge is there, and has been for long enough to ask the
        phones."""
        self._reaches_phones = reaches_phones
        self._edge = edge
        self._node = node
        self._fixed: dict[str, str] = {}
        self._answered: set[str] = set()  # fixed contacts that have answered
        self._heard: dict[str, tuple[int, float]] = {}
        """For legs of phones that are away: the packets received, and since when there are no
        more."""
        self._lost: set[str] = set()  # legs already reported
        self._held: set[str] = set()  # legs whose phone has the talk on hold
        self._latest = Seen()

    def phones_are(self, contacts: Mapping[str, str | None]) -> None:
        """Set the phones by user, with the contacts of those that do not register. (Asterisk still
        reports an endpoint that was removed from its settings.)"""
        fixed = {user: contact for user, contact in contacts.items() if contact}
        self._answered = {u for u in self._answered if fixed.get(u) == self._fixed.get(u)}
        self._fixed = fixed

    def see(self, endpoints: Iterable[wire.Endpoint]) -> Seen:
        """Read the answer to a GET of PATH."""
        elsewhere: set[str] = set()
        away: set[str] = set()
        channels: dict[str, list[str]] = {}
        for each in endpoints:
            name, online = without_domain(each.resource), each.state == "online"
            endpoint = f"PJSIP/{name}"
            if (user := user_of_asked(name)) is not None:
                if user not in self._fixed:
                    continue
                if online:
                    self._answered.add(user)
                elif user in self._answered:
                    away.add(f"PJSIP/{user}")
                continue
            channels[endpoint] = each.channel_ids
            if any(ours_of(channel, self._node) is None for channel in each.channel_ids):
                elsewhere.add(endpoint)
            not_there = each.state != "online" if self._edge else each.state == "offline"
            if not_there and is_sip_user(name):
                away.add(endpoint)
        self._held.intersection_update(chain.from_iterable(channels.values()))
        ours = {
            (phone, leg)
            for phone, names in channels.items()
            for name in names
            if (leg := ours_of(name, self._node)) is not None
        }
        legs = {(phone, channel_of(leg)) for phone, leg in ours if phone in away}
        returned = {channel_of(leg) for phone, leg in ours if phone in self._latest.away - away}
        self._latest = Seen(
            elsewhere=frozenset(elsewhere),
            away=frozenset(away),
            ours=frozenset(ours),
            legs=frozenset(legs),
            returned=frozenset(returned),
        )
        return self._latest

    def legs_at(self, user: str) -> list[str]:
        """The legs that we had at this phone at the last look."""
        return [channel_of(leg) for phone, leg in self._latest.ours if phone == f"PJSIP/{user}"]

    def hear(self, event: wire.Event) -> None:
        """Follow by an event which phones have their talk on hold."""
        match event:
            case wire.ChannelHold(channel=channel):
                self._held.add(channel.id)
            case wire.ChannelUnhold(channel=channel) | wire.ChannelDestroyed(channel=channel):
                self._held.discard(channel.id)
            case _:
                pass

    async def watch(self, ask: Ask, tell: Tell, known: Seen, looked: Looked) -> None:
        """Look at every pulse, and report what differs from `known`. `looked` is called with the
        legs of phones that are back. Runs until cancelled."""
        while True:
            await pulse()
            seen = self._decoded(await ask(rest.read(PATH)))
            if seen is None:  # no answer: nothing is known to have changed
                continue
            if (seen.elsewhere, seen.away) != (known.elsewhere, known.away):
                tell(PhonesSeen(elsewhere=seen.elsewhere, away=seen.away, node=self._node))
            known = seen
            looked(seen.returned)
            listen_to = self.to_listen_to(seen)
            if listen_to and self._reaches_phones and not await self._reaches_phones():
                # without the edge every phone seems away, and a phone may be silent in a talk
                continue
            for endpoint, leg in listen_to:
                heard = packets(await ask(statistics(leg)))
                if self.is_lost(leg, heard, asyncio.get_running_loop().time()):
                    tell(PhoneLost(endpoint=endpoint))

    def to_listen_to(self, seen: Seen) -> list[tuple[str, str]]:
        """Endpoints and legs of phones that seem away. Their sound must be checked."""
        legs = {leg for _, leg in seen.legs}
        self._heard = {leg: count for leg, count in self._heard.items() if leg in legs}
        self._lost &= legs
        return sorted(each for each in seen.legs if each[1] not in self._lost)

    def is_lost(self, leg: str, count: int | None, now: float) -> bool:
        """Whether no packet has come for long enough."""
        if count is None:
            return False
        heard, since = self._heard.get(leg, (-1, now))
        if heard != count:
            self._heard[leg] = (count, now)
            return False
        lost = now - since >= (HELD_SECONDS if leg in self._held else SILENT_SECONDS)
        if lost:
            self._lost.add(leg)
        return lost

    def _decoded(self, answer: rest.Response) -> Seen | None:
        if answer.status != 200:
            return None
        try:
            return self.see(wire.decode_endpoints(answer.body))
        except msgspec.DecodeError:
            return None


def statistics(leg: str) -> rest.Request:
    """The request for the RTP statistics of a leg."""
    return rest.read(f"/channels/{quote(leg, safe='')}/rtp_statistics")


def packets(answer: rest.Response) -> int | None:
    """RTP packets received so far. None if unknown: a leg that rings has no sound."""
    if answer.status != 200:
        return None
    try:
        return msgspec.json.decode(answer.body, type=wire.RTPstat).rxcount
    except msgspec.DecodeError:
        return None
