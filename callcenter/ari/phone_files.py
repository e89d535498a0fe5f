"""The operators' phones, written where Asterisk reads them.

Implements `ports.phones.Phones` with two files beside Asterisk's own settings. operators.pjsip.conf
says who may register, and with which password (mode 0600). lifeboat.queues.conf says whose phone
rings while the service is away. Asterisk is asked to read a file until it says that it has, and
again only when the file changed. A value that could begin another line or section is never written.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from callcenter.ari import rest, wire
from callcenter.ports.phones import (
    CONTACT,
    OPERATOR_ID,
    Phone,
    PhonesError,
    asked_name,
    endpoint,
    in_domain,
)

PHONES_FILE = "operators.pjsip.conf"
LIFEBOAT_FILE = "lifeboat.queues.conf"
_MODULES = {PHONES_FILE: "res_pjsip.so", LIFEBOAT_FILE: "app_queue.so"}
_ALIASES = ("asterisk", "127.0.0.1", "localhost")
"""Other domains that a phone over a websocket may give: the realm of its password, and what a
browser on the host itself writes. Asterisk ignores the transport's domain there, and such a phone
must not be taken for a trunk at the same address."""
_SECRET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


class PhoneFiles:
    """The two files in Asterisk's settings directory."""

    def __init__(
        self,
        directory: Path,
        ask: Ask,
        domain: str,
        published: Callable[[Mapping[str, str | None]], None] = lambda contacts: None,
        edge: str = "",
    ) -> None:
        """`published` is called with each user's contact (None if the phone registers). `edge` is
        the address of the SIP edge as the nodes see it: phones register there, and are reached
        through it."""
        self.behind = False  # whether Asterisk has not read all that was to be published
        self._directory = directory
        self._ask = ask
        self._domain = domain
        self._published = published
        self._edge = edge
        self._read: dict[str, str] = {}  # what Asterisk said it has read, by file
        # users who may register, with their passwords
        self._registering: dict[str, str] | None = None

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        """Make exactly these phones known. With `anew` Asterisk reads everything again. Raises
        PhonesError if Asterisk could not be told: publish them again later."""
        self.behind = True
        if anew:
            self._read.clear()
        for phone in phones:
            require_harmless(phone)
        texts = {
            PHONES_FILE: phones_text(phones, self._domain, self._edge),
            LIFEBOAT_FILE: lifeboat_text(phones, self._domain),
        }
        old = [] if self._edge else await self._old_registrations(phones)
        # write all files first: Asterisk may be starting, and reads them
        for name, text in texts.items():
            await self._write(name, text)
        for name, text in texts.items():
            if self._read.get(name) != text:
                await self._have_read(name)
                self._read[name] = text
        for aor, uri in old:
            await self._ask(rest.forget_contact(aor, uri))
        fixed = {phone.sip_user: phone.contact for phone in phones}
        self._published(dict.fromkeys(fixed) if self._edge else fixed)
        self._registering = {p.sip_user: p.secret for p in phones if not p.contact}
        self.behind = False

    async def _old_registrations(self, phones: Sequence[Phone]) -> list[tuple[str, str]]:
        """Registrations of phones that were removed, have another contact now, or were replaced (a
        desk phone by the browser, or the other way round). Asterisk keeps a registration until it
        expires, and would go on ringing that phone."""
        contacts = {phone.sip_user: phone.contact for phone in phones}
        secrets = {phone.sip_user: phone.secret for phone in phones}
        known = secrets if self._registering is None else self._registering
        found = []
        for user in sorted(known):
            if user not in contacts or contacts[user] or known[user] != secrets[user]:
                found += [
                    (user, uri) for uri in await self._contacts(user) if uri != contacts.get(user)
                ]
        return found

    async def _contacts(self, user: str) -> list[str]:
        """The addresses at which a phone is rung at present, registrations included."""
        answer = await self._ask(rest.read(f"/asterisk/config/dynamic/res_pjsip/aor/{user}"))
        if answer.status != 200:
            return []
        try:
            pairs = msgspec.json.decode(answer.body, type=list[wire.ConfigPair])
        except msgspec.DecodeError:
            return []
        told = next((pair.value for pair in pairs if pair.attribute == "contact"), "")
        return [uri for uri in told.split(",") if uri]

    async def _write(self, name: str, text: str) -> None:
        try:
            await asyncio.to_thread(replace_file, self._directory / name, text)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise PhonesError(
                f"{self._directory / name} cannot be written ({reason}): set "
                "CALLCENTER_ASTERISK_CONFIG_DIR to Asterisk's settings directory"
            ) from error

    async def _have_read(self, name: str) -> None:
        """Have Asterisk read a file. Only 204 means that it has; with 409 it may have read the file
        too early."""
        response = await self._ask(rest.reload_module(_MODULES[name]))
        if response.status == rest.NO_ANSWER:
            raise PhonesError(f"Asterisk is not connected: it has not read {name} yet")
        if response.status != 204:
            raise PhonesError(
                f"Asterisk would not read {name} again (status {response.status}): "
                f"`asterisk -rx 'module reload {_MODULES[name]}'` says why"
            )


