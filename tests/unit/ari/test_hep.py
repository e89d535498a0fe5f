"""Copies of SIP, as Asterisk 22.10.1 sends them: what is read in them and what is not."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

import pytest

from callcenter.ari.guesses import ACCOUNT_GUESSES, GUESSES, GUESSES_AT_ATTACKED
from callcenter.ari.hep import AT_ONCE, DROPPED, FOREIGN, PER_SECOND, READ, Hep
from callcenter.ari.refusals import TRY_AGAIN_SECONDS
from callcenter.core.events import CallArrived
from callcenter.core.ids import CallId
from tests.people import until

KEY = "0123456789abcdef"
TRUNK, ASTERISK = ("192.0.2.7", 5060), ("192.0.2.1", 5060)
PHONE = ("192.0.2.50", 5060)
INVITE = (
    "INVITE sip:1567@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;rport;branch=z9hG4bK{way}\r\n"
    "From: <sip:0812345678@192.0.2.7>;tag=a\r\nTo: <sip:1567@192.0.2.1>{to}\r\nCall-ID: call\r\n"
    "CSeq: {number} INVITE\r\n{more}\r\n"
)
ANSWER = (
    "SIP/2.0 {status} Whatever\r\nVia: SIP/2.0/UDP 192.0.2.7;rport;branch=z9hG4bK1\r\n"
    "From: <sip:0812345678@192.0.2.7>;tag=a\r\nTo: <sip:1567@192.0.2.1>;tag=b\r\nCall-ID: call\r\n"
    "CSeq: {number} {method}\r\nAllow: OPTIONS, INVITE\r\n\r\n"
)


def chunk(kind: int, content: bytes) -> bytes:
    return bytes(2) + kind.to_bytes(2) + (6 + len(content)).to_bytes(2) + content


def copied(
    text: str,
    source: tuple[str, int],
    target: tuple[str, int],
    key: str = f"{KEY} 192.0.2.1 5060",
    call_id: str = "call",
) -> bytes:
    """In the order in which res_hep.so writes the chunks."""
    addresses = [ip_address(source[0]), ip_address(target[0])]
    v6 = addresses[0].version == 6
    body = chunk(1, b"\x0a" if v6 else b"\x02") + chunk(2, b"\x11")
    body += chunk(7, source[1].to_bytes(2)) + chunk(8, target[1].to_bytes(2))
    body += chunk(9, bytes(4)) + chunk(10, bytes(4)) + chunk(11, b"\x01") + chunk(12, bytes(4))
    body += chunk(5 if v6 else 3, addresses[0].packed) + chunk(6 if v6 else 4, addresses[1].packed)
    body += chunk(14, key.encode()) + chunk(17, call_id.encode()) + chunk(15, text.encode())
    return b"HEP3" + (6 + len(body)).to_bytes(2) + body


def invite(
    source: tuple[str, int] = TRUNK,
    target: tuple[str, int] = ASTERISK,
    *,
    more: str = "",
    to: str = "",
    **key: str,
) -> bytes:
    return copied(INVITE.format(way=1, to=to, number=1, more=more), source, target, **key)


def answer(
    status: int = 488,
    source: tuple[str, int] = ASTERISK,
    target: tuple[str, int] = TRUNK,
    method: str = "INVITE",
    **key: str,
) -> bytes:
    text = ANSWER.format(status=status, number=1, method=method)
    return copied(text, source, target, **key)


def heard(*datagrams: bytes) -> tuple[int, Hep]:
    hep = Hep(9, KEY, told=lambda: 0, ban=lambda network: None)
    hear(hep, *datagrams)
    return sum(hep.refusals.counted(1.0 + TRY_AGAIN_SECONDS).values()), hep


def hear(hep: Hep, *datagrams: bytes) -> None:
    for datagram in datagrams:
        hep.take(datagram, 1.0)


def test_what_asterisk_refuses_to_the_trunk_is_counted() -> None:
    assert heard(invite(), answer())[0] == 1


@pytest.mark.parametrize(
    ("why", "datagrams"),
    [
        ("a phone refused", (invite(ASTERISK, PHONE), answer(486, PHONE, ASTERISK))),
        ("within a dialog", (invite(to=";tag=b"), answer())),
        ("a phone that dials", (invite(more="Authorization: Digest x\r\n"), answer(403))),
        ("another method", (invite(), answer(method="BYE"))),
        ("nothing wrong", (invite(), answer(200))),
        ("no key", (invite(key="x 192.0.2.1 5060"), answer(key="x 192.0.2.1 5060"))),
        ("no place", (invite(key=KEY), answer(key=KEY))),
        ("no SIP address", (invite(key=f"{KEY} here 5060"), answer(key=f"{KEY} here 5060"))),
    ],
)
def test_what_is_no_refused_call_is_not_counted(why: str, datagrams: tuple[bytes, ...]) -> None:
    assert heard(*datagrams)[0] == 0, why


def ack(tag: str, source: tuple[str, int] = TRUNK, target: tuple[str, int] = ASTERISK) -> bytes:
    head = f"ACK sip:192.0.2.1 SIP/2.0\r\nTo: <sip:1567@192.0.2.1>;tag={tag}\r\nCSeq: 1 ACK\r\n\r\n"
    return copied(head, source, target)


@pytest.mark.parametrize(
    ("datagrams", "waits"),
    [
        ((answer(200), ack("b")), False),
        ((answer(200),), True),
        ((answer(200), ack("of-a-refusal")), True),
        ((answer(200, method="BYE"), ack("b")), True),
        ((answer(200, PHONE, ASTERISK), ack("b", ASTERISK, PHONE)), True),
        ((answer(200), ack("b", ASTERISK, TRUNK)), True),
    ],
)
def test_who_acknowledged_the_answer_is_known(datagrams: tuple[bytes, ...], waits: bool) -> None:
    somsri = CallArrived(call=CallId("1"), did="1567", caller="", age_seconds=0.0)
    hep = Hep(9, KEY, told=lambda: 0, ban=lambda network: None)
    nodes = hep.handshakes(), hep.handshakes()
    hear(hep, *datagrams)
    assert [node.holds(somsri, "call", 1.0) for node in nodes] == [waits, waits]


def test_an_asterisk_that_listens_on_all_addresses_is_known_by_those_of_this_host() -> None:
    here, key = ("127.0.0.1", 5060), f"{KEY} 0.0.0.0 5060"
    count, _ = heard(invite(target=here, key=key), answer(source=here, key=key))
    assert count == 1
    offered = invite(here, PHONE, key=key), answer(486, PHONE, here, key=key)
    assert heard(*offered)[0] == 0


def register(source: tuple[str, int], proof: str) -> bytes:
    text = INVITE.format(way=1, to="", number=1, more=proof).replace("INVITE", "REGISTER")
    return copied(text, source, ASTERISK)


@pytest.mark.parametrize(
    "proof",
    [
        'Authorization: Digest username="op-a", realm="asterisk"\r\n',
        'authorization : Digest realm="asterisk",\tUSERNAME = "op-a"\r\n',
        'Proxy-Authorization: Digest username="op-a"\r\n',
    ],
)
def test_guesses_at_one_account_are_counted_by_account(proof: str) -> None:
    banned: list[str] = []
    hep = Hep(9, KEY, told=lambda: 0, ban=lambda network: banned.append(str(network)))
    for number in range(ACCOUNT_GUESSES):
        hep.take(register((f"203.0.113.{number}", 5060), proof), 1.0)
    assert hep.guesses.attacked(2.0) == 1
    for _ in range(GUESSES_AT_ATTACKED):
        hep.take(register(("192.0.2.66", 5060), proof), 2.0)
    assert banned == ["192.0.2.66/32"]


def test_ipv4_on_a_socket_of_both_is_ipv4() -> None:
    """Else all of IPv4 were one address, of which one phone would vouch for every guesser."""
    banned: list[str] = []
    hep = Hep(9, KEY, told=lambda: 0, ban=lambda network: banned.append(str(network)))
    ours, key = ("::ffff:192.0.2.1", 5060), f"{KEY} :: 5060"
    proof = 'Authorization: Digest username="op-a"\r\n'
    text = INVITE.format(way=1, to="", number=1, more=proof).replace("INVITE", "REGISTER")
    let_in = ANSWER.format(status=200, number=1, method="REGISTER")
    hep.take(copied(let_in, ours, ("::ffff:192.0.2.51", 5060), key), 1.0)
    for _ in range(GUESSES):
        hep.take(copied(text, ("::ffff:192.0.2.66", 5060), ours, key), 2.0)
    assert banned == ["192.0.2.66/32"]


def test_ipv6_is_read() -> None:
    carrier, ours, key = ("2001:db8::7", 5060), ("2001:db8::1", 5060), f"{KEY} 2001:db8::1 5060"
    count, _ = heard(invite(carrier, ours, key=key), answer(488, ours, carrier, key=key))
    assert count == 1


def mangled() -> Iterator[bytes]:
    """Cut anywhere, or with any byte another."""
    for whole in (invite(), answer()):
        yield from (whole[:size] for size in range(len(whole)))
        for at in range(len(whole)):
            for byte in (0, 0xFF, whole[at] ^ 0x20):
                yield whole[:at] + bytes([byte]) + whole[at + 1 :]


def test_whatever_comes_is_survived() -> None:
    _, hep = heard(*mangled())
    assert hep.datagrams[FOREIGN] > 100
    hep.take(invite(), 9.0)
    hep.take(answer(), 9.0)
    assert sum(hep.refusals.counted(99.0).values()) >= 1


def test_what_a_stranger_puts_into_a_message_is_no_message() -> None:
    inside = copied("OPTIONS sip:1567@192.0.2.1 SIP/2.0\r\n\r\n", TRUNK, ASTERISK)
    hidden = chunk(15, ANSWER.format(status=488, number=1, method="INVITE").encode())
    assert heard(invite(), inside + hidden)[0] == 0


def test_too_many_are_thrown_away_and_counted() -> None:
    count, hep = heard(*[invite()] * (PER_SECOND + 7), answer())
    assert (count, hep.datagrams[DROPPED]) == (0, 8)
    hep.take(answer(), 2.0)
    assert sum(hep.refusals.counted(99.0).values()) == 1


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_copies_are_heard_on_the_loopback_some_at_a_time() -> None:
    hep = Hep(free_port(), KEY, told=lambda: 9, ban=lambda network: None)
    assert "no copies" in hep.complaint()
    running = asyncio.create_task(hep.run())
    await asyncio.sleep(0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asterisk:
        for _ in range(2 * AT_ONCE):
            asterisk.sendto(invite(), ("127.0.0.1", hep._port))
    async with asyncio.timeout(30):
        while hep.datagrams[READ] < 2 * AT_ONCE:
            before = hep.datagrams[READ]
            await asyncio.sleep(0)
            assert hep.datagrams[READ] - before <= AT_ONCE
    assert hep.complaint() == ""
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_port_that_is_taken_is_told_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("callcenter.ari.hep.RETRY_SECONDS", 0.01)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        hep = Hep(other.getsockname()[1], KEY, told=lambda: 0, ban=lambda network: None)
        running = asyncio.create_task(hep.run())
        await until(hep.complaint, within=5)
    assert "ss -lunp" in hep.complaint()
    await until(lambda: not hep.complaint(), within=5)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def registered(user: str, call_id: str, *, status: int = 200, at: tuple[str, int] = PHONE) -> bytes:
    text = ANSWER.format(status=status, number=2, method="REGISTER")
    text = text.replace("To: <sip:1567@", f"To: <sip:{user}@")
    return copied(text, ASTERISK, at, call_id=call_id)


def test_a_phone_that_registers_anew_is_told_once() -> None:
    told: list[tuple[str, bool]] = []

    def tell(user: str, elsewhere: bool) -> None:
        told.append((user, elsewhere))

    hep = Hep(9, KEY, told=lambda: 0, ban=lambda network: None, registers_anew=tell)
    for datagram in (
        registered("op-som", "a"),
        registered("op-som", "a"),  # it only goes on
        registered("op-som", "b", status=401),
        registered("op-malee", "c"),
        registered("op-som", "b"),
        registered("op-malee", "c", at=("192.0.2.51", 5060)),  # it was carried there
        registered("op-malee", "d", at=("192.0.2.51", 5061)),
    ):
        hep.take(datagram, 1.0)
    assert told == [
        ("op-som", False),
        ("op-malee", False),
        ("op-som", False),
        ("op-malee", True),
    ]
