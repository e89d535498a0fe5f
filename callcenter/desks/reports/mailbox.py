"""A mailbox that is read by IMAP, in a thread, with a limit to everything."""

import imaplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 30.0
AT_ONCE = 20  # mails of one look
LARGEST_BYTES = 15_000_000  # a mail with a file of 10 MB, as it is written in mail
FAULTS = (imaplib.IMAP4.error, OSError, ssl.SSLError)


class MailboxFault(Exception):
    """The server is not there, refuses, or answers what nobody can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A mail as it lies there. `content` None: it is too large, and was not fetched."""

    validity: int
    uid: int
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where mail comes in. `security`: none, starttls or tls. `host` empty: nowhere."""

    host: str
    port: int
    security: str
    user: str
    password: Callable[[], str]
    folder: str

    def new(self, after: Callable[[int], int]) -> Sequence[Raw]:
        """The next mails behind the one whose number `after` tells of this mailbox's life (a server
        that was set up anew counts anew). Nothing is changed there. MailboxFault."""
        try:
            with self._open() as client:
                validity = self._select(client, readonly=True)
                last = after(validity)
                found = _ok(client.uid("SEARCH", f"UID {last + 1}:*"))
                uids = sorted(int(uid) for uid in (found[0] or b"").split())
                wanted = [uid for uid in uids if uid > last][:AT_ONCE]
                return [
                    Raw(validity=validity, uid=uid, content=_fetched(client, uid)) for uid in wanted
                ]
        except (*FAULTS, ValueError, IndexError, TypeError) as error:
            raise MailboxFault(type(error).__name__) from error

    def seen(self, uids: Sequence[int]) -> None:
        """They are marked as read, for people who look into the mailbox. MailboxFault."""
        if not uids:
            return
        try:
            with self._open() as client:
                self._select(client, readonly=False)
                named = ",".join(map(str, uids))
                _ok(client.uid("STORE", named, "+FLAGS.SILENT", r"(\Seen)"))
        except (*FAULTS, ValueError) as error:
            raise MailboxFault(type(error).__name__) from error

    def look(self) -> int:
        """How many mails are in it: for the doctor. MailboxFault."""
        try:
            with self._open() as client:
                return int(_ok(client.select(_quoted(self.folder), readonly=True))[0])
        except (*FAULTS, ValueError, TypeError) as error:
            raise MailboxFault(type(error).__name__) from error

    def _open(self) -> imaplib.IMAP4:
        safe = ssl.create_default_context()
        if self.security == "tls":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                self.host, self.port, ssl_context=safe, timeout=TIMEOUT_SECONDS
            )
        else:
            client = imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.security == "starttls":
                client.starttls(safe)
            client.login(self.user, self.password())
        except BaseException:
            client.shutdown()  # it is tried each minute: nothing of it may stay open
            raise
        return client

    def _select(self, client: imaplib.IMAP4, *, readonly: bool) -> int:
        _ok(client.select(_quoted(self.folder), readonly=readonly))
        return int(client.response("UIDVALIDITY")[1][0])


def _ok(answer: tuple[str, Any]) -> list[Any]:
    status, told = answer
    if status != "OK":
        raise imaplib.IMAP4.error("the server refuses")
    return list(told)


def _fetched(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """Its size first: what is too large is never read."""
    told = _ok(client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
    size = int(told[0].split(b"RFC822.SIZE ")[1].split()[0].rstrip(b")"))
    if size > LARGEST_BYTES:
        return None
    [(_, content), *_] = _ok(client.uid("FETCH", str(uid), "(BODY.PEEK[])"))
    return bytes(content)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
