"""Debian's Dovecot as a mailbox of a test: a real IMAP server, as whoever runs the test."""

import getpass
import grp
import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "only for the mailbox of this test"
USER = "reports"
STARTS_SECONDS = 60

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@contextmanager
def dovecot(port: int) -> Iterator[None]:
    """It answers at this port of 127.0.0.1, with an empty mailbox."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program is not None, "make packages-test installs dovecot-imapd"
    user, group = ("nobody", "nogroup") if os.geteuid() == 0 else (getpass.getuser(), "")
    group = group or grp.getgrgid(os.getegid()).gr_name
    # Not below pytest's own folder: that is closed to the user that Dovecot runs as.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    for each in (folder, *(folder / name for name in ("run", "state", "mail"))):
        each.mkdir(exist_ok=True)
        each.chmod(0o777)
    told = _CONFIGURATION.format(
        folder=folder, port=port, user=user, group=group, password=PASSWORD.replace(" ", "_")
    )
    configuration = folder / "dovecot.conf"
    configuration.write_text(told)
    process = subprocess.Popen([program, "-F", "-c", str(configuration)])
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTS_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "Dovecot has ended"
            assert time.monotonic() < until, "Dovecot does not answer"
            time.sleep(0.1)


@contextmanager
def opened(port: int) -> Iterator[imaplib.IMAP4]:
    """Logged in as the owner of the mailbox."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=30)
    try:
        client.login(USER, PASSWORD.replace(" ", "_"))
        yield client
    finally:
        client.logout()


def delivered(port: int, *mails: bytes) -> None:
    """These lie in the mailbox now."""
    with opened(port) as client:
        for mail in mails:
            status, _ = client.append("INBOX", "", "", mail)
            assert status == "OK"


def unread(port: int) -> int:
    """How many nobody has marked as read."""
    with opened(port) as client:
        client.select("INBOX", readonly=True)
        return len(client.search(None, "UNSEEN")[1][0].split())
