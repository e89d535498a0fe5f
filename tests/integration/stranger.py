"""Someone who sends SIP requests by hand and reads what comes back: strangers, tested phones."""

import hashlib
import re
import socket
import uuid

WAIT_SECONDS = 10.0


class Stranger:
    """A UDP socket at `address` that speaks to one SIP server on this host."""

    def __init__(self, address: str, server_port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(WAIT_SECONDS)
        self._server = ("127.0.0.1", server_port)
        self.address, self.port = self._socket.getsockname()

    def ask(self, method: str, to: str, *, source: str, password: str | None = None) -> int:
        """The final status of a request from user `source` to user `to`.

        With a password a challenge is answered (RFC 2617 digest, MD5), and the status
        of the second request counts.
        """
        call, tag = uuid.uuid4().hex, uuid.uuid4().hex[:8]
        status, answer = self._exchange(method, to, source, call, tag, 1, "")
        if status == 401 and password is not None:
            proof = _proof(answer, method, f"sip:{to}@127.0.0.1", source, password)
            status, answer = self._exchange(method, to, source, call, tag, 2, proof)
        return status

    def close(self) -> None:
        self._socket.close()

    def _exchange(
        self, method: str, to: str, source: str, call: str, tag: str, number: int, proof: str
    ) -> tuple[int, str]:
        branch = f"z9hG4bK{uuid.uuid4().hex[:12]}"
        self._send(method, to, source, call, tag, number, branch, proof)
        while True:
            answer = self._socket.recv(65_535).decode("utf-8", "replace")
            found = re.match(r"SIP/2\.0 (\d{3}) ", answer)
            if found is None or f"{number} {method}" not in answer or call not in answer:
                continue
            status = int(found[1])
            if status >= 200:
                if method == "INVITE":
                    self._send("ACK", to, source, call, tag, number, branch, "")
                return status, answer

    def _send(
        self,
        method: str,
        to: str,
        source: str,
        call: str,
        tag: str,
        number: int,
        branch: str,
        proof: str,
    ) -> None:
        here = f"{self.address}:{self.port}"
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8\r\n"
            if method == "INVITE"
            else ""
        )
        lines = [
            f"{method} sip:{to}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{source}@{self.address}>;tag={tag}",
            f"To: <sip:{to}@127.0.0.1>",
            f"Call-ID: {call}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{source}@{here}>",
            *([proof] if proof else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._server)


def _proof(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm, nonce = fields["realm"], fields["nonce"]
    secret = _md5(f"{user}:{realm}:{password}")
    count, own = "00000001", "c0ffee"
    answer = _md5(f"{secret}:{nonce}:{count}:{own}:auth:{_md5(f'{method}:{uri}')}")
    opaque = f', opaque="{fields["opaque"]}"' if "opaque" in fields else ""
    return (
        f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{answer}", algorithm=MD5, qop=auth, nc={count}, cnonce="{own}"{opaque}'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
