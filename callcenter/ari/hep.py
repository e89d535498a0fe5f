"""Asterisk's copies of the SIP messages it sends and receives (hep.conf). They tell which calls it
refuses by itself (refusals.py), which callers acknowledged the answer (handshakes.py), and which
phone was restarted.

Listens on the loopback address only and accepts only copies with the key of this host's Asterisk.
Nearly all copies are dropped at the first look. A few headers are read: of INVITEs, of their
answers and ACKs, and of messages about passwords (guesses.py). No phone number is kept or logged.
This module never sends anything.
"""

import asyncio
import hmac
import re
import socket
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice

import structlog

from callcenter.ari.guesses import Guesses, network_of
from callcenter.ari.handshakes import Handshakes
from callcenter.ari.refusals import Refusals
from callcenter.ports.bans import Network

LOOPBACK = "127.0.0.1"
RETRY_SECONDS = 5.0
COLLECT_SECONDS = 0.1
"""Copies stay in the socket for this long, so that the event loop wakes once for many. Waking for
each was most of their cost. The kernel has room for the copies of more than 100 calls a second.
While a caller's ACK is awaited, copies are read as they come."""
# in one turn of the event loop: less than half a millisecond, since only two or three are INVITEs
AT_ONCE = 128
PER_SECOND = 5_000  # copies read in a second; more are dropped and counted
LONGEST_BYTES = 8_192  # enough for all headers of an ordinary call
WAITING_BYTES = 1 << 20  # the size of the kernel's buffer, as far as the kernel grants it
PHONES_KEPT = 10_000  # phones whose registration Call-ID is kept
CALLS_WITHOUT = 3  # if this many callers came without one copy, Asterisk sends none

READ, DROPPED, FOREIGN = RESULTS = ("read", "dropped", "foreign")

# The header of a HEP chunk is: vendor 0, type, length including these six bytes. Then comes the
# content. Type 15 is the SIP message.
_WANTED = re.compile(rb"\x00\x00\x00\x0f..(?=INVITE |ACK |SIP/2\.0 [4-6]\d\d )", re.DOTALL)
_LOGIN = re.compile(rb"\x00\x00\x00\x0f..(?=[A-Z]+ sips?:)", re.DOTALL)
_LET_IN = re.compile(rb"\x00\x00\x00\x0f..(?=SIP/2\.0 200 )", re.DOTALL)
_SOURCE_PORT, _TARGET_PORT, _KEY, _CALL_ID = 7, 8, 14, 17

_TO_INVITE = b" INVITE\r\n"  # the end of the CSeq line in Asterisk's answer to an INVITE

_CSEQ = re.compile(rb"\nCSeq[ \t]*:\s*(\d{1,10})\s+INVITE\s", re.IGNORECASE)
_TO_TAG = re.compile(rb"\n(?:To|t)[ \t]*:[^\r\n]*?;\s*tag\s*=\s*([^;,\s]+)", re.IGNORECASE)
_TO_USER = re.compile(rb"\n(?:To|t)[ \t]*:[^\r\n]*?\bsips?:([^@;>\r\n]{1,64})@", re.IGNORECASE)
_BRANCH = re.compile(rb"\n(?:Via|v)[ \t]*:[^\r\n]*?;\s*branch\s*=\s*([^;,\s]+)", re.IGNORECASE)
_IN_DIALOG = re.compile(rb"\n(?:To|t)[ \t]*:[^\r\n]*;\s*tag\s*=", re.IGNORECASE)
_OF_REGISTER = re.compile(rb"\nCSeq[ \t]*:\s*\d{1,10}\s+REGISTER\s", re.IGNORECASE)
_LOGS_IN = re.compile(rb"\n(?:Proxy-)?Authorization[ \t]*:", re.IGNORECASE)
_ACCOUNT = re.compile(
    rb"\n(?:Proxy-)?Authorization[ \t]*:[^\r\n]*?\Wusername\s*=\s*\"([^\"\r\n]{0,64})",
    re.IGNORECASE,
)

Address = IPv4Address | IPv6Address

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """One message: its sender, its receiver and its call. `head` begins with its first line."""

    key: bytes
    call_id: bytes
    source: tuple[Address, int]
    target: tuple[Address, int]
    head: bytes


