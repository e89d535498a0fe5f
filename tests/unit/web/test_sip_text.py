"""Whose SIP message it is that a browser sends."""

import pytest

from callcenter.web.operators.sip_text import is_of

ME = "op-somchai"


def request(*headers: str, line: str = "REGISTER sip:asterisk SIP/2.0", body: str = "") -> str:
    length = [f"Content-Length: {len(body.encode())}"] if body else []
    return "\r\n".join([line, *headers, *length, "", body])


@pytest.mark.parametrize(
    "headers",
    [
        ["From: <sip:op-somchai@asterisk>;tag=1"],
        ["f: sip:op-somchai@asterisk;tag=1"],
        ['From: "sip:op-malee@asterisk" <sip:op-somchai@asterisk>;tag=1'],
        ["FROM : <sips:op-somchai@127.0.0.1:5060>;tag=1", "To: <sip:op-malee@asterisk>"],
        ["From:\r\n <sip:op-somchai@asterisk>;tag=1"],
        [
            "From: <sip:op-somchai@asterisk>",
            'Authorization: Digest username="op-somchai", realm="asterisk"',
        ],
    ],
)
def test_ones_own(headers: list[str]) -> None:
    assert is_of(request(*headers), ME)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["From: <sip:op-malee@asterisk>;tag=1"],
        ["From: <sip:trunk@asterisk>;tag=1"],
        ["From: <sip:asterisk>;tag=1"],
        ["From: <sip:op-somchai@asterisk>", "f: <sip:op-malee@asterisk>"],
        ['From: "x\\" <sip:op-somchai@asterisk>" <sip:op-malee@asterisk>;tag=1'],
        ["From: <sip:op-somchai@asterisk>, <sip:op-malee@asterisk>"],
        ["From: <sip:op%2dsomchai@asterisk>"],
        ["From: <sip:OP-SOMCHAI@asterisk>"],
        [
            "From: <sip:op-somchai@asterisk>",
            'Authorization: Digest username="op-malee", realm="asterisk"',
        ],
        ["From: <sip:op-somchai@asterisk>", "Authorization: Digest username=op-malee"],
        ["From: <sip:op-somchai@asterisk>", 'Proxy-Authorization: Digest username="trunk"'],
        ["From: <sip:op-somchai@asterisk>", "Subject: x\nFrom: <sip:op-malee@asterisk>"],
        ["From: <sip:op-somchai@asterisk>", "Subject: x\rFrom: <sip:op-malee@asterisk>"],
    ],
)
def test_somebody_elses(headers: list[str]) -> None:
    assert not is_of(request(*headers), ME)


def test_an_answer_names_the_other_side() -> None:
    answer = request("From: <sip:0812345678@carrier>;tag=1", line="SIP/2.0 200 OK")
    assert is_of(answer, ME)


def test_what_stands_in_the_body_is_no_header() -> None:
    assert not is_of(request(body="From: <sip:op-somchai@asterisk>"), ME)


ANSWER = request("From: <sip:0812345678@carrier>", "Content-Length: 0", line="SIP/2.0 200 OK")
MINE = request("From: <sip:op-somchai@asterisk>")
MINE_IN_SHORT = request("f: <sip:op-somchai@asterisk>", "l: 0")
OTHERS = request("From: <sip:op-malee@asterisk>")


@pytest.mark.parametrize("first", [ANSWER, MINE, MINE_IN_SHORT])
def test_no_second_message_follows(first: str) -> None:
    assert is_of(first, ME)
    assert not is_of(first + OTHERS, ME)


@pytest.mark.parametrize("length", ["2", "4", "-3", "๓", "", "3\r\nl: 3", "3, 3"])
def test_a_body_is_as_long_as_it_says(length: str) -> None:
    head = ("From: <sip:op-somchai@asterisk>", "Content-Type: application/sdp")
    assert is_of(request(*head, "Content-Length: 3") + "v=0", ME)
    assert not is_of(request(*head, f"Content-Length: {length}") + "v=0", ME)


def test_a_body_is_counted_in_bytes() -> None:
    assert is_of(request("From: <sip:op-somchai@asterisk>", body="ก"), ME)