def phones_text(phones: Sequence[Phone], domain: str, edge: str = "") -> str:
    """The text of operators.pjsip.conf, made from the templates of pjsip.conf: three sections for
    each phone, five if it does not register, and the aliases of the domain. Behind an edge (its
    address and port) phones are reached through it, and nobody registers here."""
    if edge:
        return _HEAD + "".join(_edge_text(phone, domain, edge) for phone in _sorted(phones))
    aliases = (f"[{alias}]\ntype = domain_alias\ndomain = {domain}\n" for alias in _ALIASES)
    sections = (_phone_text(phone, domain) for phone in _sorted(phones))
    return "".join((_HEAD, *aliases, *sections))


def lifeboat_text(phones: Sequence[Phone], domain: str) -> str:
    """The text of lifeboat.queues.conf: one member for each operator at work."""
    at_work = (endpoint(phone.operator) for phone in _sorted(phones) if phone.logged_in)
    return _HEAD + "".join(f"member => {in_domain(name, domain)}\n" for name in at_work)


def _phone_text(phone: Phone, domain: str) -> str:
    user = phone.sip_user
    kind = "operator-browser-phone" if phone.browser else "operator-phone"
    sections = (
        f"[{in_domain(user, domain)}]({kind})\nauth = {user}\naors = {user}\n"
        f"[{user}](operator-phone-auth)\nusername = {user}\npassword = {phone.secret}\n"
        f"[{user}](operator-phone-aor)\n"
    )
    if not phone.contact:
        return f"{sections}\n"
    asked, place = asked_name(user), f"contact = {phone.contact}\n"
    return (
        f"{sections}{place}qualify_frequency = 0\nmax_contacts = 0\n"
        f"[{in_domain(asked, domain)}](asked-phone)\naors = {asked}\n"
        f"[{asked}](asked-phone-aor)\n{place}\n"
    )


def _edge_text(phone: Phone, domain: str, edge: str) -> str:
    user = phone.sip_user
    kind = "edge-browser-phone" if phone.browser else "edge-phone"
    return (
        f"[{in_domain(user, domain)}]({kind})\naors = {user}\n"
        f"[{user}](edge-phone-aor)\ncontact = sip:{user}@{edge}\n\n"
    )


def _sorted(phones: Sequence[Phone]) -> list[Phone]:
    return sorted(phones, key=lambda phone: phone.operator)


def require_harmless(phone: Phone) -> None:
    """Raises PhonesError for a phone with a value that could begin another line of a settings
    file."""
    name_is_good = OPERATOR_ID.fullmatch(phone.operator) is not None
    contact_is_good = phone.contact is None or CONTACT.fullmatch(phone.contact) is not None
    if not (name_is_good and contact_is_good and phone.secret and _SECRET.issuperset(phone.secret)):
        raise PhonesError(
            f"the phone of operator {phone.operator!r} has a name, contact or secret that cannot "
            "stand in Asterisk's settings; remove the operator and add it again"
        )


def replace_file(path: Path, text: str) -> None:
    """Replace the whole file in one step. A file that has this content already is left alone."""
    if path.exists() and path.read_bytes() == text.encode():
        return
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    with open(aside, "x", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    owner = path.parent.stat()
    if os.geteuid() == 0:
        # the directory is Asterisk's, and so must be the file
        os.chown(aside, owner.st_uid, owner.st_gid)
    aside.rename(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


_HEAD = "; Written by the service; changes made here are lost.\n"
