"""The settings of one installation, from environment variables that begin with CALLCENTER_.

Read once at the start. Lines, queues and their limits are in the site file (site_file.py), which
can be changed while calls go on. Every limit says its unit and its reason. There is no default
password.
"""

import os
import re
from collections.abc import Collection
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from callcenter.hosting.stack_settings import HOSTING_ONLY
from callcenter.ports.people import Role

PREFIX = "CALLCENTER_"
NOT_SETTINGS = (
    *(f"{PREFIX}{name}" for name in HOSTING_ONLY),
    "CALLCENTER_RUN_",
    "CALLCENTER_TEST_",
    "CALLCENTER_DEMO_",
)
"""Other programs of the project (hosting, demo, tests) have variables of their own."""
HIDDEN = ("database_url",)  # may contain a password: never shown in an error


class LogFormat(StrEnum):
    """One JSON object a line for machines, or coloured text for people."""

    JSON = "json"
    TEXT = "text"


class LogLevel(StrEnum):
    """The least important message that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class QueueLogNumbers(StrEnum):
    """How queue_log shows callers' numbers."""

    NONE = "none"
    MASKED = "masked"
    FULL = "full"


class MailSecurity(StrEnum):
    """The security of the connection to a mail server."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SettingsError(ValueError):
    """Settings that cannot be used. One line for each, with its name and what is accepted."""


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    strange = parts.port == 0 or parts.username or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or strange:
        raise ValueError("must look like http://127.0.0.1:8088/ari, without user or password")
    return url.rstrip("/")


POP_FIELDS = ("call", "line", "queue", "operator", "language")
"""The fields that `screen_pop_url` may have in braces: none is personal data."""


def _screen_pop(url: str) -> str:
    parts = urlsplit(url)
    used = set(re.findall(r"\{([^}]*)\}", url))
    strange = parts.username or "{" in parts.netloc or not (url.isascii() and url.isprintable())
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or strange):
        raise ValueError("must look like https://crm.example/?call={call}, without a user")
    if unknown := used - {*POP_FIELDS}:
        known = ", ".join(POP_FIELDS)
        raise ValueError(f"{{{sorted(unknown)[0]}}} is not known; there are {known}")
    return url


def _place_or_none(place: str) -> str:
    if place and re.fullmatch(r"(\d{1,3}\.){3}\d{1,3}:\d{1,5}", place) is None:
        raise ValueError("must look like 127.0.1.1:5060, or be empty")
    return place


def _asyncpg_url(url: SecretStr) -> SecretStr:
    scheme, separator, rest = url.get_secret_value().partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+asyncpg") or not separator:
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    # a password may have characters that end a host elsewhere
    place = rest.partition("@")[2] or rest
    try:
        urlsplit(f"postgresql://{place}").port  # noqa: B018 - it complains about a wrong one
    except ValueError:
        raise ValueError("the port must be a number from 0 to 65535") from None
    return SecretStr(f"postgresql+asyncpg://{rest}")


def _months(months: int) -> int:
    if months and not 13 <= months <= 1_200:
        raise ValueError("must be 0 (all months are kept) or a number from 13 to 1200")
    return months


def _roles(text: str) -> str:
    named = [part.strip() for part in text.split(",") if part.strip()]
    if not set(named) <= set(Role):
        raise ValueError(f"must be roles with commas, of {', '.join(Role)}")
    return ",".join(named)


Port = Annotated[int, Field(ge=1, le=65_535)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_asyncpg_url)]


class Settings(BaseSettings):
    """All settings. Each variable is CALLCENTER_ and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, use_attribute_docstrings=True, env_ignore_empty=True
    )

    # --- where things are

    data_dir: Path = Path("var")
    """The journal, the secrets and the embedded database."""
    journal_spare_dir: Path = Path("/dev/shm")
    """Facts are kept below this folder while the journal's disk refuses them. It must be on another
    file system."""
    site_file: Path = Path("dialplans/site.toml")
    """The file with lines, queues and their limits."""
    database_url: DatabaseUrl | None = None
    """A PostgreSQL of your own. Without it `callcenter run` starts one."""

    # --- the API

    web_address: str = "127.0.0.1"
    """The address at which API and /metrics listen."""
    web_port: Port = 8080
    """The port at which API and /metrics listen."""
    web_https: bool = False
    """People come through an https proxy, so their cookie is sent only over https."""
    web_proxy: bool = False
    """A proxy adds X-Forwarded-For: its last entry is the caller's address."""
    web_hosts: str = ""
    """The names by which people reach the API, with commas (*.example.go.th: all below one).
    Addresses and this host's own name are always accepted. *: any name, also that of a hostile
    page."""
    metrics_token_file: Path | None = None
    """A file with the Bearer token for /metrics. Without it only this host may read them."""
    body_limit_bytes: Annotated[int, Field(ge=1_024, le=10_000_000)] = 65_536
    """Bytes of one API request. The longest normal one has less than 4 kB."""

    # --- people

    session_idle_seconds: Annotated[float, Field(ge=1, le=86_400)] = 3_600
    """Seconds after which an unattended console is logged out. A live console sends requests all
    the time."""
    session_absolute_seconds: Annotated[float, Field(ge=1, le=604_800)] = 43_200
    """Seconds after which everybody must log in again. 12 h are a shift and its handover."""
    login_attempts_account: Annotated[int, Field(ge=1, le=100_000)] = 10
    """Wrong passwords in a row for one account from one address. Nobody mistypes that often."""
    login_refill_account_seconds: Annotated[float, Field(ge=0.001, le=3_600)] = 30
    """Seconds until one more is allowed. 2,880 guesses a day do not find a password of 12
    letters."""
    login_attempts_address: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Wrong passwords in a row from one address, which a whole office may share."""
    login_refill_address_seconds: Annotated[float, Field(ge=0.001, le=3_600)] = 2
    """Seconds until one more is allowed from that address."""
    password_checks_at_once: Annotated[int, Field(ge=1, le=64)] = 2
    """Passwords checked at the same time. Each takes 64 MiB and 0.2 s of a core."""

    second_factor_roles: Annotated[str, AfterValidator(_roles)] = ""
    """Roles that need an authenticator app to log in, with commas (administrator, supervisor). All
    others may have one."""

    # --- files and what is kept

    files_dir: Path | None = None
    """The folder for files of cases; by default DATA_DIR/files."""
    files_spare_bytes: Annotated[int, Field(ge=0)] = 1_000_000_000
    """Bytes that must stay free on their disk, which the journal of calls may share: 1 GB."""

    recordings_dir: Path | None = None
    """The folder for recorded talks, sealed; by default DATA_DIR/recordings."""
    recordings_spare_bytes: Annotated[int, Field(ge=0)] = 2_000_000_000
    """Bytes that must stay free on their disk: 2 GB. A talk that would take more is not kept."""
    recording_key_file: Path | None = None
    """The file (0600) with the keys that seal recorded talks; `callcenter recording new-key` makes
    it. Without it no talk can be kept. Keep a copy elsewhere: without the key all recordings are
    lost."""

    queue_log: Path | None = None
    """A file in the format of Asterisk's queue_log, for tools that read one. Without it none is
    written. Rotate it with logrotate, in any way."""
    queue_log_numbers: QueueLogNumbers = QueueLogNumbers.NONE
    """Callers' numbers in that file: none, masked (08x-xxx-5678) or full. Full numbers are personal
    data in a file that no audit watches."""
    call_person_days: Annotated[int, Field(ge=0, le=36_500)] = 730
    """Days after which a call's number and the operator's notes are blanked. 0: never."""
    call_months: Annotated[int, AfterValidator(_months)] = 0
    """Whole months of calls, and of offers to operators, that are kept before this one; older ones
    are removed. 0: all. From 13 on, because reports look back a year."""
    case_person_days: Annotated[int, Field(ge=0, le=36_500)] = 730
    """Days after its end for which a case keeps its complainant and its files. 0: for ever."""

    # --- mail

    smtp_host: str = ""
    """The mail server for reports and reminders. Without it they wait in the outbox."""
    smtp_port: Port = 587
    """The port of the mail server."""
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    """starttls, tls (from the first byte on) or none (a server on this host)."""
    smtp_user: str = ""
    """The user for the mail server; empty: no log-in."""
    smtp_password_file: Path | None = None
    """The file (0600) with that user's password."""
    smtp_from: str = "callcenter@localhost"
    """The sender of mail."""

    imap_host: str = ""
    """The mail server with the mailbox that provinces answer to; without it no mail is read."""
    imap_port: Port = 993
    """Its port."""
    imap_security: MailSecurity = MailSecurity.TLS
    """tls (from the first byte on), starttls or none (a server on this host)."""
    imap_user: str = ""
    """Whose mailbox it is."""
    imap_password_file: Path | None = None
    """The file (0600) with that user's password."""
    imap_folder: str = "INBOX"
    """The folder that is read."""
    imap_address: str = ""
    """The address of that mailbox, which reminders name for the answer; empty: smtp_from."""

    # --- other programs

    webhook_hosts: str = ""
    """Hosts, separated by commas, that webhooks may reach although they are this host (127.0.0.1),
    its neighbours, or without TLS."""
    screen_pop_url: Annotated[str, AfterValidator(_screen_pop)] = ""
    """The operator's page opens this address when a call is answered, such as
    https://crm.example/?call={call}&line={line}. Allowed in braces: call, line, queue, operator,
    language. Empty: none."""

    # --- Asterisk

    ari_url: Annotated[str, AfterValidator(_http_url)] = "http://127.0.0.1:8088/ari"
    """The address of Asterisk's ARI."""
    ari_user: str = "callcenter"
    """The user in ari.conf."""
    ari_password_file: Path | None = None
    """The file (0600) with the ARI password; by default DATA_DIR/secrets/ari-password."""
    room_after_seconds: Annotated[float, Field(ge=0, le=3_600)] = 15
    """Seconds of waiting after which a caller goes to a holding bridge, which costs Asterisk less
    for a long wait but takes 20 kB more. 0: never."""
    silence_seconds: Annotated[float, Field(ge=0, le=3_600)] = 30
    """Seconds without a packet of sound after which a leg is asked by SIP whether it is there. If
    there is no answer, Asterisk ends the leg. If there is one, it stays, however silent. 0:
    never."""
    asterisk_config_dir: Path | None = None
    """The folder for the phones' files for Asterisk; by default DATA_DIR/asterisk/etc."""
    asterisk_ledger: Path | None = None
    """Asterisk's own list of calls; by default DATA_DIR/asterisk/log/ledger.csv."""

    nodes_file: Path | None = None
    """A TOML file with several Asterisks behind a SIP edge (config/nodes_file.py). Without it there
    is one, that of ARI_URL."""

    # --- the SIP edge before Asterisk (dialplans/edge); without these settings there is none

    edge: Annotated[str, AfterValidator(_place_or_none)] = ""
    """The address of the edge for its nodes (127.0.1.1:5060); empty: there is none."""
    edge_rpc_url: Annotated[str, AfterValidator(_http_url)] = "http://127.0.0.1:8092/rpc"
    """The address of its control port."""
    edge_ws_url: Annotated[str, AfterValidator(_http_url)] = "http://127.0.0.1:8091"
    """The address where it accepts browsers' SIP from this service."""
    edge_tables: Path | None = None
    """The folder of its tables of phones; by default DATA_DIR/edge/own/db."""

    # --- the process

    inbox_limit: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Events that wait to be handled: ten seconds of a flood."""
    stop_seconds: Annotated[float, Field(ge=0.1, le=600)] = 10
    """Seconds that a clean stop may take. Calls go on in any case."""
    log_format: LogFormat = LogFormat.JSON
    """One JSON object a line, or text for people."""
    log_level: LogLevel = LogLevel.INFO
    """The least important message that is written."""

    @property
    def roles_with_second_factor(self) -> frozenset[Role]:
        """The roles of `second_factor_roles`."""
        return frozenset(Role(each) for each in self.second_factor_roles.split(",") if each)

    @property
    def listed_webhook_hosts(self) -> frozenset[str]:
        """The hosts of `webhook_hosts`."""
        return frozenset(each.strip().lower() for each in self.webhook_hosts.split(",") if each)

    @property
    def secrets_dir(self) -> Path:
        """The folder for random secrets: directory 0700, files 0600."""
        return self.data_dir / "secrets"

    @property
    def ari_password_path(self) -> Path:
        """The file with the ARI password."""
        return self.ari_password_file or self.secrets_dir / "ari-password"

    @property
    def asterisk_config_path(self) -> Path:
        """The folder in which Asterisk finds the files of the operators' phones."""
        return self.asterisk_config_dir or self.data_dir / "asterisk" / "etc"

    @property
    def edge_tables_path(self) -> Path:
        """The folder in which the SIP edge finds the phones."""
        return self.edge_tables or self.data_dir / "edge" / "own" / "db"

    @property
    def phones_websocket(self) -> str:
        """The address to which browsers' SIP is carried: the edge, or Asterisk."""
        return self.edge_ws_url if self.edge else f"{self.ari_url.removesuffix('/ari')}/ws"

    @property
    def prompts_path(self) -> Path:
        """The folder of the recordings that callers hear, beside Asterisk's settings."""
        return self.asterisk_config_path.parent / "lib" / "prompts"

    @property
    def files_path(self) -> Path:
        """The folder for files of cases."""
        return self.files_dir or self.data_dir / "files"

    @property
    def recordings_path(self) -> Path:
        """The folder for recorded talks."""
        return self.recordings_dir or self.data_dir / "recordings"

    @property
    def asterisk_ledger_path(self) -> Path:
        """Asterisk's own list of ended calls."""
        return self.asterisk_ledger or self.data_dir / "asterisk" / "log" / "ledger.csv"

    @property
    def cli_token_path(self) -> Path:
        """The token with which the command line speaks to the running service."""
        return self.secrets_dir / "cli-token"

    @property
    def web_url(self) -> str:
        """The API's address for programs on this host; http://127.0.0.1:8080 by default."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
        host = self.web_address
        host = everywhere.get(host, f"[{host}]" if ":" in host else host)
        return f"http://{host}:{self.web_port}"


def load_settings(also_known: Collection[str] = ()) -> Settings:
    """The settings in the environment. Raises SettingsError with all faults, also for a mistyped
    name.

    `also_known`: names (without the prefix) that belong to another program of the project.
    """
    known = {f"{PREFIX}{name}".upper() for name in (*Settings.model_fields, *also_known)}
    faults = [_unknown(name, known) for name in sorted(os.environ) if _is_unknown(name, known)]
    try:
        settings = Settings()
    except ValidationError as error:
        faults += [_wrong(str(f["loc"][0]), f["msg"], f["input"]) for f in error.errors()]
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _is_unknown(name: str, known: Collection[str]) -> bool:
    return name.startswith(PREFIX) and name not in known and not name.startswith(NOT_SETTINGS)


def _unknown(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    hint = f"did you mean {near[0]}?" if near else "`callcenter settings` lists those there are"
    return f"{name}: there is no such setting; {hint}"


def _wrong(name: str, message: str, found: object) -> str:
    about = Settings.model_fields[name].description
    plain = message.removeprefix("Value error, ")
    quoted = "" if name in HIDDEN else f"found {str(found)[:60]!r}; "
    return f"{PREFIX}{name.upper()}: {quoted}{plain} ({about}). Correct it or unset it"
