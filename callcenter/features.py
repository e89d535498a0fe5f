"""The features of the service in the order of the API's document, and the parts that each one uses.

To add one, add a line to `MOUNTS` (callcenter/README.md). The back office makes them. A feature is
never on the path of a call.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.config import Settings
from callcenter.core.facts import OperatorState
from callcenter.core.ids import NodeId
from callcenter.core.state import State
from callcenter.desks.answers import routes as answers
from callcenter.desks.answers.store import AnswersInPostgres
from callcenter.desks.cases import routes as cases
from callcenter.desks.cases.bulletin_store import BulletinsInPostgres
from callcenter.desks.cases.figures import CaseFigures
from callcenter.desks.cases.file_store import FilesInPostgres
from callcenter.desks.cases.keypad import CasesByKeypad
from callcenter.desks.cases.personal import CasePeople
from callcenter.desks.cases.store import CasesInPostgres
from callcenter.desks.cases.vault import Vault
from callcenter.desks.reports import routes as reports
from callcenter.desks.reports.drafting import Drafting
from callcenter.desks.reports.figures import figures as rounds_in_figures
from callcenter.desks.reports.mail_in import Incoming, MailsIn
from callcenter.desks.reports.mail_token import Tokens
from callcenter.desks.reports.mailbox import Mailbox
from callcenter.desks.reports.post import MailServer, Outbox, Post
from callcenter.desks.reports.prefill import Prefill
from callcenter.desks.reports.store import ReportsInPostgres
from callcenter.desks.shared import routes as desks
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import local
from callcenter.hosting.secrets_file import secret_file
from callcenter.oversight.duty import routes as duty
from callcenter.oversight.duty.store import DutyInPostgres
from callcenter.oversight.months import feature as months
from callcenter.oversight.news import routes as news
from callcenter.oversight.privacy import figures as retention
from callcenter.oversight.privacy import routes as privacy
from callcenter.oversight.prompts import routes as prompts
from callcenter.oversight.quality import routes as quality
from callcenter.oversight.quality.store import QualityInPostgres
from callcenter.oversight.recordings import feature as recordings
from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.people import RecordingPeople
from callcenter.oversight.recordings.store import RecordingsInPostgres
from callcenter.oversight.recordings.vault import Vault as RecordingVault
from callcenter.oversight.recordings.voicemail_store import VoicemailsInPostgres
from callcenter.oversight.service_level import routes as service_level
from callcenter.oversight.service_level.store import ServiceLevels
from callcenter.oversight.surveys import routes as surveys
from callcenter.oversight.surveys.store import Surveys
from callcenter.oversight.webhooks import routes as webhooks
from callcenter.oversight.webhooks.people import WebhookPeople
from callcenter.oversight.webhooks.sender import Sender
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.oversight.webhooks.teller import Teller
from callcenter.ports.bans import Bans
from callcenter.ports.case_states import CaseStates
from callcenter.ports.engine import RunningEngine
from callcenter.ports.floor_messages import FloorMessages
from callcenter.ports.notes import CallNote
from callcenter.ports.people import Accounts, Audit, Cards, Passkeys
from callcenter.ports.phones import Phones
from callcenter.ports.sounds import Sounds
from callcenter.ports.withheld_numbers import Callers
from callcenter.runtime.duty import KnownDuty
from callcenter.runtime.restart import Restart
from callcenter.storage.accounts import AccountsInPostgres
from callcenter.storage.audit import AuditInPostgres
from callcenter.storage.demo import DemoCallsInPostgres
from callcenter.storage.floor_messages import FloorMessagesInPostgres
from callcenter.storage.months import Months
from callcenter.storage.notes import NotesInPostgres
from callcenter.storage.operators import CardsInPostgres
from callcenter.storage.passkeys import PasskeysInPostgres
from callcenter.storage.personal import CallPeople
from callcenter.storage.quality import QualitiesInPostgres
from callcenter.storage.queries import CallRecordsInPostgres
from callcenter.storage.reader import ReaderOfPostgres
from callcenter.storage.withheld import WithheldNumbersInPostgres
from callcenter.thai_holidays import unconfirmed
from callcenter.web import (
    accounts,
    asterisk,
    audit,
    bans,
    callbacks,
    calls,
    demo_calls,
    live,
    nodes,
    own_passkeys,
    queues,
    second_factor,
    sessions,
    site,
    withheld,
)
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Common
from callcenter.web.feature import Feature, Mounted
from callcenter.web.logins import Logins
from callcenter.web.operators import feature as operators
from callcenter.web.operators.ended_phones import EndedPhones
from callcenter.web.operators.parts import Parts as OperatorParts
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.unread import Unread
from callcenter.web.operators.verdicts import Verdicts
from callcenter.web.operators.windows import Windows
from callcenter.web.passkeys import PasskeyChecks
from callcenter.web.passwords import Passwords
from callcenter.web.pictures import Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What features are built from. Only this module and the back office see all of it."""

    settings: Settings
    database: AsyncEngine
    common: Common
    accounts: Accounts
    passkeys: Passkeys
    cards: Cards
    audit: Audit
    records: CallRecordsInPostgres
    bans: Bans
    logins: Logins
    roster: Roster
    units: UnitsInPostgres
    callers: Callers
    windows: Windows
    messages: FloorMessages
    unread: Unread
    note_listeners: list[Callable[[CallNote], None]]
    restart: Restart
    duty: KnownDuty
    keeper: Keeper
    is_left: Callable[[NodeId], bool]


