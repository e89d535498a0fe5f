"""The SIP edge before an Asterisk node: Kamailio, Asterisk, phones, callers and strangers.

The node has no service: its lifeboat rings the operators' phones, through the edge.
"""

import asyncio
import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from functools import partial
from ipaddress import ip_network

import pytest

from callcenter.ari.edge_bans import EdgeBans
from callcenter.ari.edge_phones import EdgeRpc
from callcenter.ari.phone_files import lifeboat_text, phones_text
from callcenter.core.ids import OperatorId
from callcenter.hosting.errors import HostingError
from callcenter.ports.bans import Ban
from callcenter.ports.phones import Phone, sip_user
from tests.hotline.sip_tap import SipTap
from tests.integration.plain_ari import PlainAri
from tests.parts import PrivateAsterisk, PrivateEdge
from tests.people import Caller, OperatorPhone, until
from tests.people.dialog import Asked
from tests.people.phone import answers, answers_as, forwards, redirects
from tests.people.phone_call import PhoneCall
from tests.people.sip_message import Message, address_of, credentials, token
from tests.people.stranger import Stranger
from tests.people.until import SLOW_MACHINE_TIMES

OUT, IN, NODE, HTTP, WS, RPC, RTP = 16000, 16001, 16002, 16003, 16004, 16005, 16020
TRUNK, PHONES, STRANGERS = "127.0.0.1", "127.0.0.8", "127.0.0.9"
# Of the edge before two nodes: its out, in, websocket and RPC ports; the second node's.
OUT_2, IN_2, WS_2, RPC_2, NODE_2, HTTP_2, RTP_2 = 16010, 16011, 16012, 16013, 16014, 16015, 16080
OPERATORS = ("malee", "somchai")
SIP = ("127.0.0.1", OUT)

IANA_METHODS = (
    *("ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK"),
    *("PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE"),
)
"""https://www.iana.org/assignments/sip-parameters, with those that make or end a call."""

WITHIN_A_CALL = (
    *("CANCEL", "INFO", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER"),
    *("SUBSCRIBE", "UPDATE", "FOO"),
)
ENDS_A_CALL = (408, 481)
"""What a phone takes for the end of the call (RFC 3261, 12.2.1.2)."""

AT_ONCE_SECONDS = 1.0 * SLOW_MACHINE_TIMES  # a time-out of SIP would be 32 s


def phones(domain: str) -> tuple[str, str]:
    """What the service would write for the node."""
    ours = [
        Phone(
            operator=OperatorId(name),
            sip_user=sip_user(OperatorId(name)),
            secret="x",
            contact=None,
            logged_in=True,
        )
        for name in OPERATORS
    ]
    return phones_text(ours, domain, f"127.0.0.1:{IN}"), lifeboat_text(ours, domain)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=NODE,
        http_port=HTTP,
        rtp_port_first=RTP,
        rtp_port_last=RTP + 55,
        edge=f"127.0.0.1:{IN}",
        phone_ask_seconds=1,
        lifeboat_retries=0,
        lifeboat_turn_seconds=60,
    )
    own.config_directory.mkdir(parents=True)
    of_pjsip, of_queue = phones(own.domain)
    (own.config_directory / "operators.pjsip.conf").write_text(of_pjsip)
    (own.config_directory / "lifeboat.queues.conf").write_text(of_queue)
    with own:
        yield own


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, node: PrivateAsterisk) -> Iterator[PrivateEdge]:
    own = PrivateEdge(
        tmp_path_factory.mktemp("edge"),
        out_port=OUT,
        in_address="127.0.0.1",
        in_port=IN,
        ws_port=WS,
        rpc_port=RPC,
        nodes=(("127.0.0.1", NODE),),
    )
    own.write_operators(dict.fromkeys(OPERATORS, ""))
    with own:
        yield own


