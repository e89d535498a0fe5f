"""A mailbox that is read by IMAP, in a thread, with a limit to everything."""

import base64
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 30.0
AT_ONCE = 20  # mails of one look
LARGEST_BYTES = 15_000_000  # a mail with a file of 10 MB, as it is written in mail
ENOUGH_BYTES = 30_000_000  # of one look: what has come is worked on before more is fetched
FAULTS = (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError)


class MailboxFault(Exception):
    """The server is not there, refuses, or answers what nobody can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A mail as it lies there. `content` None: it was not fetched, and `fault` says why."""

    validity: int
    uid: int
    content: bytes | None
    fault: str = ""


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
        found: list[Raw] = []
        try:
            with self._open() as client:
                validity = self._select(client, readonly=True)
                last = after(validity)
                told = _ok(client.uid("SEARCH", f"UID {last + 1}:*"))
                uids = sorted(int(uid) for each in told if each for uid in each.split())
                for uid in [uid for uid in uids if uid > last][:AT_ONCE]:
                    if (raw := _fetched(client, validity, uid)) is not None:
                        found.append(raw)
                    if sum(len(raw.content or b"") for raw in found) >= ENOUGH_BYTES:
                        break
        except FAULTS as error:
            if not found:  # else these are worked on, and the next look meets the fault
                raise MailboxFault(type(error).__name__) from error
        return found

    def seen(self, uids: Sequence[int]) -> None:
        """They are marked as read, for people who look into the mailbox. MailboxFault."""
        if not uids:
            return
        try:
            with self._open() as client:
                self._select(client, readonly=False)
                named = ",".join(map(str, uids))
                _ok(client.uid("STORE", named, "+FLAGS.SILENT", r"(\Seen)"))
        except FAULTS as error:
            raise MailboxFault(type(error).__name__) from error

    def look(self) -> int:
        """How many mails are in it: for the doctor. MailboxFault."""
        try:
            with self._open() as client:
                return int(_ok(client.select(_quoted(self.folder), readonly=True))[0])
        except FAULTS as error:
            raise MailboxFault(type(error).__name__) from error

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
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
            yield client
            with suppress(*FAULTS):  # some servers hang up without a word
                client.logout()
        finally:  # it is tried each minute: nothing of it may stay open
            with suppress(OSError):
                client.shutdown()

    def _select(self, client: imaplib.IMAP4, *, readonly: bool) -> int:
        _ok(client.select(_quoted(self.folder), readonly=readonly))
        return int(client.response("UIDVALIDITY")[1][0])


def _ok(answer: tuple[str, Any]) -> list[Any]:
    status, told = answer
    if status != "OK":
        raise imaplib.IMAP4.error("the server refuses")
    return list(told)


def _fetched(client: imaplib.IMAP4, validity: int, uid: int) -> Raw | None:
    """None: somebody has deleted it in the meantime. Its size first: what is too large is never
    read. A server may also refuse a single mail that it cannot write out."""
    status, told = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(each for each in told if each))
    if status == "OK" and size is None:
        return None
    if size is not None and int(size[1]) > LARGEST_BYTES:
        return Raw(validity=validity, uid=uid, content=None, fault="too_large")
    if status == "OK":
        status, told = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    if status != "OK":
        return Raw(validity=validity, uid=uid, content=None, fault="unreadable")
    # What other clients change meanwhile is told between: it is no pair.
    contents = [bytes(each[1]) for each in told if isinstance(each, tuple)]
    return Raw(validity=validity, uid=uid, content=contents[0]) if contents else None


def _quoted(folder: str) -> str:
    """As IMAP writes it: other letters than those of ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""
    runs = re.split("([^ -~]+)", folder)
    escaped = "".join(
        _utf7(run) if place % 2 else run.replace("&", "&-") for place, run in enumerate(runs)
    )
    escaped = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _utf7(run: str) -> str:
    coded = base64.b64encode(run.encode("utf-16-be"), b"+,").decode()
    return f"&{coded.rstrip('=')}-"