def shared(
    *,
    settings: Settings,
    database: AsyncEngine,
    engine: RunningEngine,
    phones: Phones,
    callers: Callers,
    bans: Bans,
    sounds: Sounds,
    restart: Restart,
    command_line_token: str,
    is_left: Callable[[NodeId], bool] = lambda node: True,
    duty: KnownDuty | None = None,
    hasher: PasswordHasher | None = None,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> Shared:
    """Built once. Tests give their own clocks and a quick hasher."""
    people, cards = AccountsInPostgres(database), CardsInPostgres(database)
    audit, passkeys = AuditInPostgres(database), PasskeysInPostgres(database)
    logins = Logins(
        accounts=people,
        passwords=Passwords(at_once=settings.password_checks_at_once, hasher=hasher),
        settings=settings,
        wall=wall,
        monotonic=monotonic,
        command_line_token=command_line_token,
        passkeys=PasskeyChecks(passkeys, monotonic),
        in_a_call=lambda: in_a_call(engine.state),
    )
    roster = Roster(cards=cards, phones=phones, engine=engine)
    windows = Windows(monotonic)
    messages = FloorMessagesInPostgres(database)
    return Shared(
        settings=settings,
        database=database,
        common=Common(engine=engine, audit=audit, wall=wall),
        accounts=people,
        passkeys=passkeys,
        cards=cards,
        audit=audit,
        records=CallRecordsInPostgres(database),
        bans=bans,
        logins=logins,
        roster=roster,
        units=UnitsInPostgres(database),
        callers=callers,
        windows=windows,
        messages=messages,
        unread=Unread(messages),
        note_listeners=[],
        restart=restart,
        duty=duty or KnownDuty(settings.data_dir / "duty.json"),
        keeper=Keeper(
            rows=RecordingsInPostgres(database),
            messages=VoicemailsInPostgres(database),
            sounds=sounds,
            vault=RecordingVault(settings.recordings_path, settings.recordings_spare_bytes),
            key_file=settings.recording_key_file,
            state=lambda: engine.state,
            wall=wall,
        ),
        is_left=is_left,
    )


P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Mount:
    """A feature and the function that makes its parts."""

    feature: Feature[Any]
    parts: Callable[[Shared], Any]


def mount(feature: Feature[P], parts: Callable[[Shared], P]) -> Mount:
    """Pairs them, so that a type checker compares the parts with the feature."""
    return Mount(feature, parts)


def case_states(s: Shared) -> CaseStates:
    """Who says how far a case is, to callers who type its number."""
    return CasesByKeypad(s.database, s.audit, s.common.wall)


def case_parts(s: Shared) -> cases.Parts:
    """One store for people's requests and for the figures."""
    kept = CasesInPostgres(s.database)
    figures = CaseFigures(kept, s.common.wall)
    return cases.Parts(
        cases=kept,
        units=s.units,
        records=s.records,
        figures=figures,
        bulletins=BulletinsInPostgres(s.database),
        files=FilesInPostgres(s.database),
        vault=Vault(s.settings.files_path, s.settings.files_spare_bytes),
    )


def answer_parts(s: Shared) -> answers.Parts:
    """One store for people's requests and for the figures."""
    kept = AnswersInPostgres(s.database)
    return answers.Parts(
        answers=kept,
        units=s.units,
        records=s.records,
        searches=answers.Searches(),
        figures=Counted("answers", kept.counts, s.common.wall),
    )


def operator_parts(s: Shared) -> OperatorParts:
    """A phone in the browser ends with its log-in."""
    ended_phones = EndedPhones(s.roster, s.windows)
    s.logins.listeners.append(ended_phones.look)
    return OperatorParts(
        cards=s.cards,
        roster=s.roster,
        logins=s.logins,
        records=s.records,
        accounts=s.accounts,
        notes=NotesInPostgres(s.database),
        windows=s.windows,
        qualities=QualitiesInPostgres(s.database),
        verdicts=Verdicts(),
        messages=s.messages,
        unread=s.unread,
        note_listeners=s.note_listeners,
        screen_pop_url=s.settings.screen_pop_url,
        ended_phones=ended_phones,
        asterisk_sip=s.settings.phones_websocket,
    )


def report_parts(s: Shared) -> reports.Parts:
    """One store and one outbox for people's requests, for mail and for the figures."""
    kept, outbox = ReportsInPostgres(s.database), Outbox(s.database)
    incoming, box = MailsIn(s.database), mailbox(s.settings)
    tokens = Tokens(lambda: secret_file(s.settings.secrets_dir, "mail-code").read_text().strip())
    drafting = Drafting(
        reports=kept, prefill=Prefill(ReaderOfPostgres(s.database)), wall=s.common.wall
    )
    return reports.Parts(
        reports=kept,
        units=s.units,
        drafting=drafting,
        outbox=outbox,
        incoming=Incoming(
            mailbox=box,
            mails=incoming,
            tokens=tokens,
            reports=kept,
            drafting=drafting,
            units=s.units.units,
            audit=s.audit,
            wall=s.common.wall,
        ),
        post=Post(
            rounds=kept,
            outbox=outbox,
            units=s.units.units,
            server=mail_server(s.settings),
            wall=s.common.wall,
            answers=tokens if box.host else None,
        ),
        figures=Counted(
            "rounds", lambda now: rounds_in_figures(kept, outbox, incoming, now), s.common.wall
        ),
    )


def desk_parts(s: Shared) -> desks.Parts:
    """The units, and the years whose holidays should be confirmed by now."""

    async def years(now: datetime) -> list[int]:
        return unconfirmed(local(now).date(), (await s.units.holidays()).confirmed)

    return desks.Parts(units=s.units, unconfirmed=Counted("holidays", years, s.common.wall))


def quality_parts(s: Shared) -> quality.Parts:
    """One store for people's requests and for the figures."""
    kept = QualityInPostgres(s.database)
    return quality.Parts(quality=kept, counted=Counted("quality", kept.recent, s.common.wall))


def privacy_parts(s: Shared) -> privacy.Parts:
    """All parts that keep personal data."""
    files, vault = (
        FilesInPostgres(s.database),
        Vault(s.settings.files_path, s.settings.files_spare_bytes),
    )
    keepers = (
        CallPeople(s.database, s.settings.call_person_days),
        CasePeople(s.database, files, vault, s.settings.case_person_days),
        RecordingPeople(s.keeper, lambda: s.common.engine.state.site.recordings.keep_days),
        WebhookPeople(WebhooksInPostgres(s.database)),
    )
    return privacy.Parts(
        keepers=keepers,
        common=s.common,
        counted=Counted(
            "retention",
            lambda now: retention.late(keepers, now),
            s.common.wall,
            fresh_seconds=retention.COUNT_SECONDS,
            stale_seconds=retention.STALE_SECONDS,
        ),
    )


def month_parts(s: Shared) -> months.Parts:
    """One view of the months for the work on them and for the figures."""
    kept = Months(s.database)
    return months.Parts(
        months=kept,
        kept_months=s.settings.call_months,
        audit=s.audit,
        wall=s.common.wall,
        counted=Counted("months", kept.standing, s.common.wall, fresh_seconds=300.0),
    )


def webhook_parts(s: Shared) -> webhooks.Parts:
    """It listens to facts and to notes."""
    kept, listed = WebhooksInPostgres(s.database), s.settings.listed_webhook_hosts
    teller = Teller(kept, s.common.engine, s.common.wall)
    s.note_listeners.append(teller.noted)
    return webhooks.Parts(
        kept=kept,
        teller=teller,
        sender=Sender(kept, teller, listed, s.common.wall),
        listed=listed,
        counted=Counted("webhooks", kept.outbox, s.common.wall),
    )


def mail_server(settings: Settings) -> MailServer:
    """The mail server."""
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security.value,
        user=settings.smtp_user,
        password=_in_file(settings.smtp_password_file),
        sender=settings.smtp_from,
        reply_to=settings.imap_address if settings.imap_host else "",
    )


