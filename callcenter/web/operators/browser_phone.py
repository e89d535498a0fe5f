"""The console's page as an operator's phone. It gets a SIP password for as long as the log-in
lasts, and replaces the operator's other phone during that time.

The page then speaks SIP through sip_carrier.py. One window is the phone. Another window is refused
until its person says `take`.
"""

import secrets

import msgspec

from callcenter.core.facts import OperatorState
from callcenter.ports.people import OperatorCard, Role
from callcenter.ports.phones import PhonesError, sip_user
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, find_card
from callcenter.web.texts import WindowName

IN_CALL = (OperatorState.RINGING, OperatorState.ON_CALL)
DOMAIN = "asterisk"
"""The domain after the @: an alias of the real domain of the names (ari/phone_files.py)."""


class Window(msgspec.Struct, forbid_unknown_fields=True):
    """The window that wants to be the phone. `take`: even if another window is the phone."""

    window: WindowName
    take: bool = False


class BrowserPhone(msgspec.Struct):
    """The data with which the page registers, at the websocket /api/v1/sip?window=…"""

    sip_user: str
    sip_secret: str
    sip_domain: str


@endpoints.put(
    "/operators/{operator}/browser-phone",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "used_elsewhere", "phone_in_use", "phones_not_told"),
)
async def use_browser_phone(request: Request[Parts], body: Window) -> BrowserPhone:
    """Make this window the operator's phone.

    The SIP password is valid as long as the log-in. A later log-in replaces it. A phone registered
    elsewhere is not rung until the log-in ends, or DELETE is sent.
    """
    card = await _own_card(request)
    parts, given = request.parts, request.person.token_hash
    if given is None:
        raise Problem("not_allowed", "Only a log-in in the browser can be a phone.")
    if card.browser_secret is None:
        _require_no_call(request, card)
    if not parts.windows.claim(card.operator, body.window, take=body.take):
        raise Problem("used_elsewhere", "Take it here, or go on in the other window.")
    secret = card.browser_secret
    if secret is None or card.browser_session != given:
        secret = secrets.token_urlsafe(24)
        await parts.accounts.give_phone(given, secret)
        await parts.roster.read_again()
        await request.note("phone.browser", card.operator)
    await _tell_asterisk(parts)
    return BrowserPhone(sip_user=sip_user(card.operator), sip_secret=secret, sip_domain=DOMAIN)


@endpoints.delete(
    "/operators/{operator}/browser-phone",
    needs=Role.OPERATOR,
    status=204,
    problems=("unknown_operator", "phone_in_use", "phones_not_told"),
)
async def use_other_phone(request: Request[Parts]) -> None:
    """Ring the operator's other phone again."""
    card = await _own_card(request)
    if request.person.token_hash is None or card.browser_secret is None:
        return
    _require_no_call(request, card)
    await request.parts.accounts.give_phone(request.person.token_hash, None)
    request.parts.windows.free(card.operator)
    await request.parts.roster.read_again()
    await request.note("phone.other", card.operator)
    await _tell_asterisk(request.parts)


async def _own_card(request: Request[Parts]) -> OperatorCard:
    if request.person.name != request.path["operator"]:
        raise Problem("not_allowed", "A phone in the browser is one's own.")
    return await find_card(request)


def _require_no_call(request: Request[Parts], card: OperatorCard) -> None:
    found = request.engine.state.operators.get(card.operator)
    if found is not None and found.state in IN_CALL:
        raise Problem("phone_in_use", "End the call first.")


async def _tell_asterisk(parts: Parts) -> None:
    try:
        await parts.roster.publish()
    except PhonesError as error:
        raise Problem("phones_not_told", "Try again in a moment.", retry_seconds=2) from error
