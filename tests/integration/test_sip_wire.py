"""What Asterisk does with raw SIP: where its sound is, what its log keeps, what it answers."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.hotline.sip_tap import SipTap
from tests.parts import PrivateAsterisk
from tests.people import until
from tests.people.sip_message import Message, credentials, token
from tests.people.stranger import Stranger

SIP_PORT, HTTP_PORT, RTP_PORT = 15076, 18111, 21800
NUMBER = "0812345678"

ANSWERED = ("CANCEL", "INFO", "OPTIONS", "PRACK", "REFER", "REGISTER", "UPDATE")
SWALLOWED = ("MESSAGE", "NOTIFY", "PUBLISH", "SUBSCRIBE", "FOO")
"""Asterisk answers none of these inside of a call (dialplans/README.md)."""
IANA = {*ANSWERED, *SWALLOWED, "ACK", "BYE", "INVITE"}
"""The methods of the registry "Session Initiation Protocol (SIP) Parameters", and FOO."""

MALFORMED = (
    (b"SIP/2.0\r\nVia", b"SIP/9.0\r\nVia"),
    (b"INVITE sip:1567", b"INVITE sip:15\xff67"),
    (b"INVITE sip:1567", b"INVITE tel:0812345678"),
    (b"CSeq: 1 INVITE", b"CSeq: x INVITE"),
    (b"CSeq: 1 INVITE", b"CSeq: 1 0812345678"),
    (b"From: <", b'From: "a"b"<'),
    (b"From: <sip:", b"From: <tel:"),
    (b"To: <sip:1567", b"To: <<sip:0812345678"),
    (b"Call-ID: ", b"X: "),
    (b"To: <sip", b"Tosip"),
    (b"Max-Forwards: 70", b"Max-Forwards: 0812345678999999999"),
    (b"Content-Length: ", b"Content-Length: -"),
    (b"Content-Length: ", b"Content-Length: 99999"),
    (b"Contact: <sip:", b"Contact: <http:"),
    (b"Contact:", b"Record-Route: <sip:0812345678\r\nContact:"),
    (b"Contact:", b"Session-Expires: 0812345678x\r\nContact:"),
    (b"Contact:", b'P-Asserted-Identity: "<0812345678\r\nContact:'),
    (b"Contact:", b"Diversion: <<0812345678\r\nContact:"),
    (b"Contact:", b"Remote-Party-ID: <<0812345678\r\nContact:"),
    (b"Via: SIP/2.0/UDP ", b"Via: SIP/2.0/UDP 0812345678.nowhere "),
    (b"m=audio", b"m=0812345678"),
    (b"c=IN", b"c=0812345678"),
    (b"v=0", b"0812345678"),
)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        lifeboat_retries=1,
        lifeboat_turn_seconds=60,
    )
    own.write_operators({"malee": ""})
    with own:
        yield own


class Talk:
    """A call of the trunk's, kept by the lifeboat; requests within it are written by hand."""

    def __init__(self, trunk: Stranger, invite: Message, ok: Message) -> None:
        self.trunk, self._invite, self._ok, self._number = trunk, invite, ok, 1
        self.tell("ACK", number=1)

    def tell(
        self, method: str, *headers: tuple[str, str], body: str = "", number: int | None = None
    ) -> str:
        """Send a request; its CSeq."""
        self._number += number is None
        host, port = self.trunk.to
        sequence = f"{number or self._number} {method}"
        place = f"{self.trunk.address}:{self.trunk.port}"
        request = Message(
            f"{method} sip:{host}:{port} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {place};rport;branch=z9hG4bK{token()}"),
                ("Max-Forwards", "70"),
                ("From", self._invite.get("From")),
                ("To", self._ok.get("To")),
                ("Call-ID", self._invite.get("Call-ID")),
                ("CSeq", sequence),
                ("Contact", self._invite.get("Contact")),
                *headers,
            ],
            body,
        )
        self.trunk.send(request.encoded())
        return sequence

    def answer(self, sequence: str) -> int:
        """The final status; 0 as long as there is none."""
        mine = (a for a in self.trunk.answers if a.get("Call-ID") == self._invite.get("Call-ID"))
        return next((a.status for a in mine if a.get("CSeq") == sequence and a.status >= 200), 0)

    @property
    def replaces(self) -> str:
        """What another INVITE would name this call by."""
        ours, theirs = (m.get(n).split("tag=")[1] for m, n in self._tagged())
        return f"{self._invite.get('Call-ID')};to-tag={theirs};from-tag={ours}"

    def _tagged(self) -> tuple[tuple[Message, str], ...]:
        return (self._invite, "From"), (self._ok, "To")

    async def goes_on(self) -> None:
        """Nobody has hung up, and Asterisk still knows it."""
        asked = self.tell("OPTIONS")
        assert await until(lambda: self.answer(asked), within=5) == 200
        call = self._invite.get("Call-ID")
        mine = (a for a in self.trunk.answers if a.get("Call-ID") == call)
        assert not [a for a in mine if a.start.startswith("BYE")]


