"""Whose SIP message it is that a browser sends."""

import pytest

from callcenter.web.operators.sip_text import is_of

ME = "op-somchai"


def request(*headers: str, line: str = "REGISTER sip:asterisk SIP/2.0", body: str = "") -> str:
    return "\r\n".join([line, *headers, "", body])


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
    ],
)
def test_somebody_elses(headers: list[str]) -> None:
    assert not is_of(request(*headers), ME)


def test_an_answer_names_the_other_side() -> None:
    answer = request("From: <sip:0812345678@carrier>;tag=1", line="SIP/2.0 200 OK")
    assert is_of(answer, ME)


def test_what_stands_in_the_body_is_no_header() -> None:
    assert not is_of(request(body="From: <sip:op-somchai@asterisk>"), ME)