@pytest.fixture
async def phone(edge: PrivateEdge, node: PrivateAsterisk) -> AsyncIterator[OperatorPhone]:
    """Registered at the edge, and the node has seen it."""
    own = OperatorPhone("malee", "secret-malee", habit=answers(), address=PHONES)
    await own.registers(at=SIP)
    await known(node, "malee", True)
    yield own
    own.hang_up()
    own.register(0)
    await known(node, "malee", False)
    own.close()


async def known(node: PrivateAsterisk, name: str, there: bool) -> None:
    """The node has asked the edge for the phone."""

    async def so() -> bool:
        said = await asyncio.to_thread(node.console, f"pjsip show aor op-{name}")
        return bool(re.search(r"Contact: .* Avail ", said)) is there

    await until(so, within=10, every=0.2)


_people: list[Caller | OperatorPhone | Stranger] = []
"""Who has a socket. A test that fails must not leave one to the next test."""


def somebody() -> Caller:
    """A caller at the trunk's address."""
    caller = Caller(address=TRUNK)
    _people.append(caller)
    return caller


async def a_stranger(address: str) -> Stranger:
    """Somebody at this address who sends what it likes to the edge."""
    stranger = await Stranger.at(address, to=SIP)
    _people.append(stranger)
    return stranger


def a_phone(name: str, secret: str) -> OperatorPhone:
    """A phone that has not registered yet."""
    phone = OperatorPhone(name, secret, address=PHONES)
    _people.append(phone)
    return phone


@pytest.fixture(autouse=True)
async def sockets_are_closed() -> AsyncIterator[None]:
    yield
    while _people:
        _people.pop().close()


async def in_a_talk(phone: OperatorPhone) -> tuple[Caller, PhoneCall]:
    """A caller and the phone, who hear each other."""
    caller = await somebody().dials("1567", at=SIP)
    await caller.is_answered()
    call = await phone.is_talking(within=10)
    await caller.comes_to_hear(phone.voice, within=5)
    await phone.comes_to_hear(caller.voice, within=5)
    return caller, call


async def still_talk(caller: Caller, phone: OperatorPhone) -> None:
    """Nobody has hung up, and both hear each other."""
    assert not caller.is_over and phone.talks
    await caller.comes_to_hear(phone.voice, within=5)
    await phone.comes_to_hear(caller.voice, within=5)


async def everybody_is_gone(node: PrivateAsterisk) -> None:
    async def so() -> bool:
        return await asyncio.to_thread(node.channels) == 0

    await until(so, within=10, every=0.1)


async def test_a_phone_registers_with_its_password_alone(edge: PrivateEdge) -> None:
    right = a_phone("somchai", "secret-somchai")
    await right.registers(at=SIP)
    right.register(0)
    await until(lambda: right.register_status == 200, within=5)
    for name, secret in (("somchai", "secret-malee"), ("nobody", "secret-nobody")):
        wrong = await a_phone(name, secret).plugged_in(at=SIP)
        wrong.register()
        await until(partial(getattr, wrong, "register_status"), within=5)
        assert wrong.register_status == 401


async def test_a_caller_and_a_phone_hear_each_other(
    node: PrivateAsterisk, phone: OperatorPhone
) -> None:
    caller, call = await in_a_talk(phone)
    since = time.monotonic()
    await asyncio.sleep(2)
    assert caller.heard(since).share(phone.voice) > 0.8
    assert call.heard(since).share(caller.voice) > 0.8
    caller.hang_up()
    await call.is_done(within=5)
    assert call.how_it_ended == "far end"
    await everybody_is_gone(node)


async def test_a_phone_hangs_up(node: PrivateAsterisk, phone: OperatorPhone) -> None:
    caller, _ = await in_a_talk(phone)
    phone.hang_up()
    await caller.is_gone(within=10)
    assert caller.ended_by == "far end"
    await everybody_is_gone(node)


async def answered(asked: Asked) -> Asked:
    await until(lambda: asked.status, within=5)
    assert asked.answered_at - asked.at < AT_ONCE_SECONDS, f"{asked.method}: {asked}"
    assert asked.status not in ENDS_A_CALL or asked.method in ("CANCEL", "PRACK"), asked
    return asked


