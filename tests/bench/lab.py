"""One Asterisk, two queues: 7000 is ours, 8000 is app_queue at its best, 9000 is waiting alone.

The same phones are the operators of both, the same SIPp scenarios the people, the same music is
heard (or none: on a small machine the music of a thousand callers alone fills both cores, so the
rule is signalling only, and one measurement with music). app_queue has autofill, retry=1,
ringinuse=no, static members, no announcements, no wrap-up and `leastrecent`, which is our
longest-idle-first. Only one queue has callers at a time. The lifeboat queue, which is our safety
net inside Asterisk, is emptied: app_queue looks at every member of every queue for each change of
a phone, and shall not pay for that. Nobody is asked whether they are still there: the people of
most scenarios send no sound and answer neither OPTIONS nor a re-INVITE, and would be hung up on.
What the asking costs is a measurement of its own (asking.py).
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.core.ids import OperatorId, QueueName
from callcenter.hosting.secrets_file import secret_file
from callcenter.ports.people import OperatorCard
from callcenter.storage.migrate import upgrade
from callcenter.storage.operators import CardsInPostgres
from tests.bench.cost import Parts, family
from tests.bench.crowd import OPERATORS_PORT, Crowd
from tests.hotline.api import Api
from tests.hotline.service import ServiceProcess
from tests.parts import PrivateAsterisk, PrivatePostgres
from tests.people import until

SIP, HTTP, WEB, RTP = 15800, 18802, 18803, 26000
OURS, THEIRS, ALONE = "7000", "8000", "9000"
OPEN = "7000 with open lines"  # the same queue; see open_lines.py
NAMES = {OURS: "callcenter", OPEN: "open lines", THEIRS: "app_queue", ALONE: "waiting alone"}

FOR_CALLS = (
    *("ring", "music_off", "music_on", "join", "leave_bridge", "hang_up", "send_out"),
    *("open_room", "enter_room"),
)

LINE = """
[lines.{queue}]
title = "bench"
dids = ["{did}"]
queue = "{queue}"
priority = 0
[queues.{queue}]
title = "bench"
waiting_limit = 5000
max_wait_seconds = 7200
ring_seconds = 30
wrapup_seconds = 0
short_abandon_seconds = 5
"""

APP_QUEUE = """
[general]
autofill = yes
shared_lastcall = no
[bench]
strategy = leastrecent
musicclass = default
timeout = 30
retry = 1
autofill = yes
ringinuse = no
wrapuptime = 0
timeoutrestart = yes
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-holdtime = no
announce-position = no
"""
EXTENSIONS = (
    "8000,1,Answer,",
    "8000,2,Queue,bench",
    "8000,3,Hangup,",
    "9000,1,Answer,",
    "9000,2,MusicOnHold,",
    "9000,3,WaitExten,7200",
)


class Lab:
    """An async context: all parts up, every operator logged in to both queues.

    `operators` is how many, or how many by queue, for a lab with several queues of ours: their
    operators' names begin with the queue's name. `asks`: phones are asked by OPTIONS, and silent
    legs by a re-INVITE, as at a real site.
    """

    def __init__(
        self, operators: int | Mapping[str, int], *, music: bool = False, asks: bool = False
    ) -> None:
        self._queues = {"bench": operators} if isinstance(operators, int) else operators
        self._serves = {
            f"{queue}{number:04d}": queue
            for queue, count in self._queues.items()
            for number in range(count)
        }
        self.operators = list(self._serves)
        self.directory = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.postgres = PrivatePostgres(self.directory / "pg")
        self.asterisk = PrivateAsterisk(
            self.directory / "asterisk",
            sip_port=SIP,
            http_port=HTTP,
            hep_port=WEB,
            rtp_port_first=RTP,
            rtp_port_last=RTP + 5999,
            **({} if asks else {"phone_ask_seconds": 0}),
        )
        data = self.directory / "data"
        self.service = ServiceProcess(
            self.directory, f"http://127.0.0.1:{WEB}", self._settings(data, asks)
        )
        self.api = Api(self.service.url, data / "secrets" / "cli-token")
        self.crowd = Crowd(self.directory, self.asterisk.sip_target)
        if not music:  # a folder that is not empty gets no music at the first start
            folder = self.directory / "asterisk" / "lib" / "moh"
            folder.mkdir(parents=True)
            (folder / "no-music").touch()

    def _settings(self, data: Path, asks: bool) -> dict[str, str]:
        password = secret_file(data / "secrets", "ari-password")
        password.write_text(self.asterisk.ari_password)
        site = self.directory / "site.toml"
        lines = [LINE.format(queue=queue, did=self.did_of(queue)) for queue in self._queues]
        site.write_text("".join(lines))
        told = {
            "DATA_DIR": data,
            "SITE_FILE": site,
            "DATABASE_URL": self.postgres.url,
            "WEB_PORT": WEB,
            "ARI_URL": self.asterisk.ari_url,
            "ARI_PASSWORD_FILE": password,
            "ASTERISK_CONFIG_DIR": self.asterisk.config_directory,
            "ASTERISK_LEDGER": self.asterisk.ledger,
            **({} if asks else {"SILENCE_SECONDS": 0}),
        }
        return {f"CALLCENTER_{name}": str(value) for name, value in told.items()}

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self.__aexit__(RuntimeError, None, None)
            raise
        return self

    async def _open(self) -> None:
        self.postgres.start()
        await self._hire()
        self.asterisk.start()
        await self.service.starts()
        await self.api.__aenter__()
        self.open_their_queue()
        for operator in self.operators:
            await self.api.ask("POST", f"/operators/{operator}/log-in", {})
        await self.all_free()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.crowd.end()
        await self.api.__aexit__(kind, error, trace)
        self.service.put_away()
        self.asterisk.stop()
        self.postgres.stop()
        if kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)

    async def _hire(self) -> None:
        engine = create_async_engine(self.postgres.url)
        await upgrade(engine)
        cards = CardsInPostgres(engine)
        for name in self.operators:
            card = OperatorCard(
                operator=OperatorId(name),
                name=name,
                queues=(QueueName(self._serves[name]),),
                sip_secret="not-asked-for-on-loopback",
                contact=f"sip:{name}@127.0.0.1:{OPERATORS_PORT}",
                added_at=datetime.now(UTC),
            )
            await cards.add_operator(card, None)
        await engine.dispose()

    def open_their_queue(self) -> None:
        """app_queue with the operators as members, and the extensions; after each start."""
        members = "".join(f"member => {self.asterisk.endpoint(name)}\n" for name in self.operators)
        (self.asterisk.config_directory / "queues.conf").write_text(APP_QUEUE + members)
        self.asterisk.console("queue reload all")
        for what in EXTENSIONS:
            said = self.asterisk.console(f"dialplan add extension {what} into from-trunk")
            if "added" not in said:
                raise RuntimeError(f"the dialplan did not take {what}: {said}")

    # --- between blocks ----------------------------------------------------------------------

    async def callers_go(self) -> None:
        """Everyone is hung up on; nothing is left for the next block."""
        await self.callers_hang_up()
        await self.all_free()

    async def callers_hang_up(self) -> None:
        """Asterisk hangs up on everyone, operators' legs as well."""
        self.crowd.no_more_callers()
        await until(self._nobody_left, within=60, every=0.5, but=self.channels)
        await asyncio.sleep(0.5)  # the last answers to Asterisk's BYEs
        self.crowd.callers_are_gone()
        # A phone that the console hung up counts as lost, and its operator is paused until this.
        for name in self.operators:
            await self.api.ask("POST", f"/operators/{name}/resume")

    def _nobody_left(self) -> bool:
        self.asterisk.console("channel request hangup all")
        return not self.channels()

    async def all_free(self) -> None:
        """Wait until every operator is available in both queues."""
        await until(self._free_in_ours, within=60, but=self.service.last_words)
        await until(self._free_in_theirs, within=60)

    async def _free_in_ours(self) -> bool:
        free = 0
        for queue in self._queues:
            found = await self.api.ask("GET", f"/queues/{queue}")
            free += found["operators"]["available"]
        return free == len(self.operators)

    def _free_in_theirs(self) -> bool:
        said = self.asterisk.console("queue show bench")
        return said.count("(Not in use)") == len(self.operators)

    def did_of(self, queue: str) -> str:
        """The number to dial for a queue of ours; 7000 for the first."""
        return str(int(OURS) + list(self._queues).index(queue))

    # --- looking -----------------------------------------------------------------------------

    def channels(self) -> int:
        """How many channels Asterisk has."""
        return self.asterisk.channels()

    def deepest_queue(self) -> int:
        """The deepest that any of Asterisk's internal task queues ever was; 500 is overload."""
        said = self.asterisk.console("core show taskprocessors")
        depths = re.findall(r"^\S+ +\d+ +\d+ +(\d+) +\d+ +\d+", said, re.MULTILINE)
        return max(map(int, depths), default=0)

    async def requests(self, number: str) -> float:
        """How many requests for calls Asterisk has had from us so far."""
        if number not in (OURS, OPEN):
            return 0.0
        return sum(
            value
            for (name, labels), value in (await self.api.metrics()).items()
            if name == "hotline_ari_requests_total" and dict(labels)["operation"] in FOR_CALLS
        )

    def parts(self, number: str) -> Parts:
        """Whose processor time a queue costs."""
        assert self.asterisk.process and self.service.process and self.postgres.process
        parts = {"asterisk": family(self.asterisk.process.pid)}
        if number in (OURS, OPEN):
            parts["service"] = [self.service.process.pid]
            parts["postgres"] = family(self.postgres.process.pid)
        return parts