def mailbox(settings: Settings) -> Mailbox:
    """Where answers to report rounds come in."""
    return Mailbox(
        host=settings.imap_host,
        port=settings.imap_port,
        security=settings.imap_security.value,
        user=settings.imap_user,
        password=_in_file(settings.imap_password_file),
        folder=settings.imap_folder,
    )


def in_a_call(state: State) -> set[str]:
    """The operators who are rung, talk, or have a call to write down: their accounts' names."""
    busy = (OperatorState.RINGING, OperatorState.ON_CALL, OperatorState.WRAPUP)
    return {each.id for each in state.operators.values() if each.state in busy}


def _in_file(password: Path | None) -> Callable[[], str]:
    """It is read when it is needed, so a changed file counts at once. No file: it is empty."""
    return lambda: password.read_text().strip() if password else ""


MOUNTS = (
    mount(
        sessions.FEATURE,
        lambda s: sessions.Parts(accounts=s.accounts, logins=s.logins, settings=s.settings),
    ),
    mount(
        second_factor.FEATURE,
        lambda s: second_factor.Parts(accounts=s.accounts, logins=s.logins),
    ),
    mount(
        own_passkeys.FEATURE,
        lambda s: own_passkeys.Parts(accounts=s.accounts, passkeys=s.passkeys, logins=s.logins),
    ),
    mount(accounts.FEATURE, lambda s: accounts.Parts(accounts=s.accounts, logins=s.logins)),
    mount(operators.FEATURE, operator_parts),
    mount(
        callbacks.FEATURE,
        lambda s: callbacks.Parts(records=s.records, holidays=s.units.holidays),
    ),
    mount(queues.FEATURE, lambda s: None),
    mount(calls.FEATURE, lambda s: calls.Parts(records=s.records)),
    mount(
        demo_calls.FEATURE,
        lambda s: demo_calls.Parts(demo=DemoCallsInPostgres(s.database)),
    ),
    mount(
        withheld.FEATURE,
        lambda s: withheld.Parts(
            numbers=WithheldNumbersInPostgres(s.database),
            callers=s.callers,
            engine=s.common.engine,
            wall=s.common.wall,
        ),
    ),
    mount(site.FEATURE, lambda s: site.Parts(site_file=s.settings.site_file, roster=s.roster)),
    mount(asterisk.FEATURE, lambda s: asterisk.Parts(restart=s.restart)),
    mount(nodes.FEATURE, lambda s: nodes.Parts(is_left=s.is_left)),
    mount(audit.FEATURE, lambda s: audit.Parts(audit=s.audit)),
    mount(bans.FEATURE, lambda s: bans.Parts(bans=s.bans)),
    mount(
        live.FEATURE,
        lambda s: live.Parts(
            screens=live.Screens(Camera(s.common.engine, s.roster, s.windows, s.unread)),
            logins=s.logins,
        ),
    ),
    mount(
        service_level.FEATURE,
        lambda s: service_level.Parts(levels=ServiceLevels(ReaderOfPostgres(s.database))),
    ),
    mount(
        surveys.FEATURE,
        lambda s: surveys.Parts(surveys=Surveys(ReaderOfPostgres(s.database))),
    ),
    mount(
        duty.FEATURE,
        lambda s: duty.Parts(
            duty=DutyInPostgres(s.database),
            roster=s.roster,
            holidays=s.units.holidays,
            known=s.duty,
            common=s.common,
        ),
    ),
    mount(news.FEATURE, lambda s: news.Parts(folder=s.settings.prompts_path)),
    mount(prompts.FEATURE, lambda s: prompts.Parts(folder=s.settings.prompts_path)),
    mount(quality.FEATURE, quality_parts),
    mount(recordings.FEATURE, lambda s: recordings.Parts(keeper=s.keeper)),
    mount(privacy.FEATURE, privacy_parts),
    mount(months.FEATURE, month_parts),
    mount(webhooks.FEATURE, webhook_parts),
    mount(desks.FEATURE, desk_parts),
    mount(cases.FEATURE, case_parts),
    mount(answers.FEATURE, answer_parts),
    mount(reports.FEATURE, report_parts),
)

FEATURES: Sequence[Feature[Any]] = tuple(mount.feature for mount in MOUNTS)
"""The declared features: enough to print the API's document and the list of metrics."""


def mounted(shared: Shared) -> Sequence[Mounted]:
    """Every feature with its parts."""
    return [mount.feature.mounted(mount.parts(shared)) for mount in MOUNTS]