async def test_every_request_in_a_call_is_answered_and_the_talk_goes_on(
    node: PrivateAsterisk, phone: OperatorPhone
) -> None:
    caller, call = await in_a_talk(phone)
    premium = ("Refer-To", f"<sip:0812345678@{STRANGERS}>")
    text = ("Content-Type", "text/plain")
    keys = ("Content-Type", "application/dtmf-relay")
    told: dict[str, set[int]] = {}
    for end in (call, caller):
        for method in WITHIN_A_CALL:
            headers = (premium,) if method == "REFER" else ()
            said = await answered(end.ask(method, *headers))
            told.setdefault(method, set()).add(said.status)
        told.setdefault("INFO text", set()).add(
            (await answered(end.ask("INFO", text, body="hello"))).status
        )
        pressed = await answered(end.ask("INFO", keys, body="Signal=5\r\nDuration=160\r\n"))
        told.setdefault("INFO keys", set()).add(pressed.status)
    assert told["INFO text"] == {415} and told["INFO keys"] == {200} and told["INFO"] == {200}
    assert told["REFER"] == {603} and told["OPTIONS"] == {200}
    assert told["MESSAGE"] == told["REGISTER"] == {405} and told["FOO"] == {501}
    assert told["SUBSCRIBE"] == told["NOTIFY"] == told["PUBLISH"] == {489}
    await still_talk(caller, phone)
    caller.hang_up()
    await everybody_is_gone(node)


@pytest.mark.parametrize("place", [TRUNK, STRANGERS])
async def test_every_request_out_of_a_call_is_answered(edge: PrivateEdge, place: str) -> None:
    stranger = await a_stranger(place)
    for method in (*IANA_METHODS, "FOO"):
        if method == "ACK" or (method == "INVITE" and place == TRUNK):
            continue  # no answer to it exists; a call
        began = time.monotonic()
        assert await stranger.asks(method, "1567") >= 200
        assert time.monotonic() - began < AT_ONCE_SECONDS, method


def declined(phone: OperatorPhone, number: int) -> bool:
    """It has had its ring of this number (0 is the first), and is not in it any more."""
    return len(phone.calls) > number and phone.calls[number].is_over


async def test_who_forwards_calls_has_declined(
    node: PrivateAsterisk, edge: PrivateEdge, phone: OperatorPhone
) -> None:
    premium = await a_stranger(STRANGERS)
    tap = SipTap(node)
    targets = (
        redirects(302, f"<sip:0812345678@{STRANGERS}:{premium.port}>"),
        redirects(301, f"<sip:op-somchai@{STRANGERS}:{premium.port}>"),
        redirects(305, f"<sip:127.0.0.1:{NODE}>"),
        forwards(f"PJSIP/trunk@{node.domain}/sip:0812345678@{STRANGERS}:{premium.port}"),
    )
    caller = await somebody().dials("1567", at=SIP)
    for number, target in enumerate(targets):
        phone.habit = target
        await until(partial(declined, phone, number), within=30)
    caller.hang_up()
    await everybody_is_gone(node)
    assert not premium.answers, "nobody has called there"
    to_phones = f"sip:op-malee@127.0.0.1:{IN}"
    assert tap.invites() == {to_phones}


async def test_a_transfer_leads_nowhere(node: PrivateAsterisk, phone: OperatorPhone) -> None:
    premium = await a_stranger(STRANGERS)
    caller, call = await in_a_talk(phone)
    tap = SipTap(node)
    to = f"<sip:0812345678@{STRANGERS}:{premium.port}>"
    for end in (call, caller):
        for headers in (
            (("Refer-To", to),),
            (("Refer-To", to), ("Replaces", caller.replaces)),
            (("Refer-To", to.replace(">", "?Replaces=x>")), ("Referred-By", to)),
        ):
            assert (await answered(end.ask("REFER", *headers))).status == 603
        assert (await answered(end.ask("INVITE", ("Replaces", caller.replaces)))).status == 403
    await still_talk(caller, phone)
    assert not tap.invites() and not premium.answers
    caller.hang_up()
    await everybody_is_gone(node)


