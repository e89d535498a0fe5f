"""A mailbox on servers that break off, refuse, or are changed by others while we look."""

import imaplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from callcenter.desks.reports import mailbox
from callcenter.desks.reports.mailbox import Mailbox, MailboxFault, Raw

Answer = Callable[[str], bytes | None]


@contextmanager
def server(answers: dict[str, bytes | None]) -> Iterator[tuple[Mailbox, list[str]]]:
    """A server of one connection. It answers a command that begins like a key with that, and hangs
    up after an answer without an end, or at None. `{tag}` is the command's."""
    listening, heard = socket.create_server(("127.0.0.1", 0)), list[str]()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"* OK ready\r\n")
            stream.flush()
            for line in stream:
                tag, _, command = line.decode().strip().partition(" ")
                heard.append(command)
                known = [told for begin, told in answers.items() if command.startswith(begin)]
                told = known[0] if known else b"{tag} OK x\r\n"
                if told is None:
                    return
                stream.write(told.replace(b"{tag}", tag.encode()))
                stream.flush()
                if b"{tag}" not in told:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    box = Mailbox(
        host="127.0.0.1", port=port, security="none", user="u", password=lambda: "p", folder="INBOX"
    )
    try:
        yield box, heard
    finally:
        listening.close()
        thread.join(10)


SELECT = b"* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK [READ-ONLY] x\r\n"
SIZE = b"* 1 FETCH (UID %d RFC822.SIZE 5)\r\n{tag} OK x\r\n"
HELLO = b"* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n{tag} OK x\r\n"
BASE = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK x\r\n",
    "EXAMINE": SELECT,
    "UID SEARCH": b"* SEARCH 3 1 2\r\n{tag} OK x\r\n",
    "UID FETCH 1 (RFC": SIZE % 1,
    "UID FETCH 2 (RFC": SIZE % 2,
    "UID FETCH 3 (RFC": SIZE % 3,
    "UID FETCH": HELLO,
    "LOGOUT": b"* BYE\r\n{tag} OK x\r\n",
}


def new(changed: dict[str, bytes | None]) -> list[Raw]:
    with server({**changed, **{k: v for k, v in BASE.items() if k not in changed}}) as (box, _):
        return list(box.new(lambda validity: validity - 7))


def raws(*uids: int) -> list[Raw]:
    return [Raw(validity=7, uid=uid, content=b"hello") for uid in uids]


def test_mails_come_in_their_order_also_if_the_server_leaves_without_a_word() -> None:
    assert new({}) == raws(1, 2, 3)
    assert new({"LOGOUT": None}) == raws(1, 2, 3)


def test_a_mail_that_somebody_deletes_meanwhile_is_left_out() -> None:
    assert new({"UID FETCH 2 (RFC": b"{tag} OK x\r\n"}) == raws(1, 3)
    assert new({"UID FETCH 2 (BODY": b"{tag} OK x\r\n"}) == raws(1, 3)
    assert new({"UID SEARCH": b"{tag} OK x\r\n"}) == []


def test_a_mail_that_the_server_cannot_write_out_does_not_hold_up_those_behind_it() -> None:
    refused = Raw(validity=7, uid=2, content=None, fault="unreadable")
    for command in ("UID FETCH 2 (BODY", "UID FETCH 2 (RFC"):
        assert new({command: b"{tag} NO it is damaged\r\n"}) == [*raws(1), refused, *raws(3)]


def test_what_others_change_meanwhile_is_told_between() -> None:
    between = b"* 4 FETCH (FLAGS (\\Seen))\r\n" + HELLO.replace(b"{tag}", b"* 10 EXISTS\r\n{tag}")
    assert new({"UID FETCH 1 (BODY": between}) == raws(1, 2, 3)


@pytest.mark.parametrize("command", ["UID FETCH 2 (BODY", "UID FETCH 2 (RFC"])
@pytest.mark.parametrize("told", [None, b"* 2 FETCH (UID 2 BODY[] {5}\r\nhe"])
def test_what_came_before_a_connection_breaks_is_worked_on(
    command: str, told: bytes | None
) -> None:
    assert new({command: told}) == raws(1)
    with pytest.raises(MailboxFault):
        new({command.replace("2", "1"): told})


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE", "UID SEARCH"])
@pytest.mark.parametrize(
    "told", [None, b"{tag} NO x\r\n", b"{tag} BAD x\r\n", b"* BYE\r\n", b"\xff\r\n"]
)
def test_a_server_that_refuses_is_a_fault_of_the_mailbox(command: str, told: bytes | None) -> None:
    with pytest.raises(MailboxFault):
        new({command: told})


def test_a_look_fetches_no_more_than_a_part_of_a_full_mailbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailbox, "ENOUGH_BYTES", 10)
    assert new({}) == raws(1, 2)
    monkeypatch.setattr(mailbox, "LARGEST_BYTES", 4)
    assert {(raw.content, raw.fault) for raw in new({})} == {(None, "too_large")}


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("รายงาน", '"&DiMOMg4iDgcOMg4Z-"'),
        ("Reports & ~peter/台北", '"Reports &- ~peter/&U,BTFw-"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
    ],
)
def test_a_folder_is_named_as_imap_writes_it(folder: str, written: str) -> None:
    with server({"SELECT": SELECT, **BASE}) as (box, heard):
        replace(box, folder=folder).look()
    assert f"EXAMINE {written}" in heard


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE"])
def test_no_connection_stays_open_whatever_happens(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, shutdown = list[bool](), imaplib.IMAP4.shutdown

    def counted(client: imaplib.IMAP4) -> None:
        closed.append(True)
        shutdown(client)

    monkeypatch.setattr(imaplib.IMAP4, "shutdown", counted)
    with server({**BASE, command: b"{tag} NO x\r\n"}) as (box, _), pytest.raises(MailboxFault):
        box.look()
    assert closed
