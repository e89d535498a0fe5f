"""SIP messages as bytes and as values, and the digest that proves a password. Pure.

RFC 3261 as far as a telephone on a friendly network needs it. What we send is complete; what we
read is Asterisk's own. Header values are not changed; a caller's hostile name is sent as it is.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Self

SHORT_NAMES = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
}


def token() -> str:
    """A random word that nobody else has."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class Message:
    """A request ("INVITE sip:… SIP/2.0") or a response ("SIP/2.0 200 OK")."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read one datagram."""
        head, _, body = data.decode("utf-8", "surrogateescape").partition("\r\n\r\n")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(start, [(name.strip(), value.strip()) for name, _, value in pairs], body)

    def encoded(self) -> bytes:
        """The message as one datagram. A lone surrogate stands for a raw byte, so that any byte can
        be sent."""
        body = self.body.encode("utf-8", "surrogateescape")
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        return head.encode("utf-8", "surrogateescape") + body

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        wanted = name.lower()
        return [v for n, v in self.headers if SHORT_NAMES.get(n.lower(), n.lower()) == wanted]

    def get(self, name: str) -> str:
        """The first value of a header, or ""."""
        return next(iter(self.all(name)), "")

    @property
    def status(self) -> int:
        """200 for "SIP/2.0 200 OK", 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of the request, or of the request that the response answers."""
        return self.get("cseq").split()[-1] if self.status else self.start.split()[0]

    @property
    def branch(self) -> str:
        """The transaction of this message."""
        return parameter(self.get("via"), "branch")


def parameter(value: str, name: str) -> str:
    """`;name=…` or `name="…"` of a header value, or ""."""
    found = re.search(rf'(?:^|[;,\s]){name}=(?:"([^"]*)"|([^;,\s>]*))', value, re.IGNORECASE)
    return (found[1] or found[2] or "") if found else ""


def address_of(value: str) -> str:
    """The URI of `"Name" <sip:a@b>;tag=c`."""
    inside = re.search(r"<([^>]*)>", value)
    return inside[1] if inside else value.split(";")[0].strip()


def response(request: Message, status: int, reason: str, tag: str = "") -> Message:
    """An answer with the headers that must be repeated (RFC 3261 section 8.2.6)."""
    to = request.get("to")
    if tag and not parameter(to, "tag"):
        to += f";tag={tag}"
    repeated = [("Via", via) for via in request.all("via")]
    repeated += [("Record-Route", route) for route in request.all("record-route")]
    repeated += [("From", request.get("from")), ("To", to), ("Call-ID", request.get("call-id"))]
    return Message(f"SIP/2.0 {status} {reason}", [*repeated, ("CSeq", request.get("cseq"))])


CODECS = {8: "PCMA", 0: "PCMU"}


def speech_offer(
    address: str, port: int, codec: int = 8, way: str = "sendrecv", version: int = 1
) -> str:
    """SDP for one codec (A-law) and keys, both ways; the same text serves as an answer."""
    lines = [
        "v=0",
        f"o=- 1 {version} IN IP4 {address}",
        "s=call",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {codec} 101",
        f"a=rtpmap:{codec} {CODECS[codec]}/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
        f"a={way}",
        "",
    ]
    return "\r\n".join(lines)


def speech_place(sdp: str) -> tuple[str, int] | None:
    """The address where the far end wants to hear us, from its SDP. None if it does not say."""
    address = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
    return (address[1], int(port[1])) if address and port else None


HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256, "": hashlib.md5}


def credentials(challenge: str, *, user: str, secret: str, method: str, uri: str) -> str:
    """The Authorization header that answers a digest challenge (RFC 8760, qop=auth)."""
    realm, nonce = parameter(challenge, "realm"), parameter(challenge, "nonce")
    algorithm = parameter(challenge, "algorithm")
    digest = HASHES[algorithm.lower()]

    def hashed(*words: str) -> str:
        return digest(":".join(words).encode()).hexdigest()

    once, own, asked = "00000001", token(), hashed(method, uri)
    answer = hashed(hashed(user, realm, secret), nonce, once, own, "auth", asked)
    parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri, "response": answer}
    quoted = ", ".join(f'{name}="{value}"' for name, value in parts.items())
    return f'Digest {quoted}, algorithm={algorithm or "MD5"}, qop=auth, nc={once}, cnonce="{own}"'