async def test_a_phone_that_says_it_is_elsewhere_is_spoken_to_where_it_is(
    node: PrivateAsterisk, phone: OperatorPhone
) -> None:
    """Contact, alias, Record-Route of its answer: what follows in the call goes to the phone."""
    other = await a_stranger(STRANGERS)
    place = f"{STRANGERS}:{other.port}"
    phone.habit = answers_as(
        ("Contact", f"<sip:op-malee@{place};alias={STRANGERS}~{other.port}~1>"),
        ("Record-Route", f"<sip:{place};lr>"),
    )
    caller, call = await in_a_talk(phone)
    caller.hang_up()
    await call.is_done(within=5)
    assert call.how_it_ended == "far end"
    assert not other.answers


def in_the_call(request: Message, answer: Message, method: str, cseq: int) -> Message:
    """A request in the call that this answer has made."""
    told = {"To": answer.get("to"), "CSeq": f"{cseq} {method}"}
    told["Via"] = re.sub("branch=.*", f"branch=z9hG4bK{token()}", request.get("via"))
    kept = ("Max-Forwards", "From", "Call-ID", "Contact")
    headers = [(name, request.get(name.lower())) for name in kept]
    headers += [("Route", route) for route in answer.all("record-route")[::-1]]
    start = f"{method} {address_of(answer.get('contact'))} SIP/2.0"
    return Message(start, [*told.items(), *headers])


async def test_a_phone_dials_the_line_test_with_its_password(
    node: PrivateAsterisk, edge: PrivateEdge
) -> None:
    """And gets back what it says; with another password, or as the trunk, it does not."""
    here = await a_stranger(PHONES)
    asked = here.request("INVITE", "line-test", as_user="op-malee")
    here.send(asked.encoded())
    challenge = await here.answer_to(asked)
    assert challenge.status == 407
    for secret, status in (("secret-malee", 200), ("secret-somchai", 407)):
        proof = credentials(
            challenge.get("proxy-authenticate"),
            user="op-malee",
            secret=secret,
            method="INVITE",
            uri=asked.start.split()[1],
        )
        again = here.request(
            "INVITE", "line-test", as_user="op-malee", headers=(("Proxy-Authorization", proof),)
        )
        here.send(again.encoded())
        said = await here.answer_to(again)
        assert said.status == status
        if status == 200:
            here.send(in_the_call(again, said, "ACK", 1).encoded())
            bye = in_the_call(again, said, "BYE", 2)
            here.send(bye.encoded())
            assert (await here.answer_to(bye)).status == 200
    header = ("X-Line-Test", "yes")
    other = await a_stranger(STRANGERS)
    assert await other.asks("INVITE", "line-test", headers=(header,)) == 403
    # The trunk's calls are calls, whatever header comes with them.
    caller = await somebody().dials("1567", at=SIP, headers=(header,))
    await caller.is_answered()
    caller.hang_up()
    await everybody_is_gone(node)


async def test_a_phone_calls_nobody(
    node: PrivateAsterisk, edge: PrivateEdge, phone: OperatorPhone
) -> None:
    """Nothing goes to the trunk, to another operator, or to a node."""
    trunk = await a_stranger(TRUNK)
    here = await a_stranger(PHONES)
    tap = SipTap(node)
    routes = ("", f"<sip:{TRUNK}:{trunk.port};lr>", f"<sip:127.0.0.1:{NODE};lr>")
    for route in routes:
        headers = (("Route", route),) if route else ()
        for user in ("1567", "0812345678", "op-somchai", "op-malee"):
            assert await here.asks("INVITE", user, as_user="op-malee", headers=headers) == 403
    # From the trunk's own address, as a phone.
    assert await trunk.asks("INVITE", "1567", as_user="op-malee") == 403
    assert not tap.invites()
    assert not [a for a in trunk.answers if not a.status]
    assert not phone.calls


