"""Floods and strangers: what somebody outside, or a phone that was tampered with, can send."""

import asyncio
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random

import aiohttp

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab
from tests.people.carrier import Carrier
from tests.people.phone import forwards
from tests.people.sip_message import Message, speech_offer, token
from tests.people.stranger import Stranger

ELSEWHERE = "127.0.0.9"  # nobody was told of this address
MUTATIONS = 2000
SERVED_SECONDS = 60.0  # 100 people who talk for 1 to 3 s, by ten operators: 25 s
NEVER_ACKNOWLEDGED_SECONDS = 32.0 + 15.0  # until the last of such calls is gone, on a busy machine
MANY_PORTS = (20_000, 29_999)
BOMB_BYTES = 200_000_000
HEALTHZ_SECONDS = 2.0  # on a machine that does other things besides
HOSTILE_NAMES = (
    "'; drop table calls; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202eevil\u202c",
    "ก" * 300,
    "x" * 4000,
    "${SHELL(id)}",
    "\udcff\udcfe\udc80",
    "a\tb\x01\x7f",
)
INSIDE = ("1567", "op-op00", "s", "lifeboat", "00441632960000", "Local%2f1567%40from-trunk")


# --- floods


async def ten_times_as_many(lab: Lab, _chance: Random) -> None:
    """25 calls a second for four seconds. Those of the burst before are served first, while nobody
    else calls: more people at once than that this machine cannot play."""
    crowd = lab.crowd
    await crowd.ends()
    began = time.monotonic()
    while len(crowd.waiting) > len(crowd.phones):
        await asyncio.sleep(0.2)
        if time.monotonic() - began > SERVED_SECONDS:
            lab.broken.append(f"{len(crowd.waiting)} were not served within {SERVED_SECONDS:g} s")
            break
    crowd.begins()
    await crowd.burst(100)


async def flood(lab: Lab, chance: Random) -> None:
    """A thousand requests a second for three, from an address that is nobody's."""
    stranger = await Stranger.at(ELSEWHERE, to=lab.hotline.sip)
    lab.undo.callback(stranger.close)
    for _ in range(150):
        for _ in range(20):
            method = chance.choice(("INVITE", "OPTIONS", "REGISTER"))
            stranger.send(stranger.request(method, chance.choice(INSIDE)).encoded())
        stranger.answers.clear()
        await asyncio.sleep(0.02)


def with_all_its_ports(lab: Lab) -> None:
    """As many as it has by default: the room of a small lab is full of calls that nobody makes, and
    from the trunk's only address good calls and bad ones have the same share of it."""
    asterisk = lab.hotline.asterisk
    first, last = MANY_PORTS
    asterisk.settings = replace(asterisk.settings, rtp_port_first=first, rtp_port_last=last)


async def mutations(lab: Lab, chance: Random) -> None:
    """Requests with flipped, missing and doubled bytes, from the trunk's own address."""
    lab.strangers_call = True
    lab.last_orphans_seconds = NEVER_ACKNOWLEDGED_SECONDS
    switch = await Stranger.at("127.0.0.1", to=lab.hotline.sip)
    lab.undo.callback(switch.close)
    for number in range(MUTATIONS):
        method = chance.choice(("INVITE", "INVITE", "OPTIONS", "BYE", "CANCEL", "UPDATE"))
        data = bytearray(switch.request(method, "1567", as_user="0899999999").encoded())
        for _ in range(chance.randint(1, 4)):
            where = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[where] = chance.randrange(256)
                case 1:
                    del data[where : where + chance.randint(1, 8)]
                case _:
                    data[where:where] = data[where : where + chance.randint(1, 30)]
        switch.send(bytes(data))
        if number % 10 == 0:
            switch.answers.clear()
            await asyncio.sleep(0.02)


# --- money


async def premium_number(lab: Lab) -> Carrier:
    """Where an INVITE must never arrive. It listens as long as the strike lasts."""
    listens = Premium(0)
    await listens.comes_back()

    def look() -> None:
        if listens.invited:
            lab.broken.append(f"{listens.invited} INVITEs left for a number of a stranger's choice")
        listens.goes_away()

    lab.undo.callback(look)
    return listens


class Premium(Carrier):
    """Counts what it is invited to."""

    invited = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.invited += data.startswith(b"INVITE")
        super().datagram_received(data, addr)