class Hep:
    """The listener. `told` gives how many legs Asterisk has told of by ARI. `ban` is called with a
    network that guesses passwords. `registers_anew` is called with the SIP user of a restarted
    phone, and whether it had another address before."""

    def __init__(
        self,
        port: int,
        key: str,
        told: Callable[[], int],
        ban: Callable[[Network], None],
        registers_anew: Callable[[str, bool], None] = lambda _user, _elsewhere: None,
    ) -> None:
        self._ban = ban
        self._registers_anew = registers_anew
        self._registrations: OrderedDict[bytes, tuple[int, tuple[Address, int]]] = OrderedDict()
        self.refusals = Refusals()
        self.guesses = Guesses()
        self._handshakes: list[Handshakes] = []
        self.datagrams: Counter[str] = Counter(dict.fromkeys(RESULTS, 0))
        self._port = port
        self._key = key.encode()
        self._told = told
        self._trouble = ""
        self._second, self._in_this_second = 0, 0
        self._local: dict[Address, bool] = {}
        self._listening: socket.socket | None = None
        self._hurry = asyncio.Event()

    def handshakes(self) -> Handshakes:
        """Add the waiting-for-ACK list of one more node."""
        made = Handshakes(copies=lambda: self.datagrams[READ] > 0)
        made.read_now = self._read_now
        self._handshakes.append(made)
        return made

    def counted(self) -> dict[tuple[str, str], int]:
        """The number of refusals by class of status and kind."""
        return self.refusals.counted(asyncio.get_running_loop().time())

    def attacked(self) -> int:
        """The number of accounts that are under attack from many addresses."""
        return self.guesses.attacked(asyncio.get_running_loop().time())

    def has_phones(self, network: Network) -> bool:
        """Whether a phone registered from this network within the last hour."""
        return self.guesses.registered_within(network, asyncio.get_running_loop().time())

    def complaint(self) -> str:
        """Why refused calls are not counted, and what to do. Empty when they are counted."""
        if self._trouble:
            return self._trouble
        if self._told() < CALLS_WITHOUT or self.datagrams[READ]:
            return ""
        return (
            "Asterisk sends no copies of its SIP messages, so that calls it refuses by itself are "
            f"not counted: load res_hep_pjsip.so, with hep.conf and its UDP port {self._port}, "
            "and restart Asterisk (dialplans/README.md)."
        )

    async def run(self) -> None:
        """Runs for ever. If the port is taken, it is tried again; calls are not affected."""
        while True:
            try:
                with _bound(self._port) as listening:
                    self._trouble = ""
                    await self._listen(listening)
            except OSError as error:
                if not self._trouble:
                    log.warning("copies of sip cannot be heard", port=self._port, why=str(error))
                self._trouble = (
                    f"UDP port {self._port} of {LOOPBACK} cannot be had ({error.strerror}): calls "
                    "that Asterisk refuses by itself are not counted. See who has it (`ss -lunp`)."
                )
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, listening: socket.socket) -> None:
        self._listening = listening
        while True:
            await _readable(listening)
            if not any(each.are_awaited for each in self._handshakes):
                await self._collect()
            while self._take_some(listening) == AT_ONCE:  # noqa: ASYNC110 - others have their turn
                await asyncio.sleep(0)

    async def _collect(self) -> None:
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(COLLECT_SECONDS):
                await self._hurry.wait()

    def _read_now(self) -> None:
        """An ACK is needed now: read up to AT_ONCE copies, and stop collecting for the next
        read."""
        if self._listening is not None:
            with suppress(OSError):
                self._take_some(self._listening)
            self._hurry.set()

    def _take_some(self, listening: socket.socket) -> int:
        """Read at most AT_ONCE copies; gives how many there were."""
        now, taken = asyncio.get_running_loop().time(), 0
        for datagram in islice(_received(listening), AT_ONCE):
            self.take(datagram, now)
            taken += 1
        return taken

    def take(self, datagram: bytes, now: float) -> None:
        """Handle one copy. Its contents may be anything."""
        if int(now) != self._second:
            self._second, self._in_this_second = int(now), 0
        self._in_this_second += 1
        if self._in_this_second > PER_SECOND:
            self.datagrams[DROPPED] += 1
            return
        if self._key not in datagram:
            self.datagrams[FOREIGN] += 1
            return
        self.datagrams[READ] += 1
        found = _WANTED.search(datagram) or _answers_invite(datagram)
        found = found or _about_passwords(datagram)
        if found is None:
            return
        copy = parsed(datagram, found.start(), found.end())
        if copy is None or not self._is_of_asterisk(copy):
            self.datagrams[READ] -= 1
            self.datagrams[FOREIGN] += 1
            return
        self._look_at_passwords(copy, now)
        self._look_at_handshakes(copy, now)
        self._judge(copy, now)

    def _look_at_handshakes(self, copy: Copy, now: float) -> None:
        """Only of incoming calls: a call that Asterisk makes is answered by the far end."""
        ours, tag = _place(copy.key), _TO_TAG.search(copy.head)
        if tag is None:
            return
        comes, goes = self._is(ours, copy.target), self._is(ours, copy.source)
        if copy.head.startswith(b"ACK ") and comes:
            for each in self._handshakes:
                each.acknowledged(copy.call_id, tag[1], now)
        elif copy.head.startswith(b"SIP/2.0 200 ") and goes and _CSEQ.search(copy.head):
            for each in self._handshakes:
                each.answered(copy.call_id, tag[1], now)

    def _look_at_passwords(self, copy: Copy, now: float) -> None:
        """Over any transport. Asterisk itself logs in nowhere."""
        answer, goes = copy.head.startswith(b"SIP/2.0"), self._is(_place(copy.key), copy.source)
        if answer and goes and copy.head[8:11] == b"200" and _OF_REGISTER.search(copy.head):
            self.guesses.registered(copy.target[0], now)
            self._look_at_registration(copy)
        elif not answer and not goes and _LOGS_IN.search(copy.head):
            account = _ACCOUNT.search(copy.head)
            if self.guesses.guessed(copy.source[0], account[1] if account else b"", now):
                self._ban(network_of(copy.source[0]))

    def _look_at_registration(self, copy: Copy) -> None:
        """A phone keeps the Call-ID of its registrations until it is started again (RFC 3261,
        10.2)."""
        to = _TO_USER.search(copy.head)
        if to is None:
            return
        before = self._registrations.get(to[1])
        self._registrations[to[1]] = (hash(copy.call_id), copy.target)
        if len(self._registrations) > PHONES_KEPT:
            self._registrations.popitem(last=False)
        if before is None or before[0] != hash(copy.call_id):
            elsewhere = before is not None and before[1] != copy.target
            self._registers_anew(to[1].decode("ascii", "replace"), elsewhere)

    def _is_of_asterisk(self, copy: Copy) -> bool:
        return hmac.compare_digest(copy.key.partition(b" ")[0], self._key)

    def _judge(self, copy: Copy, now: float) -> None:
        cseq = _CSEQ.search(copy.head)
        if cseq is None:
            return
        number = int(cseq[1])
        ours = _place(copy.key)
        comes, goes = self._is(ours, copy.target), self._is(ours, copy.source)
        if copy.head.startswith(b"INVITE "):
            branch = _BRANCH.search(copy.head)
            begins = not _IN_DIALOG.search(copy.head) and not _LOGS_IN.search(copy.head)
            if comes and not goes and begins and branch is not None:
                self.refusals.invited(copy.call_id, number, branch[1], now)
        elif goes and not comes and copy.head[8:9] >= b"4":
            self.refusals.refused(copy.call_id, number, int(copy.head[8:11]), now)

    def _is(self, ours: tuple[Address, int] | None, end: tuple[Address, int]) -> bool:
        """Whether `end` is an address of Asterisk. If Asterisk listens on all addresses, this is
        any address of this host."""
        if ours is None or end[1] != ours[1]:
            return False
        return end[0] == ours[0] or (ours[0].is_unspecified and self._is_local(end[0]))

    def _is_local(self, address: Address) -> bool:
        known = self._local.get(address)
        if known is None:
            if len(self._local) > 1_000:
                self._local.clear()
            known = self._local[address] = _can_bind(address)
        return known