async def test_who_knows_all_of_a_call_cannot_speak_in_it(
    node: PrivateAsterisk, phone: OperatorPhone
) -> None:
    caller, call = await in_a_talk(phone)
    stranger = await a_stranger(STRANGERS)
    for method in ("BYE", "INVITE", "UPDATE", "OPTIONS"):
        request = call.request(method)
        request.headers = [
            (name, f"SIP/2.0/UDP {STRANGERS}:{stranger.port};rport;branch=z9hG4bKx{method}")
            if name == "Via"
            else (name, value)
            for name, value in request.headers
        ]
        stranger.send(request.encoded())
        assert (await stranger.answer_to(request)).status == 403, method
    await still_talk(caller, phone)
    caller.hang_up()
    await everybody_is_gone(node)


async def test_one_call_an_operator(node: PrivateAsterisk, phone: OperatorPhone) -> None:
    """Also when a node would ring somebody who talks: the phone does not even hear of it."""
    caller, _ = await in_a_talk(phone)
    invites = phone.received.count("INVITE")
    async with PlainAri(node) as ari:
        await ari.serve()
        for number in range(3):
            status, _ = await ari.request(
                "POST",
                f"/channels/again-{number}",
                endpoint=f"PJSIP/op-malee@{node.domain}",
                app="callcenter",
            )
            assert status == 200
            gone = await ari.event("ChannelDestroyed")
            assert gone["cause"] == 17, "busy"
    await still_talk(caller, phone)
    assert phone.received.count("INVITE") == invites
    caller.hang_up()
    await everybody_is_gone(node)


async def test_the_phone_learns_that_the_edge_ends_its_call_however_soon_the_node_answers(
    edge: PrivateEdge, node: PrivateAsterisk, phone: OperatorPhone
) -> None:
    """A node that was restarted answers the edge's BYE with 481 at once. Kamailio sends the phone's
    BYE after the node's, and sends none in a call that has ended by then."""
    caller, call = await in_a_talk(phone)
    orders = EdgeRpc(edge.rpc_url, edge.settings.key)
    (dialog,) = await orders.order("dlg.profile_list", "op", "op-malee")
    edge.rpc("dlg.end_dlg", dialog["h_entry"], dialog["h_id"])
    time.sleep(0.3)  # noqa: ASYNC251 - the phone cannot answer meanwhile, and the node has
    there = json.dumps(edge.rpc("dlg.profile_list", "op", "op-malee"))
    assert '"state": 4' in there, "only the phone's answer ends it"
    await until(lambda: call.is_over, within=5)
    assert call.how_it_ended == "far end"
    caller.hang_up()
    await everybody_is_gone(node)
    await until(lambda: '"state"' not in json.dumps(edge.rpc("dlg.list")), within=5, every=0.2)


async def test_the_node_learns_that_a_phone_is_gone(
    node: PrivateAsterisk, edge: PrivateEdge
) -> None:
    phone = a_phone("somchai", "secret-somchai")
    await phone.registers(at=SIP)
    await known(node, "somchai", True)
    phone.die()  # no word of it: it does not answer OPTIONS any more
    await known(node, "somchai", False)


def a_ban(network: str) -> Ban:
    return Ban(network=ip_network(network), until=int(time.time()) + 600, by_hand=True)


@pytest.mark.parametrize("banned", [f"{STRANGERS}/32", "127.0.0.8/31", "127.0.0.0/16"])
async def test_a_banned_address_is_refused_everything_and_the_trunk_never_is(
    edge: PrivateEdge, node: PrivateAsterisk, banned: str
) -> None:
    bans = EdgeBans(EdgeRpc(edge.rpc_url, edge.settings.key), edge.tables)
    stranger, trunk = await a_stranger(STRANGERS), await a_stranger(TRUNK)
    phone = await OperatorPhone("malee", "secret-malee", address=STRANGERS).plugged_in(at=SIP)
    _people.append(phone)
    assert await stranger.asks("OPTIONS", "1567") == 200
    try:
        await bans.tell([a_ban("192.0.2.66/32"), a_ban("198.51.100.0/24"), a_ban(banned)])
        assert await stranger.asks("OPTIONS", "1567") == 403
        phone.register()
        await until(lambda: phone.register_status == 403, within=5)
        assert await trunk.asks("OPTIONS", "1567") == 200
        # A restarted edge reads the file. Not in a thread: the edge would end with it.
        edge.stop()
        edge.start()
        assert await stranger.asks("OPTIONS", "1567") == 403
    finally:
        await bans.tell([])
    assert await stranger.asks("OPTIONS", "1567") == 200
    await phone.registers_now()
    phone.register(0)
    await until(lambda: phone.register_status == 200, within=5)