async def redirect(lab: Lab, chance: Random) -> None:
    """A phone answers every ring with 302; the one who made it do so knows Asterisk's names."""
    listens = await premium_number(lab)
    target, domain = f"sip:premium@127.0.0.1:{listens.port}", lab.hotline.asterisk.domain
    phone = chance.choice(lab.crowd.phones)
    works, before = phone.habit, len(phone.calls)
    targets = (
        f"PJSIP/trunk@{domain}/{target}",
        target,
        f"PJSIP/op-{phone.name}@{domain}/{target}",
        "Local/1567@from-trunk",
        "PJSIP/0044163296000@trunk",
    )
    for to in (targets[0], *chance.sample(targets[1:], 2)):
        phone.habit = forwards(to)
        for _ in range(100):
            if len(phone.calls) > before:
                break
            await asyncio.sleep(0.05)
        before = len(phone.calls)
    phone.habit = works
    await asyncio.sleep(2)  # the pause of who declined


async def toll_fraud(lab: Lab, chance: Random) -> None:
    """Numbers dialled without a password, passwords guessed, transfers out of a talk."""
    listens = await premium_number(lab)
    target = f"sip:premium@127.0.0.1:{listens.port}"
    stranger = await Stranger.at(ELSEWHERE, to=lab.hotline.sip)
    lab.undo.callback(stranger.close)
    for user in INSIDE:
        for method in ("INVITE", "REFER", "REGISTER"):
            headers = (("Refer-To", f"<{target}>"), ("Diversion", f"<{target}>"))
            stranger.send(stranger.request(method, user, headers=headers).encoded())
    await asyncio.sleep(1)
    if any(200 <= answer.status < 300 for answer in stranger.answers):
        lab.broken.append("a stranger was let in")
    for phone in chance.sample(lab.crowd.phones, 3):
        if (call := phone.now) is not None and call.is_up:
            call.ask("REFER", ("Refer-To", f"<{target}>"), ("Referred-By", f"<{target}>"))
    await asyncio.sleep(1)


# --- what is not SIP


async def without_a_right(lab: Lab, _chance: Random) -> None:
    """ARI and the API without a password, with a wrong one, and from a foreign web page."""
    ari, api = lab.hotline.asterisk.ari_url, lab.hotline.api.url
    guess = aiohttp.encode_basic_auth("callcenter", "callcenter")
    page = {"Origin": "https://evil.example"}
    tries = [
        ("GET", f"{ari}/channels", {}),
        ("POST", f"{ari}/channels?endpoint=Local/1567@from-trunk&app=x", {}),
        ("GET", f"{ari}/channels", {"Authorization": guess}),
        ("DELETE", f"{ari}/channels/x", {"Authorization": guess, **page}),
        ("GET", f"{ari}/events?app=callcenter", {"Upgrade": "websocket", **page}),
        ("GET", f"{api}/api/v1/operators", page),
        ("POST", f"{api}/api/v1/operators", {"Authorization": "Bearer guess", **page}),
        ("GET", f"{api}/api/v1/calls", {"Cookie": "session=guess"}),
    ]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        for method, url, headers in tries:
            async with session.request(method, url, headers=headers) as answer:
                if answer.status < 400:
                    lab.broken.append(f"{method} {url.rpartition('/')[2][:20]}: {answer.status}")