def parsed(datagram: bytes, sip_at: int, sip_from: int) -> Copy | None:
    """The copy, read from the chunks before the SIP message at `sip_at`. None if it is not valid
    HEP."""
    if not datagram.startswith(b"HEP3"):
        return None
    chunks: dict[int, bytes] = {}
    at = 6
    while at < sip_at:
        size = int.from_bytes(datagram[at + 4 : at + 6])
        if size < 6:
            return None
        if datagram[at : at + 2] == b"\0\0":
            chunks[int.from_bytes(datagram[at + 2 : at + 4])] = datagram[at + 6 : at + size]
        at += size
    if at != sip_at or _KEY not in chunks or _CALL_ID not in chunks:
        return None
    source, target = _end(chunks, 3, 5, _SOURCE_PORT), _end(chunks, 4, 6, _TARGET_PORT)
    if source is None or target is None:
        return None
    head = datagram[sip_from:].partition(b"\r\n\r\n")[0] + b"\r\n"
    return Copy(chunks[_KEY], chunks[_CALL_ID], source, target, head)


def _answers_invite(datagram: bytes) -> re.Match[bytes] | None:
    """The start of the SIP message if it is a 200 to an INVITE."""
    return _LET_IN.search(datagram) if _TO_INVITE in datagram else None


def _about_passwords(datagram: bytes) -> re.Match[bytes] | None:
    """The start of the SIP message if it proves a password, or accepts a registration."""
    if b"REGISTER" in datagram and (found := _LET_IN.search(datagram)):
        return found
    return _LOGIN.search(datagram) if _LOGS_IN.search(datagram) else None


def _end(chunks: dict[int, bytes], v4: int, v6: int, port: int) -> tuple[Address, int] | None:
    packed = chunks.get(v4) or chunks.get(v6) or b""
    if len(packed) not in (4, 16) or len(chunks.get(port, b"")) != 2:
        return None
    address = ip_address(packed)
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # from a socket for both IPv4 and IPv6
    return address, int.from_bytes(chunks[port])


def _place(key: bytes) -> tuple[Address, int] | None:
    """The address where Asterisk speaks SIP. hep.conf has it behind the key."""
    match key.decode("ascii", "replace").split():
        case [_, address, port] if port.isdigit():
            try:
                return ip_address(address), int(port)
            except ValueError:
                return None
    return None


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WAITING_BYTES)
        listening.bind((LOOPBACK, port))
    except OSError:
        listening.close()
        raise
    return listening


async def _readable(listening: socket.socket) -> None:
    """Wait for the next copy."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(listening, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(listening)


def _received(listening: socket.socket) -> Iterator[bytes]:
    """The copies that have arrived until now."""
    while True:
        try:
            yield listening.recv(LONGEST_BYTES)
        except (BlockingIOError, InterruptedError):
            return


def _can_bind(address: Address) -> bool:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