async def test_a_flood_from_one_address_is_dropped_and_others_are_served(
    edge: PrivateEdge, phone: OperatorPhone
) -> None:
    flood = await a_stranger("127.0.0.10")
    for _ in range(400):
        flood.send(flood.request("OPTIONS", "1567").encoded())
    await until(lambda: flood.answers, within=5)
    await phone.registers_now()
    trunk = await a_stranger(TRUNK)
    assert await trunk.asks("OPTIONS", "1567") == 200
    assert len(flood.answers) < 100


async def test_a_restart_of_the_edge_is_noticed_by_nobody(
    node: PrivateAsterisk, edge: PrivateEdge, phone: OperatorPhone
) -> None:
    caller, call = await in_a_talk(phone)
    since = time.monotonic()
    await asyncio.to_thread(edge.stop)
    edge.start()  # not in a thread: the edge would end with it, after this test
    await still_talk(caller, phone)
    await asyncio.sleep(2.0)  # of which the share is taken
    assert caller.heard(since).share(phone.voice) > 0.7
    phone.hang_up()
    await caller.is_gone(within=10)
    await everybody_is_gone(node)
    # It knows the phone without a new registration.
    caller, call = await in_a_talk(phone)
    caller.hang_up()
    await call.is_done(within=5)
    await everybody_is_gone(node)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    with PrivateAsterisk(
        tmp_path_factory.mktemp("second"),
        sip_port=NODE_2,
        http_port=HTTP_2,
        rtp_port_first=RTP_2,
        rtp_port_last=RTP_2 + 19,
        edge=f"127.0.0.1:{IN_2}",
        lifeboat_retries=0,
    ) as own:
        yield own


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, node: PrivateAsterisk, second: PrivateAsterisk
) -> Iterator[PrivateEdge]:
    """An edge before two nodes."""
    with PrivateEdge(
        tmp_path_factory.mktemp("both"),
        out_port=OUT_2,
        in_address="127.0.0.1",
        in_port=IN_2,
        ws_port=WS_2,
        rpc_port=RPC_2,
        nodes=(("127.0.0.1", NODE), ("127.0.0.1", NODE_2)),
    ) as own:
        yield own


async def state_of(edge: PrivateEdge, port: int, *wanted: str) -> None:
    """Wait until the edge says so of this node: A active, I inactive, X asked, P answering late."""

    async def so() -> bool:
        said = json.dumps(await asyncio.to_thread(edge.rpc, "dispatcher.list"))
        found = re.search(rf'127.0.0.1:{port}", "FLAGS": "(\w+)"', said)
        return found is not None and found[1] in wanted

    await until(so, within=5, every=0.05)


async def one_call(both: PrivateEdge) -> float:
    """How long it took to be answered."""
    caller = await somebody().dials("1567", at=both.sip)
    await caller.is_answered(within=5)
    took = caller.answered_at - caller.dialled_at
    caller.hang_up()
    return took


async def all_come_to(
    node: PrivateAsterisk, other: PrivateAsterisk, both: PrivateEdge, calls: int = 10
) -> None:
    before = (rows(node), rows(other))
    for _ in range(calls):
        await one_call(both)
    await until(lambda: rows(node) == before[0] + calls, within=10, every=0.1)
    assert rows(other) == before[1]


