"""The mailbox that provinces answer to: does it let us in? Nothing is read there."""

from collections.abc import Iterator

from callcenter.cli.doctor.finding import Finding, fail, ok
from callcenter.config import Settings
from callcenter.desks.reports.mailbox import MailboxFault
from callcenter.features import mailbox


def look(settings: Settings) -> Iterator[Finding]:
    """Nothing to say where no mailbox is set."""
    if not settings.imap_host:
        return
    try:
        many = mailbox(settings).look()
    except (MailboxFault, OSError) as error:
        advice = "see CALLCENTER_IMAP_HOST and its neighbours (`callcenter settings`)"
        yield fail("mailbox", f"cannot be read ({error}); answers by mail wait in it", advice)
        return
    yield ok("mailbox", f"{settings.imap_folder} can be read, {many} mails are in it")