async def final(stranger: Stranger, request: Message) -> Message:
    """The final answer to a request that begins something."""

    def found() -> Message | None:
        call = request.get("Call-ID")
        mine = (a for a in stranger.answers if a.get("Call-ID") == call and a.status >= 200)
        return next(mine, None)

    return await until(found, within=5)


@pytest.fixture
async def talk(asterisk: PrivateAsterisk) -> AsyncIterator[Talk]:
    trunk = await Stranger.at("127.0.0.1", to=("127.0.0.1", SIP_PORT))
    invite = trunk.request("INVITE", "1567", as_user=NUMBER)
    trunk.send(invite.encoded())
    ok = await until(lambda: next((a for a in trunk.answers if a.status == 200), None), within=5)
    talk = Talk(trunk, invite, ok)
    yield talk
    ended = talk.tell("BYE")
    await until(lambda: talk.answer(ended), within=5)
    trunk.close()


def test_sound_is_where_sip_is(talk: Talk) -> None:
    sockets = [line.split()[1] for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    places = [place.split(":") for place in sockets]
    ours = [at for at, port in places if RTP_PORT <= int(port, 16) < RTP_PORT + 200]
    assert ours and set(ours) == {"0100007F"}, "127.0.0.1, as SIP"


async def test_no_packet_is_in_the_log(asterisk: PrivateAsterisk) -> None:
    trunk = await Stranger.at("127.0.0.1", to=("127.0.0.1", SIP_PORT))
    for right, wrong in MALFORMED:
        packet = trunk.request("INVITE", "1567", as_user=NUMBER).encoded()
        assert right in packet
        trunk.send(packet.replace(right, wrong, 1))
    trunk.send(trunk.request("OPTIONS", "1567").encoded())
    asked = "1 OPTIONS"
    await until(lambda: any(a.get("CSeq") == asked for a in trunk.answers), within=5)
    trunk.close()
    asterisk.console("logger rotate")  # what was said before is written then
    logs = asterisk.directory / "log"
    said = "".join(log.read_text(errors="replace") for log in logs.glob("[mo]*"))
    assert "ERROR" in said, "it has complained of some"
    assert NUMBER not in said


ALONE = {"ACK", "INVITE"}  # ACK has no answer, and an INVITE begins a call


@pytest.mark.parametrize("who", ["trunk", "stranger", "phone"])
async def test_every_method_there_is_has_its_answer_outside_of_a_call(
    asterisk: PrivateAsterisk, who: str
) -> None:
    """All of the IANA registry, and one that is in none."""
    address = "127.0.0.1" if who == "trunk" else "127.0.0.9"
    asks = await Stranger.at(address, to=("127.0.0.1", SIP_PORT))
    user = {"trunk": NUMBER, "stranger": "somebody", "phone": "op-malee"}[who]
    told = {}
    for method in sorted(IANA - ALONE):
        request = asks.request(method, "1567", as_user=user, headers=(("Event", "presence"),))
        asks.send(request.encoded())
        answer = await final(asks, request)
        if who == "phone" and answer.status == 401:
            proof = credentials(
                answer.get("www-authenticate"),
                user=user,
                secret="secret-malee",
                method=method,
                uri=request.start.split()[1],
            )
            proves = (("Authorization", proof), ("Event", "presence"))
            again = asks.request(method, "1567", as_user=user, headers=proves)
            asks.send(again.encoded())
            answer = await final(asks, again)
        told[method] = answer.status
    asks.close()
    nobody = {"BYE": 481, "CANCEL": 481}
    if who == "stranger":
        assert told == {**dict.fromkeys(IANA - ALONE, 401), **nobody}
    else:
        refused = dict.fromkeys(IANA - ALONE, 501)
        register = 200 if who == "phone" else 403
        known = {"OPTIONS": 200, "PUBLISH": 489, "REGISTER": register, "SUBSCRIBE": 603}
        assert told == {**refused, **nobody, **known}


@pytest.mark.parametrize("method", [*ANSWERED, *SWALLOWED])
async def test_whatever_is_asked_in_a_call_it_goes_on(talk: Talk, method: str) -> None:
    """`SWALLOWED` is what has no answer; when Asterisk learns to give one, this test says so."""
    sequence = talk.tell(method)
    if method in SWALLOWED:
        await talk.goes_on()
        assert talk.answer(sequence) == 0
    else:
        assert await until(lambda: talk.answer(sequence), within=3) >= 200
        await talk.goes_on()


async def test_no_invite_leaves_for_a_target_that_somebody_names(
    asterisk: PrivateAsterisk, talk: Talk
) -> None:
    """The targets are a place where somebody listens, so that an INVITE would be answered."""
    tap = SipTap(asterisk)
    premium = f"<sip:{NUMBER}@{talk.trunk.address}:{talk.trunk.port}>"
    talk.tell("REFER", ("Refer-To", premium))
    talk.tell("REFER", ("Refer-To", premium.replace(">", f"?Replaces={token()}>")))
    talk.tell("INFO", ("Refer-To", premium), ("Record-Route", premium))
    talk.tell("UPDATE", ("Diversion", premium), ("Refer-To", premium))
    again = talk.trunk.request(
        "INVITE",
        "1567",
        as_user=NUMBER,
        headers=(("Replaces", talk.replaces), ("Refer-To", premium), ("Diversion", premium)),
    )
    talk.trunk.send(again.encoded())

    assert (await final(talk.trunk, again)).status == 401
    await talk.goes_on()
    assert not tap.invites()
    assert not [a for a in talk.trunk.answers if re.match("INVITE", a.start)]


@pytest.mark.parametrize("form", ["{}", "\r\n {}", "\t{}", "{};early-only", "{};x=y", "x{}"])
@pytest.mark.parametrize("name", ["Replaces", "replaces", "REPLACES ", "Replaces\t"])
async def test_nobody_takes_over_a_call(talk: Talk, name: str, form: str) -> None:
    """From the trunk's address, and as a phone with its right password."""
    replaces = (name, form.format(talk.replaces))
    invite = talk.trunk.request("INVITE", "1567", as_user=NUMBER, headers=(replaces,))
    talk.trunk.send(invite.encoded())
    assert (await final(talk.trunk, invite)).status == 401
    await talk.goes_on()
    phone = await Stranger.at("127.0.0.9", to=("127.0.0.1", SIP_PORT))
    asked = phone.request("INVITE", "1567", as_user="op-malee")
    phone.send(asked.encoded())
    proof = credentials(
        (await final(phone, asked)).get("www-authenticate"),
        user="op-malee",
        secret="secret-malee",
        method="INVITE",
        uri=asked.start.split()[1],
    )
    logs_in = ("Authorization", proof)
    again = phone.request("INVITE", "1567", as_user="op-malee", headers=(logs_in, replaces))
    phone.send(again.encoded())
    assert (await final(phone, again)).status == 401
    await talk.goes_on()
    phone.close()


async def test_who_would_take_over_a_call_from_within_another_ends_their_own(talk: Talk) -> None:
    """What is within a call is not identified anew: Asterisk tries it, and ends who asked."""
    trunk = await Stranger.at("127.0.0.1", to=("127.0.0.1", SIP_PORT))
    invite = trunk.request("INVITE", "1567", as_user=NUMBER)
    trunk.send(invite.encoded())
    other = Talk(trunk, invite, await final(trunk, invite))
    offer = ("Content-Type", "application/sdp")
    again = other.tell("INVITE", ("Replaces", talk.replaces), offer, body=invite.body)
    await until(lambda: any(a.start.startswith("BYE") for a in trunk.answers), within=5)
    other.tell("ACK", number=int(again.split()[0]))
    await talk.goes_on()
    trunk.close()


async def test_a_phone_is_let_in_with_its_password(asterisk: PrivateAsterisk) -> None:
    """So that what is refused above is refused for Replaces alone."""
    phone = await Stranger.at("127.0.0.9", to=("127.0.0.1", SIP_PORT))
    asked = phone.request("INVITE", "1567", as_user="op-malee")
    phone.send(asked.encoded())
    proof = credentials(
        (await final(phone, asked)).get("www-authenticate"),
        user="op-malee",
        secret="secret-malee",
        method="INVITE",
        uri=asked.start.split()[1],
    )
    headers = (("Authorization", proof),)
    again = phone.request("INVITE", "1567", as_user="op-malee", headers=headers)
    phone.send(again.encoded())
    assert (await final(phone, again)).status == 403, "it dials nowhere"
    phone.close()


async def test_nobody_bans_the_trunk(asterisk: PrivateAsterisk) -> None:
    """By writing its address on datagrams; whom the service does ban is refused."""
    bans = asterisk.config_directory / "bans.pjsip.conf"
    bans.write_text("deny = 127.0.0.9\ndeny = 127.0.0.1\n")
    asterisk.console("module reload res_pjsip.so")
    stranger = await Stranger.at("127.0.0.9", to=("127.0.0.1", SIP_PORT))
    trunk = await Stranger.at("127.0.0.1", to=("127.0.0.1", SIP_PORT))

    async def refused() -> bool:
        return await stranger.asks("OPTIONS", "x") == 403

    await until(refused, within=5)
    assert await trunk.asks("OPTIONS", "x") == 200
    stranger.close()
    trunk.close()
    bans.unlink()
    asterisk.console("module reload res_pjsip.so")