def rows(node: PrivateAsterisk) -> int:
    """Calls that have ended there."""
    return len(node.ledger.read_text().splitlines()) if node.ledger.exists() else 0


async def test_calls_are_shared_and_copies_of_one_meet(
    node: PrivateAsterisk, second: PrivateAsterisk, both: PrivateEdge
) -> None:
    await state_of(both, NODE, "AX", "AP")
    await state_of(both, NODE_2, "AX", "AP")
    before = rows(node), rows(second)
    for _ in range(20):
        await one_call(both)
    await until(lambda: rows(node) + rows(second) == sum(before) + 20, within=10, every=0.1)
    assert rows(node) > before[0] and rows(second) > before[1]


async def test_a_frozen_node_gets_no_new_calls_within_three_seconds(
    node: PrivateAsterisk, second: PrivateAsterisk, both: PrivateEdge
) -> None:
    await state_of(both, NODE_2, "AX", "AP")
    assert second.process is not None
    second.process.send_signal(signal.SIGSTOP)
    frozen = time.monotonic()
    try:
        slow = [await one_call(both) for _ in range(5)]
        assert max(slow) < 3 * SLOW_MACHINE_TIMES, "served elsewhere"
        await state_of(both, NODE_2, "IX", "IP")
        verdict = time.monotonic() - frozen
        quick = [await one_call(both) for _ in range(10)]
        assert max(quick) < AT_ONCE_SECONDS, quick
    finally:
        second.process.send_signal(signal.SIGCONT)
    print(f"known after {verdict:.2f} s; calls meanwhile took {max(slow):.2f} s at most")
    assert verdict < 3.5 * SLOW_MACHINE_TIMES
    await state_of(both, NODE_2, "AX", "AP")


async def test_a_drained_node_gets_no_new_calls_until_it_is_wanted_again(
    node: PrivateAsterisk, second: PrivateAsterisk, both: PrivateEdge
) -> None:
    await state_of(both, NODE_2, "AX", "AP")
    await asyncio.to_thread(both.rpc, "dispatcher.set_state", "dx", 1, f"sip:127.0.0.1:{NODE_2}")
    await asyncio.sleep(2.5)  # answers to pings do not undo it
    await all_come_to(node, second, both)
    await asyncio.to_thread(both.rpc, "dispatcher.set_state", "ap", 1, f"sip:127.0.0.1:{NODE_2}")
    await state_of(both, NODE_2, "AX", "AP")


async def test_without_any_node_callers_are_told_at_once(
    node: PrivateAsterisk, second: PrivateAsterisk, both: PrivateEdge
) -> None:
    for port in (NODE, NODE_2):
        await asyncio.to_thread(both.rpc, "dispatcher.set_state", "dx", 1, f"sip:127.0.0.1:{port}")
    began = time.monotonic()
    caller = await somebody().dials("1567", at=both.sip)
    await caller.is_gone(within=5)
    assert caller.status == 503 and time.monotonic() - began < AT_ONCE_SECONDS
    service = EdgeRpc(both.rpc_url, both.settings.key)
    await service.look()
    assert "drained" in service.complaint
    for port in (NODE, NODE_2):
        await asyncio.to_thread(both.rpc, "dispatcher.set_state", "ap", 1, f"sip:127.0.0.1:{port}")

    async def content() -> bool:
        await service.look()
        return not service.complaint

    await until(content, within=5)


async def test_the_control_port_wants_its_key(both: PrivateEdge) -> None:
    asked = urllib.request.Request(both.rpc_url, data=b'{"method":"core.version"}')
    with pytest.raises(urllib.error.HTTPError, match="403"):
        await asyncio.to_thread(urllib.request.urlopen, asked, timeout=5)


def test_settings_that_kamailio_refuses_are_not_started(both: PrivateEdge) -> None:
    wrong = PrivateEdge(
        both.directory.parent / "wrong", nodes=(("127.0.0.1", NODE),), calls_per_second="many"
    )
    wrong.write()
    with pytest.raises(HostingError, match="refuses the settings"):
        wrong.check()
