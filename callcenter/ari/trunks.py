"""The trunks: whether the carrier answers, and how many calls are on each. Asked every few seconds.

Telemetry reads the numbers at a scrape. This module decides nothing: it reports that a trunk is
down. The calls on that trunk go on or end by themselves.

Asterisk's `state` of an endpoint depends on how the trunk is set up (seen on 22.10.1). Without a
contact it is always "offline". With a contact that is not asked it is always "online". It is right
only if Asterisk sends the carrier OPTIONS (`qualify_frequency` of its AOR), and only then is it
reported. Requests to the trunk's own endpoint go nowhere (`outbound_proxy`). So a second endpoint
with the carrier's address is asked (`asked_name`), as for a phone with a fixed contact.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar
from urllib.parse import quote

import msgspec
import structlog

from callcenter.ari import rest, wire
from callcenter.ports.phones import asked_name, in_domain
from callcenter.runtime.pulse import pulse

LOOK_SECONDS = 10.0

Kind = TypeVar("Kind")
Ask = Callable[[rest.Request], Awaitable[rest.Response]]

log = structlog.get_logger(__name__)


class Trunks:
    """What is known of each trunk now, by its name. A trunk that is in neither table is unknown.

    A trunk's name is the name of its endpoint in pjsip.conf, without the domain.
    """

    def __init__(self, names: Callable[[], Collection[str]], domain: str) -> None:
        self.up: dict[str, bool] = {}  # only trunks whose carrier is asked
        self.channels_in_use: dict[str, int] = {}
        self._names = names
        self._domain = domain

    async def watch(self, ask: Ask) -> None:
        """Look again and again, until cancelled. Then everything is forgotten."""
        try:
            while True:
                await self.look(ask)
                await pulse(LOOK_SECONDS)
        finally:
            self.up.clear()
            self.channels_in_use.clear()

    async def look(self, ask: Ask) -> None:
        """Look once. Without a readable answer the trunk's state is unknown from now on."""
        names = set(self._names())
        for name in (self.up.keys() | self.channels_in_use.keys()) - names:
            self._set(name, None, None)
        for name in sorted(names):
            trunk = await _endpoint(ask, in_domain(name, self._domain))
            up = await _answers(ask, in_domain(asked_name(name), self._domain))
            self._set(name, up if trunk else None, len(trunk.channel_ids) if trunk else None)

    def _set(self, name: str, up: bool | None, in_use: int | None) -> None:
        if up is not self.up.get(name):
            log.info("a trunk is otherwise", trunk=name, up=up)
        _put(self.up, name, up)
        _put(self.channels_in_use, name, in_use)


def _put(numbers: dict[str, Kind], name: str, number: Kind | None) -> None:
    if number is None:
        numbers.pop(name, None)
    else:
        numbers[name] = number


async def _endpoint(ask: Ask, name: str) -> wire.Endpoint | None:
    """Its state and channels. None if Asterisk has no such endpoint or did not answer."""
    answer = await ask(rest.read(f"/endpoints/PJSIP/{quote(name, safe='')}"))
    return _decoded(answer, wire.Endpoint)


async def _answers(ask: Ask, name: str) -> bool | None:
    """Whether the carrier answers. None if it is not asked, or Asterisk does not say."""
    if not await _is_asked(ask, name):
        return None
    endpoint = await _endpoint(ask, name)
    return endpoint.state == "online" if endpoint else None


async def _is_asked(ask: Ask, name: str) -> bool:
    """Whether Asterisk sends OPTIONS to a contact of this endpoint."""
    endpoint = await settings_of(ask, "endpoint", name)
    for aor in filter(None, endpoint.get("aors", "").split(",")):
        settings = await settings_of(ask, "aor", aor.strip())
        if settings.get("contact") and settings.get("qualify_frequency", "0") != "0":
            return True
    return False


async def settings_of(ask: Ask, kind: str, name: str) -> dict[str, str]:
    """The settings of an object of pjsip.conf that are in force. Empty if there is no such
    object."""
    path = f"/asterisk/config/dynamic/res_pjsip/{kind}/{quote(name, safe='')}"
    pairs = _decoded(await ask(rest.read(path)), list[wire.ConfigPair])
    return {pair.attribute: pair.value for pair in pairs or ()}


def _decoded(answer: rest.Response, kind: type[Kind]) -> Kind | None:
    if answer.status != 200:
        return None
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError:
        return None