@cache
def bomb() -> bytes:
    """So many zeros, deflated to a thousandth."""
    press = zlib.compressobj()
    pieces = [press.compress(b"0" * 1_000_000) for _ in range(BOMB_BYTES // 1_000_000)]
    return b"".join([*pieces, press.flush()])


async def deflate(lab: Lab, _chance: Random) -> None:
    """Twelve bodies that inflate to 200 MB each, at the door where people log in."""
    url, body = lab.hotline.api.url, await asyncio.to_thread(bomb)
    headers = {"Content-Encoding": "deflate", "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=30)

    async def send(session: aiohttp.ClientSession) -> None:
        try:
            async with session.post(f"{url}/api/v1/sessions", data=body, headers=headers) as answer:
                await answer.read()
        except aiohttp.ClientError:
            return  # hung up on: so much the better

    async with aiohttp.ClientSession(timeout=timeout) as session:
        sending = [asyncio.create_task(send(session)) for _ in range(12)]
        slowest = 0.0
        while not all(task.done() for task in sending):
            began = time.monotonic()
            async with session.get(f"{url}/healthz") as answer:
                await answer.read()
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.1)
        await asyncio.gather(*sending)
    if slowest > HEALTHZ_SECONDS:
        lab.broken.append(f"/healthz answered after {slowest:.1f} s")


async def sip_over_a_websocket(lab: Lab, _chance: Random) -> None:
    """From the host itself, where the trunk's address is: it is no trunk."""
    where = lab.hotline.asterisk.ari_url.replace("http", "ws", 1).removesuffix("/ari") + "/ws"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            where, protocols=("sip",), headers={"Origin": "https://evil.example"}
        ) as socket,
    ):
        target = f"sip:1567@127.0.0.1:{lab.hotline.sip[1]}"
        headers = [
            ("Via", f"SIP/2.0/WS evil.invalid;branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:0812345678@127.0.0.1>;tag={token()}"),
            ("To", f"<{target}>"),
            ("Call-ID", token()),
            ("CSeq", "1 INVITE"),
            ("Contact", "<sip:0812345678@evil.invalid;transport=ws>"),
            ("Content-Type", "application/sdp"),
        ]
        invite = Message(f"INVITE {target} SIP/2.0", headers, speech_offer("127.0.0.1", 40_000))
        await socket.send_bytes(invite.encoded())
        try:
            while True:
                heard = await socket.receive(timeout=2)
                data = heard.data if isinstance(heard.data, bytes) else str(heard.data).encode()
                if data.startswith(b"SIP/2.0 2"):
                    lab.broken.append("an INVITE over the websocket was answered as the trunk's")
                    lab.strangers_call = True
                    return
                if not data.startswith(b"SIP/2.0 1"):
                    return
        except TimeoutError:
            return


# --- callers with odd headers


async def hostile_names(lab: Lab, chance: Random) -> None:
    """SQL, HTML, formulas, control characters, long and reversed text where a name should be."""
    for name in chance.sample(HOSTILE_NAMES, 5):
        number = f"07{chance.randrange(10**8):08d}"
        evil = name.replace('"', "")
        await lab.crowd.calls_as(number, from_header=f'"{evil}" <sip:{number}@127.0.0.1>')


def odd_call_ids(chance: Random) -> Iterator[str]:
    """Bytes that are no UTF-8, and some that are seldom seen."""
    for odd in ("\udcff\udcfe", "\udc80", "ก", '"<>', "%00%ff", "\udce0\udca4"):
        yield f"a{odd}{chance.getrandbits(32):x}"


async def call_id_bytes(lab: Lab, chance: Random) -> None:
    for call_id in odd_call_ids(chance):
        await lab.crowd.calls_as(f"07{chance.randrange(10**8):08d}", call_id=call_id)


FAULTS = (
    Fault(
        name="F21",
        says="100 callers within four seconds, ten times as many as usual",
        strikes=ten_times_as_many,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F23",
        says="1,000 requests a second for 3 s from an unknown address",
        strikes=flood,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F33",
        says="toll fraud: numbers dialled without a password, REFER, Diversion to an outside line",
        strikes=toll_fraud,
    ),
    Fault(
        name="F34",
        says="ARI and API are tried without a right: no password, a guess, a foreign page",
        strikes=without_a_right,
    ),
    Fault(
        name="F36",
        says="callers' names with SQL, HTML, formulas, control and reversing characters, 4 kB",
        strikes=hostile_names,
    ),
    Fault(
        name="redirect-302",
        says="a phone answers rings with 302 to targets written for Asterisk, whose names it knows",
        strikes=redirect,
    ),
    Fault(
        name="deflate",
        says="12 bodies at the log-in that inflate to 200 MB each",
        strikes=deflate,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="call-id-bytes",
        says="callers whose Call-ID has bytes that are no UTF-8, quotes, percent signs",
        strikes=call_id_bytes,
    ),
    Fault(
        name="websocket-trunk",
        says="an INVITE over Asterisk's websocket, from the trunk's address",
        strikes=sip_over_a_websocket,
    ),
    Fault(
        name="trunk-mutations",
        says=f"{MUTATIONS:,} mutated requests in 4 s from the trunk's own address",
        prepares=with_all_its_ports,
        strikes=mutations,
        lasts_seconds=(1, 2),
        bounds=Bounds(recovery_seconds=10),
    ),
)
