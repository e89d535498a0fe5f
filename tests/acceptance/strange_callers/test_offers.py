"""What carriers offer to speak: whatever can be served is served."""

import pytest

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers

SESSION = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
PLAIN = "m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
SECURE = (
    "m=audio {port} RTP/SAVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"
)


def only(number: int, codec: str) -> str:
    return SESSION + f"m=audio {{port}} RTP/AVP {number}\r\na=rtpmap:{number} {codec}\r\n"


SERVED = {
    "SRTP alone": SESSION + SECURE,
    "SRTP beside plain": SESSION + SECURE + PLAIN,
    "plain beside SRTP": SESSION + PLAIN + SECURE,
    "G.722": only(9, "G722/8000"),
    "GSM": only(3, "GSM/8000"),
    "G.726": only(97, "G726-32/8000"),
    "Opus": only(96, "opus/48000/2"),
    "G.729 beside A-law": SESSION
    + PLAIN.replace("AVP 8", "AVP 18 8")
    + "a=rtpmap:18 G729/8000\r\n",
}


@pytest.mark.parametrize("offer", SERVED.values(), ids=SERVED.keys())
async def test_what_can_be_served_is_served(hotline: Hotline, offer: str) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.caller().dials("1567", at=hotline.sip, offer=offer)
    await somsri.is_answered(within=5)
    await hotline.api.is_in("somchai", "on_call", within=5)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=5)
    assert (await hotline.record(somsri))["outcome"] == "answered"


REFUSED = {
    "G.729 alone": (only(18, "G729/8000"), (), 488),
    "image alone": (SESSION + "m=image {port} udptl t38\r\n", (), 488),
    "a session of a minute": ("", (("Supported", "timer"), ("Session-Expires", "60")), 422),
    "an extension nobody has": ("", (("Require", "precondition"),), 420),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_served_is_told_why(
    hotline: Hotline, case: tuple[str, tuple[tuple[str, str], ...], int]
) -> None:
    offer, headers, status = case
    somsri = await hotline.caller().dials("1567", at=hotline.sip, headers=headers, offer=offer)
    await somsri.is_gone(within=5)
    assert somsri.status == status
