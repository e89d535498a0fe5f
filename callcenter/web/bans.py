"""Addresses banned from SIP: those that guess passwords, and those that an administrator bans."""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.ports.bans import Ban, Bans, Network, NoBanError, plain_network, shown_network
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

endpoints = Endpoints("bans")

DAY_SECONDS = 86_400
ADDRESS = r"[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?"
Address = Annotated[
    str,
    Meta(
        pattern=rf"^{ADDRESS}$(?!\n)",
        description="an IP address or a network: 192.0.2.66, 198.51.100.0/24, 2001:db8:0:1::/64",
        examples=["192.0.2.66"],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of bans work with."""

    bans: Bans


class BanView(msgspec.Struct):
    """A ban. `by_hand`: an administrator made it, and the audit has it. Otherwise it is for
    guessing."""

    address: str
    until: datetime
    by_hand: bool


class BanList(msgspec.Struct):
    """The bans in force."""

    bans: list[BanView]


class NewBan(msgspec.Struct, forbid_unknown_fields=True):
    """The address to ban, and for how long. It may be banned already. `also_phones`: ban it even if
    a phone registered from it within the last hour."""

    address: Address
    seconds: Annotated[int, Meta(ge=60, le=366 * DAY_SECONDS)] = DAY_SECONDS
    also_phones: bool = False


@endpoints.get("/bans", needs=Role.ADMINISTRATOR)
async def list_bans(request: Request[Parts]) -> BanList:
    """List the addresses that are banned from SIP now."""
    return BanList(bans=[_view(ban) for ban in request.parts.bans.all()])


@endpoints.post("/bans", needs=Role.ADMINISTRATOR, status=201, problems=("no_ban",))
async def add_ban(request: Request[Parts], body: NewBan) -> BanView:
    """Ban an address or a network. Within 10 s Asterisk answers 403 to all it sends.

    A call in progress goes on as long as it needs no SIP message. This host and the trunks cannot
    be banned. An address at which a phone registered needs `also_phones`.
    """
    network = _read(body.address)
    if network is None:
        faults = ["address: like 192.0.2.66 or 198.51.100.0/24"]
        raise Problem("invalid", "That is no IP address or network.", faults=faults)
    try:
        ban = request.parts.bans.ban(network, body.seconds, also_phones=body.also_phones)
    except NoBanError as error:
        raise Problem("no_ban", str(error)) from error
    await request.note("ban.added", shown_network(ban.network), seconds=body.seconds)
    return _view(ban)


@endpoints.delete("/bans/{ban}", needs=Role.ADMINISTRATOR, status=204, problems=("unknown_ban",))
async def lift_ban(request: Request[Parts]) -> None:
    """Lift a ban, within 10 s. An address that guesses again is banned again.

    In the address of a network the slash is written %2F.
    """
    network = _read(request.path["ban"])
    if network is None or not request.parts.bans.lift(network):
        raise Problem("unknown_ban", "GET /api/v1/bans lists those there are.")
    await request.note("ban.lifted", shown_network(network))


def _read(text: str) -> Network | None:
    """The network; None if the text only looks like an address."""
    try:
        return plain_network(ip_network(text, strict=False))
    except ValueError:
        return None


def _view(ban: Ban) -> BanView:
    until = datetime.fromtimestamp(ban.until, UTC)
    return BanView(address=shown_network(ban.network), until=until, by_hand=ban.by_hand)


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_ban": ProblemKind(404, "There is no such ban"),
        "no_ban": ProblemKind(409, "That address cannot be banned"),
    },
    path_patterns={"ban": ADDRESS},
)
